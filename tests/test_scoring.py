"""Scoring: each model sees crops by its own contract or not at all, and no frame is lost."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attacknet import baselines, model, scores, scoring
from attacknet.data.crops import Crops
from attacknet.errors import AttackNetError
from attacknet.preprocessing import Preprocessing

CONTRACTS = st.builds(
    Preprocessing,
    channel_order=st.sampled_from(["RGB", "BGR"]),
    scaling=st.sampled_from(["divide_by_255", "divide_by_maximum"]),
)
# Numbers of the crops; -1: no face was found.
PICTURES = [3, 0, -1, 1, 2, 4]
SPLITS = ["train", "dev", "dev", "test", "test", "test"]


def crops(images: np.ndarray | None = None, **geometry: object) -> Crops:
    """Five pictures, and six frames of which one has no face."""
    if images is None:
        images = np.random.default_rng(0).integers(0, 256, (5, 32, 32, 3), dtype=np.uint8)
    index = pd.DataFrame(
        {
            "sample": ["a", "b", "b", "c", "c", "d"],
            "subject": ["1", "2", "2", "3", "3", "4"],
            "session": "",
            "label": [0, 1, 1, 0, 0, 1],
            "species": ["bonafide", "print", "print", "bonafide", "bonafide", "mask"],
            "split": SPLITS,
            "frame": [0, 0, 10, 0, 10, 0],
            "crop": PICTURES,
        }
    )
    about = {"geometry": {"align": "box", "margin": 0.0, "size": [32, 32]} | geometry}
    return Crops(Path("crops"), index, images, about)


class MeanOfRed:
    """Stands for a network: scores the first channel, and knows its contract."""

    name = "mean_of_red"
    input_shape = (None, 32, 32, 3)

    def __init__(self, preprocessing: Preprocessing) -> None:
        self.preprocessing = preprocessing

    def predict(self, batch: np.ndarray, verbose: int) -> np.ndarray:
        red = batch[..., 0].mean(axis=(1, 2))
        return np.column_stack([red, 1 - red])


@settings(max_examples=40)
@given(CONTRACTS, st.integers(0, 2**32 - 1), st.integers(0, 255))
def test_a_batch_is_prepared_as_each_picture_alone(contract, seed, highest):
    """To the last bit what the contract makes of one picture, black ones included."""
    images = np.random.default_rng(seed).integers(0, highest + 1, (4, 32, 32, 3), dtype=np.uint8)
    alone = np.concatenate([contract.apply(image) for image in images])
    together = scoring.prepared(images, contract)
    assert together.dtype == alone.dtype
    np.testing.assert_array_equal(together, alone)


def test_each_model_is_asked_by_its_own_contract():
    """The released fused model's way, BGR over the maximum: its first channel is blue over the largest."""
    contract = Preprocessing(channel_order="BGR", scaling="divide_by_maximum")
    table = scoring.score(MeanOfRed(contract), crops(), ("train", "dev", "test"))
    for number, found in zip(PICTURES, table["score"], strict=True):
        if number >= 0:
            picture = crops().images[number].astype(float)
            assert found == pytest.approx(picture[..., 2].mean() / picture.max())


def test_a_row_for_each_frame_and_none_for_a_missing_face(tmp_path):
    """The table has all columns, keeps the order, marks a missing face by NaN, and can be stored."""
    table = scoring.score(MeanOfRed(Preprocessing()), crops())
    assert [*table.columns] == [*scores.COLUMNS]
    assert table["sample"].tolist() == ["b", "b", "c", "c", "d"]
    assert table["score"].isna().tolist() == [False, True, False, False, False]
    scores.write(table, tmp_path / "scores.csv")
    pd.testing.assert_frame_equal(scores.read(tmp_path / "scores.csv"), table, check_dtype=False)
    assert scoring.score(MeanOfRed(Preprocessing()), crops(), ("test",))["split"].unique().tolist() == [
        "test"
    ]


class Watched:
    """Pictures on disk that remember how many were asked for at once."""

    def __init__(self, images: np.ndarray) -> None:
        self.images, self.asked = images, []

    def __getitem__(self, rows: np.ndarray) -> np.ndarray:
        self.asked.append(len(rows))
        return self.images[rows]


def test_memory_stays_flat_and_parts_leave_no_trace(monkeypatch):
    """Two pictures at a time give what all at once give; never more than two are read."""
    whole = scoring.score(MeanOfRed(Preprocessing()), crops())
    monkeypatch.setattr(scoring, "_AT_ONCE", 2)
    watched = Watched(crops().images)
    pd.testing.assert_frame_equal(scoring.score(MeanOfRed(Preprocessing()), crops(watched)), whole)
    assert watched.asked == [2, 2]


@pytest.mark.parametrize("geometry", [{"margin": 0.3}, {"size": [64, 64]}, {"align": "eyes"}])
def test_crops_cut_otherwise_are_refused(geometry):
    """Another margin, size or alignment is another question."""
    with pytest.raises(AttackNetError, match="the model reads crops"):
        scoring.score(MeanOfRed(Preprocessing()), crops(**geometry))


def test_a_margin_is_no_fault_where_the_contract_has_it():
    wide = MeanOfRed(Preprocessing(crop_margin=0.3))
    assert len(scoring.score(wide, crops(margin=0.3))) == 5


def test_a_model_that_gives_no_number_is_refused():
    """NaN stands for a missing face and for nothing else."""

    class Broken(MeanOfRed):
        def predict(self, batch, verbose):
            return np.full((len(batch), 2), np.nan)

    with pytest.raises(AttackNetError, match="score of b, frame 0, is no number"):
        scoring.score(Broken(Preprocessing()), crops())


def test_networks_and_baselines_go_the_same_way():
    """A keras network gives its softmax for bona fide, a baseline its own score."""
    images = crops().images
    network = model.build("attacknet")
    table = scoring.score(network, crops())
    answered = table[table["score"].notna()]
    expected = network.predict(images[[0, 1, 2, 4]] / np.float32(255), verbose=0)[:, 0]
    np.testing.assert_allclose(answered["score"], expected, rtol=1e-5)
    texture = baselines.fit("lbp_svm", images, [0, 1, 0, 1, 0])
    table = scoring.score(texture, crops(), ("train",))
    assert table["score"].tolist() == texture.score(images[[3]]).tolist()
