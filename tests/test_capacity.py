"""Capacity: Erlang's formulas by hand and by simulation, and the fewest servers that will do."""

import heapq
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attacknet.capacity import Queue, erlang_c, peak_rate, smallest
from attacknet.errors import AttackNetError

loads = st.floats(0.01, 200)
utilisations = st.floats(0.01, 0.99)
some_servers = st.integers(1, 200)


def simulated_waits(queue: Queue, service_times: np.ndarray, seed: int) -> np.ndarray:
    """Serve requests in order, each by the server that is free first; the first tenth warms up."""
    arrivals = np.cumsum(np.random.default_rng(seed).exponential(1 / queue.arrivals, len(service_times)))
    free = [0.0] * queue.servers
    waits = []
    for arrival, service in zip(arrivals.tolist(), service_times.tolist(), strict=True):
        start = max(arrival, free[0])
        heapq.heapreplace(free, start + service)
        waits.append(start - arrival)
    return np.array(waits[len(waits) // 10 :])


def test_erlang_c_by_hand():
    """One erlang, two servers: B(1) = 1/2, B(2) = 1/5, C = 1/5 / (1 - 4/5 · 1/2) = 1/3.

    Two erlangs, three servers: B = 2/3, 2/5, 4/19 and C = 4/19 / (1 - 15/19 · 2/3) = 4/9.
    """
    assert erlang_c(1, 2) == pytest.approx(1 / 3, rel=1e-14)
    assert erlang_c(2, 3) == pytest.approx(4 / 9, rel=1e-14)


@given(utilisations)
def test_one_server_makes_wait_whoever_finds_it_busy(utilisation):
    assert erlang_c(utilisation, 1) == pytest.approx(utilisation, rel=1e-12)


@given(utilisations, st.integers(1, 60))
def test_erlang_c_is_the_textbook_sum(utilisation, servers):
    """The form with powers and factorials, which overflows for many servers and so is not the one used."""
    load = utilisation * servers
    last = load**servers / math.factorial(servers) / (1 - utilisation)
    total = sum(load**n / math.factorial(n) for n in range(servers))
    assert erlang_c(load, servers) == pytest.approx(last / (total + last), rel=1e-9)


@given(utilisations, some_servers)
def test_fewer_wait_with_more_servers_and_more_with_more_load(utilisation, servers):
    load = utilisation * servers
    assert 0 <= erlang_c(load, servers + 1) <= erlang_c(load, servers) <= 1
    assert erlang_c(0.99 * load, servers) <= erlang_c(load, servers)


def test_waits_by_hand():
    """One server, one request every 2 s, each taking 1 s: the mean wait is 1 s, and of requests that take
    exactly as long each (Pollaczek and Khinchine) half of that. P(wait > t) = 1/2 exp(-t / 2).
    """
    assert Queue(0.5, 1, 1).mean_wait == pytest.approx(1)
    assert Queue(0.5, 1, 1, variability=0).mean_wait == pytest.approx(0.5)
    assert Queue(0.5, 1, 1).wait(0.5) == 0
    assert Queue(0.5, 1, 1).wait(0.75) == pytest.approx(2 * math.log(2))


@pytest.mark.parametrize("servers", [1, 4, 20])
@pytest.mark.parametrize("utilisation", [0.7, 0.85])
def test_exponential_service_agrees_with_a_simulation(servers, utilisation):
    """M/M/c is exact: what remains is the noise of half a million requests."""
    queue = Queue(servers * utilisation, 1.0, servers)
    times = np.random.default_rng(servers).exponential(1.0, 500_000)
    waits = simulated_waits(queue, times, seed=7)
    assert (waits > 0).mean() == pytest.approx(queue.waiting, rel=0.03)
    assert waits.mean() == pytest.approx(queue.mean_wait, rel=0.06)
    assert np.quantile(waits, 0.95) == pytest.approx(queue.wait(0.95), rel=0.06, abs=0.02)


@pytest.mark.parametrize("servers", [1, 4, 20])
@pytest.mark.parametrize("utilisation", [0.7, 0.85])
def test_constant_service_comes_close_to_a_simulation(servers, utilisation):
    """For M/D/c the formulas approximate: this says how well. Those for exponential times are far off."""
    queue = Queue(servers * utilisation, 1.0, servers, variability=0)
    waits = simulated_waits(queue, np.ones(300_000), seed=11)
    assert waits.mean() == pytest.approx(queue.mean_wait, rel=0.2)
    assert waits.mean() < 0.7 * Queue(queue.arrivals, 1.0, servers).mean_wait
    assert np.quantile(waits, 0.99) == pytest.approx(queue.wait(0.99), rel=0.25)


@given(loads, st.floats(0, 3), st.floats(0.5, 0.999), st.floats(0.3, 1), st.floats(0, 2))
def test_smallest_is_smallest(load, wait, share, limit, variability):
    """It keeps both promises, and one server fewer breaks one of them."""
    queue = smallest(load, 1.0, wait=wait, share=share, limit=limit, variability=variability)
    assert queue.wait(share) <= wait
    assert queue.utilisation <= limit * (1 + 1e-12)
    fewer = queue.servers - 1
    if fewer > load and load / fewer <= limit * (1 - 1e-12):
        assert Queue(load, 1.0, fewer, variability).wait(share) > wait


@given(st.floats(0.1, 60), st.integers(2, 5), st.floats(0.01, 2))
def test_one_line_never_needs_more_than_several(load, sites, wait):
    """Pooling: in one place, several sites' load needs no more servers than the sites have together."""
    together = smallest(sites * load, 1.0, wait=wait).servers
    assert together <= sites * smallest(load, 1.0, wait=wait).servers


@given(st.floats(0.1, 50), st.floats(0.001, 1000))
def test_the_unit_of_time_does_not_matter(load, second):
    queue = smallest(load, 1.0, wait=0.5)
    again = Queue(load / second, second, queue.servers)
    assert again.wait(0.99) == pytest.approx(second * queue.wait(0.99), rel=1e-6, abs=1e-9 * second)


def test_peak_rate_by_hand():
    """86 400 users with two attempts each: two a second on average, six at a peak of three times the mean."""
    assert peak_rate(86_400, 2, 3) == 6


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: peak_rate(0, 1, 1), "users 0"),
        (lambda: peak_rate(10, 1, 0.5), "peak_factor 0.5"),
        (lambda: Queue(2, 1, 2), "2 servers cannot keep up with a load of 2 erlangs"),
        (lambda: Queue(1, math.nan, 2), "service nan"),
        (lambda: Queue(1, 1, 2, variability=-1), "variability -1"),
        (lambda: Queue(1, 1, 2).wait(1), "share 1"),
        (lambda: smallest(1, 1, wait=-1), "wait -1"),
        (lambda: smallest(1, 1, wait=1, limit=1.2), "limit 1.2"),
        (lambda: smallest(1, 1, wait=1, limit=0), "limit 0"),
    ],
)
def test_numbers_out_of_range_are_refused(call, message):
    """One line that names the number."""
    with pytest.raises(AttackNetError, match=message):
        call()
