"""A script that takes a figure's place gets its data whole, and the page stays one page."""

import json

from bs4 import BeautifulSoup

from attacknet.chapters import interactive


def test_a_script_gets_its_data_as_they_were() -> None:
    """No text in the data ends the element that holds them, and no digit is lost."""
    data = {"title": "</script><b>&amp;<!-- ", "scores": [0.1 + 0.2, 1e-12, -0.0]}
    page = BeautifulSoup(interactive.markup("fig-a", "tool", data, "static"), "html.parser")
    (held,) = page.select('script[data-tool="fig-a"]')
    assert json.loads(held.string) == data
    assert [script.get("src") for script in page.select("script[src]")] == ["static/tool/tool.js"]
    assert page.select("b") == []


def test_a_chapter_s_page_finds_the_files_beside_it() -> None:
    """Chapters lie one folder below the root of the book."""
    text = interactive.block("fig-a", "tool", {})
    assert text.startswith("```{raw} html\n")
    assert 'src="../_static/tool/tool.js"' in text
    assert 'href="../_static/tool/tool.css"' in text
