"""Where regions of a face are on a crop."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attacknet.data import manifest
from attacknet.data.annotations import Eyes
from attacknet.data.faces import box_around, box_from_eyes, detected_face
from attacknet.errors import AttackNetError
from attacknet.explain import regions
from attacknet.standins import pack
from attacknet.standins.cast import LANDMARKS

TEMPLATES = regions.templates()


@pytest.fixture(scope="module")
def people():
    """Shots of synthetic people who look at the camera, with their landmarks."""
    shots = pack.shots()
    frontal = shots[(shots["modality"] == "vis") & (shots["yaw"].abs() < 12)]
    return frontal.iloc[::9]


def eyes_of(shot):
    def middle(side):
        return [(shot[f"{side}_eye_outer_{axis}"] + shot[f"{side}_eye_inner_{axis}"]) / 2 for axis in "xy"]

    return np.array([middle("right"), middle("left")])


def place(shot, box):
    """Return eye row and eye distance as shares of a box (row, column, height, width)."""
    row, _, height, width = box
    eyes = eyes_of(shot)
    return (eyes[:, 1].mean() - row) / height, np.hypot(*(eyes[1] - eyes[0])) / width


def boxes(kind, shot):
    if kind == "face_file":
        return tuple(shot[f"box_{name}"] for name in "yxhw")
    if kind == "landmarks_pos":
        return box_around(np.array([[shot[f"{name}_x"], shot[f"{name}_y"]] for name in LANDMARKS]))
    shown = pack.load(shot["name"])
    face = detected_face(0, shown.over(np.full_like(shown.colour, 120)))
    return face.box if face else None


@pytest.mark.parametrize("kind", ["face_file", "landmarks_pos", "detector"])
def test_templates_are_what_the_synthetic_people_measure(people, kind):
    """The numbers in templates.csv were measured, and this measures them again."""
    rows = people.iloc[:: 4 if kind == "detector" else 1].to_dict("records")
    found = [(shot, boxes(kind, shot)) for shot in rows]
    mean = np.mean([place(shot, box) for shot, box in found if box], axis=0)
    np.testing.assert_allclose(mean, TEMPLATES[kind][:2], atol=0.01)


def test_boxes_from_eyes_have_them_where_the_template_says():
    eyes = Eyes((100.0, 200.0), (160.0, 200.0))
    box = box_from_eyes(eyes)
    template = TEMPLATES["eyes_hdf5"]
    assert (200 - box.row) / box.height == pytest.approx(template.eye_row)
    assert eyes.distance / box.width == pytest.approx(template.eye_distance)


@pytest.mark.parametrize("dataset", ["replay_attack", "3dmad", "msspoof", "csmad", "own"])
def test_every_dataset_has_a_template(dataset):
    assert regions.template_of(dataset) == TEMPLATES[manifest.load(dataset).boxes.source]


@given(st.sampled_from(sorted(TEMPLATES)), st.integers(24, 140), st.integers(24, 140), st.floats(0.9, 1.4))
def test_regions_share_no_pixel_and_each_has_some(kind, height, width, aspect):
    found = regions.masks(TEMPLATES[kind], (height, width), aspect)
    assert tuple(found) == regions.NAMES
    assert np.sum([*found.values()], axis=0).max() == 1
    assert all(mask.any() for mask in found.values())


def test_organs_lie_in_their_regions(people):
    """Landmarks of synthetic people mostly fall into the regions of their names, though heads turn."""
    size = 64
    hits = {"nose_tip": "nose", "upper_lip": "mouth", "left_eye_inner": "eyes", "right_eye_inner": "eyes"}
    inside = dict.fromkeys(hits, 0)
    for shot in people.to_dict("records"):
        row, column, height, width = boxes("face_file", shot)
        masks = regions.masks(TEMPLATES["face_file"], (size, size), height / width)
        for point, region in hits.items():
            y = int(size * (shot[f"{point}_y"] - row) / height)
            x = int(size * (shot[f"{point}_x"] - column) / width)
            inside[point] += masks[region][y, x]
    assert min(inside.values()) / len(people) > 0.7, inside


def test_right_and_left_mirror():
    for mask in regions.masks(TEMPLATES["detector"], (32, 32)).values():
        np.testing.assert_array_equal(mask, mask[:, ::-1])


def test_corners_are_the_four_corners():
    corners = regions.masks(TEMPLATES["detector"], (32, 32))["corners"]
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


def test_joined_regions_are_one():
    parts = regions.masks(TEMPLATES["detector"], (32, 32))
    found = regions.joined(parts, ("cheeks", "forehead"), "skin")
    assert [*found] == ["skin", "eyes", "nose", "mouth", "corners"]
    np.testing.assert_array_equal(found["skin"], parts["cheeks"] | parts["forehead"])


def test_a_crop_too_small_for_regions_is_refused():
    with pytest.raises(AttackNetError, match=r"crop of 4x4 pixels is too small for the region"):
        regions.masks(TEMPLATES["detector"], (4, 4))
