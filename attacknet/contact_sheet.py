"""Contact sheets: what a dataset's species look like, with faces shown only where that is allowed."""

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from attacknet import panels
from attacknet.data import manifest as manifests
from attacknet.data.crops import Crops
from attacknet.data.manifest import BONA_FIDE_SPECIES, SPLITS
from attacknet.data.media import read_frames
from attacknet.evidence import Evidence
from attacknet.panels import Panel

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def may_show(index: pd.DataFrame, *, allowed: bool) -> bool:
    """Say whether faces of a dataset may be shown: always of stand-ins, who are nobody.

    Of licensed data, the owner's terms (the manifest) and the reader (`allowed`) must both agree.
    """
    licensed = index.attrs["evidence"] == Evidence.LICENSED
    return not licensed or (allowed and manifests.load(index.attrs["dataset"]).licence.show_faces)


def first_frame(index: pd.DataFrame, sample: Any) -> np.ndarray:
    """Return the first frame of a sample, a row of the index: RGB uint8 ``(height, width, 3)``.

    Raises
    ------
    AttackNetError
        If it cannot be read.
    """
    hdf5 = manifests.load(index.attrs["dataset"]).hdf5
    path = Path(index.attrs["root"]) / sample["path"]
    _, frame = next(iter(read_frames(path, sample["media"], None, hdf5)))
    return frame


def species_of(index: pd.DataFrame) -> list[str]:
    """Return the species of an index, bona fide first."""
    return sorted(index["species"].unique(), key=lambda name: (name != BONA_FIDE_SPECIES, name))


def in_words(species: str) -> str:
    """Return a species as a label says it."""
    return "bona fide" if species == BONA_FIDE_SPECIES else species.replace("_", " ")


def choose(samples: pd.DataFrame, each: int) -> list[pd.Series]:
    """Choose samples of as many subjects, from the first to the last of a subject's in turn.

    So lights, sessions and spectra, which the order of the names sorts apart, come to be seen.
    """
    subjects = [group for _, group in samples.groupby("subject", sort=False)][:each]
    return [group.iloc[k * len(group) // each] for k, group in enumerate(subjects)]


def draw(index: pd.DataFrame, *, each: int = 2, allowed: bool = False) -> "Figure":
    """Draw a sheet: a row for each species, columns by split, `each` samples in a split, no subject twice.

    Parameters
    ----------
    index
        From :func:`attacknet.data.load_index`.
    allowed
        Whether the reader wants faces of licensed data shown; see :func:`may_show`.

    Raises
    ------
    AttackNetError
        If a picture cannot be read.
    """
    visible = may_show(index, allowed=allowed)
    species = species_of(index)
    rows: list[list[Panel | None]] = []
    for name in species:
        row: list[Panel | None] = []
        for split in SPLITS:
            found = choose(index[(index["species"] == name) & (index["split"] == split)], each)
            titles = [split, *[""] * each] if name == species[0] else [""] * each
            shown = [
                Panel(first_frame(index, one) if visible else None, title)
                for one, title in zip(found, titles, strict=False)
            ]
            row += [*shown, *[None] * (each - len(shown))]
        rows.append(row)
    return panels.draw(rows, labels=_labels(species), gaps=[each, 2 * each])


def draw_crops(index: pd.DataFrame, crops: Crops, *, across: int = 8, allowed: bool = False) -> "Figure":
    """Draw what a network sees: a row for each species, `across` crops of the test set.

    Parameters
    ----------
    index
        That the crops were made from.
    """
    visible = may_show(index, allowed=allowed)
    found = crops.index[(crops.index["split"] == "test") & (crops.index["crop"] >= 0)]
    species = species_of(index)
    rows = []
    for name in species:
        numbers = found.loc[found["species"] == name, "crop"].drop_duplicates().to_numpy()
        chosen = numbers[np.linspace(0, len(numbers) - 1, min(across, len(numbers))).round().astype(int)]
        rows.append([Panel(np.array(crops.images[crop]) if visible else None) for crop in chosen])
    return panels.draw(rows, labels=_labels(species))


def _labels(species: list[str]) -> list[str]:
    return [textwrap.fill(in_words(name), 12) for name in species]
