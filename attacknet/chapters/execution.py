"""Execute chapters: what is stale, up to two at once, one process each."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from attacknet import paths
from attacknet.chapters import store
from attacknet.chapters.source import Chapter
from attacknet.errors import AttackNetError

AT_ONCE = 2
# An error may carry a page of detail; the kept notebook has it all.
_MESSAGE_CHARACTERS = 800

# Told of (chapter, finished cells, all cells) after each cell.
Progress = Callable[[Chapter, int, int], None]


class ChapterError(AttackNetError):
    """A chapter that did not run to its end."""


@dataclass(frozen=True)
class Job:
    """One chapter with the values of all its parameters."""

    chapter: Chapter
    parameters: dict[str, Any]

    def changed(self) -> dict[str, Any]:
        """Return the parameters whose values are not the defaults."""
        defaults = self.chapter.values({})
        return {name: value for name, value in self.parameters.items() if value != defaults[name]}

    def needs_standins(self) -> bool:
        """Whether it runs on stand-ins; a chapter whose `data_root` is given does not."""
        return self.chapter.uses_standins and not self.parameters.get(store.DATA_ROOT)

    def stale_because(self) -> str | None:
        """Return why the chapter must be executed, or None while its kept output is true."""
        kept = store.load(self.chapter, self.parameters)
        return "it has not been executed" if kept is None else kept[0].stale_because(self.chapter)


def execute_all(jobs: list[Job], progress: Progress, cell_timeout: int) -> list[ChapterError]:
    """Execute the jobs; return what failed. Finished work is kept whatever fails beside it."""

    def attempt(one: Job) -> ChapterError | None:
        try:
            execute(one, progress, cell_timeout)
        except ChapterError as error:
            return error
        return None

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return [error for error in pool.map(attempt, jobs) if error is not None]


def execute(one: Job, progress: Progress, cell_timeout: int) -> store.Record:
    """Execute one chapter in a process of its own and keep the result.

    Raises
    ------
    ChapterError
        If a cell fails, runs longer than `cell_timeout` seconds or kills its kernel. The message names
        chapter, cell and error; the notebook as far as it came lies beside the kept ones.
    """
    before, commit, started = store.package_hashes(), store.current_commit(), datetime.now(UTC)
    with tempfile.TemporaryDirectory() as folder:
        files = {name: Path(folder) / f"{name}.json" for name in ("job", "failure", "reached")}
        notebook = Path(folder) / "input.ipynb", Path(folder) / "output.ipynb"
        nbformat.write(one.chapter.notebook, notebook[0])
        description = {
            "input": str(notebook[0]),
            "output": str(notebook[1]),
            "parameters": one.changed(),
            "cell_timeout": cell_timeout,
            "cwd": str(paths.ROOT),
            "failure": str(files["failure"]),
            "reached": str(files["reached"]),
            "data_roots": [one.parameters[store.DATA_ROOT]] if one.parameters.get(store.DATA_ROOT) else [],
        }
        files["job"].write_text(json.dumps(description), encoding="utf-8")
        log = _run_worker(files["job"], one.chapter, progress)
        if not files["reached"].exists():
            raise _failure(one, files["failure"], notebook[1], log)
        reached = json.loads(files["reached"].read_text(encoding="utf-8"))
        executed = with_outputs(one.chapter.notebook, nbformat.read(notebook[1], as_version=4))
    record = store.make_record(
        one.chapter, one.parameters, reached=reached, before=before, started=started, commit=commit
    )
    store.save(one.chapter, record, executed)
    return record


def with_outputs(source: NotebookNode, executed: NotebookNode) -> NotebookNode:
    """Return a copy of `source` that carries the outputs of `executed`, cell by cell.

    Prose is always the source's, so that it can change without a new execution.
    """
    outputs = {cell.id: cell.outputs for cell in executed.cells if cell.cell_type == "code"}
    result = nbformat.from_dict(source)
    count = 0
    for cell in result.cells:
        if cell.cell_type == "code":
            count += 1
            cell.outputs, cell.execution_count = outputs[cell.id], count
            for output in cell.outputs:
                if "execution_count" in output:
                    output.execution_count = count
    return result


def _run_worker(job_file: Path, chapter: Chapter, progress: Progress) -> str:
    """Run the worker to its end; return what it printed to standard error."""
    command = [sys.executable, "-m", "attacknet.chapters.worker", str(job_file)]
    environment = os.environ | {"PYTHONHASHSEED": "0"}
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as errors,
        subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=errors, text=True, env=environment
        ) as process,
    ):
        assert process.stdout is not None
        for line in process.stdout:
            match line.split():
                case ["cell", done, total]:
                    progress(chapter, int(done), int(total))
        process.wait()
        errors.seek(0)
        return errors.read()


def _failure(one: Job, facts_file: Path, partial: Path, log: str) -> ChapterError:
    chapter = f"chapter {one.chapter.name}"
    if not facts_file.exists():
        last = log.strip().splitlines()[-1:] or ["it printed nothing"]
        return ChapterError(f"{chapter}: its process ended early: {last[0]}")
    facts = json.loads(facts_file.read_text(encoding="utf-8"))
    code = [cell.source for cell in one.chapter.notebook.cells if cell.cell_type == "code"]
    where = f", code cell {code.index(facts['source']) + 1}" if facts["source"] in code else ""
    message = " ".join(facts["message"].split())[:_MESSAGE_CHARACTERS]
    kept = ""
    if partial.exists():
        target = paths.CHAPTER_STORE / one.chapter.name / "failed.ipynb"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(partial.read_bytes())
        kept = f"\n  as far as it came: {target}"
    return ChapterError(f"{chapter}{where}: {facts['error']}: {message}{kept}")
