"""From files to rows, as a stream: decoding and detection in threads, scoring in batches, order kept.

Pillow, OpenCV and the runtimes leave Python's lock while they work, so threads use all processors. At any
time a bounded number of files is under way, however many there are.
"""

import math
import os
import warnings
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from itertools import groupby, islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from attacknet.data.faces import Face, Geometry
from attacknet.errors import AttackNetError
from attacknet.metrics import BONA_FIDE_SPECIES
from attacknet.predict.finding import detected_faces
from attacknet.predict.rows import Prediction, Status
from attacknet.predict.sources import files, is_video
from attacknet.predict.stills import TooLargeError, read
from attacknet.predict.videos import frames
from attacknet.preprocessing import Box

if TYPE_CHECKING:
    from attacknet.exported import Exported

# Stills that a thread takes at a time: to hand over a small picture takes as long as to decode it.
_CHUNK = 16
# Crops scored at a time.
_BATCH = 32

# Files done and files in all.
Progress = Callable[[int, int], None]
_ACCEPTED, _REFUSED = BONA_FIDE_SPECIES, "attack"


class _Seen(NamedTuple):
    """A row without its score, and the crop that the score is to be of."""

    row: Prediction
    crop: np.ndarray | None = None


# File, frame number, picture (RGB uint8) and a note -> its row and crop.
Look = Callable[[Path, int, np.ndarray, str], _Seen]


class _Job(NamedTuple):
    """Work for a thread, and the number of files that are done with it."""

    work: Callable[[], list[_Seen]]
    files: int


def predict(
    model: "Exported",
    *inputs: str | Path,
    threshold: float | None = None,
    cropped: bool = False,
    every: int = 1,
    progress: Progress | None = None,
) -> Iterator[Prediction]:
    """Score pictures and videos.

    Parameters
    ----------
    model
        An exported network; crops are made by its own preprocessing contract.
    inputs
        Pictures, videos, folders, patterns, or ``-`` for one picture on standard input;
        :func:`attacknet.predict.sources.files` says what each stands for.
    threshold
        A presentation is accepted as bona fide when its score reaches it; by default the model file's own,
        which its training took from the development set.
    cropped
        Whether the pictures are faces already; else the largest face is looked for and cropped.
    every
        Take every n-th frame of a video, from the first.
    progress
        Called with the files done and the files in all.

    Returns
    -------
    iterator of Prediction
        A row a picture and a row a frame, in the order of the inputs, made as they are asked for. What cannot
        be scored has its row as well and stops nothing.

    Raises
    ------
    AttackNetError
        If the threshold is no number, or `every` is below 1; later, if a score is no number.
    """
    if threshold is None:
        threshold = model.about.threshold
    elif math.isnan(threshold):
        raise AttackNetError("threshold nan: give a number")
    if every < 1:
        raise AttackNetError(f"every={every}: give 1 for each frame, or more")
    contract = model.about.preprocessing
    geometry = Geometry(margin=contract.crop_margin, size=contract.size)
    look = partial(_take_whole if cropped else _look_for_face, geometry)
    # Pillow warns of odd metadata, which is not looked at, where the pixels are whole.
    warnings.filterwarnings("ignore", module="PIL")
    return _rows(model, threshold, _jobs(files(inputs), look, every), _counter(inputs, progress))


def _counter(inputs: Sequence[str | Path], progress: Progress | None) -> Callable[[int], None]:
    """Return what adds to the files done; they are counted beforehand only if anybody wants to know."""
    if progress is None:
        return lambda more: None
    total, done = sum(1 for _ in files(inputs)), 0

    def add(more: int) -> None:
        nonlocal done
        done += more
        progress(done, total)

    return add


def _rows(
    model: "Exported", threshold: float | None, jobs: Iterator[_Job], count: Callable[[int], None]
) -> Iterator[Prediction]:
    workers = os.cpu_count() or 1
    batch: list[_Seen] = []
    with ThreadPoolExecutor(workers) as pool:
        for seen, done in _ahead(pool, jobs, 2 * workers):
            batch += seen
            if len(batch) >= _BATCH:
                yield from _scored(model, threshold, batch)
                batch = []
            count(done)
    yield from _scored(model, threshold, batch)


def _ahead(pool: ThreadPoolExecutor, jobs: Iterator[_Job], most: int) -> Iterator[tuple[list[_Seen], int]]:
    """Yield what jobs make, in their order, with so many of them under way at most."""
    pending: deque[tuple[Future[list[_Seen]], int]] = deque()
    for job in jobs:
        pending.append((pool.submit(job.work), job.files))
        if len(pending) == most:
            first, done = pending.popleft()
            yield first.result(), done
    for first, done in pending:
        yield first.result(), done


def _scored(model: "Exported", threshold: float | None, batch: list[_Seen]) -> Iterator[Prediction]:
    crops = [one.crop for one in batch if one.crop is not None]
    scores = model.scores(np.stack(crops)) if crops else np.empty(0)
    if np.isnan(scores).any():
        raise AttackNetError("the network gives a score that is no number; it is damaged, export it again")
    rest = iter(scores.tolist())
    for row, crop in batch:
        yield row if crop is None else _decided(row, next(rest), threshold)


def _decided(row: Prediction, score: float, threshold: float | None) -> Prediction:
    if threshold is None:
        return row._replace(score=score)
    return row._replace(score=score, decision=_ACCEPTED if score >= threshold else _REFUSED)


def _jobs(paths: Iterator[Path], look: Look, every: int) -> Iterator[_Job]:
    """Hand out stills in chunks, and a video frame by frame, so that not all of it is in memory."""
    for videos, group in groupby(paths, is_video):
        if videos:
            for path in group:
                yield from _video(path, look, every)
        else:
            while chunk := list(islice(group, _CHUNK)):
                yield _Job(partial(_stills, chunk, look), len(chunk))


def _stills(paths: list[Path], look: Look) -> list[_Seen]:
    return [_still(path, look) for path in paths]


def _still(path: Path, look: Look) -> _Seen:
    try:
        image, note = read(path)
    except AttackNetError as error:
        return _failed(path, error)
    return look(path, 0, image, note)


def _video(path: Path, look: Look, every: int) -> Iterator[_Job]:
    failures = []
    try:
        for number, image in frames(path, every):
            yield _Job(partial(_frame, path, number, image, look), 0)
    # A file may vanish at any moment.
    except (AttackNetError, OSError) as error:
        failures = [_failed(path, error)]
    yield _Job(lambda: failures, 1)


def _frame(path: Path, number: int, image: np.ndarray, look: Look) -> list[_Seen]:
    # What decodes videos yields a view of BGR pixels.
    return [look(path, number, np.ascontiguousarray(image), "")]


def _failed(path: Path, error: Exception) -> _Seen:
    status = Status.TOO_LARGE if isinstance(error, TooLargeError) else Status.UNREADABLE
    return _Seen(Prediction(str(path), None, status, detail=str(error).removeprefix(f"{path}: ")))


def _look_for_face(geometry: Geometry, path: Path, number: int, image: np.ndarray, note: str) -> _Seen:
    faces = detected_faces(image)
    status = (Status.NO_FACE, Status.SCORED, Status.SEVERAL_FACES)[min(len(faces), 2)]
    row = Prediction(str(path), number, status, len(faces), detail=note)
    if not faces:
        return _Seen(row)
    return _Seen(row._replace(**faces[0].box._asdict()), geometry.crop(image, faces[0]))


def _take_whole(geometry: Geometry, path: Path, number: int, image: np.ndarray, note: str) -> _Seen:
    whole = Face(Box(0, 0, *image.shape[:2]), "annotated")
    return _Seen(Prediction(str(path), number, Status.SCORED, detail=note), geometry.crop(image, whole))
