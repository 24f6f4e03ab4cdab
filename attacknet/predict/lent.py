"""An exported network for each thread that asks: what one thread computes with, no other may touch."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Lock

from attacknet.exported import About, Exported


class Lender:
    """Opens a file as often as threads ask at the same time.

    Attributes
    ----------
    about
        The file's metadata.

    Raises
    ------
    AttackNetError
        If the file cannot be used.
    """

    about: About

    def __init__(self, path: Path | str) -> None:
        self._path = path
        self._opening = Lock()
        self._idle: SimpleQueue[Exported] = SimpleQueue()
        first = Exported.open(path)
        self.about = first.about
        self._idle.put(first)

    @contextmanager
    def lent(self) -> Iterator[Exported]:
        """Lend a network; it is given back at the end."""
        try:
            network = self._idle.get_nowait()
        except Empty:
            # To open a file, standard error is closed for a moment: one at a time.
            with self._opening:
                network = Exported.open(self._path)
        try:
            yield network
        finally:
            self._idle.put(network)
