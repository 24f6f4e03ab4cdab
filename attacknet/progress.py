"""One line that says how far long work is and how long it will take."""

import sys
import time
from collections.abc import Callable

_CLEAR_LINE = "\r\x1b[K"


def line(unit: str) -> Callable[[float, int], None]:
    """Return what shows work on standard error: done, in all, and the time left.

    On a terminal one line is written over and over; elsewhere there is a line for each whole unit.

    Parameters
    ----------
    unit
        What is counted, in the plural.
    """
    began: tuple[float, float] | None = None
    shown = -1

    def show(done: float, total: int) -> None:
        nonlocal began, shown
        now = time.monotonic()
        began = began or (now, done)
        made = done - began[1]
        left = (
            f", {_in_words((now - began[0]) / made * (total - done))} left" if made and done < total else ""
        )
        text = f"{int(done)} of {total} {unit}{left}"
        if sys.stderr.isatty():
            sys.stderr.write(_CLEAR_LINE + text + ("\n" if done == total else ""))
        elif int(done) > shown:
            sys.stderr.write(text + "\n")
        shown = int(done)
        sys.stderr.flush()

    return show


def _in_words(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
