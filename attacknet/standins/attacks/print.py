"""A photograph printed on a sheet and shown to the camera.

Ink and toner take light away from white paper, so a print's colours lie inside the paper's gamut: white is
the paper, black still shines a little. The printer draws tones with dots; the sheet has a texture, bends, and
mirrors the lamp. The camera sees all that through its lens.
"""

import math

import numpy as np

from attacknet.standins.attacks import Parameters, Steps
from attacknet.standins.light import luminance, to_linear
from attacknet.standins.view import View, sample, seen_wave

# Directions of the four screens in degrees, kept apart so that they do not beat with one another (cyan,
# magenta, yellow, black; the usual set of offset printing).
SCREENS = {"cyan": 15.0, "magenta": 75.0, "yellow": 0.0, "black": 45.0}


def steps(
    photo: np.ndarray, view: View, size: tuple[float, float], p: Parameters, rng: np.random.Generator
) -> Steps:
    """Yield each physical step of a print attack and the light after it.

    Parameters
    ----------
    photo
        The picture to print, sRGB uint8 ``(rows, columns, 3)``.
    view
        How the camera sees the sheet.
    size
        Width and height of the printed picture, mm.
    p
        Parameters of a printed species; see :mod:`attacknet.standins.species`.
    """
    light = to_linear(photo)
    yield "photograph", light
    light = ink(spread(light, p["gain"]), p["black"], p["white"], p["yellowish"], p["chroma"])
    yield "ink on paper", light
    light = sample(light, view, *size)
    yield "held before the camera", light
    light = halftone(light, view, p["screen"], p["black"])
    yield "halftone", light
    light = paper(light, view, p["texture"], rng)
    yield "paper", light
    light = shade(light, view, p["lamp"], p["falloff"])
    yield "light from one side", light
    yield "gloss", gloss(light, view, p["gloss"], p["breadth"], p["lamp"])


def spread(light: np.ndarray, gain: float) -> np.ndarray:
    """Darken the middle tones as dots do that come out larger than they were meant.

    Parameters
    ----------
    light
        Linear RGB in [0, 1]; 1 less it is the share of the paper that was to be covered.
    gain
        What is covered beyond a share of one half, at most 0.25; nothing is added to bare or full paper.
    """
    return light - 4 * np.float32(gain) * light * (1 - light)


def ink(light: np.ndarray, black: float, white: float, yellowish: float, chroma: float) -> np.ndarray:
    """Bring a picture into the gamut of ink on paper.

    Parameters
    ----------
    light
        Linear RGB; 1 is to be white.
    black, white
        Reflectance of solid ink and of bare paper.
    yellowish
        Share of blue light that the paper swallows.
    chroma
        Share of the distance from grey that the inks can hold: 0 for black toner alone. Carbon swallows near
        infrared as it swallows visible light, so such a print looks the same to both.
    """
    grey = luminance(light)[..., None]
    inside = np.clip(grey + chroma * (light - grey), 0, 1)
    paper_white = white * np.array([1, 1 - yellowish / 3, 1 - yellowish], np.float32)
    return black + (paper_white - np.float32(black)) * inside


def halftone(light: np.ndarray, view: View, screen: float, black: float) -> np.ndarray:
    """Add what the camera sees of the printer's dots.

    A tone of reflectance r is a share a of the area under ink; the first harmonic of a screen with that share
    has the amplitude 2 sin(pi a) / pi of the step from paper to ink. Higher harmonics lie beyond what the
    lens passes. Each channel is drawn by the ink that takes it away, the black screen acts on all three.

    Parameters
    ----------
    screen
        Lines a mm.
    black
        Reflectance of solid ink.
    """
    share = np.clip(1 - light, 0, 1 - black)
    amplitude = (2 / math.pi) * np.sin(math.pi * share) * (1 - black)
    waves = {
        name: 0.5 * (seen_wave(view, screen, angle) + seen_wave(view, screen, angle + 90))
        for name, angle in SCREENS.items()
    }
    inks = np.stack([waves["cyan"], waves["magenta"], waves["yellow"]], -1)
    return np.clip(light + amplitude * 0.5 * (inks + waves["black"][..., None]), black, None)


def paper(light: np.ndarray, view: View, texture: float, rng: np.random.Generator) -> np.ndarray:
    """Multiply by the mottle of fibres and toner, which is fixed to the sheet.

    Parameters
    ----------
    texture
        Standard deviation of the reflectance over its mean, at a scale of a few mm.
    """
    grain = 1 + texture * _mottle(rng)
    spread = sample(grain[..., None], view, 300.0, 300.0)
    return light * spread.reshape(*light.shape[:2], 1)


def _mottle(rng: np.random.Generator, cells: int = 160) -> np.ndarray:
    """Return noise of unit variance on two scales, ``(cells, cells)``."""
    import cv2  # noqa: PLC0415 - heavy

    fine, coarse = (rng.standard_normal((n, n)).astype(np.float32) for n in (cells, cells // 8))
    return 0.8 * fine + 0.6 * cv2.resize(coarse, (cells, cells), interpolation=cv2.INTER_CUBIC)


def shade(light: np.ndarray, view: View, lamp: float, falloff: float) -> np.ndarray:
    """Light the sheet from one side.

    Parameters
    ----------
    lamp
        Direction of the lamp from the sheet's normal, degrees about the vertical.
    falloff
        Relative change of the lamp's light over the width of the sheet.
    """
    angle = math.radians(lamp)
    lambert = np.cos(view.tilt - angle) / math.cos(angle)
    across = 1 + math.copysign(falloff, lamp) * view.x / np.ptp(view.x)
    return light * np.clip(lambert * across, 0.05, None)[..., None]


def gloss(light: np.ndarray, view: View, peak: float, breadth: float, lamp: float) -> np.ndarray:
    """Add the mirror image of the lamp, one broad lobe over the sheet (Blinn's half-vector model).

    Parameters
    ----------
    peak
        Light added in the middle of the lobe.
    breadth
        Standard deviation of the lobe in degrees: the rougher the paper, the broader.
    lamp
        As in :func:`shade`; a surface mirrors the lamp where it is turned halfway to it.
    """
    distance = np.ptp(view.x)
    across = np.degrees(view.tilt + np.arctan(view.x / distance)) - lamp / 2
    down = np.degrees(np.arctan((view.y + 0.3 * distance) / distance))
    lobe = np.exp(-(across**2 + 0.5 * down**2) / (2 * breadth**2))
    return light + peak * lobe[..., None]
