"""Jobs of the grid a minute: two Dask workers against one.

Run with ``python benchmarks/bench_grid.py``; it needs the extra ``cluster``. A job trains AttackNet on a
stand-in by the book's recipe and scores it, as for a cross-database matrix. Each worker is a process of one
thread and has done a job before the time is taken, so that nothing is imported and no crop is prepared on the
clock. One and two workers take turns, each time in an empty store of runs; the better time of each counts.

On a machine that does other work as well, the clock says little. So the processor seconds of a job are
printed too: as long as they stay the same, two workers with a processor each do twice the work.
"""

import argparse
import os
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from attacknet import executors, experiments
from attacknet.experiments import Job
from attacknet.runs import Source


class Cost(NamedTuple):
    """Seconds of a job."""

    clock: float
    processor: float


def jobs(source: Source, seeds: range) -> list[Job]:
    """Return as many jobs as there are seeds."""
    return experiments.grid([source], seeds=seeds)


def measure(source: Source, workers: int, count: int) -> Cost:
    """Carry out `count` jobs on a scheduler with so many workers, in a cache of its own."""
    from distributed import Client, LocalCluster  # noqa: PLC0415 - an extra

    with tempfile.TemporaryDirectory() as cache:
        os.environ["ATTACKNET_CACHE"] = cache
        with (
            LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None) as cluster,
            Client(cluster) as client,
        ):
            execute = executors.cluster(cluster.scheduler_address)
            # Twice as many as workers: each gets one, whoever is first.
            experiments.make(jobs(source, range(1000, 1000 + 2 * workers)), executor=execute)
            began, used = time.perf_counter(), sum(client.run(time.process_time).values())
            experiments.make(jobs(source, range(count)), executor=execute)
            spent = time.perf_counter() - began, sum(client.run(time.process_time).values()) - used
    return Cost(*(seconds / count for seconds in spent))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--jobs", type=int, default=8)
    parser.add_argument("--turns", type=int, default=2)
    parser.add_argument("--dataset", default="replay_attack")
    options = parser.parse_args()

    from attacknet.standins import writers  # noqa: PLC0415 - heavy

    writers.make(writers.home(), datasets=[options.dataset])
    source = Source(options.dataset, Path(writers.home() / options.dataset))
    best: dict[int, Cost] = {}
    for _ in range(options.turns):
        for workers in (1, 2):
            cost = measure(source, workers, options.jobs)
            print(
                f"{workers} workers: {cost.clock:.2f} s a job by the clock, {cost.processor:.2f} s processor"
            )
            best[workers] = min(best.get(workers, cost), cost)
    clock, processor = (one / two for one, two in zip(best[1], best[2], strict=True))
    print(f"two workers against one: {clock:.2f} times by the clock")
    print(f"two processors of their own would give {2 * processor:.2f} times")


if __name__ == "__main__":
    main()
