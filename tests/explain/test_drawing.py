"""Maps over faces."""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from attacknet.data.crops import Crops
from attacknet.errors import AttackNetError
from attacknet.explain import drawing


def crops(people):
    """Two frames for each sample; the second frames are white and must not count."""
    rows = [
        {"sample": f"s{i}", "subject": f"p{i}", "frame": frame, "crop": 2 * i + frame}
        for i in range(people)
        for frame in range(2)
    ]
    images = np.full((2 * people, 4, 4, 3), 255, np.uint8)
    images[::2] = 51
    return Crops(Path("set-of-crops"), pd.DataFrame(rows), images, {})


def test_the_average_is_over_samples():
    np.testing.assert_allclose(drawing.average_face(crops(12)), 51 / 255)


def test_an_average_of_few_people_is_refused():
    """It would be a picture of them, which a licence may forbid."""
    with pytest.raises(AttackNetError, match="average face of 9 people would show them"):
        drawing.average_face(crops(9))


@pytest.mark.parametrize("fine", [np.eye(8), np.zeros((8, 8))])
def test_an_overlay_has_face_and_map_or_says_that_there_is_none(fine):
    figure, axes = plt.subplots()
    drawing.overlay(axes, np.full((8, 8, 3), 128, np.uint8), fine)
    assert (len(axes.images), len(axes.lines)) == ((2, 0) if fine.any() else (1, 2))
    plt.close(figure)


def test_few_people_may_be_averaged_where_each_may_be_shown():
    assert drawing.average_face(crops(2), showable=True).shape == (4, 4, 3)


def test_a_tint_colours_its_region_and_nothing_else():
    figure, axes = plt.subplots()
    mask = np.zeros((8, 8), bool)
    mask[2:4, 1:7] = True
    drawing.tint(axes, {"box": mask}, {"box": "red"})
    (image,) = axes.images
    np.testing.assert_array_equal(image.get_array()[..., 3] > 0, mask)
    np.testing.assert_array_equal(image.get_array()[2, 1, :3], [1, 0, 0])
    plt.close(figure)
