"""Rows come in the order of the inputs, each with the right score, and nothing piles up on the way."""

import subprocess
import sys
import threading
import time
import tracemalloc
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage import data as pictures

from attacknet.data.faces import Geometry, detected_face
from attacknet.data.media import quiet_cv2
from attacknet.errors import AttackNetError
from attacknet.exported import Exported
from attacknet.predict import Prediction, looking, predict
from tests.predict.models import brightness

ASTRONAUT = pictures.astronaut()[:256, 100:356]  # NASA, public domain


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return brightness(tmp_path_factory.mktemp("model") / "network.onnx")


def flat(folder: Path, count: int, size: int = 32) -> list[Path]:
    """Write pictures of one brightness each: their numbers are their scores."""
    folder.mkdir(exist_ok=True)
    files = [folder / f"{number:04}.png" for number in range(count)]
    for number, file in enumerate(files):
        Image.new("RGB", (size, size), (number % 256,) * 3).save(file)
    return files


def write_video(path: Path, frames: list[np.ndarray]) -> Path:
    cv2 = quiet_cv2()
    sides = frames[0].shape[1::-1]
    writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*"FFV1"), 25, sides)
    for frame in frames:
        writer.write(np.ascontiguousarray(frame[..., ::-1]))
    writer.release()
    return path


# --- What a row says -----------------------------------------------------------------------------------


@pytest.mark.parametrize("crop_margin", [0.0, 0.3])
def test_the_largest_face_is_scored_as_the_contract_crops_it(tmp_path: Path, crop_margin: float) -> None:
    """Box and score are those of the pixels that the training would have seen."""
    Image.fromarray(ASTRONAUT).save(tmp_path / "a.png")
    model = brightness(tmp_path / "network.onnx", crop_margin=crop_margin)
    (row,) = predict(tmp_path / "a.png", model=model)
    face = detected_face(0, ASTRONAUT)
    assert face is not None
    assert (row.row, row.column, row.height, row.width) == face.box
    crop = Geometry(margin=crop_margin).crop(ASTRONAUT, face)
    assert row.score == Exported.open(model).scores(crop[np.newaxis])[0]
    assert (row.frame, row.status, row.faces, row.detail) == (0, "scored", 1, "")


def test_several_faces_are_counted_and_the_largest_is_scored(model: Path, tmp_path: Path) -> None:
    """The brighter of two is the smaller one here, and the score is not its."""
    small = quiet_cv2().resize(np.clip(ASTRONAUT * 1.5, 0, 255).astype(np.uint8), (160, 160))
    both = np.hstack([ASTRONAUT, np.pad(small, ((0, 96), (0, 0), (0, 0)))])
    Image.fromarray(both).save(tmp_path / "both.png")
    Image.fromarray(ASTRONAUT).save(tmp_path / "one.png")
    two, one = predict(tmp_path / "both.png", tmp_path / "one.png", model=model)
    assert (two.status, two.faces) == ("several_faces", 2)
    assert two.score == pytest.approx(one.score, abs=0.02)
    assert (two.row, two.column) == pytest.approx((one.row, one.column), abs=8)


def test_no_face_is_no_response(model: Path, tmp_path: Path) -> None:
    """Never a score of something else in the picture."""
    (file,) = flat(tmp_path, 1, size=200)
    assert list(predict(file, model=model)) == [Prediction(str(file), 0, "no_face", faces=0)]


def test_crops_are_taken_whole(model: Path, tmp_path: Path) -> None:
    """Of any size; no face is looked for, so none is counted."""
    for side in (8, 32, 100):
        Image.new("RGB", (side, 2 * side), (51, 51, 51)).save(tmp_path / "a.png")
        (row,) = predict(tmp_path / "a.png", model=model, cropped=True)
        assert row == Prediction(
            str(tmp_path / "a.png"), 0, "scored", score=pytest.approx(0.2), decision="attack"
        )


def test_a_score_on_the_threshold_is_accepted(tmp_path: Path) -> None:
    """As everywhere in the package; the model file's threshold counts unless another is given."""
    (file,) = flat(tmp_path, 1)
    for own, given, decision in [
        (0.0, None, "bonafide"),
        (0.1, None, "attack"),
        (0.1, 0.0, "bonafide"),
        (None, 0.1, "attack"),
        (None, None, None),
    ]:
        model = brightness(tmp_path / "network.onnx", threshold=own)
        (row,) = predict(file, model=model, threshold=given, cropped=True)
        assert row.score == 0
        assert row.decision == decision


@pytest.mark.parametrize("options", [{"threshold": float("nan")}, {"every": 0}, {"every": -1}])
def test_a_mistake_is_told_at_once(model: Path, options: dict[str, float]) -> None:
    """Before any row is asked for."""
    with pytest.raises(AttackNetError, match=r"give"):
        predict("a.png", model=model, **options)


def test_a_score_that_is_no_number_is_no_answer(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A damaged network would otherwise call everything an attack."""
    flat(tmp_path, 1)
    monkeypatch.setattr(Exported, "scores", lambda self, crops: np.full(len(crops), np.nan))
    with pytest.raises(AttackNetError, match="no number"):
        list(predict(tmp_path, model=model, cropped=True))


# --- Videos ----------------------------------------------------------------------------------------------


def test_a_video_has_a_row_for_every_nth_frame(model: Path, tmp_path: Path) -> None:
    """Numbered as in the video; frames with and without a face."""
    frames = [ASTRONAUT if number % 4 else np.zeros_like(ASTRONAUT) for number in range(10)]
    path = write_video(tmp_path / "a.avi", frames)
    rows = list(predict(path, model=model, every=3))
    assert [row.frame for row in rows] == [0, 3, 6, 9]
    assert [row.status for row in rows] == ["no_face", "scored", "scored", "scored"]
    assert len({row.score for row in rows[1:]}) == 1


def test_a_video_that_breaks_off_keeps_its_frames_and_says_so(model: Path, tmp_path: Path) -> None:
    """The frames before the damage are scored, a row for the damage follows, and then the next file."""
    rng = np.random.default_rng(0)
    noise = [rng.integers(0, 256, (64, 64, 3), dtype=np.uint8) for _ in range(40)]
    path = write_video(tmp_path / "a.avi", noise)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    (good,) = flat(tmp_path / "good", 1)
    *scored, broken, last = predict(path, good, model=model, cropped=True)
    assert [row.frame for row in scored] == list(range(len(scored)))
    assert len(scored) > 10
    assert (broken.path, broken.frame, broken.status) == (str(path), None, "unreadable")
    assert broken.detail.startswith("the video breaks off after")
    assert last.path == str(good)


# --- The stream ------------------------------------------------------------------------------------------


def test_the_order_is_that_of_the_inputs(model: Path, tmp_path: Path) -> None:
    """Across chunks, batches, folders and kinds of input; each row has its own picture's score."""
    files = flat(tmp_path / "many", 150)
    video = write_video(tmp_path / "v.avi", [np.full((32, 32, 3), level, np.uint8) for level in (9, 5)])
    absent = tmp_path / "absent.png"
    rows = list(predict(files[7], tmp_path / "many", video, absent, files[3], model=model, cropped=True))
    expected = [files[7], *files, video, video, absent, files[3]]
    assert [row.path for row in rows] == list(map(str, expected))
    levels = [row.score if row.score is None else round(row.score * 255) for row in rows]
    assert levels == [7, *range(150), 9, 5, None, 3]


def test_each_crop_is_scored_once(model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many at a time, by no network that another thread asks, and none of a file that gave no picture."""
    files = flat(tmp_path, 200)
    files[50].write_bytes(b"no picture")
    asked: list[int] = []
    busy: set[int] = set()
    scores = Exported.scores

    def watched(self: Exported, crops: np.ndarray) -> np.ndarray:
        assert id(self) not in busy
        busy.add(id(self))
        asked.append(len(crops))
        time.sleep(0.01)
        found = scores(self, crops)
        busy.remove(id(self))
        return found

    monkeypatch.setattr(Exported, "scores", watched)
    assert len(list(predict(tmp_path, model=model, cropped=True))) == 200
    assert sum(asked) == 199
    assert len(asked) == 4


def test_rows_are_made_as_they_are_asked_for(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever stops early has not paid for the rest, and no thread is left behind."""
    flat(tmp_path, 1500)
    opened: list[Path] = []
    read = looking.read
    monkeypatch.setattr(looking, "read", lambda path: opened.append(path) or read(path))
    threads = threading.active_count()
    rows = predict(tmp_path, model=model, cropped=True)
    assert not opened
    assert len(list(islice(rows, 10))) == 10
    rows.close()
    assert len(opened) < 1000
    assert threading.active_count() == threads


def test_memory_does_not_grow_with_the_number_of_inputs(model: Path, tmp_path: Path) -> None:
    """Ten times the pictures, the same peak: of what Python allocates, pixels included."""
    flat(tmp_path, 60, size=400)

    def peak(times: int) -> int:
        tracemalloc.start()
        try:
            for _ in predict(*[tmp_path] * times, model=model, cropped=True):
                pass
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(1)
    assert peak(10) < 1.3 * peak(1)


def test_progress_counts_files(model: Path, tmp_path: Path) -> None:
    """Up to all of them, also those without a score; a video counts once."""
    flat(tmp_path, 40)
    (tmp_path / "0041.png").write_bytes(b"")
    write_video(tmp_path / "v.avi", [np.zeros((32, 32, 3), np.uint8)] * 5)
    seen: list[tuple[int, int]] = []
    list(predict(tmp_path, model=model, cropped=True, progress=lambda *now: seen.append(now)))
    assert seen[-1] == (42, 42)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert {total for _, total in seen} == {42}


def test_progress_goes_through_a_video(model: Path, tmp_path: Path) -> None:
    """One long file would otherwise show nothing until its end; here a fifth a frame, and the file."""
    video = write_video(tmp_path / "v.avi", [np.zeros((32, 32, 3), np.uint8)] * 5)
    seen: list[tuple[float, int]] = []
    list(predict(video, model=model, cropped=True, progress=lambda *now: seen.append(now)))
    assert seen == [(0, 1), (0.2, 1), (0.4, 1), (0.6, 1), (0.8, 1), (1, 1)]


def test_threads_may_be_the_first_to_need_a_library(model: Path, tmp_path: Path) -> None:
    """In a fresh process: two threads that import OpenCV at the same time get half of it."""
    for number in range(16):
        Image.fromarray(ASTRONAUT).save(tmp_path / f"{number}.png")
    code = (
        "import sys; from attacknet.predict import predict; sys.setswitchinterval(1e-6)\n"
        "print(*{row.status for row in predict(sys.argv[1], model=sys.argv[2])})"
    )
    command = [sys.executable, "-c", code, tmp_path, model]
    for _ in range(3):
        assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "scored\n"
