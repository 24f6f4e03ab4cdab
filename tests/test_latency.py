"""Latency: who takes turns with whom, what is counted, and that each runtime answers."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attacknet import latency
from attacknet.errors import AttackNetError
from attacknet.latency import EXPORTS, KERAS, MATMUL, Way

SMALL = {"runtime": MATMUL, "network": "", "side": 8}


def ticking(step: float = 1.0):
    """A clock that goes on by `step` whenever somebody looks."""
    return map(step.__mul__, itertools.count()).__next__


def test_the_first_call_of_a_burst_is_not_counted():
    """It finds cold caches; a median of few calls would feel it."""
    calls = []
    times = latency.burst(lambda: calls.append(0), 3, 0.0, clock=ticking())
    assert times == [1.0, 1.0, 1.0]
    assert len(calls) == 4


def test_a_burst_without_a_number_ends_with_its_seconds():
    """By hand: after its calls somebody looks at 3, 6 and 9, when there is time for one more, and at 12."""
    assert len(latency.burst(lambda: None, 0, 10.0, clock=ticking())) == 4


def test_a_slow_call_is_made_once_all_the_same():
    assert len(latency.burst(lambda: None, 0, 1e-9, clock=ticking())) == 1


@given(st.integers(1, 100_000), st.integers(1, 50))
def test_rounds_share_the_runs_evenly(runs, rounds):
    """`runs 50000` are 50,000 calls, whatever the rounds; and nobody's round is much longer."""
    shares = latency.shares(runs, rounds)
    assert sum(shares) == runs
    assert min(shares) >= 1
    assert max(shares) - min(shares) <= 1


def test_quantiles_by_hand():
    """Of 0 to 100 ms in steps of one: 5, 50 and 95."""
    found = latency.summary([n / 1000 for n in range(101)])
    assert found == pytest.approx(
        {"calls": 101, "fastest": 0, "low": 0.005, "median": 0.05, "high": 0.095, "mean": 0.05}
    )


def test_ways_take_turns(monkeypatch):
    """Between two turns of one way lies a turn of each other one."""
    order = []
    ways = [Way(MATMUL, name) for name in "ab"]
    monkeypatch.setattr(latency, "_calls", {way: lambda w=way: order.append(w.network) for way in ways})
    for calls in latency.shares(4, 2):
        latency._take_turns(calls, 0.0)
    assert "".join(order) == "aaabbb" * 2  # two counted calls and one before them


def test_each_number_of_threads_and_exactly_the_runs():
    ways = [Way(**SMALL, threads=1), Way(**SMALL, threads=2)]
    found = latency.measure(ways, runs=7, rounds=3)
    assert found["threads"].tolist() == [1, 2]
    assert found["calls"].tolist() == [7, 7]
    times = found[["fastest", "low", "median", "high"]].to_numpy()
    assert (np.diff(times, axis=1) >= 0).all() and (times > 0).all()


def test_every_runtime_answers():
    """A runtime that fails on the network, or is not written at all, would leave a hole in the table."""
    ways = [Way(name) for name in (*KERAS, *EXPORTS)] + [Way("LiteRT float32", "ShuffleNetV2 0.5x", 64)]
    found = latency.measure(ways, runs=1, rounds=1)
    assert found["runtime"].tolist() == [way.runtime for way in ways]
    assert found["median"].between(1e-6, 60).all()


@pytest.mark.parametrize("wrong", [{"runs": -1}, {"rounds": 0}, {"seconds": 0.0}])
def test_numbers_out_of_range(wrong):
    with pytest.raises(AttackNetError, match="give 0 or more runs"):
        latency.measure([Way(**SMALL)], **wrong)


def test_an_unknown_runtime_gets_the_list():
    with pytest.raises(AttackNetError, match=r"Keras predict, .*matrix product"):
        latency.measure([Way("abacus")])
