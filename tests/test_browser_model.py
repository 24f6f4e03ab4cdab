"""The network as a browser reads it."""

import base64
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from attacknet import browser_model
from attacknet.errors import AttackNetError
from tests.book.tryit_page import toy_run


def test_a_folded_normalisation_is_keras_own(tmp_path: Path) -> None:
    """Scale and offset do what the layer does at inference; a change of Keras' epsilon would show here."""
    run = toy_run(tmp_path / "run")
    layer = run.load().get_layer("phase1_norm1")
    with np.load(run.weights) as arrays:
        made = browser_model.folded(arrays)
    pixels = np.random.default_rng(2).normal(size=(2, 4, 4, 16)).astype(np.float32)
    expected = np.asarray(layer(pixels, training=False))
    given = made["phase1_norm1/scale"] * pixels + made["phase1_norm1/offset"]
    np.testing.assert_allclose(given, expected, atol=1e-6)


def test_every_number_of_the_network_is_told(tmp_path: Path) -> None:
    """The weights are the arrays one behind the other; two of a normalisation's four are folded away."""
    run = toy_run(tmp_path / "run")
    told = browser_model.description(run)
    flat = np.frombuffer(base64.b64decode(told["weights"]), "<f4")
    network = run.load()
    folded_away = sum(w.shape[0] for w in network.weights if "moving_" in w.path)
    assert flat.size == network.count_params() - folded_away
    assert flat.size == sum(int(np.prod(shape)) for _, shape in told["arrays"])
    name, shape = told["arrays"][0]
    np.testing.assert_array_equal(
        flat[: np.prod(shape)].reshape(shape), network.get_layer("phase1_conv1").kernel
    )
    assert name == "phase1_conv1/kernel"


@pytest.mark.parametrize(
    "changed",
    [
        {"model": "livenessnet"},
        {"preprocessing": {"crop_margin": 0.2}},
        {"preprocessing": {"channel_order": "BGR"}},
    ],
)
def test_what_the_script_does_not_do_is_refused(tmp_path: Path, changed: dict) -> None:
    """Another network, margin or order of channels would give wrong scores without a word."""
    run = toy_run(tmp_path / "run")
    other = replace(run, about=run.about | changed)
    with pytest.raises(AttackNetError, match="a browser is given only attacknet"):
        browser_model.description(other)
