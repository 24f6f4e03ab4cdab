"""The five writers: what they write is what the loaders of the real databases read, and nothing else."""

import hashlib
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path

import h5py
import numpy as np
import pytest
from ruamel.yaml import YAML

from attacknet.data import load_index
from attacknet.data import manifest as manifests
from attacknet.data.faces import annotation_file, face_finder
from attacknet.data.index import expected_index, split_by_owner, tabulate
from attacknet.data.manifest import SPLITS, Identified
from attacknet.data.media import read_frames
from attacknet.errors import AttackNetError
from attacknet.metrics import ATTACK
from attacknet.standins import writers
from attacknet.standins.camera import CAMERAS
from attacknet.standins.writers import WRITERS

DATASETS = tuple(WRITERS)


def small_files(dataset: str) -> list[Identified]:
    return writers._files(dataset, "small")


def one_of_each_species(dataset: str) -> list[Identified]:
    return list({one.species: one for one in reversed(small_files(dataset))}.values())


def write(root: Path, dataset: str, found: Identified, seed: int = 0, size: str = "small") -> Path:
    (root / found.path).parent.mkdir(parents=True, exist_ok=True)
    writers._write((root, dataset, found, size, seed))
    return root / found.path


@pytest.fixture(scope="module")
def trees(tmp_path_factory) -> dict[str, Path]:
    """A file of each species of each dataset."""
    root = tmp_path_factory.mktemp("standins")
    for dataset in DATASETS:
        for found in one_of_each_species(dataset):
            write(root / dataset, dataset, found)
    return {dataset: root / dataset for dataset in DATASETS}


@pytest.mark.parametrize("dataset", DATASETS)
def test_small_has_every_split_and_species_of_both_classes(dataset):
    manifest = manifests.load(dataset)
    complete, small = (
        split_by_owner(tabulate(manifest, files, dataset))
        for files in (manifest.expected_files(), small_files(dataset))
    )
    wanted = set(complete[["split", "species"]].itertuples(index=False, name=None))
    assert set(small[["split", "species"]].itertuples(index=False, name=None)) == wanted
    assert {split for split, _ in wanted} == set(SPLITS)
    assert set(small["path"]) <= set(complete["path"])


@pytest.mark.parametrize("dataset", DATASETS)
def test_full_has_every_file_name_of_the_original(dataset):
    full = [one.path for one in writers._files(dataset, "full")]
    assert sorted(full) == sorted(manifests.load(dataset).expected_paths())


@pytest.mark.parametrize("dataset", DATASETS)
def test_every_species_is_read_by_the_loaders_and_its_face_is_found_inside(dataset, trees):
    """Size of the frames, number of frames, and a box from the dataset's own annotation (or the detector)."""
    manifest, root = manifests.load(dataset), trees[dataset]
    lengths = set()
    for found in one_of_each_species(dataset):
        frames = list(read_frames(root / found.path, found.layout.media, None, manifest.hdf5))
        lengths.add(len(frames))
        annotation = annotation_file(manifest, root, found.path)
        for number, image in frames:
            assert image.shape == (*CAMERAS[dataset].size, 3)
            face = face_finder(manifest, annotation)(number, image)
            if manifest.boxes.source != "detector":
                box = face.box
                assert 0 <= box.row < box.row + box.height <= image.shape[0]
                assert 0 <= box.column < box.column + box.width <= image.shape[1]
    assert len(lengths) == 1, "the number of frames must not tell the class"


@pytest.mark.parametrize("dataset", DATASETS)
def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(dataset, trees, tmp_path):
    found = one_of_each_species(dataset)[0]
    digest = hashlib.sha256((trees[dataset] / found.path).read_bytes()).digest()
    again = write(tmp_path / "again", dataset, found)
    other = write(tmp_path / "other", dataset, found, seed=1)
    assert hashlib.sha256(again.read_bytes()).digest() == digest
    assert hashlib.sha256(other.read_bytes()).digest() != digest


@pytest.mark.parametrize("dataset", DATASETS)
def test_nobody_is_in_two_splits_of_the_sound_protocol(dataset, monkeypatch, tmp_path):
    """Of every file of the complete set: whose face is seen (under a mask: whose face it has)."""
    manifest = manifests.load(dataset)
    writer = import_module(f"attacknet.standins.writers.{WRITERS[dataset]}")
    asked = []

    def notice(wish, _rng):
        asked.append(wish)
        raise InterruptedError

    monkeypatch.setattr(writer, "person", notice)
    index = expected_index(dataset)
    people: dict[int, set[str]] = {}
    for path, split in zip(index["path"], index["split"], strict=True):
        with pytest.raises(InterruptedError):
            writer.write(tmp_path, manifest.identify(path), 1, 0)
        assert asked[-1].database == dataset, "each dataset has people of its own"
        people.setdefault(asked[-1].number, set()).add(split)
    assert all(len(splits) == 1 for splits in people.values())
    assert len(people) > len(SPLITS)


@pytest.mark.parametrize("dataset", DATASETS)
def test_attacks_are_made_of_other_views_than_the_bona_fide_ones(dataset, monkeypatch, tmp_path):
    """A detector that knew the very picture could tell a print by what it has seen before."""
    writer = import_module(f"attacknet.standins.writers.{WRITERS[dataset]}")
    groups = {"attack": set(), "bonafide": set()}
    for found in one_of_each_species(dataset):

        def notice(wish, _rng, label=found.layout.label):
            groups[label].add(wish.group)
            raise InterruptedError

        monkeypatch.setattr(writer, "person", notice)
        with pytest.raises(InterruptedError):
            writer.write(tmp_path, found, 1, 0)
    assert groups["bonafide"] == {"bonafide"}
    assert groups["attack"] in ({"source"}, {"mask"})


class TestFormats:
    def test_replay_attack_is_motion_jpeg_with_a_row_of_boxes_a_frame(self, trees):
        root = trees["replay_attack"]
        clip = next(root.rglob("*.mov"))
        assert b"jpeg" in clip.read_bytes(), "the codec's name in the container"
        assert clip.read_bytes()[4:8] == b"ftyp"
        rows = next(root.rglob("*.face")).read_text().splitlines()
        assert [row.split()[0] for row in rows] == [str(i) for i in range(len(rows))]
        assert all(re.fullmatch(r"\d+( \d+){4}", row) for row in rows)

    def test_3dmad_has_colour_depth_and_eyes_as_the_owner_stores_them(self, trees):
        for path in trees["3dmad"].rglob("*.hdf5"):
            with h5py.File(path) as file:
                n = len(file["Color_Data"])
                assert file["Color_Data"].shape == (n, 3, 480, 640)
                assert file["Color_Data"].dtype == np.uint8
                assert file["Depth_Data"].shape == (n, 1, 480, 640)
                assert file["Depth_Data"].dtype == np.uint16
                assert file["Depth_Data"][:].max() <= 2047, "11 bits"
                assert file["Eye_Pos"].shape == (n, 4)
                right_x, _, left_x, _ = file["Eye_Pos"][0]
                assert right_x < left_x, "the person's right eye is on the left of the picture"

    def test_3dmad_sees_the_face_nearer_than_the_wall(self, trees):
        """A Kinect's raw reading rises with distance."""
        path = next(trees["3dmad"].rglob("*.hdf5"))
        with h5py.File(path) as file:
            depth, eyes = file["Depth_Data"][0, 0], file["Eye_Pos"][0]
        row, column = int((eyes[1] + eyes[3]) / 2), int((eyes[0] + eyes[2]) / 2)
        assert depth[row, column] < np.median(depth[:40])

    def test_msspoof_is_a_grey_pgm_with_16_points(self, trees):
        root = trees["msspoof"]
        for picture in root.rglob("*.pgm"):
            content = picture.read_bytes()
            assert content.startswith(b"P5\n1280 1024\n255\n")
            assert len(content) == len(b"P5\n1280 1024\n255\n") + 1280 * 1024
            stem = picture.relative_to(root / "images").with_suffix(".pos")
            assert len((root / "annotations" / stem).read_text().splitlines()) == 17

    def test_csmad_has_a_group_with_a_dataset_a_frame_named_by_time(self, trees):
        for path in trees["csmad"].rglob("*.h5"):
            with h5py.File(path) as file:
                for name, frame in file["data/sr300/color"].items():
                    assert re.fullmatch(r"\d\d_\d\d_\d\d_\d\d\d", name)
                    assert (frame.shape, frame.dtype) == ((1920, 1080, 3), np.uint8)

    def test_the_own_set_has_a_still_picture_among_its_clips(self):
        media = [one.layout.media for one in small_files("own")]
        assert (media.count("image"), media.count("video")) == (1, 83)


class TestMake:
    @pytest.fixture
    def few(self, monkeypatch):
        """Three files a dataset, so that making one takes a second."""
        files = writers._files
        monkeypatch.setattr(writers, "_files", lambda dataset, size: files(dataset, size)[::-1][:3])

    def test_a_made_dataset_is_marked_complete_and_loads_as_stand_in(self, few, tmp_path):
        told = []
        folders = writers.make(tmp_path, datasets=["own"], workers=1, progress=lambda *p: told.append(p))
        assert folders == {"own": tmp_path / "own"}
        assert told == [(1, 3), (2, 3), (3, 3)]
        marker = YAML(typ="safe").load(tmp_path / "own" / "STANDIN.yaml")
        assert (marker["dataset"], marker["size"], marker["seed"]) == ("own", "small", 0)
        assert marker["version"] == writers.version()
        assert "Synthetic" in marker["statement"]
        assert {p.name for p in tmp_path.iterdir()} == {"own", ".lock"}, "nothing unfinished is left"
        assert load_index("own", tmp_path / "own").attrs["evidence"] == "stand-in"

    def test_one_process_and_two_write_the_same_bytes(self, few, tmp_path):
        for workers in (1, 2):
            writers.make(tmp_path / str(workers), datasets=["own"], workers=workers)
        trees = [
            {p.relative_to(root): p.read_bytes() for p in (root / "own").rglob("*") if p.is_file()}
            for root in (tmp_path / "1", tmp_path / "2")
        ]
        assert trees[0] == trees[1]
        assert len(trees[0]) == 4

    def test_what_is_up_to_date_is_left_alone_and_another_seed_is_not(self, few, tmp_path):
        marker = tmp_path / "own" / "STANDIN.yaml"
        writers.make(tmp_path, datasets=["own"], workers=1)
        before = marker.stat().st_mtime_ns
        writers.make(tmp_path, datasets=["own"], workers=1)
        assert marker.stat().st_mtime_ns == before
        writers.make(tmp_path, datasets=["own"], seed=1, workers=1)
        assert YAML(typ="safe").load(marker)["seed"] == 1

    def test_a_folder_that_holds_something_else_is_never_touched(self, tmp_path):
        licensed = tmp_path / "own" / "videos" / "real" / "training" / "a.mp4"
        licensed.parent.mkdir(parents=True)
        licensed.write_bytes(b"x")
        with pytest.raises(AttackNetError, match="holds files that are no stand-ins"):
            writers.make(tmp_path, datasets=["own"])
        assert licensed.read_bytes() == b"x"

    def test_of_two_processes_one_makes_and_the_other_finds(self, few, tmp_path):
        """Two workers of a test run, or two chapters, that need the same stand-ins at the same time."""
        made = []
        with ThreadPoolExecutor(2) as pool:
            makers = [
                pool.submit(
                    writers.make, tmp_path, datasets=["own"], workers=1, progress=lambda *p: made.append(p)
                )
                for _ in range(2)
            ]
            folders = [maker.result() for maker in makers]
        assert folders[0] == folders[1]
        assert len(made) == 3

    def test_what_a_killed_process_left_is_removed(self, few, tmp_path):
        left = tmp_path / ".unfinished" / "own"
        left.mkdir(parents=True)
        (left / "half a film.mp4").write_bytes(b"x")
        folders = writers.make(tmp_path, datasets=["own"], workers=1)
        assert not (tmp_path / ".unfinished").exists()
        assert not list(folders["own"].glob("half*"))

    def test_a_root_that_is_a_file_is_one_clear_line(self, few, tmp_path):
        (tmp_path / "root").write_text("a file")
        with pytest.raises(AttackNetError, match="root: cannot be written: "):
            writers.make(tmp_path / "root", datasets=["own"])

    def test_an_unknown_dataset_is_named(self, tmp_path):
        with pytest.raises(AttackNetError, match="'nuaa'"):
            writers.make(tmp_path, datasets=["nuaa"])


def test_what_may_change_without_new_stand_ins_is_not_used_to_make_them():
    """A module that is left out of the version and yet shapes pictures would leave old ones in place."""
    folder = Path(writers.__file__).parent.parent
    assert all((folder / name).is_file() for name in writers.MEASURING)
    imports = "; ".join(f"import attacknet.standins.writers.{name}" for name in WRITERS.values())
    listed = f"{imports}; import sys; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", listed], capture_output=True, text=True, check=True).stdout
    modules = {f"attacknet.standins.{Path(name).stem}" for name in writers.MEASURING}
    assert not modules & set(loaded.split())


@pytest.mark.parametrize("dataset", DATASETS)
def test_the_small_set_has_both_classes_in_every_split(dataset):
    table = split_by_owner(tabulate(manifests.load(dataset), small_files(dataset), dataset))
    shares = (table["label"] == ATTACK).groupby(table["split"]).mean()
    assert shares.between(0.2, 0.8).all()
