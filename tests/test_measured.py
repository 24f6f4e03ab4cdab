"""Licensed data turn open claims into verdicts; stand-ins never do.

The trees here are small and drawn, and nothing marks them as stand-ins: to the code they are licensed data.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import h5py
import nbformat
import numpy as np
import pandas as pd
import pytest

from attacknet import evaluation, experiments, measured, paths
from attacknet.data.media import quiet_cv2
from attacknet.errors import AttackNetError
from attacknet.evidence import Evidence
from attacknet.paper import ledger
from attacknet.paper.ledger import Ledger, Status
from attacknet.runs import Source
from tests import toy


@pytest.fixture(scope="module")
def claims() -> Ledger:
    return ledger.load()


def rates(model: str, trained_on: str, tested_on: str) -> pd.DataFrame:
    """A row of a matrix: half of the attacks accepted, a tenth of the bona fide rejected."""
    row: dict[str, object] = {"model": model, "trained_on": trained_on, "tested_on": tested_on}
    for name, value in (("hter", 0.3), ("far", 0.5), ("bpcer", 0.1)):
        row |= {
            f"{name}_argmax{end}": value + shift for end, shift in (("", 0), ("_low", -0.1), ("_high", 0.2))
        }
    return pd.DataFrame([row])


def test_rates_stand_beside_the_cells_of_table_4(claims: Ledger) -> None:
    """Recalls are one minus the error rates, and the ends of their intervals change places."""
    found = measured.with_rates(claims, rates("attacknet", "3dmad", "csmad"), "licensed", "here")
    table = measured.compared(found).set_index("claim")
    assert [*table["measured"]] == ["0.9", "0.5", "0.3"]
    assert [*table["interval"]] == ["0.7 to 1", "0.3 to 0.6", "0.2 to 0.5"]
    assert found["t4.3dmad.csmad.hter"].status is claims["t4.3dmad.csmad.hter"].status


@pytest.mark.parametrize(("model", "tested_on"), [("lbp_svm", "csmad"), ("attacknet", "corridor")])
def test_other_models_and_datasets_are_no_evidence(claims: Ledger, model: str, tested_on: str) -> None:
    """The claims are about AttackNet on the paper's databases."""
    assert measured.compared(
        measured.with_rates(claims, rates(model, "3dmad", tested_on), "licensed", "here")
    ).empty


def test_stand_ins_are_refused(claims: Ledger, tmp_path: Path) -> None:
    """A synthetic number never stands beside a printed one."""
    with pytest.raises(AttackNetError, match="stand-in is no evidence"):
        measured.with_rates(claims, rates("attacknet", "3dmad", "csmad"), Evidence.STAND_IN, "here")
    (tmp_path / "STANDIN.yaml").write_text("dataset: csmad\nsize: small\n")
    with pytest.raises(AttackNetError, match="stand-in is no evidence"):
        measured.with_files(claims, [Source("csmad", tmp_path)])


def test_files_settle_what_needed_licensed_data(claims: Ledger, tmp_path: Path) -> None:
    """17 stills, 11 and 8 bits: as printed. A clip of half a second: not the printed nine."""
    waiting = [entry.claim for entry in claims if entry.status is Status.NEEDS_DATA]
    # Those of section 5.3 wait for trained networks, not for files.
    open_claims = [claim.id for claim in waiting if claim.section.startswith("4.1")]
    for number in range(17):
        _put(tmp_path / f"csmad/still_{number}.{'JPG' if number % 2 else 'jpg'}", b"a picture")
    _put(tmp_path / "csmad/video.avi", b"a video")
    (tmp_path / "3dmad").mkdir()
    with h5py.File(tmp_path / "3dmad/01_01_01.hdf5", "w") as file:
        file["Depth_Data"] = np.full((2, 1, 4, 4), 1500, np.uint16)
        file["Color_Data"] = np.zeros((2, 3, 4, 4), np.uint8)
    _clip(tmp_path / "replay_attack/train/long.mov", frames=50)
    _clip(tmp_path / "replay_attack/train/short.mov", frames=5)
    sources = [Source(name, tmp_path / name) for name in ("csmad", "3dmad", "replay_attack", "msspoof")]
    found = measured.with_files(claims, sources)
    verdicts = {name: found[name].status for name in open_claims}
    assert verdicts == {
        "s4.1.1.stills": Status.REPRODUCED,
        "s4.1.2.depth.bits": Status.REPRODUCED,
        "s4.1.2.colour.bits": Status.REPRODUCED,
        "s4.1.4.duration": Status.CONTRADICTED,
    }
    assert found["s4.1.4.duration"].recomputed == pytest.approx(0.5)
    assert all(found[name].evidence is Evidence.LICENSED for name in open_claims)


def _put(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)


def _clip(file: Path, frames: int) -> None:
    """Write a video of ten pictures a second."""
    cv2 = quiet_cv2()
    file.parent.mkdir(parents=True, exist_ok=True)
    video = cv2.VideoWriter(str(file), cv2.VideoWriter.fourcc(*"MJPG"), 10, (64, 48))
    for _ in range(frames):
        video.write(np.zeros((48, 64, 3), np.uint8))
    video.release()


def test_a_clip_that_is_none_is_named(claims: Ledger, tmp_path: Path) -> None:
    _put(tmp_path / "broken.mov", b"no video")
    with pytest.raises(AttackNetError, match=r"broken.mov: is no video"):
        measured.with_files(claims, [Source("replay_attack", tmp_path)])


def test_a_root_without_the_files_is_named(claims: Ledger, tmp_path: Path) -> None:
    with pytest.raises(AttackNetError, match=r"has no file \*.hdf5"):
        measured.with_files(claims, [Source("3dmad", tmp_path)])


def test_from_files_to_a_verdict(claims: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole way of a reader with licensed data: a root, a run, a matrix, a line beside the claim."""
    monkeypatch.setenv("ATTACKNET_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(measured, "NETWORK", "lbp_svm")  # fitted in a second, and of no matter here
    jobs = experiments.grid(
        [Source("msspoof", toy.msspoof(tmp_path / "msspoof"))], models=["lbp_svm"], seeds=[0]
    )
    results = evaluation.matrix(experiments.run(jobs))
    found = measured.with_rates(claims, results, experiments.evidence(jobs), "a small tree")
    (line,) = found["t4.msspoof.msspoof.hter"].measurements
    assert line.evidence is Evidence.LICENSED
    assert line.value == results["hter_argmax"].iloc[0]
    assert {*measured.compared(found)["source"]} == {"a small tree"}


def test_the_chapter_shows_what_licensed_data_say(tmp_path: Path) -> None:
    """A reader's command: chapter 5.1 is stamped licensed, and the claims stand beside its numbers."""
    given = {
        "dataset": "msspoof",
        "data_root": str(toy.msspoof(tmp_path / "data/msspoof").parent),
        "seeds": 1,
    }
    given |= {"versions": [], "baselines": ["constant"], "resamples": 100}
    (tmp_path / "given.yaml").write_text(json.dumps(given))  # JSON is YAML
    command = "from attacknet.cli import main; main()"
    result = subprocess.run(
        [
            sys.executable,
            "-c",
            command,
            "book",
            "run",
            "05_1_per_dataset",
            "-y",
            str(tmp_path / "given.yaml"),
        ],
        env=os.environ | {"ATTACKNET_CACHE": str(tmp_path / "cache")},
        cwd=paths.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    notebook = nbformat.read(result.stdout.splitlines()[-1].removeprefix("executed notebook: "), as_version=4)
    outputs = [one for cell in notebook.cells for one in cell.get("outputs", [])]
    facts = {one.metadata["attacknet"]["name"]: one for one in outputs if "attacknet" in one.metadata}
    levels = {name: set(one.metadata["attacknet"]["evidence"]) for name, one in facts.items()}
    printed = {name for name, found in levels.items() if "paper" in found}
    assert all(found == {"licensed"} for name, found in levels.items() if name not in printed)
    (measured_table,) = [one for name, one in facts.items() if name.endswith("measured")]
    assert "t4.msspoof.msspoof.hter" in measured_table.data["text/plain"]
