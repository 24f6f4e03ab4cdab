"""Plans and runs: the key knows all that shapes the weights, and nothing leaks into a training unasked."""

import dataclasses
import json
import pickle
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from ruamel.yaml import YAML

from attacknet import paths, runs
from attacknet.data.leaks import LeakError
from attacknet.errors import AttackNetError
from attacknet.evidence import Evidence
from attacknet.recipes import RECIPES
from attacknet.runs import Plan, Run, Source
from tests import toy

pytestmark = pytest.mark.usefixtures("own_cache")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return toy.msspoof(tmp_path_factory.mktemp("data"))


@pytest.fixture
def plan(root: Path) -> Plan:
    return Plan("attacknet", (Source("msspoof", root),), "sound", RECIPES["book"], seed=0)


CHANGES: dict[str, Callable[[Plan], Plan]] = {
    "model": lambda plan: dataclasses.replace(plan, model="livenessnet"),
    "baseline": lambda plan: dataclasses.replace(plan, model="lbp_svm"),
    "seed": lambda plan: dataclasses.replace(plan, seed=1),
    "protocol": lambda plan: dataclasses.replace(plan, protocol="as_run", allow_leaks=True),
    "split": lambda plan: dataclasses.replace(plan, protocol=runs.RANDOM_FRAMES, allow_leaks=True),
    "sources": lambda plan: dataclasses.replace(plan, sources=plan.sources * 2),
    "recipe": lambda plan: dataclasses.replace(plan, recipe=dataclasses.replace(plan.recipe, batch=5)),
    "augmentation": lambda plan: dataclasses.replace(
        plan, recipe=dataclasses.replace(plan.recipe, augmentation=None)
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_another_setting_is_another_run(plan: Plan, change: str) -> None:
    assert CHANGES[change](plan).key() != plan.key()


def test_another_picture_is_another_run(plan: Plan, root: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(root, tmp_path / "copy")
    moved = dataclasses.replace(plan, sources=(Source("msspoof", copy),))
    assert moved.key() == plan.key(), "the same pictures elsewhere are the same data"
    picture = next(copy.rglob("*.pgm"))
    picture.write_bytes(picture.read_bytes()[:-1] + b"\x00")
    shutil.copy(next(copy.rglob("9_0_1_1_1.pgm")), next(copy.rglob("9_0_1_1_0.pgm")))
    assert moved.key() != plan.key()


def test_other_code_another_lock_or_library_is_another_run(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = plan.key()
    with monkeypatch.context() as patch:
        patch.setattr(runs, "code_version", lambda **_: "other")
        assert plan.key() != key
    with monkeypatch.context() as patch:
        lock = tmp_path / "requirements.lock"
        lock.write_text("keras==0\n")
        patch.setattr(paths, "LOCK", lock)
        assert plan.key() != key
    with monkeypatch.context() as patch:
        patch.setattr(runs, "libraries", lambda: {"keras": "0"})
        assert plan.key() != key
    assert plan.key() == key


def test_code_that_computes_otherwise_has_another_version_and_a_comment_has_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = runs.code_version(is_network=True)
    copy = shutil.copytree(paths.PACKAGE, tmp_path / "attacknet", ignore=shutil.ignore_patterns("pack"))
    monkeypatch.setattr(paths, "PACKAGE", copy)
    fitting = copy / "fitting.py"

    def version_of(text: str) -> str:
        fitting.write_text(text)
        runs.code_version.cache_clear()
        return runs.code_version(is_network=True)

    code = fitting.read_text()
    assert version_of(code + "# a remark\n") == original
    assert version_of(code + "MORE = 1\n") != original
    runs.code_version.cache_clear()


def test_all_modules_that_a_training_reaches_are_in_its_key() -> None:
    """A new module that shapes the weights must not be forgotten."""
    program = (
        "import sys, attacknet.training, attacknet.augmentation\n"
        "print(*sorted(name for name in sys.modules if name.startswith('attacknet.')))"
    )
    reached = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    modules = (*runs._MODULES, *runs._OF_NETWORKS, *runs._OF_BASELINES)
    keyed = {"attacknet." + name.removesuffix(".py").replace("/", ".") for name in modules}
    # What reads data has a version of its own, in the crops' key; the rest computes nothing of a weight.
    others = {"paths", "errors", "evidence", "schema", "released", "metrics", "processes"}
    loaded = {name for name in reached.stdout.split() if not name.startswith("attacknet.data")}
    assert loaded - keyed == {f"attacknet.{name}" for name in others}
    assert all((paths.PACKAGE / name).exists() for name in modules)


def test_what_the_reader_allows_shapes_no_weight(plan: Plan) -> None:
    assert dataclasses.replace(plan, allow_leaks=True).key() == plan.key()


def test_a_plan_can_be_sent_to_another_process(plan: Plan) -> None:
    assert pickle.loads(pickle.dumps(plan)) == plan


def test_planning_and_finding_load_no_tensorflow() -> None:
    program = "import attacknet.runs, sys; assert not {'tensorflow', 'keras'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True)


def test_a_protocol_that_leaks_is_refused_before_anything_is_prepared(plan: Plan, tmp_path: Path) -> None:
    """A leak planted in a manifest: a test client among those that train."""
    declared = YAML().load(paths.MANIFESTS / "msspoof.yaml")
    declared["id"] = "planted"
    declared["protocols"]["sound"]["train"].append({"client": ["13"]})
    manifest = tmp_path / "planted.yaml"
    YAML().dump(declared, manifest)
    leaky = dataclasses.replace(plan, sources=(Source(str(manifest), plan.sources[0].root),))
    with pytest.raises(LeakError, match=r"samples 9 \(train, test\)"):
        leaky.crops()
    assert not (paths.cache_dir() / "crops/planted").exists()
    assert dataclasses.replace(leaky, allow_leaks=True).crops()


def test_frames_split_at_random_leak_and_are_refused_unasked(plan: Plan) -> None:
    at_random = dataclasses.replace(plan, protocol=runs.RANDOM_FRAMES)
    with pytest.raises(LeakError, match=r"random_frames.* of msspoof leaks"):
        at_random.crops()
    (split,) = dataclasses.replace(at_random, allow_leaks=True).crops()
    (sound,) = plan.crops()
    assert len(split.index) == len(sound.index)
    assert set(split.index["split"]) == {"train", "dev", "test"}
    assert split.index["subject"].groupby(split.index["split"]).nunique().loc["test"] > 2


def test_a_development_set_of_training_frames_is_refused_unasked(plan: Plan) -> None:
    """What the released code calls validation in the fused training: the training frames once more."""
    on_training = dataclasses.replace(plan, protocol=runs.VALIDATED_ON_TRAINING)
    with pytest.raises(LeakError, match=r"validated_on_training.* of msspoof leaks"):
        on_training.crops()
    (crops,) = dataclasses.replace(on_training, allow_leaks=True).crops()
    (sound,) = plan.crops()

    def members(frames: pd.DataFrame, split: str) -> list[tuple[str, int]]:
        part = frames[frames["split"] == split]
        return [*zip(part["sample"], part["crop"], strict=True)]

    assert members(crops.index, "dev") == members(crops.index, "train") == members(sound.index, "train")
    assert members(crops.index, "test") == members(sound.index, "test")


def test_the_authors_protocol_is_balanced_as_they_did(plan: Plan) -> None:
    (crops,) = dataclasses.replace(plan, protocol="as_run", allow_leaks=True).crops()
    counts = crops.index.groupby(["split", "label"]).size()
    assert counts["train", 0] == counts["train", 1]
    assert counts["test", 0] == counts["test", 1] == 8


def test_contracts_follow_the_recipe_and_the_manifest(plan: Plan) -> None:
    def orders(**changes: object) -> set[tuple[str, str]]:
        changed = dataclasses.replace(plan, **changes)
        return {(one.channel_order, one.scaling) for one in changed.contracts()}

    assert orders() == {("RGB", "divide_by_255")}
    assert orders(recipe=RECIPES["as_run"]) == {("BGR", "divide_by_maximum")}
    # A baseline knows no contract but the book's.
    assert orders(recipe=RECIPES["as_run"], model="lbp_svm") == {("RGB", "divide_by_255")}


def test_a_plan_without_data_says_so(plan: Plan) -> None:
    with pytest.raises(AttackNetError, match="no dataset to train on"):
        dataclasses.replace(plan, sources=()).key()


def written(folder: Path, evidence: Evidence = Evidence.STAND_IN) -> Path:
    folder.mkdir(parents=True)
    (folder / runs.ABOUT).write_text(json.dumps({"evidence": evidence.value, "weights_sha256": "00"}))
    (folder / runs.HISTORY).write_text("epoch,train_loss\n1,0.5\n")
    return folder


def test_a_run_is_found_once_it_is_there(plan: Plan) -> None:
    assert runs.find(plan) is None
    folder = written(runs.runs_dir() / plan.key())
    found = runs.find(plan)
    assert isinstance(found, Run)
    assert (found.key, found.evidence, found.weights_sha256) == (plan.key(), Evidence.STAND_IN, "00")
    assert found.history["train_loss"].tolist() == [0.5]
    shutil.rmtree(folder)


@pytest.mark.parametrize("name", [runs.ABOUT, runs.HISTORY])
def test_a_damaged_run_is_named(tmp_path: Path, name: str) -> None:
    folder = written(tmp_path / "run")
    (folder / name).write_bytes(b'\xff{"')
    with pytest.raises(AttackNetError, match=f"{folder}: no whole run .* train again"):
        runs.open_run(folder)


def test_weights_that_are_damaged_or_of_another_network_are_refused(tmp_path: Path) -> None:
    from attacknet import networks

    file, small = tmp_path / "weights.npz", networks.build("livenessnet")
    networks.write_weights(small, file)
    other = networks.build("livenessnet")
    networks.read_weights(other, file)
    for mine, theirs in zip(other.weights, small.weights, strict=True):
        np.testing.assert_array_equal(mine.numpy(), theirs.numpy())
    with pytest.raises(AttackNetError, match="no weights of attacknet_v1"):
        networks.read_weights(networks.build("attacknet_v1"), file)
    file.write_bytes(file.read_bytes()[:1000])
    with pytest.raises(AttackNetError, match="no weights of livenessnet"):
        networks.read_weights(small, file)
