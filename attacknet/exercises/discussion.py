"""Exercises on the discussion: related numbers, ROC curves, the audit, scale (section 6)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attacknet import metrics
from attacknet.capacity import Queue, peak_rate, smallest
from attacknet.exercises import material
from attacknet.exercises.checking import choice, correct, function, names, number, require
from attacknet.intervals import clopper_pearson
from attacknet.metrics import BONA_FIDE, BONA_FIDE_SPECIES
from attacknet.paper import exact, tables
from attacknet.paper.findings.conclusions import cross_cells, hter, own_pairs
from attacknet.paper.printed import Printed, Range

Check = Callable[..., None]


# --- 6.1 Related numbers ---------------------------------------------------------------------------------

ASKED = ("CASIA-FASD", "Replay-Attack")


def check_comparable(shared: Any, best: Any) -> None:
    """Check in how many groups of Table 5 AttackNet has company, and the best method of the group `ASKED`."""
    rows = pd.DataFrame(tables.load().table5)
    groups = rows.groupby(["train_on", "test_on"])["model"].agg(set)
    number(
        shared,
        sum("AttackNet" in group and len(group) > 1 for group in groups),
        "the number of groups",
        hint="a group is a training set together with a test set",
        within=0,
    )
    group = rows[(rows["train_on"] == ASKED[0]) & (rows["test_on"] == ASKED[1])]
    leader = group["model"].iloc[int(group["hter_percent"].astype(float).argmin())]
    choice(best, leader, list(group["model"]), hint="the lowest HTER of the group is meant")
    correct()


def check_alarms(given: Any, *, recall: float, accepted: float, negatives: int) -> None:
    """Check which share of the alarms is an attack, where attacks are rare."""
    truth = exact.precision_at(Fraction(str(recall)), Fraction(str(accepted)), Fraction(negatives))
    number(
        given,
        float(truth),
        "the share",
        hint="count, for one attack, the alarms that it raises and those of the bona fide attempts beside it",
        slips={
            "that holds where attacks are as frequent as bona fide attempts": recall / (recall + accepted)
        },
    )
    correct()


def check_shown(shown: Any, everything: Any) -> None:
    """Check the mean HTER of the pairs that Table 5 shows, and that of all twenty."""
    paper = tables.load()

    def mean(cells: list[tuple[str, str]]) -> float:
        return float(np.mean([float(hter(paper, *cell)) for cell in cells]))

    hint = "take the HTERs that follow from the counts, and average them"
    number(shown, mean(list(own_pairs(paper))), "the mean of the pairs shown", hint=hint)
    number(everything, mean(list(cross_cells())), "the mean of all twenty", hint=hint)
    correct()


# --- 6.2 ROC ---------------------------------------------------------------------------------------------


def check_auc(given: Any) -> None:
    """Check a function ``auc(bona_fide, attacks)``."""

    def reference(bona_fide: list[float], attacks: list[float]) -> float:
        return metrics.auc([*bona_fide, *attacks], [0] * len(bona_fide) + [1] * len(attacks))

    rng = np.random.default_rng(61)
    cases = [([0.9, 0.4], [0.1]), ([0.5, 0.5], [0.5]), ([0.1], [0.2, 0.3])]
    cases += [((rng.integers(0, 6, 8) / 5).tolist(), (rng.integers(0, 6, 5) / 5).tolist()) for _ in range(10)]
    hint = "count the pairs that the bona fide score wins; a tie counts half"
    function(given, reference, cases, hint=hint)
    correct()


def score_files() -> tuple[dict[str, tuple[pd.DataFrame, pd.DataFrame]], Check]:
    """Return development and test scores of five laboratories, and the check of those that are upside down.

    One laboratory's scores are higher for attacks throughout. Another's are as agreed, and its detector fails
    on the test set so badly that they look upside down there.
    """
    rng = np.random.default_rng(62)
    good, lost = (2.0, -2.0), (-1.0, 1.0)
    kinds = [(good, good, 1), (good, good, -1), (good, lost, 1), (good, (1.0, -1.0), 1), (good, lost, -1)]
    made, truth = {}, set()
    for name, place in zip("ABCDE", rng.permutation(len(kinds)), strict=True):
        at_home, abroad, sign = kinds[place]
        pair = []
        for split, means in (("dev", at_home), ("test", abroad)):
            table = material.scores(rng, split, dict(zip((BONA_FIDE_SPECIES, "print"), means, strict=True)))
            pair.append(table if sign > 0 else table.assign(score=1 - table["score"]))
        made[f"laboratory {name}"] = pair[0], pair[1]
        if sign < 0:
            truth.add(f"laboratory {name}")

    def check(given: Any) -> None:
        hint = "a detector may fail on a test set; on its own development set it does not rank the wrong way"
        names(given, truth, "laboratories", hint=hint)
        correct()

    return made, check


def operating_point() -> tuple[pd.DataFrame, pd.DataFrame, Check]:
    """Return scores with two species, and the check of a promise and what became of it."""
    rng = np.random.default_rng(63)
    dev = material.scores(rng, "dev", {BONA_FIDE_SPECIES: 2.0, "print": -2.2, "replay": -1.2})
    test = material.scores(rng, "test", {BONA_FIDE_SPECIES: 2.0, "print": -1.8, "replay": -0.3})

    def check(apcer: Any, bpcer: Any) -> None:
        promised = metrics.apcer_threshold(dev["score"], dev["label"], 0.05, dev["species"])
        columns = test["score"], test["label"]
        _, worst = metrics.worst_apcer(*columns, promised, test["species"])
        number(
            apcer,
            worst,
            "the worst species' APCER",
            hint="choose the threshold on the development set, for every species, and count on the test set",
            slips={"that is the pooled rate": metrics.far(*columns, promised)},
        )
        hint = "count the rejected bona fide frames of the test set, at the same threshold"
        number(bpcer, metrics.bpcer(*columns, promised), "the BPCER", hint=hint)
        correct()

    return dev, test, check


# --- 6.3 Audit -------------------------------------------------------------------------------------------


def check_admits(given: Any) -> None:
    """Check a function ``admits(text, value)``, which says whether a fraction may have been printed so."""

    def reference(text: str, value: Fraction) -> bool:
        return Printed.parse(text).admits(value)

    def cases() -> Iterator[tuple[str, Fraction]]:
        yield "0.67", Fraction(2, 3)
        yield "0.66", Fraction(2, 3)
        yield "0.5", Fraction(46, 100)
        yield "0.50", Fraction(46, 100)
        yield "0.13", Fraction(1, 8)
        yield "0.12", Fraction(1, 8)
        rng = np.random.default_rng(64)
        for _ in range(30):
            value = Fraction(int(rng.integers(0, 49)), 48)
            yield f"{float(value) + rng.choice([0, 0.004, 0.009]):.2f}", value

    hint = "half a unit of the last printed digit decides, to either side and with both ends"
    function(given, reference, cases(), hint=hint)
    correct()


VIDEOS = 48


def impossible_rates() -> tuple[dict[str, str], Check]:
    """Return printed rates of systems, each tested on `VIDEOS` videos, and the check of the impossible."""
    rng = np.random.default_rng(65)
    hundredths = [f"{i / 100:.2f}" for i in range(5, 60)]
    texts = [
        *rng.choice([text for text in hundredths if _is_possible(text)], 5, replace=False),
        *rng.choice([text for text in hundredths if not _is_possible(text)], 3, replace=False),
    ]
    letters = zip("ABCDEFGH", rng.permutation(texts).tolist(), strict=True)
    printed = {f"system {letter}": text for letter, text in letters}
    truth = {name for name, text in printed.items() if not _is_possible(text)}

    def check(given: Any) -> None:
        names(given, truth, "systems", hint=f"try each number of errors from 0 to {VIDEOS}")
        correct()

    return printed, check


def _is_possible(text: str) -> bool:
    """Whether some number of errors in `VIDEOS` trials may be printed so."""
    return any(Printed.parse(text).admits(Fraction(errors, VIDEOS)) for errors in range(VIDEOS + 1))


def contradictory_rows() -> tuple[pd.DataFrame, Check]:
    """Return printed precision, recall and F1, and the check of the rows that contradict themselves."""
    rng = np.random.default_rng(66)
    faulty = rng.choice(7, 2, replace=False)
    rows = []
    for place in range(7):
        precision, recall = rng.uniform(0.85, 0.98), rng.uniform(0.4, 0.6)
        if rng.random() < 0.5:
            precision, recall = recall, precision
        harmonic = 2 * precision * recall / (precision + recall)
        f1 = (precision + recall) / 2 if place in faulty else harmonic
        rows.append([f"{value:.2f}" for value in (precision, recall, f1)])
    index = [f"row {place + 1}" for place in range(7)]
    table = pd.DataFrame(rows, columns=["precision", "recall", "F1"], index=index)

    def contradicts(row: pd.Series) -> bool:
        precision, recall, printed = (Printed.parse(text).range for text in row)
        span = Range(exact.f1(precision.low, recall.low), exact.f1(precision.high, recall.high))
        return not span.overlaps(printed)

    truth = {str(name) for name, row in table.iterrows() if contradicts(row)}

    def check(given: Any) -> None:
        hint = "F1 rises with precision and with recall: what are its ends, if both were rounded?"
        names(given, truth, "rows", hint=hint)
        correct()

    return table, check


FAULTS = (
    "a subject on both sides",
    "frames split at random",
    "a threshold tuned on the test set",
    "a swapped label",
    "a wrong pixel order",
    "none",
)


@dataclass(frozen=True)
class Submission:
    """What somebody hands in for a result.

    Attributes
    ----------
    frames
        One row a frame: the columns of an index, ``frame`` and ``score``.
    pictures
        The crop of each row, RGB uint8, ``(n, 32, 32, 3)``.
    threshold
        Said to be that of the equal error rate on the development split.
    """

    frames: pd.DataFrame
    pictures: NDArray[np.uint8]
    threshold: float


def submissions() -> tuple[dict[str, Submission], Check]:
    """Return six submissions, one for each of `FAULTS`, and the check of the diagnoses."""
    rng = np.random.default_rng(67)
    index = material.index("replay_attack")
    crops = material.crops("replay_attack")
    number_of = crops.index[crops.index["crop"] >= 0].drop_duplicates("sample").set_index("sample")["crop"]
    images = np.asarray(crops.images)
    faults = rng.permutation(FAULTS).tolist()
    handed_in = {
        f"submission {place}": _submission(fault, index, images[number_of[index["sample"]]], rng)
        for place, fault in enumerate(faults, start=1)
    }

    def check(given: Any) -> None:
        require(isinstance(given, dict), "give a dictionary, submission -> fault")
        names(given, handed_in, "submissions", hint="judge all six")
        for name, fault in zip(handed_in, faults, strict=True):
            found = given[name]
            choice(
                found, fault, FAULTS, hint=f"{name}: look for what this fault would leave, and for the others"
            )
        correct()

    return handed_in, check


def _submission(
    fault: str, index: pd.DataFrame, images: NDArray[np.uint8], rng: np.random.Generator
) -> Submission:
    """Make two frames of each sample and their scores, and commit one fault."""
    twice = np.arange(len(index)).repeat(2)
    frames = index.iloc[twice].reset_index(drop=True)
    frames["frame"] = frames.groupby("sample").cumcount()
    pictures = images[twice]
    # The classes lie closer together on the test split, and are shifted, as in another place.
    tested = frames["split"] == "test"
    centre = np.where(frames["label"] == BONA_FIDE, 1.8, -1.8) + np.where(tested, 0.7, 0.0)
    frames["score"] = centre + 0.9 * rng.normal(size=len(frames))
    chosen_on = "test" if fault == "a threshold tuned on the test set" else "dev"
    part = frames[frames["split"] == chosen_on]
    threshold = metrics.eer_threshold(part["score"], part["label"])
    if fault == "a subject on both sides":
        person = rng.choice(frames.loc[tested, "subject"].unique())
        samples = frames.loc[frames["subject"] == person, "sample"].unique()
        frames.loc[frames["sample"].isin(samples[::2]), "split"] = "train"
    if fault == "frames split at random":
        away = rng.choice(np.flatnonzero(frames["split"] != "dev"), 200, replace=False)
        frames.loc[away, "split"] = np.where(frames.loc[away, "split"] == "train", "test", "train")
    if fault == "a swapped label":
        sample = rng.choice(frames.loc[frames["split"] == "train", "sample"].unique())
        rows = frames["sample"] == sample
        label = 1 - int(frames.loc[rows, "label"].iloc[0])
        frames.loc[rows, ["label", "species"]] = label, BONA_FIDE_SPECIES if label == BONA_FIDE else "print"
    if fault == "a wrong pixel order":
        turned = frames["subject"].isin(rng.choice(frames["subject"].unique(), 5, replace=False))
        pictures[turned] = pictures[turned, ..., ::-1]
    return Submission(frames, pictures, threshold)


# --- 6.4 Scale -------------------------------------------------------------------------------------------

# A service: seconds a presentation, presentations a user, peak over mean, seconds of waiting, utilisation.
SERVICE, ATTEMPTS, PEAK, WAIT, LIMIT = 0.06, 1.2, 3.0, 0.1, 0.8
USERS = 10_000_000


def check_servers(servers: Any) -> None:
    """Check the servers for a million and for ten million users a day."""
    require(isinstance(servers, dict), "give a dictionary, users -> servers")
    names(servers, (USERS // 10, USERS), "numbers of users", hint="both are wanted")
    for users, given in servers.items():
        queue = smallest(peak_rate(users, ATTEMPTS, PEAK), SERVICE, wait=WAIT, limit=LIMIT)
        number(
            given,
            queue.servers,
            f"the number of servers for {users:,} users",
            hint="take the arrivals at the busiest time, and both limits: on waiting and on utilisation",
            within=0,
        )
    correct()


def check_sites(given: Any) -> None:
    """Check how many times as long one waits at two sites of 4 servers as at one of 8."""
    apart, together = Queue(6, 0.5, 4), Queue(12, 0.5, 8)
    number(
        given,
        apart.mean_wait / together.mean_wait,
        "the ratio",
        hint="each of the two sites has its own line, and half of the arrivals",
        slips={
            "it is the other way round": together.mean_wait / apart.mean_wait,
            "the number of servers does not decide alone": 2.0,
        },
    )
    correct()


def check_rejected(by_image: Any, by_person: Any, *, people: int) -> None:
    """Check how many of `USERS` may be rejected although a test rejected nobody."""
    tested = tables.load().counts["fused", "replay_attack"].bonafide
    for given, trials, what in ((by_image, tested, "images"), (by_person, people, "people")):
        number(
            given,
            clopper_pearson(0, trials).high * USERS,
            f"the number if {what} are the trials",
            hint="the upper end of the 95 % interval is a rate; what is asked is a number of users",
        )
    correct()
