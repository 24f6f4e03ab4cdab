"""Does the network need what a map marks? Deletion and insertion curves.

Petsiuk et al., "RISE: Randomized Input Sampling for Explanation of Black-box Models", BMVC 2018. Pixels are
taken away in the order of the map (deletion), or brought back into a picture that has none of them
(insertion); the faster the class's probability falls or rises, the better the map. Here both start or end at
the same blurred picture (:func:`attacknet.explain.filters.replaced`).
"""

from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from attacknet.explain.filters import replaced

if TYPE_CHECKING:
    import keras

Floats = NDArray[np.float32]
Curve = Literal["deletion", "insertion"]

# Shares of the pixels at which a curve is evaluated.
SHARES = np.linspace(0, 1, 17)


class Curves(NamedTuple):
    """Probability of the explained class, ``(pictures, len(SHARES))``, as pixels go and as they come."""

    deletion: NDArray
    insertion: NDArray

    def areas(self, curve: Curve) -> NDArray:
        """Return the area under each picture's curve, in [0, 1]."""
        return np.trapezoid(getattr(self, curve), SHARES, axis=1)


def curves(model: "keras.Model", batch: Floats, fine: Floats, targets: NDArray[np.int64]) -> Curves:
    """Return the curves of each picture.

    Parameters
    ----------
    model
        From pictures to probabilities of (bona fide, attack).
    batch
        ``(pictures, height, width, channels)``, as the network expects it.
    fine
        Maps of the pictures' size.
    targets
        Number of the class that is explained, for each picture.
    """
    found = [
        _one(model, picture, one_map, target)
        for picture, one_map, target in zip(batch, fine, targets.tolist(), strict=True)
    ]
    deletion, insertion = np.stack(found, axis=1)
    return Curves(deletion, insertion)


def _one(model: "keras.Model", picture: Floats, one_map: Floats, target: int) -> NDArray:
    """Return the two curves of one picture, ``(2, len(SHARES))``."""
    # Place of each pixel in the order of the map, the highest first, as a share of all; ties as they stand.
    order = np.argsort(np.argsort(-one_map.ravel(), kind="stable")) / one_map.size
    gone = order.reshape(one_map.shape) < SHARES[:, np.newaxis, np.newaxis]
    versions = replaced(picture[np.newaxis], np.concatenate([gone, ~gone]))
    return model.predict_on_batch(versions)[:, target].reshape(2, -1)


def random_maps(shape: tuple[int, int, int], seed: int) -> Floats:
    """Return maps that know nothing, ``(pictures, rows, columns)``, uniform in [0, 1).

    Stretched like the maps that they are compared with, they take away patches of the same coarseness.
    """
    return np.random.default_rng(seed).random(shape, dtype=np.float32)
