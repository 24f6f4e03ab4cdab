"""Does a map follow the picture? One-pixel shifts."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from attacknet.explain.similarity import rank_correlation

Floats = NDArray[np.float32]
STEPS = ((-1, 0), (1, 0), (0, -1), (0, 1))


def shifted(batch: Floats, step: tuple[int, int]) -> Floats:
    """Move the content of pictures or maps by rows and columns; the edge is repeated."""
    down, right = step
    rows = np.clip(np.arange(batch.shape[1]) - down, 0, batch.shape[1] - 1)
    columns = np.clip(np.arange(batch.shape[2]) - right, 0, batch.shape[2] - 1)
    return batch[:, rows][:, :, columns]


def stability(fine_maps: Callable[[Floats], Floats], batch: Floats) -> NDArray[np.float64]:
    """Return how alike a picture's map and the map of the picture moved by one pixel are.

    Parameters
    ----------
    fine_maps
        From pictures to their maps, of the pictures' size. It is asked once, for the pictures as they are
        and then for those moved in each direction.
    batch
        ``(pictures, height, width, channels)``.

    Returns
    -------
    numpy.ndarray
        ``(pictures,)``: mean rank correlation over the four shifts, once the map is moved back. The border is
        left out, where moving repeats pixels.
    """
    inner = (slice(None), slice(1, -1), slice(1, -1))
    versions = np.concatenate([batch, *(shifted(batch, step) for step in STEPS)])
    maps, *moved = np.split(fine_maps(versions), 1 + len(STEPS))
    back = [shifted(each, (-down, -right)) for each, (down, right) in zip(moved, STEPS, strict=True)]
    return np.mean([rank_correlation(maps[inner], each[inner]) for each in back], axis=0)
