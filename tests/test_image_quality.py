"""Quality features: each by hand on a picture drawn for it, finite on any, and alike alone or in a stack."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from skimage.color import rgb2gray
from skimage.filters import gaussian
from skimage.metrics import structural_similarity

from attacknet import image_quality
from attacknet.image_quality import NAMES, measure

PICTURES = arrays.arrays(np.uint8, st.tuples(st.integers(1, 3), st.just(12), st.just(13), st.just(3)))


def features(image: np.ndarray) -> dict[str, float]:
    return dict(zip(NAMES, measure(image[None])[0], strict=True))


def noise(seed: int, size: int = 32) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (size, size, 3), dtype=np.uint8)


def test_thirty_features_fourteen_and_sixteen():
    """As many as the docstring says, each named once."""
    assert (len(image_quality.GALBALLY), len(image_quality.WEN), len(set(NAMES))) == (14, 16, 30)


@settings(max_examples=40)
@given(PICTURES)
def test_features_are_finite_and_alike_alone_or_in_a_stack(images):
    """A flat picture divides by nothing, and a neighbour in the stack changes no feature."""
    together = measure(images)
    assert np.isfinite(together).all()
    alone = np.concatenate([measure(image[None]) for image in images])
    np.testing.assert_allclose(together, alone, rtol=1e-9, atol=1e-9)


def test_one_dot_by_hand():
    """A bright pixel behind the 3x3 Gaussian, whose weights are 1, e^-2 and e^-4, over their sum."""
    image = np.zeros((15, 15, 3), np.uint8)
    image[7, 7] = 200
    e = np.exp(-2)
    total = (1 + 2 * e) ** 2
    middle, side, corner = 200 / total, 200 * e / total, 200 * e**2 / total
    lost = 200 - middle
    squared = lost**2 + 4 * side**2 + 4 * corner**2
    found = features(image)
    assert found["mse"] == pytest.approx(squared / 225)
    assert found["psnr"] == pytest.approx(10 * np.log10(255**2 * 225 / squared))
    assert found["snr"] == pytest.approx(10 * np.log10(200**2 / squared))
    assert found["sc"] == pytest.approx(200**2 / (middle**2 + 4 * side**2 + 4 * corner**2))
    assert found["nxc"] == pytest.approx(middle / 200)
    assert found["md"] == pytest.approx(lost)
    assert found["ramd"] == pytest.approx((lost + 4 * side + 4 * corner) / 10)
    assert found["ad"] == pytest.approx(0, abs=1e-12)
    assert found["nae"] == pytest.approx(2 * lost / 200)


def test_similarity_is_that_of_scikit_image():
    """One tall picture gives the mean that a call for the picture alone gives."""
    grey = 255 * rgb2gray(noise(1))
    smoothed = gaussian(grey, sigma=0.5, truncate=2)
    alone = structural_similarity(grey, smoothed, data_range=255)
    assert features(noise(1))["ssim"] == pytest.approx(alone, rel=1e-12)


def test_colours_by_hand():
    """(200, 100, 50) has hue 20 degrees, saturation 3/4, value 200/255; then a quarter white on black."""
    flat = features(np.full((12, 12, 3), (200, 100, 50), np.uint8))
    assert flat["h_mean"] == pytest.approx(20 / 360 + 0.5)
    assert (flat["s_mean"], flat["v_mean"]) == pytest.approx((0.75, 200 / 255))
    assert (flat["s_deviation"], flat["s_skewness"]) == pytest.approx((0, 0), abs=1e-12)
    halves = np.zeros((12, 12, 3), np.uint8)
    halves[:, 9:] = 255
    found = features(halves)
    assert (found["v_mean"], found["v_low"], found["v_high"]) == pytest.approx((1 / 4, 3 / 4, 1 / 4))
    # Deviation sqrt(3) / 4; third moment 3/4 (-1/4)^3 + 1/4 (3/4)^3 = 24/256.
    assert found["v_deviation"] == pytest.approx(3**0.5 / 4)
    assert found["v_skewness"] == pytest.approx(24 / 256 / (3**0.5 / 4) ** 3)


def test_spectrum_by_hand():
    """Stripes every two pixels have half of their magnitude at the highest frequency and half at zero."""
    stripes = np.zeros((12, 12, 3), np.uint8)
    stripes[:, ::2] = 255
    assert features(stripes)["hlfi"] == pytest.approx(0, abs=1e-9)
    assert features(np.full((12, 12, 3), 9, np.uint8))["hlfi"] == pytest.approx(1)


@pytest.mark.parametrize("seed", range(3))
def test_a_blurred_copy_is_told_from_its_original(seed):
    """The idea of the measures: what is blurred already loses less, and looks more like its smoothed copy."""
    sharp = noise(seed)
    blurred = np.rint(255 * gaussian(sharp, sigma=1, channel_axis=-1)).astype(np.uint8)
    before, after = features(sharp), features(blurred)
    assert after["mse"] < before["mse"]
    assert after["ssim"] > before["ssim"]
    assert after["blur"] > before["blur"]
