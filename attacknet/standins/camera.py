"""The cameras of the five databases, each the same for bona fide presentations and for attacks.

Light behind the lens goes in, a file's grey levels come out: exposure, colour mosaic, noise, white balance,
tone curve, resolution, compression. What varies from recording to recording (focus, exposure, gain, quality)
is drawn without regard to what is before the lens.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from attacknet.standins.light import luminance, to_srgb
from attacknet.standins.view import Lens

Range = tuple[float, float]

# Grey level of a surface that reflects 18 % of the light.
MIDDLE_GREY = 118.0


@dataclass(frozen=True)
class Camera:
    """A camera as its database used it; ranges are uniform over recordings.

    Attributes
    ----------
    name
        For tables.
    size
        Height and width of the pictures in the files.
    sensor
        Height and width at which light is sampled.
    colour
        False for a camera that records grey pictures.
    blur
        Standard deviation of lens and focus, in pixels of the sensor.
    fill
        Side of a pixel's light-sensitive area over the distance of pixels.
    noise
        Standard deviation in the dark, over white; the variance grows with light (see :func:`add_noise`).
    exposure
        Mean luminance that automatic exposure leads to.
    cast
        Relative error of red and blue that automatic white balance leaves.
    vignette
        Relative loss of light in the corners.
    flare
        Light that lens and sensor scatter over the whole picture, over the picture's mean.
    saturation
        Factor of the camera's colour processing on the distance from grey.
    contrast
        Slope of the camera's tone curve at middle grey, over that of sRGB.
    jpeg
        Quality of the picture-wise compression in the camera; None where there is none.
    """

    name: str
    size: tuple[int, int]
    sensor: tuple[int, int]
    colour: bool
    blur: Range
    fill: float
    noise: Range
    exposure: Range
    cast: Range
    vignette: Range
    flare: Range
    saturation: Range
    contrast: Range
    jpeg: Range | None


CAMERAS = {
    "replay_attack": Camera(
        "laptop's webcam", (240, 320), (480, 640), colour=True, blur=(0.25, 1.0), fill=0.8,
        noise=(0.003, 0.011), exposure=(0.16, 0.30), cast=(-0.06, 0.06), vignette=(0.1, 0.2),
        flare=(0.0, 0.08), saturation=(0.9, 1.15), contrast=(1.2, 1.5), jpeg=(55, 92),
    ),
    "3dmad": Camera(
        "Kinect, colour and depth", (480, 640), (480, 640), colour=True, blur=(0.6, 1.2), fill=0.8,
        noise=(0.001, 0.003), exposure=(0.16, 0.28), cast=(-0.05, 0.05), vignette=(0.0, 0.1),
        flare=(0.0, 0.08), saturation=(0.75, 1.05), contrast=(1.0, 1.4), jpeg=(55, 78),
    ),
    "msspoof": Camera(
        "industrial camera, with and without an 800 nm filter", (1024, 1280), (1024, 1280), colour=False,
        blur=(0.9, 2.2), fill=0.9, noise=(0.003, 0.010), exposure=(0.10, 0.22), cast=(0.0, 0.0),
        vignette=(0.0, 0.15), flare=(0.0, 0.04), saturation=(1.0, 1.0), contrast=(1.3, 1.5), jpeg=None,
    ),
    "csmad": Camera(
        "RealSense SR300, colour", (1920, 1080), (1920, 1080), colour=True, blur=(1.4, 2.4), fill=0.9,
        noise=(0.0005, 0.002), exposure=(0.16, 0.28), cast=(-0.06, 0.06), vignette=(0.0, 0.12),
        flare=(0.0, 0.08), saturation=(0.75, 1.05), contrast=(1.0, 1.3), jpeg=(40, 60),
    ),
    "own": Camera(
        "webcams and phones", (360, 640), (360, 640), colour=True, blur=(0.25, 1.0), fill=0.8,
        noise=(0.002, 0.009), exposure=(0.14, 0.32), cast=(-0.06, 0.06), vignette=(0.0, 0.2),
        flare=(0.0, 0.06), saturation=(0.9, 1.15), contrast=(1.2, 1.5), jpeg=(60, 92),
    ),
    # Takes the pictures that are printed and replayed; its size is the picture's.
    "photograph": Camera(
        "the attacker's own", (0, 0), (0, 0), colour=True, blur=(0.5, 1.2), fill=0.9,
        noise=(0.001, 0.004), exposure=(0.13, 0.24), cast=(-0.04, 0.04), vignette=(0.0, 0.1),
        flare=(0.0, 0.04), saturation=(1.0, 1.3), contrast=(1.0, 1.2), jpeg=(80, 95),
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Settings:
    """A camera's state during one recording; the fields are drawn from those of :class:`Camera`."""

    lens: Lens
    noise: float
    exposure: float
    red: float
    blue: float
    vignette: float
    flare: float
    saturation: float
    contrast: float
    jpeg: float | None


def settings(camera: Camera, rng: np.random.Generator) -> Settings:
    """Draw a recording's settings; they do not depend on what is recorded."""
    red, blue = 1 + rng.uniform(*camera.cast, size=2)
    return Settings(
        lens=Lens(rng.uniform(*camera.blur), camera.fill),
        noise=rng.uniform(*camera.noise),
        exposure=rng.uniform(*camera.exposure),
        red=red,
        blue=blue,
        vignette=rng.uniform(*camera.vignette),
        flare=rng.uniform(*camera.flare),
        saturation=rng.uniform(*camera.saturation),
        contrast=rng.uniform(*camera.contrast),
        jpeg=rng.uniform(*camera.jpeg) if camera.jpeg else None,
    )


def capture(light: np.ndarray, camera: Camera, at: Settings, rng: np.random.Generator) -> np.ndarray:
    """Take one picture.

    Parameters
    ----------
    light
        Linear RGB behind the lens (``Settings.lens``), float32 ``(*camera.sensor, 3)``.
    at
        The recording's settings.
    rng
        For the noise, which differs from frame to frame.

    Returns
    -------
    numpy.ndarray
        uint8, ``(*camera.size, 3)``; of a grey camera the three channels are equal.
    """
    *_, (_, picture) = steps(light, camera, at, rng)
    return picture


def steps(
    light: np.ndarray, camera: Camera, at: Settings, rng: np.random.Generator
) -> Iterator[tuple[str, np.ndarray]]:
    """Yield each step's name and its picture; the last is what :func:`capture` returns."""
    light = expose(flare(vignette(light, at.vignette), at.flare), at.exposure)
    yield "vignette, flare and exposure", light
    if camera.colour:
        raw = add_noise(mosaic(light), at.noise, rng)
        light = demosaic(raw) * np.array([at.red, 1, at.blue], np.float32)
        grey = luminance(light)[..., None]
        light = grey + np.float32(at.saturation) * (light - grey)
    else:
        light = np.repeat(add_noise(luminance(light), at.noise, rng)[..., None], 3, -1)
    yield "mosaic, noise and colour", light
    picture = quantise(light, camera.size, at.contrast)
    yield "tone curve and resolution", picture
    if at.jpeg is not None:
        yield "compression", compress(picture, at.jpeg)


def vignette(light: np.ndarray, loss: float) -> np.ndarray:
    """Dim towards the corners, by `loss` in the corners themselves."""
    height, width = light.shape[:2]
    row, column = (np.linspace(-1, 1, n, dtype=np.float32) for n in (height, width))
    return light * (1 - loss / 2 * (row[:, None] ** 2 + column**2))[..., None]


def flare(light: np.ndarray, share: float) -> np.ndarray:
    """Spread a share of the picture's mean light over all of it, which raises its blacks."""
    mean = np.array([light[..., i].mean() for i in range(3)])  # much faster than over two axes
    return (light + np.float32(share) * mean) / np.float32(1 + share)


def expose(light: np.ndarray, mean: float) -> np.ndarray:
    """Scale so that the middle of the frame has this mean luminance, as automatic exposure does."""
    height, width = light.shape[:2]
    middle = light[height // 6 : -height // 6, width // 6 : -width // 6]
    return np.clip(light * (mean / max(float(luminance(middle).mean()), 1e-4)), 0, 1)


def mosaic(light: np.ndarray) -> np.ndarray:
    """Keep at each pixel the one colour that its filter passes: rows of red and green, green and blue."""
    raw = light[..., 1].copy()
    raw[::2, ::2] = light[::2, ::2, 0]
    raw[1::2, 1::2] = light[1::2, 1::2, 2]
    return raw


def demosaic(raw: np.ndarray) -> np.ndarray:
    """Fill in the two missing colours of each pixel from its neighbours (bilinear)."""
    import cv2  # noqa: PLC0415 - heavy

    whole = np.rint(np.clip(raw, 0, 1) * 65535).astype(np.uint16)
    # OpenCV names a pattern after the second row's second and third pixels: this one starts with red.
    return cv2.cvtColor(whole, cv2.COLOR_BayerBG2RGB).astype(np.float32) / 65535


def add_noise(raw: np.ndarray, dark: float, rng: np.random.Generator) -> np.ndarray:
    """Add read noise, and photon noise whose variance is proportional to the light.

    Parameters
    ----------
    dark
        Standard deviation without light. White gets three times as much: the variance is a line over the
        signal, as of every sensor that counts photons, and the line's slope is a choice made here.
    """
    deviation = dark * np.sqrt(1 + 8 * raw)
    return raw + deviation * rng.standard_normal(raw.shape, dtype=np.float32)


def quantise(light: np.ndarray, size: tuple[int, int], contrast: float = 1.0) -> np.ndarray:
    """Apply the tone curve and bring the picture to the file's resolution and grey levels.

    Parameters
    ----------
    contrast
        Slope at middle grey over sRGB's; consumer cameras are steeper than the standard.
    """
    import cv2  # noqa: PLC0415 - heavy

    srgb = to_srgb(light)
    if srgb.shape[:2] != size:
        srgb = np.asarray(cv2.resize(srgb, size[::-1], interpolation=cv2.INTER_AREA))
    steeper = MIDDLE_GREY + contrast * (srgb - MIDDLE_GREY)
    return np.rint(np.clip(steeper, 0, 255)).astype(np.uint8)


def compress(picture: np.ndarray, quality: float) -> np.ndarray:
    """Pass the picture through JPEG."""
    from PIL import Image  # noqa: PLC0415 - heavy

    file = io.BytesIO()
    Image.fromarray(picture).save(file, "JPEG", quality=round(quality))
    return np.asarray(Image.open(file))
