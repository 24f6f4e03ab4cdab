"""The benchmarks as one suite: turns, what was measured, and the file that the book's page reads.

``make bench`` runs it. By hand, some of it, without writing the file::

    python -m pytest -c benchmarks/pytest.ini benchmarks -k metrics

Ways of doing a task take turns, so whatever else the machine does strikes them all; the better turn counts.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from attacknet import machine, performance
from attacknet.chapters import store
from attacknet.performance import Measured, Report

TURNS = 2
MEASURED = pytest.StashKey[list[Measured]]()
LOAD = pytest.StashKey[float | None]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of the suite."""
    group = parser.getgroup("attacknet")
    group.addoption("--results", type=Path, help="write what was measured to this file")
    group.addoption("--share", type=float, default=0.01, help="share of a dataset's files to be prepared")
    group.addoption("--cold", action="store_true", help="build the book from nothing as well; takes minutes")


def pytest_configure(config: pytest.Config) -> None:
    """Begin with nothing measured."""
    config.stash[MEASURED], config.stash[LOAD] = [], machine.load()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give each way that is timed its turns."""
    if "timed" in metafunc.fixturenames:
        metafunc.fixturenames.append("turn")
        metafunc.parametrize("turn", range(TURNS))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the ways of a task take turns: a whole turn of each before the next."""
    order = {item.function: place for place, item in reversed(list(enumerate(items)))}
    items.sort(key=lambda item: (order[item.function], _turn(item)))


def _turn(item: pytest.Item) -> int:
    return item.callspec.params.get("turn", 0) if hasattr(item, "callspec") else 0


@pytest.fixture
def turns() -> range:
    """Return the turns for a benchmark that goes through its ways itself."""
    return range(TURNS)


@pytest.fixture
def share(request: pytest.FixtureRequest) -> float:
    """Return the share of a dataset's files to be prepared."""
    return request.config.option.share


@pytest.fixture
def keep(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Return what keeps the value of one way of a task: ``keep(task, way, value, reference=...)``."""

    def keep(task: str, way: str, value: float, *, reference: str, unit: str = "s") -> None:
        one = Measured(task=task, name=way, value=value, unit=unit, reference=reference)
        request.config.stash[MEASURED].append(one)

    return keep


@pytest.fixture
def timed(benchmark: Any, keep: Callable[..., None]) -> Callable[..., Any]:
    """Return what calls a way once, keeps its seconds divided by the `work` done, and gives the answer."""

    def timed(task: str, way: str, function: Callable[[], Any], *, reference: str, work: float = 1) -> Any:
        benchmark.group = task
        answer = benchmark.pedantic(function)
        keep(task, way, benchmark.stats.stats.min / work, reference=reference)
        return answer

    return timed


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Write the file, if all went well and one was asked for."""
    file, measured = session.config.option.results, session.config.stash[MEASURED]
    if file and measured and exitstatus == pytest.ExitCode.OK:
        report = Report(
            date=datetime.now(UTC).replace(microsecond=0),
            commit=store.current_commit(),
            machine=machine.in_words(),
            load=session.config.stash[LOAD],
            results=performance.compare(measured),
        )
        performance.write(report, file)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print each way beside its reference."""
    for one in performance.compare(config.stash[MEASURED]):
        line = f"{one.task}: {one.name} {one.value:.3g} {one.unit}, {one.ratio:.3g} × {one.reference}"
        terminalreporter.write_line(line)
