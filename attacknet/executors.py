"""Where jobs are carried out: in processes of this machine, or by the workers of a Dask scheduler.

An executor takes a function and jobs and gives each job's failure, or None. A job that fails holds up no
other: what can be finished is finished.
"""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

from attacknet import paths, processes
from attacknet.errors import AttackNetError

# Told the number of a job, from 0, and the share of it that is done.
Tell = Callable[[int, float], None]
# Carries out one job, telling the share that is done.
Work = Callable[[Any, Callable[[float], None]], None]
Executor = Callable[[Work, Sequence[Any], Tell], list[AttackNetError | None]]

# How often the processes' messages are looked at.
_SECONDS_BETWEEN_LOOKS = 0.5
_SECONDS_TO_CONNECT = 10
_TOPIC = "attacknet.progress"


# --- This machine ----------------------------------------------------------------------------------------


def local(workers: int | None = None) -> Executor:
    """Carry out jobs in processes of this machine, each of which imports what it needs once.

    Parameters
    ----------
    workers
        Processes; as many as processors by default.
    """

    def execute(work: Work, jobs: Sequence[Any], tell: Tell) -> list[AttackNetError | None]:
        # Not forked: TensorFlow does not survive it once it runs.
        context = multiprocessing.get_context("spawn")
        told = context.SimpleQueue()
        count = min(workers or os.cpu_count() or 1, len(jobs))
        with ProcessPoolExecutor(count, context, _start, (told,)) as pool:
            futures = [pool.submit(_attempt, work, number, job) for number, job in enumerate(jobs)]
            try:
                pending = set(futures)
                while pending:
                    _, pending = wait(pending, _SECONDS_BETWEEN_LOOKS, FIRST_COMPLETED)
                    while not told.empty():
                        tell(*told.get())
                return [future.result() for future in futures]
            except BrokenProcessPool:
                raise AttackNetError(
                    "a process ended in the middle of a job, for want of memory perhaps; "
                    "run again, with fewer workers: what is done is kept"
                ) from None
            finally:
                # Without this, leaving early would first work through all that is pending.
                pool.shutdown(cancel_futures=True)

    return execute


_told: Any


def _start(told: Any) -> None:
    global _told  # noqa: PLW0603 - one queue a process, sent once and not with every job
    _told = told
    # TensorFlow's libraries greet on standard error, whatever TF_CPP_MIN_LOG_LEVEL says, and would break the
    # line of progress. Nothing is lost: a failure is the job's result, and a death is seen by the parent.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    # Ctrl-C ends the process at once and in silence: a job bears being killed.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    processes.end_with_parent()


def _attempt(work: Work, number: int, job: Any) -> AttackNetError | None:
    return _failure(work, job, lambda share: _told.put((number, share)))


def _failure(work: Work, job: Any, tell: Callable[[float], None]) -> AttackNetError | None:
    try:
        work(job, tell)
    except AttackNetError as error:
        return AttackNetError(f"{job}: {error}")
    tell(1.0)
    return None


# --- Many machines ---------------------------------------------------------------------------------------


def cluster(address: str) -> Executor:
    """Carry out jobs on the workers of a Dask scheduler.

    The workers see the data and this process' cache folder under the same paths. A job whose worker dies goes
    to another one.

    Parameters
    ----------
    address
        Of the scheduler, such as ``tcp://host:8786``.

    Raises
    ------
    AttackNetError
        On execution: if Dask is not installed, nobody answers, there is no worker, a worker lacks this
        package, or one job has killed several workers.
    """

    def execute(work: Work, jobs: Sequence[Any], tell: Tell) -> list[AttackNetError | None]:
        with _client(address) as client:
            client.subscribe_topic(_TOPIC, lambda event: tell(*event[1]))
            cache = str(paths.cache_dir().resolve())
            calls = [
                client.submit(_attempt_there, work, number, job, cache, pure=False)
                for number, job in enumerate(jobs)
            ]
            return [_result(address, call) for call in calls]

    return execute


def _client(address: str) -> Any:
    try:
        from distributed import Client  # noqa: PLC0415 - an extra
    except ModuleNotFoundError:
        raise AttackNetError("no Dask here; install the extra 'cluster'") from None
    try:
        client = Client(address, timeout=_SECONDS_TO_CONNECT, set_as_default=False)
    except (OSError, ValueError) as error:
        raise AttackNetError(
            f"{address}: no Dask scheduler answers ({str(error).splitlines()[0]}); "
            "start one with `dask scheduler`, or correct the address"
        ) from None
    if not client.scheduler_info()["workers"]:
        client.close()
        raise AttackNetError(
            f"{address}: the scheduler has no worker yet; start one with "
            f"`dask worker --nthreads 1 {address}`, or wait until the first has joined"
        )
    return client


def _result(address: str, call: Any) -> AttackNetError | None:
    from distributed import KilledWorker  # noqa: PLC0415 - an extra

    try:
        return call.result()
    except KilledWorker:
        raise AttackNetError(
            f"{address}: several workers died over the same job, for want of memory perhaps; "
            "give them more and run again: what is done is kept"
        ) from None
    except ModuleNotFoundError as error:
        raise AttackNetError(
            f"{address}: a worker has no module {error.name!r}; start the workers in this environment"
        ) from None


# A process has one set of seeds, which decide the weights: a worker of many threads does one job at a time.
_one_job = threading.Lock()


def _attempt_there(work: Work, number: int, job: Any, cache: str) -> AttackNetError | None:
    from distributed import get_worker  # noqa: PLC0415 - an extra

    worker = get_worker()
    os.environ["ATTACKNET_CACHE"] = cache
    if not Path(cache).is_dir():
        return AttackNetError(
            f"{worker.address}: sees no cache folder {cache}; "
            "set ATTACKNET_CACHE to one that all machines share"
        )
    with _one_job:
        return _failure(work, job, lambda share: worker.log_event(_TOPIC, (number, share)))
