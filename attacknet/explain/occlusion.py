"""What a decision loses when a region of the face is hidden."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from attacknet.explain.filters import Floats, replaced
from attacknet.explain.maps import margins
from attacknet.explain.regions import Masks

if TYPE_CHECKING:
    import keras


def losses(model: "keras.Model", batch: Floats, regions: Masks) -> pd.DataFrame:
    """Return how far the margin falls when each region is replaced by a blurred copy of the picture.

    Parameters
    ----------
    batch
        ``(pictures, height, width, channels)``, as the network expects it.
    regions
        Of the same size, for all pictures or for each.

    Returns
    -------
    pandas.DataFrame
        A row a picture, a column a region: margin of the class that the network decided for, on the whole
        picture less on the occluded one. Below 0 the region spoke against the decision.
    """
    whole = margins(model, batch)
    decided = np.where(whole > 0, 1, -1)
    return pd.DataFrame(
        {name: decided * (whole - margins(model, replaced(batch, mask))) for name, mask in regions.items()}
    )
