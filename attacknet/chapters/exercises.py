"""Exercise sheets: the learner's notebook and the page of the book, both made from the worked solution.

A sheet is a text notebook in ``book/exercises/`` that holds everything. An exercise begins with a heading
like ``## 3.1 a: Twice the input``, whose number is that of its chapter. As in nbgrader, what the learner has
to write stands between ``# BEGIN SOLUTION`` and ``# END SOLUTION``. A cell tagged ``check`` tells right from
wrong; a text cell tagged ``solution`` says why, and ends the exercise.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from attacknet import paths
from attacknet.chapters import source
from attacknet.errors import AttackNetError

CHECK, SOLUTION = "check", "solution"
BEGIN, END = "# BEGIN SOLUTION", "# END SOLUTION"
# What nbgrader puts in a solution's place.
STUB = ("# YOUR CODE HERE", "raise NotImplementedError()")
_HEADING = re.compile(r"^## (?P<number>\S+) (?P<letter>[a-z]): (?P<title>.+)$", re.MULTILINE)
FOLDER = paths.BOOK / "exercises"


@dataclass(frozen=True)
class Exercise:
    """One exercise: number of its chapter, letter, title and cells."""

    number: str
    letter: str
    title: str
    cells: tuple[NotebookNode, ...]

    @property
    def heading(self) -> str:
        """Number, letter and title."""
        return f"{self.number} {self.letter}: {self.title}"

    @property
    def label(self) -> str:
        """The label that leads to it."""
        return f"ex-{self.number}-{self.letter}".replace(".", "-").lower()


@dataclass(frozen=True)
class Sheet:
    """The exercises of one part of the book, by the stem of their file."""

    name: str

    @property
    def path(self) -> Path:
        """The worked solution, which is the source."""
        return FOLDER / f"{self.name}.py"

    @property
    def page(self) -> str:
        """The page as the table of contents names it."""
        return (self.path.relative_to(paths.ROOT).with_suffix("")).as_posix()

    @cached_property
    def solved(self) -> NotebookNode:
        """The sheet with its solutions, as a notebook without outputs."""
        return source.read_text_notebook(self.path)

    @cached_property
    def exercises(self) -> tuple[Exercise, ...]:
        """The exercises, in order.

        Raises
        ------
        AttackNetError
            If one has no place for an answer, no check or no explanation at its end.
        """
        found: list[tuple[re.Match[str], list[NotebookNode]]] = []
        for cell in self.solved.cells:
            if cell.cell_type == "markdown" and (heading := _HEADING.search(cell.source)):
                found.append((heading, []))
            if found:
                found[-1][1].append(cell)
        exercises = tuple(Exercise(**heading.groupdict(), cells=tuple(cells)) for heading, cells in found)
        for one in exercises:
            self._require_whole(one)
        return exercises

    @property
    def opening(self) -> list[NotebookNode]:
        """The cells before the first exercise."""
        exercises = self.exercises
        return self.solved.cells[: -sum(len(one.cells) for one in exercises)] if exercises else []

    def learners(self) -> NotebookNode:
        """Return the learner's notebook: no explanation, and a stub where each answer belongs."""
        notebook = nbformat.from_dict(self.solved)
        notebook.cells = [cell for cell in notebook.cells if SOLUTION not in _tags(cell)]
        for cell in notebook.cells:
            cell.source = without_solution(cell.source)
        return notebook

    def text(self) -> str:
        """Return the page as MyST text: what the learner gets, each solution folded below its exercise."""
        title, *rest = (_shown(cell) for cell in self.opening)
        bar = (
            f"````{{div}} chapter-bar\n{len(self.exercises)} exercises · "
            f"{{download}}`notebook to work in <downloads/{self.name}.ipynb>` · "
            "all of them: `attacknet book exercises FOLDER`\n````"
        )
        heading, _, introduction = title.partition("\n")
        blocks = [heading, bar, introduction.strip(), *rest]
        for one in self.exercises:
            blocks += [f"({one.label})=", *_exercise(one)]
        return "\n\n".join(blocks) + "\n"

    def _require_whole(self, one: Exercise) -> None:
        code = [cell for cell in one.cells if cell.cell_type == "code"]
        if not any(BEGIN in cell.source for cell in code):
            raise AttackNetError(f"{self.path}, {one.heading}: no solution: mark it with {BEGIN} and {END}")
        if not any(CHECK in _tags(cell) for cell in code):
            raise AttackNetError(f"{self.path}, {one.heading}: no check: tag a cell {CHECK!r}")
        if SOLUTION not in _tags(one.cells[-1]):
            raise AttackNetError(f"{self.path}, {one.heading}: end it with a text cell tagged {SOLUTION!r}")
        if unknown := {tag for cell in one.cells for tag in _tags(cell)} - {CHECK, SOLUTION}:
            raise AttackNetError(f"{self.path}, {one.heading}: unknown tag {min(unknown)!r}")


@cache
def all_sheets() -> tuple[Sheet, ...]:
    """Return the sheets in the order of the book; a process reads each once, as every chapter asks for them.

    Raises
    ------
    AttackNetError
        If the table of contents and the folder of sheets differ.
    """
    present = {sheet.page: sheet for path in FOLDER.glob("*.py") for sheet in [Sheet(path.stem)]}
    prefix = FOLDER.relative_to(paths.ROOT).as_posix() + "/"
    listed = [page for page in source.toc_entries() if page.startswith(prefix)]
    if stray := sorted(set(present).symmetric_difference(listed)):
        where = "book/_toc.yml" if stray[0] in present else f"{prefix}*.py"
        raise AttackNetError(f"exercises {stray[0]} are missing in {where}")
    return tuple(present[page] for page in listed)


def of_chapter(title: str) -> list[Exercise]:
    """Return the exercises of the chapter with this title: those whose number begins it."""
    number = title.split(maxsplit=1)[0]
    return [one for sheet in all_sheets() for one in sheet.exercises if one.number == number]


def section(title: str) -> str:
    """Return the list of a chapter's exercises as MyST text, empty where there are none."""
    lines = [f"- {{ref}}`{one.heading} <{one.label}>`" for one in of_chapter(title)]
    return "\n".join(["## Exercises", "", *lines]) if lines else ""


def tree() -> dict[str, bytes]:
    """Return the pages and the learners' notebooks: path in the book's source tree -> content."""
    staged = {}
    for sheet in all_sheets():
        folder, _, name = sheet.page.rpartition("/")
        staged[f"{sheet.page}.md"] = sheet.text().encode()
        staged[f"{folder}/downloads/{name}.ipynb"] = nbformat.writes(sheet.learners()).encode()
    return staged


def write(folder: Path) -> Iterator[tuple[Path, bool]]:
    """Write the learners' notebooks into a folder; yield each path and whether it was written.

    A notebook that is there already stays: it may hold a learner's work.

    Raises
    ------
    AttackNetError
        If the folder cannot be written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for sheet in all_sheets():
            path = folder / f"{sheet.name}.ipynb"
            if new := not path.exists():
                path.write_text(nbformat.writes(sheet.learners()) + "\n", encoding="utf-8")
            yield path, new
    except OSError as error:
        raise AttackNetError(f"{folder}: {error.strerror}; name a folder that can be written to") from None


def without_solution(code: str) -> str:
    """Return code with each marked region replaced by a stub of the same indentation.

    Raises
    ------
    AttackNetError
        If a region is not closed, or closed and not open.
    """
    kept: list[str] = []
    inside = False
    for line in code.splitlines():
        match line.strip():
            case marker if marker in (BEGIN, END):
                if inside == (marker == BEGIN):
                    raise AttackNetError(f"exercise: {marker!r} does not go with the marker before it")
                inside = marker == BEGIN
                if inside:
                    kept += [line.replace(BEGIN, stub) for stub in STUB]
            case _ if not inside:
                kept.append(line)
    if inside:
        raise AttackNetError(f"exercise: {BEGIN!r} without {END!r}")
    return "\n".join(kept)


def _exercise(one: Exercise) -> Iterator[str]:
    """Yield an exercise's blocks of the page."""
    *cells, explanation = one.cells
    for cell in cells:
        yield _shown(cell)
    answers = [
        _code("\n".join(line for line in cell.source.splitlines() if line.strip() not in (BEGIN, END)))
        for cell in cells
        if cell.cell_type == "code" and BEGIN in cell.source
    ]
    yield "\n\n".join([":::::{dropdown} Solution", *answers, explanation.source, ":::::"])


def _shown(cell: NotebookNode) -> str:
    return cell.source if cell.cell_type == "markdown" else _code(without_solution(cell.source))


def _code(text: str) -> str:
    return f"```python\n{text}\n```"


def _tags(cell: NotebookNode) -> set[str]:
    return set(cell.metadata.get("tags", []))
