"""Intervals for error rates: exact for counts, by bootstrap over subjects for scores.

Frames of one video, and videos of one person, resemble each other. An interval that takes them for
independent trials is too narrow, so scores are resampled by subject.
"""

import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from attacknet import metrics
from attacknet.errors import AttackNetError

Ints = NDArray[np.int64]


class Interval(NamedTuple):
    """An estimate and the ends of its confidence interval, in the unit of the metric."""

    estimate: float
    low: float
    high: float


class TooFewSubjectsError(AttackNetError):
    """A class whose subjects no resample can vary."""


# --- Counts of independent trials ------------------------------------------------------------------------


def clopper_pearson(errors: int, trials: int, confidence: float = 0.95) -> Interval:
    """Exact interval of a rate from independent trials (Clopper and Pearson, 1934).

    Covers the true rate with at least the stated confidence, whatever that rate is. The ends solve
    ``P(X >= errors | low) = P(X <= errors | high) = (1 - confidence) / 2`` for binomial X. Time and memory
    grow with `trials`.

    Parameters
    ----------
    errors, trials
        Counts, ``0 <= errors <= trials`` and ``trials >= 1``.
    confidence
        In (0, 1).

    Raises
    ------
    AttackNetError
        If an argument is out of its range.
    """
    _check_counts(errors, trials)
    tail = (1 - _check_confidence(confidence)) / 2
    if 2 * errors > trials:
        # The short tail is quicker and rounds less: take the complement of the interval of successes.
        _, low, high = clopper_pearson(trials - errors, trials, confidence)
        return Interval(errors / trials, 1 - high, 1 - low)
    low = 0.0 if errors == 0 else _rate_at(errors - 1, trials, 1 - tail)
    return Interval(errors / trials, low, _rate_at(errors, trials, tail))


def wilson(errors: int, trials: int, confidence: float = 0.95) -> Interval:
    """Score interval of a rate from independent trials (Wilson, 1927).

    Narrower than the exact interval: it covers the true rate with about the stated confidence on average,
    for some rates with less. Arguments and errors as for `clopper_pearson`.
    """
    _check_counts(errors, trials)
    z2 = float(metrics.probit((1 + _check_confidence(confidence)) / 2)) ** 2
    rate = errors / trials
    centre = rate + z2 / (2 * trials)
    reach = np.sqrt(z2 * (rate * (1 - rate) + z2 / (4 * trials)) / trials)
    scale = 1 + z2 / trials
    # At 0 and at all errors an end is the estimate itself; rounding must not push it past.
    low = min(max((centre - reach) / scale, 0.0), rate)
    high = max(min((centre + reach) / scale, 1.0), rate)
    return Interval(rate, float(low), float(high))


def by_subjects(rate: float, subjects: int, confidence: float = 0.95) -> Interval:
    """Exact interval of a rate if all frames of a subject were one trial: the widest that can be asked for.

    Frames of a subject are neither all alike nor independent. Taking them for one trial errs to the safe
    side, and needs to know no more than how many subjects there were. A rate that no number of subjects gives
    takes the lower end of the number below it and the upper end of the number above.

    Parameters
    ----------
    rate
        In [0, 1].
    subjects
        At least 1.
    confidence
        In (0, 1).

    Raises
    ------
    AttackNetError
        If an argument is out of its range.
    """
    errors = round(rate * subjects, 9)  # 3 of 5 is 3, and not the next float above it
    low = clopper_pearson(math.floor(errors), subjects, confidence).low
    return Interval(rate, low, clopper_pearson(math.ceil(errors), subjects, confidence).high)


def rule_of_three(trials: int) -> float:
    """Upper 95 % limit of a rate when nothing went wrong in `trials` independent trials: ``3 / trials``.

    It rounds the exact one-sided limit ``1 - 0.05 ** (1 / trials)``, since ``-ln(0.05)`` is about 3, and
    errs to the safe side. Below three trials nothing is ruled out: 1. Raises as `clopper_pearson`.
    """
    _check_counts(0, trials)
    return min(1.0, 3 / trials)


def _rate_at(errors: int, trials: int, level: float) -> float:
    """Rate p at which a binomial X has ``P(X <= errors) = level``, by bisection to the last bit."""
    k = np.arange(1, errors + 1)
    log_ways = np.concatenate(([0.0], np.cumsum(np.log((trials - k + 1) / k))))
    k = np.arange(errors + 1)
    low, high = 0.0, 1.0
    while low < (middle := (low + high) / 2) < high:
        log_terms = log_ways + k * np.log(middle) + (trials - k) * np.log1p(-middle)
        if np.exp(log_terms).sum() > level:  # falls as the rate rises
            low = middle
        else:
            high = middle
    return middle


def _check_counts(errors: int, trials: int) -> None:
    if trials < 1 or not 0 <= errors <= trials or errors != int(errors) or trials != int(trials):
        raise AttackNetError(
            f"{errors} errors in {trials} trials: give counts, 0 <= errors <= trials, trials >= 1"
        )


def _check_confidence(confidence: float) -> float:
    if not 0 < confidence < 1:
        raise AttackNetError(f"confidence {confidence}: give a number between 0 and 1 (95 % is 0.95)")
    return confidence


# --- Scores, resampled by subject ------------------------------------------------------------------------


def bootstrap(
    metric: Callable[[Ints], float],
    labels: ArrayLike,
    subjects: ArrayLike,
    *,
    resamples: int = 1000,
    confidence: float = 0.95,
    seed: int = 0,
) -> Interval:
    """Percentile interval of any metric, from a bootstrap that resamples subjects.

    A resample draws as many subjects as there are, with replacement, and each brings all of its rows. The
    draw is stratified by the classes that a subject carries (bona fide, attacks or both), so no resample
    loses a class; where every subject carries both, there is one stratum. A subject alone in its stratum is
    in every resample.

    With few subjects the interval is rather too narrow than too wide, and where no subject shows an error
    it has no width at all: then use `rule_of_three` or `by_subjects`.

    Parameters
    ----------
    metric
        Takes row numbers, with repeats, and returns the metric of these rows, for instance
        ``lambda rows: metrics.eer(scores[rows], labels[rows])``.
    labels
        Shape (n,); 0 bona fide, 1 attack.
    subjects
        Shape (n,); the subject of each row.
    resamples
        Number of resamples, at least 1.
    confidence
        In (0, 1).
    seed
        Of the random numbers: equal seeds give equal intervals.

    Raises
    ------
    TooFewSubjectsError
        If a class has no stratum of two subjects, so that it could not vary.
    AttackNetError
        If a row has no subject, or an argument is out of range.
    """
    tails = _tails(confidence, resamples)
    rows = np.arange(len(np.asarray(labels)))
    drawn = resample(labels, subjects, resamples=resamples, seed=seed)
    values = [metric(np.repeat(rows, copies)) for copies in drawn]
    return Interval(metric(rows), *map(float, np.quantile(values, tails)))


def resample(labels: ArrayLike, subjects: ArrayLike, *, resamples: int, seed: int = 0) -> Iterator[Ints]:
    """Yield how often each row comes in each resample, shape (n,): the draws of `bootstrap`.

    For a metric of many values, such as a curve, whose ends the caller finds itself. Parameters and errors
    as for `bootstrap`.
    """
    codes, strata = _subjects_and_strata(labels, subjects)
    rng = np.random.default_rng(seed)
    for _ in range(resamples):
        drawn = np.concatenate([rng.choice(stratum, stratum.size) for stratum in strata])
        yield np.bincount(drawn, minlength=int(codes.max()) + 1)[codes]


def bootstrap_rates(
    scores: ArrayLike,
    labels: ArrayLike,
    subjects: ArrayLike,
    threshold: float,
    *,
    resamples: int = 1000,
    confidence: float = 0.95,
    seed: int = 0,
) -> dict[str, Interval]:
    """Percentile intervals of FAR, FRR and HTER at a fixed threshold: `bootstrap`, but fast.

    At a fixed threshold all that matters of a subject is its confusion matrix. Subjects with the same matrix
    are interchangeable, so it is enough to draw how often each kind of subject comes.

    Parameters and errors as for `metrics.confusion` and `bootstrap`.

    Returns
    -------
    dict
        Intervals under the keys ``far``, ``frr`` and ``hter``.

    Raises
    ------
    UndefinedRateError
        If a class is missing.
    """
    whole = metrics.confusion(scores, labels, threshold)
    estimates = (whole.far, whole.frr, whole.hter)
    tails = _tails(confidence, resamples)
    codes, strata = _subjects_and_strata(labels, subjects)
    # Column 2 * label + decision: a confusion matrix a subject, in the order of metrics.Confusion.
    rejected = np.asarray(scores, dtype=np.float64) < threshold
    cell = 4 * codes + 2 * (np.asarray(labels) == metrics.ATTACK) + rejected
    matrices = np.bincount(cell, minlength=4 * (int(codes.max()) + 1)).reshape(-1, 4)
    rng = np.random.default_rng(seed)
    totals = np.zeros((resamples, 4), dtype=np.int64)
    for stratum in strata:
        kinds, how_many = np.unique(matrices[stratum], axis=0, return_counts=True)
        draws = rng.multinomial(stratum.size, how_many / stratum.size, size=resamples)
        totals += draws @ kinds
    fars = totals[:, 2] / (totals[:, 2] + totals[:, 3])
    frrs = totals[:, 1] / (totals[:, 0] + totals[:, 1])
    ends = [map(float, np.quantile(values, tails)) for values in (fars, frrs, (fars + frrs) / 2)]
    return {
        name: Interval(estimate, *pair)
        for name, estimate, pair in zip(("far", "frr", "hter"), estimates, ends, strict=True)
    }


def _tails(confidence: float, resamples: int) -> tuple[float, float]:
    if resamples < 1:
        raise AttackNetError(f"{resamples} resamples: give 1 or more")
    tail = (1 - _check_confidence(confidence)) / 2
    return tail, 1 - tail


def _subjects_and_strata(labels: ArrayLike, subjects: ArrayLike) -> tuple[Ints, list[Ints]]:
    """Return the number of each row's subject, and the subjects' numbers by the classes they carry."""
    classes = np.asarray(labels)
    if not np.isin(classes, (metrics.BONA_FIDE, metrics.ATTACK)).all():
        raise AttackNetError("labels: give 0 (bona fide) or 1 (attack) in each row")
    attack = classes == metrics.ATTACK
    names = np.asarray(subjects, dtype=object)
    if attack.ndim != 1 or names.shape != attack.shape or names.size == 0:
        raise AttackNetError(
            f"labels and subjects must be flat and equally long; shapes: {attack.shape} and {names.shape}"
        )
    listed = names.tolist()
    # A NaN differs from itself; it stands for an empty field.
    if absent := [i for i, name in enumerate(listed) if name is None or name == "" or name != name]:  # noqa: PLR0124
        raise AttackNetError(f"subjects: row {absent[0]} (counting from 0) has no subject")
    # Sorted, so that the order of the rows does not change the draws.
    numbers = {name: i for i, name in enumerate(sorted(set(listed), key=str))}
    codes = np.fromiter(map(numbers.__getitem__, listed), dtype=np.int64, count=len(listed))
    carried = np.zeros((len(numbers), 2), dtype=bool)
    carried[codes, attack.astype(np.int64)] = True
    pattern = carried @ [1, 2]
    strata = [np.flatnonzero(pattern == p) for p in np.unique(pattern)]
    for label, name in ((metrics.BONA_FIDE, "bona fide presentations"), (metrics.ATTACK, "attacks")):
        sizes = [stratum.size for stratum in strata if carried[stratum[0], label]]
        if sizes and max(sizes) == 1:
            raise TooFewSubjectsError(
                f"the {name} are all of one subject in each stratum, so every resample has the same; an "
                "interval over subjects needs two or more that carry the same classes"
            )
    return codes, strata
