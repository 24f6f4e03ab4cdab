"""The palette can be told apart by colour-blind readers."""

from itertools import combinations

import numpy as np
import pytest
from skimage.color import deltaE_ciede2000, rgb2lab

from attacknet.evidence import Evidence
from attacknet.paper.ledger import Status
from attacknet.plots import ATTACK, BONA_FIDE, PALETTE

# What of linear red, green and blue is seen (columns) by whom (rows of the result): Machado, Oliveira and
# Fernandes, "A physiologically-based model for simulation of color vision deficiency", IEEE TVCG 15(6), 2009,
# severity 1.0.
SIGHT = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}
# CIEDE2000: about 1 is just noticeable side by side; small marks far apart need several times that.
APART = 10.0


def seen(colours, sight):
    """Return hex colours as CIELAB, as they look to somebody with that sight."""
    rgb = np.array([[int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)] for colour in colours])
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    linear = np.clip(linear @ SIGHT[sight].T, 0, 1)
    shown = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    return rgb2lab(shown)


def closest(colours, sight):
    """Return the smallest difference of two of the colours, and these two."""
    lab = seen(colours, sight)
    return min(
        (float(deltaE_ciede2000(lab[i], lab[j])), colours[i], colours[j])
        for i, j in combinations(range(len(colours)), 2)
    )


@pytest.mark.parametrize("sight", SIGHT)
def test_a_simulated_eye_keeps_grey_grey(sight):
    """White, grey and black look the same to all; so the matrices are copied rightly, row by row."""
    np.testing.assert_allclose(SIGHT[sight].sum(axis=1), 1, atol=2e-6)


@pytest.mark.parametrize("sight", SIGHT)
def test_no_two_colours_of_the_palette_look_alike(sight):
    """Whoever draws lines in the book's colours needs no second look at them."""
    assert closest(PALETTE, sight)[0] >= APART, closest(PALETTE, sight)


@pytest.mark.parametrize("sight", SIGHT)
def test_levels_of_evidence_and_verdicts_look_different(sight):
    """Their words and signs tell them too; the colours are not to mislead."""
    assert closest([level.colour for level in Evidence], sight)[0] >= APART
    verdicts = sorted({status.colour for status in Status})
    assert closest(verdicts, sight)[0] >= APART


@pytest.mark.parametrize("sight", SIGHT)
def test_bona_fide_and_attack_look_most_different(sight):
    """The pair of nearly every figure."""
    assert closest([BONA_FIDE, ATTACK], sight)[0] >= 3 * APART


def test_red_and_green_do_not_pass():
    """The usual mistake, in matplotlib's own colours: far apart for most, the same for some."""
    red_and_green = ["#d62728", "#2ca02c"]
    assert closest(red_and_green, "normal")[0] > 5 * APART
    assert closest(red_and_green, "deuteranopia")[0] < APART / 2
