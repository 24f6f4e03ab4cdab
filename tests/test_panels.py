"""The layout of pictures: nothing overlaps, nothing is distorted, nothing hidden is drawn."""

import itertools

import matplotlib.pyplot as plt
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attacknet import panels
from attacknet.panels import Panel

SIZES = st.tuples(st.integers(1, 40), st.integers(1, 40))
PANELS = st.builds(
    lambda size, title: Panel(np.zeros((*size, 3), np.uint8), title), SIZES, st.sampled_from(["", "a title"])
)
ROWS = st.lists(st.lists(st.none() | PANELS, min_size=1, max_size=4), min_size=1, max_size=4)


@settings(max_examples=40)
@given(ROWS, st.sets(st.integers(1, 3)))
def test_panels_lie_apart_and_inside_the_figure(rows, gaps):
    """Whatever the shapes, titles and gaps; an empty place takes room and draws nothing."""
    rows = [*rows, [Panel(np.zeros((3, 4), np.uint8))]]
    fig = panels.draw(rows, gaps=[gap for gap in gaps if gap < max(map(len, rows))])
    places = [axes.get_position(original=True) for axes in fig.axes]
    plt.close(fig)
    assert len(places) == sum(one is not None for row in rows for one in row)
    for place in places:
        assert place.x0 >= 0
        assert place.y0 >= -1e-9
        assert place.x1 <= 1
        assert place.y1 <= 1 + 1e-9
    for one, other in itertools.combinations(places, 2):
        beside = one.x1 <= other.x0 or other.x1 <= one.x0
        assert beside or one.y1 <= other.y0 + 1e-9 or other.y1 <= one.y0 + 1e-9


def test_a_picture_keeps_its_shape():
    """A picture twice as wide as high gets a place twice as wide as high."""
    fig = panels.draw([[Panel(np.zeros((20, 40, 3), np.uint8))] * 2], labels=["row"])
    place = fig.axes[0].get_position(original=True)
    width, height = fig.get_size_inches()
    plt.close(fig)
    assert place.width * width / (place.height * height) == pytest.approx(2)


def test_what_is_hidden_is_named_and_not_drawn():
    fig = panels.draw([[Panel(None, "title")]])
    (axes,) = fig.axes
    plt.close(fig)
    assert not axes.images
    assert [text.get_text() for text in axes.texts] == ["hidden"]


def test_a_fine_pattern_becomes_its_mean():
    """Stripes of one pixel, 0 and 200, at half their width: 100 everywhere."""
    stripes = np.tile(np.array([0, 200], np.uint8), (6, 8))
    assert np.array_equal(panels._at_most(stripes, 8), np.full((3, 8), 100))


def test_the_square_is_the_middle():
    """Of four columns the two in the middle, of two rows both."""
    assert panels.square(np.array([[1, 2, 3, 4], [5, 6, 7, 8]])).tolist() == [[2, 3], [6, 7]]
