"""Regions of a face, as masks on a crop.

A crop is cut out along a face box, so its regions follow from where such a box puts the eyes. For boxes made
from annotated eyes that is exact. For the other kinds of box it is one place for all faces of that kind
(``templates.csv``), which faces that turn or tilt leave: a region then names an area rather than an organ.
"""

import functools
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attacknet.data import manifest as manifests
from attacknet.errors import AttackNetError

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


class Template(NamedTuple):
    """Where a kind of face box has the eyes, as shares of its height and width.

    Attributes
    ----------
    eye_row
        Row of both eyes.
    eye_distance
        Distance of their centres; they lie at equal distances from the middle.
    source
        How that is known.
    """

    eye_row: float
    eye_distance: float
    source: str


@functools.cache
def templates() -> dict[str, Template]:
    """Return the template of each kind of box, as manifests name their source of boxes."""
    table = pd.read_csv(Path(__file__).with_name("templates.csv"), index_col="boxes")
    return {str(kind): Template(*row) for kind, row in zip(table.index, table.to_numpy(), strict=True)}


def template_of(dataset: str | Path) -> Template:
    """Return the template of a dataset's own face boxes."""
    return templates()[manifests.load(dataset).boxes.source]


def masks(template: Template, size: tuple[int, int], aspect: float = 1.0) -> Masks:
    """Return a mask ``size`` for each region; no pixel is in two, and many are in none.

    Parameters
    ----------
    size
        Height and width of the crop.
    aspect
        Height over width of the face boxes, which the crop has lost.

    Raises
    ------
    AttackNetError
        If the crop is too small for each region to have a pixel.
    """
    height, width = size
    unit = template.eye_distance
    # Middles of the pixels in eye distances.
    x = ((np.arange(width) + 0.5) / width - 0.5) / unit
    y = ((np.arange(height) + 0.5) / height - template.eye_row) * aspect / unit
    found: Masks = {}
    free = np.ones(size, dtype=bool)
    for name in NAMES:
        wanted = _corners(size) if name == "corners" else _rectangles(_PARTS[name], x, y)
        found[name] = wanted & free
        free &= ~wanted
        if not found[name].any():
            raise AttackNetError(f"a crop of {height}x{width} pixels is too small for the region {name!r}")
    return found


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
        From `masks`, of the same size.

    Returns
    -------
    pandas.DataFrame
        A row a picture, a column a region: its share of the map over its share of the pixels, 1 where the map
        has no preference. A map that is 0 everywhere has no shares: NaN.
    """
    means = fine.mean(axis=(1, 2))
    with np.errstate(invalid="ignore"):
        return pd.DataFrame({name: fine[:, mask].mean(axis=1) / means for name, mask in regions.items()})
