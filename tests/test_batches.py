"""Batches: the contract's pixels, each class as often as the recipe wants, in an order that seeds decide."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attacknet import batches
from attacknet.data.crops import Crops
from attacknet.errors import AttackNetError
from attacknet.preprocessing import Preprocessing
from attacknet.recipes import Augmentation, Recipe

BOOK = Preprocessing()
AUTHORS = Preprocessing(channel_order="BGR", scaling="divide_by_maximum")
PASS = Recipe(batch=4, learning_rate=1e-3, epochs=1)
DRAW = replace(PASS, balance="draw")


def crops(labels: str = "aabbb", splits: str = "", faces: str = "", side: int = 32) -> Crops:
    """Crops of dim pictures: attacks a, bona fide b; splits train t, dev d; a missing face is -."""
    splits, faces = splits or "t" * len(labels), faces or "+" * len(labels)
    found = np.array([face == "+" for face in faces])
    index = pd.DataFrame(
        {
            "label": [int(label == "a") for label in labels],
            "split": [{"t": "train", "d": "dev"}[split] for split in splits],
            "crop": np.where(found, np.cumsum(found) - 1, -1),
        }
    )
    images = np.random.default_rng(0).integers(0, 200, (found.sum(), side, side, 3), dtype=np.uint8)
    return Crops(Path("crops"), index, images, {"dataset": "msspoof", "protocol": "sound"})


@pytest.mark.parametrize("contract", [BOOK, AUTHORS, replace(BOOK, scaling="divide_by_maximum")])
def test_pixels_are_those_of_the_contract_to_the_bit(contract: Preprocessing) -> None:
    """Training and scoring must read the same picture from the same crop."""
    some = crops()
    some.images[0] = 0  # a black picture has no maximum to divide by
    pictures = batches.load(some, "train", contract)
    (images, labels), *rest = batches.in_order(pictures)
    assert not rest
    expected = np.concatenate([contract.apply(image) for image in some.images])
    np.testing.assert_array_equal(images, expected)
    np.testing.assert_array_equal(labels, [1, 1, 0, 0, 0])


def test_only_faces_of_the_split_are_read() -> None:
    some = crops("abababab", splits="ttttdddd", faces="++-+++++")
    pictures = batches.load(some, "train", BOOK)
    np.testing.assert_array_equal(pictures.images, some.images[[0, 1, 2]])
    np.testing.assert_array_equal(pictures.labels, [1, 0, 0])


def test_undersampling_takes_as_many_of_each_class_by_seed() -> None:
    some = crops("a" * 20 + "bbb")
    drawn = [batches.load(some, "train", BOOK, balance_seed=seed) for seed in (1, 1, 2)]
    assert all(np.bincount(pictures.labels).tolist() == [3, 3] for pictures in drawn)
    np.testing.assert_array_equal(drawn[0].images, drawn[1].images)
    assert not np.array_equal(drawn[0].images, drawn[2].images)


@pytest.mark.parametrize(
    ("labels", "splits", "faces", "what"),
    [
        ("aaa", "ttt", "+++", "'train' has no bona fide face"),
        ("bbb", "ttt", "+++", "'train' has no attack face"),
        ("ab", "dd", "++", "'train' has no bona fide face"),
        ("abb", "ttt", "-++", "'train' has no attack face"),
    ],
)
def test_a_class_that_is_missing_is_named(labels: str, splits: str, faces: str, what: str) -> None:
    with pytest.raises(AttackNetError, match=f"msspoof, protocol sound: split {what}"):
        batches.load(crops(labels, splits, faces), "train", BOOK)


def test_crops_of_another_size_are_refused() -> None:
    with pytest.raises(AttackNetError, match="crops of 16x16; the contract is margin 0, 32x32"):
        batches.load(crops(side=16), "train", BOOK)


def test_pooled_datasets_follow_one_another() -> None:
    one, other = batches.load(crops("ab"), "train", BOOK), batches.load(crops("abb"), "train", AUTHORS)
    both = batches.concatenate([one, other])
    assert both.labels.tolist() == [1, 0, 1, 0, 0]
    np.testing.assert_array_equal(both.images[2:], other.images)
    np.testing.assert_array_equal(both.divisors[2:], other.divisors)


def test_shuffled_labels_leave_the_pictures_and_the_counts() -> None:
    honest = batches.load(crops("a" * 20 + "b" * 30), "train", BOOK)
    shuffled = batches.relabelled(honest, seed=1)
    np.testing.assert_array_equal(shuffled.images, honest.images)
    np.testing.assert_array_equal(np.bincount(shuffled.labels), np.bincount(honest.labels))
    assert 0.2 < (shuffled.labels == honest.labels).mean() < 0.8
    np.testing.assert_array_equal(batches.relabelled(honest, seed=1).labels, shuffled.labels)
    assert (batches.relabelled(honest, seed=2).labels != shuffled.labels).any()


def test_one_pass_shows_every_picture_once_in_an_order_of_the_epoch() -> None:
    labels = np.array([0] * 30 + [1] * 30)
    first, second = (batches.order(labels, PASS, seed=5, epoch=epoch) for epoch in (0, 1))
    assert sorted(first) == sorted(second) == list(range(60))
    assert first.tolist() != second.tolist()
    np.testing.assert_array_equal(batches.order(labels, PASS, seed=5, epoch=1), second)
    assert batches.order(labels, PASS, seed=6, epoch=1).tolist() != second.tolist()


def test_without_shuffling_the_order_is_that_of_the_table() -> None:
    """As the released code trains: it never shows one class among the other."""
    fixed = replace(PASS, shuffle=False)
    labels = np.array([0, 0, 1, 1, 1])
    assert batches.order(labels, fixed, seed=5, epoch=3).tolist() == [0, 1, 2, 3, 4]


labelled = st.lists(st.integers(0, 1), min_size=2, max_size=40).filter(lambda labels: len(set(labels)) == 2)


@given(labelled, st.integers(1, 9), st.integers(1, 8), st.integers(0, 99))
def test_drawn_batches_are_half_and_half_and_leave_nobody_out(
    labels: list[int], batch: int, steps: int, seed: int
) -> None:
    """Of a class, no picture is shown a second time before each was shown once."""
    marks = np.array(labels)
    shown = batches.order(marks, replace(DRAW, batch=batch, steps=steps), seed, epoch=0)
    assert len(shown) == batch * steps
    for start in range(0, len(shown), batch):
        attacks = marks[shown[start : start + batch]].sum()
        assert abs(2 * attacks - batch) <= 1
    for label in (0, 1):
        times = np.bincount(shown[marks[shown] == label], minlength=len(marks))[marks == label]
        assert times.max() - times.min() <= 1


@given(labelled, st.integers(1, 9), st.integers(1, 30))
def test_an_epoch_counted_in_steps_has_so_many(labels: list[int], batch: int, steps: int) -> None:
    shown = batches.order(np.array(labels), replace(PASS, batch=batch, steps=steps), seed=0, epoch=0)
    assert len(shown) == batch * steps
    times = np.bincount(shown, minlength=len(labels))
    assert times.max() - times.min() <= 1


def epoch_of(recipe: Recipe, seed: int = 0, epoch: int = 0) -> list[tuple[np.ndarray, np.ndarray]]:
    pictures = batches.load(crops("aaaabbbbbb"), "train", BOOK)
    return [(x.numpy(), y.numpy()) for x, y in batches.training(pictures, recipe, seed)(epoch)]


def test_no_thread_tunes_the_batches() -> None:
    """An epoch would end only when that thread does, a third later on one processor."""
    pictures = batches.load(crops("aabb"), "train", BOOK)
    for dataset in (batches.training(pictures, PASS, 0)(0), batches.in_order(pictures)):
        assert dataset.options().autotune.enabled is False


def test_training_batches_keep_picture_and_label_together() -> None:
    """Without a warp each picture of a batch is one of the crops, and has its label."""
    known = {image.tobytes(): label for image, label in _prepared()}
    shown = epoch_of(PASS)
    assert [len(labels) for _, labels in shown] == [4, 4, 2]
    assert all(
        known[x.tobytes()] == y for images, labels in shown for x, y in zip(images, labels, strict=True)
    )


def _prepared() -> list[tuple[np.ndarray, int]]:
    some = crops("aaaabbbbbb")
    return [(BOOK.apply(i)[0], int(y)) for i, y in zip(some.images, some.index["label"], strict=True)]


def test_augmented_batches_depend_on_seed_and_epoch_alone() -> None:
    """A training that goes on at epoch 2 sees what the unbroken one saw there."""
    recipe = replace(PASS, augmentation=Augmentation(rotation=20, flip=True))
    shown, again = epoch_of(recipe, epoch=2), epoch_of(recipe, epoch=2)
    for (images, _), (same, _) in zip(shown, again, strict=True):
        np.testing.assert_array_equal(images, same)
    for seed, epoch in ((0, 3), (1, 2)):
        other = epoch_of(replace(recipe, shuffle=False), seed, epoch)[0][0]
        assert not np.array_equal(other, epoch_of(replace(recipe, shuffle=False), 0, 2)[0][0])


def test_two_batches_of_an_epoch_are_warped_differently() -> None:
    recipe = replace(PASS, batch=1, shuffle=False, steps=20, augmentation=Augmentation(rotation=90))
    shown = epoch_of(recipe)
    # Ten pictures twice over: the second time each is turned otherwise.
    assert all(not np.array_equal(shown[i][0], shown[i + 10][0]) for i in range(10))
