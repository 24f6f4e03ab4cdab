"""The contract: what a picture becomes before a network reads it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from attacknet.errors import AttackNetError
from attacknet.preprocessing import Box, Preprocessing

COLOURS = np.zeros((8, 8, 3), np.uint8)
COLOURS[...] = (200, 100, 50)


def test_bilinear_by_hand():
    """Halving reads midway between two pixels: the mean of the middle four, rounded; no smoothing first."""
    image = np.zeros((4, 4, 3), np.uint8)
    image[:, 1] = 100
    image[:, 2] = 51
    batch = Preprocessing(size=(2, 2)).apply(image)
    assert batch.shape == (1, 2, 2, 3)
    assert batch.dtype == np.float32
    np.testing.assert_allclose(batch[0, 0, :, 0], [50 / 255, 26 / 255])  # 25.5 rounds to the even 26


def test_channel_order_and_scaling_by_hand():
    """BGR exchanges red and blue; the maximum of (200, 100, 50) is 200."""
    pixel = Preprocessing(size=(2, 2), channel_order="BGR", scaling="divide_by_maximum").apply(COLOURS)[
        0, 0, 0
    ]
    np.testing.assert_allclose(pixel, [0.25, 0.5, 1.0])


def test_margin_by_hand():
    """A margin of 0.25 adds 1 pixel above and below 4, and 2 left and right of 8."""
    image = np.zeros((20, 20, 3), np.uint8)
    cropped = Preprocessing(crop_margin=0.25).crop(image, Box(row=5, column=5, height=4, width=8))
    assert cropped.shape == (6, 12, 3)


def test_a_black_picture_stays_black():
    """Dividing by a maximum of 0 would make NaN, and NaN would reach the score."""
    batch = Preprocessing(scaling="divide_by_maximum").apply(np.zeros((9, 9, 3), np.uint8))
    assert not batch.any()


BOXES = st.builds(Box, *(st.integers(-30, 60) for _ in range(2)), *(st.integers(1, 60) for _ in range(2)))


@given(box=BOXES, margin=st.floats(0, 2))
def test_a_crop_is_a_part_of_the_picture_or_refused(box, margin):
    """However the box lies, the crop holds only pixels of the picture, and the error is ours."""
    image = np.arange(30 * 40 * 3, dtype=np.int64).reshape(30, 40, 3)
    try:
        cropped = Preprocessing(crop_margin=margin).crop(image, box)
    except AttackNetError as refusal:
        assert "outside the picture" in str(refusal)
        return
    row, rest = divmod(int(cropped[0, 0, 0]), 40 * 3)
    height, width = cropped.shape[:2]
    np.testing.assert_array_equal(cropped, image[row : row + height, rest // 3 : rest // 3 + width])


@settings(max_examples=25)
@given(seed=st.integers(0, 2**32 - 1), scaling=st.sampled_from(["divide_by_255", "divide_by_maximum"]))
def test_values_stay_in_the_unit_range_and_orders_mirror(seed, scaling):
    image = np.random.default_rng(seed).integers(0, 256, (11, 7, 3), dtype=np.uint8)
    rgb = Preprocessing(size=(5, 6), scaling=scaling).apply(image)
    bgr = Preprocessing(size=(5, 6), scaling=scaling, channel_order="BGR").apply(image)
    assert rgb.min() >= 0
    assert rgb.max() <= 1
    np.testing.assert_array_equal(rgb, bgr[..., ::-1])


@pytest.mark.parametrize("image", [COLOURS / 255, COLOURS[..., 0], COLOURS[..., :2]])
def test_what_is_no_rgb_picture_is_refused(image):
    with pytest.raises(AttackNetError, match="RGB uint8"):
        Preprocessing().apply(image)


@pytest.mark.parametrize(
    "wrong", [{"scaling": "none"}, {"channel_order": "GRB"}, {"crop_margin": -1}, {"crop": 0}]
)
def test_an_unknown_contract_cannot_be_made(wrong):
    with pytest.raises(ValidationError):
        Preprocessing(**wrong)
