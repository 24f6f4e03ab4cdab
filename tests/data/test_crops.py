"""A set of crops on disk is whole, belongs together and says what it is."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attacknet.data import crops
from attacknet.data.crops import digest, open_crops, pack
from attacknet.data.parts import MISSING, Part, remove_unfinished
from attacknet.errors import AttackNetError


def part(folder: Path, name: str, faces: list[str], grey: int) -> Path:
    """A part whose n-th picture is grey + n."""
    found = [n for n, face in enumerate(faces) if face != MISSING]
    images = np.stack([np.full((4, 6, 3), grey + n, np.uint8) for n in found])
    frames = [[n, 1, 2, 3, 4] if n in found else [n, 0, 0, 0, 0] for n in range(len(faces))]
    file = folder / f"{name}.part"
    Part(frames, faces, images).write(file)
    return file


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two samples, `a` used in two splits; the second frame of `b` has no face."""
    parts = {
        "a": part(tmp_path / "parts", "a", ["annotated", "carried"], 10),
        "b": part(tmp_path / "parts", "b", ["detected", "missing", "detected"], 20),
    }
    rows = [("a", "s1", "", 0, "bonafide", "train"), ("b", "s2", "01", 1, "print", "dev")]
    rows.append(("a", "s1", "", 0, "bonafide", "test"))
    pack(
        tmp_path / "set",
        pd.DataFrame(rows, columns=list(crops.SAMPLE_COLUMNS)),
        parts,
        (4, 6),
        {"dataset": "own"},
    )
    return tmp_path / "set"


def test_a_packed_set_gives_every_frame_its_picture(folder: Path) -> None:
    """Worked case: rows in the order of the samples' rows, crops numbered by part, -1 without a face."""
    made = open_crops(folder)
    table = made.index[["sample", "frame", "face", "crop", "split"]]
    assert list(table.itertuples(index=False, name=None)) == [
        ("a", 0, "annotated", 0, "train"),
        ("a", 1, "carried", 1, "train"),
        ("b", 0, "detected", 2, "dev"),
        ("b", 1, "missing", -1, "dev"),
        ("b", 2, "detected", 3, "dev"),
        ("a", 0, "annotated", 0, "test"),
        ("a", 1, "carried", 1, "test"),
    ]
    assert made.images[:, 0, 0, 0].tolist() == [10, 11, 20, 22]
    assert made.index["session"].tolist()[:3] == ["", "", "01"]
    assert made.about["dataset"] == "own"


def test_pictures_stay_on_disk(folder: Path) -> None:
    """They are mapped, read-only: a set in the cache cannot be changed by its reader."""
    images = open_crops(folder).images
    assert isinstance(images, np.memmap)
    with pytest.raises(ValueError, match="read-only"):
        images[0] = 0


def test_the_content_is_named_by_its_hash(folder: Path) -> None:
    """What is trained on crops can say on which, whenever and wherever they were made."""
    images = (folder / "images.npy").read_bytes()
    assert open_crops(folder).about["images_sha256"] == hashlib.sha256(images).hexdigest()


def test_detection_rates_count_frames_by_species(folder: Path) -> None:
    """b shows a face in 2 of 3 frames; a in all, counted in both of its splits."""
    rates = open_crops(folder).detection_rates()
    assert list(rates.itertuples(index=False, name=None)) == [
        ("bonafide", 4, 4, 1.0),
        ("print", 3, 2, pytest.approx(2 / 3)),
    ]


FILES = ("images.npy", "samples.csv", "frames.npy", "about.json")
Damage = Callable[[Path], object]


def remove(name: str) -> Damage:
    return lambda folder: (folder / name).unlink()


def shorten(name: str, kept: int) -> Damage:
    return lambda folder: (folder / name).write_bytes((folder / name).read_bytes()[:kept])


def other_images(shape: tuple[int, ...], dtype: str) -> Damage:
    return lambda folder: np.save(folder / "images.npy", np.zeros(shape, dtype))


@pytest.mark.parametrize(
    "damage",
    [
        *(remove(name) for name in FILES),
        *(shorten(name, 0) for name in FILES),
        shorten("images.npy", 60),
        shorten("images.npy", 200),
        shorten("samples.csv", 60),
        shorten("frames.npy", 200),
        shorten("about.json", 10),
        other_images((3, 4, 6, 3), "u1"),
        other_images((5, 4, 6, 3), "u1"),
        other_images((4, 4, 6, 3), "f4"),
    ],
)
def test_a_damaged_set_is_refused_in_one_line(folder: Path, damage: Damage) -> None:
    """Never read as far as it goes."""
    damage(folder)
    with pytest.raises(AttackNetError) as refusal:
        open_crops(folder)
    assert str(refusal.value).startswith(f"{folder}: ")
    assert "\n" not in str(refusal.value)
    assert "prepare the data again" in str(refusal.value)


def test_a_failed_pack_leaves_no_set(tmp_path: Path) -> None:
    """A part is missing: nothing stands where the set would; the leftover is found and removed."""
    samples = pd.DataFrame([("a", "s", "", 0, "bonafide", "train")], columns=list(crops.SAMPLE_COLUMNS))
    with pytest.raises(FileNotFoundError):
        pack(tmp_path / "sets/set", samples, {"a": tmp_path / "none.part"}, (4, 6), {})
    assert not (tmp_path / "sets/set").exists()
    remove_unfinished(tmp_path / "sets/set")
    assert list((tmp_path / "sets").iterdir()) == []


@given(st.dictionaries(st.text(), st.integers() | st.text() | st.lists(st.integers())))
def test_a_digest_depends_on_the_facts_and_not_on_their_order(facts: dict[str, object]) -> None:
    """And differs when a fact is added."""
    assert digest(facts) == digest(dict(reversed(facts.items())))
    assert digest(facts) != digest(facts | {"another fact": len(facts)})
