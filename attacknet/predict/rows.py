"""The rows that tell what came of each input, and how they are written."""

import csv
import json
from collections.abc import Iterable
from enum import StrEnum
from typing import IO, NamedTuple


class Status(StrEnum):
    """What came of a picture or a frame."""

    SCORED = "scored"
    SEVERAL_FACES = "several_faces"
    NO_FACE = "no_face"
    UNREADABLE = "unreadable"
    TOO_LARGE = "too_large"


class Prediction(NamedTuple):
    """One row: a picture, a frame of a video, or an input that gave none.

    Attributes
    ----------
    path
        The file as it was named or found.
    frame
        Number of the frame in a video, from 0; 0 for a picture; None where nothing could be read.
    status
        ``scored``; ``several_faces`` (the largest was scored); ``no_face``; ``unreadable``; ``too_large``.
    faces
        Faces found; None where none was looked for.
    row, column, height, width
        Box of the scored face in pixels of the picture as it is looked at, turned by its EXIF orientation.
    score
        In [0, 1], higher for bona fide; None where there is no response.
    decision
        ``bonafide`` if the score reaches the threshold, else ``attack``; None without score or threshold.
    detail
        Why there is no score, or what is worth knowing of how the file was read.
    """

    path: str
    frame: int | None
    status: Status
    faces: int | None = None
    row: int | None = None
    column: int | None = None
    height: int | None = None
    width: int | None = None
    score: float | None = None
    decision: str | None = None
    detail: str = ""


def write_csv(rows: Iterable[Prediction], stream: IO[str]) -> None:
    """Write CSV as the rows come; what is None is an empty field, and what has line breaks is quoted."""
    plain = csv.writer(stream, lineterminator="\n")
    # Python 3.11 would leave a carriage return unquoted, which ends a line for whoever reads it.
    quoted = csv.writer(stream, lineterminator="\n", quoting=csv.QUOTE_ALL)
    plain.writerow(Prediction._fields)
    for row in rows:
        (quoted if "\r" in row.path + row.detail else plain).writerow(row)


def write_json(rows: Iterable[Prediction], stream: IO[str]) -> None:
    """Write one JSON array as the rows come, an object a line."""
    separator = "[\n"
    for row in rows:
        stream.write(separator + json.dumps(row._asdict()))
        separator = ",\n"
    stream.write("\n]\n" if separator == ",\n" else "[]\n")
