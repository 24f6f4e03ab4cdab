"""All faces in a picture, the largest first, by the detector that the training's crops came from."""

import threading
from pathlib import Path
from typing import Any

import numpy as np

from attacknet.data.faces import _DETECTION_SIDE, _NEIGHBOURS, _SMALLEST_SHARE, CASCADE, Face
from attacknet.data.media import quiet_cv2
from attacknet.preprocessing import Box

_of_thread = threading.local()


def detected_faces(image: np.ndarray) -> list[Face]:
    """Return every face that the detector finds; the first is :func:`attacknet.data.faces.detected_face`.

    Parameters
    ----------
    image
        RGB uint8, ``(height, width, 3)``.
    """
    cv2 = quiet_cv2()
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    scale = max(min(grey.shape) / _DETECTION_SIDE, 1.0)
    if scale > 1:
        grey = cv2.resize(grey, None, fx=1 / scale, fy=1 / scale, interpolation=cv2.INTER_AREA)
    smallest = min(grey.shape) // _SMALLEST_SHARE
    found = _cascade().detectMultiScale(grey, minNeighbors=_NEIGHBOURS, minSize=(smallest, smallest))
    largest_first = sorted(np.asarray(found).reshape(-1, 4).tolist(), key=lambda f: -f[2] * f[3])
    return [_face(*(round(scale * value) for value in box)) for box in largest_first]


def _face(x: int, y: int, width: int, height: int) -> Face:
    return Face(Box(row=y, column=x, height=height, width=width), "detected")


def _cascade() -> Any:
    """Return this thread's detector: one that works keeps notes, and two threads would mix them up."""
    if not hasattr(_of_thread, "cascade"):
        cv2 = quiet_cv2()
        _of_thread.cascade = cv2.CascadeClassifier(str(Path(cv2.data.haarcascades) / CASCADE))
    return _of_thread.cascade
