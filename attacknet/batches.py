"""From crops to the batches that a network trains on, in an order that seed and epoch alone decide."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from attacknet.data import protocols
from attacknet.data.crops import Crops
from attacknet.errors import AttackNetError
from attacknet.metrics import ATTACK, BONA_FIDE
from attacknet.preprocessing import Preprocessing
from attacknet.recipes import Recipe

if TYPE_CHECKING:
    import tensorflow as tf

_NAMES = {BONA_FIDE: "bona fide", ATTACK: "attack"}
# Pictures a step where nothing is learnt; the more, the fewer calls, and memory is no matter at this size.
_AT_ONCE = 256


@dataclass(frozen=True)
class Pictures:
    """Pictures in memory, as bytes, with what makes a network's input of them.

    Attributes
    ----------
    images
        ``(n, height, width, 3)``, uint8, in the contract's channel order.
    divisors
        ``(n,)``, float32: what each picture is divided by.
    labels
        ``(n,)``, int64: 0 bona fide, 1 attack.
    """

    images: np.ndarray
    divisors: np.ndarray
    labels: np.ndarray

    def __len__(self) -> int:
        return len(self.labels)


def load(crops: Crops, split: str, preprocessing: Preprocessing, balance_seed: int | None = None) -> Pictures:
    """Read the faces of one split into memory.

    Parameters
    ----------
    crops
        Frames without a face are passed over: there is nothing to learn from them.
    preprocessing
        Prepares the pictures; its crop margin and size must be those of the crops.
    balance_seed
        Draws as many frames of the larger class as the smaller one has; None keeps all.

    Raises
    ------
    AttackNetError
        If the split has no face of a class, or the crops are of another size than the contract's.
    """
    frames = crops.index[(crops.index["split"] == split) & (crops.index["crop"] >= 0)]
    _require_both_classes(frames, crops, split)
    if balance_seed is not None:
        frames = protocols.undersample(frames, balance_seed)
    if crops.images.shape[1:3] != preprocessing.size:
        height, width = crops.images.shape[1:3]
        raise AttackNetError(f"{crops.folder}: crops of {height}x{width}; the contract is {preprocessing}")
    images = crops.images[frames["crop"].to_numpy()]
    if preprocessing.channel_order == "BGR":
        images = np.ascontiguousarray(images[..., ::-1])
    return Pictures(images, _divisors(images, preprocessing), frames["label"].to_numpy(np.int64))


def _require_both_classes(frames: pd.DataFrame, crops: Crops, split: str) -> None:
    for label, name in _NAMES.items():
        if not (frames["label"] == label).any():
            about = crops.about
            raise AttackNetError(
                f"{about['dataset']}, protocol {about['protocol']}: split {split!r} has no {name} face; "
                "complete the data, or take another protocol or recipe"
            )


def _divisors(images: np.ndarray, preprocessing: Preprocessing) -> np.ndarray:
    if preprocessing.scaling == "divide_by_255":
        return np.full(len(images), 255, np.float32)
    # As in the contract: a black picture has no maximum to divide by and stays black.
    return np.maximum(images.max(axis=(1, 2, 3)), 1).astype(np.float32)


def concatenate(parts: Sequence[Pictures]) -> Pictures:
    """Pool the pictures of several datasets, one after the other."""
    return Pictures(
        np.concatenate([part.images for part in parts]),
        np.concatenate([part.divisors for part in parts]),
        np.concatenate([part.labels for part in parts]),
    )


def relabelled(pictures: Pictures, seed: int) -> Pictures:
    """Exchange the labels among the pictures at random: as many of each class, and no relation to them."""
    return replace(pictures, labels=np.random.default_rng(seed).permutation(pictures.labels))


def order(labels: np.ndarray, recipe: Recipe, seed: int, epoch: int) -> np.ndarray:
    """Return the positions of the pictures of an epoch, in the order in which they are shown.

    Parameters
    ----------
    labels
        ``(n,)``.
    epoch
        From 0. An epoch's order depends on no other's, so that training can be taken up at any of them.

    Returns
    -------
    numpy.ndarray
        ``(recipe.steps * recipe.batch,)`` or, for one pass, ``(n,)``. With the balance ``draw`` the classes
        take turns; a class that runs out begins anew.
    """
    count = recipe.steps * recipe.batch if recipe.steps else len(labels)
    rng = np.random.default_rng((seed, epoch)) if recipe.shuffle else None
    if recipe.balance == "undersample":
        return _rounds(np.arange(len(labels)), count, rng)
    positions = np.empty(count, np.int64)
    for turn, label in enumerate((BONA_FIDE, ATTACK)):
        places = positions[turn::2]
        places[:] = _rounds(np.flatnonzero(labels == label), len(places), rng)
    return positions


def _rounds(members: np.ndarray, count: int, rng: np.random.Generator | None) -> np.ndarray:
    """Return all members again and again until there are `count`, each round shuffled."""
    rounds = range(1 + count // len(members))
    return np.concatenate([members if rng is None else rng.permutation(members) for _ in rounds])[:count]


def training(pictures: Pictures, recipe: Recipe, seed: int) -> "Callable[[int], tf.data.Dataset]":
    """Return what gives the batches of an epoch, by its number from 0.

    Batches are ``(batch, height, width, 3)``, float32 in [0, 1], and labels.
    """
    import tensorflow as tf  # noqa: PLC0415 - heavy

    from attacknet.augmentation import warp  # noqa: PLC0415

    prepared = _preparation(pictures)

    @tf.function  # traced once, and not for every epoch
    def batch(step: tf.Tensor, chosen: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        images, labels = prepared(chosen)
        if recipe.augmentation:
            draw = tf.stack([tf.constant(seed, tf.int64), step])
            images = warp(images, recipe.augmentation, draw)
        return images, labels

    def of_epoch(epoch: int) -> tf.data.Dataset:
        positions = order(pictures.labels, recipe, seed, epoch)
        steps = -(-len(positions) // recipe.batch)
        dataset = tf.data.Dataset.from_tensor_slices(positions).batch(recipe.batch)
        return _untuned(dataset.enumerate(start=epoch * steps).map(batch))

    return of_epoch


def in_order(pictures: Pictures) -> "tf.data.Dataset":
    """Return batches of all pictures as they stand, without augmentation."""
    import tensorflow as tf  # noqa: PLC0415 - heavy

    dataset = tf.data.Dataset.range(len(pictures)).batch(_AT_ONCE)
    return _untuned(dataset.map(_preparation(pictures)))


def _preparation(pictures: Pictures) -> "Callable[[tf.Tensor], tuple[tf.Tensor, tf.Tensor]]":
    import tensorflow as tf  # noqa: PLC0415 - heavy

    images, divisors, labels = map(tf.constant, (pictures.images, pictures.divisors, pictures.labels))

    def prepared(chosen: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        levels = tf.cast(tf.gather(images, chosen), tf.float32)
        return levels / tf.gather(divisors, chosen)[:, None, None, None], tf.gather(labels, chosen)

    return prepared


def _untuned(dataset: "tf.data.Dataset") -> "tf.data.Dataset":
    """Let batches be made when they are asked for, and nothing be tuned.

    The end of an epoch waits for the thread that tunes: a training on one processor took 11.7 s for 7.7 s of
    work. And a grid keeps all processors busy, so that none is left to make batches ahead of time.
    """
    import tensorflow as tf  # noqa: PLC0415 - heavy

    options = tf.data.Options()
    options.autotune.enabled = False
    return dataset.with_options(options)
