"""Every page for every reader: axe-core finds nothing serious, and all can be done from the keyboard.

What follows from a page's structure is the same in every colour and width, so all rules are tried once on
every page. Colours and overflow are tried again in the dark, on a phone and on paper, on pages that hold
between them what the book has: cards, code, output, figures, tables, badges, verdicts.
"""

from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
VARIED = ("book/index", "book/try_it", "book/exercises/04_method", "book/teaching", "notebooks/04_3_metrics")
LOOKS = ["color-contrast", "link-in-text-block", "scrollable-region-focusable", "target-size"]
# Each formula is a hundred elements in the colour of the text around it.
FORMULAE = ["mjx-container"]
# Thousands of elements that are alike wherever they stand: tried once, by `LOOKS`.
ALIKE = [".highlight", "table.claims tr:nth-child(n + 20)"]


def findings(page: Page, exclude: list[str], rules: list[str] | None = None) -> list[str]:
    """Return what axe-core calls serious or critical, a line each."""
    options: dict[str, Any] = {"resultTypes": ["violations"]}
    if rules:
        options["runOnly"] = rules
    context = {"exclude": [[selector] for selector in exclude]}
    return [
        f"{page.url.rpartition('/')[2]}: {one['id']}, {node['target']}: {node['failureSummary']}"
        for one in Axe().run(page, context, options).response["violations"]
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


def opened(browser: Browser, size: Any = DESKTOP, scheme: Any = "light") -> Page:
    """Return an empty page; nothing moves on it, since a colour that fades in is no colour yet."""
    return browser.new_page(viewport=size, color_scheme=scheme, reduced_motion="reduce", offline=True)


def test_no_page_has_a_serious_fault(browser: Browser, site: Path, pages: list[Path]) -> None:
    """All of axe-core's rules on all pages, and on those of the search and of the index."""
    page = opened(browser)
    found = []
    for path in [*pages, site / "search.html", site / "genindex.html"]:
        page.goto(path.as_uri())
        found += findings(page, FORMULAE + ALIKE)
    page.close()
    assert found == []


@pytest.mark.parametrize(
    ("scheme", "size", "medium"),
    [("light", PHONE, "screen"), ("dark", PHONE, "screen"), ("dark", DESKTOP, "print")],
    ids=["phone", "dark-phone", "printed-from-dark"],
)
def test_every_look_can_be_read(browser: Browser, site: Path, scheme: str, size: Any, medium: Any) -> None:
    """Contrast and overflow, the first folded cells opened."""
    page = opened(browser, size, scheme)
    page.emulate_media(media=medium)
    found = []
    for name in VARIED:
        page.goto((site / f"{name}.html").as_uri())
        page.evaluate("[...document.querySelectorAll('details')].slice(0, 2).forEach(one => one.open = true)")
        found += findings(page, FORMULAE, LOOKS)
    page.close()
    assert found == []


def test_a_planted_fault_is_found(browser: Browser, site: Path) -> None:
    """The check above can fail: grey on grey, and a picture without words."""
    page = opened(browser)
    page.goto((site / "book" / "cite.html").as_uri())
    page.evaluate(
        "document.querySelector('article h1').insertAdjacentHTML('afterend',"
        '\'<p style="background: #fff; color: #ccc">Faint</p><img src="x.png">\')'
    )
    found = " ".join(findings(page, FORMULAE + ALIKE))
    page.close()
    assert "color-contrast" in found
    assert "image-alt" in found


def test_the_keyboard_skips_to_the_text(browser: Browser, site: Path) -> None:
    """The first stop is in sight once it is reached, and leads past the sidebar."""
    page = opened(browser)
    page.goto((site / "book" / "reading.html").as_uri())
    page.keyboard.press("Tab")
    skip = page.locator(":focus")
    assert skip.inner_text() == "Skip to main content"
    box = skip.bounding_box()
    assert box
    assert box["y"] >= 0
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")
    page.close()


def test_every_stop_of_the_keyboard_is_in_sight_and_marked(browser: Browser, site: Path) -> None:
    """From the top of a chapter through the sidebar into the text: an outline and a name at each stop."""
    page = opened(browser)
    page.goto((site / "notebooks" / "05_0_table4.html").as_uri())
    names = []
    for _ in range(60):
        page.keyboard.press("Tab")
        stop = page.evaluate(
            """() => {
              const it = document.activeElement;
              const style = getComputedStyle(it), box = it.getBoundingClientRect();
              return {name: it.ariaLabel || it.innerText || it.title || it.placeholder || it.tagName,
                      seen: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
                      inside: box.bottom > 0 && box.top < innerHeight && box.width > 0};
            }"""
        )
        assert stop["seen"], stop
        assert stop["inside"], stop
        names.append(stop["name"])
    assert len(set(names)) > 30
    page.close()


def test_a_phone_s_sidebar_opens_and_closes_from_the_keyboard(browser: Browser, site: Path) -> None:
    """Enter on its button shows the contents; Escape takes them away and gives the focus back."""
    page = opened(browser, PHONE)
    page.goto((site / "book" / "reading.html").as_uri())
    page.wait_for_load_state("load")
    button = page.locator("button.primary-toggle")
    contents = page.locator("nav.bd-links a").first
    assert not contents.is_visible()
    button.focus()
    page.keyboard.press("Enter")
    contents.wait_for(state="visible")
    page.keyboard.press("Escape")
    contents.wait_for(state="hidden")
    assert button.evaluate("it => it === document.activeElement")
    page.close()


def test_what_is_folded_opens_from_the_keyboard(browser: Browser, site: Path) -> None:
    """A chapter's code and the status page's lists of files."""
    page = opened(browser)
    for name in ("notebooks/05_0_table4", "book/status"):
        page.goto((site / f"{name}.html").as_uri())
        folded = page.locator("main details").first
        assert not folded.evaluate("it => it.open")
        folded.locator("summary").focus()
        page.keyboard.press("Enter")
        assert folded.evaluate("it => it.open")
    page.close()
