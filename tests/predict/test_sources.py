"""Inputs stand for files: in their order, folders sorted, nothing named lost, no circle walked."""

import inspect
import sys
from pathlib import Path

import pytest

from attacknet.predict import sources


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in ("b/2.png", "b/1.JPG", "b/inner/0.mp4", "a.png", "b/note.txt", "b/.hidden", "empty/x.csv"):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"x")
    return tmp_path


def names(root: Path, *inputs: str) -> list[str]:
    return [str(file.relative_to(root)) for file in sources.files([root / name for name in inputs])]


def test_a_folder_is_walked_in_the_order_of_names(tree: Path) -> None:
    """Two calls give the same order on any file system; other files than pictures and videos are left out."""
    assert names(tree, "b") == ["b/1.JPG", "b/2.png", "b/inner/0.mp4"]
    assert names(tree, ".") == ["a.png", "b/1.JPG", "b/2.png", "b/inner/0.mp4"]


def test_inputs_keep_their_order_and_are_not_merged(tree: Path) -> None:
    """A row for each input, also for one that is named twice or has an unusual ending."""
    assert names(tree, "b/note.txt", "b", "a.png", "a.png") == [
        "b/note.txt",
        "b/1.JPG",
        "b/2.png",
        "b/inner/0.mp4",
        "a.png",
        "a.png",
    ]


def test_pictures_that_are_not_read_are_not_passed_over(tree: Path) -> None:
    """A folder of a telephone's HEIC files gives rows that say so, not an empty table."""
    (tree / "empty/IMG_1.HEIC").write_bytes(b"x")
    assert names(tree, "empty") == ["empty/IMG_1.HEIC"]


def test_a_pattern_stands_for_the_files_that_it_matches(tree: Path) -> None:
    """Where the shell did not expand it; folders among the matches are left out."""
    assert names(tree, "b/*") == ["b/1.JPG", "b/2.png", "b/note.txt"]
    assert names(tree, "**/*.png") == ["a.png", "b/2.png"]


def test_a_file_whose_name_looks_like_a_pattern_is_that_file(tree: Path) -> None:
    """``[1].png`` would otherwise match ``1.png``."""
    (tree / "[1].png").write_bytes(b"x")
    (tree / "1.png").write_bytes(b"x")
    assert names(tree, "[1].png") == ["[1].png"]


@pytest.mark.parametrize("name", ["absent.png", "absent*.png", "empty", "a\0b.png", "x" * 5000])
def test_what_stands_for_nothing_stands_for_itself(tree: Path, name: str) -> None:
    """Its row is to say what is wrong: nothing that was asked for disappears."""
    assert list(sources.files([tree / name])) == [tree / name]


def test_standard_input_is_no_file(tree: Path) -> None:
    """A file of this name is ``./-``."""
    assert list(sources.files(["-", tree / "a.png"])) == [sources.STANDARD_INPUT, tree / "a.png"]


def test_links_make_no_circle(tree: Path) -> None:
    """A linked folder is entered where it is named, and not inside another one."""
    (tree / "b/inner/up").symlink_to(tree, target_is_directory=True)
    (tree / "b/inner/self.png").symlink_to(tree / "b/inner/self.png")
    (tree / "link").symlink_to(tree / "b", target_is_directory=True)
    assert names(tree, "b") == ["b/1.JPG", "b/2.png", "b/inner/0.mp4", "b/inner/self.png"]
    assert names(tree, "link") == ["link/1.JPG", "link/2.png", "link/inner/0.mp4", "link/inner/self.png"]


def test_a_deep_folder_is_walked_to_its_end(tree: Path) -> None:
    """Deeper than Python's recursion would go: here a lower limit stands for a still deeper folder."""
    here = tree / "empty"
    for _ in range(200):
        here /= "d"
    here.mkdir(parents=True)
    (here / "x.png").write_bytes(b"x")
    usual = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack(0)) + 100)
    try:
        found = list(sources.files([tree / "empty"]))
    finally:
        sys.setrecursionlimit(usual)
    assert found == [here / "x.png"]


@pytest.mark.parametrize(
    ("name", "video"), [("a.MP4", True), ("a.webm", True), ("a.gif", False), ("mp4", False), ("a.png", False)]
)
def test_a_video_is_known_by_its_ending(name: str, video: bool) -> None:
    """In capitals too; an animated picture is a picture."""
    assert sources.is_video(Path(name)) is video
