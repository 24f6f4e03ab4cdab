"""What a decision loses when a region of the face is hidden."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attacknet.explain.filters import Floats, replaced
from attacknet.explain.maps import TARGETS, margins
from attacknet.explain.regions import Masks

if TYPE_CHECKING:
    import keras

# From pictures and the pixels to hide to pictures without them.
Fill = Callable[[Floats, NDArray[np.bool_]], Floats]


def losses(
    model: "keras.Model",
    batch: Floats,
    targets: NDArray[np.int64],
    regions: Masks,
    fill: Fill = replaced,
) -> pd.DataFrame:
    """Return how far the margin falls when each region is hidden, for each hundredth of the picture.

    A larger region costs more for its size alone, so the fall is divided by the region's share of the pixels,
    as the density of a map is.

    Parameters
    ----------
    batch
        ``(pictures, height, width, channels)``, as the network expects it.
    targets
        Number of the class for which the margin is taken, for each picture: 0 bona fide, 1 attack.
    regions
        Of the same size, for all pictures or for each.
    fill
        What stands in a hidden region: a blurred copy, which keeps colour and light, or
        :func:`attacknet.explain.filters.levelled`, which does not.

    Returns
    -------
    pandas.DataFrame
        A row a picture, a column a region. Below 0 the region spoke against the class.
    """
    signs = np.where(targets == TARGETS.index("attack"), 1, -1)
    whole = margins(model, batch)

    def loss(mask: NDArray[np.bool_]) -> NDArray[np.float64]:
        fallen = signs * (whole - margins(model, fill(batch, mask)))
        return fallen / (100 * mask.mean(axis=(-2, -1)))

    return pd.DataFrame({name: loss(mask) for name, mask in regions.items()})
