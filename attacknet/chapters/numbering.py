"""Figures and tables are numbered within their chapter: Table 5.0.2 is the second of chapter 5.0.

So none of them can be taken for one of the paper's own Tables 1 to 5. A chapter's number is the section of
the paper, which its title begins with; Sphinx only knows numbers that it has given itself.
"""

import re
from typing import Any

from sphinx.application import Sphinx

_CHAPTER = re.compile(r"(?:\d+|[A-Z](?=\.))(?:\.\d+)?")


def by_chapter(_app: Sphinx, env: Any) -> list[str]:
    """Give figures and tables new numbers: that of the page's title, then their rank on the page.

    Equations keep the numbers through the whole book, for these are the paper's.
    """
    for page, kinds in env.toc_fignumbers.items():
        chapter = _CHAPTER.match(env.titles[page].astext())
        for kind in ("figure", "table"):
            if chapter and kind in kinds:
                kinds[kind] = {name: (chapter[0], rank) for rank, name in enumerate(kinds[kind], 1)}
    return []


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the numbering, after that of Sphinx."""
    app.connect("env-get-updated", by_chapter, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
