"""The zip of the book on another machine: unzipped anywhere, opened as files, with the network off."""

from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest
from playwright.sync_api import Browser, Page

from attacknet import paths
from attacknet.chapters import offline

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def unzipped(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The book unpacked in a folder whose name needs care in an address."""
    folder = tmp_path_factory.mktemp("a reader's desk")
    offline.pack(site, folder / "book.zip")
    with ZipFile(folder / "book.zip") as archive:
        archive.extractall(folder)
    return folder / offline.FOLDER


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page without a network that fails the test if a request or a script fails."""
    opened = browser.new_page(offline=True)
    failed: list[str] = []
    opened.on("requestfailed", lambda request: failed.append(f"{request.url}: {request.failure}"))
    opened.on("pageerror", lambda error: failed.append(str(error)))
    yield opened
    opened.close()
    assert failed == []


def test_it_opens_with_its_mathematics_and_pictures(unzipped: Path, page: Page) -> None:
    """From the file that the command names to a chapter."""
    page.goto((unzipped / "index.html").as_uri())
    page.wait_for_url("**/book/index.html")
    page.locator("nav.bd-links").get_by_text("4.3 Metrics").click()
    page.wait_for_selector("mjx-container")
    pictures = page.locator("main figure img")
    assert pictures.count() > 0
    assert pictures.evaluate_all("all => all.every(one => one.complete && one.naturalWidth > 0)")


def test_a_word_is_found(unzipped: Path, page: Page) -> None:
    """Where the book explains it, although a browser lets no page read files."""
    page.goto(f"{(unzipped / 'search.html').as_uri()}?q=BPCER")
    page.wait_for_selector("ul.search li")
    assert "4.3 Metrics" in page.locator("ul.search").inner_text()


def test_nothing_in_it_names_the_machine(unzipped: Path) -> None:
    """Neither the checkout nor the home of whoever built it."""
    private = [str(paths.ROOT).encode(), str(Path.home()).encode() + b"/"]
    found = [
        f"{path.relative_to(unzipped)}: {name.decode()}"
        for path in unzipped.rglob("*")
        if path.is_file()
        for name in private
        if name in path.read_bytes()
    ]
    assert found == []
