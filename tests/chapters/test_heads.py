"""What a page's head says of it."""

import json

from bs4 import BeautifulSoup

from attacknet.chapters import citation, heads


def test_a_description_is_the_first_paragraph_that_says_something() -> None:
    """Neither the bar under the title nor a reference, and no longer than a search engine shows."""
    body = (
        '<div class="chapter-bar"><p>This bar is long enough to be taken for a paragraph.</p></div>'
        "<p>Short.</p>"
        '<p>Section 1 of the paper <span class="bibtex-citation">[A, 2024]</span>: what it says, and why.</p>'
    )
    assert heads.description(body) == "Section 1 of the paper: what it says, and why."
    assert len(heads.description(f"<p>{'word ' * 100}</p>")) <= 200
    assert heads.description("<h1>Search</h1>") == ""


def test_words_of_a_page_cannot_leave_their_tag() -> None:
    """A quote in a title or the end of a script in a sentence stays text."""
    head = heads.tags(citation.load(), 'The "claims"', "about </script><b> & more", "2026-01-31")
    soup = BeautifulSoup(head, "html.parser")
    assert soup.find("meta", {"name": "citation_title"})["content"] == 'The "claims"'
    assert soup.find("meta", {"name": "citation_publication_date"})["content"] == "2026/01/31"
    assert json.loads(soup.find("script").string)["description"] == "about </script><b> & more"
    assert soup.find("b") is None
