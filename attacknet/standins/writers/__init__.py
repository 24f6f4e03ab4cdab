"""Make stand-ins for whole datasets, each in the layout of the real one.

A dataset is written beside its place and moved there when it is complete, so that nothing half-made is ever
read. The same seed gives the same bytes, however many processes write.
"""

import functools
import hashlib
import multiprocessing
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

from filelock import FileLock

from attacknet import paths
from attacknet.data import manifest as manifests
from attacknet.data import marker
from attacknet.data.manifest import Identified
from attacknet.errors import AttackNetError
from attacknet.standins.writers.common import choose

Size = Literal["small", "full"]
# Told after each file: how many are done and how many there are.
Progress = Callable[[int, int], None]

WRITERS = {
    "replay_attack": "replay_attack",
    "3dmad": "three_d_mad",
    "msspoof": "msspoof",
    "csmad": "csmad",
    "own": "own",
}
# What only looks at finished stand-ins: they need not be made again when it changes.
MEASURING = ("shortcuts.py", "statistics.py", "calibration.csv", "tones.py")
STATEMENT = (
    "Synthetic people and synthetic attacks in the layout of {name}. They are no copy of its data, "
    "show nobody, and results on them say nothing about it."
)


def make(
    root: Path,
    *,
    datasets: Iterable[str] = tuple(WRITERS),
    size: Size = "small",
    seed: int = 0,
    workers: int | None = None,
    progress: Progress | None = None,
) -> dict[str, Path]:
    """Write stand-ins, each dataset into a folder of its name below `root`; what is up to date is left alone.

    Parameters
    ----------
    datasets
        Ids of datasets.
    size
        ``small``: a part of the files with a few frames each; all splits and species. ``full``: every file
        name, with one frame each, for tests under load.
    workers
        Processes; as many as processors by default.

    Returns
    -------
    dict
        Dataset -> its folder.

    Raises
    ------
    AttackNetError
        If a dataset has no stand-ins, its folder holds something else, or the root cannot be written.
    """
    folders = {dataset: _place(root, dataset) for dataset in datasets}

    def stale() -> list[str]:
        return [one for one, folder in folders.items() if not _up_to_date(folder, one, size, seed)]

    if stale():
        with _alone_in(root) as unfinished:
            wanted = stale()  # unless whoever was in there before has made them
            _write_all(unfinished, wanted, size, seed, workers=workers, progress=progress)
            for dataset in wanted:
                _mark(unfinished / dataset, dataset, size, seed)
                shutil.rmtree(folders[dataset], ignore_errors=True)
                (unfinished / dataset).replace(folders[dataset])
    return folders


def home(size: Size = "small", seed: int = 0) -> Path:
    """Return the folder in the cache where the book keeps its stand-ins."""
    return paths.cache_dir() / "standins" / f"{size}-{seed}"


@functools.cache
def version() -> str:
    """Return a digest of all that shapes the stand-ins: code, tables, people and manifests."""
    folder = Path(__file__).resolve().parent.parent
    files = sorted(
        file
        for file in folder.rglob("*")
        if file.is_file() and file.suffix != ".pyc" and file.name not in MEASURING
    )
    files += [paths.MANIFESTS / f"{dataset}.yaml" for dataset in WRITERS]
    total = hashlib.sha256()
    for file in files:
        total.update(file.name.encode() + hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()[:16]


def _place(root: Path, dataset: str) -> Path:
    if dataset not in WRITERS:
        raise AttackNetError(f"dataset {dataset!r}: there are stand-ins for {', '.join(WRITERS)}")
    folder = root / dataset
    if (
        folder.exists()
        and marker.read(folder, dataset) is None
        and (not folder.is_dir() or any(folder.iterdir()))
    ):
        raise AttackNetError(f"{folder}: holds files that are no stand-ins; give another root")
    return folder


@contextmanager
def _alone_in(root: Path) -> Iterator[Path]:
    """Give an empty folder to work in, to one process at a time; what a killed one left in it is removed."""
    unfinished = root / ".unfinished"
    try:
        root.mkdir(parents=True, exist_ok=True)
        with FileLock(root / ".lock"):
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.mkdir()
            try:
                yield unfinished
            finally:
                shutil.rmtree(unfinished, ignore_errors=True)
    except OSError as error:
        raise AttackNetError(
            f"{root}: cannot be written: {error.strerror or error}; see to the disk or give another root"
        ) from None


def _facts(size: Size, seed: int) -> dict[str, Any]:
    return {"size": size, "seed": seed, "version": version()}


def _up_to_date(folder: Path, dataset: str, size: Size, seed: int) -> bool:
    found = marker.read(folder, dataset)
    wanted = _facts(size, seed)
    return found is not None and {key: found.model_dump().get(key) for key in wanted} == wanted


def _write_all(
    root: Path,
    datasets: list[str],
    size: Size,
    seed: int,
    *,
    workers: int | None,
    progress: Progress | None,
) -> None:
    jobs = [
        (root / dataset, dataset, one, size, seed) for dataset in datasets for one in _files(dataset, size)
    ]
    for folder, _, found, _, _ in jobs:
        (folder / found.path).parent.mkdir(parents=True, exist_ok=True)
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers or os.cpu_count(), context) as pool:
        for done, _ in enumerate(pool.map(_write, jobs, chunksize=4), start=1):
            if progress:
                progress(done, len(jobs))


def _mark(folder: Path, dataset: str, size: Size, seed: int) -> None:
    from ruamel.yaml import YAML  # noqa: PLC0415 - only a finished dataset needs it

    statement = STATEMENT.format(name=manifests.load(dataset).name)
    with (folder / marker.FILE).open("w", encoding="utf-8") as file:
        YAML().dump({"dataset": dataset, **_facts(size, seed), "statement": statement}, file)


def _files(dataset: str, size: Size) -> list[Identified]:
    manifest, keep = manifests.load(dataset), _writer(dataset).KEEP
    return manifest.expected_files() if size == "full" or keep is None else choose(manifest, keep)


def _writer(dataset: str) -> Any:
    return import_module(f"attacknet.standins.writers.{WRITERS[dataset]}")


def _write(job: tuple[Path, str, Identified, Size, int]) -> None:
    from attacknet.data.media import quiet_cv2  # noqa: PLC0415 - heavy

    folder, dataset, found, size, seed = job
    quiet_cv2()  # one thread: the processes share the processors
    writer = _writer(dataset)
    writer.write(folder, found, 1 if size == "full" else writer.FRAMES, seed)
