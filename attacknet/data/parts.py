"""The crops of one sample, made by one of several processes and written whole or not at all.

Such a process needs no table: without pandas it starts sooner and holds less memory.
"""

import json
import shutil
import signal
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from attacknet import processes
from attacknet.data.faces import Geometry, face_finder
from attacknet.data.manifest import Frames, Manifest
from attacknet.data.media import Media, read_frames
from attacknet.errors import AttackNetError

# What stands for the origin of a face that was not found.
MISSING = "missing"
_UNFINISHED = ".tmp"


@dataclass(frozen=True)
class Part:
    """The crops of one sample, before they are packed with the others.

    Attributes
    ----------
    frames
        A row for each frame: frame number, row, column, height and width of the box.
    faces
        Origin of each box, or ``missing``.
    images
        ``(faces found, height, width, 3)``, uint8, in the order of the frames.
    """

    frames: list[list[int]]
    faces: list[str]
    images: np.ndarray

    def write(self, file: Path) -> None:
        """Write the part, whole or not at all: a line of JSON, then the pixels."""
        facts = {"frames": self.frames, "faces": self.faces, "shape": self.images.shape}
        with moved_into(file) as temporary, temporary.open("wb") as stream:
            stream.write(json.dumps(facts).encode() + b"\n")
            stream.write(self.images.data)

    @staticmethod
    def read(file: Path) -> "Part":
        """Read a part back."""
        with file.open("rb") as stream:
            facts = json.loads(stream.readline())
            images = np.frombuffer(stream.read(), np.uint8).reshape(facts["shape"])
        return Part(facts["frames"], facts["faces"], images)

    @staticmethod
    def count(file: Path) -> int:
        """Return the number of crops in a part, without reading them."""
        with file.open("rb") as stream:
            return int(json.loads(stream.readline())["shape"][0])


@contextmanager
def moved_into(place: Path) -> Iterator[Path]:
    """Yield a path to write to, which is moved into `place` if all went well.

    What a killed process leaves is named after `place`, so that it can be found and removed.
    """
    place.parent.mkdir(parents=True, exist_ok=True)
    temporary = place.with_name(f"{place.name}.{uuid.uuid4().hex}{_UNFINISHED}")
    yield temporary
    temporary.replace(place)


def remove_unfinished(folder: Path) -> None:
    """Remove what killed processes left of a set of crops."""
    for leftover in folder.parent.glob(f"{folder.name}.*{_UNFINISHED}"):
        shutil.rmtree(leftover, ignore_errors=True)


class Recipe(NamedTuple):
    """What is the same for all samples."""

    manifest: Manifest
    geometry: Geometry
    frames: Frames


class Job(NamedTuple):
    """One sample: its file, its annotation, and where its part goes."""

    media: Media
    path: Path
    annotation: Path | None
    part: Path


_recipe: Recipe


def start_worker(recipe: Recipe) -> None:
    """Make a process ready to make parts: know the recipe, leave Ctrl-C to the parent, end with it."""
    global _recipe  # noqa: PLW0603 - one recipe a process, sent once and not with every sample
    _recipe = recipe
    # Ctrl-C reaches all processes; the parent alone answers, and lets parts that are begun be finished.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    processes.end_with_parent()


def make_part(job: Job) -> str | None:
    """Make one sample's part; return what is wrong with the sample, if anything is."""
    try:
        find = face_finder(_recipe.manifest, job.annotation)
        frames, faces, images = [], [], []
        for number, image in read_frames(job.path, job.media, _recipe.frames, _recipe.manifest.hdf5):
            face = find(number, image)
            frames.append([number, *(face.box if face else (0, 0, 0, 0))])
            faces.append(face.origin if face else MISSING)
            if face:
                images.append(_recipe.geometry.crop(image, face))
    except AttackNetError as error:
        return str(error)
    shape = (len(images), *_recipe.geometry.size, 3)
    Part(frames, faces, np.array(images, np.uint8).reshape(shape)).write(job.part)
    return None
