"""The crops of one sample: whole or not there, and cheap to make."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from attacknet.data.parts import MISSING, Part, moved_into, remove_unfinished

PART = Part(
    [[0, 1, 2, 3, 4], [1, 0, 0, 0, 0], [2, 1, 2, 3, 4]],
    ["annotated", MISSING, "detected"],
    np.arange(2 * 4 * 6 * 3, dtype=np.uint8).reshape(2, 4, 6, 3),
)


def test_a_part_comes_back_as_it_was(tmp_path: Path) -> None:
    """Frames, origins and pixels; their number is known without reading them."""
    PART.write(tmp_path / "parts/a.part")
    back = Part.read(tmp_path / "parts/a.part")
    assert (back.frames, back.faces) == (PART.frames, PART.faces)
    assert np.array_equal(back.images, PART.images)
    assert Part.count(tmp_path / "parts/a.part") == 2


def test_a_part_is_written_alike_every_time(tmp_path: Path) -> None:
    """The bytes depend on the content alone, not on the time of day."""
    for name in ("1", "2"):
        PART.write(tmp_path / name)
    assert (tmp_path / "1").read_bytes() == (tmp_path / "2").read_bytes()


def test_what_fails_while_it_is_written_is_never_at_its_place(tmp_path: Path) -> None:
    """And what it leaves is found by the name of the place."""
    with pytest.raises(RuntimeError), moved_into(tmp_path / "set") as temporary:
        temporary.mkdir()
        raise RuntimeError
    assert not (tmp_path / "set").exists()
    assert list(tmp_path.iterdir()) == [temporary]
    remove_unfinished(tmp_path / "set")
    assert not list(tmp_path.iterdir())


def test_a_worker_needs_no_tables() -> None:
    """Without pandas each of the processes starts in two thirds of the time and holds some 30 MB less."""
    code = "import sys; import attacknet.data.parts; sys.exit('pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
