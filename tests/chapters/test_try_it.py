"""What the page "Try it" is made of; tests/book/test_try_it.py opens it."""

import hashlib
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from attacknet import book_runs, experiments, paths
from attacknet.chapters import book, staging, try_it
from attacknet.chapters.try_it import Parts
from attacknet.data.faces import Face, Geometry
from attacknet.preprocessing import Box
from tests.book.tryit_page import toy_pictures

VENDOR = paths.BOOK / "static" / "tryit" / "vendor"
MOST_VENDORED = 5e6


def test_the_runtime_is_what_was_published() -> None:
    """Each vendored file has the hash that stands beside its version; all together stay below 5 MB."""
    listed = YAML(typ="safe").load((VENDOR / "vendored.yaml").read_text())["packages"]
    hashes = {Path(file).name: sha for each in listed.values() for file, sha in each["files"].items()}
    scripts = {file.name: file for file in VENDOR.iterdir() if file.suffix in (".js", ".wasm")}
    assert {name: hashlib.sha256(file.read_bytes()).hexdigest() for name, file in scripts.items()} == hashes
    assert sum(file.stat().st_size for file in VENDOR.iterdir()) < MOST_VENDORED


@given(row=st.integers(0, 60), column=st.integers(0, 90), height=st.integers(8, 60), width=st.integers(8, 60))
def test_surroundings_keep_the_face(row: int, column: int, height: int, width: int) -> None:
    """The crop of the part that is shown is the crop of the whole frame, at its borders too."""
    image = np.random.default_rng(0).integers(0, 256, (120, 150, 3), dtype=np.uint8)
    box = Box(row, column, height, width)
    part, within = try_it.surroundings(image, box)
    crop = Geometry().crop
    np.testing.assert_array_equal(crop(part, Face(within, "annotated")), crop(image, Face(box, "annotated")))


def test_pictures_lose_nothing_on_the_way() -> None:
    """The browser decodes the very pixels that Python scored, noise included."""
    for picture in toy_pictures():
        encoded = np.frombuffer(try_it._webp(picture.image), np.uint8)
        decoded = cv2.imdecode(encoded, cv2.IMREAD_COLOR)[..., ::-1]
        np.testing.assert_array_equal(decoded, picture.image)


def test_without_a_network_the_page_says_so() -> None:
    """No script is named that would not find its data, and the reader learns what to do."""
    page = (paths.BOOK / "try_it.md").read_text(encoding="utf-8")
    assert page.count(try_it.FIGURE) == page.count(try_it.SCRIPTS) == 1
    text, files = try_it.fill(page, None)
    assert files == {}
    assert "The network is not here" in text
    assert "<script" not in text


def test_parts_are_made_once_for_an_execution(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kept for one key, made anew for another; that a network is missing is not kept."""
    made = []

    def make(_: object) -> Parts | None:
        made.append(1)
        return Parts(f"figure {len(made)}", "data") if len(made) > 1 else None

    monkeypatch.setattr(paths, "BUILD", tmp_path)
    monkeypatch.setattr(try_it, "_make", make)
    one = book.job(try_it.CHAPTER)
    assert try_it.of_execution(one, "a") is None
    assert try_it.of_execution(one, "a") == try_it.of_execution(one, "a") == Parts("figure 2", "data")
    assert try_it.of_execution(one, "b") == Parts("figure 3", "data")


def test_a_network_that_is_gone_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cache was emptied after the chapter ran: the page says so, and the build goes on."""
    monkeypatch.setattr(experiments, "find_run", lambda _: None)
    plan = SimpleNamespace(protocol="sound")
    fused = SimpleNamespace(trained_on=experiments.FUSED, plan=plan)
    monkeypatch.setattr(book_runs, "of_chapter", lambda *_: [fused])
    assert try_it._make(book.job(try_it.CHAPTER)) is None


def test_nothing_licensed_is_put_into_a_page(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A network that learnt from a reader's own data, and these faces, are not even looked for."""

    def refuse(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(book_runs, "of_chapter", refuse)
    assert try_it._make(book.job(try_it.CHAPTER, {"data_root": str(tmp_path)})) is None


def test_the_page_is_made_of_chapter_5_3(monkeypatch: pytest.MonkeyPatch) -> None:
    """The build takes the network from that chapter's execution and from no other, and does without."""
    monkeypatch.setattr(try_it, "of_execution", lambda job, key: Parts(f"figure of {key}", "data"))

    def executed(chapter: str, key: str) -> staging.Executed:
        job = SimpleNamespace(chapter=SimpleNamespace(name=chapter))
        return staging.Executed(job, SimpleNamespace(key=key), None)  # type: ignore[arg-type]

    staged = {try_it.PAGE: (paths.ROOT / try_it.PAGE).read_bytes()}
    both = [executed("05_2_cross_database", "a"), executed(try_it.CHAPTER, "b")]
    with_network = staging._try_it(staged, both)
    assert b"figure of b" in with_network[try_it.PAGE]
    assert with_network[try_it.DATA_FILE] == b"data"
    assert [*staging._try_it(staged, both[:1])] == [try_it.PAGE]
