"""Figures and tables carry caption, alternative text and evidence, or are refused."""

import ast
import itertools
import re
from fnmatch import fnmatchcase
from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from attacknet import display, paths
from attacknet.errors import AttackNetError
from attacknet.evidence import Evidence


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """What was displayed: (bundle, facts)."""
    found: list[tuple[dict[str, Any], dict[str, Any]]] = []
    monkeypatch.setattr(display, "_publish", lambda bundle, facts: found.append((bundle, facts)))
    return found


FRAME = pd.DataFrame({"model": ["A|B", "C"], "macs": [1234567, None], "rate": [0.5, float("nan")]})


def test_a_table_formats_its_cells_and_marks_its_columns(shown: list[Any]) -> None:
    """Missing values are a dash, never a number; pipes do not break the table; evidence is in the header."""
    display.table(
        FRAME,
        name="tab-cost",
        caption="Cost.",
        evidence={"macs": "recomputed", "rate": "paper"},
        formats={"macs": ",.0f", "rate": lambda value: f"{100 * value:.0f} %"},
    )
    [(bundle, facts)] = shown
    lines = bundle["text/markdown"].splitlines()
    assert lines[0] == f"| model | macs {Evidence.RECOMPUTED.badge} | rate {Evidence.PAPER.badge} |"
    assert lines[1:] == ["| :-- | --: | --: |", "| A\\|B | 1,234,567 | 50 % |", "| C | – | – |"]
    assert facts["evidence"] == ["recomputed", "paper"]


def test_a_number_with_a_verdict_is_still_a_number(shown: list[Any]) -> None:
    """The sign leaves numbers on the right and words on the left, and the plain text holds no HTML."""
    sign = '<span class="verdict-sign verdict-contradicted" title="disagrees: 1 &lt; 2 (counts)">✗</span>'
    frame = pd.DataFrame(
        {
            "printed": [f"0.305 {sign}", f"31 %\N{NO-BREAK SPACE}{sign}", None],
            "word": [f"five {sign}", "6", "7"],
            "sign": [sign, sign, sign],
        }
    )
    display.table(frame, name="tab-signs", caption="Signs.", evidence="paper")
    [(bundle, _)] = shown
    lines = bundle["text/markdown"].splitlines()
    assert lines[1] == "| --: | :-- | :-- |"
    assert lines[2] == f"| 0.305 {sign} | five {sign} | {sign} |"
    rows = [line.split() for line in bundle["text/plain"].splitlines()[2:]]
    assert rows == [["0.305", "✗", "five", "✗", "✗"], ["31", "%", "✗", "6", "✗"], ["–", "7", "✗"]]


def test_a_column_of_dashes_alone_stands_left(shown: list[Any]) -> None:
    """Where nothing is known there is no number whose digits could be compared."""
    frame = pd.DataFrame({"target": [None, None], "rate": [None, 0.5]})
    display.table(frame, name="tab-dashes", caption="Dashes.", evidence="paper")
    [(bundle, _)] = shown
    assert bundle["text/markdown"].splitlines()[1:] == ["| :-- | --: |", "| – | – |", "| – | 0.5 |"]


def test_a_percentage_stays_on_its_line_and_is_a_number(shown: list[Any]) -> None:
    """Its sign is not torn off at the end of a line, and its column stands right."""
    assert display.percent(0.5278) == "52.8\N{NARROW NO-BREAK SPACE}%"
    assert display.percent(0.5, 0) == "50\N{NARROW NO-BREAK SPACE}%"
    frame = pd.DataFrame({"rate": [0.05, 0.5]})
    display.table(
        frame, name="tab-rates", caption="Rates.", evidence="paper", formats={"rate": display.percent}
    )
    [(bundle, _)] = shown
    assert bundle["text/markdown"].splitlines()[1] == "| --: |"


def test_a_figure_is_closed_and_described(shown: list[Any]) -> None:
    """A chapter's memory stays flat and the image has words."""
    others = plt.get_fignums()
    fig, _ = plt.subplots()
    display.figure(fig, name="fig-a", caption="A caption.", alt="An empty plot.", evidence="paper")
    [(bundle, facts)] = shown
    assert bundle["image/png"].startswith(b"\x89PNG")
    assert facts["alt"] == "An empty plot."
    assert plt.get_fignums() == others


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"name": "cost"}, "write 'tab-'"),
        ({"name": "fig-cost"}, "write 'tab-'"),
        ({"name": "tab-Cost"}, "write 'tab-'"),
        ({"caption": " "}, "its caption is empty"),
        ({"evidence": {"price": "paper"}}, "no column 'price'; columns: model, macs, rate"),
        ({"formats": {"price": ".2f"}}, "no column 'price'"),
    ],
)
def test_a_malformed_table_is_refused(change: dict[str, Any], complaint: str) -> None:
    """The message says what is wrong and what to write."""
    arguments: dict[str, Any] = {"name": "tab-cost", "caption": "Cost.", "evidence": "paper"}
    with pytest.raises(AttackNetError, match=complaint):
        display.table(FRAME, **(arguments | change))


def test_an_unknown_level_of_evidence_is_refused() -> None:
    """A made-up level would be shown beside true ones."""
    with pytest.raises(ValueError, match="'guess' is not a valid Evidence"):
        display.table(FRAME, name="tab-cost", caption="Cost.", evidence="guess")


def test_what_takes_a_figure_s_place_comes_beside_it(shown: list[Any]) -> None:
    """The picture is shown all the same, and facts that are compared know nothing of the data."""
    texts: dict[str, Any] = {"name": "fig-a", "caption": "A.", "alt": "A.", "evidence": "recomputed"}
    display.figure(plt.figure(), **texts)
    display.figure(plt.figure(), **texts, interactive=display.Interactive("tool", {"a": 1}))
    (plain, facts), (scripted, same) = shown
    assert display.INTERACTIVE not in plain
    assert scripted.pop(display.INTERACTIVE) == {"script": "tool", "data": {"a": 1}}
    assert (scripted, same) == (plain, facts)


def test_a_group_is_named_at_its_head_alone():
    """A name that comes back after another group is told again."""
    rows = pd.DataFrame({"group": ["a", "a", "b", "a"], "n": [1, 2, 3, 4]})
    told = display.once(rows, "group")
    assert told["group"].tolist() == ["a", "", "b", "a"]
    assert told["n"].tolist() == [1, 2, 3, 4]
    assert rows["group"].tolist() == ["a", "a", "b", "a"]


def names_in(source: str) -> list[str]:
    """Return the names that a chapter gives to its figures and tables; a part that is computed is a star."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.keyword) and node.arg == "name":
            written = re.sub(r"\{.*?\}", "*", ast.unparse(node.value))
            name = written.removeprefix("f").strip("'")
            found += [name] if name.startswith(("fig-", "tab-")) else []
    return found


def test_names_are_found_in_a_source() -> None:
    """Given to a function of the chapter's own or composed, and nothing else that is called a name."""
    source = 'show(name="fig-a", x=1)\ntable(t, name=f"tab-{n}")\nfigure(f, name="fig-a")\nopen(name="notes")'
    assert sorted(names_in(source)) == ["fig-a", "fig-a", "tab-*"]


def test_a_name_stands_once_in_the_whole_book() -> None:
    """A cross-reference would lead to one of the two, and nobody could say to which."""
    sources = sorted([*paths.NOTEBOOKS.glob("*.py"), *paths.BOOK.glob("**/*.py")])
    where = [(name, source.stem) for source in sources for name in names_in(source.read_text("utf-8"))]
    assert {source.stem for source in paths.NOTEBOOKS.glob("*.py")} <= {stem for _, stem in where}
    clashes = [
        (one, other)
        for one, other in itertools.combinations(where, 2)
        if fnmatchcase(one[0], other[0]) or fnmatchcase(other[0], one[0])
    ]
    assert clashes == []
