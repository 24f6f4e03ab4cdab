"""The marker of stand-ins: a damaged one must not turn them into licensed data."""

import pytest

from attacknet.data import load_index
from attacknet.errors import AttackNetError
from tests.data.trees import grow, one_line

MARKERS = {
    "of another dataset": ("dataset: csmad\nsize: small\n", "stand-ins of 'csmad'"),
    "without size": ("dataset: 3dmad\n", "size"),
    "of unknown size": ("dataset: 3dmad\nsize: tiny\n", "size"),
    "without dataset": ("size: small\n", "dataset"),
    "empty": ("", "the whole file"),
    "key twice": ("dataset: 3dmad\nsize: small\nsize: full\n", "line 3"),
    "no YAML": ("dataset: [3dmad\n", "line"),
}


@pytest.mark.parametrize("what", MARKERS)
def test_a_broken_marker_is_refused(what, tmp_path):
    """Otherwise stand-ins with a damaged marker would count as licensed data."""
    text, words = MARKERS[what]
    grow(tmp_path, ["Data/01_01_01.hdf5"])
    (tmp_path / "STANDIN.yaml").write_text(text)
    with pytest.raises(AttackNetError) as caught:
        load_index("3dmad", tmp_path)
    assert words in one_line(caught)


def test_the_level_of_evidence_is_that_of_the_root(tmp_path):
    grow(tmp_path, ["Data/01_01_01.hdf5"])
    assert load_index("3dmad", tmp_path).attrs["evidence"] == "licensed"
    (tmp_path / "STANDIN.yaml").write_text("dataset: 3dmad\nsize: small\nseed: 7\n")
    assert load_index("3dmad", tmp_path).attrs["evidence"] == "stand-in"


def test_stand_ins_given_by_a_folder_inside_are_no_licensed_data(tmp_path):
    """The loader also takes the folder that holds the recordings, and the marker lies above it."""
    grow(tmp_path, ["Data/01_01_01.hdf5"])
    (tmp_path / "STANDIN.yaml").write_text("dataset: 3dmad\nsize: small\n")
    assert load_index("3dmad", tmp_path / "Data").attrs["evidence"] == "stand-in"


def test_stand_ins_inside_an_unmarked_root_are_refused(tmp_path):
    """Else a root that has both would be licensed as a whole."""
    grow(tmp_path, ["bonafide/A/A_gen_i0_061.h5", "CSMAD/bonafide/B/B_gen_i0_001.h5"])
    assert load_index("csmad", tmp_path).attrs["evidence"] == "licensed"
    (tmp_path / "CSMAD/STANDIN.yaml").write_text("dataset: csmad\nsize: small\n")
    with pytest.raises(AttackNetError) as caught:
        load_index("csmad", tmp_path)
    assert "CSMAD: stand-ins inside" in one_line(caught)
