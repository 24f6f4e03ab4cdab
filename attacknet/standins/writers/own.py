"""Stand-ins for the authors' own dataset: clips of people, and of laptops that play such clips."""

import functools
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from attacknet.data.index import expected_index
from attacknet.data.manifest import Identified
from attacknet.standins import rooms, species, studio
from attacknet.standins.cast import Wish, person
from attacknet.standins.studio import PHOTO_PIXELS, Picture, Recorder, stream
from attacknet.standins.writers.common import Framings, on_medium, write_video

DATASET = "own"
KEEP = None  # all: there are few
FRAMES = 5

FRAMINGS = Framings(face=(0.17, 0.34), column=(0.38, 0.62), row=(0.38, 0.56), roll=(-6, 6))
_MEDIUM = "laptop"
_SWAY = 0.004
_PEOPLE = {"train": range(7), "dev": range(7, 10), "test": range(10, 20)}


def write(root: Path, found: Identified, frames: int, seed: int) -> None:
    """Write one clip, or the one still picture."""
    rng = stream(seed, DATASET, found.stem)
    make = _bonafide if found.layout.label == "bonafide" else _attack
    pixels = [picture.pixels for picture in make(found, frames, rng)]
    if found.layout.media == "image":
        from PIL import Image  # noqa: PLC0415 - only this file needs it

        Image.fromarray(pixels[0]).save(root / found.path, quality=90)
    else:
        write_video(root / found.path, pixels, "mp4v")


def number(found: Identified, seed: int) -> int:
    """Return the number of the person in a clip; it is the first thing that the clip's stream draws."""
    return _draw_number(found, stream(seed, DATASET, found.stem))


def _room(size: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    return (rooms.plain if rng.uniform() < 0.3 else rooms.busy)(size, rng)


def _bonafide(found: Identified, frames: int, rng: np.random.Generator) -> Iterator[Picture]:
    shown = person(_wish(found, "bonafide", rng), rng)
    recorder = Recorder.of(DATASET, rng)
    framing = FRAMINGS.draw(shown, recorder.camera, rng)
    framings = studio.sway(framing, frames, _SWAY, rng)
    return studio.record(shown, _room(recorder.camera.sensor, rng), framings, recorder)


def _attack(found: Identified, frames: int, rng: np.random.Generator) -> Iterator[Picture]:
    played = person(_wish(found, "source", rng), rng)
    laptop = species.draw(_MEDIUM, rng)
    recorder = Recorder.of(DATASET, rng)
    framing = on_medium(FRAMINGS.draw(played, recorder.camera, rng), laptop, recorder.camera)
    framings = studio.sway(framing, frames, _SWAY, rng)
    room = _room(recorder.camera.sensor, rng)
    photos = studio.photograph(played, _room(PHOTO_PIXELS[_MEDIUM], rng), framings, rng)
    return studio.record_medium(laptop, photos, [studio.hold(laptop)] * frames, room, recorder)


def _wish(found: Identified, group: str, rng: np.random.Generator) -> Wish:
    return Wish(DATASET, _draw_number(found, rng), group)


def _draw_number(found: Identified, rng: np.random.Generator) -> int:
    """Choose a person: who is in which clip was not written down, so each split has people of its own."""
    return int(rng.choice(_PEOPLE[_splits()[found.path]]))


@functools.cache
def _splits() -> dict[str, str]:
    """Return path -> split of the protocol ``sound``."""
    index = expected_index(DATASET)
    return dict(zip(index["path"], index["split"], strict=True))
