"""Face crops on disk: a memory-mapped array of pictures and a table that says what each of them is.

A set of crops lies in a folder named by the hash of everything that shaped it, and appears there whole: it is
written beside its place and moved in. So a set that exists is complete, and one made otherwise is another.
The table lies in two files, a row a sample (text) and a row a frame (numbers): a million frames take little.
"""

import ast
import hashlib
import importlib.metadata
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from attacknet import paths
from attacknet.data.parts import MISSING, Part, moved_into
from attacknet.errors import AttackNetError

# Columns of the table, one row a frame: the sample's own, then
#   frame    number in the recording, from 0
#   face     annotated, carried, detected, or missing
#   row, column, height, width    of the face box in pixels; 0 where the face is missing
#   crop     number of the picture in the array; -1 where the face is missing
SAMPLE_COLUMNS = ("sample", "subject", "session", "label", "species", "split")
FRAME_COLUMNS = ("frame", "face", "row", "column", "height", "width", "crop")
_TYPES = dict.fromkeys(("sample", "subject", "session", "species", "split"), "str")
# What the numbers in the file's column `face` stand for.
_FACES = ("annotated", "carried", "detected", MISSING)

_AGAIN = "remove the folder and prepare the data again"
_SAMPLES, _FRAMES, _IMAGES, _ABOUT = "samples.csv", "frames.npy", "images.npy", "about.json"
# What shapes a crop besides the settings: these modules, and the libraries that decode, resize and detect.
_MODULES = (
    "preprocessing.py",
    "data/manifest.py",
    "data/media.py",
    "data/annotations.py",
    "data/faces.py",
    "data/parts.py",
    "data/crops.py",
    "data/prepare.py",
)
_LIBRARIES = ("h5py", "opencv-python-headless", "pillow")


def crops_dir(dataset: str) -> Path:
    """Return the folder that holds a dataset's sets of crops."""
    return paths.cache_dir() / "crops" / dataset


def digest(facts: Any) -> str:
    """Return the hash of anything that JSON can say, as 32 hexadecimal digits."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:32]


def code_version() -> str:
    """Return the hash of the code that shapes a crop.

    It is taken of the parsed modules: a comment or a line break changes no crop.
    """
    trees = [ast.dump(ast.parse((paths.PACKAGE / module).read_bytes())) for module in _MODULES]
    return digest([trees, [importlib.metadata.version(library) for library in _LIBRARIES]])


def pack(
    folder: Path,
    samples: pd.DataFrame,
    parts: Mapping[str, Path],
    size: tuple[int, int],
    about: Mapping[str, Any],
) -> None:
    """Join the parts of all samples into one set of crops.

    Parameters
    ----------
    folder
        Where the set is to stand.
    samples
        Rows with the columns ``SAMPLE_COLUMNS``. A sample that a protocol puts into two splits has two rows,
        whose frames share their crops.
    parts
        Sample -> file of its part.
    size
        Height and width of the crops in pixels.
    about
        What is to be known of the set besides.
    """
    with moved_into(folder) as temporary:
        temporary.mkdir()
        frames = _write_images(temporary / _IMAGES, parts, size)
        np.save(temporary / _FRAMES, np.concatenate([frames[sample] for sample in samples["sample"]]))
        table = samples[list(SAMPLE_COLUMNS)].assign(frames=[len(frames[one]) for one in samples["sample"]])
        table.to_csv(temporary / _SAMPLES, index=False, lineterminator="\n")
        hashes = {"images_sha256": _sha256(temporary, _IMAGES), "index_sha256": _index_sha256(temporary)}
        text = json.dumps({**about, **hashes}, indent=1)
        (temporary / _ABOUT).write_text(text + "\n", encoding="utf-8")


def _write_images(file: Path, parts: Mapping[str, Path], size: tuple[int, int]) -> dict[str, np.ndarray]:
    """Write all crops into one array, a part at a time; return each sample's rows of the table of frames."""
    shape = (sum(map(Part.count, parts.values())), *size, 3)
    header = {"descr": "|u1", "fortran_order": False, "shape": shape}
    rows, first = {}, 0
    with file.open("wb") as stream:
        np.lib.format.write_array_header_1_0(stream, header)
        for sample, place in parts.items():
            part = Part.read(place)
            stream.write(part.images.data)
            rows[sample] = _frame_rows(part, first)
            first += len(part.images)
    return rows


def _frame_rows(part: Part, first: int) -> np.ndarray:
    """Return the frames of a part, numbers in the order of FRAME_COLUMNS."""
    faces = np.array([_FACES.index(face) for face in part.faces])
    found = faces != _FACES.index(MISSING)
    crops = np.where(found, first + np.cumsum(found) - 1, -1)
    boxes = np.array(part.frames).reshape(-1, 5)
    return np.column_stack([boxes[:, 0], faces, boxes[:, 1:], crops]).astype(np.int32)


def _read_index(folder: Path) -> pd.DataFrame:
    samples = pd.read_csv(folder / _SAMPLES, dtype=_TYPES, keep_default_na=False)
    frames = dict(zip(FRAME_COLUMNS, np.load(folder / _FRAMES).T, strict=True))
    repeated = samples.loc[samples.index.repeat(samples.pop("frames"))].reset_index(drop=True)
    faces = pd.Series(np.array(_FACES, dtype=object)[frames.pop("face")], dtype="str")
    index = repeated.assign(**frames, face=faces)
    return index[[*SAMPLE_COLUMNS, *FRAME_COLUMNS]]


def _index_sha256(folder: Path) -> str:
    return digest([_sha256(folder, _SAMPLES), _sha256(folder, _FRAMES)])


def _sha256(folder: Path, file: str) -> str:
    with (folder / file).open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@dataclass(frozen=True)
class Crops:
    """A set of crops.

    Attributes
    ----------
    folder
        Where it lies.
    index
        One row a frame, see the columns above. ``index[index["crop"] >= 0]`` are the frames with a face.
    images
        ``(crops, height, width, 3)``, RGB uint8, mapped from disk.
    about
        How the set was made; ``images_sha256`` and ``index_sha256`` name its content.
    """

    folder: Path
    index: pd.DataFrame
    images: np.ndarray
    about: dict[str, Any]

    def detection_rates(self) -> pd.DataFrame:
        """Count the frames, and those with a face, by species; `rate` is their share."""
        found = self.index["face"] != MISSING
        rates = found.groupby(self.index["species"]).agg(frames="size", faces="sum", rate="mean")
        return rates.reset_index()


def open_crops(folder: Path) -> Crops:
    """Open a set of crops; its pictures stay on disk.

    Raises
    ------
    AttackNetError
        If there is no set, or its table and its pictures do not belong together.
    """
    try:
        about = json.loads((folder / _ABOUT).read_text(encoding="utf-8"))
        changed = _index_sha256(folder) != about["index_sha256"]
        index = _read_index(folder)
        images = np.load(folder / _IMAGES, mmap_mode="r")
    except (OSError, ValueError, EOFError, KeyError) as error:
        raise AttackNetError(f"{folder}: no whole set of crops ({error}); {_AGAIN}") from None
    # The pictures may be gigabytes, so they are counted rather than hashed.
    if changed or images.dtype != np.uint8 or len(images) != index["crop"].max() + 1:
        raise AttackNetError(f"{folder}: its table and its pictures do not belong together; {_AGAIN}")
    return Crops(folder, index, images, about)
