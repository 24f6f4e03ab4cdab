"""Jobs of the grid: two Dask workers against one.

A job trains AttackNet on a stand-in by the book's recipe and scores it, as for a cross-database matrix. Each
worker is a process that does one job at a time, free to run on any processor. It has done a job before the
time is taken, so that nothing is imported and no crop is prepared on the clock. Each begins with an empty
store of runs. A turn takes minutes, so there is only one.

On a machine that does other work as well, the clock says little. So the processor seconds of a job are kept
too: as long as they stay the same, the workers do not cost each other work, and what the clock lacks of twice
is waiting.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from attacknet import executors, experiments
from attacknet.experiments import Job
from attacknet.runs import Source

DATASET, JOBS = "msspoof", 8
ONE = "one worker"


class Cost(NamedTuple):
    """Seconds of a job."""

    clock: float
    processor: float


def jobs(source: Source, seeds: range) -> list[Job]:
    """Return as many jobs as there are seeds."""
    return experiments.grid([source], seeds=seeds)


def measure(source: Source, workers: int) -> Cost:
    """Carry out the jobs on a scheduler with so many workers."""
    from distributed import Client, LocalCluster  # noqa: PLC0415 - an extra

    with (
        LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        execute = executors.cluster(cluster.scheduler_address)
        # Twice as many as workers: each gets one, whoever is first.
        experiments.make(jobs(source, range(1000, 1000 + 2 * workers)), executor=execute)
        began, used = time.perf_counter(), sum(client.run(time.process_time).values())
        experiments.make(jobs(source, range(JOBS)), executor=execute)
        spent = time.perf_counter() - began, sum(client.run(time.process_time).values()) - used
    return Cost(*(seconds / JOBS for seconds in spent))


def bench_workers(keep: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let one worker and two go through the same jobs."""
    from attacknet.standins import writers  # noqa: PLC0415 - heavy

    writers.make(writers.home(), datasets=[DATASET])
    source = Source(DATASET, Path(writers.home() / DATASET))
    for workers, way in ((1, ONE), (2, "two workers")):
        monkeypatch.setenv("ATTACKNET_CACHE", str(tmp_path / way))
        cost = measure(source, workers)
        keep("a job of the grid on Dask, by the clock", way, cost.clock, reference=ONE)
        keep("a job of the grid on Dask, processor time", way, cost.processor, reference=ONE)
