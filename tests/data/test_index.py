"""The index: complete trees give the owners' counts, and a faulty tree is refused in one line."""

import os

import pandas as pd
import pytest

from attacknet.data import index, load_index, manifest
from attacknet.errors import AttackNetError
from attacknet.paper import tables
from tests.data.trees import MAIN, SMALL, complete, grow, manifest_file, one_line

# Samples a split and class as the owners' papers and packages print them (train, dev, test); for the authors'
# own set, 31 training files of which a quarter of each class is held out, and 53 validation files.
PRINTED = {
    "replay_attack": {"bonafide": (60, 60, 80), "attack": (300, 300, 400)},
    "3dmad": {"bonafide": (70, 50, 50), "attack": (35, 25, 25)},
    "msspoof": {"bonafide": (535, 359, 359), "attack": (1279, 867, 864)},
    "csmad": {"bonafide": (39, 24, 24), "attack": (36 + 18, 40 + 16, 32 + 17)},
    "own": {"bonafide": (11, 4, 25), "attack": (12, 4, 28)},
}


@pytest.mark.parametrize("dataset", MAIN)
def test_a_complete_copy_has_the_printed_number_of_samples_by_split_and_class(dataset, tmp_path):
    table = load_index(dataset, complete(dataset, tmp_path))
    assert tuple(table.columns) == index.COLUMNS
    assert table["sample"].is_unique
    counts = table.value_counts(["label", "split"])
    for label, name in enumerate(("bonafide", "attack")):
        assert tuple(counts[label][split] for split in ("train", "dev", "test")) == PRINTED[dataset][name]
    assert ((table["label"] == 0) == (table["species"] == "bonafide")).all()


@pytest.mark.parametrize(
    ("dataset", "subjects", "species"),
    [
        (
            "replay_attack",
            (15, 15, 20),
            {"print", "mobile_photo", "mobile_video", "highdef_photo", "highdef_video"},
        ),
        ("3dmad", (7, 5, 5), {"mask_rigid"}),
        ("msspoof", (9, 6, 6), {"print_vs_vs", "print_vs_ir", "print_ir_vs", "print_ir_ir"}),
        ("csmad", (5, 5, 4), {"mask_silicone_worn", "mask_silicone_stand"}),
    ],
)
def test_subjects_and_species_are_the_owners(dataset, subjects, species, tmp_path):
    table = load_index(dataset, complete(dataset, tmp_path))
    by_split = table.groupby("split")["subject"].nunique()
    assert tuple(by_split[split] for split in ("train", "dev", "test")) == subjects
    assert table["subject"].nunique() == sum(subjects)
    assert set(table["species"]) == species | {"bonafide"}


def test_msspoof_has_the_owners_counts_by_spectrum(tmp_path):
    """535 = 270 visible + 265 infrared training pictures, and so on."""
    table = load_index("msspoof", complete("msspoof", tmp_path))
    real = table[table["label"] == 0]
    spectrum = real["session"].str[:2]
    counts = real.groupby([spectrum, "split"]).size()
    assert counts["VS"].to_dict() == {"train": 270, "dev": 180, "test": 180}
    assert counts["IR"].to_dict() == {"train": 265, "dev": 179, "test": 179}


def test_the_audit_and_the_manifests_count_alike():
    """The public listings are stated twice, as counts for the audit and as names here: they must agree."""

    def named(dataset):
        """A complete copy's index and the fields of its names; bona fide and attack samples apart."""
        table = index.expected_index(dataset)
        fields = [manifest.load(dataset).identify(path).fields for path in table["path"]]
        table = table.join(pd.DataFrame(fields).drop(columns=["session"], errors="ignore"))
        return table, table[table["label"] == 0], table[table["label"] == 1]

    def counted(rows, field):
        return rows[field].value_counts().to_dict()

    listings = tables.load().listings
    listed, (table, real, attack) = listings["replay_attack"], named("replay_attack")
    assert table.groupby("split")["subject"].nunique().to_dict() == listed["clients"]
    assert counted(real, "split") == listed["real_videos"]
    assert counted(attack, "split") == listed["attack_videos"]
    assert {*table["light"]} == {*listed["lighting"]}
    assert manifest.load("replay_attack").expected_enrolment == sum(listed["enrolment_videos"].values())

    listed, (table, real, attack) = listings["msspoof"], named("msspoof")
    assert table.groupby("split")["subject"].nunique().to_dict() == listed["clients"]
    assert counted(real[real["spectrum"] == "VS"], "split") == listed["real_visible"]
    assert counted(real[real["spectrum"] == "IR"], "split") == listed["real_infrared"]
    assert counted(attack, "split") == listed["attacks"]
    assert manifest.load("msspoof").expected_enrolment == sum(listed["enrolment"].values())
    assert manifest.load("msspoof").boxes.points == listed["landmarks"]

    listed, (_, real, attack) = listings["csmad"], named("csmad")
    assert counted(real, "client") == listed["bonafide_videos"]
    assert counted(attack[attack["species"] == "mask_silicone_worn"], "client") == listed["wear_videos"]
    assert counted(attack[attack["species"] == "mask_silicone_stand"], "client") == listed["stand_videos"]
    assert counted("actor " + attack["wearer"].dropna().to_frame(), "wearer") == listed["attack_presenters"]

    listed, (table, real, attack) = listings["3dmad"], named("3dmad")
    assert table["subject"].nunique() == listed["subjects"]
    assert real["session"].nunique() == listed["bonafide_sessions"]
    assert attack["session"].nunique() == listed["attack_sessions"]
    assert {*table.groupby(["subject", "session"]).size()} == {listed["videos_a_session"]}

    listed, (table, real, attack) = listings["own"], named("own")
    assert counted(real, "folder") == listed["real_files"]
    assert counted(attack, "folder") == listed["fake_files"]
    assert (table["media"] == "image").sum() == listed["still_pictures"]


def test_a_row_says_what_the_name_says(tmp_path):
    name = "test/attack/hand/attack_mobile_client009_session01_mobile_video_adverse.mov"
    row = load_index("replay_attack", grow(tmp_path, [name])).iloc[0]
    assert row.to_dict() == {
        "sample": "replay_attack/test/attack/hand/attack_mobile_client009_session01_mobile_video_adverse",
        "path": name,
        "media": "video",
        "subject": "replay_attack/009",
        "session": "01",
        "label": 1,
        "species": "mobile_video",
        "split": "test",
    }


def test_the_index_is_the_same_however_the_archives_were_unpacked(tmp_path):
    names = manifest.load("replay_attack").expected_paths()
    one = load_index("replay_attack", grow(tmp_path / "one", names))
    folders = [f"replayattack-{name.split('/')[name.startswith('enroll')]}/{name}" for name in names]
    two = load_index("replay_attack", grow(tmp_path / "two", folders))
    assert not one["path"].equals(two["path"])
    assert one.drop(columns="path").equals(two.drop(columns="path"))


def test_no_media_file_is_opened(tmp_path):
    """A thousand dangling links list as well as files: only names are read."""
    for name in manifest.load("3dmad").expected_paths():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).symlink_to(tmp_path / "nowhere")
    assert len(load_index("3dmad", tmp_path)) == 255


def test_enrolment_documents_and_hidden_files_stay_out(tmp_path):
    grow(tmp_path, ["train/real/client001_session01_webcam_authenticate_adverse_1.mov"])
    grow(
        tmp_path,
        ["enroll/train/client001_session01_webcam_enroll_adverse.mov", ".DS_Store", "protocols/a.txt"],
    )
    assert len(load_index("replay_attack", tmp_path)) == 1


@pytest.mark.parametrize("dataset", MAIN)
def test_the_expected_index_is_that_of_a_complete_copy(dataset, tmp_path):
    expected = index.expected_index(dataset)
    assert expected.attrs["evidence"] == "recomputed"
    assert expected.equals(load_index(dataset, complete(dataset, tmp_path)))


def test_linked_folders_are_followed_and_loops_end(tmp_path):
    elsewhere = grow(tmp_path / "disk", ["01_01_01.hdf5"])
    root = tmp_path / "3dmad"
    root.mkdir()
    (root / "Data").symlink_to(elsewhere)
    (elsewhere / "loop").symlink_to(root)
    assert list(load_index("3dmad", root)["path"]) == ["Data/01_01_01.hdf5"]


def test_a_manifest_of_ones_own_needs_no_code(tmp_path):
    mine = manifest_file(tmp_path, SMALL)
    table = load_index(mine, grow(tmp_path / "data", manifest.load(mine).expected_paths()))
    assert table.groupby(["split", "label"]).size().to_dict() == {
        ("dev", 0): 2,
        ("dev", 1): 2,
        ("test", 0): 2,
        ("test", 1): 2,
        ("train", 0): 4,
        ("train", 1): 4,
    }


def test_plain_folders_are_read_by_the_generic_manifest(tmp_path):
    names = ["train/bonafide/ann/1.jpg", "dev/bonafide/bob/a.mp4", "test/attack/print/cy/x.png"]
    table = load_index("folder", grow(tmp_path, [*names, "README.md"]))
    assert table.set_index("sample")["species"].to_dict() == {
        "folder/dev/bonafide/bob/a": "bonafide",
        "folder/test/attack/print/cy/x": "print",
        "folder/train/bonafide/ann/1": "bonafide",
    }
    assert set(table["media"]) == {"image", "video"}


def test_frames_cut_out_of_a_recording_share_its_session(tmp_path):
    """A folder of pictures is one recording: the leak check compares it as one."""
    names = [
        "train/bonafide/ann/monday/1.jpg",
        "train/bonafide/ann/monday/2.jpg",
        "dev/attack/print/bob/cut/1.png",
    ]
    table = load_index("folder", grow(tmp_path, names)).set_index("sample")
    assert table[["subject", "session", "species"]].to_numpy().tolist() == [
        ["folder/bob", "cut", "print"],
        ["folder/ann", "monday", "bonafide"],
        ["folder/ann", "monday", "bonafide"],
    ]


FAULTY = {
    "nothing": ("3dmad", [], "holds no file of 3DMAD"),
    "only strangers": ("3dmad", ["holiday.jpg", "Data/notes.doc"], "holds no file of 3DMAD"),
    "only documents": ("replay_attack", ["protocols/clients.txt"], "holds no file of Replay-Attack"),
    "only enrolment": (
        "replay_attack",
        ["enroll/train/client001_session01_webcam_enroll_adverse.mov"],
        "holds no file of Replay-Attack",
    ),
    "another dataset": ("msspoof", ["Data/01_01_01.hdf5"], "holds no file of MSSpoof"),
    "unknown client": ("3dmad", ["Data/01_01_01.hdf5", "Data/77_01_01.hdf5"], "no client '77'"),
    "wrong split folder": ("msspoof", ["images/real/VS/test/2_0_1_1_0.pgm"], "belongs to 'train'"),
    "two unpackings": ("3dmad", ["Data/01_01_01.hdf5", "session01/Data/01_01_01.hdf5"], "the same sample"),
    "two prefixes": (
        "msspoof",
        ["images/real/VS/train/2_0_1_1_0.pgm", "real/VS/train/2_0_1_1_0.pgm"],
        "the same sample",
    ),
    "two endings": ("own", ["videos/real/training/a.mp4", "videos/real/training/a.mov"], "the same sample"),
    "a picture beside its video": (
        "own",
        ["videos/real/training/a.mp4", "videos/real/training/a.jpg"],
        "the same sample",
    ),
}


@pytest.mark.parametrize("what", FAULTY)
def test_a_faulty_tree_is_refused_in_one_line(what, tmp_path):
    dataset, names, words = FAULTY[what]
    with pytest.raises(AttackNetError) as caught:
        load_index(dataset, grow(tmp_path, names))
    assert words in one_line(caught)


def test_a_root_that_is_no_folder_is_named(tmp_path):
    with pytest.raises(AttackNetError, match="no such folder"):
        load_index("3dmad", tmp_path / "none")
    (tmp_path / "archive.tar").write_bytes(b"-")
    with pytest.raises(AttackNetError, match="no such folder"):
        load_index("3dmad", tmp_path / "archive.tar")


def test_a_folder_that_cannot_be_listed_is_an_error(tmp_path, monkeypatch):
    """Silence here would be a smaller dataset. (Permissions do not bind the superuser: the error is made.)"""
    grow(tmp_path, ["Data/01_01_01.hdf5", "more/x"])
    list_folder = os.scandir

    def refuse(folder):
        if str(folder).endswith("more"):
            raise PermissionError(13, "Permission denied", str(folder))
        return list_folder(folder)

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(AttackNetError, match="Permission denied; make the folder readable"):
        load_index("3dmad", tmp_path)


def test_a_sample_without_a_split_is_an_error(tmp_path):
    """`sound` has a place for every sample, so that none is left out in silence."""
    mine = manifest_file(tmp_path, SMALL.replace("    dev: [{group: [dev]}]\n", ""))
    with pytest.raises(
        AttackNetError, match=r"mine.yaml, protocols.sound: puts dev/print/c_1.png into no split"
    ):
        load_index(mine, grow(tmp_path / "data", manifest.load(mine).expected_paths()))
