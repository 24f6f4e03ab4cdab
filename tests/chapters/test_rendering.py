"""A rendered chapter carries its captions, stamps and re-run box, and is rendered only when it changed."""

import re
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.chapters.conftest import Project


def _text(html: str) -> str:
    """Return the text of a page as a reader sees it."""
    return re.sub(r"<[^>]+>", "", html)


def _page(project: Project, name: str) -> str:
    return (project.root / "_build" / "html" / name).read_text(encoding="utf-8")


def test_the_book_builds_once_and_then_rests(project: Project) -> None:
    """Stamps and boxes are on the page; a second build executes and renders nothing."""
    printed = project.attacknet("book", "build")
    assert "rendered" in printed
    page = Path(printed.split("open ")[-1].strip())
    assert page.exists()

    chapter = _page(project, "notebooks/02_second.html")
    image = re.search(r'<img alt="A rising line\." [^>]*src="([^"]+)"', chapter)
    assert image
    assert (page.parent / "notebooks" / image[1]).resolve().exists()
    for part in ("stand-in default parameters", "attacknet book run 02_second", "how many sides"):
        assert part in _text(chapter)
    assert re.search(r'key <a href="\.\./book/status\.html#status-02-second"><code>[0-9a-f]{8}', chapter)
    assert "The answer, in full." in _text(_page(project, "notebooks/01_first.html"))
    assert 'id="status-02-second"' in _page(project, "book/status.html")

    again = project.attacknet("book", "build")
    assert "01_first: fresh" in again
    assert "nothing to render" in again

    packed = project.attacknet("book", "offline")
    assert "nothing to render" in packed
    assert re.search(r"attacknet-companion\.zip: [\d.]+ MB; unzip it", packed)
    with ZipFile(project.root / "_build" / "attacknet-companion.zip") as archive:
        assert "attacknet-companion/results.json" in archive.namelist()


def test_a_lost_page_or_another_renderer_renders_again(project: Project) -> None:
    """The site is what its key says, and whole; the code that renders it counts."""
    project.attacknet("book", "build")
    (project.root / "_build" / "html" / "book" / "index.html").unlink()
    assert "\nrendered\n" in project.attacknet("book", "build")
    project.edit("attacknet/chapters/claim_role.py", "linked to its row", "linked to the row")
    assert "\nrendered\n" in project.attacknet("book", "build")


def test_a_page_made_with_other_parameters_says_so(project: Project) -> None:
    """The stamp and the command name the parameters that were used."""
    project.write("given.yaml", "01_first:\n  factor: 3\n")
    project.attacknet("book", "build", "-y", "given.yaml")
    chapter = _page(project, "notebooks/01_first.html")
    assert "answer 63" in chapter
    assert "factor=3" in chapter
    assert "attacknet book run 01_first -p factor 3" in _text(chapter)


def test_a_warning_fails_the_build_and_leaves_the_old_book(project: Project) -> None:
    """A broken reference is an error that names the page; readers keep the last good book."""
    project.attacknet("book", "build")
    project.edit("book/index.md", "# Small book", "# Small book\n\n{numref}`fig-nowhere`")
    printed = project.attacknet("book", "build", status=1)
    assert "book/index.md" in printed
    assert "fig-nowhere" in printed
    assert "Small book" in _page(project, "book/index.html")
    assert "fig-nowhere" not in _page(project, "book/index.html")
    # And it goes on failing: nothing of the failed build counts as rendered.
    project.attacknet("book", "build", status=1)


@pytest.mark.parametrize("show", ["plt.figure(); plt.plot([1]); plt.show()", "pd.DataFrame({'a': [1]})"])
def test_an_output_without_evidence_is_refused(project: Project, show: str) -> None:
    """No figure and no table reaches the book without its level of evidence."""
    project.edit(
        "notebooks/02_second.py",
        "fig, ax = plt.subplots()",
        f"import pandas as pd\n{show}\n# %%\nfig, ax = plt.subplots()",
    )
    printed = project.attacknet("book", "build", status=1)
    assert "without a level of evidence" in printed
