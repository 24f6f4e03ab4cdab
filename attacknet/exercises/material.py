"""What the exercises are made of: the small stand-ins, and simulated scores."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from attacknet.data.crops import Crops
from attacknet.data.index import load_index
from attacknet.data.prepare import prepare
from attacknet.metrics import ATTACK, BONA_FIDE, BONA_FIDE_SPECIES


def folder(dataset: str) -> Path:
    """Return the folder of a dataset's small stand-ins; they are made first where they are not there."""
    from attacknet.standins import writers  # noqa: PLC0415 - heavy, and most exercises do without

    writers.make(writers.home())
    return writers.home() / dataset


def index(dataset: str) -> pd.DataFrame:
    """Return the index of a dataset's small stand-ins, one row a sample."""
    return load_index(dataset, folder(dataset))


def crops(dataset: str) -> Crops:
    """Return the face crops of a dataset's small stand-ins, as the book's networks read them."""
    return prepare(dataset, folder(dataset))


def scores(
    rng: np.random.Generator,
    split: str,
    means: Mapping[str, float],
    *,
    people: int = 20,
    frames: int = 10,
    between: float = 0.8,
    within: float = 0.3,
) -> pd.DataFrame:
    """Simulate a score table: normal scores on the logit scale, taken to (0, 1).

    Parameters
    ----------
    split
        Split of all rows; each split has people of its own.
    means
        Species -> mean logit of its scores.
    people, frames
        Number of people, and of each one's frames of each species.
    between, within
        Standard deviations between the people, and between the frames of one.

    Returns
    -------
    pandas.DataFrame
        The columns of :data:`attacknet.scores.COLUMNS`.
    """
    rows = []
    for person in range(people):
        subject = f"{split}{person:03d}"
        for species, mean in means.items():
            logits = mean + between * rng.normal() + within * rng.normal(size=frames)
            rows += [
                {
                    "sample": f"{subject}/{species}",
                    "frame": frame,
                    "subject": subject,
                    "session": "1",
                    "label": BONA_FIDE if species == BONA_FIDE_SPECIES else ATTACK,
                    "species": species,
                    "split": split,
                    "score": 1 / (1 + np.exp(-logit)),
                }
                for frame, logit in enumerate(logits)
            ]
    return pd.DataFrame(rows)
