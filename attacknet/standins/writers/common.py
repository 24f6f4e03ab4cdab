"""What the writers share: choosing files and framings, and writing a format the same way every time."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from attacknet.data import manifest as manifests
from attacknet.data.manifest import Identified, Manifest
from attacknet.standins.camera import Camera
from attacknet.standins.scene import BoxXYWH, Framing, Person, grounded
from attacknet.standins.species import Instrument

Range = tuple[float, float]


def choose(manifest: Manifest, keep: Mapping[str, int]) -> list[Identified]:
    """Choose some of a dataset's files: so many of each subject and species.

    Parameters
    ----------
    keep
        Label -> number. Which they are follows from a hash of the names, so that lights, sessions and
        supports are mixed. Bona fide pictures in two spectra count apart, as their attacks are two species.
    """
    groups: dict[tuple[str, ...], list[Identified]] = {}
    for found in manifest.expected_files():
        if not found.layout.enrolment:
            subject = found.layout.subject.format_map(found.fields)
            spectrum = found.fields.get("spectrum", "") if found.layout.label == "bonafide" else ""
            key = subject, found.species, spectrum
            groups.setdefault(key, []).append(found)
    return [
        one
        for group in groups.values()
        for one in sorted(group, key=lambda f: hashlib.sha256(f.path.encode()).digest())[
            : keep[group[0].layout.label]
        ]
    ]


def ordinal(dataset: str, client: str) -> int:
    """Return the place of a person among the dataset's people, from 0."""
    clients = manifests.load(dataset).clients
    if clients is None:
        raise ValueError(f"{dataset} has no list of people")
    return sorted(clients.group_of, key=lambda name: (len(name), name)).index(client)


@dataclass(frozen=True)
class Framings:
    """Ranges of a dataset's framings; the fields are those of :class:`attacknet.standins.scene.Framing`."""

    face: Range
    column: Range
    row: Range
    roll: Range

    def draw(self, person: Person, camera: Camera, rng: np.random.Generator) -> Framing:
        """Draw where a person's face is in a camera's frame."""
        drawn = (rng.uniform(*ends) for ends in (self.face, self.column, self.row, self.roll))
        return grounded(Framing(*drawn), person, camera.size)


def on_medium(framing: Framing, instrument: Instrument, camera: Camera) -> Framing:
    """Return the framing of a picture which, shown on a medium, gives `framing` in the camera's frame.

    A face on a large medium is smaller on it, so that size and place of a face tell nothing about the class.
    """
    wide = instrument.parameters["coverage"]
    (width, height), (rows, columns) = instrument.size, camera.size
    high = wide * (height / width) / (rows / columns)
    return Framing(
        framing.face / wide,
        0.5 + (framing.column - 0.5) / wide,
        0.5 + (framing.row - 0.5) / high,
        framing.roll,
    )


def write_video(file: Path, pictures: Iterable[np.ndarray], codec: str, rate: float = 25.0) -> None:
    """Write RGB pictures as a video.

    Parameters
    ----------
    codec
        Four characters, such as ``jpeg``; the container follows from the file's name.
    """
    from attacknet.data.media import quiet_cv2  # noqa: PLC0415 - heavy

    cv2 = quiet_cv2()
    writer = None
    for rgb in pictures:
        if writer is None:
            size = rgb.shape[1::-1]
            writer = cv2.VideoWriter(str(file), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*codec), rate, size)
        writer.write(rgb[..., ::-1])
    if writer is not None:
        writer.release()


def write_hdf5(file: Path, arrays: Mapping[str, np.ndarray], chunks: Mapping[str, tuple[int, ...]]) -> None:
    """Write arrays to HDF5, compressed and without times, so that the same arrays give the same bytes.

    Parameters
    ----------
    arrays, chunks
        Name inside the file -> array, and -> shape of its chunks where it is to be compressed.
    """
    import h5py  # noqa: PLC0415 - heavy

    with h5py.File(file, "w", libver="earliest") as out:
        for name, array in arrays.items():
            packed = (
                {"chunks": chunks[name], "compression": "gzip", "compression_opts": 6}
                if name in chunks
                else {}
            )
            out.create_dataset(name, data=array, track_times=False, **packed)


def rounded(box: BoxXYWH, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """Return a box in whole pixels, cut off at the frame of `size` (height, width)."""
    left, top = max(round(box[0]), 0), max(round(box[1]), 0)
    right, bottom = min(round(box[0] + box[2]), size[1]), min(round(box[1] + box[3]), size[0])
    return left, top, right - left, bottom - top
