"""The package's metrics against scikit-learn and a plain Python loop.

The three ways must agree. The slow ways of the bootstrap run a few resamples, and their time for all is
extrapolated.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn import metrics as sk

from attacknet import intervals, metrics

SCORES, SUBJECTS, RESAMPLES = 1_000_000, 100, 1000
FEW = 3  # resamples that the slow ways of the bootstrap really run
THRESHOLD = -0.5
OURS, SKLEARN, LOOP = "attacknet", "scikit-learn", "a loop in Python"
RNG = np.random.default_rng(0)
# Scores of two overlapping classes, their labels and their subjects.
LABELS = RNG.integers(0, 2, SCORES)
VALUES = RNG.normal(size=SCORES) - LABELS
PEOPLE = RNG.integers(0, SUBJECTS, SCORES)
LISTED = VALUES.tolist(), LABELS.tolist()


def sklearn_hter(scores: np.ndarray, labels: np.ndarray) -> float:
    """HTER by scikit-learn's confusion matrix."""
    (tp, fn), (fp, tn) = sk.confusion_matrix(labels, (scores < THRESHOLD).astype(int), labels=[0, 1])
    return (fp / (fp + tn) + fn / (tp + fn)) / 2


def sklearn_eer(scores: np.ndarray, labels: np.ndarray) -> float:
    """D-EER by scikit-learn's ROC curve."""
    far, tar, _ = sk.roc_curve(labels == 0, scores, drop_intermediate=False)
    best = np.argmin(np.abs(far - (1 - tar)))
    return (far[best] + 1 - tar[best]) / 2


def loop_hter(scores: list[float], labels: list[int]) -> float:
    """HTER, one score after the other."""
    accepted, rejected, attacks = 0, 0, sum(labels)
    for score, label in zip(scores, labels, strict=True):
        if label and score >= THRESHOLD:
            accepted += 1
        elif not label and score < THRESHOLD:
            rejected += 1
    return (accepted / attacks + rejected / (len(labels) - attacks)) / 2


def loop_eer(scores: list[float], labels: list[int]) -> float:
    """D-EER by moving the threshold over the sorted scores; right where no two scores are equal."""
    attacks = sum(labels)
    far, frr, best = 1.0, 0.0, (1.0, 0.5)
    for _, label in sorted(zip(scores, labels, strict=True)):
        if label:
            far -= 1 / attacks
        else:
            frr += 1 / (len(labels) - attacks)
        best = min(best, (abs(far - frr), (far + frr) / 2))
    return best[1]


def loop_auc(scores: list[float], labels: list[int]) -> float:
    """AUC by counting, for each bona fide score, the attacks below; right where no two scores are equal."""
    below, pairs = 0, 0
    for _, label in sorted(zip(scores, labels, strict=True)):
        if label:
            below += 1
        else:
            pairs += below
    return pairs / (below * (len(labels) - below))


def resampled_rows() -> list[np.ndarray]:
    """Rows of a few resamples by subject, collected the obvious way."""
    rng = np.random.default_rng(0)
    names = np.unique(PEOPLE)
    return [
        np.concatenate([np.flatnonzero(name == PEOPLE) for name in rng.choice(names, names.size)])
        for _ in range(FEW)
    ]


def few_by_sklearn() -> list[float]:
    """HTERs of a few resamples, by scikit-learn."""
    return [sklearn_hter(VALUES[rows], LABELS[rows]) for rows in resampled_rows()]


def few_by_loop() -> list[float]:
    """HTERs of a few resamples, one score after the other."""
    return [loop_hter(VALUES[rows].tolist(), LABELS[rows].tolist()) for rows in resampled_rows()]


def bootstrap() -> object:
    """Return the interval of an HTER, people drawn anew a thousand times."""
    return intervals.bootstrap_rates(VALUES, LABELS, PEOPLE, THRESHOLD, resamples=RESAMPLES)["hter"]


WAYS = {
    "HTER of a million scores": {
        OURS: lambda: metrics.hter(VALUES, LABELS, THRESHOLD),
        SKLEARN: lambda: sklearn_hter(VALUES, LABELS),
        LOOP: lambda: loop_hter(*LISTED),
    },
    "D-EER of a million scores": {
        OURS: lambda: metrics.eer(VALUES, LABELS),
        SKLEARN: lambda: sklearn_eer(VALUES, LABELS),
        LOOP: lambda: loop_eer(*LISTED),
    },
    "AUC of a million scores": {
        OURS: lambda: metrics.auc(VALUES, LABELS),
        SKLEARN: lambda: sk.roc_auc_score(LABELS == 0, VALUES),
        LOOP: lambda: loop_auc(*LISTED),
    },
}


@pytest.mark.parametrize("way", [OURS, SKLEARN, LOOP])
@pytest.mark.parametrize("task", WAYS)
def bench_rates(timed: Callable[..., float], task: str, way: str) -> None:
    """Time each rate; a time counts only for the right number."""
    answer = timed(task, way, WAYS[task][way], reference=SKLEARN)
    assert math.isclose(answer, WAYS[task][OURS](), rel_tol=1e-6)


# How a resampling is done, and the share of the resamples that it does. Its name says what is not measured.
PART = f"{FEW} of them, times {RESAMPLES} / {FEW}"
BOOTSTRAP = {
    OURS: (bootstrap, 1),
    f"{SKLEARN}, {PART}": (few_by_sklearn, FEW / RESAMPLES),
    f"{LOOP}, {PART}": (few_by_loop, FEW / RESAMPLES),
}


@pytest.mark.parametrize("way", BOOTSTRAP)
def bench_bootstrap(timed: Callable[..., Any], way: str) -> None:
    """Time an interval of the HTER."""
    function, work = BOOTSTRAP[way]
    timed(
        f"HTER of {RESAMPLES} resamples of people", way, function, reference=f"{SKLEARN}, {PART}", work=work
    )
