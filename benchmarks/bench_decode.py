"""`attacknet data prepare` against bare decoding of the same files, and its memory on ten times the data.

Files with the owners' own names, sizes and formats are made in a temporary folder (each kind once; links
multiply it). Bare decoding is one process with a loop around the library that decodes, to three channels.
Beside it stands `prepare` of every frame with one worker, by the clock and by the processor time of all its
processes, and with a worker a processor, by the clock. Its time includes starting the workers, finding the
boxes, cropping, storing and packing. The share of the owners' files is an option; the smaller it is, the more
the start weighs.
"""

import multiprocessing
import os
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import NamedTuple

import h5py
import numpy as np
import pytest
from PIL import Image

from attacknet import machine
from attacknet.data import manifest
from attacknet.data.manifest import Frames
from attacknet.data.media import quiet_cv2
from attacknet.data.prepare import prepare

cv2 = quiet_cv2()
RNG = np.random.default_rng(0)
BARE = "bare decoding"


def texture(height: int, width: int) -> np.ndarray:
    """Something to compress: smooth blobs and a little noise."""
    blobs = cv2.resize(RNG.integers(0, 256, (9, 12, 3), dtype=np.uint8), (width, height))
    return cv2.add(blobs, RNG.integers(0, 12, blobs.shape, dtype=np.uint8))


def make_video(file: Path) -> str:
    """As Replay-Attack: Motion-JPEG, 320x240, 240 frames; return its ``.face`` file."""
    writer = cv2.VideoWriter(str(file), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*"jpeg"), 25, (320, 240))
    frame = texture(240, 320)
    for number in range(240):
        writer.write(np.roll(frame, number, axis=1))
    writer.release()
    return "".join(f"{n} 100 50 120 150\n" for n in range(240))


def make_hdf5(file: Path) -> str:
    """As 3DMAD: HDF5 colour, 300 frames of 480x640, with depth and eyes."""
    with h5py.File(file, "w") as recording:
        colour = np.stack([np.moveaxis(np.roll(texture(480, 640), n), -1, 0) for n in range(300)])
        recording["Color_Data"] = colour
        recording["Depth_Data"] = np.zeros((300, 1, 480, 640), np.uint16)
        recording["Eye_Pos"] = [[250, 200, 310, 204]] * 300
    return ""


def make_picture(file: Path) -> str:
    """As MSSpoof: 8-bit PGM, 1280x1024; return its ``.pos`` file."""
    Image.fromarray(texture(1024, 1280)[..., 0]).save(file)
    return "16\n" + "".join(f"{400 + 20 * n} {700 - 25 * n}\n" for n in range(16))


def bare_video(file: Path) -> Iterator[int]:
    """Decode every frame with OpenCV alone."""
    capture = cv2.VideoCapture(str(file), cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, 1])
    while capture.read()[0]:
        yield 1


def bare_hdf5(file: Path) -> Iterator[int]:
    """Read every colour frame with h5py alone."""
    with h5py.File(file) as recording:
        for number in range(len(recording["Color_Data"])):
            yield len(recording["Color_Data"][number]) // 3


def bare_picture(file: Path) -> Iterator[int]:
    """Decode a picture with OpenCV alone, which takes a fifth of Pillow's time for three channels."""
    yield cv2.imread(str(file)).ndim // 3


class Kind(NamedTuple):
    """How a dataset's files are made (returning the annotation) and decoded, and how many are used."""

    make: Callable[[Path], str]
    bare: Callable[[Path], Iterator[int]]
    files: int


KINDS = {
    "replay_attack": Kind(make_video, bare_video, 1200),
    "3dmad": Kind(make_hdf5, bare_hdf5, 255),
    "msspoof": Kind(make_picture, bare_picture, 4263),
}


def make_dataset(dataset: str, root: Path, count: int) -> None:
    """Give one file, and one annotation, the first names of a dataset."""
    owner = manifest.load(dataset)
    media, annotation = root / "media", root / "annotation"
    annotation.write_text(KINDS[dataset].make(media.with_suffix(Path(owner.expected_paths()[0]).suffix)))
    (media,) = root.glob("media.*")
    for one in owner.expected_files()[:count]:
        link(media, root / one.path)
        for file in getattr(owner.boxes, "files", [])[:1]:
            link(annotation, root / file.format(stem=one.stem))


def link(file: Path, name: Path) -> None:
    """Give a file one more name."""
    name.parent.mkdir(parents=True, exist_ok=True)
    os.link(file, name)


class Run(NamedTuple):
    """Seconds by the clock and of processors, frames, and peak memory with one worker's in MiB."""

    clock: float
    processor: float
    frames: int
    peak: float


def one_run(dataset: str, root: str, workers: int | None) -> Run:
    """Prepare a dataset with so many workers, or decode it bare with None."""
    peaks = [0.0]

    def watch(_done: int, _total: int) -> None:
        peaks.extend(peak_mib(worker.pid) for worker in multiprocessing.active_children())

    clock, processor = time.perf_counter(), processor_seconds()
    if workers is None:
        paths = [Path(root, one) for one in manifest.load(dataset).expected_paths()]
        frames = sum(sum(KINDS[dataset].bare(path)) for path in paths if path.exists())
    else:
        with tempfile.TemporaryDirectory() as cache:
            os.environ["ATTACKNET_CACHE"] = cache
            made = prepare(dataset, Path(root), frames=Frames(), workers=workers, progress=watch)
            frames = len(made.images)
    clock, processor = time.perf_counter() - clock, processor_seconds() - processor
    return Run(clock, processor, frames, peak_mib(os.getpid()) + max(peaks))


def processor_seconds() -> float:
    """Return the processor time of this process and of those that it has ended."""
    usage = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in usage)


def peak_mib(pid: int | None) -> float:
    """Return the peak of a process's resident memory since its program started (Linux).

    ``getrusage`` will not do: its peak includes what the process's parent held when it was forked.
    """
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024


def in_own_process(dataset: str, root: Path, workers: int | None) -> Run:
    """Run once in a fresh process, so that times and peaks are its own."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(one_run, dataset, str(root), workers).result()


@pytest.mark.parametrize("dataset", KINDS)
def bench_prepare(
    dataset: str, tmp_path: Path, keep: Callable[..., None], turns: range, share: float
) -> None:
    """Time a frame by each way, and weigh one worker with all files and with a tenth of them."""
    count = max(10, round(KINDS[dataset].files * share))
    full, tenth = tmp_path / "full", tmp_path / "tenth"
    for folder, files in ((full, count), (tenth, count // 10)):
        folder.mkdir()
        make_dataset(dataset, folder, files)
    many = machine.cores()
    ways = {BARE: None, "prepare, one worker": 1, f"prepare, {many} workers": many}
    runs = [(way, in_own_process(dataset, full, workers)) for _ in turns for way, workers in ways.items()]
    assert len({run.frames for _, run in runs}) == 1  # all ways decode the same
    memory, small = f"memory to prepare {dataset}, one worker", "a tenth of the files"
    for way, run in runs:
        keep(f"a frame of {dataset}, by the clock", way, run.clock / run.frames, reference=BARE)
        if ways[way] != many:
            keep(f"a frame of {dataset}, processor time", way, run.processor / run.frames, reference=BARE)
        if ways[way] == 1:
            keep(memory, "all files", run.peak, reference=small, unit="MiB")
    keep(memory, small, in_own_process(dataset, tenth, 1).peak, reference=small, unit="MiB")
