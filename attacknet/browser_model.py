"""The network as a browser reads it: its arrays by name, each batch normalisation folded into two of them.

The page's script (``book/static/tryit/network.js``) builds the network of the paper's text around these
arrays, so that nothing here needs TensorFlow.
"""

import base64
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attacknet.errors import AttackNetError
from attacknet.model import VARIANTS
from attacknet.preprocessing import Preprocessing
from attacknet.runs import Run

NETWORK = "attacknet"
# What Keras adds to a batch normalisation's variance unless it is told otherwise.
EPSILON = 1e-3

Floats = NDArray[np.float32]
Arrays = Mapping[str, NDArray[Any]]


def description(run: Run) -> dict[str, Any]:
    """Return a trained network in a form that JSON can say.

    Returns
    -------
    dict
        ``key`` of the run; ``leak``, the slope of the activation for negative inputs; ``arrays``, pairs of
        name and shape; ``weights``, their numbers one behind the other, float32 with the low byte first, in
        base64.

    Raises
    ------
    AttackNetError
        If the run is of another network, or its pictures are prepared otherwise than the script does it.
    """
    if run.about["model"] != NETWORK or run.preprocessing != Preprocessing():
        raise AttackNetError(
            f"{run.folder}: {run.about['model']} on pictures with {run.preprocessing}; a browser is given "
            f"only {NETWORK} on pictures with {Preprocessing()}"
        )
    with np.load(run.weights, allow_pickle=False) as stored:
        arrays = folded(stored)
    flat = np.concatenate([values.ravel() for values in arrays.values()])
    return {
        "key": run.key,
        "leak": VARIANTS[NETWORK].leak,
        "arrays": [(name, list(values.shape)) for name, values in arrays.items()],
        "weights": base64.b64encode(flat.astype("<f4").tobytes()).decode(),
    }


def folded(arrays: Arrays) -> dict[str, Floats]:
    """Return a network's arrays with each batch normalisation as ``scale * x + offset``.

    Parameters
    ----------
    arrays
        By name, as :func:`attacknet.networks.write_weights` wrote them.

    Returns
    -------
    dict
        ``layer/kernel`` and ``layer/bias`` as they were; ``layer/scale`` and ``layer/offset`` in the place of
        the four arrays of a normalisation.
    """
    made: dict[str, Floats] = {}
    for name in arrays:
        layer, _, kind = name.rpartition("/")
        if kind in ("kernel", "bias"):
            made[name] = arrays[name]
        elif kind == "gamma":
            made |= _normalisation(layer, arrays)
    return made


def _normalisation(layer: str, arrays: Arrays) -> dict[str, Floats]:
    gamma, beta, mean, variance = (
        np.asarray(arrays[f"{layer}/{kind}"], dtype=np.float64)
        for kind in ("gamma", "beta", "moving_mean", "moving_variance")
    )
    scale = gamma / np.sqrt(variance + EPSILON)
    return {
        f"{layer}/scale": scale.astype(np.float32),
        f"{layer}/offset": (beta - mean * scale).astype(np.float32),
    }
