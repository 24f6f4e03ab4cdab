"""The checks on networks of which the answers are known."""

import keras
import numpy as np
import pandas as pd
import pytest

from attacknet import model
from attacknet.explain.checks import checks, forgetting
from attacknet.explain.explained import Explained
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


@pytest.fixture(scope="module")
def forgotten(explained):
    return forgetting(explained)


def test_forgetting_ends_at_the_first_convolution(explained, forgotten):
    assert next(iter(forgotten)) == "classifier"
    assert [*forgotten][-1] == "phase1_conv1"
    assert all(likeness.shape == (16,) for likeness in forgotten.values())


def test_a_trained_network_is_told_from_a_random_one(explained, forgotten):
    """The randomisation check separates them: what was learned is gone from the maps of a random network."""
    found = {
        one.name: one
        for one in checks(explained, [*forgotten.values()][-1], explained.model, explained.model)
    }
    assert found["weights forgotten"].comparison.passed
    assert (
        found["weights forgotten"].comparison.value.high < found["weights forgotten"].comparison.reference.low
    )


def test_a_network_that_is_no_other_fails_where_it_must(explained, forgotten):
    """Held against itself no network is less alike: the check on labels can fail, and here has to."""
    found = {
        one.name: one.comparison for one in checks(explained, np.ones(16), explained.model, explained.model)
    }
    assert found["labels shuffled"].advantage == (0, 0, 0)
    assert not found["labels shuffled"].passed
    assert not found["weights forgotten"].passed
    assert found["another seed"].value == pytest.approx((1, 1, 1)), "it is the same network"
    assert len(found) == 7
