"""Rank correlation, against scipy's and by its rules."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import spearmanr

from attacknet.explain.similarity import rank_correlation

maps = arrays(np.float32, (3, 4, 5), elements=st.integers(0, 4).map(float))


@given(maps, maps)
def test_it_is_spearmans_with_ties(one, other):
    """Rectified maps are full of ties at 0, where formulas without ties go wrong."""
    for a, b, found in zip(one, other, rank_correlation(one, other), strict=True):
        if np.ptp(a) and np.ptp(b):
            assert found == pytest.approx(spearmanr(a.ravel(), b.ravel()).statistic)
        else:
            assert found == 0


@given(maps)
def test_units_do_not_matter(one):
    varied = np.ptp(one.reshape(3, -1), axis=1) > 0
    np.testing.assert_allclose(rank_correlation(one, 7 * one**3 + 1), varied, atol=1e-12)
    np.testing.assert_allclose(rank_correlation(one, -one), -1.0 * varied, atol=1e-12)
