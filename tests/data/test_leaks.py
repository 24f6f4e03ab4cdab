"""The leak check: every planted leak is refused, with the two samples named, and no sound split is."""

import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import skimage
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from attacknet.data import LeakError, check_protocol, leaks, load_index, protocols
from attacknet.data.crops import FRAME_COLUMNS, Crops
from attacknet.data.prepare import prepare
from attacknet.errors import AttackNetError
from attacknet.standins import writers
from tests.data.trees import MAIN, SMALL, complete, grow, manifest_file, one_line


def as_it_is(table):
    """A protocol that leaves the split as it stands."""
    return table


def table_of(rows, **attrs):
    table = pd.DataFrame(rows, columns=["sample", "subject", "session", "label", "split"])
    table.attrs = attrs
    return table


@pytest.mark.parametrize("dataset", MAIN)
def test_sound_passes(dataset, tmp_path):
    assert check_protocol(load_index(dataset, complete(dataset, tmp_path)), "sound").empty


@pytest.mark.parametrize("dataset", MAIN)
def test_as_run_is_refused_unless_asked_for(dataset, tmp_path):
    table = load_index(dataset, complete(dataset, tmp_path))
    with pytest.raises(LeakError) as caught:
        check_protocol(table, "as_run")
    assert "allow_leaks=True" in one_line(caught)
    report = check_protocol(table, "as_run", allow_leaks=True)
    assert "selection" in set(report["kind"])


def test_the_authors_msspoof_split_has_its_bona_fide_pictures_on_both_sides(tmp_path):
    """894 pictures of 15 clients: 535 + 359, all of the training and development clients'."""
    table = load_index("msspoof", complete("msspoof", tmp_path))
    with pytest.raises(
        LeakError, match=r"train has msspoof/real/\S+, test has msspoof/real/\S+: the same recording"
    ):
        check_protocol(table, "as_run")
    report = check_protocol(table, "as_run", allow_leaks=True).set_index("kind")
    assert report.loc["sample", "shared"] == 535 + 359
    assert report.loc["subject", "shared"] == 9 + 6


@pytest.mark.parametrize("dataset", ["replay_attack", "3dmad", "csmad", "own"])
def test_no_other_split_of_the_authors_shares_a_subject(dataset, tmp_path):
    """The check accuses nobody without a cause: these lack a development set, and nothing else."""
    table = load_index(dataset, complete(dataset, tmp_path))
    assert list(check_protocol(table, "as_run", allow_leaks=True)["kind"]) == ["selection"]


@pytest.mark.parametrize("dataset", MAIN)
def test_a_frame_level_random_split_is_caught(dataset, tmp_path):
    """Frames of one video on both sides: what pooling frames before splitting does."""
    table = load_index(dataset, complete(dataset, tmp_path))

    def frame_level(index):
        frames = index.loc[index.index.repeat(10)]
        return protocols.random_frames(frames.assign(frame=frames.groupby("sample").cumcount()))

    with pytest.raises(LeakError) as caught:
        check_protocol(table, frame_level)
    message = one_line(caught)
    assert "protocol 'frame_level'" in message
    assert "the same recording" in message


# Planted leak -> two rows (sample, subject, session, split) and the kinds that must be found.
PLANTED = {
    "a video in training and test": (("v1", "ann", "1", "train"), ("v1", "ann", "1", "test"), "sample"),
    "a video in training and development": (("v1", "ann", "1", "train"), ("v1", "ann", "1", "dev"), "sample"),
    "a video in development and test": (("v1", "ann", "1", "dev"), ("v1", "ann", "1", "test"), "sample"),
    "a session in training and test": (("v1", "ann", "1", "train"), ("v2", "ann", "1", "test"), "session"),
    "a session in training and development": (
        ("v1", "ann", "1", "train"),
        ("v2", "ann", "1", "dev"),
        "session",
    ),
    "a session in development and test": (("v1", "ann", "1", "dev"), ("v2", "ann", "1", "test"), "session"),
    "a subject in training and test": (("v1", "ann", "1", "train"), ("v2", "ann", "2", "test"), "subject"),
    "a subject in training and development": (
        ("v1", "ann", "1", "train"),
        ("v2", "ann", "2", "dev"),
        "subject",
    ),
    "a subject in development and test": (("v1", "ann", "1", "dev"), ("v2", "ann", "2", "test"), "subject"),
}
SOUND = [("a", "a", "1", 0, "train"), ("b", "b", "1", 0, "dev"), ("c", "c", "1", 0, "test")]


@pytest.mark.parametrize("what", PLANTED)
@pytest.mark.parametrize("labels", [(0, 0), (0, 1), (1, 1)])
def test_a_planted_leak_is_refused_with_both_samples_named(what, labels):
    *pair, kind = PLANTED[what]
    rows = [(*row[:3], label, row[3]) for row, label in zip(pair, labels, strict=True)]
    with pytest.raises(LeakError) as caught:
        check_protocol(table_of([*SOUND, *rows]), as_it_is)
    message = one_line(caught)
    for sample, _, _, _, split in rows:
        assert f"{split} has {sample}" in message
    report = check_protocol(table_of([*SOUND, *rows]), as_it_is, allow_leaks=True)
    assert report["kind"].iloc[0] == kind
    assert (report["shared"] == 1).all()


def test_one_session_number_of_two_people_is_no_leak():
    assert check_protocol(table_of(SOUND), as_it_is).empty


def test_where_subjects_are_not_known_none_are_compared():
    """A file's name stands for its subject there: alike names of different files say nothing."""
    rows = [*SOUND, ("d", "a", "1", 0, "test")]
    assert check_protocol(table_of(rows, subjects_known=False), as_it_is).empty
    with pytest.raises(LeakError):
        check_protocol(table_of(rows), as_it_is)


def test_a_leak_planted_in_a_manifest_is_refused(tmp_path):
    mine = manifest_file(tmp_path, SMALL.replace("test: [{group: [test]}]", "test: [{group: [test, train]}]"))
    names = [f"{split}/real/{who}_1.png" for split, who in (("train", "a"), ("dev", "c"), ("test", "d"))]
    table = load_index(mine, grow(tmp_path / "data", names))
    with pytest.raises(LeakError, match="mine/train/real/a_1, test has mine/train/real/a_1"):
        check_protocol(table, "sound")


def test_a_readers_folders_that_share_a_person_are_refused(tmp_path):
    names = ["train/bonafide/ann/1.jpg", "dev/bonafide/bob/1.jpg", "test/attack/print/ann/2.jpg"]
    with pytest.raises(LeakError, match="subject folder/ann"):
        check_protocol(load_index("folder", grow(tmp_path, names)), "sound")


@pytest.mark.parametrize("column", ["sample", "subject", "session", "split"])
def test_a_table_without_a_column_is_refused(column):
    with pytest.raises(AttackNetError, match=f"no column '{column}'"):
        check_protocol(table_of(SOUND).drop(columns=column), as_it_is)


def test_a_missing_development_set_is_a_leak_of_the_choice():
    with pytest.raises(LeakError, match="no development set"):
        check_protocol(table_of([SOUND[0], SOUND[2]]), as_it_is)


# Tables are built by the hundred: fewer cases keep the test short.
@settings(max_examples=25)
@given(st.data())
def test_subject_disjoint_splits_pass_and_a_moved_sample_does_not(data):
    """For any assignment of people to splits; then one sample of a person with several is moved."""
    people = data.draw(st.integers(3, 12))
    splits = [
        "train",
        "dev",
        "test",
        *data.draw(st.lists(st.sampled_from(["train", "dev", "test"]), max_size=9)),
    ]
    rows = [
        (f"v{person}_{take}", f"p{person}", str(take), take % 2, splits[person % len(splits)])
        for person in range(people)
        for take in range(2)
    ]
    assert check_protocol(table_of(rows), as_it_is).empty
    moved = data.draw(st.integers(0, len(rows) - 1))
    sample, subject, session, label, split = rows[moved]
    other = data.draw(st.sampled_from([s for s in ("train", "dev", "test") if s != split]))
    rows[moved] = (sample, subject, session, label, other)
    with pytest.raises(LeakError, match=subject):
        check_protocol(table_of(rows), as_it_is)


# --- Near-duplicates ---------------------------------------------------------------------------------------


def portrait() -> np.ndarray:
    """The face of a public-domain photograph, 96 x 96."""
    return skimage.data.astronaut()[60:156, 170:266]


def small(image: np.ndarray) -> np.ndarray:
    shrunk = skimage.transform.resize(image, (32, 32), anti_aliasing=True)
    return np.round(shrunk * 255).astype(np.uint8)


def bits_apart(one: np.ndarray, two: np.ndarray) -> int:
    first, second = leaks.perceptual_hash(np.stack([one, two]))
    return int(np.bitwise_count(first ^ second))


ALIKE = {
    "noise": lambda x: np.clip(x + np.random.default_rng(1).normal(0, 4, x.shape), 0, 255).astype(np.uint8),
    "darker": lambda x: (x * 0.8).astype(np.uint8),
    "less contrast": lambda x: (x * 0.6 + 40).astype(np.uint8),
    "coarser grey levels": lambda x: (x // 8 * 8).astype(np.uint8),
}


@pytest.mark.parametrize("what", ALIKE)
def test_a_picture_that_looks_the_same_has_nearly_the_same_hash(what):
    face = small(portrait())
    assert bits_apart(face, ALIKE[what](face)) <= leaks.NEAR


def test_the_hash_hardly_depends_on_the_size():
    big = portrait()
    sizes = [
        skimage.util.img_as_ubyte(skimage.transform.resize(big, (n, n), anti_aliasing=True)) for n in (32, 64)
    ]
    first, second = (leaks.perceptual_hash(one[None])[0] for one in sizes)
    assert np.bitwise_count(first ^ second) <= leaks.NEAR


def test_other_pictures_have_other_hashes():
    face, cat = small(portrait()), small(skimage.data.chelsea()[20:250, 100:330])
    assert bits_apart(face, cat) > 4 * leaks.NEAR
    assert bits_apart(face, face[:, ::-1]) > 4 * leaks.NEAR


def test_hashes_of_unrelated_noise_are_never_near():
    crops = np.random.default_rng(0).integers(0, 256, (300, 32, 32, 3), dtype=np.uint8)
    hashes = leaks.perceptual_hash(crops)
    apart = np.bitwise_count(hashes[:, None] ^ hashes)
    assert apart[~np.eye(300, dtype=bool)].min() > leaks.NEAR


@pytest.mark.parametrize("shape", [(32, 32, 3), (2, 32, 32), (2, 32, 32, 1), (2, 7, 32, 3)])
def test_a_wrong_shape_is_refused(shape):
    with pytest.raises(AttackNetError, match="give"):
        leaks.perceptual_hash(np.zeros(shape, dtype=np.uint8))


def test_a_near_duplicate_across_splits_is_refused_with_both_samples_named():
    hashes = pd.DataFrame({"sample": ["a", "b", "c"], "hash": np.array([0, 0b1111, 0xFFFF], dtype=np.uint64)})
    with pytest.raises(LeakError, match="train has a, dev has b: pictures look the same"):
        check_protocol(table_of(SOUND), as_it_is, hashes=hashes)


def test_five_bits_apart_are_no_near_duplicates():
    hashes = pd.DataFrame(
        {"sample": ["a", "b", "c"], "hash": np.array([0, 0b11111, 0xFFFF], dtype=np.uint64)}
    )
    assert check_protocol(table_of(SOUND), as_it_is, hashes=hashes).empty


def test_alike_frames_within_a_split_are_no_leak():
    rows = [*SOUND, ("a2", "a", "2", 0, "train")]
    values = np.array([0, 0xFF, 0xFFFF, 0], dtype=np.uint64)
    hashes = pd.DataFrame({"sample": ["a", "b", "c", "a2"], "hash": values})
    assert check_protocol(table_of(rows), as_it_is, hashes=hashes).empty


def test_near_duplicates_are_counted_by_frame():
    """Two of c's three frames look like a frame of a."""
    values = [
        ("a", 0, 0),
        ("a", 1, 0xF00),
        ("b", 0, 0xFF00FF),
        ("c", 0, 1),
        ("c", 1, 0xF01),
        ("c", 2, 0xFFFFF),
    ]
    hashes = pd.DataFrame(values, columns=["sample", "frame", "hash"])
    found = check_protocol(table_of(SOUND), as_it_is, hashes=hashes, allow_leaks=True)
    assert found[["kind", "split", "other", "shared"]].to_numpy().tolist() == [
        ["near_duplicate", "train", "test", 2]
    ]
    assert found["what"].tolist() == ["frames 0 and 0 look the same"]


@pytest.mark.parametrize("columns", [{"sample": ["a"]}, {"hash": [1]}, {"name": ["a"], "hash": [1]}])
def test_a_table_of_hashes_without_its_columns_is_refused(columns):
    with pytest.raises(AttackNetError, match="needs the columns sample and hash"):
        check_protocol(table_of(SOUND), as_it_is, hashes=pd.DataFrame(columns))


def test_a_sample_without_hash_is_named():
    """Otherwise an incomplete table would clear a split that it never looked at."""
    hashes = pd.DataFrame({"sample": ["a", "c"], "hash": [1, 1 << 40]})
    with pytest.raises(AttackNetError, match="no row for sample b"):
        check_protocol(table_of(SOUND), as_it_is, hashes=hashes)


@given(st.lists(st.integers(0, 2**64 - 1), max_size=30), st.lists(st.integers(0, 2**64 - 1), max_size=30))
def test_partners_are_those_of_a_comparison_pair_by_pair(these, those):
    near = [any((a ^ b).bit_count() <= leaks.NEAR for b in those) for a in these]
    found = leaks._partners(np.array(these, dtype=np.uint64), np.array(those, dtype=np.uint64))
    assert [int(i) >= 0 for i in found] == near


# --- Crops -------------------------------------------------------------------------------------------------


def noise(n: int) -> np.ndarray:
    """Pictures that have nothing in common."""
    return np.random.default_rng(0).integers(0, 256, (n, 32, 32, 3), dtype=np.uint8)


def compressed(crop: np.ndarray) -> np.ndarray:
    """The picture as JPEG of quality 50 gives it back."""
    file = io.BytesIO()
    Image.fromarray(crop).save(file, "JPEG", quality=50)
    return np.asarray(Image.open(file))


def crops_of(samples: dict[str, str], images: np.ndarray, faces: list[int] | None = None) -> Crops:
    """Two frames each of samples (name -> split), a person each; `faces` says which crop is where."""
    numbers = faces or list(range(len(images)))
    rows = [
        (
            sample,
            f"person of {sample}",
            "1",
            0,
            "bonafide",
            split,
            frame,
            "annotated",
            0,
            0,
            9,
            9,
            numbers.pop(0),
        )
        for sample, split in samples.items()
        for frame in (0, 1)
    ]
    table = pd.DataFrame(
        rows, columns=["sample", "subject", "session", "label", "species", "split", *FRAME_COLUMNS]
    )
    return Crops(Path(), table, images, {"dataset": "mine", "protocol": "sound", "subjects_known": True})


APART = {"a": "train", "b": "dev", "c": "test"}


def test_crops_of_unlike_pictures_pass():
    assert leaks.check_crops(crops_of(APART, noise(6))).empty


@pytest.mark.parametrize(("first", "second"), [("a", "b"), ("a", "c"), ("b", "c")])
def test_a_copy_under_another_name_is_refused_with_both_samples_named(first, second):
    """Another file, another person by its name, and stored with loss: only the picture tells."""
    images, place = noise(6), {"a": 0, "b": 2, "c": 4}
    images[place[second] + 1] = compressed(images[place[first]])
    made = crops_of(APART, images)
    with pytest.raises(LeakError) as caught:
        leaks.check_crops(made)
    words = f"{APART[first]} has {first}, {APART[second]} has {second}: frames 0 and 1 look the same"
    assert f"protocol 'sound' of mine leaks: {words}" in one_line(caught)
    report = leaks.check_crops(made, allow_leaks=True)
    assert report[["kind", "shared"]].to_numpy().tolist() == [["near_duplicate", 1]]


def test_a_copy_within_a_split_is_no_leak_of_the_crops():
    images = noise(8)
    images[7] = images[0]
    assert leaks.check_crops(crops_of(APART | {"d": "train"}, images)).empty


def test_crops_are_checked_by_name_as_well():
    """Two recordings of one person, not alike."""
    made = crops_of(APART, noise(6))
    made.index["subject"] = ["ann", "ann", "bob", "bob", "ann", "ann"]
    with pytest.raises(LeakError, match="train has a, test has c: session ann 1"):
        leaks.check_crops(made)
    made.about["subjects_known"] = False
    assert leaks.check_crops(made).empty


def test_frames_without_a_face_are_not_compared_and_no_obstacle():
    made = crops_of(APART | {"d": "test"}, noise(6), [0, 1, 2, 3, 4, 5, -1, -1])
    assert leaks.check_crops(made).empty


def test_each_crop_is_hashed_once(monkeypatch):
    """A sample in two splits shares its crops; the number hashed at a time does not matter."""
    made = crops_of({"a": "train", "b": "dev", "c": "test", "d": "test"}, noise(6), [0, 1, 2, 3, -1, 4, 2, 3])
    monkeypatch.setattr(leaks, "_HASHED", 2)
    hashes = leaks.hash_crops(made)
    assert hashes[["sample", "frame"]].to_numpy().tolist() == [
        ["a", 0],
        ["a", 1],
        ["b", 0],
        ["b", 1],
        ["c", 1],
    ]
    assert hashes["hash"].tolist() == leaks.perceptual_hash(made.images[:5]).tolist()


@pytest.fixture(scope="module")
def standins() -> dict[str, Crops]:
    """Crops of the stand-ins that say who is in them, by the protocol `sound`."""
    datasets = ("replay_attack", "3dmad", "msspoof", "csmad")
    folders = writers.make(writers.home(), datasets=datasets)
    return {dataset: prepare(dataset, folder) for dataset, folder in folders.items()}


def test_copies_of_faces_are_near_and_other_people_are_not(standins):
    """What NEAR rests on: nine in ten copies at JPEG quality 50 are found, one pair in 100,000 falsely.

    Hashes of real faces may lie otherwise: the distance is measured on what can be had here.
    """
    found, copies, false, pairs = 0, 0, 0, 0
    for made in standins.values():
        hashes = leaks.hash_crops(made).merge(made.index.drop_duplicates("crop"), on=["sample", "frame"])
        value = hashes["hash"].to_numpy()
        images = np.stack([compressed(made.images[number]) for number in hashes["crop"]])
        found += (np.bitwise_count(leaks.perceptual_hash(images) ^ value) <= leaks.NEAR).sum()
        copies += len(value)
        who = hashes["subject"].to_numpy()
        others = np.triu(who[:, None] != who)
        false += (np.bitwise_count(value[:, None] ^ value)[others] <= leaks.NEAR).sum()
        pairs += others.sum()
    assert found >= 0.9 * copies
    assert false <= pairs / 100_000


def test_the_sound_protocols_pass_on_stand_ins_frames_compared(standins):
    for made in standins.values():
        assert leaks.check_crops(made).empty
