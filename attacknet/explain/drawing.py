"""Maps drawn over faces, and over the average face where no single one may be shown."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from attacknet.errors import AttackNetError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from attacknet.data.crops import Crops
    from attacknet.explain.regions import Masks

# The average of fewer people would still show them.
_FEWEST = 10
# A perceptually even scale, safe for colour-blind readers; where a map is low the face shows through.
_COLOURS, _FAINTEST, _STRONGEST = "inferno", 0.35, 0.85
_TINT = 0.4


def average_face(crops: "Crops", *, showable: bool = False) -> NDArray[np.float64]:
    """Return the mean of one crop of each sample, RGB in [0, 1].

    Parameters
    ----------
    showable
        Whether single faces may be shown; then it may be an average of few.

    Raises
    ------
    AttackNetError
        If it would average so few people that they could be made out.
    """
    one_each = crops.index[crops.index["crop"] >= 0].drop_duplicates("sample")
    if (people := one_each["subject"].nunique()) < _FEWEST and not showable:
        raise AttackNetError(
            f"{crops.folder}: an average face of {people} people would show them; {_FEWEST} are needed"
        )
    total = np.zeros(crops.images.shape[1:])
    for number in one_each["crop"]:  # one at a time: the crops stay on disk
        total += crops.images[number]
    return total / (255 * len(one_each))


def overlay(axes: "Axes", face: NDArray, fine: NDArray) -> None:
    """Draw a map over a face.

    Parameters
    ----------
    face
        RGB, ``(height, width, 3)``, in [0, 1] or uint8; it is drawn in grey, so that all colour is the map's.
    fine
        ``(height, width)``, at least 0; scaled by its own maximum, so that the colours of two maps do not say
        which is the stronger. A map that is 0 everywhere is marked by a cross.
    """
    grey = np.asarray(face, dtype=np.float64).mean(axis=-1)
    axes.imshow(grey, cmap="gray", vmin=0, vmax=255 if np.issubdtype(face.dtype, np.integer) else 1)
    if fine.any():
        share = fine / fine.max()
        opacity = _FAINTEST + (_STRONGEST - _FAINTEST) * share
        axes.imshow(share, cmap=_COLOURS, vmin=0, vmax=1, alpha=opacity)
    else:
        axes.plot([0, 1], [0, 1], [0, 1], [1, 0], color="white", transform=axes.transAxes)
    bare(axes)


def hidden(axes: "Axes") -> None:
    """Say that a face stands here which may not be shown."""
    axes.set_box_aspect(1)
    axes.text(0.5, 0.5, "hidden", ha="center", va="center", transform=axes.transAxes)


def bare(axes: "Axes") -> None:
    """Leave a picture without ticks, grid and frame."""
    axes.set(xticks=[], yticks=[])
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)


def tint(axes: "Axes", regions: "Masks", colours: dict[str, str]) -> None:
    """Tint regions of a picture of their size; a region's colour is that of its name."""
    from matplotlib.colors import to_rgba  # noqa: PLC0415 - heavy

    layer = np.zeros((*next(iter(regions.values())).shape, 4))
    for name, mask in regions.items():
        layer[mask] = to_rgba(colours[name], _TINT)
    axes.imshow(layer)
