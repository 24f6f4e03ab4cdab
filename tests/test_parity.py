"""The parity report: what it counts, by hand; that it is made once; and that a wrong file is refused."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from attacknet import export, exportable, parity
from attacknet.data.crops import Crops
from attacknet.errors import AttackNetError
from attacknet.evidence import Evidence
from attacknet.exportable import Exportable
from attacknet.formats import Kind
from tests import tiny

pytestmark = pytest.mark.usefixtures("own_cache")


def crops(name: str = "toy") -> Crops:
    """Four people's test faces, both classes each, a frame without a face, and a training face."""
    index = pd.DataFrame(
        {
            "sample": list("abcdefghij"),
            "subject": ["1", "1", "2", "2", "3", "3", "4", "4", "4", "5"],
            "session": "",
            "label": [0, 1, 0, 1, 0, 1, 0, 1, 1, 0],
            "species": ["bonafide", "print"] * 4 + ["print", "bonafide"],
            "split": ["test"] * 9 + ["train"],
            "frame": 0,
            "crop": [0, 1, 2, 3, 4, 5, 6, 7, -1, 8],
        }
    )
    about = {
        "geometry": {"align": "box", "margin": 0.0, "size": list(tiny.SIZE)},
        "images_sha256": name,
        "evidence": "stand-in",
    }
    return Crops(Path(name), index, tiny.crops(9, seed=3), about)


def a_network() -> Exportable:
    return Exportable(
        model="tiny",
        trained_on="nothing",
        protocol="sound",
        seed=0,
        source="tests",
        weights_sha256="ab" * 32,
        evidence=Evidence.STAND_IN,
        preprocessing=tiny.PLAIN,
        learnt_from=[crops()],
        chosen_on=(),
        tested_on={"toy": crops()},
        _load=tiny.network,
    )


def compared(kind: Kind, before: list[float], after: list[float]) -> parity.Compared:
    about = tiny.about(kind, threshold=0.5)
    scores = [{"toy": np.array(each, np.float32)} for each in (before, after)]
    return parity.Compared(a_network(), about, b"", *scores)


# Bona fide and attack in turn: the third attack is accepted, and the fourth bona fide face refused.
BEFORE = [0.9, 0.1, 0.8, 0.2, 0.7, 0.6, 0.4, 0.3]
# The first attack is now accepted too, by a difference of 0.5.
AFTER = [0.9, 0.6, 0.8, 0.2, 0.7, 0.6, 0.4, 0.3]


def test_a_row_by_hand() -> None:
    """One attack of four and one bona fide face of four are wrong, then two attacks: HTER 1/4 and 3/8."""
    (row,) = parity.rows_of(compared(Kind.LITERT, BEFORE, AFTER)).to_dict("records")
    assert (row["faces"], row["decisions_changed"], row["threshold"]) == (8, 1, 0.5)
    assert row["largest_difference"] == pytest.approx(0.5)
    assert (row["hter"], row["hter_exported"]) == (0.25, 0.375)
    assert row["hter_low"] <= 0.25 <= row["hter_high"]
    assert row["hter_exported_low"] <= 0.375 <= row["hter_exported_high"]
    assert (row["tested_on"], row["evidence"], row["format"]) == ("toy", "stand-in", "litert")


def test_a_score_that_crosses_no_threshold_changes_no_decision() -> None:
    """A score at the threshold is accepted; from there upwards is no change."""
    shifted = [0.95, 0.2, 0.5, 0.1, 0.99, 0.5, 0.0, 0.49]
    (row,) = parity.rows_of(compared(Kind.LITERT, BEFORE, shifted)).to_dict("records")
    assert row["decisions_changed"] == 0
    assert row["hter_exported"] == row["hter"]


def test_only_a_file_in_float_must_decide_as_its_network() -> None:
    bytes_, floats = (parity.rows_of(compared(kind, BEFORE, AFTER)) for kind in (Kind.LITERT_INT8, Kind.ONNX))
    parity.require_same_decisions(bytes_)
    parity.require_same_decisions(parity.rows_of(compared(Kind.ONNX, BEFORE, BEFORE)))
    with pytest.raises(AttackNetError, match="tiny trained on nothing, as onnx: 1 of 8 decisions on toy"):
        parity.require_same_decisions(pd.concat([bytes_, floats]))


def test_a_summary_takes_the_worst_test_set() -> None:
    worse = parity.rows_of(compared(Kind.LITERT_INT8, BEFORE, AFTER))
    rows = pd.concat([worse, parity.rows_of(compared(Kind.LITERT_INT8, BEFORE, BEFORE))])
    (row,) = parity.summary(rows).to_dict("records")
    assert (row["faces"], row["decisions_changed"]) == (16, 1)
    assert (row["largest_difference"], row["largest_hter_change"]) == (pytest.approx(0.5), 0.125)


def test_a_file_is_compared_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second time neither converts nor loads the network, and gives the same."""
    first = parity.report([a_network()], [Kind.LITERT])
    assert first["largest_difference"].max() < 1e-6
    assert first["faces"].tolist() == [8]  # the frame without a face has no score to compare

    def again(*_: object) -> bytes:
        raise AssertionError("converted again")

    monkeypatch.setattr(export, "convert", again)
    monkeypatch.setattr(exportable.scoring, "score", again)
    pd.testing.assert_frame_equal(parity.report([a_network()], [Kind.LITERT]), first)
    with pytest.raises(AssertionError, match="converted again"):
        parity.report([a_network()], [Kind.ONNX])


def test_what_shapes_a_comparison_is_in_its_key(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = {
        parity.key(a_network(), Kind.LITERT),
        parity.key(a_network(), Kind.LITERT_INT8),
        parity.key(_with(weights_sha256="cd" * 32), Kind.LITERT),
        parity.key(_with(preprocessing=tiny.BY_MAXIMUM), Kind.LITERT),
        parity.key(_with(tested_on={"toy": crops("other pictures")}), Kind.LITERT),
    }
    assert len(keys) == 5
    monkeypatch.setattr(parity, "_code_version", lambda: "other code")
    assert parity.key(a_network(), Kind.LITERT) not in keys


def _with(**changes: object) -> Exportable:
    facts = {name: value for name, value in vars(a_network()).items() if name in Exportable.__annotations__}
    return Exportable(**(facts | changes))


def test_a_cache_that_cannot_be_written_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("ATTACKNET_CACHE", str(tmp_path / "file"))
    with pytest.raises(AttackNetError, match="cannot be written: Not a directory"):
        parity.compare(a_network(), Kind.LITERT)
