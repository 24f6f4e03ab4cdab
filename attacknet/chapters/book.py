"""The book as a whole: its chapters with their parameters, executed, listed and rendered."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from attacknet import paths
from attacknet.chapters import execution, pages, rendering, source, staging, store
from attacknet.chapters.execution import ChapterError, Job, Progress
from attacknet.errors import AttackNetError


def job(chapter: str, given: Mapping[str, Any] | None = None) -> Job:
    """Return the job for one chapter, by name.

    Raises
    ------
    AttackNetError
        If there is no such chapter, no such parameter, or a value has the wrong type.
    """
    found = source.find(chapter)
    return Job(found, found.values(given or {}))


def jobs(given: Mapping[str, Any]) -> list[Job]:
    """Return the jobs of the whole book; `given` maps a chapter's name to its parameters.

    Raises
    ------
    AttackNetError
        As `job`; also if a chapter's parameters are no mapping.
    """
    for chapter, parameters in given.items():
        source.find(chapter)
        if not isinstance(parameters, Mapping):
            raise AttackNetError(f"parameters of {chapter}: write a mapping, 'name: value' a line")
    return [Job(one, one.values(given.get(one.name, {}))) for one in source.all_chapters()]


def make_standins(jobs: list[Job], progress: Callable[[int, int], None]) -> None:
    """Make the stand-ins that any of the jobs needs; nothing to do while they are up to date.

    Chapters would make them too. Beforehand it is done once and in sight, and not by two chapters side by
    side; and what a chapter's record says it read does not depend on whether they were there.

    Raises
    ------
    AttackNetError
        If the cache holds something else in their place.
    """
    if any(one.needs_standins() for one in jobs):
        from attacknet.standins import writers  # noqa: PLC0415 - no other job needs it

        writers.make(writers.home(), progress=progress)


def make_runs(jobs: list[Job], progress: Callable[[float, int], None]) -> None:
    """Train and score the models that any of the jobs shows; nothing to do where they are there.

    Beforehand it is done once and in sight, on all processors, and no chapter waits for another's models.
    What fails is left to the chapter that shows it, which says why.
    """
    shown = [one for one in jobs if one.chapter.uses_runs]
    if shown:
        from attacknet import book_runs, experiments  # noqa: PLC0415 - no other job needs them

        with suppress(AttackNetError):
            wanted = [job for one in shown for job in book_runs.of_chapter(one.chapter.name, one.parameters)]
            experiments.make(experiments.merged(wanted), progress=progress)


def execute(jobs: list[Job], progress: Progress, cell_timeout: int) -> list[ChapterError]:
    """Execute the jobs, up to two at once; return what failed."""
    return execution.execute_all(jobs, progress, cell_timeout)


def render(jobs: list[Job]) -> tuple[Path, bool]:
    """Render the book from kept executions; return its first page and whether anything was rendered."""
    executed = []
    for one in jobs:
        kept = store.load(one.chapter, one.parameters)
        if kept is None or kept[0].stale_because(one.chapter):
            raise AttackNetError(
                f"chapter {one.chapter.name} changed while the book was built: build it again"
            )
        record, notebook = kept
        executed.append(staging.Executed(one, record, execution.with_outputs(one.chapter.notebook, notebook)))
    rendered = rendering.render(staging.tree(executed))
    return paths.BOOK_SITE / "index.html", rendered


def status(jobs: list[Job]) -> list[str]:
    """Return a line for each chapter: fresh or stale and why, when, how long, with which parameters."""
    lines = []
    for one in jobs:
        reason = one.stale_because()
        line = f"{one.chapter.name}: {f'stale, {reason}' if reason else 'fresh'}"
        if kept := store.load(one.chapter, one.parameters):
            record = kept[0]
            line += (
                f"; executed {record.started}, took {pages.seconds_in_words(record.seconds)}, "
                f"key {record.short_key}, {pages.parameters_in_words(record)}"
            )
        lines.append(line)
    return lines


def notebook_of(one: Job) -> Path:
    """Return where the executed notebook of a job is kept."""
    return store.folder(one.chapter, one.parameters) / "notebook.ipynb"
