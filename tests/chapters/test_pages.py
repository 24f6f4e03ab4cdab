"""What the generated pages and bars say about a chapter."""

import pytest

from attacknet.chapters import pages
from attacknet.chapters.results import ChapterResults, Result
from attacknet.evidence import Evidence
from tests.chapters.conftest import record


@pytest.mark.parametrize(("words", "minutes"), [(1, 1), (119, 1), (120, 2), (1190, 10)])
def test_reading_takes_as_long_as_the_text_is(words: int, minutes: int) -> None:
    """At 119 words a minute, rounded up: nobody is promised less time than it takes."""
    assert pages.time_to_read("word\n" * words) == f"{minutes} min to read"


def test_many_files_of_a_dataset_share_a_line_whose_hash_tells_a_change() -> None:
    """The status page stays readable, and still says which dataset differs between two machines."""
    names = [f"<cache>/standins/small-0/own/{number}.png" for number in range(50)]
    paper = {"attacknet/paper/data/counts.csv": "c" * 64}
    before = record("01_first", files=dict.fromkeys(names, "a" * 64) | paper)
    after = record("01_first", files=before.files | {names[7]: "b" * 64})
    lines = [_files(pages.status([("1 First", one)])) for one in (before, after)]
    assert list(lines[0]) == [
        "`<cache>/standins/small-0/own/`, 50 files",
        "`attacknet/paper/data/counts.csv`",
    ]
    assert lines[0]["`attacknet/paper/data/counts.csv`"] == "`cccccccc`"
    assert [lines[0][name] == lines[1][name] for name in lines[0]] == [False, True]


def _files(page: str) -> dict[str, str]:
    """Return the listed files of a status page with their hashes."""
    rows = page.partition("SHA-256 begins with |")[2].splitlines()[2:-1]
    return dict(row.strip("| ").split(" | ") for row in rows)


def test_the_list_of_figures_names_each_with_its_level_and_first_sentence() -> None:
    """Who looks for a figure finds it under its chapter, and sees what kind of fact it shows."""
    shown = Result(
        kind="figure",
        name="fig-one",
        address="notebooks/01_first.html#fig-one",
        caption="Rates at 0.5 of\n    each set. Bars: 95 %.",
        evidence=[Evidence.STAND_IN],
    )
    chapter = ChapterResults.model_construct(title="1 First", results=[shown])
    assert pages.figures([chapter]) == (
        f"### 1 First\n\n- {{numref}}`fig-one` {Evidence.STAND_IN.badge} Rates at 0.5 of each set."
    )
