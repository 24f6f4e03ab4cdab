"""Intervals: exact where theory is exact, honest about subjects, equal by the fast and the general way."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from attacknet import metrics
from attacknet.errors import AttackNetError
from attacknet.intervals import (
    TooFewSubjectsError,
    bootstrap,
    bootstrap_rates,
    by_subjects,
    clopper_pearson,
    resample,
    rule_of_three,
    wilson,
)

errors_and_trials = st.integers(1, 3000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
confidences = st.sampled_from([0.8, 0.9, 0.95, 0.99])


def simulated(seed, subjects=30, frames=40):
    """Frames of one subject share an offset, so they resemble each other; each subject has both classes."""
    rng = np.random.default_rng(seed)
    subject = np.repeat(np.arange(subjects), 2 * frames)
    label = np.tile(np.repeat([0, 1], frames), subjects)
    offset = rng.normal(size=(subjects, 2))[subject, label]
    return offset + 0.5 * rng.normal(size=subject.size) - 2 * label, label, subject


@given(errors_and_trials, confidences)
def test_clopper_pearson_is_the_beta_quantile(counts, confidence):
    """The same ends as the textbook form by quantiles of the beta distribution."""
    errors, trials = counts
    interval = clopper_pearson(errors, trials, confidence)
    tail = (1 - confidence) / 2
    low = stats.beta.ppf(tail, errors, trials - errors + 1) if errors else 0
    high = stats.beta.ppf(1 - tail, errors + 1, trials - errors) if errors < trials else 1
    assert interval == pytest.approx((errors / trials, low, high), rel=1e-9, abs=1e-12)


def test_clopper_pearson_by_hand():
    """With no error the upper end has a closed form: (1 - p) ** n = 0.025."""
    assert clopper_pearson(0, 17) == pytest.approx((0, 0, 1 - 0.025 ** (1 / 17)), rel=1e-12)
    assert clopper_pearson(1, 1) == pytest.approx((1, 0.025, 1), rel=1e-12)


@given(st.integers(1, 60), st.floats(0, 1))
def test_subjects_as_trials_enclose_the_counts_around_the_rate(subjects, rate):
    """A whole number of subjects has its exact interval; a rate between two numbers reaches over both."""
    found = by_subjects(rate, subjects)
    assert found.low <= found.estimate == rate <= found.high
    errors = round(rate * subjects)
    assert by_subjects(errors / subjects, subjects) == clopper_pearson(errors, subjects)


def test_subjects_as_trials_by_hand():
    """Half of one subject: anything is possible. A third of two lies between none and one of them."""
    assert by_subjects(0.5, 1)[1:] == (0, 1)
    assert by_subjects(1 / 3, 2)[1:] == (0, clopper_pearson(1, 2).high)


def test_clopper_pearson_covers_every_rate():
    """Its promise: for each true rate, the chance to cover it is 95 % or more. Summed exactly, 17 trials."""
    trials = 17
    intervals = [clopper_pearson(errors, trials) for errors in range(trials + 1)]
    for rate in np.linspace(0.005, 0.995, 100):
        chance = stats.binom.pmf(np.arange(trials + 1), trials, rate)
        assert sum(c for c, i in zip(chance, intervals, strict=True) if i.low <= rate <= i.high) >= 0.95


@given(errors_and_trials, confidences)
def test_wilson_ends_pass_the_score_test_exactly(counts, confidence):
    """Wilson's ends are the rates p with (estimate - p) ** 2 = z ** 2 p (1 - p) / n."""
    errors, trials = counts
    estimate, low, high = wilson(errors, trials, confidence)
    z = stats.norm.ppf((1 + confidence) / 2)
    for end in (low, high):
        assert (estimate - end) ** 2 == pytest.approx(z**2 * end * (1 - end) / trials, rel=1e-6, abs=1e-15)


@given(errors_and_trials, confidences)
def test_count_intervals_hold_the_estimate_and_mirror(counts, confidence):
    """The estimate lies inside [0, 1] and its interval; counting successes mirrors the interval."""
    errors, trials = counts
    for method in (clopper_pearson, wilson):
        estimate, low, high = method(errors, trials, confidence)
        assert 0 <= low <= estimate <= high <= 1
        _, other_low, other_high = method(trials - errors, trials, confidence)
        assert (low, high) == pytest.approx((1 - other_high, 1 - other_low), abs=1e-9)


@given(st.integers(1, 100_000))
def test_rule_of_three_is_safe_and_close(trials):
    """Three over n is never below the exact one-sided limit, and near it once n is large."""
    exact = 1 - 0.05 ** (1 / trials)
    assert rule_of_three(trials) >= exact
    if trials >= 100:
        assert rule_of_three(trials) == pytest.approx(exact, rel=0.02)


@pytest.mark.parametrize(("errors", "trials"), [(0, 0), (-1, 5), (6, 5), (0.5, 5), (float("nan"), 5)])
def test_impossible_counts_are_refused(errors, trials):
    """Bad counts, confidence and number of resamples are named in one line."""
    for method in (clopper_pearson, wilson):
        with pytest.raises(AttackNetError, match="give counts"):
            method(errors, trials)


def test_other_impossible_arguments_are_refused():
    """No interval from a percentage, from no resample, from one subject, or from rows without a subject."""
    scores, labels, subjects = simulated(0)
    with pytest.raises(AttackNetError, match="confidence 95"):
        wilson(1, 5, confidence=95)
    with pytest.raises(AttackNetError, match="0 resamples"):
        bootstrap_rates(scores, labels, subjects, 0, resamples=0)
    with pytest.raises(AttackNetError, match="attacks are all of one subject"):
        bootstrap_rates([0.9, 0.8, 0.1], [0, 0, 1], ["a", "b", "c"], 0.5)
    with pytest.raises(AttackNetError, match=r"row 2 .*no subject"):
        bootstrap_rates([0.9, 0.8, 0.1], [0, 0, 1], ["a", "b", None], 0.5)
    with pytest.raises(AttackNetError, match="equally long"):
        bootstrap_rates([0.9, 0.8, 0.1], [0, 0, 1], ["a", "b"], 0.5)
    with pytest.raises(AttackNetError, match=r"give 0 \(bona fide\) or 1"):
        bootstrap(lambda rows: 0.0, [0, 3, 1, 1], ["a", "b", "c", "d"])
    with pytest.raises(metrics.UndefinedRateError, match="no attack"):
        bootstrap_rates([0.9, 0.8], [0, 0], ["a", "b"], 0.5)


def test_a_resample_is_made_of_whole_subjects_and_keeps_both_classes():
    """Where subjects carry one class only: strata keep their number of subjects, subjects all their rows."""
    subjects = np.array(["a", "a", "b", "x", "y", "y", "y", "m", "m", "n", "n"])
    labels = np.array([0, 0, 0, 1, 1, 1, 1, 0, 1, 0, 1])
    seen = set()

    def check(rows):
        names, counts = np.unique(subjects[rows], return_counts=True)
        copies = {n: c / (subjects == n).sum() for n, c in zip(names, counts, strict=True)}
        assert all(c == int(c) for c in copies.values())
        for stratum in ("ab", "xy", "mn"):
            assert sum(copies.get(name, 0) for name in stratum) == 2
        seen.add(tuple(sorted(copies.items())))
        return 0.0

    bootstrap(check, labels, subjects, resamples=1000)
    assert len(seen) == 3**3  # both, the first twice or the second twice, in each stratum


def test_the_draws_for_curves_are_those_of_the_bootstrap():
    """A metric computed from the copies of each row has the interval that the bootstrap gives it."""
    scores, labels, subjects = simulated(3, subjects=6, frames=4)
    drawn = resample(labels, subjects, resamples=200, seed=9)
    values = [np.average(scores, weights=copies) for copies in drawn]
    interval = bootstrap(lambda rows: float(scores[rows].mean()), labels, subjects, resamples=200, seed=9)
    assert interval[1:] == pytest.approx(np.quantile(values, [0.025, 0.975]))


def test_fast_rates_have_the_exact_bootstrap_distribution():
    """Four subjects: all 4 ** 4 resamples listed, their quantiles are those of the drawn ones."""
    labels = np.tile([0, 0, 1, 1], 4)
    subjects = np.repeat([3, 1, 4, 2], 4)
    scores = np.array([0.9, 0.8, 0.1, 0.2, 0.3, 0.8, 0.1, 0.7, 0.2, 0.1, 0.9, 0.8, 0.9, 0.1, 0.6, 0.1])
    listed = np.array(
        [
            metrics.hter(scores[rows], labels[rows], 0.5)
            for drawn in product([1, 2, 3, 4], repeat=4)
            for rows in [np.concatenate([np.flatnonzero(subjects == s) for s in drawn])]
        ]
    )
    for confidence in (0.5, 0.9):
        interval = bootstrap_rates(scores, labels, subjects, 0.5, resamples=20_000, confidence=confidence)[
            "hter"
        ]
        exact = np.quantile(listed, [(1 - confidence) / 2, (1 + confidence) / 2])
        assert interval == pytest.approx((metrics.hter(scores, labels, 0.5), *exact))


def test_general_and_fast_bootstrap_agree():
    """The same interval by both ways, up to the chance of the draw."""
    scores, labels, subjects = simulated(1)
    fast = bootstrap_rates(scores, labels, subjects, -1, resamples=4000)
    for name, rate in (("far", metrics.far), ("frr", metrics.frr), ("hter", metrics.hter)):
        general = bootstrap(lambda rows, rate=rate: rate(scores[rows], labels[rows], -1), labels, subjects)
        assert fast[name] == pytest.approx(general, abs=0.01)
        assert fast[name].low < fast[name].estimate < fast[name].high


def test_equal_seeds_give_equal_intervals_whatever_the_order_of_rows():
    """An interval is a function of the data and the seed alone."""
    scores, labels, subjects = simulated(2)
    order = np.random.default_rng(0).permutation(labels.size)
    first = bootstrap_rates(scores, labels, subjects, -1, resamples=50, seed=5)
    assert bootstrap_rates(scores[order], labels[order], subjects[order], -1, resamples=50, seed=5) == first
    assert bootstrap_rates(scores, labels, subjects, -1, resamples=50, seed=6) != first


def test_intervals_by_subject_cover_and_intervals_by_frame_do_not():
    """On 200 simulated data sets whose true FAR is known, only resampling by subject keeps its promise."""
    true_far = stats.norm.sf((-1 - -2) / np.hypot(1, 0.5))
    covered = {"subject": 0, "frame": 0}
    for seed in range(200):
        scores, labels, subjects = simulated(seed)
        for unit, ids in (("subject", subjects), ("frame", np.arange(labels.size))):
            low, high = bootstrap_rates(scores, labels, ids, -1, resamples=300, seed=seed)["far"][1:]
            covered[unit] += low <= true_far <= high
    assert covered["subject"] >= 0.88 * 200
    assert covered["frame"] <= 0.60 * 200


def test_no_error_gives_no_width():
    """The documented limit: without an error the bootstrap is silent, the rule of three is not."""
    scores, labels, subjects = [0.9, 0.9, 0.1, 0.1], [0, 0, 1, 1], ["a", "b", "a", "b"]
    assert set(bootstrap_rates(scores, labels, subjects, 0.5).values()) == {(0, 0, 0)}
    assert rule_of_three(17) == 3 / 17


def test_attacks_that_no_resample_would_vary_are_refused():
    """One subject with both classes and one with attacks only: two strata of one, the FAR always the same."""
    subjects = ["s0", "s0", "s1", *(f"b{i}" for i in range(8))]
    labels = [0, 1, 1] + [0] * 8
    scores = [0.9, 0.9, 0.1] + [0.9] * 8
    with pytest.raises(TooFewSubjectsError, match="attacks are all of one subject in each stratum"):
        bootstrap_rates(scores, labels, subjects, 0.5)
    # A second subject with attacks only: now the attacks vary.
    far = bootstrap_rates([*scores, 0.9], [*labels, 1], [*subjects, "s2"], 0.5)["far"]
    assert far.low < far.estimate < far.high
