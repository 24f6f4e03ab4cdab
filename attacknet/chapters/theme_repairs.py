"""Faults of Sphinx and the theme that keep a page from being accessible, mended as it is written."""

from typing import Any

from docutils.nodes import Node
from sphinx.application import Sphinx


def repair(
    _app: Sphinx, _pagename: str, _templatename: str, context: dict[str, Any], _doctree: Node | None
) -> None:
    """Mend a page's body."""
    # A list may hold list items alone, and the role of an entry is deprecated (DPUB-ARIA 1.1).
    if body := context.get("body"):
        context["body"] = body.replace('role="doc-biblioentry"', 'role="listitem"')


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the repairs."""
    app.connect("html-page-context", repair)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
