"""A real Dask scheduler and real workers, each a process of its own that a test may kill."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

Process = subprocess.Popen[bytes]


class Cluster(NamedTuple):
    """Where the scheduler listens, and the workers' processes."""

    address: str
    workers: list[Process]


@contextmanager
def cluster(folder: Path, workers: int) -> Iterator[Cluster]:
    """Start a scheduler and workers of one thread each, which end with the block."""
    file = folder / "scheduler.json"
    processes: list[Process] = []

    def start(what: str, *words: object) -> None:
        log = (folder / f"{what}-{len(processes)}.log").open("wb")
        command = [sys.executable, "-m", f"distributed.cli.dask_{what}", "--scheduler-file", file, *words]
        processes.append(subprocess.Popen([*map(str, command)], stdout=log, stderr=log))

    try:
        start("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard")
        for _ in range(workers):
            start("worker", "--nthreads", "1", "--no-nanny", "--no-dashboard", "--local-directory", folder)
        wait_for(file.exists)
        address = json.loads(file.read_text())["address"]
        wait_for(lambda: _joined(address) == workers)
        yield Cluster(address, processes[1:])
    finally:
        for process in processes:
            process.kill()
            process.wait()


def _joined(address: str) -> int:
    from distributed import Client

    with Client(address, timeout=30, set_as_default=False) as client:
        return len(client.scheduler_info()["workers"])


def wait_for(condition: Callable[[], bool], seconds: float = 120) -> None:
    """Wait until something holds; fail if it takes too long."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.1)
