"""Training on shuffled labels."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from attacknet import batches
from attacknet.explain import relabelled
from attacknet.preprocessing import Preprocessing
from attacknet.recipes import RECIPES


@pytest.fixture
def plan():
    """Two classes that differ in nothing but a shade, which any network learns."""
    labels = np.repeat([0, 1], 20)
    images = np.full((40, 32, 32, 3), 80, np.uint8) + 90 * labels.astype(np.uint8)[:, None, None, None]
    index = pd.DataFrame({"split": "train", "label": labels, "crop": np.arange(40)})
    crops = SimpleNamespace(index=index, images=images, folder="crops")
    recipe = replace(RECIPES["book"], epochs=1, steps=2, batch=8)
    return SimpleNamespace(
        model="attacknet",
        recipe=recipe,
        seed=3,
        crops=lambda: (crops,),
        contracts=lambda: (Preprocessing(),),
    )


def test_labels_are_shuffled_and_nothing_else(plan, monkeypatch):
    """As many of each class, the pictures as they were, and no development set to choose by."""
    seen = {}

    def fit(network, training, dev, recipe, seed):
        seen.update(training=training, dev=dev, recipe=recipe, seed=seed)

    monkeypatch.setattr("attacknet.fitting.fit", fit)
    relabelled.train(plan)
    honest = batches.load(plan.crops()[0], "train", Preprocessing())
    np.testing.assert_array_equal(seen["training"].images, honest.images)
    np.testing.assert_array_equal(np.sort(seen["training"].labels), np.sort(honest.labels))
    assert 0.2 < (seen["training"].labels == honest.labels).mean() < 0.8
    assert seen["dev"] is None
    assert not seen["recipe"].needs_dev
    assert seen["seed"] == 3


def test_the_network_comes_with_its_contract_and_how_much_it_learned(plan):
    network, by_heart = relabelled.train(plan)
    assert network.preprocessing == Preprocessing()
    # Two shades of grey, each with both labels: no network can learn more than the majority within a shade.
    shuffled = np.random.default_rng(plan.seed).permutation(plan.crops()[0].index["label"])
    majority = sum(max(part.mean(), 1 - part.mean()) for part in np.split(shuffled, 2)) / 2
    assert 1 - majority <= by_heart <= majority
