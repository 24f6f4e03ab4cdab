"""Networks that know less: with weights drawn anew, layer by layer.

Adebayo et al., "Sanity Checks for Saliency Maps", NeurIPS 2018: a map that stays the same when the network
forgets what it learned does not show what it learned.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import keras

_NORMALISATION = "BatchNormalization"


def cascade(model: "keras.Model", seed: int = 0) -> Iterator[tuple[str, "keras.Model"]]:
    """Draw the weights anew, from the classifier down to the first convolution.

    Parameters
    ----------
    model
        With its preprocessing contract, which the new networks take over; it stays as it is.
    seed
        Of the draw. Keras draws initial weights from global generators, which this sets.

    Yields
    ------
    tuple of str and keras.Model
        Name of the layer that was reached, and a network whose weights are new from there to the end and the
        given ones before. A normalisation goes with the layer before it. The last network has nothing left
        of what was learned. Each is the same object, changed: use it before the next.
    """
    import keras  # noqa: PLC0415 - heavy

    keras.utils.set_random_seed(seed)
    fresh, network = keras.models.clone_model(model), keras.models.clone_model(model)
    network.set_weights(model.get_weights())
    network.preprocessing = model.preprocessing
    for new, old in zip(reversed(fresh.layers), reversed(network.layers), strict=True):
        if new.weights:
            old.set_weights(new.get_weights())
            if type(old).__name__ != _NORMALISATION:
                yield old.name, network


def randomised(model: "keras.Model", seed: int = 0) -> "keras.Model":
    """Return a network of the same design that has learned nothing; `seed` as for `cascade`."""
    *_, (_, network) = cascade(model, seed)
    return network
