"""The exercises on costs ask for what can be told from their data."""

import pytest

from attacknet.exercises import costs
from attacknet.exercises.checking import NotYetError


def test_a_busy_machine_changes_the_ratio_of_the_means() -> None:
    """Else a learner who averages would pass."""
    seconds, check = costs.turns()
    with pytest.raises(NotYetError, match="a mean holds"):
        check(seconds["reference"].mean() / seconds["ours"].mean())


def test_a_mixed_ratio_is_given_by_neither_run() -> None:
    """An honest claim is that of one run to the last digit, and a mixed one is far from both."""
    measured, claimed, check = costs.two_runs()
    times = measured.pivot(index=["task", "run"], columns="way", values="seconds")
    ratios = (times["reference"] / times["ours"]).unstack("run")
    distance = ratios.sub(claimed, axis=0).abs().min(axis=1)
    check(set(distance.index[distance > 0.1]))
    assert (distance[distance <= 0.1] <= 0.005 + 1e-9).all()


def test_the_longest_stage_is_asked_for() -> None:
    """Making another one faster gains less."""
    stages, check = costs.stages()
    with pytest.raises(NotYetError, match="by how many seconds"):
        check(min(stages, key=stages.__getitem__), 1.0, 1.0)
