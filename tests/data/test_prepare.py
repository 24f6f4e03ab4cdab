"""Preparing a dataset: the right crops, whatever interrupts it, and nothing lost in silence."""

import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import h5py
import numpy as np
import psutil
import pytest
from PIL import Image
from skimage import data as pictures

from attacknet import cli
from attacknet.data import crops
from attacknet.data.crops import Crops
from attacknet.data.faces import Geometry
from attacknet.data.manifest import Frames
from attacknet.data.media import quiet_cv2, read_frames
from attacknet.data.prepare import prepare
from attacknet.errors import AttackNetError

cv2 = quiet_cv2()

REAL = "{split}/real/client{client}_session01_webcam_authenticate_adverse_1"
PRINT = "{split}/attack/fixed/attack_print_client{client}_session01_highdef_photo_adverse"
CLIENTS = [("train", "001"), ("train", "002"), ("devel", "003"), ("test", "009")]
STEMS = [stem.format(split=split, client=client) for split, client in CLIENTS for stem in (REAL, PRINT)]


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATTACKNET_CACHE", str(tmp_path / "cache"))


def write_video(path: Path, frames: int = 12, seed: int = 0) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*"MJPG"), 25, (320, 240))
    texture = np.random.default_rng(seed).integers(0, 256, (12, 16, 3), dtype=np.uint8)
    texture = cv2.resize(texture, (320, 240))
    for number in range(frames):
        writer.write(np.roll(texture, 3 * number, axis=1))
    writer.release()


def replay(root: Path) -> Path:
    """Eight videos of Replay-Attack; boxes from frame 1 on, those of frames 4 to 6 left out."""
    for seed, stem in enumerate(STEMS):
        write_video(root / f"{stem}.mov", seed=seed)
        boxes = root / f"face-locations/{stem}.face"
        boxes.parent.mkdir(parents=True, exist_ok=True)
        rows = (f"{n} {60 + n} {40 + n} 120 150\n" for n in range(1, 12) if n not in {4, 5, 6})
        boxes.write_text("".join(rows))
    return root


def msspoof(root: Path) -> Path:
    """Pictures of a training, a development and a test client, bona fide and attack."""
    points = "16\n" + "".join(f"{30 + 2 * n} {80 - 3 * n}\n" for n in range(16))
    names = [("train", 2), ("dev", 1), ("test", 13)]
    stems = [f"real/VS/{split}/{client}_0_1_1_0" for split, client in names]
    stems += [f"attack/VS/VS/{split}/{client}_1_vs_vs_1_0" for split, client in names]
    for number, stem in enumerate(stems):
        picture, landmarks = root / f"images/{stem}.pgm", root / f"annotations/{stem}.pos"
        picture.parent.mkdir(parents=True)
        landmarks.parent.mkdir(parents=True)
        picture.write_bytes(b"P5 128 96 255\n" + np.full((96, 128), 20 * number, np.uint8).tobytes())
        landmarks.write_text(points)
    return root


def prepared(root: Path, dataset: str = "replay_attack", **options: object) -> Crops:
    return prepare(dataset, root, **{"workers": 1, "frames": Frames(), **options})


def content(folder: Path) -> dict[str, bytes]:
    """The one set of crops of a cache, byte for byte."""
    (found,) = [f for f in (folder / "crops/replay_attack").iterdir() if f.is_dir() and f.name != "parts"]
    return {file.name: file.read_bytes() for file in found.iterdir()}


def test_each_row_of_the_table_describes_its_crop(tmp_path: Path) -> None:
    """Every crop equals the one cut by hand out of the frame and the box that its row names."""
    root = replay(tmp_path / "data")
    made = prepared(root)
    assert tuple(made.index.columns) == crops.SAMPLE_COLUMNS + crops.FRAME_COLUMNS
    assert len(made.index) == len(STEMS) * 12
    assert made.images.shape == (len(STEMS) * 11, 32, 32, 3)
    for sample, rows in made.index[made.index["crop"] >= 0].groupby("sample"):
        frames = dict(read_frames(root / f"{sample.removeprefix('replay_attack/')}.mov", "video"))
        for row in rows.itertuples():
            source = row.frame if row.frame not in {4, 5, 6} else 3
            assert row.face == ("annotated" if source == row.frame else "carried")
            assert (row.column, row.row, row.width, row.height) == (60 + source, 40 + source, 120, 150)
            region = frames[row.frame][row.row : row.row + row.height, row.column : row.column + row.width]
            assert np.array_equal(made.images[row.crop], cv2.resize(region, (32, 32)))


def test_a_frame_without_a_face_is_counted_and_reported(tmp_path: Path) -> None:
    """Frame 0 has no box and shows no face: one of 12 frames is missing in each species."""
    made = prepared(replay(tmp_path / "data"))
    missing = made.index[made.index["face"] == "missing"]
    assert set(missing["frame"]) == {0}
    assert set(missing["crop"]) == {-1}
    rates = made.detection_rates().set_index("species")
    assert rates["frames"].to_dict() == {"bonafide": 48, "print": 48}
    assert rates["rate"].to_dict() == pytest.approx({"bonafide": 11 / 12, "print": 11 / 12})


def test_the_table_says_who_and_what_and_where_from(tmp_path: Path) -> None:
    """Subject, label, species and split are those of the index."""
    table = prepared(replay(tmp_path / "data")).index.drop_duplicates("sample").set_index("sample")
    attack = table.loc[f"replay_attack/{PRINT.format(split='devel', client='003')}"]
    assert attack[["subject", "session", "label", "species", "split"]].tolist() == [
        "replay_attack/003", "01", 1, "print", "dev"
    ]  # fmt: skip


def test_a_sample_that_a_protocol_uses_twice_has_two_rows_and_one_crop(tmp_path: Path) -> None:
    """The authors' MSSpoof split puts bona fide pictures into training and test."""
    made = prepared(msspoof(tmp_path / "data"), "msspoof", protocol="as_run")
    uses = made.index.groupby("sample").agg(splits=("split", sorted), crops=("crop", "nunique"))
    assert uses.loc["msspoof/real/VS/train/2_0_1_1_0", "splits"] == ["test", "train"]
    assert set(uses["crops"]) == {1}
    assert len(made.images) == made.index["sample"].nunique()
    # The pictures are plain: each has its own grey, so a crop cannot be another sample's.
    greys = {row.sample: int(made.images[row.crop].mean()) for row in made.index.itertuples()}
    assert sorted(greys.values()) == sorted(set(greys.values()))


def test_eyes_and_the_detector_make_crops_too(tmp_path: Path) -> None:
    """3DMAD aligned by its eyes; CSMAD, without annotations, by the detector."""
    eyes = tmp_path / "3dmad/Data/01_01_01.hdf5"
    eyes.parent.mkdir(parents=True)
    with h5py.File(eyes, "w") as file:
        file["Color_Data"] = np.moveaxis(np.stack([pictures.astronaut()] * 2), -1, 1)
        file["Eye_Pos"] = [[205, 110, 245, 108]] * 2
    aligned = prepared(tmp_path / "3dmad", "3dmad", geometry=Geometry(align="eyes", size=(48, 48)))
    assert aligned.images.shape == (2, 48, 48, 3)
    clip = tmp_path / "csmad/CSMAD/bonafide/A/A_gen_i0_001.h5"
    clip.parent.mkdir(parents=True)
    with h5py.File(clip, "w") as file:
        file["data/sr300/color/10_00_00_000"] = pictures.astronaut()
        file["data/sr300/color/10_00_00_033"] = np.zeros((512, 512, 3), np.uint8)
    detected = prepared(tmp_path / "csmad", "csmad")
    assert detected.index["face"].tolist() == ["detected", "missing"]


def test_boxes_of_the_detector_can_be_had_where_annotations_are(tmp_path: Path) -> None:
    """A reader without the face locations says so, and the table shows it."""
    root = tmp_path / "data"
    Image.fromarray(pictures.astronaut()).convert("L").save(path := tmp_path / "face.pgm")
    picture = root / "images/real/VS/train/2_0_1_1_0.pgm"
    picture.parent.mkdir(parents=True)
    path.rename(picture)
    with pytest.raises(AttackNetError, match="annotation is missing"):
        prepared(root, "msspoof")
    assert prepared(root, "msspoof", boxes="detector").index["face"].tolist() == ["detected"]


def test_nothing_changed_nothing_made(tmp_path: Path) -> None:
    """The second time no sample is touched; the parts are gone, the set stands alone."""
    root = replay(tmp_path / "data")
    first, calls = prepared(root), []
    second = prepared(root, progress=lambda *counts: calls.append(counts))
    assert calls == []
    assert second.about == first.about
    assert list((tmp_path / "cache/crops/replay_attack/parts").iterdir()) == []


def test_what_shapes_a_crop_makes_another_set(tmp_path: Path) -> None:
    """Geometry, size, frames, box source, protocol and the files themselves: each its own set, none lost."""
    root = msspoof(tmp_path / "data")
    sets = tmp_path / "cache/crops/msspoof"

    def count(**options: object) -> int:
        prepared(root, "msspoof", **options)
        return len([folder for folder in sets.iterdir() if folder.name != "parts"])

    counts = [count(), count(geometry=Geometry(margin=0.2)), count(geometry=Geometry(size=(24, 24)))]
    counts += [count(protocol="as_run"), count(frames=Frames(every=2)), count()]
    picture = root / "images/real/VS/train/2_0_1_1_0.pgm"
    picture.write_bytes(picture.read_bytes()[:-1] + b"\xff")
    os.utime(picture, ns=(1, 1))
    counts.append(count())
    landmarks = root / "annotations/real/VS/train/2_0_1_1_0.pos"
    landmarks.write_text(landmarks.read_text() + "\n")
    counts.append(count())
    assert counts == [1, 2, 3, 4, 5, 5, 6, 7]


def test_a_comment_changes_no_crop_and_code_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The key follows the code that makes crops, so that old crops are never taken for new ones."""
    package = crops.paths.PACKAGE
    for module in crops._MODULES:
        copy = tmp_path / "package" / module
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes((package / module).read_bytes())
    original = crops.code_version()
    monkeypatch.setattr(crops.paths, "PACKAGE", tmp_path / "package")
    faces = tmp_path / "package/data/faces.py"
    faces.write_text(faces.read_text() + "\n# a remark\n")
    assert crops.code_version() == original
    faces.write_text(faces.read_text().replace("_NEIGHBOURS = 480, 8, 3", "_NEIGHBOURS = 480, 8, 4"))
    assert crops.code_version() != original


def test_a_damaged_sample_is_named_and_the_others_are_kept(tmp_path: Path) -> None:
    """Two bad files of eight: one line; with intact copies only these two are made."""
    root = replay(tmp_path / "data")
    bad = [root / f"{stem}.mov" for stem in STEMS[2:4]]
    intact = [file.read_bytes() for file in bad]
    for file in bad:
        file.write_bytes(b"no video" * 100)
    with pytest.raises(AttackNetError) as refusal:
        prepared(root)
    message = str(refusal.value)
    assert message.startswith(str(min(bad)))
    assert "(and 1 more sample" in message
    assert "\n" not in message
    assert not [f for f in (tmp_path / "cache/crops/replay_attack").iterdir() if f.name != "parts"]
    for file, good in zip(bad, intact, strict=True):
        file.write_bytes(good)
    calls = []
    prepared(root, progress=lambda *counts: calls.append(counts))
    assert calls == [(6, 8), (7, 8), (8, 8)]


def test_data_without_any_face_is_refused(tmp_path: Path) -> None:
    """An empty set of crops would be no answer."""
    write_video(tmp_path / "data/videos/real/training/VID_001.mp4", 3)
    with pytest.raises(AttackNetError, match="no face in any frame of 1 samples"):
        prepared(tmp_path / "data", "own")


def test_alignment_without_eyes_is_refused_before_work_begins(tmp_path: Path) -> None:
    """Replay-Attack has boxes; the detector gives none for 3DMAD either."""
    for dataset, boxes in (("replay_attack", "annotation"), ("3dmad", "detector")):
        with pytest.raises(AttackNetError, match="no eye positions"):
            prepared(tmp_path, dataset, geometry=Geometry(align="eyes"), boxes=boxes)


def test_inputs_are_announced_to_the_chapter_cache(tmp_path: Path) -> None:
    """Also when the set exists already and no file is opened."""
    root = replay(tmp_path / "data")
    prepared(root)
    heard = []
    sys.addaudithook(lambda event, args: heard.append(args[0]) if event == "attacknet.read" else None)
    prepared(root)
    assert set(heard) == {
        *(str(root / f"{stem}.mov") for stem in STEMS),
        *(str(root / f"face-locations/{stem}.face") for stem in STEMS),
    }


# A process that ends itself by SIGKILL at a named moment, and says who its workers are.
KILLED = """
import multiprocessing, os, signal, sys
from pathlib import Path
from attacknet.data import crops, prepare
from attacknet.data.manifest import Frames

def kill(*_):
    os.kill(os.getpid(), signal.SIGKILL)

def progress(done, total):
    Path(sys.argv[3]).write_text(" ".join(str(p.pid) for p in multiprocessing.active_children()))
    if sys.argv[2] == str(done):
        kill()

if __name__ == "__main__":
    match sys.argv[2]:
        case "while packing": crops._frame_rows = kill
        case "before the set is moved in": crops._sha256 = kill
        case "before cleaning up": prepare._clean_up = kill
    prepare.prepare("replay_attack", Path(sys.argv[1]), workers=2, frames=Frames(), progress=progress)
"""


def gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_killed_at_any_moment_and_resumed_the_crops_are_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SIGKILL at seven moments: each time no worker is left, and resuming gives the same bytes."""
    root = replay(tmp_path / "data")
    prepared(root)
    undisturbed = content(tmp_path / "cache")
    (tmp_path / "killed.py").write_text(KILLED)
    moments = ["0", "1", "3", "6", "while packing", "before the set is moved in", "before cleaning up"]
    for moment in moments:
        cache, workers = tmp_path / f"cache {moment}", tmp_path / "workers"
        monkeypatch.setenv("ATTACKNET_CACHE", str(cache))
        process = subprocess.run([sys.executable, tmp_path / "killed.py", root, moment, workers], check=False)
        assert process.returncode == -signal.SIGKILL
        deadline = time.monotonic() + 60
        while not all(gone(int(pid)) for pid in workers.read_text().split()):
            assert time.monotonic() < deadline, "workers outlive their parent"
            time.sleep(0.05)
        kept = []
        prepared(root, progress=lambda done, _, kept=kept: kept.append(done))
        assert not moment.isdecimal() or kept[0] >= int(moment), "work was thrown away"
        assert content(cache) == undisturbed, moment
        assert not list((cache / "crops").rglob("*.tmp")), moment
        assert not list((cache / "crops/replay_attack/parts").iterdir()), moment


def test_two_processes_that_prepare_the_same_data_agree(tmp_path: Path) -> None:
    """As two chapters may: neither fails, and one whole set stands."""
    root = replay(tmp_path / "data")
    (tmp_path / "prepare.py").write_text(KILLED)
    command = [sys.executable, tmp_path / "prepare.py", root, "never", tmp_path / "workers"]
    both = [subprocess.Popen(command) for _ in range(2)]
    assert [process.wait() for process in both] == [0, 0]
    together = content(tmp_path / "cache")
    shutil.rmtree(tmp_path / "cache")
    prepared(root)
    assert content(tmp_path / "cache") == together


def test_stand_ins_and_licensed_data_never_share_crops(tmp_path: Path) -> None:
    """The level of evidence travels with the crops, even where the files are the same."""
    root = msspoof(tmp_path / "data")
    licensed = prepared(root, "msspoof")
    (root / "STANDIN.yaml").write_text("{dataset: msspoof, size: small}\n")
    stand_in = prepared(root, "msspoof")
    assert (licensed.about["evidence"], stand_in.about["evidence"]) == ("licensed", "stand-in")
    assert licensed.folder != stand_in.folder


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
def test_interrupted_from_the_keyboard_it_ends_without_a_traceback_of_workers(tmp_path: Path) -> None:
    """Ctrl-C reaches the whole group; only the parent says anything, and no worker is left."""
    root = replay(tmp_path / "data")
    interrupted = KILLED.replace("SIGKILL", "SIGINT").replace("os.kill(", "os.killpg(")
    # Python heeds Ctrl-C only where its own parent does, which a job in the background of a shell does not.
    main = 'if __name__ == "__main__":'
    interrupted = interrupted.replace(
        main, f"{main}\n    signal.signal(signal.SIGINT, signal.default_int_handler)"
    )
    # At the last sample, when the one worker waits for more and would speak up.
    (tmp_path / "prepare.py").write_text(interrupted.replace("workers=2", "workers=1"))
    command = [sys.executable, tmp_path / "prepare.py", root, str(len(STEMS)), tmp_path / "workers"]
    process = subprocess.run(command, start_new_session=True, stderr=subprocess.PIPE, text=True, check=False)
    assert process.returncode != 0
    assert process.stderr.count("Traceback") == 1
    assert all(gone(int(pid)) for pid in (tmp_path / "workers").read_text().split())


def test_a_worker_that_dies_costs_a_line_and_no_work(tmp_path: Path) -> None:
    """As when memory runs out: the message says to run again, and that resumes."""
    root = replay(tmp_path / "data")

    def kill_workers(done: int, _total: int) -> None:
        if done == 2:
            for worker in multiprocessing.active_children():
                worker.kill()

    with pytest.raises(AttackNetError, match="run again, with fewer workers"):
        prepared(root, progress=kill_workers)
    calls = []
    assert len(prepared(root, progress=lambda *counts: calls.append(counts)).images) == len(STEMS) * 11
    assert calls[0][0] >= 2


# A process that prepares, and prints its own and its worker's peak memory. getrusage will not do: its peak
# includes what the parent, pytest, held.
MEASURED = """
import multiprocessing, sys
from pathlib import Path
from attacknet.data.manifest import Frames
from attacknet.data.prepare import prepare

def peak(pid):
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))

def watch(done, total):
    peaks.extend(peak(worker.pid) for worker in multiprocessing.active_children())

if __name__ == "__main__":
    peaks = []
    prepare("3dmad", Path(sys.argv[1]), workers=1, frames=Frames(), progress=watch)
    print(peak("self"), max(peaks))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the peak is read from /proc")
def test_ten_times_the_data_takes_no_more_memory(tmp_path: Path) -> None:
    """Peak resident memory of parent and worker grow by less than a tenth; the data by 200 MB."""
    names = [
        f"{client:02}_{session:02}_{shot:02}"
        for client in range(1, 11)
        for session in (1, 2)
        for shot in (1, 2)
    ]
    (tmp_path / "peak.py").write_text(MEASURED)
    peaks = []
    for count in (4, 40):
        for name in names[:count]:
            path = tmp_path / str(count) / "Data" / f"{name}.hdf5"
            path.parent.mkdir(parents=True, exist_ok=True)
            with h5py.File(path, "w") as file:
                # Never written, so the file is small; reading gives zeros of full size.
                file.create_dataset("Color_Data", (6, 3, 480, 640), np.uint8)
                file["Eye_Pos"] = [[250, 200, 310, 204]] * 6
        answer = subprocess.check_output([sys.executable, tmp_path / "peak.py", tmp_path / str(count)])
        peaks.append([int(kibibytes) for kibibytes in answer.split()])
    for once, tenfold in zip(*peaks, strict=True):
        assert tenfold < 1.1 * once


def invoke(*arguments: object) -> None:
    sys.argv = ["attacknet", "data", "prepare", *map(str, arguments)]
    cli.main()


def test_the_command_shows_progress_and_reports_faces_by_species(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Samples done of all; then faces in frames by species, and where the crops are."""
    monkeypatch.setattr(sys, "argv", [])
    with pytest.raises(SystemExit) as end:
        invoke("replay_attack", replay(tmp_path / "data"), "--every", 2, "--workers", 1)
    assert end.value.code in {None, 0}
    out, progress = capsys.readouterr()
    assert progress.startswith("0 of 8 samples\n")
    assert progress.endswith("8 of 8 samples\n")
    # Frames 0, 2, .. 10 of four videos a species; frame 0 has no face.
    assert [line.split() for line in out.splitlines()[:2]] == [
        ["bonafide", "20", "faces", "in", "24", "frames,", "83.3%"],
        ["print", "20", "faces", "in", "24", "frames,", "83.3%"],
    ]
    assert out.splitlines()[2].endswith(": 40 crops")


def test_the_command_refuses_leaks_before_work_begins_unless_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The authors' MSSpoof split tests on training pictures: a line refuses it, or each leak has a line."""
    monkeypatch.setattr(sys, "argv", [])
    command = ("msspoof", msspoof(tmp_path / "data"), "--protocol", "as_run", "--workers", 1)
    with pytest.raises(SystemExit, match="the same recording") as end:
        invoke(*command)
    assert "--allow-leaks" in str(end.value.code)
    assert not (tmp_path / "cache").exists()
    with pytest.raises(SystemExit) as end:
        invoke(*command, "--allow-leaks")
    assert end.value.code in {None, 0}
    leaks = [line for line in capsys.readouterr().out.splitlines() if line.startswith("leak: ")]
    pair = "train has msspoof/real/VS/dev/1_0_1_1_0, test has msspoof/real/VS/dev/1_0_1_1_0"
    assert leaks[0] == f"leak: {pair}: the same recording"
    assert "no development set" in leaks[-1]


def test_the_command_refuses_pictures_that_are_in_two_splits_under_other_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Names and people differ, the pictures do not: only the crops tell."""
    root = msspoof(tmp_path / "data")
    for number, picture in enumerate(sorted(root.rglob("*.pgm"))):
        seed = 0 if picture.stem in {"2_0_1_1_0", "13_0_1_1_0"} else number + 1
        pixels = np.random.default_rng(seed).integers(0, 256, (96, 128), np.uint8)
        Image.fromarray(pixels).save(picture)
    monkeypatch.setattr(sys, "argv", [])
    with pytest.raises(SystemExit) as end:
        invoke("msspoof", root, "--workers", 1)
    assert (
        "train has msspoof/real/VS/train/2_0_1_1_0, test has msspoof/real/VS/test/13_0_1_1_0: "
        "frames 0 and 0 look the same" in str(end.value.code)
    )
    assert ": 6 crops" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("nothing", "data"), "dataset 'nothing'"),
        (("replay_attack", "no-such-folder"), "no such folder"),
        (("replay_attack", ".", "--protocol", "none"), "holds no file of Replay-Attack"),
    ],
)
def test_a_mistake_on_the_command_line_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], says: str
) -> None:
    """What was wrong, and no traceback."""
    monkeypatch.setattr(sys, "argv", [])
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as end:
        invoke(*arguments)
    assert says in str(end.value.code)
    assert "\n" not in str(end.value.code)
