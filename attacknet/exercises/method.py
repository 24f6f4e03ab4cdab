"""Exercises on datasets, protocols and metrics (sections 4.1 to 4.3)."""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attacknet import metrics
from attacknet.data import manifest as manifests
from attacknet.data.index import expected_index
from attacknet.data.leaks import LeakError, check_protocol
from attacknet.data.protocols import random_frames
from attacknet.errors import AttackNetError
from attacknet.evaluation import frozen_threshold
from attacknet.exercises import material
from attacknet.exercises.checking import (
    choice,
    correct,
    function,
    names,
    number,
    refuse,
    require,
    short,
    whole,
)
from attacknet.intervals import rule_of_three
from attacknet.metrics import ATTACK, BONA_FIDE, BONA_FIDE_SPECIES

Check = Callable[..., None]
DATABASES = ("replay_attack", "3dmad", "msspoof", "csmad", "own")


# --- 4.1 Datasets ----------------------------------------------------------------------------------------


def check_always_attack(accuracy: Any, hter: Any) -> None:
    """Check what a detector reaches that rejects every test video of Replay-Attack."""
    index = expected_index("replay_attack")
    labels = index.loc[index["split"] == "test", "label"]
    share = float((labels == ATTACK).mean())
    number(
        accuracy,
        share,
        "the accuracy",
        hint="it is right about each attack and wrong about each bona fide video",
        within=5e-4,
    )
    reject_all = metrics.hter(np.zeros(len(labels)), labels, threshold=1.0)
    number(
        hter,
        reject_all,
        "the HTER",
        hint="take the mean of the share of attacks accepted and of bona fide rejected",
    )
    correct()


def swapped_labels() -> tuple[pd.DataFrame, Check]:
    """Return an index in which some labels are wrong, and the check of the samples found."""
    index = material.index("replay_attack")
    rng = np.random.default_rng(41)
    wrong = np.sort(rng.choice(len(index), 5, replace=False))
    labels, species = index["label"].to_numpy().copy(), index["species"].to_numpy().copy()
    labels[wrong] = 1 - labels[wrong]
    species[wrong] = np.where(labels[wrong] == BONA_FIDE, BONA_FIDE_SPECIES, "print")
    planted = index.assign(label=labels, species=species)
    truth = set(index["sample"].iloc[wrong])

    def check(given: Any) -> None:
        names(given, truth, "samples", hint="hold the label of each file against what its name says")
        correct()

    return planted, check


def check_perfect_result(limits: Any) -> None:
    """Check the upper limits of a BPCER of 0, each person of a test set being one trial."""
    truth = {
        dataset: rule_of_three(index.loc[tested, "subject"].nunique())
        for dataset in DATABASES
        if (index := expected_index(dataset)).attrs["subjects_known"]
        for tested in [(index["split"] == "test") & (index["label"] == BONA_FIDE)]
    }
    require(isinstance(limits, dict), "give a dictionary, dataset -> upper limit")
    names(
        limits, truth, "datasets", hint="where nobody wrote down who is in a video, people cannot be counted"
    )
    for dataset, limit in truth.items():
        number(
            limits[dataset],
            limit,
            f"the limit for {dataset}",
            hint="count the people behind the bona fide samples of the test split, and not the samples",
        )
    correct()


# --- 4.2 Protocols ---------------------------------------------------------------------------------------

# The files of a laboratory that names them in its own way: the answer is how to read them.
LABORATORY = tuple(
    f"{person}/{day}/{take}"
    for person in ("P01", "P02", "P03")
    for day in ("monday", "friday")
    for take in ("live_1.mov", "live_2.mov", "print_a4_1.mov", "print_glossy_1.mov", "tablet_1.mov")
)


def check_layouts(layouts: Any) -> None:
    """Check the layouts of a manifest: each file of `LABORATORY` must be read for what it is."""
    require(isinstance(layouts, str), "give the text of the layouts, as YAML")
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "laboratory.yaml"
        file.write_text(_MANIFEST + layouts, encoding="utf-8")
        try:
            manifest = manifests.read(file)
        except AttackNetError as error:
            refuse(f"the manifest is refused: {str(error).replace(place, '')}")
    for path in LABORATORY:
        found = manifest.identify(path)
        if found is None:
            refuse(f"no layout knows {path}")
        person, day, take = path.split("/")
        attack = not take.startswith("live")
        wanted = {
            "label": "attack" if attack else "bonafide",
            "species": take.rpartition("_")[0] if attack else BONA_FIDE_SPECIES,
            "subject": person,
            "session": day,
        }
        given = {
            "label": found.layout.label,
            "species": found.species,
            "subject": found.layout.subject.format_map(found.fields),
            "session": found.layout.session.format_map(found.fields),
        }
        for what, value in wanted.items():
            require(given[what] == value, f"{path}: its {what} is read as {given[what]!r}")
    correct()


_MANIFEST = """\
id: laboratory
name: the laboratory's dataset
owner: a laboratory
homepage: none
licence: {terms: consent, request: us, redistribution: false, show_faces: false}
clients:
  field: person
  groups: {first: [P01], second: [P02], third: [P03]}
fields: {day: [monday, friday], take: ["1", "2"]}
boxes: {source: detector}
protocols:
  sound:
    description: by person
    source: this exercise
    train: [{group: [first]}]
    dev: [{group: [second]}]
    test: [{group: [third]}]
"""


def shared_subject() -> tuple[pd.DataFrame, Check]:
    """Return a split with one person on both sides, and the check of that person and of a repaired split."""
    index = material.index("replay_attack")
    rng = np.random.default_rng(42)
    tested = index.loc[index["split"] == "test", "subject"].unique()
    person = rng.choice(tested)
    own = np.flatnonzero(index["subject"] == person)
    moved = rng.choice(own, 3, replace=False)
    split = index["split"].to_numpy().copy()
    split[moved] = "train"
    planted = index.assign(split=split)

    def check(given: Any, repaired: Any) -> None:
        found = isinstance(given, str) and given == person
        require(found, f"{short(given)} is not on both sides; ask the leak check for the kind 'subject'")
        require(isinstance(repaired, pd.DataFrame), "give the repaired split as a table")
        try:
            check_protocol(repaired, _as_it_stands)
        except LeakError as error:
            refuse(f"it still leaks: {error}")
        kept, people = set(repaired["sample"]), set(repaired.loc[repaired["split"] == "test", "subject"])
        require(people == set(tested), "the people of the test set must stay who they were")
        others = set(index["sample"]) - set(index["sample"].iloc[own])
        require(others <= kept, "you have lost samples of people who were on one side only")
        correct()

    return planted, check


def _as_it_stands(table: pd.DataFrame) -> pd.DataFrame:
    return table


def three_splits() -> tuple[dict[str, pd.DataFrame], Check]:
    """Return the frames of one dataset, split by three colleagues, and the check of what each one drew."""
    index = material.index("3dmad")
    frames = index.loc[index.index.repeat(10)].reset_index(drop=True)
    frames["frame"] = frames.groupby("sample").cumcount()
    rng = np.random.default_rng(43)

    def drawn(unit: str) -> pd.DataFrame:
        units = rng.permutation(frames[unit].unique())
        ends = np.array([0.6, 0.8]) * len(units)
        rank = {name: place for place, name in enumerate(units)}
        places = frames[unit].map(rank).to_numpy()
        return frames.assign(split=np.select([places < ends[0], places < ends[1]], ["train", "dev"], "test"))

    by_frame = random_frames(frames, test_share=0.4, seed=44)
    tested = np.flatnonzero(by_frame["split"] == "test")
    split = by_frame["split"].to_numpy().copy()
    split[rng.choice(tested, len(tested) // 2, replace=False)] = "dev"
    made = {"people": drawn("subject"), "recordings": drawn("sample"), "frames": frames.assign(split=split)}
    colleagues = rng.permutation(list(made))
    planted = {f"colleague {i}": made[unit] for i, unit in enumerate(colleagues, start=1)}

    def check(given: Any) -> None:
        require(isinstance(given, dict), "give a dictionary, colleague -> what was drawn")
        names(given, planted, "colleagues", hint="judge all three")
        for colleague, unit in zip(planted, colleagues, strict=True):
            hint = f"look for the smallest thing that two splits of {colleague} share"
            choice(given[colleague], unit, made, hint=hint)
        correct()

    return planted, check


def copies() -> tuple[pd.DataFrame, NDArray[np.uint8], Check]:
    """Return an index, its crops, and the check of the test samples that repeat a training sample.

    The copies are darker and coarser than what they were made of, and bear the names of other people.
    """
    crops = material.crops("replay_attack")
    frames = crops.index[crops.index["crop"] >= 0].drop_duplicates("sample").reset_index(drop=True)
    images = np.asarray(crops.images)[frames["crop"].to_numpy()]
    rng = np.random.default_rng(45)
    sources = rng.choice(np.flatnonzero(frames["split"] == "train"), 4, replace=False)
    targets = rng.choice(np.flatnonzero(frames["split"] == "test"), 4, replace=False)
    images[targets] = (0.75 * images[sources]).astype(np.uint8) // 8 * 8
    truth = dict(zip(frames["sample"].iloc[targets], frames["sample"].iloc[sources], strict=True))

    def check(given: Any) -> None:
        require(isinstance(given, dict), "give a dictionary, test sample -> training sample")
        names(given.items(), truth.items(), "pairs", hint="compare each test crop with each training crop")
        correct()

    return frames[["sample", "subject", "session", "label", "split"]], images, check


# --- 4.3 Metrics -----------------------------------------------------------------------------------------


def check_hter(given: Any) -> None:
    """Check a function ``hter(scores, labels, threshold)``."""

    def cases() -> Iterator[tuple[Any, ...]]:
        rng = np.random.default_rng(46)
        for size in (4, 10, 30):
            labels = np.r_[np.zeros(size, int), np.ones(2 * size, int)]
            # Few distinct scores, so that some lie on the threshold.
            yield rng.integers(0, 5, labels.size) / 4, labels, 0.5

    function(
        given,
        metrics.hter,
        cases(),
        hint="who lies on the threshold, and does each class have a denominator of its own?",
    )
    correct()


def reports() -> tuple[dict[str, dict[str, Any]], Check]:
    """Return the reports of four laboratories, and the check of the one whose threshold knew the test set."""
    rng = np.random.default_rng(47)
    laboratories = ["Aarhus", "Brno", "Cork", "Delft"]
    culprit = str(rng.choice(laboratories))
    planted: dict[str, dict[str, Any]] = {}
    for laboratory in laboratories:
        # The test set of each is a little harder than its development set, and shifted.
        dev = material.scores(rng, "dev", {BONA_FIDE_SPECIES: 1.6, "print": -1.6})
        shift = rng.uniform(0.5, 0.9)
        test = material.scores(rng, "test", {BONA_FIDE_SPECIES: 1.4 + shift, "print": -1.4 + shift})
        chosen_on = test if laboratory == culprit else dev
        threshold = metrics.eer_threshold(chosen_on["score"], chosen_on["label"])
        planted[laboratory] = {
            "dev": dev,
            "test": test,
            "threshold": threshold,
            "hter": metrics.hter(test["score"], test["label"], threshold),
        }

    def check(given: Any, honest: Any) -> None:
        hint = "its development set gives the threshold that it reports"
        choice(given, culprit, planted, hint=hint)
        test = planted[culprit]["test"]
        number(
            honest,
            metrics.hter(test["score"], test["label"], frozen_threshold(planted[culprit]["dev"])),
            "the honest HTER",
            hint="freeze the threshold on the development set, then count on the test set",
            slips={"that is the reported one": planted[culprit]["hter"]},
        )
        correct()

    return planted, check


def two_species() -> tuple[pd.DataFrame, Check]:
    """Return scores with a rare, good species, and the check of a threshold that keeps it out."""
    rng = np.random.default_rng(48)
    easy = material.scores(rng, "dev", {BONA_FIDE_SPECIES: 2.0, "print": -2.0}, frames=20)
    hard = material.scores(rng, "dev", {"mask": 0.2}, frames=2)
    table = pd.concat([easy, hard], ignore_index=True)
    columns = table["score"], table["label"]

    def check(threshold: Any, price: Any) -> None:
        pooled = metrics.apcer_threshold(*columns, 0.05)
        right = metrics.apcer_threshold(*columns, 0.05, table["species"])
        number(
            threshold,
            right,
            "the threshold",
            within=1e-4,
            hint="it must be the lowest one at which no species passes in more than 5 % of its frames",
            slips={"it keeps the pool of all attacks within 5 %, and not every species": pooled},
        )
        number(
            price,
            metrics.bpcer(*columns, right),
            "the price",
            hint="it is the share of bona fide frames that this threshold rejects",
        )
        correct()

    return table, check


def check_people(given: Any) -> None:
    """Check the fewest people without an error that show a rate below 1 %, one-sided, at 95 %."""
    target = 0.01
    fewest = next(n for n in range(1, 10_000) if 1 - 0.05 ** (1 / n) <= target)
    people = whole(given, "people")
    require(people >= fewest, f"with {people} people a rate above {target:.0%} is still possible")
    require(people <= 3 / target, f"{people} would do, but fewer do as well")
    correct()
