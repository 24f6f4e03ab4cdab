"""The book in a real browser: no other host, no script errors, good on a phone, searchable offline."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

pytestmark = pytest.mark.browser

DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}


class Visit:
    """Opened pages with all that they asked for and complained of."""

    def __init__(self, context: BrowserContext) -> None:
        self.page: Page = context.new_page()
        self.asked: list[str] = []
        self.errors: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))

    def open(self, path: Path, fragment: str = "") -> Page:
        """Open a file and wait until its scripts have loaded."""
        self.page.goto(f"{path.as_uri()}{fragment}")
        return self.page


def test_no_page_asks_another_host(browser: Browser, pages: list[Path]) -> None:
    """Read without a network, every page works: files of the book alone, no script error, mathematics set."""
    context = browser.new_context(viewport=DESKTOP, offline=True)
    visit = Visit(context)
    for path in pages:
        page = visit.open(path)
        assert page.locator("main h1:visible").count() == 1, path.name
        if page.locator(".math").count():
            page.wait_for_selector("mjx-container", state="attached")  # it may be in what is folded
    assert [url for url in visit.asked if not url.startswith(("file:", "data:", "blob:"))] == []
    assert visit.errors == []
    context.close()


def test_pages_fit_a_phone(browser: Browser, pages: list[Path]) -> None:
    """No page is wider than the screen, in light or dark; wide tables scroll inside their own box.

    Neither a claim's verdict and reason nor what a parameter means lies beside the screen.
    """
    context = browser.new_context(viewport=PHONE, offline=True)
    visit = Visit(context)
    widths = {}
    for path in pages:
        page = visit.open(path)
        for theme in ("dark", "light"):  # set as the page's own button sets it
            widths[path.name, theme] = page.evaluate(
                "theme => { const page = document.documentElement;"
                " page.dataset.theme = theme; return page.scrollWidth; }",
                theme,
            )
        last = page.locator("table.claims tbody tr:first-child td, .rerun td:last-child")
        for box in (cell.bounding_box() for cell in last.all()):
            assert box, path.name
            assert box["width"] > 100, path.name
            assert box["x"] + box["width"] <= PHONE["width"], path.name
    assert {page: width for page, width in widths.items() if width > PHONE["width"]} == {}
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_page_opens_in_the_reader_s_colours(browser: Browser, site: Path, scheme: str) -> None:
    """As the system has them."""
    context = browser.new_context(viewport=PHONE, color_scheme=scheme, offline=True)  # type: ignore[arg-type]
    page = Visit(context).open(site / "book" / "reading.html")
    assert page.evaluate("document.documentElement.dataset.theme") == scheme
    context.close()


def test_search_works_offline(browser: Browser, site: Path) -> None:
    """The index is a local script, so that a word is found on a disconnected machine."""
    context = browser.new_context(viewport=DESKTOP, offline=True)
    page = Visit(context).open(site / "search.html", "?q=architecture")
    page.wait_for_selector("ul.search li")
    assert "03_1_architecture.html" in page.locator("ul.search").inner_html()
    context.close()


def test_the_first_page_is_the_landing_page(browser: Browser, site: Path) -> None:
    """The page that `make book` names leads to the landing page."""
    context = browser.new_context(viewport=DESKTOP, offline=True)
    page = Visit(context).open(site / "index.html")
    page.wait_for_url("**/book/index.html")
    assert "AttackNet" in page.locator("main h1:visible").inner_text()
    context.close()


def test_claims_can_be_searched_filtered_and_sorted(browser: Browser, site: Path) -> None:
    """The reader finds a claim by word, by section and by verdict, and orders the table."""
    context = browser.new_context(viewport=DESKTOP, offline=True)
    page = Visit(context).open(site / "book" / "claims.html")
    rows = page.locator("table.claims tbody tr")
    shown = page.locator("table.claims tbody tr:visible")
    everything = rows.count()
    search = page.locator(".claims-tools").get_by_label("Search")
    assert shown.count() == everything > 400

    page.get_by_label("verdict").select_option("contradicted")
    assert 0 < shown.count() < everything
    assert all("contradicted" in text for text in shown.locator("td:nth-child(5)").all_inner_texts())

    search.fill("msspoof recall")
    few = shown.count()
    assert page.locator('[data-claims="count"]').inner_text() == f"{few} of {everything} claims"

    search.fill("")
    page.get_by_label("verdict").select_option("")
    page.get_by_role("button", name="printed").click()
    numbers = [float(text) for text in shown.locator("td:nth-child(3)").all_inner_texts() if _is_number(text)]
    assert numbers == sorted(numbers)
    context.close()


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdigit()
