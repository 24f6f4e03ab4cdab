"""Which picture of which synthetic person stands before a camera."""

import functools
from dataclasses import dataclass

import numpy as np
import pandas as pd

from attacknet.errors import AttackNetError
from attacknet.standins.pack import load, shots
from attacknet.standins.scene import Person, Points

# The 16 points of a `.pos` file. Which the owner of MSSpoof annotated is not known; these frame the face.
LANDMARKS = (
    "right_brow_outer", "left_brow_outer", "right_eye_outer", "right_eye_inner", "left_eye_inner",
    "left_eye_outer", "right_nostril", "left_nostril", "right_mouth", "left_mouth", "forehead",
    "right_temple", "left_temple", "right_jaw", "left_jaw", "chin",
)  # fmt: skip


@dataclass(frozen=True)
class Wish:
    """What a recording needs.

    Attributes
    ----------
    database
        Id of the dataset; each has people of its own.
    number
        Of the person among the dataset's, from 0: of a mask, the one whose face it has.
    group
        ``bonafide``; ``source``, other views, for what is printed or played; ``mask``.
    rooms
        Lights to choose from; any where there is none.
    session
        Clothes and lamps of one day; any if None.
    infrared
        Near infrared instead of colour.
    glasses
        With or without; either if None.
    stand
        The mask on a stand rather than worn.
    wearer
        Who wears the mask, by number; anybody if None.
    """

    database: str
    number: int
    group: str
    rooms: tuple[str, ...] = ()
    session: int | None = None
    infrared: bool = False
    glasses: bool | None = None
    stand: bool = False
    wearer: int | None = None


def person(wish: Wish, rng: np.random.Generator) -> Person:
    """Draw one of the pack's pictures that fit."""
    names = _fitting(wish)
    return _load(names[rng.integers(len(names))])


@functools.cache
def people_of(database: str) -> tuple[str, ...]:
    """Return the names of a dataset's people in the pack, in the order of their numbers."""
    table = shots()
    return tuple(sorted(table.loc[table["database"] == database, "target"].unique()))


@functools.cache
def _fitting(wish: Wish) -> tuple[str, ...]:
    table = shots()
    table = table[table["database"] == wish.database]
    people = people_of(wish.database)
    fits = (
        (table["target"] == people[wish.number])
        & (table["group"] == wish.group)
        & ((table["modality"] == "nir") == wish.infrared)
        & (table["stand"] == wish.stand)
    )
    if wish.wearer is not None:
        fits &= table["person"] == people[wish.wearer]
    # What the pack has no picture of (a light, glasses in that light) is not asked for.
    for wanted in (
        _either(table["room"].isin(wish.rooms), bool(wish.rooms)),
        _either(table["glasses"] == wish.glasses, wish.glasses is not None),
        _either(table["session"] == wish.session, wish.session is not None),
    ):
        if (fits & wanted).any():
            fits &= wanted
    if not fits.any():
        raise AttackNetError(f"the pack of synthetic people has no picture for {wish}")
    return tuple(sorted(table.loc[fits, "name"]))


def _either(asked: pd.Series, matters: bool) -> pd.Series:
    return asked if matters else pd.Series(True, index=asked.index)


@functools.lru_cache(maxsize=64)
def _load(name: str) -> Person:
    shot = load(name)
    points = dict(shot.landmarks)
    for side in ("right", "left"):
        corners = np.array([points[f"{side}_eye_outer"], points[f"{side}_eye_inner"]])
        points[f"{side}_eye"] = tuple(corners.mean(0).tolist())
    return Person(shot.colour, _solid(shot.matte, points), points, shot.box, shot.depth)


def _solid(matte: np.ndarray, points: Points) -> np.ndarray:
    """Return the matte as shares, without the holes where hair and lashes let the renderer's rays pass."""
    import cv2  # noqa: PLC0415 - heavy

    outline = np.array([points[name] for name in LANDMARKS], np.float32)
    gap = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5))
    share = cv2.morphologyEx(matte.astype(np.float32) / 255, cv2.MORPH_CLOSE, gap)
    share[0] = 0  # hair that is cut off above would otherwise go on for ever
    hull = np.rint(cv2.convexHull(outline)).astype(np.int32)
    return cv2.fillConvexPoly(share, hull, 1.0)
