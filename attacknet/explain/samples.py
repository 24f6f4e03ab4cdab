"""The pictures that a chapter explains, and numbers over them with intervals."""

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from attacknet import intervals
from attacknet.errors import AttackNetError
from attacknet.intervals import Interval, TooFewSubjectsError

if TYPE_CHECKING:
    from attacknet.data.crops import Crops

_RESAMPLES = 1000
NONE_THERE = "no picture has this number: every map is 0 everywhere"


@dataclass(frozen=True)
class Samples:
    """Pictures of faces, and what they are.

    Attributes
    ----------
    images
        RGB uint8, ``(pictures, height, width, 3)``.
    rows
        One row a picture: the columns of the index of crops (:mod:`attacknet.data.crops`).
    """

    images: np.ndarray
    rows: pd.DataFrame

    def __len__(self) -> int:
        return len(self.rows)

    def of(self, label: int) -> "Samples":
        """Return the pictures of one class."""
        kept = (self.rows["label"] == label).to_numpy()
        return Samples(self.images[kept], self.rows[kept])

    def mean(self, values: ArrayLike) -> Interval:
        """Return the mean of a number that each picture has, with a 95 % bootstrap interval over subjects.

        NaN stands for a picture that has no such number and is left out.

        Raises
        ------
        AttackNetError
            If no picture has the number, or the pictures have too few subjects to vary.
        """
        numbers = np.asarray(values, dtype=np.float64)
        there = np.isfinite(numbers)
        if not there.any():
            raise AttackNetError(NONE_THERE)
        if not there.all():
            return Samples(self.images[there], self.rows[there]).mean(numbers[there])
        means = self._copies @ numbers / self._copies.sum(axis=1)
        low, high = np.quantile(means, [0.025, 0.975])
        return Interval(float(numbers.mean()), float(low), float(high))

    @functools.cached_property
    def _copies(self) -> NDArray[np.int64]:
        """How often each picture comes in each resample: one draw for all numbers of the same pictures."""
        try:
            drawn = list(intervals.resample(self.rows["label"], self.rows["subject"], resamples=_RESAMPLES))
        except TooFewSubjectsError as error:
            raise AttackNetError(f"{len(self)} pictures are too few: {error}; explain more samples") from None
        return np.stack(drawn)


def select(crops: "Crops", split: str, number: int) -> Samples:
    """Select pictures of a split: as many of each class, spread over subjects and then over recordings.

    Parameters
    ----------
    number
        Pictures of each class, 1 or more; all there are if there are fewer.

    Raises
    ------
    AttackNetError
        If that leaves nothing to explain.
    """
    if number < 1:
        raise AttackNetError(f"{number} pictures of each class are none to explain; ask for 1 or more")
    index = crops.index
    faces = index[(index["split"] == split) & (index["crop"] >= 0)]
    taken = [_spread(group).head(number) for _, group in faces.groupby("label")]
    rows = pd.concat(taken) if taken else faces.head(0)
    if rows.empty:
        known = ", ".join(sorted(index.loc[index["crop"] >= 0, "split"].unique()))
        raise AttackNetError(
            f"{crops.folder}: split {split!r} has no face to explain; there are faces in {known}"
        )
    return Samples(np.asarray(crops.images[rows["crop"].to_numpy()]), rows.reset_index(drop=True))


def _spread(group: pd.DataFrame) -> pd.DataFrame:
    """Order rows so that each subject comes once before any comes again; and so a subject's recordings."""
    turns = group.assign(
        _frame=group.groupby("sample").cumcount(), _order=group["sample"].rank(method="dense")
    ).sort_values(["_frame", "_order"])
    turns["_turn"] = turns.groupby("subject").cumcount()
    return turns.sort_values(["_turn", "subject"], kind="stable")[group.columns]
