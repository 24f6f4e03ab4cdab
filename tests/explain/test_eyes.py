"""Where the eyes are on a crop."""

import numpy as np
import pandas as pd
import pytest

from attacknet.data import manifest
from attacknet.data.annotations import Eyes
from attacknet.data.faces import Face, Geometry, box_around, box_from_eyes, detected_face
from attacknet.explain import eyes
from attacknet.explain.samples import Samples
from attacknet.preprocessing import Box
from attacknet.standins import pack
from attacknet.standins.cast import LANDMARKS

TEMPLATES = eyes.templates()


@pytest.fixture(scope="module")
def people():
    """Shots of synthetic people with their landmarks; among them are heads that turn."""
    shots = pack.shots()
    return shots[(shots["modality"] == "vis") & (shots["group"] == "bonafide")].iloc[::8]


def eyes_of(shot):
    def middle(side):
        return [(shot[f"{side}_eye_outer_{axis}"] + shot[f"{side}_eye_inner_{axis}"]) / 2 for axis in "xy"]

    return np.array([middle("right"), middle("left")])


def place(shot, box):
    """Return row, column and distance of the eyes as shares of a box."""
    both = eyes_of(shot)
    column, row = both.mean(axis=0)
    apart = np.hypot(*(both[1] - both[0]))
    return (row - box.row) / box.height, (column - box.column) / box.width, apart / box.width


def picture(shot):
    shown = pack.load(shot["name"])
    return shown.over(np.full_like(shown.colour, 120))


def box_of(kind, shot):
    if kind == "face_file":
        return Box(*(round(shot[f"box_{name}"]) for name in "yxhw"))
    if kind == "landmarks_pos":
        return box_around(np.array([[shot[f"{name}_x"], shot[f"{name}_y"]] for name in LANDMARKS]))
    face = detected_face(0, picture(shot))
    return face.box if face else None


@pytest.mark.parametrize("kind", ["face_file", "landmarks_pos", "detector"])
def test_templates_are_what_the_synthetic_people_measure(kind):
    """The numbers in templates.csv were measured on faces that look ahead, and this measures them again."""
    shots = pack.shots()
    ahead = shots[(shots["modality"] == "vis") & (shots["yaw"].abs() < 12)]
    rows = ahead.iloc[:: 36 if kind == "detector" else 9].to_dict("records")
    found = [(shot, box_of(kind, shot)) for shot in rows]
    row, _, distance = np.mean([place(shot, box) for shot, box in found if box], axis=0)
    assert (row, distance) == pytest.approx(TEMPLATES[kind][:2], abs=0.01)


@pytest.mark.parametrize("kind", ["face_file", "landmarks_pos"])
def test_eyes_found_on_the_crop_are_nearer_than_the_usual_place(people, kind):
    """On the 32x32 pixels of a crop: within a pixel, where the usual place of a box is several off."""
    off, usual = [], []
    rows = people.to_dict("records")
    for shot in rows:
        box = box_of(kind, shot)
        crop = Geometry().crop(picture(shot), Face(box, "annotated"))
        found = eyes.between(crop, TEMPLATES[kind], box.height / box.width)
        row, column, _ = place(shot, box)
        if found.origin == "crop":
            off.append((found.row - row, found.column - column))
            usual.append((TEMPLATES[kind].eye_row - row, 0.5 - column))
    assert len(off) > 0.65 * len(rows)
    pixels = 32 * np.sqrt(np.mean(np.square([off, usual]), axis=1))
    (row, column), (_, usual_column) = pixels
    assert max(row, column) < 1
    assert usual_column > 3 * column, "faces that turn move sideways in their boxes"


def test_boxes_from_eyes_have_them_where_the_template_says():
    pair = Eyes((100.0, 200.0), (160.0, 200.0))
    box = box_from_eyes(pair)
    template = TEMPLATES["eyes_hdf5"]
    assert (200 - box.row) / box.height == pytest.approx(template.eye_row)
    assert pair.distance / box.width == pytest.approx(template.eye_distance)


@pytest.mark.parametrize("dataset", ["replay_attack", "3dmad", "msspoof", "csmad", "own"])
def test_every_dataset_has_a_template(dataset):
    assert eyes.template_of(dataset) == TEMPLATES[manifest.load(dataset).boxes.source]


@pytest.mark.parametrize("level", [0, 127, 255])
def test_no_face_is_said_and_the_usual_place_taken(level):
    template = TEMPLATES["face_file"]
    found = eyes.between(np.full((32, 32, 3), level, np.uint8), template, 1.3)
    assert found == template.usual(1.3)._replace(origin="missed")


def test_each_picture_by_its_own_box(people):
    """A frame that the annotation left to the detector has the detector's box, and no other is looked at."""
    images = np.zeros((2, 32, 32, 3), np.uint8)
    rows = pd.DataFrame({"face": ["carried", "detected"], "height": [40, 30], "width": [30, 30]})
    first, second = eyes.placed(Samples(images, rows), "replay_attack")
    assert (first.distance, first.aspect, first.origin) == (
        TEMPLATES["face_file"].eye_distance,
        40 / 30,
        "missed",
    )
    assert second == TEMPLATES["detector"].usual(1.0)
