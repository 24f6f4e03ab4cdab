"""Regions of a face, as masks on a crop.

They are placed from the eyes (:mod:`attacknet.explain.eyes`) by the proportions of an average adult face that
is upright and looks ahead: on a face that turns, the nose leaves its region before the others do.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attacknet.errors import AttackNetError
from attacknet.explain.eyes import Placing

# Region -> ``(height, width)`` or, where each picture has its own, ``(pictures, height, width)``.
Masks = dict[str, NDArray[np.bool_]]

# In eye distances from the point between the eyes, x to the right and y down: left, top, right, bottom. Right
# and left are mirrored where a region has two parts. The proportions are those of an average adult face.
_PARTS: dict[str, tuple[tuple[float, float, float, float], ...]] = {
    "eyes": ((-0.9, -0.4, 0.9, 0.25),),
    "nose": ((-0.3, 0.25, 0.3, 0.85),),
    "mouth": ((-0.5, 0.85, 0.5, 1.4),),
    "cheeks": ((-1.0, 0.25, -0.3, 0.95), (0.3, 0.25, 1.0, 0.95)),
    "forehead": ((-0.6, -1.2, 0.6, -0.4),),
}
# The corners of the crop: squares of this share of its width and height, where no region above reaches.
_CORNER = 0.25
NAMES = (*_PARTS, "corners")


def masks(eyes: Placing, size: tuple[int, int]) -> Masks:
    """Return a mask ``size`` for each region; no pixel is in two, and many are in none.

    Parameters
    ----------
    eyes
        Where they are on the crop.
    size
        Height and width of the crop.

    Raises
    ------
    AttackNetError
        If the crop is too small for each region to have a pixel.
    """
    height, width = size
    # Middles of the pixels in eye distances.
    x = ((np.arange(width) + 0.5) / width - eyes.column) / eyes.distance
    y = ((np.arange(height) + 0.5) / height - eyes.row) * eyes.aspect / eyes.distance
    found: Masks = {}
    free = np.ones(size, dtype=bool)
    for name in NAMES:
        wanted = _corners(size) if name == "corners" else _rectangles(_PARTS[name], x, y)
        found[name] = wanted & free
        free &= ~wanted
        if not found[name].any():
            raise AttackNetError(f"a crop of {height}x{width} pixels is too small for the region {name!r}")
    return found


def masks_of_each(eyes: Iterable[Placing], size: tuple[int, int]) -> Masks:
    """Return the regions of several pictures, ``(pictures, *size)`` each; otherwise as `masks`."""
    single = [masks(one, size) for one in eyes]
    return {name: np.stack([one[name] for one in single]) for name in NAMES}


def _rectangles(
    parts: tuple[tuple[float, float, float, float], ...], x: NDArray, y: NDArray
) -> NDArray[np.bool_]:
    inside = np.zeros((y.size, x.size), dtype=bool)
    for left, top, right, bottom in parts:
        inside |= ((top <= y) & (y < bottom))[:, np.newaxis] & ((left <= x) & (x < right))
    return inside


def _corners(size: tuple[int, int]) -> NDArray[np.bool_]:
    outer = [np.abs((np.arange(n) + 0.5) / n - 0.5) > 0.5 - _CORNER for n in size]
    return outer[0][:, np.newaxis] & outer[1]


def joined(parts: Masks, names: tuple[str, ...], name: str) -> Masks:
    """Return the regions with some of them made one."""
    rest = {region: mask for region, mask in parts.items() if region not in names}
    return {name: np.logical_or.reduce([parts[each] for each in names]), **rest}


def density(fine: NDArray, regions: Masks) -> pd.DataFrame:
    """Return how dense each map is in each region.

    Parameters
    ----------
    fine
        Maps ``(pictures, height, width)``, at least 0.
    regions
        Of the same size, for all pictures or for each.

    Returns
    -------
    pandas.DataFrame
        A row a picture, a column a region: its share of the map over its share of the pixels, 1 where the map
        has no preference. A map that is 0 everywhere has no shares: NaN.
    """
    means = fine.mean(axis=(1, 2))
    with np.errstate(invalid="ignore"):
        return pd.DataFrame(
            {
                name: np.where(mask, fine, 0).sum(axis=(1, 2)) / mask.sum(axis=(-2, -1)) / means
                for name, mask in regions.items()
            }
        )
