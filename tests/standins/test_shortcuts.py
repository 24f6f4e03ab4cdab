"""The stand-ins as a whole: no shortcut to the class, neither trivial nor hopeless, and plausible crops.

They are made once, in the cache, where the book finds them too.
"""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from attacknet import metrics, model
from attacknet.data.faces import Geometry
from attacknet.data.manifest import Frames
from attacknet.data.prepare import prepare
from attacknet.standins import shortcuts, statistics, writers
from attacknet.standins.writers import WRITERS

DATASETS = tuple(WRITERS)
pytestmark = pytest.mark.xdist_group("standins")

LEAST_HTER = 0.15
# Training steps, the same for each dataset whatever its size.
STEPS, BATCH = 400, 32
# Species -> what real captures they are compared with; prints of MSSpoof are grey, like its bona fide faces.
KINDS = {
    "bonafide": "bonafide", "print": "print", "replay": "replay", "mobile_photo": "replay",
    "mobile_video": "replay", "highdef_photo": "replay", "highdef_video": "replay", "mask_rigid": "bonafide",
    "mask_silicone_worn": "bonafide", "mask_silicone_stand": "bonafide", "print_vs_vs": "print",
    "print_vs_ir": "print", "print_ir_vs": "print", "print_ir_ir": "print",
}  # fmt: skip
COLOUR = ("saturation", "cr", "cb", "cr_spread", "cb_spread")


@pytest.fixture(scope="module")
def folders() -> dict[str, Path]:
    return writers.make(writers.home())


@pytest.fixture(scope="module")
def measured(folders) -> dict[str, pd.DataFrame]:
    return {dataset: shortcuts.features(dataset, folder) for dataset, folder in folders.items()}


@pytest.mark.parametrize("dataset", DATASETS)
def test_what_surrounds_the_face_does_not_tell_the_class(dataset, measured):
    assert shortcuts.hter(measured[dataset]) > LEAST_HTER


@pytest.mark.parametrize("statistic", ["brightness", "noise", "bytes", "face_size", "border_g"])
def test_a_planted_shortcut_is_caught(statistic, measured):
    """The same check on the same stand-ins with one statistic moved by three deviations for attacks."""
    planted = measured["replay_attack"].copy()
    planted[statistic] += 3 * planted[statistic].std() * planted["label"]
    assert shortcuts.hter(planted) < LEAST_HTER


@pytest.mark.parametrize("dataset", DATASETS)
def test_both_classes_have_as_many_frames(dataset, measured):
    """The own dataset's one still picture apart."""
    frames = measured[dataset].groupby("label")["frames"].median()
    assert frames[0] == frames[1]


@pytest.fixture(scope="module")
def crops(folders) -> dict:
    """Crops of 128 pixels, as the captures were measured at."""
    geometry = Geometry(size=(128, 128))
    return {d: prepare(d, f, geometry=geometry, frames=Frames(every=1)) for d, f in folders.items()}


# Known fault: within these few steps the network does not learn the MSSpoof stand-ins (HTER above 0.45).
UNLEARNED = pytest.mark.xfail(reason="MSSpoof's stand-ins are still too hard to learn in a short training")
LEARNED = [pytest.param(d, marks=UNLEARNED if d == "msspoof" else ()) for d in DATASETS]


@pytest.mark.parametrize("dataset", LEARNED)
def test_attacknet_finds_the_task_neither_trivial_nor_hopeless(dataset, crops):
    """Trained for some seconds on 32x32 crops, its HTER on the test split is neither 0 nor 50 %."""
    import keras

    keras.utils.set_random_seed(0)
    found = crops[dataset].index.query("crop >= 0")
    large = np.asarray(crops[dataset].images)[found["crop"]].astype(np.float32)
    images = large.reshape(-1, 32, 4, 32, 4, 3).mean((2, 4)) / 255
    labels, split = found["label"].to_numpy(), found["split"].to_numpy()
    train = split == "train"
    weight = {label: 0.5 / np.mean(labels[train] == label) for label in (0, 1)}
    network = model.build("attacknet")
    network.compile(keras.optimizers.Adam(1e-3), "sparse_categorical_crossentropy")
    pictures = np.concatenate([images[train], images[train][:, :, ::-1]])
    epochs = math.ceil(STEPS * BATCH / len(pictures))
    network.fit(pictures, np.tile(labels[train], 2), BATCH, epochs, class_weight=weight, verbose=0)
    score = network.predict(images, verbose=0)[:, 0]
    threshold = metrics.eer_threshold(score[split == "dev"], labels[split == "dev"])
    assert 0.005 < metrics.hter(score[split == "test"], labels[split == "test"], threshold) < 0.45


@pytest.mark.parametrize("dataset", DATASETS)
def test_crops_measure_like_real_captures(dataset, crops):
    """Each species' mean lies in the range of comparable captures; near infrared and grey have no colour."""
    found = crops[dataset].index.query("crop >= 0")
    values = pd.DataFrame(
        [statistics.describe(statistics.middle(crops[dataset].images[i])) for i in found["crop"]]
    )
    means = values.groupby(found["species"].to_numpy()).mean()
    for species, row in means.iterrows():
        ranges = statistics.plausible(KINDS[species])
        if dataset == "msspoof":
            ranges = ranges.drop(index=list(COLOUR))
        outside = {
            name: (round(row[name], 3), round(low, 3), round(high, 3))
            for name, (low, high) in ranges.iterrows()
            if not low <= row[name] <= high
        }
        assert not outside, f"{species}: {outside}"


@pytest.mark.parametrize("dataset", DATASETS)
def test_most_faces_are_found(dataset, crops):
    """Where the dataset has no boxes of its own the detector must find most faces of each species."""
    assert (crops[dataset].detection_rates()["rate"] > 0.5).all()
