"""One-pixel shifts, and maps that follow the picture or do not."""

import numpy as np
import pytest

from attacknet.explain.shifts import STEPS, shifted, stability


@pytest.fixture
def pictures():
    return np.random.default_rng(0).random((2, 9, 10, 3), dtype=np.float32)


@pytest.mark.parametrize("step", STEPS)
def test_there_and_back_changes_the_border_only(pictures, step):
    moved = shifted(pictures, step)
    assert not np.array_equal(moved, pictures)
    back = shifted(moved, (-step[0], -step[1]))
    np.testing.assert_array_equal(back[:, 1:-1, 1:-1], pictures[:, 1:-1, 1:-1])


def test_down_is_down(pictures):
    np.testing.assert_array_equal(shifted(pictures, (1, 0))[:, 1:], pictures[:, :-1])
    np.testing.assert_array_equal(shifted(pictures, (0, 1))[:, :, 1:], pictures[:, :, :-1])


def test_a_map_that_follows_is_stable(pictures):
    np.testing.assert_allclose(stability(lambda batch: batch.mean(axis=-1), pictures), 1)


def test_a_map_that_stays_or_jumps_is_not(pictures):
    """A fixed noise does not follow the picture, and a new noise each time is unlike the last."""
    rng = np.random.default_rng(1)
    fixed = rng.random((2, 9, 10))
    assert (stability(lambda batch: np.tile(fixed, (len(batch) // 2, 1, 1)), pictures) < 0.5).all()
    assert (stability(lambda batch: rng.random((len(batch), 9, 10)), pictures) < 0.5).all()
