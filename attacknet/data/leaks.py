"""The leak check: what two splits share that they must not.

A result on test samples says something about new people only if training and the choice of threshold never
saw them. The check compares what an index says: the sample itself, the subject's session, the subject; where
there are crops, or hashes of them, frames that look alike as well; and it asks whether there is a development
set at all, because without one the threshold and the end of training are chosen on the test set.
"""

import itertools
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

from attacknet.data import protocols
from attacknet.data.crops import Crops
from attacknet.data.manifest import SPLITS
from attacknet.errors import AttackNetError

# Bits in which the hashes of two frames may differ and the frames still count as near-duplicates. Half of the
# bits of a hash are set, so that the number of differing ones is even. Measured on the stand-ins at 32 x 32
# pixels: of copies compressed to JPEG quality 50, nine in ten or more are within 4 bits (seven to nine within
# 2), and so are darkened, blurred and noisy ones; of 720,000 pairs of frames that show different people none
# is, and a handful are within 6. Of pairs of frames of one recording, nine in ten are within 4, half where
# the box is the detector's (own). A copy cut a pixel off its box escapes: most are 8 bits off.
NEAR = 4
_NEEDED = ("sample", "subject", "session", "split")
_ALLOW = "to use it all the same, ask for it: allow_leaks=True (--allow-leaks)"
_PLURAL = {
    "sample": "samples",
    "session": "sessions",
    "subject": "subjects",
    "near_duplicate": "near-duplicate frames",
}
# Frames compared and crops hashed at a time: a hundred thousand against as many need little memory, and so do
# large crops.
_COMPARED, _HASHED = 1024, 64


class LeakError(AttackNetError):
    """A protocol puts into two splits what belongs into one."""


class Leak(NamedTuple):
    """One kind of thing that two splits share.

    Attributes
    ----------
    kind
        ``sample`` (the same video or picture), ``session`` (of the same subject), ``subject``,
        ``near_duplicate`` (frames that look alike), or ``selection`` (no development set; there is nothing
        shared to show).
    split, other
        The two splits.
    sample, other_sample
        An example from each.
    what
        What the two have in common.
    shared
        How many such things the splits share; for near-duplicates, frames of `other` that have one in
        `split`.
    """

    kind: str
    split: str
    other: str
    sample: str
    other_sample: str
    what: str
    shared: int

    def __str__(self) -> str:
        if not self.shared:
            return self.what
        return f"{self.split} has {self.sample}, {self.other} has {self.other_sample}: {self.what}"


def check_protocol(
    index: pd.DataFrame,
    protocol: str | Callable[[pd.DataFrame], pd.DataFrame],
    *,
    allow_leaks: bool = False,
    hashes: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Refuse a protocol that leaks.

    Parameters
    ----------
    index
        From :func:`attacknet.data.load_index`; for a protocol of one's own, any table that it can split.
    protocol
        Name of a protocol of the manifest, or a function that takes the index and gives it back with its
        column ``split``.
    allow_leaks
        True to get the report of a protocol that leaks instead of an error.
    hashes
        Columns ``sample``, ``hash`` (:func:`perceptual_hash`) and, for videos, ``frame``. Without it frames
        are not compared, as that needs the media; :func:`check_crops` does it for crops that are prepared.

    Returns
    -------
    pandas.DataFrame
        The fields of :class:`Leak`, one row a kind and pair of splits; empty for a protocol without leak.

    Raises
    ------
    LeakError
        If there is a leak and `allow_leaks` is False; the message names two samples.
    AttackNetError
        If the manifest has no such protocol, or a table lacks a column or a sample's hash.
    """
    table = protocols.apply(index, protocol) if isinstance(protocol, str) else protocol(index)
    if missing := [name for name in _NEEDED if name not in table.columns]:
        raise AttackNetError(
            f"leak check: the table has no column {missing[0]!r}; it needs {', '.join(_NEEDED)}"
        )
    found = list(_leaks(table, index.attrs.get("subjects_known", True), hashes))
    name = protocol if isinstance(protocol, str) else getattr(protocol, "__name__", "given")
    return _report(found, f"protocol {name!r} of {index.attrs.get('dataset', 'the table')}", allow_leaks)


def check_crops(crops: Crops, *, allow_leaks: bool = False) -> pd.DataFrame:
    """Refuse a set of crops whose splits leak, frames that look alike included.

    Frames in which no face was found are in no split: nothing learns from them.

    Parameters
    ----------
    crops
        From :func:`attacknet.data.prepare.prepare`; its table names the splits.
    allow_leaks
        As for :func:`check_protocol`, whose report this returns.

    Raises
    ------
    LeakError
        If there is a leak and `allow_leaks` is False; the message names two samples.
    """
    shown = crops.index[crops.index["crop"] >= 0]
    found = list(_leaks(shown, crops.about["subjects_known"], hash_crops(crops)))
    what = f"protocol {crops.about['protocol']!r} of {crops.about['dataset']}"
    return _report(found, what, allow_leaks)


def _report(found: list[Leak], what: str, allow_leaks: bool) -> pd.DataFrame:
    if found and not allow_leaks:
        raise LeakError(f"{what} leaks: {_message(found)}")
    return pd.DataFrame(found, columns=list(Leak._fields))


def _message(found: list[Leak]) -> str:
    shared = ", ".join(
        f"{_PLURAL[one.kind]} {one.shared} ({one.split}, {one.other})" for one in found if one.shared
    )
    return f"{found[0]}; " + (f"shared in all: {shared}; " if shared else "") + _ALLOW


def _leaks(table: pd.DataFrame, subjects_known: bool, hashes: pd.DataFrame | None) -> Iterator[Leak]:
    """Yield the leaks, the gravest kind first."""
    units = {"sample": ["sample"]}
    if subjects_known:
        units |= {"session": ["subject", "session"], "subject": ["subject"]}
    for kind, columns in units.items():
        # A recording whose session is not known shares it with none.
        comparable = table[table["session"] != ""] if kind == "session" else table
        for split, other in itertools.combinations(SPLITS, 2):
            yield from _shared(comparable, kind, columns, split, other)
    if hashes is not None:
        yield from _near_duplicates(table, hashes)
    if table.empty or "dev" not in set(table["split"]):
        what = "there is no development set, so that threshold and end of training are chosen on the test set"
        yield Leak("selection", "dev", "test", "", "", what, 0)


def _shared(table: pd.DataFrame, kind: str, columns: list[str], split: str, other: str) -> Iterator[Leak]:
    one, two = (
        table[table["split"] == name].drop_duplicates(columns)[list(dict.fromkeys(["sample", *columns]))]
        for name in (split, other)
    )
    pairs = one.merge(two, on=columns, suffixes=("", "_other"))
    if pairs.empty:
        return
    first = pairs.iloc[0]
    what = "the same recording" if kind == "sample" else f"{kind} {' '.join(first[columns]).strip()}"
    yield Leak(
        kind, split, other, first["sample"], first.get("sample_other", first["sample"]), what, len(pairs)
    )


def _near_duplicates(table: pd.DataFrame, hashes: pd.DataFrame) -> Iterator[Leak]:
    keys = [name for name in ("sample", "frame") if name in table.columns and name in hashes.columns]
    if "sample" not in keys or "hash" not in hashes.columns:
        raise AttackNetError("the table of hashes needs the columns sample and hash, and frame for videos")
    hashed = table.merge(hashes, on=keys)
    if unhashed := sorted({*table["sample"]} - {*hashed["sample"]}):
        raise AttackNetError(f"the table of hashes has no row for sample {unhashed[0]}; hash all samples")
    for split, other in itertools.combinations(SPLITS, 2):
        one, two = (hashed[hashed["split"] == name] for name in (split, other))
        partner = _partners(two["hash"].to_numpy(np.uint64), one["hash"].to_numpy(np.uint64))
        if (alike := np.flatnonzero(partner >= 0)).size:
            this, that = two.iloc[alike[0]], one.iloc[partner[alike[0]]]
            frames = f"frames {that['frame']} and {this['frame']}" if "frame" in hashed else "pictures"
            what = f"{frames} look the same"
            yield Leak("near_duplicate", split, other, that["sample"], this["sample"], what, int(alike.size))


def _partners(these: np.ndarray, those: np.ndarray) -> np.ndarray:
    """For each hash, return the position of one of `those` that is near, or -1."""
    found = np.full(len(these), -1)
    if not len(those):
        return found
    for start in range(0, len(these), _COMPARED):
        distance = np.bitwise_count(these[start : start + _COMPARED, None] ^ those)
        nearest = distance.argmin(axis=1)
        near = distance[np.arange(len(nearest)), nearest] <= NEAR
        found[start : start + _COMPARED][near] = nearest[near]
    return found


def hash_crops(crops: Crops) -> pd.DataFrame:
    """Hash the stored crops, for :func:`check_protocol`.

    Returns
    -------
    pandas.DataFrame
        Columns ``sample``, ``frame`` and ``hash``, a row for each frame with a face.
    """
    frames = crops.index[crops.index["crop"] >= 0].drop_duplicates("crop")
    numbers = frames["crop"].to_numpy()
    hashes = [
        perceptual_hash(crops.images[numbers[start : start + _HASHED]])
        for start in range(0, len(numbers), _HASHED)
    ]
    return frames[["sample", "frame"]].assign(hash=np.concatenate(hashes)).reset_index(drop=True)


def perceptual_hash(crops: np.ndarray) -> np.ndarray:
    """Hash pictures so that those which look alike differ in few bits.

    The sign of the 8 x 8 lowest frequencies of the grey picture's cosine transform, each against their
    median: it survives compression, noise and a change of brightness.

    Parameters
    ----------
    crops
        RGB, ``(n, height, width, 3)``, uint8 or float; 8 pixels or more on each side.

    Returns
    -------
    numpy.ndarray
        ``(n,)``, uint64.

    Raises
    ------
    AttackNetError
        If the shape is another.
    """
    if crops.ndim != 4 or crops.shape[-1] != 3 or min(crops.shape[1:3]) < 8:
        raise AttackNetError(
            f"crops of shape {crops.shape}: give (n, height, width, 3), 8 pixels or more a side"
        )
    # ITU-R BT.601 luma.
    grey = crops.astype(np.float64) @ [0.299, 0.587, 0.114]
    low = _cosines(grey.shape[1]) @ grey @ _cosines(grey.shape[2]).T
    frequencies = low.reshape(len(grey), 64)
    # The mean of the picture (frequency 0) is brightness alone and stays out of the median.
    above = frequencies > np.median(frequencies[:, 1:], axis=1, keepdims=True)
    return np.packbits(above, axis=1).view(">u8").astype(np.uint64).reshape(-1)


def _cosines(n: int) -> np.ndarray:
    """Return the eight lowest rows of the cosine transform (DCT-II) of length `n`."""
    return np.cos(np.pi / n * np.arange(8)[:, None] * (np.arange(n) + 0.5))
