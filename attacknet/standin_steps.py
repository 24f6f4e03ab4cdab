"""Stand-ins step by step: the pictures of Notebook A.1, made by the very code that writes the stand-ins."""

import functools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from attacknet.errors import AttackNetError
from attacknet.panels import Panel
from attacknet.standins import camera as cameras
from attacknet.standins import rooms, species, studio
from attacknet.standins.cast import Wish, person
from attacknet.standins.light import to_srgb
from attacknet.standins.scene import Framing
from attacknet.standins.species import Instrument
from attacknet.standins.studio import PHOTO_PIXELS, Picture, Recorder, stream
from attacknet.standins.view import look_at

# The step that puts the picture elsewhere; what else it changes cannot be told from that.
MOVED = "held before the camera"
# How much stronger a step's change is shown than it is.
AMPLIFIED = 6
# Mean luminance that light is shown at: about that of a well exposed face.
_SHOWN_AT = 0.2
_MIDDLE = 128


@dataclass(frozen=True)
class Step:
    """A picture on the way from a face to a file.

    Attributes
    ----------
    name
        What has just been done.
    pixels
        sRGB uint8 ``(height, width, 3)``; light is exposed to be seen.
    """

    name: str
    pixels: np.ndarray


@functools.lru_cache(maxsize=8)
def photo(medium: str, sitter: Wish, seed: int) -> Picture:
    """Take the picture that an attacker shows on a medium."""
    rng = stream(seed, "photo", medium)
    room = (rooms.dark if sitter.infrared else rooms.plain)(PHOTO_PIXELS[medium], rng)
    (taken,) = studio.photograph(person(sitter, rng), room, [Framing(0.32, 0.5, 0.55)], rng)
    return taken


def instrument(medium: str, seed: int, **changed: float) -> Instrument:
    """Draw an instrument; `changed` parameters replace what was drawn.

    Raises
    ------
    AttackNetError
        If the medium has no such parameter.
    """
    drawn = species.draw(medium, stream(seed, "instrument", medium))
    if unknown := changed.keys() - drawn.parameters.keys():
        raise AttackNetError(
            f"{medium}: no parameter {min(unknown)!r}; there are {', '.join(drawn.parameters)}"
        )
    numbers = {name: float(value) for name, value in changed.items()}
    return replace(drawn, parameters=drawn.parameters | numbers)


def recorder(dataset: str, seed: int, blur: float | None = None) -> Recorder:
    """Draw the state of a dataset's camera; `blur`, in pixels of its sensor, replaces the drawn one."""
    drawn = Recorder.of(dataset, stream(seed, "camera", dataset))
    if blur is None:
        return drawn
    return replace(drawn, at=replace(drawn.at, lens=replace(drawn.at.lens, blur=blur)))


def attack(shown: Picture, held: Instrument, before: Recorder, seed: int) -> Iterator[Step]:
    """Yield each step of an attack, from the photograph to the file."""
    room = rooms.plain(before.camera.sensor, stream(seed, "room"))
    view = look_at(studio.hold(held), before.camera.sensor, before.at.lens)
    light = None
    for name, light in studio.steps(held, shown, view, room, stream(seed, "sheet")):
        yield Step(name, developed(light))
    assert light is not None, "an attack has steps"
    yield Step("in the file", before.take(light, {}, (0, 0, 1, 1)).pixels)


def recording(sitter: Wish, before: Recorder, seed: int) -> Iterator[Step]:
    """Yield each step from a person in a room to the file."""
    rng = stream(seed, "recording")
    room = rooms.busy(before.camera.sensor, rng)
    scene = studio.compose(person(sitter, rng), room, Framing(0.36, 0.5, 0.55))
    yield Step("the scene", developed(scene.light))
    light = before.at.lens.image(scene.light)
    yield Step("lens", developed(light))
    for name, picture in cameras.steps(light, before.camera, before.at, rng):
        is_light = picture.dtype != np.uint8
        yield Step(name, np.rint(to_srgb(picture)).astype(np.uint8) if is_light else picture)


def developed(light: np.ndarray) -> np.ndarray:
    """Make linear light visible: sRGB uint8, exposed as a camera does."""
    return np.rint(to_srgb(cameras.expose(light, _SHOWN_AT))).astype(np.uint8)


def change(before: np.ndarray, after: np.ndarray) -> np.ndarray | None:
    """Return what a step changed, amplified about middle grey; None where the resolution is another."""
    if before.shape != after.shape:
        return None
    difference = after.astype(float) - before
    return np.rint(np.clip(_MIDDLE + AMPLIFIED * difference, 0, 255)).astype(np.uint8)


def detail(pixels: np.ndarray, middle: tuple[float, float], share: float) -> np.ndarray:
    """Return a part of a picture, of the same form.

    Parameters
    ----------
    middle
        Column and row, as shares of the picture's width and height; the part stays inside the picture.
    share
        Width of the part over the picture's width.
    """
    height, width = pixels.shape[:2]
    high, wide = max(round(share * height), 1), max(round(share * width), 1)
    column = min(max(round(middle[0] * width - wide / 2), 0), width - wide)
    row = min(max(round(middle[1] * height - high / 2), 0), height - high)
    return pixels[row : row + high, column : column + wide]


def storyboard(
    steps: Iterable[Step], *, columns: int, middle: tuple[float, float], share: float
) -> list[list[Panel | None]]:
    """Lay steps out for :func:`attacknet.panels.draw`.

    Returns
    -------
    list
        In turn a row of `columns` pictures, a row of a detail of each, and a row of what each step changed.
        The first step has no change to show, nor have those that move or resize the picture.
    """
    steps = list(steps)
    rows: list[list[Panel | None]] = []
    for start in range(0, len(steps), columns):
        part = steps[start : start + columns]
        before = [steps[start - 1] if start else None, *part[:-1]]
        changes = [
            change(b.pixels, s.pixels) if b and s.name != MOVED else None
            for b, s in zip(before, part, strict=True)
        ]
        rows += [
            [Panel(one.pixels, one.name) for one in part],
            [Panel(detail(one.pixels, middle, share)) for one in part],
            [None if picture is None else Panel(picture) for picture in changes],
        ]
    return rows
