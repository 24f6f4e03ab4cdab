"""What a page's head says of it to search engines and reference managers.

Each page gets a description, the ``citation_*`` tags that Zotero and Google Scholar read, and the same
facts as JSON-LD in the terms of schema.org.
"""

import html
import json
import re
import textwrap
from functools import cache
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup
from docutils.nodes import Node
from sphinx.application import Sphinx

from attacknet.chapters import citation
from attacknet.chapters.citation import Citation
from attacknet.chapters.results import FOLDER, Results

_DESCRIPTION_CHARACTERS = 200
# A shorter paragraph says next to nothing.
_PARAGRAPH_CHARACTERS = 40
_LICENCE = "https://creativecommons.org/licenses/by/4.0/"


def describe(
    app: Sphinx, pagename: str, _templatename: str, context: dict[str, Any], _doctree: Node | None
) -> None:
    """Add the tags to the head of a page that is about to be written."""
    book = citation.load()
    title = BeautifulSoup(context.get("title", ""), "html.parser").get_text().strip() or book.title
    about = description(context.get("body", "")) or " ".join(book.abstract.split())
    context["metatags"] = context.get("metatags", "") + tags(book, title, about, _date(app, pagename))


def description(body: str) -> str:
    """Return a page's first paragraph without references, shortened; empty where there is none."""
    soup = BeautifulSoup(body, "html.parser")
    for aside in soup.select(".chapter-bar, .bibtex-citation, .math"):
        aside.decompose()
    for paragraph in soup.select("p"):
        # Where a reference stood, a space is left before the sign that followed it.
        text = re.sub(r" (?=[,.:;])", "", " ".join(paragraph.get_text().split()))
        if len(text) >= _PARAGRAPH_CHARACTERS:
            return textwrap.shorten(text, _DESCRIPTION_CHARACTERS, placeholder=" …")
    return ""


def tags(book: Citation, title: str, about: str, date: str) -> str:
    """Return the tags of a page; `date` is the day on which what it shows was computed, ISO 8601."""
    named = {
        "description": about,
        "citation_title": title,
        "citation_inbook_title": book.title,
        "citation_publication_date": date.replace("-", "/"),
        "citation_language": "en",
    }
    lines = [*named.items(), *(("citation_author", one.label) for one in book.authors)]
    linked = {
        "@context": "https://schema.org",
        "@type": "Chapter",
        "name": title,
        "description": about,
        "dateModified": date,
        "inLanguage": "en",
        "license": _LICENCE,
        "author": [{"@type": one.kind, "name": one.label} for one in book.authors],
        "isPartOf": {"@type": "Book", "name": book.title, "version": book.version, "keywords": book.keywords},
        "isBasedOn": [{"@type": "ScholarlyArticle", "name": work.title} for work in book.references],
    }
    # A script ends at the first "</", wherever it stands.
    script = json.dumps(linked, ensure_ascii=False).replace("</", "<\\/")
    meta = [f'<meta name="{name}" content="{html.escape(text)}" />' for name, text in lines]
    return "\n".join(["", *meta, f'<script type="application/ld+json">{script}</script>', ""])


def _date(app: Sphinx, pagename: str) -> str:
    """Return the day on which a chapter was executed; for other pages that of the newest execution."""
    found = _results(Path(app.srcdir))
    own = [one.executed[:10] for one in found.chapters if one.page == f"{pagename}.html"]
    return own[0] if own else found.date


@cache
def _results(source: Path) -> Results:
    return Results.model_validate_json((source / FOLDER / "results.json").read_text(encoding="utf-8"))


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the tags."""
    app.connect("html-page-context", describe)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
