"""Each exercise fails before its solution and passes after it, and the learner's notebook gives none away."""

import ast
import contextlib
import io
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode

from attacknet import paths
from attacknet.chapters import exercises, source
from attacknet.chapters.exercises import Exercise, Sheet
from attacknet.errors import AttackNetError
from attacknet.exercises.checking import NotYetError
from tests.chapters.conftest import HEADER, Project

SHEETS = exercises.all_sheets()
every_sheet = pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
LEAST = 3  # exercises of a chapter
SHORT = 12  # characters of a line that may stand in a solution and elsewhere


def _is_check(cell: NotebookNode) -> bool:
    return exercises.CHECK in cell.metadata.get("tags", [])


def _executed(notebook: NotebookNode) -> list[NotebookNode]:
    """Execute all code cells, whatever fails, and return them."""
    resources = {"metadata": {"path": str(paths.ROOT)}}
    # Where no book was built before, the first exercise that needs stand-ins makes them.
    NotebookClient(notebook, timeout=900, allow_errors=True, resources=resources).execute()
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def _errors(cell: NotebookNode) -> list[str]:
    return [f"{o.ename}: {o.evalue}" for o in cell.outputs if o.output_type == "error"]


def _printed(cell: NotebookNode) -> str:
    return "".join(o.text for o in cell.outputs if o.output_type == "stream" and o.name == "stdout")


@every_sheet
def test_every_check_passes_after_the_solution(sheet: Sheet) -> None:
    """The worked solutions are right, and the checks accept them."""
    for cell in _executed(nbformat.from_dict(sheet.solved)):
        assert _errors(cell) == [], cell.source
        assert not _is_check(cell) or _printed(cell) == "Correct.\n", cell.source


@every_sheet
def test_every_check_fails_before_the_solution(sheet: Sheet) -> None:
    """What a learner downloads passes no check, and needs nothing that only a solution makes."""
    cells = _executed(sheet.learners())
    for cell in cells:
        if _is_check(cell):
            assert _errors(cell), cell.source
        elif exercises.STUB[0] not in cell.source:
            assert _errors(cell) == [], cell.source
    assert sum(map(_is_check, cells)) >= len(sheet.exercises)


@every_sheet
def test_the_learners_notebook_gives_no_solution_away(sheet: Sheet) -> None:
    """No line of a solution and no explanation is left."""
    left = "\n".join(cell.source for cell in sheet.learners().cells)
    for cell in sheet.solved.cells:
        stays = set(exercises.without_solution(cell.source).splitlines())
        gone = [line.strip() for line in cell.source.splitlines() if line not in stays]
        if exercises.SOLUTION in cell.metadata.get("tags", []):
            gone = cell.source.splitlines()
        assert [line for line in gone if len(line) > SHORT and line in left] == []


WRONG: list[Any] = [
    None,
    0,
    -1.5,
    "",
    "x",
    [],
    [[1], [2]],
    {},
    {"x": 1},
    set(),
    lambda *_: 0.0,
    pd.DataFrame(),
]


@every_sheet
def test_checks_refuse_what_is_no_answer_with_a_hint(sheet: Sheet) -> None:
    """A wrong type, an empty or a thoughtless answer gets one line that helps, never a traceback."""
    shared: dict[str, Any] = {}
    for cell in sheet.opening:
        _run(cell, shared)
    for one in sheet.exercises:
        given = dict(shared)
        for cell in one.cells:
            if cell.cell_type == "code" and not _is_check(cell) and exercises.BEGIN not in cell.source:
                _run(cell, given)
        for cell in filter(_is_check, one.cells):
            asked = _answers(cell.source)
            assert asked, f"{one.heading}: its check asks for nothing that the learner makes"
            for wrong in WRONG:
                with pytest.raises(NotYetError) as refusal:
                    _run(cell, given | dict.fromkeys(asked, wrong))
                assert len(str(refusal.value)) > SHORT
                assert "\n" not in str(refusal.value)


def _run(cell: NotebookNode, names: dict[str, Any]) -> None:
    if cell.cell_type == "code":
        with contextlib.redirect_stdout(io.StringIO()):
            exec(cell.source, names)


def _answers(code: str) -> set[str]:
    """Return the names that a check passes on: the learner's answers."""
    return {
        name.id
        for call in ast.walk(ast.parse(code))
        if isinstance(call, ast.Call)
        for argument in [*call.args, *(keyword.value for keyword in call.keywords)]
        for name in ast.walk(argument)
        if isinstance(name, ast.Name)
    }


def _titles() -> list[str]:
    """Return the titles of all chapters, computed and prose."""
    prose = [
        path.read_text(encoding="utf-8").split("\n", 1)[0] for path in sorted(paths.BOOK.glob("[0-9]*.md"))
    ]
    return [title.removeprefix("# ") for title in prose] + [one.title for one in source.all_chapters()]


def test_exercises_are_lettered_and_belong_to_chapters() -> None:
    """Letters follow each other within a chapter, labels are unique, and no exercise is of no chapter."""
    everything = [one for sheet in SHEETS for one in sheet.exercises]
    numbers = {one.number for one in everything}
    assert len({one.label for one in everything}) == len(everything)
    assert numbers <= {title.split()[0] for title in _titles()}
    for number in numbers:
        letters = "".join(one.letter for one in everything if one.number == number)
        assert "abcdefghijkl".startswith(letters), number


@pytest.mark.parametrize("title", _titles())
def test_every_chapter_lists_three_exercises_or_more(title: str) -> None:
    """The end of a chapter leads to each of its exercises."""
    found = exercises.of_chapter(title)
    text = exercises.section(title)
    assert len(found) >= LEAST
    assert text.count("\n- ") == len(found)
    assert all(f"{one.heading} <{one.label}>" in text for one in found)


def test_the_page_folds_each_solution() -> None:
    """A page shows what the learner gets, and the answer below the check, unseen until it is asked for."""
    for sheet in SHEETS:
        text = sheet.text()
        assert text.count("{dropdown} Solution") == len(sheet.exercises)
        for part in text.split("\n(ex-")[1:]:
            asked, _, solved = part.partition("{dropdown} Solution")
            assert exercises.STUB[1] in asked
            assert exercises.STUB[1] not in solved
            assert exercises.BEGIN not in part


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("a = 1", "a = 1"),
        ("# BEGIN SOLUTION\na = 1\n# END SOLUTION", "# YOUR CODE HERE\nraise NotImplementedError()"),
        (
            "def f(x):\n    # BEGIN SOLUTION\n    return x\n    # END SOLUTION\nf(1)",
            "def f(x):\n    # YOUR CODE HERE\n    raise NotImplementedError()\nf(1)",
        ),
    ],
)
def test_a_stub_stands_in_the_place_of_a_solution(code: str, expected: str) -> None:
    """Code around it stays, and the stub is indented as the solution was."""
    assert exercises.without_solution(code) == expected


@pytest.mark.parametrize(
    "code",
    [
        "# BEGIN SOLUTION\na = 1",
        "a = 1\n# END SOLUTION",
        "# BEGIN SOLUTION\n# BEGIN SOLUTION\n# END SOLUTION",
    ],
)
def test_a_region_must_be_closed(code: str) -> None:
    """A forgotten marker would show a solution, or swallow what is given."""
    with pytest.raises(AttackNetError, match="SOLUTION"):
        exercises.without_solution(code)


WHOLE = (
    HEADER
    + """\
# %% [markdown]
# # Exercises
#
# To learn.

# %% [markdown]
# ## 1 a: Add
#
# Add one and one.

# %%
# BEGIN SOLUTION
two = 1 + 1
# END SOLUTION

# %% tags=["check"]
assert two == 2

# %% [markdown] tags=["solution"]
# One and one make two.
"""
)


def _with_sheet(project: Project, text: str) -> None:
    project.write("book/exercises/01_sums.py", text)
    listed = "  - file: book/exercises/01_sums\n  - file: book/status"
    project.edit("book/_toc.yml", "  - file: book/status", listed)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("# BEGIN SOLUTION\ntwo = 1 + 1\n# END SOLUTION", "two = 2", "1 a: Add: no solution"),
        ('tags=["check"]', "", "1 a: Add: no check"),
        ('tags=["check"]', 'tags=["check", "chek"]', "unknown tag 'chek'"),
        ('[markdown] tags=["solution"]', "[markdown]", "end it with a text cell"),
    ],
)
def test_a_sheet_must_be_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: str, new: str, message: str
) -> None:
    """An exercise that could not be checked or explained is refused by name."""
    assert old in WHOLE
    (tmp_path / "01_sums.py").write_text(WHOLE.replace(old, new))
    monkeypatch.setattr(exercises, "FOLDER", tmp_path)
    with pytest.raises(AttackNetError, match=message):
        assert Sheet("01_sums").exercises


def test_notebooks_to_work_in_are_written_once(project: Project) -> None:
    """A learner's work is never written over; a folder that cannot be made gets one line."""
    _with_sheet(project, WHOLE)
    assert "mine/01_sums.ipynb: written" in project.attacknet("book", "exercises", "mine")
    written = project.root / "mine" / "01_sums.ipynb"
    notebook = nbformat.read(written, as_version=4)
    assert not any("1 + 1" in cell.source for cell in notebook.cells)
    written.write_text("my work")
    assert "left alone" in project.attacknet("book", "exercises", "mine")
    assert written.read_text() == "my work"
    project.write("file", "")
    assert "name a folder" in project.attacknet("book", "exercises", "file/below", status=1)


def test_a_sheet_that_the_contents_do_not_list_is_refused(project: Project) -> None:
    """Neither a sheet nor its entry can be forgotten."""
    project.write("book/exercises/01_sums.py", WHOLE)
    assert "missing in book/_toc.yml" in project.attacknet("book", "exercises", "mine", status=1)


def test_an_exercise_has_a_label_that_leads_to_it() -> None:
    """Labels are made of the number and the letter."""
    assert Exercise("A.1", "b", "A title", ()).label == "ex-a-1-b"
