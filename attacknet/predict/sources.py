"""From what a user names to files: pictures, videos, folders, patterns, standard input.

A folder stands for the pictures and videos below it, known by the endings of their names, in the order of
their names; linked folders inside it are not entered, so that no circle is walked. A file that is named
itself is taken for a video if it ends like one, else for a picture. Nothing is opened here: what cannot be
read becomes a row of its own later.
"""

import glob
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

STANDARD_INPUT = Path("-")
# Also of formats that are not read: who has a folder of them is told, not passed over.
_STILLS = frozenset(
    (".png", ".apng", ".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".gif", ".webp", ".tif", ".tiff", ".bmp")
) | {".dib", ".ppm", ".pgm", ".pbm", ".pnm", ".heic", ".heif", ".avif", ".jp2"}
_VIDEOS = frozenset(
    (".mp4", ".m4v", ".mov", ".3gp", ".avi", ".mkv", ".webm", ".mpg", ".mpeg", ".wmv", ".flv")
)


def files(inputs: Iterable[str | Path]) -> Iterator[Path]:
    """Stream the files that some inputs stand for, in their order; only one folder's names are in memory.

    Parameters
    ----------
    inputs
        Files, folders, or ``-`` for standard input. A name that is not there is a pattern (``*``, ``?``,
        ``[...]``, ``**``) and stands for the files that it matches, in the order of their names.

    Yields
    ------
    pathlib.Path
        A folder in which there is nothing to score, and a name that nothing matches, stand for themselves.
    """
    for path in map(Path, inputs):
        if is_folder(path):
            found: Iterator[Path] = _below(path)
        elif path == STANDARD_INPUT or _mode(path) is not None:
            found = iter([path])
        else:
            # pathlib matches below a folder only, and a pattern may be absolute.
            matches = map(Path, sorted(glob.glob(str(path), recursive=True)))  # noqa: PTH207
            found = (match for match in matches if not is_folder(match))
        yield next(found, path)
        yield from found


def is_video(path: Path) -> bool:
    """Whether a file's name says that it is a video."""
    return path.suffix.lower() in _VIDEOS


def is_folder(path: Path) -> bool:
    """Whether a path, or what it links to, is a folder."""
    return stat.S_ISDIR(_mode(path) or 0)


def _mode(path: Path) -> int | None:
    try:
        return path.stat().st_mode
    # No such file, a circle of links, no permission, a name too long or with a null character.
    except (OSError, ValueError):
        return None


def _below(folder: Path) -> Iterator[Path]:
    """Walk a folder without recursion: a hostile archive may be thousands of folders deep."""
    pending = [folder]
    while pending:
        path = pending.pop()
        if is_folder(path):
            if path is folder or not path.is_symlink():
                try:
                    pending.extend(sorted(path.iterdir(), reverse=True))
                except OSError:
                    yield path
        elif path.suffix.lower() in _STILLS or is_video(path):
            yield path
