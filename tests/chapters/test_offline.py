"""The zip of the book: the same bytes from the same site, whole, and without what nobody reads."""

import os
from pathlib import Path
from zipfile import ZipFile

from attacknet.chapters import offline

LEFT_OUT = [".key", "_sources/book/index.md", "_static/x.css.map"]
FILES = ["index.html", "book/index.html", "_static/x.css", *LEFT_OUT]


def site(folder: Path, moment: int, mode: int, names: list[str]) -> Path:
    """Write a small site with files of that time of change and that mode, in that order."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name, encoding="utf-8")
        os.utime(path, (moment, moment))
        path.chmod(mode)
    return folder


def test_the_same_site_gives_the_same_bytes(tmp_path: Path) -> None:
    """Whenever, wherever and in whatever order its files were written: two readers can compare a hash."""
    first, second = tmp_path / "1.zip", tmp_path / "2.zip"
    size = offline.pack(site(tmp_path / "a", 10**9, 0o644, FILES), first)
    offline.pack(site(tmp_path / "b" / "c", 1.7e9, 0o600, FILES[::-1]), second)
    assert first.read_bytes() == second.read_bytes()
    assert size == first.stat().st_size


def test_everything_a_reader_opens_is_in_it(tmp_path: Path) -> None:
    """Below one folder, so that unzipping makes no mess; an older file is replaced."""
    target = tmp_path / "book.zip"
    target.write_text("old")
    offline.pack(site(tmp_path / "a", 10**9, 0o644, FILES), target)
    with ZipFile(target) as archive:
        kept = {name: archive.read(name).decode() for name in archive.namelist()}
    assert kept == {f"{offline.FOLDER}/{name}": name for name in FILES if name not in LEFT_OUT}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "book.zip"]
