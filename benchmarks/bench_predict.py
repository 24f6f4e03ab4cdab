"""`predict` on a folder of 1,000 crops against the bare runtime on the same crops in memory.

The crops are PNG files of 32x32 pixels, the network is an untrained AttackNet in LiteRT, on one thread. These
take turns, many of them, because each is short:

- the bare runtime: `Exported.scores` on the array of all crops;
- decoding: Pillow opens each file and gives its pixels, and nothing more;
- predict: from the names of folder and model file to all rows, as ``--already-cropped`` does it.

The bare runtime has nothing to decode. So on one processor `predict` cannot take less than the first two
together; it gets below because its threads use all processors. Seconds by the clock therefore need processors
that have nothing else to do, and the seconds of all processors are kept as well: they say what `predict`
adds, on a busy machine too.
"""

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from attacknet import export, networks
from attacknet.evidence import Evidence
from attacknet.exported import About, Exported, Kind
from attacknet.predict import predict

FILES, ROUNDS = 1000, 10
RUNTIME = "LiteRT on the array"


def write_crops(folder: Path) -> np.ndarray:
    """Write crops with as much detail as a face has; return them as ``(FILES, 32, 32, 3)``."""
    folder.mkdir()
    rng = np.random.default_rng(0)
    coarse = rng.integers(40, 220, (FILES, 8, 8, 3), dtype=np.uint8)
    smooth = [np.asarray(Image.fromarray(one).resize((32, 32), Image.Resampling.BICUBIC)) for one in coarse]
    noise = rng.integers(0, 12, (FILES, 32, 32, 3))
    crops = (np.stack(smooth) + noise).clip(0, 255).astype(np.uint8)
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


def bench_folder_of_crops(keep: Callable[..., None], tmp_path: Path) -> None:
    """Keep seconds by the clock and of all processors."""
    folder, model = tmp_path / "crops", write_network(tmp_path / "network.tflite")
    crops, network = write_crops(folder), Exported.open(model)
    files = sorted(folder.iterdir())
    ways: dict[str, Callable[[], object]] = {
        RUNTIME: lambda: network.scores(crops),
        "decoding alone": lambda: decode(files),
        "predict": lambda: list(predict(folder, model=model, cropped=True)),
    }
    for _ in range(ROUNDS):
        for way, work in ways.items():
            clock, processor = time.perf_counter(), time.process_time()
            work()
            spent = time.perf_counter() - clock, time.process_time() - processor
            for kind, seconds in zip(("by the clock", "processor time"), spent, strict=True):
                keep(f"scores of a folder of {FILES} crops, {kind}", way, seconds, reference=RUNTIME)
