"""How alike two maps of one picture are."""

import numpy as np
from numpy.typing import ArrayLike, NDArray


def rank_correlation(first: ArrayLike, second: ArrayLike) -> NDArray[np.float64]:
    """Return Spearman's rank correlation of two maps, for each picture.

    It asks whether the same places rank high, whatever the units of the two maps.

    Parameters
    ----------
    first, second
        ``(pictures, ...)``, of one shape.

    Returns
    -------
    numpy.ndarray
        ``(pictures,)`` in [-1, 1]. A map that is the same everywhere ranks nothing: its correlation with
        any other is 0.
    """
    from scipy.stats import rankdata  # noqa: PLC0415 - heavy

    ranks = [rankdata(np.reshape(maps, (len(np.asarray(maps)), -1)), axis=1) for maps in (first, second)]
    a, b = (rank - rank.mean(axis=1, keepdims=True) for rank in ranks)
    scale = np.sqrt((a * a).sum(axis=1) * (b * b).sum(axis=1))
    return np.divide((a * b).sum(axis=1), scale, out=np.zeros(len(a)), where=scale > 0)
