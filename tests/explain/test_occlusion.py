"""Hiding a region of a face from a network whose reason is known."""

import keras
import numpy as np

from attacknet.explain.occlusion import losses


def test_the_region_in_use_is_missed():
    """The network decides by the contrast of the left half: hiding the right half costs nothing."""
    inputs = keras.Input((16, 16, 1))
    x = keras.layers.Flatten()(inputs)
    net = keras.Model(inputs, keras.layers.Dense(2, activation="softmax")(x))
    stripes = np.where(np.arange(16) % 2, 1.0, -1.0)[:, None] * np.ones(16)
    kernel = np.zeros((16, 16, 2))
    kernel[:, :8, 1] = stripes[:, :8]
    net.set_weights([kernel.reshape(-1, 2), np.zeros(2)])
    picture = (0.5 + 0.25 * stripes).astype(np.float32)[None, :, :, None]
    batch = np.concatenate([picture, 1 - picture])  # decided for attack, and for bona fide
    left = np.arange(16) < 8
    masks = {"left": np.tile(left, (16, 1)), "right": np.tile(~left, (16, 1))}
    found = losses(net, batch, masks)
    # The margin is the sum of 128 pixels of contrast 0.25, of either sign; a wide blur leaves hardly any.
    np.testing.assert_allclose(found["left"], 0.25 * 128, rtol=0.1)
    np.testing.assert_allclose(found["right"], 0, atol=1e-5)
