"""Exercises on what things cost to run (appendix A.2); all times are simulated or invented."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from attacknet.exercises.checking import choice, correct, names, number

Check = Callable[..., None]

OURS, REFERENCE = "ours", "reference"


def turns() -> tuple[pd.DataFrame, Check]:
    """Return the seconds of two ways that took turns on a busy machine, and the check of their ratio."""
    rng = np.random.default_rng(60)
    usual = np.array([1.6, 4.0])
    # What other programs take is added, by chance to the one way more often than to the other.
    others = rng.exponential(0.02, (10, 2)) + rng.uniform(1, 4, (10, 2)) * (rng.random((10, 2)) < (0.6, 0.2))
    seconds = pd.DataFrame(usual + others, columns=[OURS, REFERENCE])

    def check(given: Any) -> None:
        best, mean = seconds.min(), seconds.mean()
        truth = best[REFERENCE] / best[OURS]
        number(
            given,
            truth,
            "the ratio",
            hint="compare the turns in which other programs took least",
            slips={
                "a mean holds what other programs took": mean[REFERENCE] / mean[OURS],
                "more is to be better, so the reference's time stands above": 1 / truth,
            },
        )
        correct()

    return seconds, check


def two_runs() -> tuple[pd.DataFrame, "pd.Series[float]", Check]:
    """Return what two machines measured and the ratios claimed from it, and the check of what mixes both."""
    rng = np.random.default_rng(61)
    tasks = ["decode", "find faces", "train", "score", "render"]
    shape = (len(tasks), 2)
    ours = rng.uniform(1, 3, (len(tasks), 1)) * [1, 0.4] * rng.uniform(0.9, 1.1, shape)
    reference = ours * rng.uniform(1.2, 3, (len(tasks), 1)) * rng.uniform(0.95, 1.05, shape)
    runs = ["laptop, Monday", "server, Friday"]
    measured = pd.DataFrame(
        [
            {"run": run, "task": task, "way": way, "seconds": seconds[i, j]}
            for j, run in enumerate(runs)
            for i, task in enumerate(tasks)
            for way, seconds in ((OURS, ours), (REFERENCE, reference))
        ]
    )
    mixed = np.isin(np.arange(len(tasks)), rng.choice(len(tasks), 2, replace=False))
    beside = np.where(mixed, reference[:, 0], reference[:, 1])
    claimed = pd.Series((beside / ours[:, 1]).round(2), index=tasks, name="times the reference")
    truth = {task for task, is_mixed in zip(tasks, mixed, strict=True) if is_mixed}

    def check(given: Any) -> None:
        names(given, truth, "tasks", hint="which claims does neither run alone give, within rounding?")
        correct()

    return measured, claimed, check


def stages() -> tuple[dict[str, float], Check]:
    """Return the seconds of a job's stages, and the check of what a faster stage does to the whole."""
    seconds = {"read the files": 19.0, "find the faces": 46.0, "crop": 3.0, "write the crops": 12.0}

    def check(stage: Any, whole: Any, limit: Any) -> None:
        longest = max(seconds, key=seconds.__getitem__)
        choice(stage, longest, seconds, hint="by how many seconds does each stage become shorter?")
        total, its_own = sum(seconds.values()), seconds[longest]
        number(
            whole,
            total / (total - its_own * 2 / 3),
            "the gain of the whole",
            hint="the other stages take as long as before",
            slips={"so much faster is the stage, not the whole": 3},
        )
        number(limit, total / (total - its_own), "the limit", hint="let the stage take no time at all")
        correct()

    return seconds, check
