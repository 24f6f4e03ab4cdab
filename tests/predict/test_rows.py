"""Rows are written so that any reader gets back what was meant, whatever is in a file's name."""

import csv
import io
import json
import os

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from attacknet.predict import rows
from attacknet.predict.rows import Prediction, Status

NAMES = st.binary(min_size=1).filter(lambda name: b"\0" not in name).map(os.fsdecode)
PREDICTIONS = st.builds(
    Prediction,
    path=NAMES,
    frame=st.none() | st.integers(0, 10**6),
    status=st.sampled_from(Status),
    faces=st.none() | st.integers(0, 9),
    row=st.none() | st.integers(-5, 4000),
    score=st.none() | st.floats(0, 1, width=32),
    decision=st.none() | st.sampled_from(["bonafide", "attack"]),
    detail=st.text(),
)


def text(write: object, predictions: list[Prediction]) -> str:
    """Return what would stand in a file that has been read as UTF-8."""
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, "utf-8", errors="backslashreplace", newline="")
    write(predictions, stream)
    stream.flush()
    return raw.getvalue().decode("utf-8")


@given(st.lists(PREDICTIONS, max_size=4))
@example([Prediction("\r", 0, Status.SCORED), Prediction("a\nb", 0, Status.SCORED, detail='"\r\n,')])
def test_csv_is_parseable(predictions: list[Prediction]) -> None:
    """Line breaks, quotes and commas come back; a byte that is no UTF-8 as a backslash and its number."""
    header, *lines = csv.reader(io.StringIO(text(rows.write_csv, predictions), newline=""))
    assert tuple(header) == Prediction._fields
    assert len(lines) == len(predictions)
    for line, one in zip(lines, predictions, strict=True):
        found = Prediction(*line)
        assert found.path == one.path.encode("utf-8", "backslashreplace").decode("utf-8")
        assert found.status == one.status
        for name in ("frame", "faces", "row", "decision"):
            value = getattr(one, name)
            assert getattr(found, name) == ("" if value is None else str(value))
        assert (float(found.score) if found.score else None) == one.score


@given(st.lists(PREDICTIONS, max_size=4))
def test_json_is_an_array_with_an_object_a_line(predictions: list[Prediction]) -> None:
    """Every name comes back, to the byte; an empty stream is an empty array."""
    written = text(rows.write_json, predictions)
    assert [Prediction(**one) for one in json.loads(written)] == predictions
    assert len(written.splitlines()) == (len(predictions) + 2 if predictions else 1)


@pytest.mark.parametrize("write", [rows.write_csv, rows.write_json])
def test_rows_are_written_as_they_come(write: object) -> None:
    """Whoever reads a long run sees its first rows while the later ones are made."""
    stream = io.StringIO()

    def come() -> object:
        for number in range(3):
            yield Prediction(f"{number}.png", 0, Status.NO_FACE)
            assert f"{number}.png" in stream.getvalue()

    write(come(), stream)
    assert stream.getvalue().count(".png") == 3
