"""Deletion and insertion curves of a network whose reasons are known."""

import keras
import numpy as np
import pytest

from attacknet.explain import faithfulness
from attacknet.explain.maps import Maps


@pytest.fixture(scope="module")
def net():
    """Decides for attack by the brightness of the upper left quarter of 16x16 pixels, and by nothing else."""
    inputs = keras.Input((16, 16, 1))
    x = keras.layers.Flatten()(inputs)
    outputs = keras.layers.Dense(2, activation="softmax")(x)
    network = keras.Model(inputs, outputs)
    kernel = np.zeros((16, 16, 2))
    kernel[:8, :8, 1] = 0.5
    network.set_weights([kernel.reshape(-1, 2), np.array([0.0, -4.0])])
    return network


@pytest.fixture(scope="module")
def batch():
    """Bright where the network looks, dark elsewhere: a blur takes brightness away."""
    pictures = np.zeros((3, 16, 16, 1), np.float32)
    pictures[:, :8, :8] = 0.25
    return pictures


ATTACK = np.array([1, 1, 1])


def test_the_reason_deletes_and_inserts_faster_than_chance(net, batch):
    """The map that names the pixels in use wins over random maps, and its opposite loses."""
    good = np.zeros((3, 16, 16), np.float32)
    good[:, :8, :8] = 1
    random = Maps(faithfulness.random_maps((3, 8, 8), 0), (16, 16)).fine
    areas = {
        name: faithfulness.curves(net, batch, fine, ATTACK)
        for name, fine in (("good", good), ("random", random), ("bad", 1 - good))
    }
    deletion = {name: found.areas("deletion").mean() for name, found in areas.items()}
    insertion = {name: found.areas("insertion").mean() for name, found in areas.items()}
    assert deletion["good"] < deletion["random"] < deletion["bad"]
    assert insertion["good"] > insertion["random"] > insertion["bad"]


def test_curves_begin_and_end_where_they_must(net, batch):
    """Nothing deleted is the picture; all inserted is the picture; the other ends are one blurred picture."""
    found = faithfulness.curves(net, batch, faithfulness.random_maps((3, 16, 16), 1), ATTACK)
    whole = net.predict(batch, verbose=0)[:, 1]
    np.testing.assert_allclose(found.deletion[:, 0], whole, rtol=1e-6)
    np.testing.assert_allclose(found.insertion[:, -1], whole, rtol=1e-6)
    np.testing.assert_allclose(found.deletion[:, -1], found.insertion[:, 0], rtol=1e-6)
    assert found.deletion.shape == found.insertion.shape == (3, faithfulness.SHARES.size)


def test_the_area_is_the_mean_height():
    n = faithfulness.SHARES.size
    curves = faithfulness.Curves(np.full((1, n), 0.25), faithfulness.SHARES[np.newaxis])
    assert curves.areas("deletion") == pytest.approx([0.25])
    assert curves.areas("insertion") == pytest.approx([0.5])


def test_each_picture_is_followed_in_its_own_class(net, batch):
    mixed = faithfulness.curves(net, batch, np.ones((3, 16, 16), np.float32), np.array([1, 0, 1]))
    whole = net.predict(batch, verbose=0)
    np.testing.assert_allclose(mixed.deletion[:, 0], whole[[0, 1, 2], [1, 0, 1]], rtol=1e-6)
