"""Low-pass, high-pass and the picture that stands for a hidden one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attacknet.explain.filters import halving_period, high_pass, levelled, low_pass, replaced


@pytest.fixture
def pictures():
    return np.random.default_rng(0).random((3, 32, 32, 3), dtype=np.float32)


@given(st.floats(0.75, 4))  # below, the Gaussian is too narrow for whole pixels
def test_the_halving_period_is_halved(sigma):
    """A wave of just this period loses half its amplitude, which the chapter translates to millimetres."""
    period = halving_period(sigma)
    x = np.arange(400)
    wave = (0.5 + 0.4 * np.sin(2 * np.pi * x / period)).astype(np.float32)
    batch = np.broadcast_to(wave[None, None, :, None], (1, 3, 400, 1))
    inner = low_pass(batch, sigma)[0, 1, 100:300, 0]
    # Projected on the wave, so that the samples' places do not matter.
    phase = np.exp(2j * np.pi * x[100:300] / period) * np.hanning(200)
    kept = abs((inner - inner.mean()) @ phase) / abs((wave[100:300] - wave.mean()) @ phase)
    assert kept == pytest.approx(0.5, abs=0.03)


def test_low_and_high_add_up(pictures):
    """Nothing is lost between the two, up to the clipping to [0, 1]."""
    calm = 0.5 + 0.1 * (pictures - 0.5)
    mean = calm.mean(axis=(1, 2), keepdims=True)
    np.testing.assert_allclose(low_pass(calm, 2) + high_pass(calm, 2) - mean, calm, atol=1e-5)


def test_no_blur_is_no_change(pictures):
    np.testing.assert_array_equal(low_pass(pictures, 0), pictures)


def test_channels_and_pictures_do_not_mix(pictures):
    """Colour must survive a blur over places."""
    other = pictures.copy()
    other[1, ..., 2] = 0
    changed = np.argwhere(low_pass(other, 1.5) != low_pass(pictures, 1.5))
    assert set(changed[:, 0]) == {1}
    assert set(changed[:, 3]) == {2}


def test_high_pass_keeps_the_mean_colour_and_the_range(pictures):
    found = high_pass(pictures, 1)
    assert found.min() >= 0
    assert found.max() <= 1
    flat = np.full((1, 32, 32, 3), 0.3, np.float32)
    np.testing.assert_allclose(high_pass(flat, 1), flat, atol=1e-6)


def test_only_the_named_pixels_are_replaced(pictures):
    where = np.zeros((32, 32), bool)
    where[4:9, 5:20] = True
    found = replaced(pictures, where)
    np.testing.assert_array_equal(found[:, ~where], pictures[:, ~where])
    assert (found[:, where] != pictures[:, where]).mean() > 0.99
    # Of a picture of noise, hardly any detail is left there.
    assert found[:, where].std() < 0.2 * pictures[:, where].std()


def test_each_picture_can_have_its_own_pixels(pictures):
    where = np.zeros((3, 32, 32), bool)
    where[1] = True
    found = replaced(pictures, where)
    np.testing.assert_array_equal(found[[0, 2]], pictures[[0, 2]])
    assert not np.allclose(found[1], pictures[1])


def test_levelled_pixels_have_the_mean_colour_of_the_others():
    """Worked by hand: a light in one corner is gone, where a blurred copy would keep it."""
    picture = np.full((1, 4, 4, 3), 0.25, np.float32)
    corner = np.zeros((4, 4), bool)
    corner[:2, :2] = True
    picture[0, corner] = 1
    np.testing.assert_allclose(levelled(picture, corner), 0.25)
    assert replaced(picture, corner)[0, corner].min() > 0.4
    both = levelled(np.repeat(picture, 2, axis=0), np.stack([corner, ~corner]))
    np.testing.assert_allclose(both[0], 0.25)
    np.testing.assert_allclose(both[1], 1)
