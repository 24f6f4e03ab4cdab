"""The frames of a video that somebody else made.

FFmpeg also opens play lists, which name other files and addresses; so a video has to begin like one of the
containers below before FFmpeg sees it.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from attacknet.data.manifest import Frames
from attacknet.data.media import check_readable, quiet_cv2, read_frames
from attacknet.errors import AttackNetError
from attacknet.predict.stills import check_file, check_size

# Container -> offset and bytes of its signatures.
_CONTAINERS = {
    "MP4, MOV, 3GP": [(4, name) for name in (b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot")],
    "AVI": [(8, b"AVI ")],
    "MKV, WebM": [(0, b"\x1a\x45\xdf\xa3")],
    "MPEG": [(0, b"\x00\x00\x01\xba"), (0, b"\x00\x00\x01\xb3")],
    "WMV": [(0, b"\x30\x26\xb2\x75")],
    "FLV": [(0, b"FLV")],
}


class Frame(NamedTuple):
    """A frame of a video.

    Attributes
    ----------
    number
        Counted from 0.
    image
        RGB uint8, ``(height, width, 3)``.
    part
        How much of the video lies before it, in [0, 1], by the header; 0 where that is silent.
    """

    number: int
    image: np.ndarray
    part: float


def frames(path: Path, every: int) -> Iterator[Frame]:
    """Stream every n-th frame of a video, one at a time in memory.

    Raises
    ------
    TooLargeError
        If a frame has more pixels than are read.
    AttackNetError
        If it is no video, or, after the frames that can be decoded, if it breaks off.
    """
    check_file(path)
    check_readable(path)
    _check_container(path)
    declared = _checked_header(path)
    for number, image in read_frames(path, "video", Frames(every=every)):
        yield Frame(number, image, min(number / declared, 1.0) if declared > 0 else 0.0)


def _check_container(path: Path) -> None:
    with path.open("rb") as stream:
        head = stream.read(16)
    signatures = [signature for container in _CONTAINERS.values() for signature in container]
    if not any(head.startswith(signature, offset) for offset, signature in signatures):
        raise AttackNetError(f"{path}: not a video; {', '.join(_CONTAINERS)} are read")


def _checked_header(path: Path) -> float:
    """Refuse frames that are too large; return how many there are to be, 0 or less where nobody knows."""
    cv2 = quiet_cv2()
    capture = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, 1])
    try:
        width, height = (
            int(capture.get(side)) for side in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT)
        )
        declared = capture.get(cv2.CAP_PROP_FRAME_COUNT)
    finally:
        capture.release()
    check_size(path, width, height)
    return declared
