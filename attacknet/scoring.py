"""From a trained model and a set of crops to a score table.

A model is asked only what it was trained on: crops are prepared by its own contract, and crops that were cut
out otherwise are refused. Networks of the book, the released ones and the baselines go the same way.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attacknet import scores
from attacknet.baselines import Baseline
from attacknet.data.crops import Crops
from attacknet.errors import AttackNetError
from attacknet.preprocessing import Preprocessing

if TYPE_CHECKING:
    import keras

# Crops in memory at a time: 2048 of 32x32 pixels are 25 MB as a network reads them.
_AT_ONCE = 2048


def score(
    model: "keras.Model | Baseline", crops: Crops, splits: Sequence[str] = ("dev", "test")
) -> pd.DataFrame:
    """Score every frame of some splits; a higher score is more bona fide.

    Parameters
    ----------
    model
        A network with its contract (:meth:`attacknet.runs.Run.load`, :func:`attacknet.model.load_released`),
        or a fitted baseline.
    crops
        Read from disk as they are needed.
    splits
        Of `attacknet.scores.SPLITS`; one that the crops do not have adds no row.

    Returns
    -------
    pandas.DataFrame
        The columns of `attacknet.scores.COLUMNS`, a row a frame in the order of the crops' table; ``score``
        is in [0, 1], and NaN where the frame has no face.

    Raises
    ------
    AttackNetError
        If the crops were not cut out as the model's contract has it, or the model gives a score that is no
        number.
    """
    _check_geometry(model.preprocessing, crops)
    frames = crops.index[crops.index["split"].isin(splits)].reset_index(drop=True)
    found = frames.index[frames["crop"] >= 0].to_numpy()
    values = np.full(len(frames), scores.NO_RESPONSE)
    for rows in _parts(found):
        values[rows] = _score_images(model, crops.images[frames["crop"].to_numpy()[rows]])
    if (wrong := found[np.isnan(values[found])]).size:
        frame = frames.loc[wrong[0]]
        raise AttackNetError(
            f"{crops.folder}: the score of {frame['sample']}, frame {frame['frame']}, is no number; "
            "the model is damaged, train it again"
        )
    return frames.assign(score=values)[list(scores.COLUMNS)]


def _parts(rows: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    return (rows[start : start + _AT_ONCE] for start in range(0, len(rows), _AT_ONCE))


def _score_images(model: "keras.Model | Baseline", images: np.ndarray) -> np.ndarray:
    if isinstance(model, Baseline):
        return model.score(images)
    from attacknet import model as networks  # noqa: PLC0415 - baselines need no network

    return networks.score(model, prepared(images, model.preprocessing), model.preprocessing)


def prepared(images: np.ndarray, preprocessing: Preprocessing) -> np.ndarray:
    """Prepare crops that have the contract's size; for each the same as :meth:`Preprocessing.apply`.

    Parameters
    ----------
    images
        ``(n, height, width, 3)``, RGB uint8.

    Returns
    -------
    numpy.ndarray
        ``(n, height, width, 3)``, float32 in [0, 1].
    """
    pixels = images.astype(np.float32)
    if preprocessing.channel_order == "BGR":
        pixels = pixels[..., ::-1]
    if preprocessing.scaling == "divide_by_255":
        return pixels / 255
    # A black picture has no maximum to divide by and stays black.
    return pixels / np.maximum(pixels.max(axis=(1, 2, 3), keepdims=True), 1)


def _check_geometry(contract: Preprocessing, crops: Crops) -> None:
    geometry = crops.about["geometry"]
    cut = (geometry["align"], geometry["margin"], tuple(geometry["size"]))
    if cut != ("box", contract.crop_margin, contract.size):
        align, margin, (height, width) = cut
        raise AttackNetError(
            f"{crops.folder}: crops aligned by {align}, margin {margin:g}, {height}x{width}; "
            f"the model reads crops aligned by box, {contract}; prepare the data so"
        )
