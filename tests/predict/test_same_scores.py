"""A user's picture is scored as the training's own score table scores it, and without TensorFlow."""

import os
import resource
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from skimage import data as pictures

from attacknet import export, networks, scoring
from attacknet.data.faces import Geometry
from attacknet.data.media import quiet_cv2
from attacknet.data.prepare import prepare
from attacknet.evidence import Evidence
from attacknet.exported import About, Kind
from attacknet.predict import predict
from attacknet.preprocessing import Preprocessing

ASTRONAUT = pictures.astronaut()[:256, 100:356]  # NASA, public domain
CONTRACT = Preprocessing(crop_margin=0.1, channel_order="BGR", scaling="divide_by_maximum")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset in the authors' own layout, which has no annotations: videos and a picture."""
    root = tmp_path_factory.mktemp("own")
    for number, folder in enumerate(("training", "validation")):
        for species in ("real", "fake"):
            for shot in range(2):
                light = 0.4 + 0.15 * (2 * number + shot) + 0.05 * (species == "fake")
                _write_video(root / f"videos/{species}/{folder}/{shot}.avi", light)
    picture = root / "videos/real/validation/VID_040.jpg"
    Image.fromarray(ASTRONAUT).save(picture)
    return root


def _write_video(path: Path, light: float) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2 = quiet_cv2()
    writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*"MJPG"), 25, (256, 256))
    for step in range(6):
        writer.write(np.roll((light * ASTRONAUT).astype(np.uint8), step, axis=1)[..., ::-1])
    writer.release()


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory, root: Path) -> tuple[Path, pd.DataFrame]:
    """Return a LiteRT file, and the score table of the network that it was made from."""
    folder = tmp_path_factory.mktemp("network")
    network = networks.build("attacknet")
    network.preprocessing = CONTRACT
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ATTACKNET_CACHE", str(folder / "cache"))
        crops = prepare("own", root, geometry=Geometry(margin=CONTRACT.crop_margin), workers=1)
        table = scoring.score(network, crops, splits=("train", "dev", "test"))
    about = About(
        kind=Kind.LITERT,
        model="attacknet",
        trained_on="nothing",
        source="tests",
        weights_sha256="1" * 64,
        evidence=Evidence.STAND_IN,
        preprocessing=CONTRACT,
        threshold=float(table["score"].median()),
    )
    (folder / "network.tflite").write_bytes(export.litert(network, about))
    return folder / "network.tflite", table


def test_scores_are_those_of_the_score_table(root: Path, trained: tuple[Path, pd.DataFrame]) -> None:
    """Of every frame of every file: found, cropped, prepared and scored alike."""
    file, table = trained
    rows = list(predict(root, model=file, every=5))
    assert len(rows) == len(table) == 17
    assert table["score"].std() > 1e-3
    names = ["own/" + Path(row.path).relative_to(root).with_suffix("").as_posix() for row in rows]
    found = {(name, row.frame): row.score for name, row in zip(names, rows, strict=True)}
    for sample, frame, score in zip(table["sample"], table["frame"], table["score"], strict=True):
        assert found[sample, frame] == pytest.approx(score, abs=1e-4)


def test_the_first_answer_comes_soon_and_without_tensorflow(
    root: Path, trained: tuple[Path, pd.DataFrame]
) -> None:
    """In a second and a half of one processor, with all that it imports; nor does it load pandas."""
    file, _ = trained
    code = (
        "import sys; sys.argv = ['attacknet', 'predict', *sys.argv[1:]]\n"
        "from attacknet.cli import main\n"
        "try:\n    main()\n"
        "finally:\n    print(*{'tensorflow', 'keras', 'pandas', 'onnx', 'sklearn', 'h5py'} & {*sys.modules})"
    )
    picture = root / "videos/real/validation/VID_040.jpg"
    spent = []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        result = subprocess.run(
            [sys.executable, "-c", code, picture, "--model", file],
            capture_output=True,
            text=True,
            check=True,
            env=os.environ | {"PYTHONWARNINGS": "ignore"},
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    _, row, heavy = result.stdout.splitlines()
    assert ",scored," in row
    assert not heavy
    assert min(spent) < 1.5
