"""The cache tells the truth: what a chapter depends on runs it again, and nothing else does."""

import pytest

from tests.chapters.conftest import Project


def _build_chapters(project: Project) -> str:
    project.attacknet("book", "regenerate")
    assert project.statuses() == {"01_first": "fresh", "02_second": "fresh"}
    return ""


def test_a_changed_function_runs_its_chapter_again_and_no_other(project: Project) -> None:
    """The new number appears; the unrelated chapter is not executed."""
    _build_chapters(project)
    project.edit("attacknet/arithmetic.py", "return 21", "return 22")
    assert project.statuses() == {"01_first": "stale, attacknet/arithmetic.py changed", "02_second": "fresh"}
    printed = project.attacknet("book", "regenerate")
    assert "02_second: fresh" in printed
    assert list(project.executed("01_first").values()) == [["answer 44 plain 0.5 False one\n"]]


def test_a_docstring_elsewhere_runs_nothing(project: Project) -> None:
    """A module that no chapter reaches shapes no output."""
    _build_chapters(project)
    project.write("attacknet/unused.py", '"""Nobody imports this."""\n')
    project.edit("attacknet/chapters/pages.py", '"""Pages that are', '"""The pages that are')
    assert project.statuses() == {"01_first": "fresh", "02_second": "fresh"}


def test_prose_may_change_without_a_new_execution(project: Project) -> None:
    """Text is not computed from; the page shows the new text with the kept outputs."""
    _build_chapters(project)
    project.edit("notebooks/01_first.py", "Text of the first", "New text of the first")
    assert project.statuses() == {"01_first": "fresh", "02_second": "fresh"}
    assert "01_first.ipynb: written" in project.attacknet("book", "regenerate")
    assert "New text of the first" in (project.root / "notebooks/01_first.ipynb").read_text()


def test_each_kind_of_dependency_is_seen(project: Project) -> None:
    """Code, manifests, the lock: a change of each makes the right chapters stale, with the reason."""
    _build_chapters(project)
    project.edit("data_manifest/extra.yaml", "one", "two")
    assert project.statuses() == {"01_first": "stale, data_manifest/extra.yaml changed", "02_second": "fresh"}
    project.edit("data_manifest/extra.yaml", "two", "one")
    project.edit("notebooks/02_second.py", "range(sides)", "range(sides + 1)")
    assert project.statuses() == {"01_first": "fresh", "02_second": "stale, its code changed"}
    project.edit("requirements.lock", "numpy==", "numpy===")
    assert set(project.statuses().values()) == {"stale, the environment changed", "stale, its code changed"}


def test_a_file_that_was_missing_and_appears_is_seen(project: Project) -> None:
    """A chapter that went on without a file must be executed when the file is there."""
    project.edit(
        "notebooks/02_second.py",
        'print("sides", geometry.sides(sides))',
        "from attacknet import paths\n"
        'try:\n    print((paths.MANIFESTS / "late.txt").read_text())\n'
        'except FileNotFoundError:\n    print("missing")',
    )
    _build_chapters(project)
    project.write("data_manifest/late.txt", "here")
    assert project.statuses()["02_second"] == "stale, data_manifest/late.txt appeared"


def test_a_folder_that_was_listed_is_seen(project: Project) -> None:
    """One more file in a folder of data changes what a chapter would compute."""
    project.edit(
        "notebooks/02_second.py",
        'print("sides", geometry.sides(sides))',
        "from attacknet import paths\nprint(len(list(paths.MANIFESTS.iterdir())))",
    )
    _build_chapters(project)
    project.write("data_manifest/another.yaml", "a: 1\n")
    assert project.statuses()["02_second"] == "stale, the content of data_manifest changed"


def test_what_is_derived_is_no_input_but_what_it_is_derived_from_is(project: Project) -> None:
    """Crops made on the way leave a chapter fresh; a change of the file that they are made from does not."""
    project.edit(
        "notebooks/02_second.py",
        'print("sides", geometry.sides(sides))',
        "from attacknet import paths\n"
        'source = paths.cache_dir() / "standins" / "a.txt"\n'
        'crops = paths.cache_dir() / "crops"\n'
        "crops.mkdir(exist_ok=True)\n"
        '(crops / "unfinished.tmp").write_text(source.read_text())\n'
        '(crops / "unfinished.tmp").read_text()\n'
        '(crops / "unfinished.tmp").rename(crops / "5ca1ab1e")\n'
        "print(len(list(crops.iterdir())))",
    )
    project.write("../cache/standins/a.txt", "1")
    cache = str(project.root.parent / "cache")
    project.attacknet("book", "run", "02_second", ATTACKNET_CACHE=cache)
    project.write("../cache/crops/more", "2")
    (project.root / "../cache/crops/5ca1ab1e").unlink()
    assert "02_second: fresh" in project.attacknet("book", "status", ATTACKNET_CACHE=cache)
    project.write("../cache/standins/a.txt", "2")
    status = project.attacknet("book", "status", ATTACKNET_CACHE=cache)
    assert "02_second: stale, <cache>/standins/a.txt changed" in status


def test_a_module_that_was_only_hashed_is_seen(project: Project) -> None:
    """A run is named by the hash of the code that made it; who looks for runs depends on that code."""
    project.edit(
        "notebooks/02_second.py",
        'print("sides", geometry.sides(sides))',
        'from attacknet import paths\nprint(len((paths.PACKAGE / "hashed.py").read_bytes()))',
    )
    project.write("attacknet/hashed.py", "x = 1\n")
    _build_chapters(project)
    project.write("attacknet/hashed.py", "x = 2\n")
    assert project.statuses()["02_second"] == "stale, attacknet/hashed.py changed"


def _reads_data(project: Project, code: str) -> None:
    """Let the second chapter read a folder of data outside the checkout."""
    project.edit(
        "notebooks/02_second.py",
        "sides: int = 3  # how many sides",
        'sides: int = 3  # how many sides\ndata_root: str = "../data"  # a folder of data',
    )
    project.edit(
        "notebooks/02_second.py",
        'print("sides", geometry.sides(sides))',
        f"from pathlib import Path\nroot = Path(data_root)\nprint({code})",
    )
    project.write("../data/ann/a.txt", "1")


@pytest.mark.parametrize("linked", [False, True])
def test_data_outside_the_checkout_is_seen(project: Project, linked: bool) -> None:
    """Files below a data root count, reached directly or through a symbolic link, under a portable name."""
    _reads_data(project, "(root / 'ann' / 'a.txt').read_text()")
    if linked:
        (project.root.parent / "data").rename(project.root.parent / "elsewhere")
        (project.root.parent / "data").symlink_to("elsewhere")
    _build_chapters(project)
    project.write("../data/ann/a.txt", "2")
    assert project.statuses()["02_second"] == "stale, <data>/ann/a.txt changed"


def test_a_new_subject_at_the_top_of_a_data_root_is_seen(project: Project) -> None:
    """The root's own listing is an input, not only those of the folders below it."""
    _reads_data(project, "sorted(path.name for path in root.iterdir())")
    _build_chapters(project)
    project.write("../data/bob/a.txt", "1")
    assert project.statuses()["02_second"] == "stale, the content of <data>/. changed"


def test_a_file_that_changes_while_the_chapter_runs_leaves_it_stale(project: Project) -> None:
    """Nobody can say which content the chapter read."""
    project.edit(
        "notebooks/02_second.py",
        'print("sides", geometry.sides(sides))',
        "from attacknet import paths\n"
        'file = paths.MANIFESTS / "extra.yaml"\nprint(file.read_text())\nfile.write_text("changed")',
    )
    project.attacknet("book", "run", "02_second")
    assert project.statuses()["02_second"] == "stale, data_manifest/extra.yaml changed"


def test_what_was_unavailable_is_not_enough_for_ci(project: Project) -> None:
    """A reader's page may say what is missing; a kept one must not pass where that is a failure."""
    project.edit(
        "notebooks/02_second.py",
        'print("sides", geometry.sides(sides))',
        "import sys\nsys.audit('attacknet.unavailable', 'model.h5')\nprint('Not shown here')",
    )
    project.attacknet("book", "run", "02_second", CI="")
    status = [line for line in project.attacknet("book", "status", CI="").splitlines() if "02_second" in line]
    assert status[0].startswith("02_second: fresh")
    status = [
        line for line in project.attacknet("book", "status", CI="1").splitlines() if "02_second" in line
    ]
    assert status[0].startswith("02_second: stale, it ran without model.h5")


def test_another_installed_version_is_another_environment(project: Project) -> None:
    """What is installed counts, not only what the lock says should be."""
    _build_chapters(project)
    project.write("added-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: added\nVersion: 1.0\n")
    assert set(project.statuses().values()) == {"stale, the environment changed"}


def test_a_damaged_kept_notebook_is_executed_again(project: Project) -> None:
    """A half-written file (a full disk, say) is no output."""
    _build_chapters(project)
    for notebook in (project.root / "_build" / "chapters" / "01_first").glob("*/notebook.ipynb"):
        notebook.write_text(notebook.read_text(encoding="utf-8")[:500], encoding="utf-8")
    assert project.statuses()["01_first"] == "stale, it has not been executed"


def test_executions_with_other_parameters_are_kept_apart(project: Project) -> None:
    """A run with a reader's parameters neither replaces nor counts as the book's own."""
    _build_chapters(project)
    project.attacknet("book", "run", "01_first", "-p", "factor", "5")
    assert sorted(project.executed("01_first").values()) == [
        ["answer 105 plain 0.5 False one\n"],
        ["answer 42 plain 0.5 False one\n"],
    ]
    assert project.statuses()["01_first"] == "fresh"


def test_a_module_edited_while_the_chapter_runs_leaves_it_stale(project: Project) -> None:
    """The record holds what was loaded, not what the file says afterwards."""
    project.edit(
        "notebooks/02_second.py",
        'print("sides", geometry.sides(sides))',
        "from pathlib import Path\n"
        "source = Path(geometry.__file__)\nsource.write_text(source.read_text() + '# later')\n",
    )
    project.attacknet("book", "run", "02_second")
    assert project.statuses()["02_second"] == "stale, attacknet/geometry.py changed"
