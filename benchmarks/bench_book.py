"""`attacknet book build`: with nothing changed, rendered again, and with ``--cold`` from nothing at all.

The book of this checkout must be up to date, as `make bench` sees to. The cold build is of a clone, with an
empty cache: stand-ins, crops, models, chapters and pages.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from attacknet import paths

TASK, AGAIN = "the book built", "rendered again"
BUILD = [sys.executable, "-c", "from attacknet.cli import main; main()", "book", "build"]


def seconds_of(command: list[str], **where: object) -> float:
    """Run a command to its end."""
    began = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, **where)
    return time.perf_counter() - began


def bench_warm(keep: Callable[..., None], turns: range) -> None:
    """Build with nothing changed, and as if a word of the prose had."""
    status = subprocess.run([*BUILD[:-1], "status"], check=True, capture_output=True, text=True).stdout
    if "stale" in status:
        pytest.skip("the book is not up to date: make book")
    (paths.BOOK_SITE / ".key").unlink(missing_ok=True)
    keep(TASK, AGAIN, seconds_of(BUILD), reference=AGAIN)
    for _ in turns:
        keep(TASK, "nothing changed", seconds_of(BUILD), reference=AGAIN)


def bench_cold(keep: Callable[..., None], tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """Build from a clone and an empty cache."""
    if not request.config.option.cold:
        pytest.skip("takes minutes: give --cold")
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", str(paths.ROOT), str(clone)], check=True)
    environment = os.environ | {"PYTHONPATH": str(clone), "ATTACKNET_CACHE": str(tmp_path / "cache")}
    keep(TASK, "from nothing", seconds_of(BUILD, cwd=clone, env=environment), reference=AGAIN)
