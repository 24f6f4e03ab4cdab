"""How many servers a service needs: Erlang's queue, and its extension to other service times.

Requests arrive independently of each other (a Poisson stream), wait in one line and are served in order, each
by the first of c equal servers that is free. Where service times are exponential (M/M/c) all formulas are
exact: A. K. Erlang, "Solution of some problems in the theory of probabilities of significance in automatic
telephone exchanges" (1917). For other service times (M/G/c) waits are scaled by ``(1 + variability) / 2``,
which is exact for the mean at one server (Pollaczek and Khinchine) and otherwise an approximation: A. M. Lee
and P. A. Longton, "Queueing processes associated with airline passenger check-in" (1959), for the mean;
W. Whitt, "Approximations for the GI/G/m queue" (1993), for taking the waits of those who wait as exponential.
"""

import math
from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property

from attacknet.errors import AttackNetError

SECONDS_A_DAY = 24 * 60 * 60


def peak_rate(users: float, attempts: float, peak_factor: float) -> float:
    """Return the requests a second at the busiest time of a day.

    Parameters
    ----------
    users
        Who use the service on a day.
    attempts
        Requests of one of them.
    peak_factor
        The busiest rate over the day's mean, at least 1.

    Raises
    ------
    AttackNetError
        If a number is not positive, or the peak lies below the mean.
    """
    _check_positive(users=users, attempts=attempts, peak_factor=peak_factor)
    if peak_factor < 1:
        raise AttackNetError(
            f"peak_factor {peak_factor:g}: the busiest time is at least the mean; give 1 or more"
        )
    return users * attempts * peak_factor / SECONDS_A_DAY


def erlang_c(load: float, servers: int) -> float:
    """Return the probability that a request must wait in the queue M/M/c (Erlang's second formula).

    ``C = B / (1 - (1 - B) a / c)``, where B is the probability that a request is turned away if nobody may
    wait (Erlang's first formula), by the stable recursion ``B(c) = a B(c - 1) / (c + a B(c - 1))`` from
    ``B(0) = 1``.

    Parameters
    ----------
    load
        Offered load a in erlangs: arrivals a second times seconds of service; below `servers`.
    servers
        c, at least 1.
    """
    blocked = 1.0
    for server in range(1, servers + 1):
        blocked = load * blocked / (server + load * blocked)
    return blocked / (1 - (1 - blocked) * load / servers)


@dataclass(frozen=True)
class Queue:
    """A service in its steady state.

    Attributes
    ----------
    arrivals
        Requests a second.
    service
        Mean seconds that a server needs for one.
    servers
        Number of servers.
    variability
        Squared coefficient of variation of the service time (variance over squared mean): 0 where all take
        equally long, 1 where they are exponential.

    Raises
    ------
    AttackNetError
        If a number is out of its range, or the servers cannot keep up: the line would grow for ever.
    """

    arrivals: float
    service: float
    servers: int
    variability: float = 1.0

    def __post_init__(self) -> None:
        _check_positive(arrivals=self.arrivals, service=self.service, servers=self.servers)
        if not 0 <= self.variability < math.inf:
            raise AttackNetError(f"variability {self.variability:g}: a variance is 0 or more")
        if self.load >= self.servers:
            raise AttackNetError(
                f"{self.servers} servers cannot keep up with a load of {self.load:g} erlangs; give more"
            )

    @property
    def load(self) -> float:
        """Offered load in erlangs: servers that are busy on average."""
        return self.arrivals * self.service

    @property
    def utilisation(self) -> float:
        """Share of the time that a server is busy, below 1."""
        return self.load / self.servers

    @cached_property
    def waiting(self) -> float:
        """Probability that a request must wait."""
        return erlang_c(self.load, self.servers)

    @property
    def mean_wait(self) -> float:
        """Mean seconds of waiting, over those who wait and those who do not."""
        return self.waiting * self._mean_of_those_who_wait

    def wait(self, share: float) -> float:
        """Return the seconds within which a share of all requests begin to be served.

        Parameters
        ----------
        share
            In [0, 1): 0.99 for the 99th percentile.

        Raises
        ------
        AttackNetError
            If the share is out of its range.
        """
        if not 0 <= share < 1:
            raise AttackNetError(f"share {share:g}: give a number from 0 to below 1")
        # P(wait > t) = waiting * exp(-t / mean of those who wait).
        excess = self.waiting / (1 - share)
        return self._mean_of_those_who_wait * math.log(excess) if excess > 1 else 0.0

    @property
    def _mean_of_those_who_wait(self) -> float:
        return self.service * (1 + self.variability) / 2 / (self.servers - self.load)


def smallest(
    arrivals: float,
    service: float,
    *,
    wait: float,
    share: float = 0.99,
    limit: float = 1.0,
    variability: float = 1.0,
) -> Queue:
    """Return the queue with the fewest servers that keeps waits short and servers from being too busy.

    Parameters
    ----------
    arrivals, service, variability
        As for :class:`Queue`.
    wait
        Seconds within which service begins for `share` of the requests; 0 or more.
    share
        In [0, 1).
    limit
        Largest utilisation, in (0, 1].

    Raises
    ------
    AttackNetError
        If a number is out of its range.
    """
    _check_positive(arrivals=arrivals, service=service, limit=limit)
    if not 0 <= wait < math.inf:
        raise AttackNetError(f"wait {wait:g}: give 0 seconds or more")
    if limit > 1:
        raise AttackNetError(f"limit {limit:g}: a server is busy at most all the time; give 1 or less")

    def queue(servers: int) -> Queue:
        return Queue(arrivals, service, servers, variability)

    def short(servers: int) -> bool:
        return queue(servers).wait(share) <= wait

    load = arrivals * service
    fewest = max(math.ceil(load / limit), math.floor(load) + 1)
    enough = fewest
    while not short(enough):
        enough *= 2
    return queue(bisect_left(range(enough), True, lo=fewest, key=short))


def _check_positive(**numbers: float) -> None:
    for name, number in numbers.items():
        if not 0 < number < math.inf:
            raise AttackNetError(f"{name} {number:g}: give a number above 0")
