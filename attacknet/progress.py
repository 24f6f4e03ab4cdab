"""One line that says how far long work is and how long it will take."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_CLEAR_LINE = "\r\x1b[K"
# A log is read afterwards: it needs no line for each of a thousand samples.
_SECONDS_BETWEEN_LINES = 10.0

Show = Callable[[float, int], None]


@contextmanager
def line(unit: str) -> Iterator[Show]:
    """Yield what shows work on standard error: done, in all, and the time left.

    On a terminal one line is written over and over, and ended when the work ends or breaks off. Elsewhere
    there is a line every ten seconds at most, besides the first and the last.

    Parameters
    ----------
    unit
        What is counted, in the plural.
    """
    began: tuple[float, float] | None = None
    written, open_line = -float("inf"), False

    def show(done: float, total: int) -> None:
        nonlocal began, written, open_line
        now = time.monotonic()
        began = began or (now, done)
        text = f"{int(done)} of {total} {unit}{_left(now - began[0], done - began[1], total - done)}"
        if sys.stderr.isatty():
            sys.stderr.write(_CLEAR_LINE + text)
            open_line = True
        elif done == total or now - written >= _SECONDS_BETWEEN_LINES:
            sys.stderr.write(text + "\n")
            written = now
        sys.stderr.flush()

    try:
        yield show
    finally:
        if open_line:
            sys.stderr.write("\n")


def _left(seconds: float, made: float, missing: float) -> str:
    """Say how long the rest takes at the pace so far; nothing before the first or after the last."""
    return f", {_in_words(seconds / made * missing)} left" if made and missing else ""


def _in_words(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
