"""Index, decode, find faces, crop, store: from a dataset's files to a set of crops.

Each sample becomes a part, made by one of several processes and written whole or not at all; when all parts
are there they are packed. A run that was ended at any moment is taken up where it stopped: parts that exist
are kept, and what was half-written is never looked at.
"""

import multiprocessing
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from attacknet.data import crops, protocols
from attacknet.data.crops import Crops
from attacknet.data.faces import Geometry, annotation_file
from attacknet.data.index import load_index
from attacknet.data.manifest import EyesInHdf5, Frames, Manifest, load
from attacknet.data.parts import Job, Part, Recipe, make_part, remove_unfinished, start_worker
from attacknet.errors import AttackNetError

# Samples done and samples in all.
Progress = Callable[[int, int], None]
BoxSource = Literal["annotation", "detector"]


def prepare(
    dataset: str | Path,
    root: Path,
    *,
    protocol: str = "sound",
    geometry: Geometry | None = None,
    frames: Frames | None = None,
    boxes: BoxSource = "annotation",
    workers: int | None = None,
    progress: Progress | None = None,
) -> Crops:
    """Return a dataset's crops; make them, or what is missing of them, first.

    Parameters
    ----------
    dataset
        Id or manifest, as for :func:`attacknet.data.manifest.load`.
    root
        Folder of the data as the owner ships it.
    protocol
        Names the split of each sample and, unless `frames` does, the frames.
    geometry
        How a crop is cut out; the tight box at 32x32 by default.
    frames
        Which frames of a recording; the protocol's by default.
    boxes
        ``annotation``: the database's own boxes first. ``detector``: the detector for every frame.
    workers
        Processes; as many as there are processors by default.
    progress
        Called with the samples done and the samples in all.

    Raises
    ------
    AttackNetError
        If the data, the protocol or the geometry cannot be used. A sample that is damaged stops nothing: the
        others are prepared and kept, and the message then names the first such sample and their number.
    """
    manifest, root = load(dataset), Path(root)
    geometry = geometry or Geometry()
    if geometry.align == "eyes" and (boxes == "detector" or not isinstance(manifest.boxes, EyesInHdf5)):
        raise AttackNetError(f"{manifest.name}: no eye positions to align crops by; align them by the box")
    index = protocols.apply(load_index(dataset, root), protocol)
    recipe = Recipe(manifest, geometry, frames or manifest.protocols[protocol].frames)
    settings = {
        "dataset": manifest.id,
        "protocol": protocol,
        "boxes": manifest.boxes.model_dump() if boxes == "annotation" else {"source": "detector"},
        "geometry": asdict(geometry),
        "frames": recipe.frames.model_dump(),
        "evidence": index.attrs["evidence"],
        "code": crops.code_version(),
    }
    jobs = _jobs(manifest, root, index, annotated=boxes == "annotation", settings=settings)
    parts = {sample: job.part for sample, job in jobs.items()}
    rows = index[list(crops.SAMPLE_COLUMNS)]
    key = crops.digest([sorted(part.name for part in parts.values()), rows.to_csv(index=False)])
    folder = crops.crops_dir(manifest.id) / key
    if not folder.is_dir():
        with _or_made_by_another(folder):
            _make_parts(recipe, list(jobs.values()), workers, progress)
            _require_faces(manifest, parts)
            crops.pack(
                folder, rows, parts, geometry.size, settings | {"subjects_known": manifest.subjects_known}
            )
    _clean_up(folder, parts)
    return crops.open_crops(folder)


def _require_faces(manifest: Manifest, parts: Mapping[str, Path]) -> None:
    if not any(map(Part.count, parts.values())):
        raise AttackNetError(
            f"{manifest.name}: no face in any frame of {len(parts)} samples; nothing to crop"
        )


def _clean_up(folder: Path, parts: Mapping[str, Path]) -> None:
    """Remove what the packed set has made needless, also what killed runs left."""
    remove_unfinished(folder)
    done = {part.stem for part in parts.values()}
    for file in (folder.parent / "parts").glob("*"):
        if file.name.split(".")[0] in done:
            file.unlink(missing_ok=True)


def _jobs(
    manifest: Manifest, root: Path, index: pd.DataFrame, *, annotated: bool, settings: dict[str, Any]
) -> dict[str, Job]:
    """Return each sample's job; the name of its part says all that shapes it."""
    parts = crops.crops_dir(manifest.id) / "parts"
    samples = index.drop_duplicates("sample")
    jobs = {}
    for sample, path, media in zip(samples["sample"], samples["path"], samples["media"], strict=True):
        annotation = annotation_file(manifest, root, path) if annotated else None
        sources = [file for file in (root / path, annotation) if file is not None]
        for file in sources:
            # The processes that read it are out of sight of the recorder of a chapter's inputs.
            sys.audit("attacknet.read", str(file))
        key = crops.digest([settings, [_identity(root, file) for file in sources]])
        jobs[sample] = Job(media, root / path, annotation, parts / f"{key}.part")
    return jobs


def _identity(root: Path, path: Path) -> list[Any]:
    """Return what tells a file from a changed one without reading it: name, size and time of change."""
    facts = path.stat()
    return [path.relative_to(root).as_posix(), facts.st_size, facts.st_mtime_ns]


@contextmanager
def _or_made_by_another(folder: Path) -> Iterator[None]:
    """Bear that another process, which made the same set at the same time, came first and cleaned up."""
    try:
        yield
    except OSError as error:
        if not folder.is_dir():
            raise AttackNetError(
                f"{folder}: cannot be written: {error}; check the disk and run again"
            ) from None


def _make_parts(recipe: Recipe, jobs: list[Job], workers: int | None, progress: Progress | None) -> None:
    missing = [job for job in jobs if not job.part.exists()]
    report = progress or (lambda done, total: None)
    report(len(jobs) - len(missing), len(jobs))
    failures = []
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, context, start_worker, (recipe,)) as pool:
        pending = [pool.submit(make_part, job) for job in missing]
        try:
            for done, future in enumerate(as_completed(pending), start=len(jobs) - len(missing) + 1):
                if (failure := future.result()) is not None:
                    failures.append(failure)
                report(done, len(jobs))
        except BrokenProcessPool:
            raise AttackNetError(
                "a process ended while it prepared a sample, for want of memory perhaps; "
                "run again, with fewer workers: what is done is kept"
            ) from None
        finally:
            # Without this, leaving early would first work through all that is pending.
            pool.shutdown(cancel_futures=True)
    if failures:
        others = f" (and {len(failures) - 1} more samples cannot be used)" if len(failures) > 1 else ""
        raise AttackNetError(f"{min(failures)}{others}")
