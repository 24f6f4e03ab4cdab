"""Pictures with a part of their detail: what is left when the fine or the coarse is taken away."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def low_pass(batch: Floats, sigma: float) -> Floats:
    """Return the pictures without their fine detail.

    Parameters
    ----------
    batch
        ``(pictures, height, width, channels)`` in [0, 1].
    sigma
        Deviation of the Gaussian in pixels; 0 leaves the pictures as they are. Beyond a border the picture
        goes on with its edge.
    """
    from scipy.ndimage import gaussian_filter  # noqa: PLC0415 - heavy

    return gaussian_filter(batch, (0, sigma, sigma, 0), mode="nearest")


def high_pass(batch: Floats, sigma: float) -> Floats:
    """Return the fine detail on the picture's mean colour: what `low_pass` takes away, clipped to [0, 1]."""
    mean = batch.mean(axis=(1, 2), keepdims=True)
    return np.clip(mean + batch - low_pass(batch, sigma), 0, 1)


def halving_period(sigma: float) -> float:
    """Return the period, in pixels, of the wave whose amplitude `low_pass` halves.

    The Gaussian's response at frequency f is ``exp(-2 (pi sigma f)^2)``; it is a half at
    ``f = sqrt(ln(2) / 2) / (pi sigma)``.
    """
    return float(np.pi * sigma / np.sqrt(np.log(2) / 2))


def replaced(batch: Floats, where: NDArray[np.bool_]) -> Floats:
    """Return the pictures with some pixels replaced by a blurred copy of the picture.

    The blur is so wide that a colour and a light remain, but no feature of a face; a constant patch would add
    an edge of its own.

    Parameters
    ----------
    where
        Pixels to replace, ``(height, width)`` or ``(pictures, height, width)``. One picture may have many
        versions of its own.
    """
    return np.where(where[..., np.newaxis], low_pass(batch, _WIDE * batch.shape[2]), batch)


def levelled(batch: Floats, where: NDArray[np.bool_]) -> Floats:
    """Return the pictures with some pixels replaced by the mean colour of the others: their light goes too.

    Parameters and shapes as for `replaced`.
    """
    gone = np.broadcast_to(where, (len(batch), *batch.shape[1:3]))[..., np.newaxis]
    mean = np.where(gone, 0, batch).sum(axis=(1, 2), keepdims=True) / (~gone).sum(axis=(1, 2), keepdims=True)
    return np.where(gone, mean, batch).astype(np.float32)


# Deviation of the wide blur as a share of the picture's width: about the half of a face's eye distance.
_WIDE = 0.2
