"""`predict` on a folder of 1,000 crops against the bare runtime on the same crops in memory.

Run with ``python benchmarks/bench_predict.py``; it needs the extra ``export``. The crops are PNG files of
32x32 pixels, the network is an untrained AttackNet in LiteRT, on one thread. These take turns, round by
round, so that whatever else the machine does strikes them alike:

- runtime: `Exported.scores` on the array of all crops;
- decoding: Pillow opens each file and gives its pixels, and nothing more;
- predict: from the names of folder and model file to all rows, as ``--already-cropped`` does it.

The bare runtime has nothing to decode. So on one processor `predict` cannot take less than the first two
together; it gets below because its threads use all processors. Seconds by the clock therefore need processors
that have nothing else to do, and the seconds of all processors are printed as well: they say what `predict`
adds, on a busy machine too.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from attacknet import export, networks
from attacknet.evidence import Evidence
from attacknet.exported import About, Exported, Kind
from attacknet.predict import predict


def make_crops(folder: Path, count: int) -> np.ndarray:
    """Write crops with as much detail as a face has; return them as ``(count, 32, 32, 3)``."""
    rng = np.random.default_rng(0)
    coarse = rng.integers(40, 220, (count, 8, 8, 3), dtype=np.uint8)
    crops = np.stack(
        [np.asarray(Image.fromarray(one).resize((32, 32), Image.Resampling.BICUBIC)) for one in coarse]
    )
    crops = (crops + rng.integers(0, 12, crops.shape)).astype(np.uint8)
    for number, crop in enumerate(crops):
        Image.fromarray(crop).save(folder / f"{number:05}.png")
    return crops


def write_network(path: Path) -> Path:
    """Export an untrained network: what it has learnt makes no difference to the time."""
    network = networks.build("attacknet")
    about = About(
        kind=Kind.LITERT,
        model="attacknet",
        trained_on="nothing",
        source="benchmark",
        weights_sha256="1" * 64,
        evidence=Evidence.STAND_IN,
        preprocessing=network.preprocessing,
        threshold=0.5,
    )
    path.write_bytes(export.litert(network, about))
    return path


def decode(files: list[Path]) -> None:
    """Decode files, one after the other."""
    for file in files:
        with Image.open(file) as picture:
            np.asarray(picture)


def seconds(work: Callable[[], object]) -> tuple[float, float]:
    """Return the seconds that some work takes by the clock, and of all processors."""
    clock, processor = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - clock, time.process_time() - processor


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=20)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "crops"
        folder.mkdir()
        crops = make_crops(folder, options.files)
        files = sorted(folder.iterdir())
        model = write_network(Path(name) / "network.tflite")
        network = Exported.open(model)
        ways: dict[str, Callable[[], object]] = {
            "runtime": lambda: network.scores(crops),
            "decoding": lambda: decode(files),
            "predict": lambda: list(predict(folder, model=model, cropped=True)),
        }
        for work in ways.values():
            work()
        taken = np.array(
            [[seconds(work) for work in ways.values()] for _ in range(options.rounds)]
        )  # round, way, clock or processor
    best, median = taken.min(axis=0), np.median(taken, axis=0)
    print(f"{options.files} crops, {os.cpu_count()} processors, {options.rounds} rounds in turn")
    print(f"{'':10}{'by the clock':>24}{'of all processors':>24}   seconds, least and median")
    for row, way in enumerate(ways):
        print(f"{way:10}" + "".join(f"{best[row, kind]:14.3f}{median[row, kind]:10.3f}" for kind in (0, 1)))
    for label, times in (("least", best), ("median", median)):
        clock, processor = times[2] / times[0]
        floor = (times[0, 1] + times[1, 1]) / times[0, 1]
        print(
            f"{label}: predict / runtime = {clock:.2f} by the clock, {processor:.2f} of all processors; "
            f"(runtime + decoding) / runtime = {floor:.2f}"
        )


if __name__ == "__main__":
    main()
