"""Pictures in rows of equal width: the one layout of contact sheets and of step-by-step figures."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Inches: the column of row labels, the space between pictures, a line of titles, a gap between groups.
_LABEL, _SPACE, _TITLE, _GAP = 0.85, 0.06, 0.22, 0.14
# Height over width of a panel whose picture is hidden.
_HIDDEN_ASPECT = 0.75


@dataclass(frozen=True)
class Panel:
    """One place of the layout.

    Attributes
    ----------
    picture
        RGB or grey, uint8; None for one that exists and may not be shown.
    title
        Text above it.
    frame
        Colour of its frame; none by default.
    """

    picture: np.ndarray | None
    title: str = ""
    frame: str = ""

    @property
    def aspect(self) -> float:
        """Height over width."""
        return _HIDDEN_ASPECT if self.picture is None else self.picture.shape[0] / self.picture.shape[1]


def draw(
    rows: Sequence[Sequence[Panel | None]], *, labels: Sequence[str] = (), gaps: Collection[int] = ()
) -> "Figure":
    """Draw rows of panels, each as high as its highest picture.

    Parameters
    ----------
    rows
        Panels from left to right; None leaves a place empty. A row may be shorter than others.
    labels
        One left of each row.
    gaps
        Numbers of the columns that a gap sets apart from the one before.
    """
    import matplotlib.pyplot as plt  # noqa: PLC0415 - heavy

    from attacknet import plots  # noqa: PLC0415 - heavy

    left = _LABEL if labels else 0.0
    wide = (plots.WIDTH - left - _GAP * len(gaps)) / max(map(len, rows)) - _SPACE
    heights = [wide * max((one.aspect for one in row if one), default=0.0) for row in rows]
    titled = [_TITLE * any(one.title for one in row if one) for row in rows]
    total = sum(heights) + sum(titled) + _SPACE * len(rows)
    fig = plt.figure(figsize=(plots.WIDTH, total), layout="none")
    below = total
    for number, (row, height) in enumerate(zip(rows, heights, strict=True)):
        below -= titled[number] + height
        if labels:
            middle = (below + height / 2) / total
            fig.text(
                (left - 0.1) / plots.WIDTH, middle, labels[number], ha="right", va="center", fontsize=7.5
            )
        for column, one in enumerate(row):
            if one:
                start = left + column * (wide + _SPACE) + _GAP * sum(gap <= column for gap in gaps)
                place = (start / plots.WIDTH, below / total, wide / plots.WIDTH, height / total)
                _fill(fig, place, one, round(wide * plots.SAVED_DPI))
        below -= _SPACE
    return fig


def _fill(fig: "Figure", place: tuple[float, float, float, float], one: Panel, pixels: int) -> None:
    axes = fig.add_axes(place, xticks=[], yticks=[])
    axes.grid(visible=False)
    axes.spines[:].set(visible=bool(one.frame), edgecolor=one.frame or "none", linewidth=2.2)
    axes.set_title(one.title, fontsize=7.5, fontweight="normal", pad=3)
    if one.picture is None:
        axes.set_facecolor("#e5e7eb")
        axes.text(0.5, 0.5, "hidden", ha="center", va="center", fontsize=7, transform=axes.transAxes)
    else:
        axes.imshow(_at_most(one.picture, pixels), cmap="gray", vmin=0, vmax=255)


def _at_most(picture: np.ndarray, width: int) -> np.ndarray:
    """Reduce a picture to a width in pixels by averaging: if sampled, fine patterns would beat."""
    from PIL import Image  # noqa: PLC0415 - heavy

    height, columns = picture.shape[:2]
    if columns <= width:
        return picture
    size = width, round(height * width / columns)
    return np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.BOX))


def square(picture: np.ndarray) -> np.ndarray:
    """Return the largest square in the middle of a picture."""
    height, width = picture.shape[:2]
    side = min(height, width)
    row, column = (height - side) // 2, (width - side) // 2
    return picture[row : row + side, column : column + side]
