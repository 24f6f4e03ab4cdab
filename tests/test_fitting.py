"""What a training starts from: the seed alone."""

import random

import numpy as np
import pytest

from attacknet import fitting, networks


@pytest.mark.parametrize("model", ["attacknet", "mobilenet_v3_small"])
def test_first_weights_depend_on_the_seed_alone(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not on what else draws from Python's generator meanwhile, as the threads of a Dask worker do."""
    quiet = fitting.initialised(model, 3).get_weights()
    build = networks.build

    def build_while_others_draw(name: str) -> object:
        random.random()
        return build(name)

    monkeypatch.setattr(networks, "build", build_while_others_draw)
    disturbed = fitting.initialised(model, 3).get_weights()
    assert all(map(np.array_equal, quiet, disturbed))
    other = fitting.initialised(model, 4).get_weights()
    assert not all(map(np.array_equal, quiet, other))


def test_first_weights_are_drawn_as_the_network_declares() -> None:
    """Glorot's uniform bound, sqrt(6 / (inputs + outputs)): 9 * 3 inputs and 9 * 16 outputs at first."""
    network = fitting.initialised("attacknet", 0)
    kernel = network.get_layer("phase1_conv1").kernel.numpy()
    bound = np.sqrt(6 / (9 * 3 + 9 * 16))
    assert 0.9 * bound < np.abs(kernel).max() <= bound
    assert network.preprocessing == networks.build("attacknet").preprocessing
