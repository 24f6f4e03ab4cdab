"""The cameras: what each step does to light, and that none of them knows what is before the lens."""

import dataclasses
import inspect

import numpy as np
import pytest

from attacknet.standins import camera
from attacknet.standins.camera import CAMERAS
from attacknet.standins.light import luminance

RECORDING = [name for name in CAMERAS if name != "photograph"]


def light(level: float = 0.3, size: tuple[int, int] = (48, 64)) -> np.ndarray:
    return np.full((*size, 3), level, np.float32)


def test_exposure_brings_the_middle_to_its_mean():
    assert luminance(camera.expose(light(0.05), 0.18)).mean() == pytest.approx(0.18, rel=1e-4)


def test_exposure_ignores_how_bright_the_scene_is():
    """Automatic exposure: a medium brighter than a face comes out no brighter."""
    scene = np.random.default_rng(0).random((48, 64, 3)).astype(np.float32)
    assert np.allclose(camera.expose(scene * 0.02, 0.2), camera.expose(scene * 0.9, 0.2), atol=1e-6)


def test_a_vignette_takes_its_share_in_the_corners_only():
    dimmed = camera.vignette(light(1.0, (49, 65)), 0.2)
    assert dimmed[24, 32, 0] == pytest.approx(1.0)
    assert dimmed[0, 0, 0] == pytest.approx(0.8)


def test_flare_raises_black_and_keeps_the_mean():
    """Half of the frame at 0, half at 1, flare 0.2: black becomes 0.2 x 0.5 / 1.2."""
    scene = light(0.0)
    scene[:, 32:] = 1.0
    flared = camera.flare(scene, 0.2)
    assert flared[0, 0, 0] == pytest.approx(0.1 / 1.2)
    assert flared.mean() == pytest.approx(0.5)


def test_mosaic_and_back_keep_a_plain_colour():
    """The pattern's red stays red: a wrong constant of the demosaicing would exchange it with blue."""
    scene = light()
    scene[...] = [0.6, 0.3, 0.1]
    assert np.allclose(camera.demosaic(camera.mosaic(scene))[4:-4, 4:-4], [0.6, 0.3, 0.1], atol=1e-3)


@pytest.mark.parametrize(("level", "deviation"), [(0.0, 0.01), (1.0, 0.03)])
def test_noise_grows_with_light_as_stated(level, deviation):
    raw = np.full((300, 300), level, np.float32)
    noisy = camera.add_noise(raw, 0.01, np.random.default_rng(0))
    assert (noisy - raw).std() == pytest.approx(deviation, rel=0.02)


def test_compression_loses_more_at_lower_quality():
    picture = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    losses = [np.abs(camera.compress(picture, q).astype(int) - picture).mean() for q in (95, 50)]
    assert 0 < losses[0] < losses[1]


@pytest.mark.parametrize("name", RECORDING)
def test_pictures_come_in_the_files_size_and_twice_the_same(name):
    one = CAMERAS[name]
    first, second = (
        camera.capture(
            light(size=one.sensor),
            one,
            camera.settings(one, np.random.default_rng(1)),
            np.random.default_rng(2),
        )
        for _ in range(2)
    )
    assert first.shape == (*one.size, 3)
    assert first.dtype == np.uint8
    assert np.array_equal(first, second)
    assert one.colour or np.ptp(first, axis=-1).max() == 0


def test_the_steps_end_with_what_capture_returns():
    one = dataclasses.replace(CAMERAS["own"], size=(48, 64), sensor=(48, 64))
    at = camera.settings(one, np.random.default_rng(1))
    *_, (_, last) = camera.steps(light(), one, at, np.random.default_rng(2))
    assert np.array_equal(last, camera.capture(light(), one, at, np.random.default_rng(2)))


def test_settings_cannot_depend_on_the_class():
    """They are drawn from the camera and random numbers alone: nothing else is passed."""
    assert list(inspect.signature(camera.settings).parameters) == ["camera", "rng"]


def test_contrast_turns_the_tone_curve_about_middle_grey():
    """18 % of the light is grey level 118 at any contrast; white stays white, and a dark grey gets darker."""
    for contrast in (1.0, 1.5):
        assert abs(int(camera.quantise(light(0.18), (48, 64), contrast)[0, 0, 0]) - 118) <= 1
        assert camera.quantise(light(1.0), (48, 64), contrast)[0, 0, 0] == 255
    assert camera.quantise(light(0.05), (48, 64), 1.5).mean() < camera.quantise(light(0.05), (48, 64)).mean()
