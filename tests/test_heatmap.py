"""Matrices of rates: every rate is written, its evidence is its hue, nothing missing looks like 0."""

import pandas as pd
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from attacknet import heatmap
from attacknet.evidence import Evidence

RATES = pd.DataFrame([[0.0, 0.25], [float("nan"), 0.6]], ["a", "b"], ["c", "d"])


def drawn(**options):
    """Return the panel of a drawing."""
    panel = Figure().subplots()
    heatmap.draw(panel, RATES, **{"evidence": "recomputed"} | options)
    return panel


def test_rates_notes_and_names_are_written():
    """Row by row, the rate and below it its note; a missing rate is a dash."""
    notes = pd.DataFrame([["n1", "n2"], ["n3", "n4"]])
    texts = [text.get_text() for text in drawn(notes=notes).texts]
    assert texts == ["0.000", "n1", "0.250", "n2", "–", "n3", "0.600", "n4"]
    panel = drawn(digits=1)
    assert [text.get_text() for text in panel.texts] == ["0.0", "0.2", "–", "0.6"]
    assert [label.get_text() for label in panel.get_xticklabels()] == ["c", "d"]
    assert [label.get_text() for label in panel.get_yticklabels()] == ["a", "b"]


def test_the_hue_is_the_evidences():
    """0 is white, the highest rate has the level's own colour, and a missing rate has neither."""
    for level in Evidence:
        (image,) = drawn(evidence=level).images
        hues = [to_hex(image.cmap(image.norm(rate))) for rate in (0.0, 0.6)]
        assert hues == ["#ffffff", level.colour.lower()]
        assert to_hex(image.cmap.get_bad()) not in hues


def test_cells_are_framed():
    """A frame encloses its cell: row 1, column 0."""
    (frame,) = [patch for patch in drawn(framed=[(1, 0)]).patches if isinstance(patch, Rectangle)]
    assert frame.get_xy() == (-0.5, 0.5)
    assert (frame.get_width(), frame.get_height()) == (1, 1)
