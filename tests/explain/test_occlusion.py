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
    batch = np.concatenate([picture, picture, 1 - picture])
    targets = np.array([1, 0, 0])  # decided for attack, as told and against it; decided for bona fide
    left = np.arange(16) < 8
    masks = {"left": np.tile(left, (16, 1)), "right": np.tile(~left, (16, 1))}
    found = losses(net, batch, targets, masks)
    # The margin is the sum of 128 pixels of contrast 0.25, of either sign; a wide blur leaves hardly any.
    # Half of the picture is hidden: fifty hundredths.
    fallen = 0.25 * 128 / 50
    np.testing.assert_allclose(found["left"], [fallen, -fallen, fallen], rtol=0.1)
    np.testing.assert_allclose(found["right"], 0, atol=1e-5)
    # A region of its own for each picture.
    own = losses(net, batch, targets, {"one": np.stack([masks["left"], masks["right"], masks["right"]])})
    np.testing.assert_allclose(own["one"], [fallen, 0, 0], rtol=0.1, atol=1e-5)
