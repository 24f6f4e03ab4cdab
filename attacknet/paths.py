"""Every path and cache location, in one place.

The companion runs from a checkout: chapters, manifests and the book's sources stand beside the package.
"""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "attacknet"
MANIFESTS = ROOT / "data_manifest"
NOTEBOOKS = ROOT / "notebooks"
BOOK = ROOT / "book"
LOCK = ROOT / "requirements.lock"

BUILD = ROOT / "_build"
CHAPTER_STORE = BUILD / "chapters"
BOOK_SITE = BUILD / "html"

# Folders of the cache for what is made from other inputs and named by the hash of them all.
DERIVED = ("crops", "exports", "runs", "scores")

# A folder beside the checkout, where a course or a laboratory may keep what many checkouts share.
SHARED = ROOT.parent / "shared"


def cache_dir() -> Path:
    """Return the folder for downloaded files: ``$ATTACKNET_CACHE``, else the user's cache folder."""
    if configured := os.environ.get("ATTACKNET_CACHE"):
        return Path(configured).expanduser()
    import pooch  # noqa: PLC0415 - not needed when the variable is set

    return Path(pooch.os_cache("attacknet"))
