"""The stand-ins as a whole: no shortcut to the class, neither trivial nor hopeless, and plausible crops.

They are made once, in the cache, where the book finds them too.
"""

from pathlib import Path

import pandas as pd
import pytest

from attacknet import experiments, metrics
from attacknet.data.faces import Geometry
from attacknet.data.manifest import Frames
from attacknet.data.prepare import prepare
from attacknet.evaluation import ScoredModel, frozen_threshold, responses
from attacknet.experiments import Job
from attacknet.recipes import RECIPES
from attacknet.runs import Plan, Source
from attacknet.standins import shortcuts, statistics, writers
from attacknet.standins.writers import WRITERS

DATASETS = tuple(WRITERS)

LEAST_HTER = 0.15
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


@pytest.fixture(scope="module")
def tested(folders) -> dict[str, ScoredModel]:
    """AttackNet trained by the book's recipe on each dataset alone; the book shows the same models."""
    sources = [Source(dataset, folder) for dataset, folder in folders.items()]
    jobs = [Job(Plan("attacknet", (one,), "sound", RECIPES["book"]), one.dataset, (one,)) for one in sources]
    return {model.trained_on: model for model in experiments.run(jobs)}


@pytest.mark.parametrize("dataset", DATASETS)
def test_attacknet_finds_the_task_neither_trivial_nor_hopeless(dataset, tested):
    """Its HTER on the test split, at the threshold of the development split, is neither 0 nor 50 %."""
    test = responses(tested[dataset].tests[dataset])
    threshold = frozen_threshold(tested[dataset].dev)
    assert 0.005 < metrics.hter(test["score"], test["label"], threshold) < 0.45


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
