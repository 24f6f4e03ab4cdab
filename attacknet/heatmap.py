"""A matrix of rates as a picture: a cell for each rate, a note below it, a hue for each level of evidence."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from attacknet.display import MISSING
from attacknet.evidence import Evidence

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_INK, _EMPTY = "#111827", "#f3f4f6"


def draw(
    panel: "Axes",
    rates: pd.DataFrame,
    notes: pd.DataFrame | None = None,
    *,
    evidence: str,
    highest: float = 0.6,
    digits: int = 3,
    framed: list[tuple[int, int]] | None = None,
) -> None:
    """Draw a matrix of rates into a panel.

    Parameters
    ----------
    panel
        Its rows and columns get the names of the frame's.
    rates
        In [0, 1]; NaN is shown as a dash.
    notes
        Of the same shape: text that stands small below each rate, such as its interval.
    evidence
        Level of :class:`attacknet.evidence.Evidence`: it decides the hue, so that matrices of different
        levels cannot be taken for each other.
    highest
        The rate that has the full hue, as have all above it.
    digits
        Decimals of a rate.
    framed
        Rows and columns of the cells that get a frame.
    """
    from matplotlib.colors import LinearSegmentedColormap  # noqa: PLC0415 - heavy
    from matplotlib.patches import Rectangle  # noqa: PLC0415

    hue = LinearSegmentedColormap.from_list("evidence", ["white", Evidence(evidence).colour])
    panel.imshow(
        rates.to_numpy(float), cmap=hue.with_extremes(bad=_EMPTY), vmin=0, vmax=highest, aspect="auto"
    )
    centred: dict[str, Any] = {"ha": "center", "va": "center", "color": _INK}
    for (row, column), rate in np.ndenumerate(rates.to_numpy(float)):
        text = MISSING if np.isnan(rate) else f"{rate:.{digits}f}"
        # With a note, the two share the cell.
        panel.text(column, row - (0 if notes is None else 0.13), text, fontsize=8.5, **centred)
        if notes is not None:
            panel.text(column, row + 0.22, str(notes.iloc[row, column]), fontsize=6.3, **centred)
    for row, column in framed or []:
        corner = column - 0.5, row - 0.5
        panel.add_patch(Rectangle(corner, 1, 1, fill=False, edgecolor=_INK, linewidth=1.3))
    panel.set_xticks(range(rates.shape[1]), rates.columns)
    panel.set_yticks(range(rates.shape[0]), rates.index)
    panel.tick_params(length=0)
    panel.xaxis.tick_top()
    panel.xaxis.set_label_position("top")
    panel.grid(visible=False)
    panel.spines[:].set_visible(False)
