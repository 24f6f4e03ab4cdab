"""One reader for stills of any origin: whatever the file, RGB uint8 comes out, or one line that says why not.

An ordinary picture gives the same pixels as :mod:`attacknet.data.media` gave to the training. What that
reader need not face is decided here, once:

- the size in the header is checked before anything is decoded, so that a decompression bomb stays small;
- only formats that Pillow decodes itself are tried (a PostScript file would start another program);
- a picture is turned as its EXIF orientation says; transparency is dropped, as the media reader drops it;
- of 16 bits a sample the higher 8 count; CMYK and palettes are converted to RGB;
- of an animation or of several pages, the first picture counts.
"""

import io
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from attacknet.errors import AttackNetError
from attacknet.predict.sources import STANDARD_INPUT

if TYPE_CHECKING:
    from PIL import Image

# A decoded picture of so many pixels takes 200 MB as RGB.
MOST_PIXELS = 64 * 2**20
# OpenCV, which detects and resizes, counts the pixels of a side in 16 bits.
LONGEST_SIDE = 2**15 - 1
_MOST_BYTES = 256 * 2**20
_FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "TIFF", "BMP", "PPM")
_FIRST = "first of several pictures"


class TooLargeError(AttackNetError):
    """A picture or a video that would take too much memory."""


def read(path: Path) -> tuple[np.ndarray, str]:
    """Read a still, from a file or from standard input.

    Returns
    -------
    tuple of numpy.ndarray and str
        RGB uint8, ``(height, width, 3)``, and what is worth knowing of how it was read, mostly nothing.

    Raises
    ------
    TooLargeError
        If it has more pixels than are read.
    AttackNetError
        If it is no intact picture of a known format.
    """
    return _decode(path, _standard_input() if path == STANDARD_INPUT else _content(path))


def check_file(path: Path) -> int:
    """Refuse what is no regular file before anybody opens it: a pipe or a device could block for ever.

    Returns
    -------
    int
        Size of the file in bytes.

    Raises
    ------
    AttackNetError
        If the path is a folder, a pipe, a socket or a device, or is not there.
    """
    try:
        found = path.stat()
        if stat.S_ISDIR(found.st_mode):
            next(path.iterdir(), None)
            raise AttackNetError(f"{path}: a folder with no picture and no video in it")
    # A null character in a name is a ValueError.
    except (OSError, ValueError) as error:
        raise _not_there(path, error) from None
    if not stat.S_ISREG(found.st_mode):
        raise AttackNetError(
            f"{path}: a pipe, socket or device; for a pipe give '-' and the picture as input"
        )
    return found.st_size


def check_size(path: Path, width: int, height: int) -> None:
    """Refuse a picture that has too many pixels.

    Raises
    ------
    TooLargeError
        If it has.
    """
    if width * height > MOST_PIXELS or max(width, height) > LONGEST_SIDE:
        raise TooLargeError(
            f"{path}: {width}x{height} pixels; at most {MOST_PIXELS} are read, "
            f"and at most {LONGEST_SIDE} along a side; scale it down"
        )


def _not_there(path: Path, error: OSError | ValueError) -> AttackNetError:
    reason = getattr(error, "strerror", None) or error
    return AttackNetError(f"{path}: {reason}; check the path and its permissions")


def _content(path: Path) -> bytes:
    """Read a file in one go: threads that read bit by bit would keep taking Python's lock from each other."""
    if check_file(path) > _MOST_BYTES:
        raise TooLargeError(f"{path}: more than {_MOST_BYTES} bytes; scale the picture down")
    try:
        with path.open("rb", buffering=0) as stream:
            content = stream.read()
    except OSError as error:
        raise _not_there(path, error) from None
    if not content:
        raise AttackNetError(f"{path}: the file is empty; replace it with an intact copy")
    return content


def _standard_input() -> bytes:
    content = sys.stdin.buffer.read(_MOST_BYTES + 1)
    if not content:
        raise AttackNetError(f"{STANDARD_INPUT}: standard input is empty; pipe one picture into it")
    if len(content) > _MOST_BYTES:
        raise TooLargeError(f"{STANDARD_INPUT}: more than {_MOST_BYTES} bytes; scale the picture down")
    return content


def _decode(path: Path, content: bytes) -> tuple[np.ndarray, str]:
    from PIL import Image, ImageOps, UnidentifiedImageError  # noqa: PLC0415 - only decoding needs it

    try:
        with Image.open(io.BytesIO(content), formats=_FORMATS) as picture:
            check_size(path, *picture.size)
            note = _FIRST if getattr(picture, "is_animated", False) else ""
            # Phones store a picture as the sensor lay and note how to turn it.
            ImageOps.exif_transpose(picture, in_place=True)
            return np.asarray(_rgb(path, picture)), note
    except AttackNetError:
        raise
    # Pillow looks at the size first, and refuses by itself beyond a limit of its own.
    except Image.DecompressionBombError:
        raise TooLargeError(f"{path}: more than {MOST_PIXELS} pixels; scale the picture down") from None
    except UnidentifiedImageError:
        raise AttackNetError(f"{path}: no picture of a format that is read: {', '.join(_FORMATS)}") from None
    # Decoders raise whatever they stumble on in a file that was made to harm.
    except Exception as error:
        reason = str(error).strip().split("\n", 1)[0] or type(error).__name__
        raise AttackNetError(f"{path}: not an intact picture ({reason}); replace it") from None


def _rgb(path: Path, picture: "Image.Image") -> "Image.Image":
    from PIL import Image  # noqa: PLC0415 - only decoding needs it

    # Pillow keeps the 16 bits of a PGM file in a mode for 32.
    if picture.mode.startswith("I;16") or (picture.mode == "I" and picture.format == "PPM"):
        picture = Image.fromarray((np.asarray(picture) >> 8).astype(np.uint8))
    if picture.mode.startswith(("I", "F")):
        raise AttackNetError(f"{path}: 32 bits a sample, of unknown range; convert it to 8 or 16 bits")
    return picture if picture.mode == "RGB" else picture.convert("RGB")
