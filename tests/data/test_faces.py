"""Boxes and crops: the annotation first, then the detector; a crop shows what its geometry says."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import h5py
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from skimage import data as pictures

from attacknet.data import manifest
from attacknet.data.annotations import Eyes
from attacknet.data.faces import (
    Face,
    Geometry,
    annotation_file,
    box_around,
    box_from_eyes,
    detected_face,
    detected_faces,
    face_finder,
)
from attacknet.data.manifest import Manifest
from attacknet.data.media import quiet_cv2
from attacknet.errors import AttackNetError
from attacknet.preprocessing import Box, Preprocessing

BLANK = np.zeros((240, 320, 3), np.uint8)
ASTRONAUT = pictures.astronaut()  # NASA, public domain; the face spans rows 70-165 and columns 180-270
STEM = "train/real/client001_session01_webcam_authenticate_adverse_1"


@pytest.fixture
def replay() -> Manifest:
    return manifest.load("replay_attack")


def face_file(folder: Path, text: str) -> Path:
    path = folder / "a.face"
    path.write_text(text)
    return path


def eye_file(folder: Path, rows: list[list[float]]) -> Path:
    with h5py.File(folder / "a.hdf5", "w") as file:
        file["Eye_Pos"] = rows
    return folder / "a.hdf5"


def landmark_file(folder: Path, shift: int = 0) -> Path:
    path = folder / "a.pos"
    path.write_text("16\n" + "".join(f"{shift + 100 + 2 * n} {150 - 3 * n}\n" for n in range(16)))
    return path


def test_the_annotation_lies_where_the_manifest_says(tmp_path: Path, replay: Manifest) -> None:
    """Beside the media tree, under the sample's path without prefix and ending."""
    annotation = tmp_path / f"face-locations/{STEM}.face"
    annotation.parent.mkdir(parents=True)
    annotation.write_text("0 1 2 30 40\n")
    assert annotation_file(replay, tmp_path, f"replayattack-train/{STEM}.mov") == annotation


def test_a_missing_annotation_is_an_error_not_a_quiet_change_of_method(
    tmp_path: Path, replay: Manifest
) -> None:
    """The reader decides whether the detector stands in for the annotation."""
    with pytest.raises(AttackNetError, match=r"annotation is missing.*--boxes detector") as refusal:
        annotation_file(replay, tmp_path, f"{STEM}.mov")
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(("dataset", "annotated"), [("csmad", False), ("own", False), ("3dmad", True)])
def test_which_databases_are_annotated_in_the_media_itself(
    tmp_path: Path, dataset: str, annotated: bool
) -> None:
    """3DMAD keeps eyes in the recording; CSMAD and the own set have nothing."""
    found = annotation_file(manifest.load(dataset), tmp_path, "a.hdf5")
    assert found == (tmp_path / "a.hdf5" if annotated else None)


def test_boxes_are_annotated_carried_or_detected(tmp_path: Path, replay: Manifest) -> None:
    """Frame 0 has no box yet and no face to detect; 1 has one; 2 carries it forward."""
    find = face_finder(replay, face_file(tmp_path, "1 10 20 100 120\n"))
    box = Box(row=20, column=10, height=120, width=100)
    assert [find(n, BLANK) for n in range(3)] == [None, Face(box, "annotated"), Face(box, "carried")]
    before = find(0, ASTRONAUT)
    assert before is not None
    assert before.origin == "detected"


def test_eyes_make_a_square_of_twice_their_distance(tmp_path: Path) -> None:
    """Worked case: eyes at (100, 120) and (160, 120) are 60 apart and make 120 x 120 from (70, 90)."""
    expected = Box(row=90, column=70, height=120, width=120)
    assert box_from_eyes(Eyes((100, 120), (160, 120))) == expected
    find = face_finder(manifest.load("3dmad"), eye_file(tmp_path, [[100, 120, 160, 120]]))
    assert find(0, BLANK) == Face(expected, "annotated", Eyes((100, 120), (160, 120)))


def test_landmarks_make_the_tight_box(tmp_path: Path) -> None:
    """Columns 100..130 and rows 105..150 of the file above."""
    find = face_finder(manifest.load("msspoof"), landmark_file(tmp_path))
    assert find(0, BLANK) == Face(Box(row=105, column=100, height=45, width=30), "annotated")
    assert box_around(np.array([[0.4, 1.6], [2.2, 0.5]])) == Box(row=0, column=0, height=2, width=3)


def test_a_box_of_another_picture_is_refused(tmp_path: Path, replay: Manifest) -> None:
    """Its centre lies outside; at the border of the picture a box may reach beyond it."""
    border = face_finder(replay, face_file(tmp_path, "0 250 150 120 120\n"))
    assert border(0, BLANK) is not None
    for row in ("0 300 20 100 100", "0 10 220 100 100", "0 -200 20 100 100", "0 10 -200 100 100"):
        with pytest.raises(AttackNetError, match=r"a\.face: the face box .* of frame 0 lies outside"):
            face_finder(replay, face_file(tmp_path, row))(0, BLANK)
    with pytest.raises(AttackNetError, match="lies outside"):
        face_finder(manifest.load("msspoof"), landmark_file(tmp_path, 400))(0, BLANK)
    with pytest.raises(AttackNetError, match="lies outside"):
        face_finder(manifest.load("3dmad"), eye_file(tmp_path, [[500, 20, 600, 20]]))(0, BLANK)


def test_eyes_for_fewer_frames_than_there_are_are_refused(tmp_path: Path) -> None:
    """3DMAD gives eyes for every frame."""
    find = face_finder(manifest.load("3dmad"), eye_file(tmp_path, [[100, 120, 160, 120]]))
    with pytest.raises(AttackNetError, match="for 1 frames and none for frame 1"):
        find(1, BLANK)


@pytest.mark.parametrize("scale", [1, 3])
def test_the_detector_finds_a_face_where_it_is(scale: int) -> None:
    """On the picture itself and on one so large that it is scaled down first."""
    face = detected_face(0, np.kron(ASTRONAUT, np.ones((scale, scale, 1), np.uint8)))
    assert face is not None
    assert face.origin == "detected"
    row, column = face.box.row + face.box.height / 2, face.box.column + face.box.width / 2
    assert abs(row / scale - 115) < 12
    assert abs(column / scale - 225) < 12
    assert 70 < face.box.height / scale < 130


def test_the_detector_finds_no_face_where_there_is_none() -> None:
    """A black picture, and some of hardly any size."""
    for image in (BLANK, np.zeros((1, 1, 3), np.uint8), np.zeros((1, 500, 3), np.uint8)):
        assert detected_face(0, image) is None
        assert detected_faces(image) == []


def test_all_faces_are_found_and_the_largest_is_first() -> None:
    """Of one face at two sizes beside each other."""
    large = ASTRONAUT[:300, 100:350]
    small = quiet_cv2().resize(large, None, fx=0.6, fy=0.6)
    small = np.pad(small, ((0, 120), (0, 0), (0, 0)))
    for image in (np.hstack([small, large]), np.hstack([large, small])):
        found = detected_faces(image)
        assert len(found) == 2
        assert found[0].box.height > 1.3 * found[1].box.height
        assert found[0] == detected_face(0, image)


def test_threads_do_not_disturb_each_other() -> None:
    """A detector keeps notes while it works, so each thread has its own."""
    images = [np.ascontiguousarray(ASTRONAUT[:, shift:]) for shift in range(0, 64, 4)]
    alone = [detected_faces(image) for image in images]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(detected_faces, images)) == alone


@pytest.mark.parametrize("margin", [0.0, 0.3])
def test_a_boxed_crop_is_what_the_preprocessing_contract_prepares(margin: float) -> None:
    """Training on stored crops and scoring a picture see the same pixels, to one grey level."""
    box = Box(row=70, column=180, height=96, width=90)
    stored = Geometry(margin=margin).crop(ASTRONAUT, Face(box, "annotated")).astype(int)
    contract = Preprocessing(crop_margin=margin).apply(ASTRONAUT, box)[0] * 255
    assert np.abs(stored - contract).max() <= 1.01


def test_the_size_is_height_then_width() -> None:
    """Whatever the geometry."""
    face = Face(Box(70, 180, 96, 90), "annotated", Eyes((205, 110), (245, 108)))
    for align in ("box", "eyes"):
        crop = Geometry(align=align, size=(20, 48)).crop(ASTRONAUT, face)
        assert (crop.shape, crop.dtype) == ((20, 48, 3), np.uint8)


@pytest.mark.parametrize("align", ["box", "eyes"])
@pytest.mark.parametrize(
    "view",
    [
        np.ascontiguousarray(ASTRONAUT.transpose(2, 0, 1)).transpose(1, 2, 0),  # as 3DMAD stores it
        np.broadcast_to(ASTRONAUT[..., 1][..., np.newaxis], ASTRONAUT.shape),  # as MSSpoof's grey is shown
        np.ascontiguousarray(ASTRONAUT[..., ::-1])[..., ::-1],  # as OpenCV decodes videos
    ],
    ids=["planes", "grey", "BGR"],
)
def test_how_a_frame_lies_in_memory_changes_no_pixel(view: np.ndarray, align: str) -> None:
    """Each order has its own, quickest way to the same crop and the same detected face."""
    face = Face(Box(70, 180, 96, 90), "annotated", Eyes((205, 110), (245, 108)))
    geometry, rgb = Geometry(align=align), view.copy(order="C")
    crop = geometry.crop(view, face)
    assert np.array_equal(crop, geometry.crop(rgb, face))
    assert crop.flags.c_contiguous
    assert detected_face(0, view) == detected_face(0, rgb)


@given(
    angle=st.floats(-40, 40), distance=st.floats(30, 120), margin=st.floats(0, 0.5), size=st.integers(32, 96)
)
def test_aligned_eyes_stand_level_in_their_places(
    angle: float, distance: float, margin: float, size: int
) -> None:
    """Two bright spots at the eyes land at the named places, however the head is turned and how large."""
    turn = np.deg2rad(angle)
    centre, half = np.array([150.0, 120.0]), distance / 2 * np.array([np.cos(turn), np.sin(turn)])
    eyes = Eyes(tuple(centre - half), tuple(centre + half))
    (to_left, to_right) = (
        Geometry(align="eyes", margin=margin, size=(size, size))._similarity(eyes) @ [*eye, 1] for eye in eyes
    )
    apart = (size + 1) / 2 / (1 + 2 * margin)
    level = size * (0.25 + margin) / (1 + 2 * margin)
    assert to_left == pytest.approx([(size - 1) / 2 - apart / 2, level])
    assert to_right == pytest.approx([(size - 1) / 2 + apart / 2, level])


def test_an_aligned_crop_shows_the_eyes_at_a_quarter_of_the_height() -> None:
    """White discs at tilted eyes: the brightest pixels of the crop lie on row 16 of 64, left and right."""
    image = np.zeros((240, 320, 3), np.uint8)
    eyes = Eyes((120, 100), (180, 130))
    rows, columns = np.mgrid[:240, :320]
    for column, row in eyes:
        image[(rows - row) ** 2 + (columns - column) ** 2 < 30] = 255
    crop = Geometry(align="eyes", size=(64, 64)).crop(image, Face(Box(0, 0, 9, 9), "annotated", eyes))
    bright = np.argwhere(crop[..., 0] > 128)
    assert abs(bright[:, 0].mean() - 16) < 1
    left, right = bright[bright[:, 1] < 32], bright[bright[:, 1] >= 32]
    assert abs(right[:, 1].mean() - left[:, 1].mean() - 32.5) < 1.5


def test_alignment_without_eyes_is_refused() -> None:
    """A box does not say where the eyes are."""
    with pytest.raises(AttackNetError, match="need eye positions"):
        Geometry(align="eyes").crop(BLANK, Face(Box(0, 0, 9, 9), "detected"))
