"""Augmentation: the warp that Keras' ImageDataGenerator would make, from a seed and nothing else."""

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from keras.src.legacy.preprocessing.image import ImageDataGenerator

from attacknet import augmentation
from attacknet.augmentation import warp
from attacknet.recipes import RECIPES, Augmentation

FULL = Augmentation(rotation=25, shift=0.1, shear=12, zoom=0.25, flip=True)


def seed(number: int) -> tf.Tensor:
    return tf.constant([number, 7], tf.int64)


def smooth(count: int, side: int = 32) -> np.ndarray:
    """Pictures without edges, so that two ways to interpolate agree."""
    rows, columns = np.mgrid[:side, :side] / side
    phase = np.arange(count)[:, None, None]
    picture = 0.7 + 0.1 * np.sin(4 * columns + phase) + 0.1 * np.cos(3 * rows - phase)
    return np.repeat(picture[..., None], 3, axis=3).astype(np.float32)


def test_without_bounds_nothing_moves() -> None:
    images = smooth(4)
    np.testing.assert_array_equal(warp(images, Augmentation(), seed(0)), images)


@pytest.mark.filterwarnings("ignore:Please import `affine_transform`:DeprecationWarning")
def test_the_same_warp_as_imagedatagenerator() -> None:
    """The released code warps with it: the same draws give the same picture."""
    images = smooth(12)
    ours = warp(images, FULL, seed(3)).numpy()
    draws = tf.random.stateless_uniform((12, 7), seed(3), -1, 1).numpy().astype(float)
    generator = ImageDataGenerator(fill_mode="constant", cval=0.0)
    for image, own, draw in zip(images, ours, draws, strict=True):
        theirs = generator.apply_transform(
            image,
            {
                "theta": FULL.rotation * draw[0],
                "shear": FULL.shear * draw[1],
                "tx": FULL.shift * draw[2] * 32,
                "ty": FULL.shift * draw[3] * 32,
                "zx": 1 + FULL.zoom * draw[4],
                "zy": 1 + FULL.zoom * draw[5],
                "flip_horizontal": draw[6] < 0,
            },
        )
        # Where the border runs through a pixel, the two mix picture and black differently.
        inside = (own > 0.25) & (theirs > 0.25)
        assert inside.mean() > 0.5
        assert np.abs(own - theirs)[inside].max() < 1e-4
        assert ((own > 0) == (theirs > 0)).mean() > 0.9


def test_a_warp_depends_on_its_seed_alone() -> None:
    images = smooth(5)
    first = warp(images, FULL, seed(1)).numpy()
    warp(images, FULL, seed(2))
    np.testing.assert_array_equal(warp(images, FULL, seed(1)), first)
    assert not np.array_equal(warp(images, FULL, seed(2)), first)
    assert not np.array_equal(first[0], first[1])


def test_a_flip_mirrors_half_of_the_pictures_and_changes_no_pixel() -> None:
    images = np.random.default_rng(0).random((400, 8, 8, 3), np.float32)
    flipped = warp(images, Augmentation(flip=True), seed(0)).numpy()
    mirrored = (flipped == images[:, :, ::-1]).all(axis=(1, 2, 3))
    np.testing.assert_array_equal(flipped[~mirrored], images[~mirrored])
    # Four standard deviations of a fair coin thrown 400 times.
    assert abs(mirrored.sum() - 200) < 40


@pytest.mark.parametrize(("fill", "dark"), [("constant", True), ("nearest", False)])
def test_fill_beyond_the_border(fill: str, dark: bool) -> None:
    white = np.ones((8, 32, 32, 3), np.float32)
    warped = warp(white, Augmentation(rotation=45, fill=fill), seed(0)).numpy()
    assert (warped.min() == 0) == dark


bounded = st.floats(0, 0.9)


@settings(max_examples=25)
@given(st.floats(0, 180), bounded, bounded, st.integers(0, 2**40))
def test_bounds_hold_whatever_is_drawn(rotation: float, shift: float, zoom: float, number: int) -> None:
    """Each part alone: the angle, the shift in pixels and the zoom stay within what the recipe says."""
    size = tf.constant([20, 30])
    draw = tf.stack([tf.constant(number, tf.int64), tf.constant(0, tf.int64)])

    def maps(**bounds: float) -> np.ndarray:
        return augmentation._maps(Augmentation(**bounds), tf.constant(9), size, draw).numpy()

    turned = maps(rotation=rotation)
    assert np.abs(np.rad2deg(np.arctan2(turned[:, 3], turned[:, 0]))).max() <= rotation + 1e-3
    moved = maps(shift=shift)
    assert (np.abs(moved[:, [2, 5]]) <= shift * np.array([30, 20]) + 1e-4).all()
    scaled = maps(zoom=zoom)
    assert (np.abs(scaled[:, [0, 4]] - 1) <= zoom + 1e-5).all()


def test_the_shear_of_the_released_code_moves_no_pixel_noticeably() -> None:
    """0.15 is an angle in degrees: at the edge of a crop of 32 pixels, a twentieth of a pixel at most."""
    shear = RECIPES["as_run"].augmentation.shear
    assert np.sin(np.deg2rad(shear)) * (32 - 1) / 2 < 0.05
    maps = augmentation._maps(Augmentation(shear=shear), tf.constant(50), tf.constant([32, 32]), seed(0))
    corner = np.array([0.0, 0.0, 1.0])
    assert np.abs(maps.numpy()[:, :3] @ corner).max() < 0.05
