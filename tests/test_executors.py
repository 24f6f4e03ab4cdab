"""Executors: every job's end is known, a failure stays its own, and nothing waits for what was killed."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from attacknet import executors, paths
from attacknet.errors import AttackNetError
from tests.dask_processes import cluster, wait_for


def square(job: tuple[Path, int], tell: Callable[[float], None]) -> None:
    """Write the square of a number; five is refused."""
    folder, number = job
    if number == 5:
        raise AttackNetError("five is not squared here")
    tell(0.5)
    (folder / str(number)).write_text(f"{number**2} {os.getpid()}")


def die(_job: int, _tell: Callable[[float], None]) -> None:
    """End the process as a want of memory does."""
    os.kill(os.getpid(), signal.SIGKILL)


class Told:
    """What an executor told, by job."""

    def __init__(self) -> None:
        self.shares: dict[int, list[float]] = {}

    def __call__(self, number: int, share: float) -> None:
        self.shares.setdefault(number, []).append(share)


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A scheduler with one worker, in processes of their own."""
    with cluster(tmp_path_factory.mktemp("dask"), workers=1) as one:
        yield one.address


@pytest.mark.parametrize("where", ["local", "cluster"])
def test_each_job_is_done_and_told(where: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """All jobs run elsewhere than here; the one that fails is named and holds up no other."""
    execute = (
        executors.local(2) if where == "local" else executors.cluster(request.getfixturevalue("scheduler"))
    )
    told = Told()
    failures = execute(square, [(tmp_path, number) for number in range(3, 8)], told)
    assert [failure is None for failure in failures] == [True, True, False, True, True]
    assert "five is not squared here" in str(failures[2])
    written = {number: (tmp_path / str(number)).read_text().split() for number in (3, 4, 6, 7)}
    assert {number: int(words[0]) for number, words in written.items()} == {3: 9, 4: 16, 6: 36, 7: 49}
    assert str(os.getpid()) not in {words[1] for words in written.values()}
    if where == "local":  # a scheduler's last messages may come after the results
        assert told.shares == {number: [0.5, 1.0] for number in (0, 1, 3, 4)}


def shout(_job: int, _tell: Callable[[float], None]) -> None:
    """Write to standard error as a C++ library does, past Python's streams."""
    os.write(2, b"I0000 00:00 oneDNN custom operations are on\n")


def test_libraries_do_not_break_the_line_of_progress(capfd: pytest.CaptureFixture[str]) -> None:
    """What TensorFlow logs in a process that trains stays there."""
    assert executors.local(1)(shout, [1], Told()) == [None]
    assert capfd.readouterr().err == ""


def test_a_killed_process_ends_the_grid_with_one_line() -> None:
    """Nothing waits for ever for a process that is no more."""
    with pytest.raises(AttackNetError, match=r"a process ended in the middle of a job.*run again"):
        executors.local(1)(die, [1, 2], Told())


def test_jobs_end_with_their_parent(tmp_path: Path) -> None:
    """A killed parent leaves no process that trains on unseen."""
    script = (
        "from pathlib import Path\nfrom attacknet import executors\nfrom tests import test_executors as t\n"
        f"if __name__ == '__main__': executors.local(1)(t.wait, [Path({str(tmp_path / 'pid')!r})], t.Told())"
    )
    (tmp_path / "parent.py").write_text(script)
    root = Path(__file__).parent.parent
    parent = subprocess.Popen(
        [sys.executable, tmp_path / "parent.py"], env=os.environ | {"PYTHONPATH": str(root)}
    )
    wait_for((tmp_path / "pid").exists)
    parent.kill()
    parent.wait()
    child = int((tmp_path / "pid").read_text())
    wait_for(lambda: not _alive(child), seconds=20)


def wait(file: Path, _tell: Callable[[float], None]) -> None:
    """Say who I am, and never end."""
    unfinished = file.with_suffix(".tmp")
    unfinished.write_text(str(os.getpid()))
    unfinished.replace(file)
    time.sleep(600)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_an_address_where_nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """One line, not a page of a library's."""
    monkeypatch.setattr(executors, "_SECONDS_TO_CONNECT", 1)
    with pytest.raises(
        AttackNetError, match=r"tcp://127.0.0.1:9: no Dask scheduler answers .*dask scheduler"
    ):
        executors.cluster("tcp://127.0.0.1:9")(square, [1], Told())


def test_an_address_that_is_none() -> None:
    """A slip in the address is the same line."""
    with pytest.raises(AttackNetError, match=r"nonsense: no Dask scheduler answers"):
        executors.cluster("nonsense")(square, [1], Told())


def test_a_scheduler_without_workers(tmp_path: Path) -> None:
    """Nobody waits for workers that nobody has started."""
    with (
        cluster(tmp_path, workers=0) as one,
        pytest.raises(
            AttackNetError, match=r"no worker yet; start one with `dask worker --nthreads 1 tcp://"
        ),
    ):
        executors.cluster(one.address)(square, [1], Told())


def test_a_job_that_kills_its_workers(tmp_path: Path) -> None:
    """A job that costs one worker after the other their lives is given up, in one line."""
    with (
        cluster(tmp_path, workers=4) as one,
        pytest.raises(AttackNetError, match=r"several workers died over the same job"),
    ):
        executors.cluster(one.address)(die, [1], Told())


def test_the_lines_for_slurm_in_the_book_ask_for_workers_of_one_thread(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """They run as printed, up to the point where a real queue would be needed."""
    from dask_jobqueue import SLURMCluster

    page = (paths.BOOK / "reading.md").read_text(encoding="utf-8")
    (lines,) = re.findall(r"```python\n(from dask_jobqueue.*?)```", page, re.DOTALL)
    asked: list[int] = []
    monkeypatch.setattr(SLURMCluster, "scale", lambda _, jobs: asked.append(jobs))
    monkeypatch.setattr("builtins.input", asked.append)
    monkeypatch.chdir(tmp_path)
    names: dict[str, SLURMCluster] = {}
    exec(lines, names)
    with names["cluster"] as cluster:
        script = cluster.job_script()
        assert asked[0] == 12
        assert str(asked[1]).startswith(cluster.scheduler_address)
    assert "--nthreads 1 " in script
    assert "#SBATCH -t 04:00:00" in script
