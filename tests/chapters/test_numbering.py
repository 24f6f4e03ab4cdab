"""Figures and tables of the book are told apart from the paper's."""

from types import SimpleNamespace
from typing import Any

import pytest
from docutils import nodes

from attacknet.chapters.numbering import by_chapter


@pytest.mark.parametrize(
    ("title", "number"),
    [
        ("5.0 Table 4, rebuilt", "5.0"),
        ("A.1 The stand-ins", "A.1"),
        ("1 The question", "1"),
        ("3.3 and 3.4", "3.3"),
    ],
)
def test_numbers_begin_with_that_of_the_title(title: str, number: str) -> None:
    """The paper's Tables 1 to 5 stay the only ones with these names; equations keep the paper's numbers."""
    kinds: dict[str, Any] = {
        "table": {"tab-a": (7,), "tab-b": (8,)},
        "figure": {"fig-a": (3,)},
        "displaymath": {"eq-hter": (9,)},
    }
    env = SimpleNamespace(toc_fignumbers={"page": kinds}, titles={"page": nodes.title("", title)})
    by_chapter(None, env)  # type: ignore[arg-type]
    assert kinds == {
        "table": {"tab-a": (number, 1), "tab-b": (number, 2)},
        "figure": {"fig-a": (number, 1)},
        "displaymath": {"eq-hter": (9,)},
    }


def test_a_page_without_a_number_keeps_sphinx_s() -> None:
    """There is nothing to begin with."""
    env = SimpleNamespace(
        toc_fignumbers={"page": {"table": {"tab-a": (7,)}}},
        titles={"page": nodes.title("", "A reader's page")},
    )
    by_chapter(None, env)  # type: ignore[arg-type]
    assert env.toc_fignumbers == {"page": {"table": {"tab-a": (7,)}}}
