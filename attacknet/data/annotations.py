"""The face annotations that the databases ship, read and checked.

Replay-Attack has ``.face`` files (a box a frame), 3DMAD eye positions inside its HDF5 recordings, MSSpoof
``.pos`` files (16 landmarks a picture). CSMAD has none.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from attacknet.data.media import check_readable, open_hdf5
from attacknet.errors import AttackNetError
from attacknet.preprocessing import Box


class Eyes(NamedTuple):
    """Eye centres in pixels, as (column, row); `left` is the one on the left of the picture."""

    left: tuple[float, float]
    right: tuple[float, float]

    @property
    def distance(self) -> float:
        """Distance of the centres in pixels."""
        return float(np.hypot(self.right[0] - self.left[0], self.right[1] - self.left[1]))


def read_boxes(path: Path) -> dict[int, Box]:
    """Read a ``.face`` file: rows ``frame x y width height``, frame numbers from 0 and rising.

    Returns
    -------
    dict
        Frame number -> box. A row whose width or height is 0 says that no face was found, as a frame
        without a row does.

    Raises
    ------
    AttackNetError
        If the file cannot be read, or a row is not five whole numbers that can be so.
    """
    boxes: dict[int, Box] = {}
    last = -1
    for line, words in _rows(path):
        try:
            frame, x, y, width, height = map(int, words)
        except ValueError:
            raise AttackNetError(
                f"{path}, line {line}: expected five whole numbers 'frame x y width height'; {_RESTORE}"
            ) from None
        if frame <= last:
            raise AttackNetError(f"{path}, line {line}: frame {frame} after frame {last}; {_RESTORE}")
        if width < 0 or height < 0:
            raise AttackNetError(f"{path}, line {line}: a box of {width}x{height} pixels; {_RESTORE}")
        last = frame
        if width and height:
            boxes[frame] = Box(row=y, column=x, height=height, width=width)
    return boxes


def carried_forward(boxes: dict[int, Box], frame: int) -> tuple[int, Box] | None:
    """Return the last box at or before `frame` with its own frame number, or None before the first.

    The authors of Replay-Attack do the same in their baseline (antispoofing.lbp, without a limit of age).
    """
    annotated = next((number for number in range(frame, -1, -1) if number in boxes), None)
    return None if annotated is None else (annotated, boxes[annotated])


def read_eyes(path: Path, key: str) -> list[Eyes]:
    """Read the eye positions in an HDF5 recording: right eye x, y, left eye x, y a frame, as in 3DMAD.

    Right and left there are the person's. They are returned by their place in the picture, so that a
    mirrored recording is aligned upright all the same.

    Raises
    ------
    AttackNetError
        If the recording has none, or they are of another shape, not finite or less than a pixel apart.
    """

    def read(file: Any) -> Iterator[np.ndarray]:
        import h5py  # noqa: PLC0415 - heavy

        node = file.get(key)
        if not isinstance(node, h5py.Dataset):
            raise AttackNetError(f"{path}: it has no {key}; {_RESTORE}, or take boxes from the detector")
        if node.shape is None or len(node.shape) != 2 or node.shape[1] != 4 or node.dtype.kind not in "iuf":
            found = f"shape {node.shape} and type {node.dtype}"
            raise AttackNetError(f"{path}: {key} has {found}; expected numbers (frames, 4)")
        yield node[:].astype(np.float64)

    (positions,) = open_hdf5(path, read)
    if len(strange := np.flatnonzero(~np.isfinite(positions).all(axis=1))):
        where = positions[strange[0]].tolist()
        raise AttackNetError(f"{path}: the eyes of frame {strange[0]} are {where}; {_RESTORE}")
    apart = np.hypot(*(positions[:, :2] - positions[:, 2:]).T)
    if len(strange := np.flatnonzero(apart < 1)):
        where = positions[strange[0], :2].tolist()
        raise AttackNetError(f"{path}: both eyes of frame {strange[0]} are at {where}; {_RESTORE}")
    return [Eyes(*sorted([(row[0], row[1]), (row[2], row[3])])) for row in positions.tolist()]


def read_landmarks(path: Path, points: int) -> np.ndarray:
    """Read a ``.pos`` file of MSSpoof: a header line, then `points` rows ``x y``.

    Returns
    -------
    numpy.ndarray
        ``(points, 2)``, float64: column and row in pixels.

    Raises
    ------
    AttackNetError
        If the file cannot be read or does not hold so many finite points that span a face.
    """
    rows = list(_rows(path))[1:]
    if len(rows) != points:
        raise AttackNetError(
            f"{path}: {len(rows)} rows below its header line; expected {points} points; {_RESTORE}"
        )
    landmarks = np.array([_point(path, line, words) for line, words in rows])
    if not np.ptp(landmarks, axis=0).all():
        raise AttackNetError(f"{path}: the points lie on one line and span no face; {_RESTORE}")
    return landmarks


def _point(path: Path, line: int, words: list[str]) -> tuple[float, float]:
    try:
        x, y = map(float, words)
    except ValueError:
        raise AttackNetError(f"{path}, line {line}: expected two numbers 'x y'; {_RESTORE}") from None
    if not (np.isfinite(x) and np.isfinite(y)):
        raise AttackNetError(f"{path}, line {line}: the point ({x}, {y}) is not finite; {_RESTORE}")
    return x, y


_RESTORE = "restore the owner's file"


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield line number and words of a text file's rows, blank lines at the end left out."""
    check_readable(path)
    try:
        lines = path.read_text(encoding="ascii").rstrip().splitlines()
    except UnicodeDecodeError:
        raise AttackNetError(f"{path}: not a text file; {_RESTORE}") from None
    for number, line in enumerate(lines, start=1):
        yield number, line.split()
