"""What can be exported, with its own pictures and no others."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from attacknet import evaluation, exportable, paths, released, runs, scoring
from attacknet.errors import AttackNetError
from attacknet.evidence import Evidence
from attacknet.exportable import Exportable
from attacknet.formats import Kind
from attacknet.recipes import RECIPES
from attacknet.runs import Plan, Source
from tests import tiny, toy

pytestmark = pytest.mark.usefixtures("own_cache")


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> tuple[Source, Source]:
    """Two datasets in one layout; the second has a manifest of its own."""
    folder = tmp_path_factory.mktemp("data")
    text = (paths.MANIFESTS / "msspoof.yaml").read_text(encoding="utf-8")
    (folder / "other.yaml").write_text(text.replace("id: msspoof", "id: other"), encoding="utf-8")
    return (
        Source("msspoof", toy.msspoof(folder / "msspoof")),
        Source(str(folder / "other.yaml"), toy.msspoof(folder / "other", seed=1)),
    )


@pytest.fixture(scope="module")
def plan(sources: tuple[Source, Source]) -> Plan:
    return Plan("livenessnet", sources[:1], "sound", RECIPES["book"], seed=3)


@pytest.fixture(scope="module")
def folder(plan: Plan) -> Path:
    return tiny.untrained_run(plan)


@pytest.fixture(scope="module")
def found(folder: Path, sources: tuple[Source, Source]) -> Exportable:
    return exportable.find(folder.name, sources)


def test_a_run_is_found_by_key_and_by_folder(
    folder: Path, found: Exportable, sources: tuple[Source, Source]
) -> None:
    by_folder = exportable.find(str(folder), sources)
    assert by_folder.source == found.source == folder.name
    assert str(found) == "livenessnet trained on msspoof (seed 3)"
    assert list(found.tested_on) == ["msspoof", "other"]


def test_the_file_says_what_the_run_says(found: Exportable, folder: Path) -> None:
    run, about = runs.open_run(folder), found.about(Kind.ONNX)
    assert (about.source, about.weights_sha256) == (run.key, run.weights_sha256)
    assert (about.model, about.trained_on, about.evidence) == ("livenessnet", "msspoof", Evidence.STAND_IN)
    assert about.preprocessing == run.preprocessing


def test_the_threshold_is_that_of_the_runs_own_development_set(
    found: Exportable, sources: tuple[Source, Source], plan: Plan
) -> None:
    """Frozen as for the matrix; the other dataset's development set would give another."""

    def frozen(source: Source) -> float:
        (crops,) = replace(plan, sources=(source,)).crops()
        return evaluation.frozen_threshold(scoring.score(found.network, crops, ("dev",)))

    own, other = map(frozen, sources)
    assert found.about(Kind.ONNX).threshold == own != other


def test_calibration_sees_training_pictures_only(found: Exportable, monkeypatch: pytest.MonkeyPatch) -> None:
    """All of them where there are few, else some from the first to the last."""
    crops = found.learnt_from[0]
    training = crops.images[crops.index.loc[crops.index["split"] == "train", "crop"]]
    np.testing.assert_array_equal(found.calibration(), training)
    monkeypatch.setattr(exportable, "_CALIBRATION", 3)
    few = found.calibration()
    np.testing.assert_array_equal(few, training[[0, (len(training) - 1) // 2, -1]])


def test_two_datasets_are_named(sources: tuple[Source, Source], plan: Plan) -> None:
    """All that there are is the fused model; both share the calibration."""
    both = tiny.untrained_run(replace(plan, sources=sources))
    fused = exportable.find(both.name, sources)
    assert fused.trained_on == "fused"
    assert len(fused.learnt_from) == len(fused.chosen_on) == 2
    assert len(fused.calibration()) == 2 * 36


def test_without_a_development_set_there_is_no_threshold(sources: tuple[Source, Source], plan: Plan) -> None:
    folder = tiny.untrained_run(replace(plan, protocol="as_run", allow_leaks=True))
    assert exportable.find(folder.name, sources[:1]).about(Kind.LITERT).threshold is None


# --- What is refused -------------------------------------------------------------------------------------


def test_unknown_names_get_the_known_ones(sources: tuple[Source, Source]) -> None:
    with pytest.raises(AttackNetError, match=r"^nothing: no run; give .* or one of 3dmad, csmad, fused$"):
        exportable.find("nothing", sources)


def test_a_baseline_is_no_network(sources: tuple[Source, Source], tmp_path: Path) -> None:
    (tmp_path / runs.ABOUT).write_text(json.dumps({"model": "lbp_svm"}), encoding="utf-8")
    (tmp_path / runs.HISTORY).write_text("epoch\n", encoding="utf-8")
    with pytest.raises(AttackNetError, match="lbp_svm is no network"):
        exportable.find(str(tmp_path), sources)


def _copy(folder: Path, place: Path) -> Path:
    place.mkdir()
    for file in folder.iterdir():
        (place / file.name).write_bytes(file.read_bytes())
    return place


def test_changed_or_missing_weights_are_refused(
    folder: Path, sources: tuple[Source, Source], tmp_path: Path
) -> None:
    copy = _copy(folder, tmp_path / "copy")
    content = (copy / runs.WEIGHTS).read_bytes()
    (copy / runs.WEIGHTS).write_bytes(content[:-1])
    with pytest.raises(AttackNetError, match="not the weights of this run"):
        exportable.find(str(copy), sources)
    (copy / runs.WEIGHTS).unlink()
    with pytest.raises(AttackNetError, match=r"weights\.npz: No such file"):
        exportable.find(str(copy), sources)


def test_other_pictures_are_refused(folder: Path, tmp_path: Path, sources: tuple[Source, Source]) -> None:
    """Their development set would give another threshold under the run's name."""
    other = Source("msspoof", toy.msspoof(tmp_path / "msspoof", seed=5))
    with pytest.raises(AttackNetError, match="did not learn from the pictures of msspoof that are there now"):
        exportable.find(folder.name, [other])
    with pytest.raises(AttackNetError, match="learnt from msspoof; msspoof has to be among the datasets"):
        exportable.find(folder.name, sources[1:])


# --- Released weights ------------------------------------------------------------------------------------


def test_released_weights_bring_their_contract_and_no_threshold(
    sources: tuple[Source, Source], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their own training pictures are not to be had, nor their development set."""
    monkeypatch.setattr(released, "path", Path)
    found = exportable.find("fused", sources)
    about = found.about(Kind.LITERT)
    assert (about.source, about.evidence, about.threshold) == ("fused", Evidence.RECOMPUTED, None)
    assert about.preprocessing.scaling == "divide_by_maximum"
    assert about.weights_sha256 == released.weights("fused").sha256


def test_scores_are_those_of_the_test_split(found: Exportable) -> None:
    table = found.scores["other"]
    assert set(table["split"]) == {"test"}
    pd.testing.assert_frame_equal(table, scoring.score(found.network, found.tested_on["other"], ("test",)))
