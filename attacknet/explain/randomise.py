"""Networks that know less: with weights drawn anew, layer by layer.

Adebayo et al., "Sanity Checks for Saliency Maps", NeurIPS 2018: a map that stays the same when the network
forgets what it learned does not show what it learned.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import keras

_NORMALISATION, _INITIALISER = "BatchNormalization", "kernel_initializer"


def cascade(model: "keras.Model", seed: int = 0) -> Iterator[tuple[str, "keras.Model"]]:
    """Draw the weights anew, from the classifier down to the first convolution.

    Parameters
    ----------
    model
        With its preprocessing contract, which the new networks take over; it stays as it is.
    seed
        Of the draw.

    Yields
    ------
    tuple of str and keras.Model
        Name of the layer that was reached, and a network whose weights are new from there to the end and the
        given ones before. A normalisation goes with the layer before it. The last network has nothing left
        of what was learned. Each is the same object, changed: use it before the next.
    """
    import keras  # noqa: PLC0415 - heavy

    # A stream apart from that which a training with the same seed draws from.
    (apart,) = np.random.SeedSequence(seed).spawn(1)
    rng = np.random.default_rng(apart)
    network = keras.models.clone_model(model)
    network.set_weights(model.get_weights())
    network.preprocessing = model.preprocessing
    for layer in reversed(network.layers):
        if layer.weights:
            layer.set_weights(_drawn(layer, rng))
            if type(layer).__name__ != _NORMALISATION:
                yield layer.name, network


def _drawn(layer: "keras.Layer", rng: np.random.Generator) -> list[np.ndarray]:
    """Return new initial weights for a layer.

    A layer may bring the seed of its first weights, of which a short training leaves much; it gets another.
    """
    config = layer.get_config()
    if _INITIALISER in config:
        config[_INITIALISER]["config"]["seed"] = int(rng.integers(2**31))
    fresh = type(layer).from_config(config)
    fresh.build(layer.input.shape)
    return fresh.get_weights()


def randomised(model: "keras.Model", seed: int = 0) -> "keras.Model":
    """Return a network of the same design that has learned nothing; `seed` as for `cascade`."""
    *_, (_, network) = cascade(model, seed)
    return network
