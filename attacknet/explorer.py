"""The threshold explorer: scores that a reader moves a threshold through, and a mix of attacks to be changed.

A chapter shows a static figure of one threshold. Where scripts run, ``book/static/explorer`` takes its place
and counts in the page what :mod:`attacknet.metrics` counts here; a test holds the two together to the last
printed digit. The mix says how often each recorded attack of a species counts, 1 as recorded: the rates are
those of a score table with so many copies of its rows.

The interval of a rate takes each person for one trial (:func:`attacknet.intervals.by_subjects`), so copies
of frames do not narrow it.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from attacknet import display, metrics, plots
from attacknet.display import percent
from attacknet.errors import AttackNetError
from attacknet.intervals import by_subjects, clopper_pearson
from attacknet.metrics import ATTACK, BONA_FIDE

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SCRIPT = "explorer"
BINS = 48
MOST_COPIES = 10


@dataclass(frozen=True)
class View:
    """Scores that can be looked at, and thresholds worth a look.

    Attributes
    ----------
    title
        What the scores are of.
    table
        A row a frame, with the columns ``subject``, ``label``, ``species`` and ``score`` of a score table.
        Frames without a score are left out, and their number is told.
    thresholds
        What a threshold is called -> the threshold; the first is where the reader starts. One that is
        unavailable (NaN) is left out.

    Raises
    ------
    AttackNetError
        If there is no score or no threshold, if one of them is infinite, or a frame with a score lacks a
        subject, a label or a species.
    """

    title: str
    table: pd.DataFrame
    thresholds: Mapping[str, float]

    def __post_init__(self) -> None:
        for what, values in (("score", self.scored["score"]), ("threshold", [*self.available.values()])):
            if len(values) == 0 or not np.isfinite(values).all():
                raise AttackNetError(f"explorer, {self.title}: give one {what} or more, all of them finite")
        for column in ("subject", "label", "species"):
            if (absent := self.scored[column].isna()).any():
                raise AttackNetError(f"explorer, {self.title}: row {absent.idxmax()} has no {column}")

    @property
    def scored(self) -> pd.DataFrame:
        """The frames that have a score."""
        return self.table[self.table["score"].notna()]

    @property
    def available(self) -> dict[str, float]:
        """The thresholds that are known."""
        return {name: float(value) for name, value in self.thresholds.items() if not math.isnan(value)}


def show(
    views: Sequence[View], *, name: str, caption: str, alt: str, evidence: str, confidence: float = 0.95
) -> None:
    """Show the explorer; its static figure is of the first view at the first threshold.

    Parameters
    ----------
    views
        One or more; the reader chooses.
    name, caption, alt, evidence
        As for :func:`attacknet.display.figure`.
    confidence
        Of the intervals, in (0, 1).

    Raises
    ------
    AttackNetError
        As for :func:`attacknet.display.figure`, or if there is no view.
    """
    if not views:
        raise AttackNetError(f"explorer {name}: give a view")
    display.figure(
        draw(views[0], confidence),
        name=name,
        caption=caption,
        alt=alt,
        evidence=evidence,
        interactive=display.Interactive(SCRIPT, data(views, confidence)),
    )


# --- What the script is given ----------------------------------------------------------------------------


def data(views: Sequence[View], confidence: float) -> dict[str, Any]:
    """Return what the script needs: sorted scores by species, people, and the ends of every interval.

    ``limits[n][k]`` holds the ends for ``k`` of ``n`` people (:func:`attacknet.intervals.clopper_pearson`),
    for the numbers of people that some mix of species can have.
    """
    sizes = {size for view in views for size in _sizes(view)}
    return {
        "confidence": percent(confidence, 0),
        "bins": BINS,
        "mostCopies": MOST_COPIES,
        "views": [_view(view) for view in views],
        "limits": {
            str(n): [clopper_pearson(k, n, confidence)[1:] for k in range(n + 1)] for n in sorted(sizes)
        },
    }


def _view(view: View) -> dict[str, Any]:
    low, high, step = _axis([*view.scored["score"], *view.available.values()])
    numbers = {person: number for number, person in enumerate(sorted(set(view.scored["subject"])))}
    return {
        "title": view.title,
        "axis": {"low": f"{low:f}", "high": f"{high:f}", "step": f"{step:f}"},
        "thresholds": [{"name": name, "value": value} for name, value in view.available.items()],
        "silent": len(view.table) - len(view.scored),
        "groups": [
            {
                "name": name,
                "attack": label == ATTACK,
                "scores": sorted(rows["score"].tolist()),
                "people": sorted({numbers[person] for person in rows["subject"]}),
            }
            for label, name, rows in _groups(view)
        ],
    }


def _groups(view: View) -> Iterator[tuple[int, str, pd.DataFrame]]:
    """Yield label, name and rows of the bona fide frames, if there are any, and of each species."""
    for label, rows in view.scored.groupby("label"):
        if label == BONA_FIDE:
            yield BONA_FIDE, "bona fide", rows
        else:
            for species, own in rows.groupby("species"):
                yield ATTACK, str(species).replace("_", " "), own


def _sizes(view: View) -> set[int]:
    """Return how many people the bona fide frames are of, and the attacks of every choice of species."""
    sizes, unions = set(), {frozenset[str]()}
    for label, _, rows in _groups(view):
        people = frozenset(rows["subject"])
        if label == BONA_FIDE:
            sizes.add(len(people))
        else:
            unions |= {union | people for union in unions}
    return sizes | {len(union) for union in unions if union}


def _axis(values: Sequence[float]) -> tuple[Decimal, Decimal, Decimal]:
    """Return the ends of an axis and its step; at the lower end all is accepted, at the upper nothing."""
    low, high = min(values), max(values)
    if low == high:
        low, high = low - 0.5, high + 0.5
    step = Decimal(10) ** math.floor(math.log10((high - low) / 100))
    # In the decimals that floats are written in: an end that is read as a float lies where it was put.
    ends = math.floor(Decimal(repr(low)) / step), math.floor(Decimal(repr(high)) / step) + 1
    return ends[0] * step, ends[1] * step, step


# --- The static figure -----------------------------------------------------------------------------------


def draw(view: View, confidence: float) -> "Figure":
    """Draw the scores of each species and the operating point at the first threshold of a view."""
    import matplotlib.pyplot as plt  # noqa: PLC0415 - heavy

    called, threshold = next(iter(view.available.items()))
    groups = list(_groups(view))
    fig = plt.figure(figsize=(plots.WIDTH, max(3.2, 0.8 * len(groups) + 0.8)))
    left, right = fig.subfigures(1, 2, width_ratios=(1.25, 1))
    strips = np.atleast_1d(left.subplots(len(groups), 1, sharex=True))
    low, high, _ = map(float, _axis([*view.scored["score"], *view.available.values()]))
    for strip, (label, title, rows) in zip(strips, groups, strict=True):
        _strip(strip, rows["score"].to_numpy(), label, threshold, np.linspace(low, high, BINS + 1))
        strip.set_title(f"{title}, n = {len(rows)}", fontsize=8.5, fontweight="normal")
    strips[-1].set(
        xlim=(low, high), xlabel=f"score; threshold {threshold:.2f} ({called})".replace(" -", " −")
    )
    _operating_point(right.subplots(), view.scored, threshold, confidence)
    return fig


def _strip(
    strip: "Axes", scores: metrics.Floats, label: int, threshold: float, edges: metrics.Floats
) -> None:
    from matplotlib.patches import Rectangle  # noqa: PLC0415 - heavy

    colour = plots.ATTACK if label == ATTACK else plots.BONA_FIDE
    heights, _ = np.histogram(scores, edges)
    strip.stairs(heights, edges, fill=True, color=colour, alpha=0.35)
    # The same again, solid, on the side of the threshold where the decision is wrong.
    start, end = (threshold, edges[-1]) if label == ATTACK else (edges[0], threshold)
    wrong = Rectangle((start, 0), end - start, heights.max(), transform=strip.transData)
    strip.stairs(heights, edges, fill=True, color=colour).set_clip_path(wrong)
    strip.axvline(threshold, color="black", linewidth=1.2)
    strip.set_yticks([])
    strip.grid(visible=False)


def _operating_point(panel: "Axes", table: pd.DataFrame, threshold: float, confidence: float) -> None:
    scores, labels = table["score"], table["label"]
    matrix = metrics.confusion(scores, labels, threshold)
    panel.plot([0, 1], [0, 1], color="#9ca3af", linewidth=1, linestyle="--")
    panel.set(xlabel="FAR", ylabel="1 − FRR", aspect="equal", xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
    if not (matrix.attacks and matrix.bonafide):
        panel.set_title("a class is missing: no ROC")
        return
    curve = metrics.roc(scores, labels)
    people = table.groupby("label")["subject"].nunique()
    far = by_subjects(matrix.far, people[ATTACK], confidence)
    frr = by_subjects(matrix.frr, people[BONA_FIDE], confidence)
    panel.plot(curve.far, 1 - curve.frr, color="#374151")
    panel.plot([far.low, far.high], [1 - matrix.frr] * 2, color=plots.PALETTE[0], linewidth=1.2)
    panel.plot([matrix.far] * 2, [1 - frr.high, 1 - frr.low], color=plots.PALETTE[0], linewidth=1.2)
    panel.plot(matrix.far, 1 - matrix.frr, "o", color=plots.PALETTE[0])
    panel.set_title(f"FAR {percent(matrix.far)}, FRR {percent(matrix.frr)}")
