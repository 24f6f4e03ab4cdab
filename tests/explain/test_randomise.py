"""Networks whose weights are drawn anew, from the end to the beginning."""

import keras
import numpy as np

from attacknet import fitting, model
from attacknet.explain.randomise import cascade, randomised


def weighted(net):
    return [layer for layer in net.layers if layer.weights]


def test_the_cascade_runs_from_the_classifier_to_the_first_convolution():
    """Each step renews one layer more, leaves those before as they were, and never touches the network."""
    keras.utils.set_random_seed(1)
    net = model.build("attacknet")
    for layer in weighted(net):  # biases and normalisations start at constants; learning would move them
        layer.set_weights([values + 0.5 for values in layer.get_weights()])
    before = [layer.get_weights() for layer in weighted(net)]
    names = [layer.name for layer in weighted(net)]
    reached = []
    for name, network in cascade(net, seed=4):
        reached.append(name)
        kept = names.index(name)
        for number, (layer, old) in enumerate(zip(weighted(network), before, strict=True)):
            same = all(np.array_equal(a, b) for a, b in zip(layer.get_weights(), old, strict=True))
            assert same == (number < kept), (name, layer.name)
    in_order = [name for name in names if "norm" not in name]
    assert reached == in_order[::-1]
    for layer, old in zip(weighted(net), before, strict=True):
        for a, b in zip(layer.get_weights(), old, strict=True):
            np.testing.assert_array_equal(a, b)


def test_seeds_repeat():
    net = model.build("attacknet")
    one, again, other = (randomised(net, seed).get_layer("dense").get_weights()[0] for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, again)
    assert not np.allclose(one, other)


def test_a_networks_own_first_weights_do_not_come_back():
    """A trained network's layers may carry the seeds that it was begun with."""
    net = fitting.initialised("attacknet", seed=0)
    for seed in (0, 1):
        for new, old in zip(weighted(randomised(net, seed)), weighted(net), strict=True):
            if "norm" not in new.name:
                assert abs(np.corrcoef(new.kernel.numpy().ravel(), old.kernel.numpy().ravel())[0, 1]) < 0.3
