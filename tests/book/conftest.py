"""The built book and a real browser."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from attacknet import paths
from attacknet.chapters import source


@pytest.fixture(scope="session")
def site() -> Path:
    """The folder of the rendered book, brought up to date (nothing happens where it is)."""
    command = [sys.executable, "-c", "from attacknet.cli import main; main()", "book", "build"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    return paths.BOOK_SITE


@pytest.fixture(scope="session")
def pages(site: Path) -> list[Path]:
    """Every page of the table of contents."""
    return [site / f"{page}.html" for page in source.toc_entries()]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium; absent, the tests are skipped on a reader's machine and fail in CI."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        assert not os.environ.get("CI"), "CI must have a browser: install chromium"
        pytest.skip("no Chromium on PATH: install it to test the book in a browser")
    # Pages that ask for a camera are given an artificial one, without a question.
    camera = ["--use-fake-device-for-media-stream=fps=60", "--use-fake-ui-for-media-stream"]
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-gpu", *camera]
        )
        yield opened
        opened.close()
