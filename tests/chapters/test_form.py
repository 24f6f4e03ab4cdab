"""Every chapter is built alike, so that a reader knows where to look: aims first, what to do at the end."""

import pytest

from attacknet.chapters.source import all_chapters, read_text_notebook

PARTS = (
    "\nAfter this chapter you can\n\n- ",
    "\nThe chapter presumes ",
    "\n## Summary\n\n- ",
    "\n**To try:** ",
    "\n**Read next:** ",
)


@pytest.mark.parametrize("chapter", all_chapters(), ids=lambda one: one.name)
def test_a_chapter_has_each_part_once_and_in_order(chapter):
    cells = read_text_notebook(chapter.text_path).cells
    text = "\n" + "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    assert {part: text.count(part) for part in PARTS} == dict.fromkeys(PARTS, 1)
    places = [text.index(part) for part in PARTS]
    assert places == sorted(places)
