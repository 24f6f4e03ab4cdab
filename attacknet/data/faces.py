"""Where the face is in a frame, and the crop that is made of it.

The database's own annotation comes first. Frames that it leaves without a box, and databases without
annotations, go to OpenCV's frontal face detector (boosted cascades of Haar features, Lienhart's ``alt2``),
whose weights are inside OpenCV's wheel under the Intel License Agreement For Open Source Computer Vision
Library, which is permissive; OpenCV itself is under Apache-2.0.
"""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

import numpy as np
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

from attacknet.data.annotations import Eyes, carried_forward, read_boxes, read_eyes, read_landmarks
from attacknet.data.manifest import EyesInHdf5, FaceFile, LandmarkFile, Manifest
from attacknet.data.media import quiet_cv2
from attacknet.errors import AttackNetError
from attacknet.preprocessing import Box, Preprocessing

CASCADE = "haarcascade_frontalface_alt2.xml"
# The detector looks at frames scaled down to this many pixels on their shorter side, for faces of at least an
# eighth of it; agreement of so many neighbouring windows makes a face (OpenCV's default).
_DETECTION_SIDE, _SMALLEST_SHARE, _NEIGHBOURS = 480, 8, 3

_of_thread = threading.local()


class Face(NamedTuple):
    """A face in a frame.

    `origin` says how its box came about: ``annotated`` in this very frame, ``carried`` forward from the
    annotation of an earlier frame, or ``detected``.
    """

    box: Box
    origin: Literal["annotated", "carried", "detected"]
    eyes: Eyes | None = None


# Frame number and picture (RGB uint8) -> the face, or None where there is none.
FaceFinder = Callable[[int, np.ndarray], Face | None]


def annotation_file(manifest: Manifest, root: Path, path: str) -> Path | None:
    """Return the file that annotates a sample, or None where the database has no annotations.

    Parameters
    ----------
    root, path
        Folder of the dataset; the sample's path relative to it.

    Raises
    ------
    AttackNetError
        If the database has annotations and this sample's is not there.
    """
    match manifest.boxes:
        case EyesInHdf5():
            return root / path
        case FaceFile(files=files) | LandmarkFile(files=files):
            sample = manifest.identify(path)
            assert sample is not None, f"{path} comes from an index, so a layout knows it"
            candidates = [root / file.format(stem=sample.stem) for file in files]
            if found := next((file for file in candidates if file.exists()), None):
                return found
            raise AttackNetError(
                f"{root / path}: its face annotation is missing (looked for "
                f"{' and '.join(map(str, candidates))}); "
                "download the annotations, or prepare with --boxes detector"
            )
    return None


def face_finder(manifest: Manifest, annotation: Path | None) -> FaceFinder:
    """Return what finds the face in each frame of one sample.

    Parameters
    ----------
    annotation
        The sample's annotation, as :func:`annotation_file` names it; None leaves all frames to the detector.

    Raises
    ------
    AttackNetError
        If the annotation is malformed; while finding, if it lies outside the frame or ends too early.
    """
    if annotation is None:
        return detected_face
    match manifest.boxes:
        case FaceFile():
            boxes = read_boxes(annotation)
            return lambda number, image: (
                _carried_face(annotation, boxes, number, image) or detected_face(number, image)
            )
        case EyesInHdf5(path=key):
            eyes = read_eyes(annotation, key)
            return lambda number, image: _face_at_eyes(annotation, eyes, number, image)
        case LandmarkFile(points=points):
            box = box_around(read_landmarks(annotation, points))
            return lambda number, image: Face(_inside(annotation, box, number, image), "annotated")
    return detected_face


def _carried_face(annotation: Path, boxes: dict[int, Box], number: int, image: np.ndarray) -> Face | None:
    if (found := carried_forward(boxes, number)) is None:
        return None
    annotated, box = found
    return Face(_inside(annotation, box, number, image), "annotated" if annotated == number else "carried")


def _face_at_eyes(annotation: Path, eyes: list[Eyes], number: int, image: np.ndarray) -> Face:
    if number >= len(eyes):
        raise AttackNetError(
            f"{annotation}: eye positions for {len(eyes)} frames and none for frame {number}; "
            "restore the owner's file"
        )
    box = _inside(annotation, box_from_eyes(eyes[number]), number, image)
    return Face(box, "annotated", eyes[number])


def _inside(annotation: Path, box: Box, number: int, image: np.ndarray) -> Box:
    """Refuse a box whose centre is not in the picture: it belongs to another one.

    A face at the border may have a box that reaches beyond it; the crop then ends with the picture.
    """
    height, width = image.shape[:2]
    if not (0 <= box.row + box.height / 2 <= height and 0 <= box.column + box.width / 2 <= width):
        raise AttackNetError(
            f"{annotation}: the face box {tuple(box)} (row, column, height, width) of frame {number} lies "
            f"outside the picture of {height}x{width} pixels; restore the owner's file"
        )
    return box


def box_from_eyes(eyes: Eyes) -> Box:
    """Return the square face box around a pair of eyes.

    Its side is twice their distance, and they lie at a quarter of its height: the proportions of the default
    crop for presentation attack detection in Idiap's bob.
    """
    side = 2 * eyes.distance
    column = (eyes.left[0] + eyes.right[0]) / 2 - side / 2
    row = (eyes.left[1] + eyes.right[1]) / 2 - side / 4
    return Box(row=round(row), column=round(column), height=round(side), width=round(side))


def box_around(points: np.ndarray) -> Box:
    """Return the tight box around landmarks, ``(points, 2)`` as column and row."""
    (left, top), (right, bottom) = np.floor(points.min(axis=0)), np.ceil(points.max(axis=0))
    return Box(row=int(top), column=int(left), height=int(bottom - top), width=int(right - left))


def detected_face(_number: int, image: np.ndarray) -> Face | None:
    """Return the largest face that the detector finds in a frame (RGB uint8), or None."""
    return next(iter(detected_faces(image)), None)


def detected_faces(image: np.ndarray) -> list[Face]:
    """Return every face that the detector finds, the largest first.

    Parameters
    ----------
    image
        RGB uint8, ``(height, width, 3)``.
    """
    cv2 = quiet_cv2()
    if _is_bgr(image):
        grey = cv2.cvtColor(image[..., ::-1], cv2.COLOR_BGR2GRAY)
    else:
        grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    scale = max(min(grey.shape) / _DETECTION_SIDE, 1.0)
    if scale > 1:
        grey = cv2.resize(grey, None, fx=1 / scale, fy=1 / scale, interpolation=cv2.INTER_AREA)
    smallest = min(grey.shape) // _SMALLEST_SHARE
    found = _cascade().detectMultiScale(grey, minNeighbors=_NEIGHBOURS, minSize=(smallest, smallest))
    boxes = sorted(np.asarray(found).reshape(-1, 4).tolist(), key=lambda box: -box[2] * box[3])
    return [_face(*(round(scale * value) for value in box)) for box in boxes]


def _face(x: int, y: int, width: int, height: int) -> Face:
    return Face(Box(row=y, column=x, height=height, width=width), "detected")


def _cascade() -> Any:
    """Return this thread's detector: one that works keeps notes, and two threads would mix them up."""
    if not hasattr(_of_thread, "cascade"):
        cv2 = quiet_cv2()
        _of_thread.cascade = cv2.CascadeClassifier(str(Path(cv2.data.haarcascades) / CASCADE))
    return _of_thread.cascade


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Geometry:
    """How a crop is cut out of a frame.

    Attributes
    ----------
    align
        ``box``: the box as it stands, stretched to `size`. ``eyes``: turned and scaled so that the eyes are
        level, at a quarter of the height, half the width apart (bob's default for attack detection).
    margin
        Share of the face's height and width that is added on each side; 0 is the tight box.
    size
        Height and width of the crop in pixels.
    """

    align: Literal["box", "eyes"] = "box"
    margin: Annotated[float, Field(ge=0)] = 0.0
    size: tuple[Annotated[int, Field(ge=1)], Annotated[int, Field(ge=1)]] = (32, 32)

    def crop(self, image: np.ndarray, face: Face) -> np.ndarray:
        """Return the face as RGB uint8, ``(*size, 3)``.

        Bilinear without smoothing, as the preprocessing contract has it
        (:class:`attacknet.preprocessing.Preprocessing`). A box ends with the picture; an aligned crop is
        black beyond it.

        Raises
        ------
        AttackNetError
            If eyes are asked for and the face has none.
        """
        return self._aligned(image, face) if self.align == "eyes" else self._boxed(image, face)

    def _boxed(self, image: np.ndarray, face: Face) -> np.ndarray:
        cv2 = quiet_cv2()
        height, width = self.size
        region = Preprocessing(crop_margin=self.margin).crop(image, face.box)
        return _transformed(region, lambda pixels: cv2.resize(pixels, (width, height)))

    def _aligned(self, image: np.ndarray, face: Face) -> np.ndarray:
        if face.eyes is None:
            raise AttackNetError("crops aligned by the eyes need eye positions, and this face has only a box")
        cv2 = quiet_cv2()
        height, width = self.size
        placing = self._similarity(face.eyes)
        return _transformed(image, lambda pixels: cv2.warpAffine(pixels, placing, (width, height)))

    def _similarity(self, eyes: Eyes) -> np.ndarray:
        """Return the ``(2, 3)`` map from the frame to the crop that puts the eyes in their places."""
        height, width = self.size
        spread = 1 + 2 * self.margin
        scale = (width + 1) / 2 / spread / eyes.distance
        turn = np.arctan2(eyes.right[1] - eyes.left[1], eyes.right[0] - eyes.left[0])
        cosine, sine = scale * np.cos(turn), scale * np.sin(turn)
        linear = np.array([[cosine, sine], [-sine, cosine]])
        source = (np.array(eyes.left) + np.array(eyes.right)) / 2
        target = np.array([(width - 1) / 2, height * (0.25 + self.margin) / spread])
        return np.column_stack([linear, target - linear @ source])


def _transformed(image: np.ndarray, transform: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """Transform a picture as its pixels lie in memory.

    OpenCV would copy any but RGB pixels first, one by one, and that takes longer than to make the crop.
    """
    if image.strides[-1] == image.itemsize:
        return transform(image)
    if _is_bgr(image):
        cv2 = quiet_cv2()
        return cv2.cvtColor(transform(image[..., ::-1]), cv2.COLOR_BGR2RGB)
    return np.dstack([transform(image[..., channel]) for channel in range(image.shape[-1])])


def _is_bgr(image: np.ndarray) -> bool:
    """Whether an RGB picture is a view of BGR pixels."""
    return image.strides[-1] == -image.itemsize
