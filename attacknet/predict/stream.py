"""From files to rows, as a stream: a thread takes pictures from the file to the score, and order is kept.

Pillow, OpenCV and the runtimes leave Python's lock while they work, so threads use all processors. To decode
in some threads and score in another would not: who scores needs the lock between any two crops, and waits for
those who decode. At any time a bounded number of files is under way, however many there are.
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
from typing import NamedTuple

import numpy as np

from attacknet.data.faces import Geometry
from attacknet.data.media import quiet_cv2
from attacknet.errors import AttackNetError
from attacknet.metrics import BONA_FIDE_SPECIES
from attacknet.predict.lent import Lender
from attacknet.predict.looking import Look, Seen, failed, look_for_face, still, take_whole
from attacknet.predict.rows import Prediction
from attacknet.predict.sources import files, is_video
from attacknet.predict.videos import Frame, frames

# Stills that a thread takes at a time. To hand over a crop takes as long as to decode it; to find a face
# takes so much longer that small shares keep all threads busy to the end.
_CROPS, _PICTURES = 64, 4

# Files done, a video in parts, and files in all.
Progress = Callable[[float, int], None]
_ACCEPTED, _REFUSED = BONA_FIDE_SPECIES, "attack"


class _Job(NamedTuple):
    """Work for a thread, the number of files that are done with it, and how much of a video after them."""

    look: Callable[[], list[Seen]]
    files: int
    part: float = 0.0


def predict(
    *inputs: str | Path,
    model: str | Path,
    threshold: float | None = None,
    cropped: bool = False,
    every: int = 1,
    progress: Progress | None = None,
) -> Iterator[Prediction]:
    """Score pictures and videos.

    Parameters
    ----------
    inputs
        Pictures, videos, folders, patterns, or ``-`` for one picture on standard input;
        :func:`attacknet.predict.sources.files` says what each stands for.
    model
        File of an exported network; crops are made by its own preprocessing contract.
    threshold
        A presentation is accepted as bona fide when its score reaches it; by default the model file's own,
        which its training took from the development set.
    cropped
        Whether the pictures are faces already; else the largest face is looked for and cropped.
    every
        Take every n-th frame of a video, from the first.
    progress
        Called with the files done, a video in parts, and the files in all.

    Returns
    -------
    iterator of Prediction
        A row a picture and a row a frame, in the order of the inputs, made as they are asked for. What cannot
        be scored has its row as well and stops nothing.

    Raises
    ------
    AttackNetError
        If the model file cannot be used, the threshold is no number, or `every` is below 1; later, if a score
        is no number.
    """
    lender = Lender(model)
    if threshold is None:
        threshold = lender.about.threshold
    elif math.isnan(threshold):
        raise AttackNetError("threshold nan: give a number")
    if every < 1:
        raise AttackNetError(f"every={every}: give 1 for each frame, or more")
    contract = lender.about.preprocessing
    geometry = Geometry(margin=contract.crop_margin, size=contract.size)
    look = partial(take_whole if cropped else look_for_face, geometry)
    # Two threads that import OpenCV at the same time would get half of it.
    quiet_cv2()
    # Pillow warns of odd metadata, which is not looked at, where the pixels are whole.
    warnings.filterwarnings("ignore", module="PIL")
    jobs = _jobs(files(inputs), look, every, _CROPS if cropped else _PICTURES)
    return _rows(jobs, partial(_scored, lender, threshold), _counter(inputs, progress))


def _counter(inputs: Sequence[str | Path], progress: Progress | None) -> Callable[[_Job], None]:
    """Return what adds to the files done; they are counted beforehand only if anybody wants to know."""
    if progress is None:
        return lambda job: None
    total, done = sum(1 for _ in files(inputs)), 0

    def add(job: _Job) -> None:
        nonlocal done
        done += job.files
        progress(done + job.part, total)

    return add


def _rows(
    jobs: Iterator[_Job], scored: Callable[[_Job], list[Prediction]], count: Callable[[_Job], None]
) -> Iterator[Prediction]:
    """Yield what comes of the jobs, in their order; two of them for each thread are under way."""
    workers = os.cpu_count() or 1
    pending: deque[tuple[Future[list[Prediction]], _Job]] = deque()
    with ThreadPoolExecutor(workers) as pool:
        for job in jobs:
            pending.append((pool.submit(scored, job), job))
            if len(pending) == 2 * workers:
                yield from _first(pending, count)
        while pending:
            yield from _first(pending, count)


def _first(
    pending: deque[tuple[Future[list[Prediction]], _Job]], count: Callable[[_Job], None]
) -> list[Prediction]:
    future, job = pending.popleft()
    rows = future.result()
    count(job)
    return rows


def _scored(lender: Lender, threshold: float | None, job: _Job) -> list[Prediction]:
    """Do a job and score what it sees."""
    seen = job.look()
    crops = [crop for _, crop in seen if crop is not None]
    if not crops:
        return [row for row, _ in seen]
    with lender.lent() as network:
        scores = network.scores(np.stack(crops))
    if np.isnan(scores).any():
        raise AttackNetError("the network gives a score that is no number; it is damaged, export it again")
    rest = iter(scores.tolist())
    return [row if crop is None else _decided(row, next(rest), threshold) for row, crop in seen]


def _decided(row: Prediction, score: float, threshold: float | None) -> Prediction:
    if threshold is None:
        return row._replace(score=score)
    return row._replace(score=score, decision=_ACCEPTED if score >= threshold else _REFUSED)


def _jobs(paths: Iterator[Path], look: Look, every: int, share: int) -> Iterator[_Job]:
    """Hand out stills in shares, and a video frame by frame, so that not all of it is in memory."""
    for videos, group in groupby(paths, is_video):
        if videos:
            for path in group:
                yield from _video(path, look, every)
        else:
            while stills := list(islice(group, share)):
                yield _Job(partial(_stills, stills, look), len(stills))


def _stills(paths: list[Path], look: Look) -> list[Seen]:
    return [still(path, look) for path in paths]


def _video(path: Path, look: Look, every: int) -> Iterator[_Job]:
    failures = []
    try:
        for frame in frames(path, every):
            yield _Job(partial(_frame, path, frame, look), 0, frame.part)
    # A file may vanish at any moment.
    except (AttackNetError, OSError) as error:
        failures = [failed(path, error)]
    yield _Job(lambda: failures, 1)


def _frame(path: Path, frame: Frame, look: Look) -> list[Seen]:
    # What decodes videos yields a view of BGR pixels.
    return [look(path, frame.number, np.ascontiguousarray(frame.image), "")]
