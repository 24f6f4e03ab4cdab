"""Where regions of a face are on a crop."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attacknet.errors import AttackNetError
from attacknet.explain import eyes, regions
from attacknet.standins import pack

TEMPLATES = eyes.templates()
FRONTAL = TEMPLATES["detector"].usual()


@given(
    st.sampled_from(sorted(TEMPLATES)),
    st.tuples(st.integers(24, 140), st.integers(24, 140)),
    st.floats(0.9, 1.4),
    st.tuples(st.floats(-0.12, 0.12), st.floats(-0.2, 0.2)),
)
def test_regions_share_no_pixel_and_each_has_some(kind, size, aspect, off):
    """Also where the eyes were found as far off their usual place as they may be."""
    placed = TEMPLATES[kind].usual(aspect)
    if TEMPLATES[kind].sought:
        placed = placed._replace(row=placed.row + off[0], column=placed.column + off[1])
    found = regions.masks(placed, size)
    assert tuple(found) == regions.NAMES
    assert np.sum([*found.values()], axis=0).max() == 1
    assert all(mask.any() for mask in found.values())


def test_organs_lie_in_their_regions():
    """Landmarks of synthetic people fall into the regions of their names, placed by the people's own eyes."""
    shots = pack.shots()
    size = 64
    hits = {"nose_tip": "nose", "upper_lip": "mouth", "left_eye_inner": "eyes", "right_eye_outer": "eyes"}
    inside = dict.fromkeys(hits, 0)
    frontal = shots[(shots["modality"] == "vis") & (shots["yaw"].abs() < 12)].iloc[::9]
    for shot in frontal.to_dict("records"):
        row, column, height, width = (shot[f"box_{name}"] for name in "yxhw")
        corners = [
            [shot[f"{side}_eye_{end}_{axis}"] for side in ("right", "left") for end in ("outer", "inner")]
            for axis in "xy"
        ]
        x, y = np.mean(corners, axis=1)
        apart = np.subtract(*np.reshape(corners[0], (2, 2)).mean(axis=1)[::-1])
        own = eyes.Placing((y - row) / height, (x - column) / width, apart / width, height / width, "crop")
        masks = regions.masks(own, (size, size))
        for point, region in hits.items():
            at = (
                int(size * (shot[f"{point}_y"] - row) / height),
                int(size * (shot[f"{point}_x"] - column) / width),
            )
            inside[point] += masks[region][at]
    assert min(inside.values()) / len(frontal) > 0.85, inside


def test_right_and_left_mirror():
    for mask in regions.masks(FRONTAL, (32, 32)).values():
        np.testing.assert_array_equal(mask, mask[:, ::-1])


def test_corners_are_the_four_corners():
    corners = regions.masks(FRONTAL, (32, 32))["corners"]
    assert corners[[0, 0, -1, -1], [0, -1, 0, -1]].all()
    assert not corners[10:22].any()


def test_density_worked_by_hand():
    """Of 8 units, 1 lies in the left half and 4 in the last quarter of the pixels."""
    fine = np.zeros((2, 2, 2))
    fine[0] = [[1, 3], [0, 4]]
    left = np.array([[True, False], [True, False]])
    found = regions.density(fine, {"left": left, "last": ~left & [[False], [True]]})
    assert found.loc[0].tolist() == [(1 / 8) / (1 / 2), (4 / 8) / (1 / 4)]
    assert found.loc[1].isna().all()


def test_each_picture_can_have_its_own_regions():
    """Worked by hand: the same map, and a region that lies on it in the second picture alone."""
    fine = np.zeros((2, 2, 2))
    fine[:, 0, 0] = 1
    upper_left = np.array([[[False, False], [False, True]], [[True, False], [False, False]]])
    assert regions.density(fine, {"spot": upper_left})["spot"].tolist() == [0, 4]
    moved = [FRONTAL, FRONTAL._replace(column=0.55)]
    both = regions.masks_of_each(moved, (32, 32))
    for name, stacked in both.items():
        for one, eye in zip(stacked, moved, strict=True):
            np.testing.assert_array_equal(one, regions.masks(eye, (32, 32))[name])


def test_joined_regions_are_one():
    parts = regions.masks(FRONTAL, (32, 32))
    found = regions.joined(parts, ("cheeks", "forehead"), "skin")
    assert [*found] == ["skin", "eyes", "nose", "mouth", "corners"]
    np.testing.assert_array_equal(found["skin"], parts["cheeks"] | parts["forehead"])


def test_a_crop_too_small_for_regions_is_refused():
    with pytest.raises(AttackNetError, match=r"crop of 4x4 pixels is too small for the region"):
        regions.masks(FRONTAL, (4, 4))
