"""Frames out of what the databases ship: videos, HDF5 recordings and pictures.

Whatever the container, a frame comes out as RGB uint8, ``(height, width, 3)``, and one frame at a time is in
memory. A file that is damaged is refused with its name: a shortened video is not a shorter video.
"""

import functools
import os
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import numpy as np

from attacknet.data.manifest import Frames, Hdf5
from attacknet.errors import AttackNetError

Frame = tuple[int, np.ndarray]
Media = Literal["image", "video", "hdf5"]

_MORE_THAN_8_BITS = ("I", "F")
# Bytes of HDF5 chunks kept open: compressed chunks often span several frames, and without this each of them
# would be unpacked once a frame.
_CHUNK_CACHE = 64 * 2**20


def read_frames(
    path: Path, media: Media, selection: Frames | None = None, hdf5: Hdf5 | None = None
) -> Iterator[Frame]:
    """Stream the selected frames of one sample.

    Parameters
    ----------
    path
        The file.
    media
        What kind of file it is.
    selection
        Which frames, all by default; a picture is frame 0 of a recording of one frame.
    hdf5
        Where an HDF5 file keeps its frames. In a group of frames the names, sorted, are the order of time.

    Yields
    ------
    tuple of int and numpy.ndarray
        Frame number, counted from 0, and RGB uint8 ``(height, width, 3)``; a view where the file, or what
        decodes it, has another order of axes or channels or only grey: the crop alone is worth copying.

    Raises
    ------
    AttackNetError
        If the file is missing, empty, damaged, of another kind, or holds no frame.
    """
    selection = selection or Frames()
    if media == "image":
        yield 0, _picture(path)
    elif media == "video":
        yield from _video_frames(path, selection)
    elif hdf5 is not None:
        yield from _hdf5_frames(path, hdf5, selection)
    else:
        raise AttackNetError(f"{path}: the manifest does not say under 'hdf5' where its frames are")


def check_readable(path: Path) -> None:
    """Refuse a file that is missing, unreadable or empty, and announce it as read.

    Libraries written in C open files out of Python's sight; the recorder of a chapter's inputs
    (:mod:`attacknet.chapters.recorder`) hears of them here.
    """
    sys.audit("attacknet.read", str(path))
    try:
        with path.open("rb") as file:
            empty = not file.read(1)
    except OSError as error:
        raise AttackNetError(f"{path}: {error.strerror}; check the path and its permissions") from None
    if empty:
        raise AttackNetError(f"{path}: the file is empty; {_REPLACE}")


def open_hdf5(path: Path, read: Callable[[Any], Iterator[Any]]) -> Iterator[Any]:
    """Open an HDF5 file and yield what `read` yields from it; what h5py cannot read is refused by name."""
    import h5py  # noqa: PLC0415 - heavy

    check_readable(path)
    try:
        with h5py.File(path, "r", rdcc_nbytes=_CHUNK_CACHE) as file:
            yield from read(file)
    except (OSError, RuntimeError, KeyError) as error:
        raise AttackNetError(f"{path}: cannot be read as HDF5 ({_first_line(error)}); {_REPLACE}") from None


_REPLACE = "replace it with an intact copy"


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n", 1)[0]


def _picture(path: Path) -> np.ndarray:
    from PIL import Image, ImageOps  # noqa: PLC0415 - only decoding needs it

    check_readable(path)
    try:
        # Pillow warns of odd metadata, which is not looked at, where the pixels are whole.
        with warnings.catch_warnings(action="ignore"), Image.open(path) as picture:
            if picture.mode.startswith(_MORE_THAN_8_BITS):
                raise AttackNetError(
                    f"{path}: more than 8 bits a sample (mode {picture.mode}); convert it to 8 bits"
                )
            # Phones store a picture as the sensor lay and note how to turn it.
            ImageOps.exif_transpose(picture, in_place=True)
            if picture.mode == "L":
                grey = np.asarray(picture)
                return np.broadcast_to(grey[..., np.newaxis], (*grey.shape, 3))
            return np.asarray(picture.convert("RGB"))
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError) as error:
        raise AttackNetError(f"{path}: not an intact picture ({_first_line(error)}); {_REPLACE}") from None


def _video_frames(path: Path, selection: Frames) -> Iterator[Frame]:
    check_readable(path)
    cv2 = quiet_cv2()
    # One thread a video: many videos are decoded at a time, each in its process. The backend is named
    # because OpenCV would otherwise also try the path as a pattern for numbered pictures.
    capture = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, 1])
    try:
        if not capture.isOpened():
            raise AttackNetError(f"{path}: cannot be opened as a video (damaged or not a video); {_REPLACE}")
        chosen = selection.indices(sys.maxsize)
        for number in range(chosen[-1] + 1):
            if not capture.grab():
                _check_complete(path, number, int(capture.get(cv2.CAP_PROP_FRAME_COUNT)))
                return
            if number in chosen:
                decoded, bgr = capture.retrieve()
                if not decoded:
                    raise AttackNetError(f"{path}: frame {number} cannot be decoded; {_REPLACE}")
                yield number, bgr[..., ::-1]
    finally:
        capture.release()


def _check_complete(path: Path, decoded: int, declared: int) -> None:
    """Refuse a video that ends before its own header says it does.

    Some containers know the number of frames from duration and rate alone, so one frame and 2 % may lack.
    """
    if decoded == 0:
        raise AttackNetError(f"{path}: the video holds no frame that can be decoded; {_REPLACE}")
    if decoded < 0.98 * declared - 1:
        raise AttackNetError(f"{path}: the video breaks off after {decoded} of {declared} frames; {_REPLACE}")


@functools.cache
def quiet_cv2() -> Any:
    """Import OpenCV without its messages on standard error and without threads of its own."""
    # FFmpeg inside OpenCV reads the variable once, when it opens its first video.
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
    import cv2  # noqa: PLC0415 - heavy

    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    cv2.setNumThreads(1)
    return cv2


def _hdf5_frames(path: Path, hdf5: Hdf5, selection: Frames) -> Iterator[Frame]:
    import h5py  # noqa: PLC0415 - heavy

    def read(file: Any) -> Iterator[Frame]:
        expected = h5py.Dataset if "N" in hdf5.axes else h5py.Group
        node = file.get(hdf5.path)
        if not isinstance(node, expected):
            raise AttackNetError(f"{path}: it has no {expected.__name__.lower()} {hdf5.path}; {_REPLACE}")
        yield from (_stack_frames if "N" in hdf5.axes else _group_frames)(path, node, hdf5.axes, selection)

    return open_hdf5(path, read)


def _stack_frames(path: Path, stack: Any, axes: str, selection: Frames) -> Iterator[Frame]:
    _check_pixels(path, stack, axes)
    for number in selection.indices(len(stack)):
        yield number, _to_rgb(stack[number], axes.removeprefix("N"))


def _group_frames(path: Path, group: Any, axes: str, selection: Frames) -> Iterator[Frame]:
    names = list(group)
    if not names:
        raise AttackNetError(f"{path}: {group.name} holds no frame; {_REPLACE}")
    if unreadable := [name for name in names if isinstance(name, bytes)]:
        raise AttackNetError(f"{path}: the name of frame {unreadable[0]!r} is no text; {_REPLACE}")
    names.sort()
    for number in selection.indices(len(names)):
        _check_pixels(path, group[names[number]], axes)
        yield number, _to_rgb(group[names[number]][:], axes)


def _to_rgb(pixels: np.ndarray, axes: str) -> np.ndarray:
    return pixels.transpose([axes.index(axis) for axis in "HWC"])


def _check_pixels(path: Path, node: Any, axes: str) -> None:
    """Refuse what is not a dataset of 8-bit RGB pixels with these axes."""
    # A group has neither shape nor type, an empty dataset no shape.
    shape, kind = getattr(node, "shape", None) or (), getattr(node, "dtype", "group")
    sizes = dict(zip(axes, shape, strict=False))
    if kind != np.uint8 or len(shape) != len(axes) or sizes["C"] != 3 or 0 in shape:
        raise AttackNetError(
            f"{path}: {node.name} has shape {shape} and type {kind}; expected axes {axes} of uint8, C = 3"
        )
