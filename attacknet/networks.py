"""The networks that can be trained, by name: the paper's family and one rival, all at one input."""

import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from attacknet import model, rivals
from attacknet.errors import AttackNetError
from attacknet.preprocessing import Preprocessing

if TYPE_CHECKING:
    import keras

SIZE = (32, 32)
_RIVAL = "mobilenet_v3_small"
_RIVALS_NAME = "MobileNetV3-Small 1.0"
NETWORKS = (*model.VARIANTS, _RIVAL)


def build(name: str) -> "keras.Model":
    """Build an untrained network from pictures of 32x32 to probabilities of (bona fide, attack).

    Its attribute ``preprocessing`` is the book's contract, whatever the network.

    Raises
    ------
    AttackNetError
        If there is no such network; lists them.
    """
    if name in model.VARIANTS:
        return model.build(name, (*SIZE, 3))
    if name == _RIVAL:
        return _rival()
    raise AttackNetError(f"network {name!r}: there are only {', '.join(NETWORKS)}")


def _rival() -> "keras.Model":
    import keras  # noqa: PLC0415 - heavy

    inputs = keras.layers.Input((*SIZE, 3), name="input")
    # Keras' MobileNetV3 scales its input itself, from grey levels.
    levels = keras.layers.Rescaling(255.0, name="grey_levels")(inputs)
    network = rivals.build(_RIVALS_NAME, (*SIZE, 3), len(model.CLASSES))
    built = keras.Model(inputs, network(levels), name=_RIVAL)
    built.preprocessing = Preprocessing(size=SIZE)
    return built


def write_weights(network: "keras.Model", file: Path) -> None:
    """Write all of a network's arrays by name; the same weights give the same bytes."""
    with file.open("wb") as stream:
        np.savez(stream, **{variable.path: variable.numpy() for variable in network.weights})


def read_weights(network: "keras.Model", file: Path) -> None:
    """Read what :func:`write_weights` wrote into a network of the same design.

    Raises
    ------
    AttackNetError
        If the file is damaged, or from another network.
    """
    try:
        with np.load(file, allow_pickle=False) as arrays:
            for variable in network.weights:
                variable.assign(arrays[variable.path])
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise AttackNetError(f"{file}: no weights of {network.name} ({error}); train again") from None
