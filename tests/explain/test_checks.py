"""The checks on networks of which the answers are known."""

from dataclasses import replace

import keras
import numpy as np
import pandas as pd
import pytest

from attacknet import model
from attacknet.explain.checks import against_others, forgetting, of_one_network
from attacknet.explain.explained import Explained
from attacknet.explain.randomise import randomised
from attacknet.explain.samples import Samples


@pytest.fixture(scope="module")
def explained():
    """A network that has learned to tell a bright square on the left from one on the right."""
    rng = np.random.default_rng(0)
    labels = np.tile([0, 1], 60)
    images = rng.integers(60, 120, (120, 32, 32, 3), dtype=np.uint8)
    for image, label in zip(images, labels, strict=True):
        row, column = rng.integers(8, 20), (4 if label else 20) + rng.integers(4)
        image[row : row + 6, column : column + 6] += 100
    keras.utils.set_random_seed(2)
    network = model.build("attacknet")
    for layer in network.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = 0.8
    network.compile(keras.optimizers.Adam(1e-3), "sparse_categorical_crossentropy")
    network.fit(images / 255, labels, batch_size=20, epochs=12, verbose=0)
    rows = pd.DataFrame({"subject": np.repeat([*"abcd"], 4), "label": labels[:16]})
    assert (network.predict(images[:16] / 255, verbose=0).argmax(axis=1) == labels[:16]).all()
    return Explained(network, Samples(images[:16], rows), "grad-cam", "phase2_conv3")


def test_forgetting_ends_at_the_first_convolution(explained):
    forgotten = forgetting(explained)
    assert next(iter(forgotten)) == "classifier"
    assert [*forgotten][-1] == "phase1_conv1"
    assert all(likeness.shape == (16,) for likeness in forgotten.values())


def test_a_trained_network_is_told_from_a_random_one(explained):
    """Its maps go with its weights; and it needs the pixels that they mark; an untrained one does not."""
    trained = {check.name: check.comparison for check in of_one_network(explained, [1, 2])}
    assert trained["weights forgotten"].value.high < trained["weights forgotten"].reference.low
    blank = replace(explained, model=randomised(explained.model, 7))
    untrained = {check.name: check.comparison for check in of_one_network(blank, [1, 2])}
    assert trained.keys() == untrained.keys()
    for name in ("deletion", "insertion"):
        assert trained[name].passed
        assert trained[name].advantage.low > untrained[name].advantage.high


def test_a_network_that_forgets_nothing_fails(explained, monkeypatch):
    monkeypatch.setattr("attacknet.explain.explained.randomised", lambda network, _seed: network)
    found = {check.name: check.comparison for check in of_one_network(explained, [1])}
    assert found["weights forgotten"].value.estimate == pytest.approx(1)
    assert not found["weights forgotten"].passed


def test_a_network_that_is_no_other_fails_where_it_must(explained):
    """Held against itself no network is less alike: the check on labels can fail, and here has to."""
    found = {check.name: check for check in against_others(explained, [explained.model] * 2, explained.model)}
    assert found["labels shuffled"].comparison.advantage == (0, 0, 0)
    assert not found["labels shuffled"].comparison.passed
    assert found["other seeds"].comparison.value == pytest.approx((1, 1, 1)), "it is the same network"
    assert [name for name, check in found.items() if check.decides] == ["labels shuffled"]
    assert set(found) == {"labels shuffled", "other seeds", "grad-cam++", "score-cam", "smooth saliency"}
