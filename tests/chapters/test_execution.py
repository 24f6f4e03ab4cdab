"""Chapters run with checked parameters, two at once, and fail with one clear line."""

import re

import pytest

from tests.chapters.conftest import HEADER, Project


def test_parameters_reach_the_chapter(project: Project) -> None:
    """Values from the command line and from a file are converted to the declared types."""
    project.write("given.yaml", "factor: 3\nloud: true\n")
    project.attacknet("book", "run", "01_first", "-y", "given.yaml", "-p", "label", "007", "-p", "share", "1")
    assert list(project.executed("01_first").values()) == [["answer 63 007 1.0 True one\n"]]


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["-p", "factr", "3"], "has no parameter 'factr'"),
        (["-p", "factor", "three"], "factor takes int, not 'three'"),
        (["-p", "factor", "1.5"], "factor takes int, not '1.5'"),
        (["-p", "loud", "yes"], "loud takes bool, not 'yes'"),
        (["-p", "share", "true"], "share takes float, not 'true'"),
    ],
)
def test_a_wrong_parameter_is_refused_with_the_valid_ones(
    project: Project, words: list[str], complaint: str
) -> None:
    """A misspelt name or a wrong type must not run with defaults, as plain papermill does."""
    printed = project.attacknet("book", "run", "01_first", *words, status=1)
    assert complaint in printed
    assert "factor: int = 2  # what the answer is multiplied by" in printed
    assert not project.executed("01_first")


def test_a_wrong_type_in_a_file_is_refused(project: Project) -> None:
    """YAML's own types are checked too: true is no number."""
    project.write("given.yaml", "factor: true\n")
    assert "factor takes int, not True" in project.attacknet(
        "book", "run", "01_first", "-y", "given.yaml", status=1
    )


@pytest.mark.parametrize(
    ("content", "complaint"),
    [("a: [", "no YAML"), ("- 1\n", "write a mapping"), ("factor: 1\nfactor: 2\n", "duplicate key")],
)
def test_a_malformed_parameter_file_is_named(project: Project, content: str, complaint: str) -> None:
    """The message names the file."""
    project.write("given.yaml", content)
    printed = project.attacknet("book", "run", "01_first", "-y", "given.yaml", status=1)
    assert "given.yaml" in printed
    assert complaint in printed


def test_a_failing_cell_is_named_and_other_work_is_kept(project: Project) -> None:
    """The message has chapter, cell and error; the chapter beside it stays executed."""
    project.edit("notebooks/02_second.py", "geometry.sides(sides)", "geometry.sides(1 // (sides - 3))")
    printed = project.attacknet("book", "build", status=1)
    assert "chapter 02_second, code cell 3: ZeroDivisionError: " in printed
    assert project.statuses() == {"01_first": "fresh", "02_second": "stale, it has not been executed"}
    assert (project.root / "_build/chapters/02_second/failed.ipynb").exists()


def test_a_cell_that_runs_too_long_is_stopped(project: Project) -> None:
    """The time limit ends a hung chapter with a clear line."""
    project.edit("notebooks/02_second.py", 'print("sides"', 'import time; time.sleep(60); print("sides"')
    printed = project.attacknet("book", "run", "02_second", "--cell-timeout", "2", status=1)
    assert re.search(r"chapter 02_second, code cell 3: CellTimeoutError", printed)


def test_a_killed_kernel_is_reported(project: Project) -> None:
    """A kernel that dies (out of memory, say) fails the chapter rather than hanging the build."""
    project.edit("notebooks/02_second.py", 'print("sides"', 'import os; os._exit(9); print("sides"')
    assert "chapter 02_second, code cell 3: DeadKernelError" in project.attacknet(
        "book", "run", "02_second", status=1
    )


def test_a_chapter_without_a_title_or_parameters_is_named(project: Project) -> None:
    """A malformed source is a mistake of the author's, told in one line."""
    project.write("notebooks/02_second.py", HEADER + "# %%\nprint(1)\n")
    printed = project.attacknet("book", "run", "02_second", status=1)
    assert "02_second.py: 0 cells tagged 'parameters'" in printed


def test_the_contents_and_the_folder_must_agree(project: Project) -> None:
    """A chapter that is not in the table of contents would silently be left out of the book."""
    project.write("notebooks/03_third.py", SECOND_COPY)
    assert "chapter 03_third is missing in book/_toc.yml" in project.attacknet("book", "status", status=1)


SECOND_COPY = HEADER + "# %% [markdown]\n# # 3 Third\n"


def test_printed_text_is_kept_in_one_piece(project: Project) -> None:
    """How the kernel happens to send it must not show in stored notebooks."""
    project.edit(
        "notebooks/02_second.py",
        'print("sides", geometry.sides(sides))',
        'import time\nprint("one", flush=True)\ntime.sleep(0.5)\nprint("two")',
    )
    project.attacknet("book", "run", "02_second")
    assert list(project.executed("02_second").values()) == [["one\ntwo\n"]]


STANDINS = """\
from pathlib import Path


def home():
    return Path("standins")


def make(root, progress):
    with open(root, "a") as log:
        print("made", file=log)
    progress(1, 2)
    progress(2, 2)
"""


def test_standins_are_made_before_the_chapters_that_need_them(project: Project) -> None:
    """Once and in sight; never for a chapter that has no use for them, or that was given other data."""
    project.write("attacknet/standins/writers/__init__.py", STANDINS)
    for chapter in ("01_first", "02_second"):
        parameter = 'tags=["parameters"]\n'
        project.edit(
            f"notebooks/{chapter}.py", parameter, f'{parameter}data_root: str = ""  # folder of the data\n'
        )
    assert "stand-ins" not in project.attacknet("book", "run", "01_first")
    for chapter in ("01_first", "02_second"):
        project.edit(
            f"notebooks/{chapter}.py", "# %%\nimport", "# %%\nfrom attacknet.standins import writers\nimport"
        )
    assert "stand-ins" not in project.attacknet("book", "run", "01_first", "-p", "data_root", "elsewhere")
    assert not (project.root / "standins").exists()
    printed = project.attacknet("book", "build")
    assert printed.count("stand-ins: 2 samples made") == 1
    assert printed.index("stand-ins: 2 samples made") < printed.index("01_first: executed")
    assert len((project.root / "standins").read_text().splitlines()) == 1


RUNS = """\
def of_chapter(name, parameters):
    return [(name, parameters["factor"])]


def merged(jobs):
    return jobs


def make(jobs, progress):
    with open("made", "a") as log:
        print(jobs, file=log)
    progress(0, 1)
    progress(1, 1)
    raise AttackNetError("the disk is full")
"""


def test_models_are_trained_before_the_chapters_that_show_them(project: Project) -> None:
    """Once, in sight and with the chapter's parameters; a failure is left to the chapter."""
    project.write("attacknet/standins/writers/__init__.py", STANDINS)
    for module in ("book_runs", "experiments"):
        project.write(f"attacknet/{module}.py", f"from attacknet.errors import AttackNetError\n\n\n{RUNS}")
    assert "1 of 1 models" not in project.attacknet("book", "run", "01_first")
    project.edit("notebooks/01_first.py", "# %%\nimport", "# %%\nfrom attacknet import book_runs\nimport")
    printed = project.attacknet("book", "run", "01_first", "-p", "factor", "3")
    assert (project.root / "made").read_text() == "[('01_first', 3)]\n"
    assert "1 of 1 models" in printed
    assert "01_first: executed" in printed
