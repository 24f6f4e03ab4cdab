"""Which pictures are explained, and numbers over them."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from attacknet.data.crops import Crops
from attacknet.errors import AttackNetError
from attacknet.explain.samples import Samples, select


@pytest.fixture
def crops():
    """Three subjects; each has two bona fide and two attack recordings of three frames in the test split."""
    rows = [
        {
            "sample": f"{subject}-{label}-{take}",
            "subject": subject,
            "label": label,
            "split": "test",
            "frame": frame,
            "crop": 0,
        }
        for subject in "abc"
        for label in (0, 1)
        for take in (0, 1)
        for frame in range(3)
    ]
    index = pd.DataFrame(rows)
    index["crop"] = np.arange(len(index))
    index.loc[0, "crop"] = -1  # no face was found in the first frame
    images = np.arange(len(index), dtype=np.uint8)[:, None, None, None] * np.ones((1, 4, 4, 3), np.uint8)
    return Crops(Path("set-of-crops"), index, images, {})


def test_classes_are_even_and_subjects_come_in_turn(crops):
    """A few pictures show as many people and recordings as they can."""
    found = select(crops, "test", 3)
    for _, group in found.rows.groupby("label"):
        assert sorted(group["subject"]) == ["a", "b", "c"]
    found = select(crops, "test", 6)
    assert found.rows["sample"].nunique() == len(found) == 12


def test_pictures_go_with_their_rows(crops):
    found = select(crops, "test", 5)
    assert (found.rows["crop"] >= 0).all()
    np.testing.assert_array_equal(found.images[:, 0, 0, 0], found.rows["crop"])
    attacks = found.of(1)
    assert len(attacks) == 5
    np.testing.assert_array_equal(attacks.images[:, 0, 0, 0], attacks.rows["crop"])


def test_more_than_there_are_is_all_there_are(crops):
    assert len(select(crops, "test", 100)) == len(crops.index) - 1


@pytest.mark.parametrize(
    ("split", "number", "message"),
    [
        ("dev", 3, "split 'dev' has no face to explain; there are faces in test"),
        ("test", 0, "0 pictures of each class are none to explain; ask for 1 or more"),
        ("test", -2, "-2 pictures of each class are none"),
    ],
)
def test_an_empty_selection_is_refused(crops, split, number, message):
    with pytest.raises(AttackNetError, match=message) as caught:
        select(crops, split, number)
    assert "\n" not in str(caught.value)


def test_the_mean_leaves_out_what_is_missing_and_resamples_subjects(crops):
    """Equal numbers within a subject: the interval is that of three subjects, not of twelve pictures."""
    found = select(crops, "test", 6)
    values = found.rows["subject"].map({"a": 0.0, "b": 1.0, "c": 2.0}).to_numpy(copy=True)
    interval = found.mean(values)
    assert interval.estimate == pytest.approx(1)
    assert (interval.low, interval.high) == (0, 2)
    values[found.rows["subject"] == "c"] = np.nan
    assert found.mean(values).estimate == pytest.approx(0.5)


def test_a_number_that_no_picture_has_is_refused(crops):
    found = select(crops, "test", 2)
    with pytest.raises(AttackNetError, match="no picture has this number"):
        found.mean(np.full(len(found), np.nan))


def test_too_few_people_for_an_interval_are_named(crops):
    """One person of each class cannot vary; the reader is told which parameter to raise."""
    found = select(crops, "test", 1)
    with pytest.raises(AttackNetError, match=r"2 pictures are too few: .*; explain more samples"):
        Samples(found.images, found.rows.assign(subject="a")).mean([1.0, 2.0])
