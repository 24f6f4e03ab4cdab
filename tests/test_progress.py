"""The line of progress says what is left, and ends."""

import pytest

from attacknet import progress


def test_time_left_follows_from_what_was_made(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One unit in ten seconds after two that were found: three more take thirty."""
    clock = iter([100.0, 110.0, 140.0])
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(clock))
    show = progress.line("models")
    for done in (2, 3, 6):
        show(done, 6)
    assert capsys.readouterr().err.splitlines() == [
        "2 of 6 models",
        "3 of 6 models, 30 s left",
        "6 of 6 models",
    ]


def test_parts_of_a_unit_give_no_line_in_a_log(capsys: pytest.CaptureFixture[str]) -> None:
    """A log has a line a unit, not one an epoch."""
    show = progress.line("models")
    for done in (0, 0.25, 0.5, 1):
        show(done, 2)
    assert [line.split(",")[0] for line in capsys.readouterr().err.splitlines()] == [
        "0 of 2 models",
        "1 of 2 models",
    ]


@pytest.mark.parametrize(
    ("seconds", "words"), [(89, "89 s"), (90, "2 min"), (5340, "89 min"), (5400, "1 h 30 min")]
)
def test_time_in_words(seconds: float, words: str) -> None:
    """Seconds while they matter, then minutes, then hours."""
    assert progress._in_words(seconds) == words
