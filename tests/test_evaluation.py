"""From score tables to results: frozen thresholds, both kinds of spread, nothing dropped in silence."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attacknet import metrics
from attacknet.errors import AttackNetError
from attacknet.evaluation import (
    Resampling,
    ScoredModel,
    by_species,
    matrix,
    operating_points,
    rates,
    roc_band,
)
from attacknet.intervals import bootstrap_rates, by_subjects, clopper_pearson
from attacknet.metrics import UndefinedRateError

NAN = float("nan")
QUICK = Resampling(resamples=50)


def score_table(split: str, rows: list[tuple[str, str, float]]) -> pd.DataFrame:
    """Return a score table; each row is (subject, species, score), and each is a sample of its own."""
    subjects, species, scores = zip(*rows, strict=True)
    return pd.DataFrame(
        {
            "sample": [f"{split}/{i}" for i in range(len(rows))],
            "frame": 0,
            "subject": subjects,
            "session": "",
            "label": [int(name != "bonafide") for name in species],
            "species": species,
            "split": split,
            "score": scores,
        }
    )


EMPTY = score_table("dev", [("a", "bonafide", 0.0)]).iloc[:0]

# The equal error rate of this split is 0, and the threshold lies midway between 0.2 and 0.4: at 0.3.
DEV = score_table(
    "dev",
    [
        ("a", "bonafide", 0.9),
        ("b", "bonafide", 0.4),
        ("a", "print", 0.2),
        ("b", "mask", 0.1),
    ],
)
# At 0.3: bona fide 0.2 of four is rejected; prints 0.35 of two is accepted, masks 0.6 and 0.4 of two; one
# print and one bona fide frame have no score. At 0.5: two of four rejected; mask 0.6 alone accepted.
TEST = score_table(
    "test",
    [
        ("p", "bonafide", 0.9),
        ("p", "bonafide", 0.2),
        ("q", "bonafide", 0.7),
        ("q", "bonafide", 0.45),
        ("q", "bonafide", NAN),
        ("p", "print", 0.1),
        ("q", "print", 0.35),
        ("q", "print", NAN),
        ("p", "mask", 0.6),
        ("q", "mask", 0.4),
    ],
)


def model(dev=DEV, test=TEST, *, seed=0, name="net", trained_on="x", tested_on="y") -> ScoredModel:
    return ScoredModel(name, trained_on, seed, dev, {tested_on: test})


def test_a_cell_by_hand():
    """Every rate of one model on one test set, counted by hand in the comments of DEV and TEST."""
    (row,) = matrix([model()], QUICK).to_dict("records")
    assert row["threshold"] == pytest.approx(0.3)
    assert (row["far"], row["bpcer"], row["hter"]) == (3 / 4, 1 / 4, 1 / 2)
    assert (row["worst_species"], row["worst_apcer"]) == ("mask", 1)
    assert (row["far_argmax"], row["bpcer_argmax"], row["hter_argmax"]) == (1 / 4, 1 / 2, 3 / 8)
    assert (row["worst_species_argmax"], row["worst_apcer_argmax"]) == ("mask", 1 / 2)
    # Pairs of a bona fide and an attack: 0.9 and 0.7 beat all four, 0.45 three, 0.2 one.
    assert row["auc"] == 12 / 16
    # Between 0.4 and 0.45 one of four attacks is accepted and one of four bona fide rejected.
    assert row["deer"] == row["least_hter"] == 1 / 4
    assert (row["bonafide"], row["attacks"], row["subjects"]) == (5, 5, 2)
    assert (row["bpnrr"], row["worst_apnrr"]) == (1 / 5, 1 / 3)
    assert (row["model"], row["trained_on"], row["tested_on"], row["seeds"]) == ("net", "x", "y", 1)


def test_species_by_hand():
    """One row a species, with its own counts; the silent print is counted and not judged."""
    table = by_species([model()], QUICK).set_index("species")
    assert table["apcer"].to_dict() == {"mask": 1, "print": 1 / 2}
    assert table["apcer_argmax"].to_dict() == {"mask": 1 / 2, "print": 0}
    assert table["apnrr"].to_dict() == {"mask": 0, "print": 1 / 3}
    assert table["attacks"].to_dict() == {"mask": 2, "print": 3}


def test_the_threshold_is_the_development_splits_and_never_the_tests():
    """Doubling the test scores changes the rates; the threshold stays where the development split put it."""
    moved = matrix([model(test=TEST.assign(score=TEST["score"] * 2))], QUICK)
    assert moved["threshold"].item() == matrix([model()], QUICK)["threshold"].item()
    assert moved["far"].item() == 3 / 4
    assert moved["bpcer"].item() == 0


def test_without_a_development_split_only_the_argmax_is_reported():
    """A protocol without one has no frozen threshold: its rates are unavailable, never 0."""
    table = matrix([model(dev=EMPTY)], QUICK)
    frozen = [c for c in table if c.startswith(("threshold", "hter", "far", "bpcer", "worst_apcer"))]
    frozen = [c for c in frozen if "argmax" not in c]
    assert table[frozen].isna().all(axis=None)
    assert table["hter_argmax"].item() == 3 / 8
    assert by_species([model(dev=EMPTY)], QUICK)["apcer"].isna().all()
    assert operating_points([model(dev=EMPTY)], resampling=QUICK)["bpcer"].isna().all()


def test_seeds_are_averaged_and_their_range_is_told():
    """A second seed whose scores are 0.2 lower: its own rates are counted by hand, the row has the mean."""
    lower = model(test=TEST.assign(score=TEST["score"] - 0.2), seed=1)
    # At 0.3 on the lowered scores: bona fide 0.9 and 0.7 alone pass; of the attacks mask 0.6 alone.
    (row,) = matrix([model(), lower], QUICK).to_dict("records")
    assert row["seeds"] == 2
    assert (row["bpcer"], row["bpcer_seed_min"], row["bpcer_seed_max"]) == (3 / 8, 1 / 4, 1 / 2)
    assert (row["far"], row["far_seed_min"], row["far_seed_max"]) == (1 / 2, 1 / 4, 3 / 4)
    assert row["hter"] == pytest.approx((1 / 2 + 3 / 8) / 2)
    assert row["worst_apcer"] == 3 / 4


@pytest.mark.parametrize(
    ("species", "accepted", "frr"),
    [("bonafide", 0.0, 1.0), ("bonafide", 1.0, 0.0)],
)
def test_no_error_or_nothing_but_errors_still_has_an_interval(species, accepted, frr):
    """Seven people without an error do not prove that there is none: each counts as one trial."""
    people = [f"p{i}" for i in range(7)]
    rows = [(who, species, accepted) for who in people] + [
        (who, "print", i / 8) for i, who in enumerate(people)
    ]
    table = score_table("test", rows)
    found = rates(table["score"], table["label"], table["subject"], 0.5, QUICK)
    assert found["frr"] == clopper_pearson(round(7 * frr), 7)
    assert found["far"].low < found["far"].estimate < found["far"].high
    middle = [(found["far"][end] + found["frr"][end]) / 2 for end in (1, 2)]
    assert [*found["hter"][1:]] == pytest.approx(middle)


def test_one_person_proves_nothing():
    """Half of one person's frames are wrong: for other people anything is possible."""
    table = score_table("test", [("p", s, v) for s in ("bonafide", "print") for v in (0.1, 0.9)])
    found = rates(table["score"], table["label"], table["subject"], 0.5, QUICK)
    assert {name: interval.estimate for name, interval in found.items()} == dict.fromkeys(found, 0.5)
    assert {interval[1:] for interval in found.values()} == {(0, 1)}


@pytest.mark.parametrize(("people", "bootstrapped"), [(5, False), (6, True)])
def test_few_people_are_trials_and_are_not_resampled(people, bootstrapped):
    """Of five people all lie on one side of the median with a chance of 1/16, of six with 1/32."""
    rows = [
        (f"p{who}", kind, score)
        for who in range(people)
        for kind in ("bonafide", "print")
        for score in (0.1, who / 9)
    ]
    table = score_table("test", rows)
    columns = table["score"], table["label"], table["subject"]
    found, resampled = rates(*columns, 0.3, QUICK), bootstrap_rates(*columns, 0.3, **vars(QUICK))
    assert (found == resampled) == bootstrapped
    if not bootstrapped:
        assert found["far"] == by_subjects(found["far"].estimate, people)
        assert found["hter"].high > resampled["hter"].high


def test_operating_points_by_hand():
    """The target is met where the threshold was set; on the test set it gives what it gives."""
    dev = score_table(
        "dev",
        [("a", "bonafide", 0.9), ("b", "bonafide", 0.3)]
        + [("a", "print", i / 20) for i in range(10)]  # 0 to 0.45
        + [("b", "mask", 0.1)],
    )
    loose, strict = operating_points([model(dev=dev)], (0.1, 0.05), QUICK).to_dict("records")
    # One print of ten may pass: between 0.4 and 0.45. None: between 0.45 and 0.9.
    assert loose["threshold"] == pytest.approx(0.425)
    assert strict["threshold"] == pytest.approx(0.675)
    assert (loose["worst_species"], loose["worst_apcer"], loose["bpcer"]) == ("mask", 1 / 2, 1 / 4)
    assert (strict["worst_apcer"], strict["bpcer"]) == (0, 1 / 2)
    # On the test set itself no mask may pass: the threshold lies above 0.6, and 0.45 and 0.2 are rejected.
    assert loose["own_bpcer"] == 1 / 2


def test_the_band_by_hand():
    """The step at each FAR; two seeds are averaged at equal FAR."""
    # Attacks fall 0.6, 0.4, 0.35, 0.1; bona fide 0.9, 0.7, 0.45, 0.2.
    band = roc_band([model()], "y", [0, 0.24, 0.25, 0.5, 0.75, 1], QUICK)
    assert band["accepted"].tolist() == [0.5, 0.5, 0.75, 0.75, 1, 1]
    turned = model(test=TEST.assign(score=-TEST["score"]), seed=1)
    # Turned round they fall: attack, bona fide 0.2, two attacks, bona fide 0.45, attack, two bona fide.
    both = roc_band([model(), turned], "y", [0.25, 0.75], QUICK)
    assert both["accepted_seed_min"].tolist() == [0.25, 0.5]
    assert both["accepted"].tolist() == [0.5, 0.75]


scores_of = st.lists(st.sampled_from([0, 0.25, 0.5, 0.75, 1]), min_size=3, max_size=12)


@settings(max_examples=50)
@given(scores_of, scores_of, scores_of, scores_of)
def test_rates_that_hold_for_all_scores(bonafide, attacks, dev_bonafide, dev_attacks):
    """Spreads enclose their rate, HTER is the mean of FAR and BPCER, and no curve falls."""

    def table(split, genuine, forged):
        rows = [(f"p{i % 3}", "bonafide", s) for i, s in enumerate(genuine)]
        return score_table(split, rows + [(f"p{i % 3}", "print", s) for i, s in enumerate(forged)])

    dev, test = table("dev", dev_bonafide, dev_attacks), table("test", bonafide, attacks)
    models = [model(dev, test), model(dev, test.assign(score=1 - test["score"]), seed=1)]
    (row,) = matrix(models, QUICK).to_dict("records")
    for ending in ("", "_argmax"):
        for rate in ("hter", "far", "bpcer", "worst_apcer"):
            name = rate + ending
            assert 0 <= row[f"{name}_low"] <= row[name] + 1e-12
            assert row[name] - 1e-12 <= row[f"{name}_high"] <= 1
            assert row[f"{name}_seed_min"] <= row[name] + 1e-12
            assert row[name] <= row[f"{name}_seed_max"] + 1e-12
            assert row[f"{name}_low"] < row[f"{name}_high"] or rate == "hter" or 0 < row[name] < 1
        assert row["least_hter"] <= row[f"hter{ending}"] + 1e-12
        assert row[f"hter{ending}"] == pytest.approx((row[f"far{ending}"] + row[f"bpcer{ending}"]) / 2)
    band = roc_band(models, "y", np.linspace(0, 1, 11), QUICK)
    assert (band.diff().dropna() >= -1e-12).all(axis=None)
    assert (band["accepted_low"] <= band["accepted_high"]).all()
    curve = metrics.roc(test["score"], test["label"])
    by_hand = [1 - curve.frr[curve.far <= far].min() for far in np.linspace(0, 1, 11)]
    assert roc_band(models[:1], "y", np.linspace(0, 1, 11), QUICK)["accepted"].tolist() == pytest.approx(
        by_hand
    )


def test_models_and_sets_keep_their_order_and_their_rows():
    """Two models, one on two sets: three cells, each row named."""
    first = ScoredModel("net", "x", 0, DEV, {"y": TEST, "z": TEST})
    table = matrix([first, model(name="svm")], QUICK)
    assert table[["model", "tested_on"]].to_numpy().tolist() == [["net", "y"], ["net", "z"], ["svm", "y"]]


def test_what_cannot_be_computed_is_named():
    """The message says which model and which set; a rate over nothing is never 0."""
    bona_fide_only = TEST[TEST["label"] == 0]
    with pytest.raises(UndefinedRateError, match=r"net trained on x .*tested on y: .*no attack"):
        matrix([model(test=bona_fide_only)], QUICK)
    with pytest.raises(UndefinedRateError, match="net trained on x"):
        by_species([model(dev=DEV[DEV["label"] == 1])], QUICK)
    silent = TEST.assign(score=TEST["score"].mask(TEST["label"] == 1))
    with pytest.raises(UndefinedRateError, match="no attack"):
        matrix([model(test=silent)], QUICK)


def test_a_species_without_any_answer_has_no_rate():
    """All prints are silent: their APCER is unavailable and their APNRR is 1."""
    silent = TEST.assign(score=TEST["score"].mask(TEST["species"] == "print"))
    table = by_species([model(test=silent)], QUICK).set_index("species")
    assert np.isnan(table.loc["print", "apcer"])
    assert table.loc["print", "apnrr"] == 1
    assert table.loc["mask", "apcer"] == 1


def test_seeds_that_were_not_tested_alike_are_refused():
    """A mean over different frames, or of one seed counted twice, means nothing."""
    with pytest.raises(AttackNetError, match="there twice"):
        matrix([model(), model()], QUICK)
    with pytest.raises(AttackNetError, match="same frames of y"):
        matrix([model(), model(test=TEST.iloc[1:], seed=1)], QUICK)
    with pytest.raises(AttackNetError, match="tested on"):
        matrix([model(), model(tested_on="z", seed=1)], QUICK)
    with pytest.raises(AttackNetError, match="give one model"):
        roc_band([model(), model(name="svm")], "y", [0.5], QUICK)


def test_results_need_no_tensorflow():
    """Chapters that read tables only start fast, and run where no network can."""
    code = "import sys, attacknet.evaluation; sys.exit('tensorflow' in sys.modules or 'keras' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
