"""From one picture to its row, still without a score, and the crop that the score is to be of."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from attacknet.data.faces import Face, Geometry, detected_faces
from attacknet.errors import AttackNetError
from attacknet.predict.rows import Prediction, Status
from attacknet.predict.stills import TooLargeError, read
from attacknet.preprocessing import Box


class Seen(NamedTuple):
    """A row, and its crop, RGB uint8, where there is something to score."""

    row: Prediction
    crop: np.ndarray | None = None


# File, frame number, picture (RGB uint8) and a note on how it was read -> what is seen in it.
Look = Callable[[Path, int, np.ndarray, str], Seen]


def look_for_face(geometry: Geometry, path: Path, number: int, image: np.ndarray, note: str) -> Seen:
    """Find the faces and crop the largest."""
    faces = detected_faces(image)
    status = (Status.NO_FACE, Status.SCORED, Status.SEVERAL_FACES)[min(len(faces), 2)]
    row = Prediction(str(path), number, status, len(faces), detail=note)
    if not faces:
        return Seen(row)
    return Seen(row._replace(**faces[0].box._asdict()), geometry.crop(image, faces[0]))


def take_whole(geometry: Geometry, path: Path, number: int, image: np.ndarray, note: str) -> Seen:
    """Take the picture for a face."""
    whole = Face(Box(0, 0, *image.shape[:2]), "annotated")
    return Seen(Prediction(str(path), number, Status.SCORED, detail=note), geometry.crop(image, whole))


def still(path: Path, look: Look) -> Seen:
    """Read a still and look at it."""
    try:
        image, note = read(path)
    except AttackNetError as error:
        return failed(path, error)
    return look(path, 0, image, note)


def failed(path: Path, error: Exception) -> Seen:
    """Say why a file gave no picture."""
    status = Status.TOO_LARGE if isinstance(error, TooLargeError) else Status.UNREADABLE
    return Seen(Prediction(str(path), None, status, detail=str(error).removeprefix(f"{path}: ")))
