"""The line of progress says what is left, ends, and does not flood a log."""

import io
from collections.abc import Iterator

import pytest

from attacknet import progress


class Terminal(io.StringIO):
    """Standard error as a terminal has it."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """A clock whose only element is the time."""
    now = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def test_time_left_follows_from_what_was_made(clock: list[float], capsys: pytest.CaptureFixture[str]) -> None:
    """One unit in ten seconds after two that were found: three more take thirty."""
    with progress.line("models") as show:
        for at, done in ((100.0, 2), (110.0, 3), (140.0, 6)):
            clock[0] = at
            show(done, 6)
    assert capsys.readouterr().err.splitlines() == [
        "2 of 6 models",
        "3 of 6 models, 30 s left",
        "6 of 6 models",
    ]


def test_a_log_has_the_first_the_last_and_few_between(
    clock: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    """Thousand samples in fifty seconds: a line every ten seconds."""
    with progress.line("samples") as show:
        for done in range(1001):
            clock[0] = 100 + 0.05 * done
            show(done, 1000)
    shown = [int(line.split()[0]) for line in capsys.readouterr().err.splitlines()]
    assert shown == [0, 200, 400, 600, 800, 1000]


@pytest.mark.parametrize("breaks_off", [False, True])
def test_a_terminal_has_one_line_that_is_ended(
    breaks_off: bool, clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is printed afterwards, an error say, stands on a line of its own."""
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    try:
        with progress.line("epochs") as show:
            show(0, 2)
            clock[0] += 4
            show(1, 2)
            if breaks_off:
                raise KeyError
    except KeyError:
        pass
    assert terminal.getvalue() == "\r\x1b[K0 of 2 epochs\r\x1b[K1 of 2 epochs, 4 s left\n"


def test_work_that_shows_nothing_writes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even an empty line."""
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    with progress.line("samples"):
        pass
    assert terminal.getvalue() == ""


@pytest.mark.parametrize(
    ("seconds", "words"), [(89, "89 s"), (90, "2 min"), (5340, "89 min"), (5400, "1 h 30 min")]
)
def test_time_in_words(seconds: float, words: str) -> None:
    """Seconds while they matter, then minutes, then hours."""
    assert progress._in_words(seconds) == words
