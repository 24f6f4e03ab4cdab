"""Baselines: texture by hand, the machine as scikit-learn has it, files that execute nothing."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from skimage.feature import local_binary_pattern
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from attacknet import baselines, metrics
from attacknet.baselines import BASELINES, FEATURES, lbp_histogram
from attacknet.errors import AttackNetError

LEARNING = ("lbp_svm", "iqm_svm")
OTHERS = 58  # the bin of patterns that are not uniform, the last


def grey(rows: list[list[int]]) -> np.ndarray:
    """Return one grey picture as a stack."""
    return np.repeat(np.array(rows, np.uint8)[None, ..., None], 3, axis=3)


def textures(seed: int, count: int = 40) -> tuple[np.ndarray, np.ndarray]:
    """Return pictures of noise (bona fide) and of the same noise in blocks of 2x2 (attacks), by turns."""
    rng = np.random.default_rng(seed)
    fine = rng.integers(60, 200, (count, 32, 32, 3), dtype=np.uint8)
    labels = np.arange(count) % 2
    coarse = np.repeat(np.repeat(fine[:, ::2, ::2], 2, axis=1), 2, axis=2)
    return np.where(labels[:, None, None, None] == 1, coarse, fine), labels


def test_patterns_by_hand():
    """Three pictures with one inner pixel: all neighbours brighter, all darker, and by turns both."""
    # Diagonal neighbours are read between four pixels: 0.09 * 100 + 0.21 * (200 + 0) + 0.5 * 200 = 150.
    brighter, darker, turns = (
        lbp_histogram(grey(rows))[0]
        for rows in (
            [[9, 9, 9], [9, 5, 9], [9, 9, 9]],
            [[1, 1, 1], [1, 5, 1], [1, 1, 1]],
            [[200, 0, 200], [200, 100, 200], [200, 0, 200]],
        )
    )
    assert turns[OTHERS] == 1
    assert brighter.max() == darker.max() == 1
    assert len({int(one.argmax()) for one in (brighter, darker, turns)}) == 3


@settings(max_examples=40)
@given(arrays.arrays(np.uint8, st.tuples(st.integers(1, 3), st.integers(3, 8), st.integers(3, 8))))
def test_histograms_are_those_of_each_picture_alone(stack):
    """A neighbour in the stack leaves no trace; shares sum to one."""
    found = lbp_histogram(np.repeat(stack[..., None], 3, axis=3))
    assert found.sum(axis=1) == pytest.approx(1)
    for picture, histogram in zip(stack, found, strict=True):
        codes = local_binary_pattern(picture, 8, 1, method="nri_uniform")[1:-1, 1:-1]
        counts = np.bincount(codes.astype(int).ravel(), minlength=59)
        np.testing.assert_allclose(histogram, counts / codes.size)


@pytest.mark.parametrize("name", LEARNING)
def test_the_score_is_scikit_learns_decision(name):
    """What is kept of the machine says what the machine says, through the logistic function."""
    images, labels = textures(0)
    fitted = baselines.fit(name, images, labels)
    features = FEATURES[name](images)
    scaled = StandardScaler().fit(features)
    machine = SVC(gamma=1 / features.shape[1], class_weight="balanced").fit(
        scaled.transform(features), labels == 0
    )
    others, _ = textures(1)
    decision = machine.decision_function(scaled.transform(FEATURES[name](others)))
    np.testing.assert_allclose(fitted.score(others), 1 / (1 + np.exp(-decision)), rtol=1e-9)


@pytest.mark.parametrize("name", LEARNING)
def test_textures_are_told_apart_and_bona_fide_scores_higher(name):
    """New pictures of the two textures are separated, in the direction of the package's convention."""
    fitted = baselines.fit(name, *textures(2))
    images, labels = textures(3)
    assert metrics.hter(fitted.score(images), labels, 0.5) == 0


def test_the_constant_knows_nothing():
    """Every rate of a constant score is that of a coin that always shows the same side."""
    images, labels = textures(4)
    scores = baselines.fit("constant", images, labels).score(images)
    assert metrics.auc(scores, labels) == 0.5
    assert metrics.hter(scores, labels, metrics.eer_threshold(scores, labels)) == 0.5


@pytest.mark.parametrize("name", BASELINES)
def test_saved_and_loaded_it_is_the_same(name, tmp_path):
    """Equal fits give equal bytes, and a loaded baseline equal scores."""
    images, labels = textures(5)
    first, second = tmp_path / "first.npz", tmp_path / "second.npz"
    fitted = baselines.fit(name, images, labels)
    baselines.save(fitted, first)
    baselines.save(baselines.fit(name, images, labels), second)
    assert first.read_bytes() == second.read_bytes()
    loaded = baselines.load(first)
    assert loaded.name == name
    np.testing.assert_array_equal(loaded.score(images), fitted.score(images))


def test_the_seed_draws_frames_only_where_there_are_too_many(monkeypatch):
    """Few frames: nothing is random. Many: each seed learns from its own draw."""
    images, labels = textures(6)
    supports = [baselines.fit("lbp_svm", images, labels, seed).centre for seed in (0, 1)]
    np.testing.assert_array_equal(*supports)
    monkeypatch.setattr(baselines, "_MOST_FRAMES", 30)
    drawn = [baselines.fit("lbp_svm", images, labels, seed).centre for seed in (0, 0, 1)]
    np.testing.assert_array_equal(drawn[0], drawn[1])
    assert (drawn[0] != drawn[2]).any()


def test_wrong_input_is_one_clear_line():
    images, labels = textures(7)
    with pytest.raises(AttackNetError, match="constant, lbp_svm, iqm_svm"):
        baselines.fit("svm", images, labels)
    with pytest.raises(AttackNetError, match="no picture with label 1"):
        baselines.fit("lbp_svm", images, np.zeros(len(images)))


class Armed:
    """Something that acts when it is unpickled."""

    def __reduce__(self):
        return (pytest.fail, ("a file was executed",))


def test_a_file_is_read_and_never_executed(tmp_path):
    """Pickled objects, other arrays, torn files and other names are refused in one line."""
    images, labels = textures(8)
    good = tmp_path / "good.npz"
    baselines.save(baselines.fit("lbp_svm", images, labels), good)
    content = dict(np.load(good))
    bad = tmp_path / "bad.npz"
    for change in ({"support": np.array([Armed()], dtype=object)}, {"name": "other"}, {"support": "text"}):
        np.savez(bad, **(content | change))
        with pytest.raises(AttackNetError, match=r"bad\.npz"):
            baselines.load(bad)
    np.savez(bad, name="lbp_svm")
    with pytest.raises(AttackNetError, match="no fitted baseline"):
        baselines.load(bad)
    for torn in (b"", good.read_bytes()[:1000], b"no zip at all"):
        bad.write_bytes(torn)
        with pytest.raises(AttackNetError, match="no fitted baseline"):
            baselines.load(bad)
    with pytest.raises(AttackNetError, match="no fitted baseline"):
        baselines.load(tmp_path / "absent.npz")
