"""Training: the same plan gives the same weights, however it is interrupted, and what is wrong is said.

Each training has a process of its own, as TensorFlow counts its threads once a process. The processes are
forked from a server that has imported TensorFlow, so that they start at once.
"""

import multiprocessing
import os
import random
import resource
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from attacknet import baselines, runs
from attacknet.data.leaks import LeakError
from attacknet.errors import AttackNetError
from attacknet.fitting import State
from attacknet.recipes import RECIPES, Augmentation, Recipe
from attacknet.runs import Plan, Run, Source
from attacknet.training import train
from tests import toy

TINY = Recipe(
    batch=8, learning_rate=1e-3, epochs=6, steps=2, augmentation=Augmentation(rotation=9, flip=True)
)

_server = multiprocessing.get_context("forkserver")
_server.set_forkserver_preload(["tensorflow", "keras", "attacknet.training", "attacknet.augmentation"])


def _carry_out(pipe: Connection, cache: str, work: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    os.environ["ATTACKNET_CACHE"] = cache
    try:
        pipe.send((work(*arguments), None))
    except AttackNetError as error:
        pipe.send((None, error))


class Job:
    """Work in a process of its own, with a cache of the test's choice."""

    def __init__(self, cache: Path, work: Callable[..., Any], *arguments: Any) -> None:
        self._pipe, theirs = _server.Pipe(duplex=False)
        self.process = _server.Process(target=_carry_out, args=(theirs, str(cache), work, arguments))
        self.process.start()
        theirs.close()

    def result(self) -> Any:
        result, error = self._pipe.recv()
        self.process.join()
        if error:
            raise error
        return result

    def kill_after(self, seconds: float) -> bool:
        """Kill the process unless it ends before; return whether it had to be."""
        self.process.join(seconds)
        alive = self.process.exitcode is None
        if alive:
            os.kill(self.process.pid, signal.SIGKILL)
            self.process.join()
        return alive


def trained(cache: Path, plan: Plan) -> tuple[Run, list[int]]:
    """Train in a process of its own; return the run and the epochs after which it reported."""
    return Job(cache, _train, plan).result()


def _train(plan: Plan) -> tuple[Run, list[int]]:
    epochs: list[int] = []
    return train(plan, progress=lambda done, _: epochs.append(done)), epochs


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return toy.msspoof(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def plan(root: Path) -> Plan:
    return Plan("livenessnet", (Source("msspoof", root),), "sound", TINY, seed=3)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory, plan: Plan) -> Path:
    """Return a cache that holds the crops."""
    cache = tmp_path_factory.mktemp("prepared")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ATTACKNET_CACHE", str(cache))
        plan.crops()
    return cache


@pytest.fixture
def cache(tmp_path: Path, prepared: Path) -> Iterator[Path]:
    """Return a cache without runs that shares the crops."""
    own = tmp_path / "cache"
    own.mkdir()
    (own / "crops").symlink_to(prepared / "crops")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ATTACKNET_CACHE", str(own))
        yield own


@pytest.fixture(scope="module")
def unbroken(prepared: Path, plan: Plan) -> Run:
    run, epochs = trained(prepared, plan)
    assert epochs == list(range(1, TINY.epochs + 1))
    return run


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(
    cache: Path, plan: Plan, unbroken: Run
) -> None:
    run, _ = trained(cache, plan)
    assert run.folder != unbroken.folder
    assert run.weights.read_bytes() == unbroken.weights.read_bytes()
    assert run.history.equals(unbroken.history)
    other, _ = trained(cache, replace(plan, seed=4))
    assert other.weights_sha256 != unbroken.weights_sha256


def _train_both(one: Plan, other: Plan) -> list[Run]:
    return [train(plan) for plan in (one, other)]


def test_a_process_that_trained_before_gives_the_same_bytes(cache: Path, plan: Plan, unbroken: Run) -> None:
    """It trains the network of the run before, whose weights, moments and rates must all be forgotten."""
    _, run = Job(cache, _train_both, replace(plan, seed=4), plan).result()
    assert run.weights.read_bytes() == unbroken.weights.read_bytes()
    assert run.history.equals(unbroken.history)


def test_a_process_that_trained_otherwise_gives_the_same_bytes(
    cache: Path, plan: Plan, unbroken: Run
) -> None:
    """Rate and momentum are part of what was compiled."""
    otherwise = replace(plan, recipe=replace(TINY, learning_rate=0.01, norm_momentum=0.5, epochs=1))
    _, run = Job(cache, _train_both, otherwise, plan).result()
    assert run.weights.read_bytes() == unbroken.weights.read_bytes()


def test_a_run_that_is_there_is_found(prepared: Path, plan: Plan, unbroken: Run) -> None:
    run, epochs = trained(prepared, plan)
    assert run.folder == unbroken.folder
    assert epochs == []


def test_of_two_processes_one_trains_and_the_other_finds(cache: Path, plan: Plan, unbroken: Run) -> None:
    (one, mine), (two, theirs) = (job.result() for job in [Job(cache, _train, plan) for _ in range(2)])
    assert sorted([mine, theirs]) == [[], list(range(1, TINY.epochs + 1))]
    assert one.weights_sha256 == two.weights_sha256 == unbroken.weights_sha256


def test_killed_ten_times_it_ends_with_the_same_weights(cache: Path, prepared: Path, plan: Plan) -> None:
    """SIGKILL at ten random moments, from start-up to the last epochs, and nothing is different."""
    # Long enough to be there for the last kill: every other one lets some epochs pass.
    plan = replace(plan, recipe=replace(TINY, epochs=20))
    unbroken, _ = trained(prepared, plan)
    chance = random.Random(0)
    resumed_at = set()
    key = unbroken.key
    checkpoint = cache / f"runs/{key}.unfinished/checkpoint.npz"
    for number in range(10):
        job = Job(cache, _train, plan)
        # Half of the kills fall anywhere, the others after a new epoch has been kept.
        if after_epoch := number % 2:
            _wait_for_change(checkpoint, job)
        assert job.kill_after(chance.uniform(0, 0.1 if after_epoch else 0.6)), "ended before the last kill"
        if checkpoint.exists():
            with np.load(checkpoint) as stored:
                resumed_at.add(str(stored["state"]))
    run, _ = trained(cache, plan)
    assert len(resumed_at) >= 2, "the training was gone on with from different epochs"
    assert run.weights_sha256 == unbroken.weights_sha256
    assert run.history.equals(unbroken.history)
    assert [file.name for file in run.folder.parent.iterdir() if file.suffix != ".lock"] == [key]


def _wait_for_change(file: Path, job: Job) -> None:
    def changed() -> float:
        return file.stat().st_mtime_ns if file.exists() else 0

    before = changed()
    while changed() == before and job.process.is_alive():
        time.sleep(0.01)


def test_the_kept_epoch_is_the_best_one(cache: Path, plan: Plan) -> None:
    """Keeping the best of six epochs is the same as stopping after that one."""
    best = replace(plan, recipe=replace(TINY, keep="best", monitor="train_loss", shuffle=False, steps=None))
    run, _ = trained(cache, best)
    epoch = int(run.history["train_loss"].idxmin()) + 1
    stopped, _ = trained(cache, replace(plan, recipe=replace(best.recipe, keep="last", epochs=epoch)))
    assert run.weights_sha256 == stopped.weights_sha256


@pytest.mark.parametrize(
    ("losses", "epochs"),
    [
        ([3, 2, 1], 3),  # falls to the end
        ([3, 2, 2, 2], 4),  # no lower for two epochs after the second
        ([1, 2, 0.5, 1, 1, 0.1], 5),  # the third was lower in time, the last came too late
    ],
)
def test_patience_ends_a_training(losses: list[float], epochs: int) -> None:
    recipe = replace(TINY, patience=2, epochs=len(losses), monitor="dev_loss")
    state = State()
    while not state.ended(recipe):
        state.history.append({"dev_loss": losses[len(state.history)]})
    assert len(state.history) == epochs


def test_what_a_run_tells_of_itself(prepared: Path, plan: Plan, unbroken: Run) -> None:
    about = unbroken.about
    assert (about["model"], about["seed"], about["protocol"]) == ("livenessnet", 3, "sound")
    # Four training clients with five bona fide pictures and four attacks each, balanced; two in development.
    assert about["frames"] == {"train": 32, "dev": 16}
    assert about["evidence"] == "licensed", "no marker of stand-ins lies there"
    assert about["seconds"] > 0
    assert {"python", "machine"} <= set(about["environment"])
    assert unbroken.history["epoch"].tolist() == list(range(1, TINY.epochs + 1))
    assert unbroken.history.notna().all(axis=None)


def _scores(plan: Plan) -> tuple[Any, np.ndarray]:
    network = runs.find(plan).load()
    pictures = np.linspace(0, 1, 2 * 32 * 32 * 3, dtype=np.float32).reshape(2, 32, 32, 3)
    return network.preprocessing, network.predict(pictures, verbose=0)


def test_a_run_loads_as_the_network_that_was_trained(prepared: Path, plan: Plan, unbroken: Run) -> None:
    contract, probabilities = Job(prepared, _scores, plan).result()
    assert contract == unbroken.preprocessing
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-6)
    with np.load(unbroken.weights) as arrays:
        assert {"phase1_conv1/kernel", "classifier/bias"} <= set(arrays.files)


def test_a_few_epochs_learn_an_easy_difference(cache: Path, plan: Plan) -> None:
    longer = replace(TINY, epochs=1, steps=150, augmentation=None, norm_momentum=0.9)
    run, _ = trained(cache, replace(plan, recipe=longer))
    assert run.history["dev_accuracy"].iloc[-1] > 0.9
    # The same weights but for the running averages, which do not get there in time.
    run, _ = trained(cache, replace(plan, recipe=replace(longer, norm_momentum=0.99)))
    assert run.history["dev_accuracy"].iloc[-1] < 0.9


def test_shuffled_labels_teach_nothing_of_the_difference(cache: Path, plan: Plan) -> None:
    """The difference is learned easily from the right labels; the development set keeps its own."""
    longer = replace(TINY, epochs=1, steps=150, augmentation=None, norm_momentum=0.9)
    run, _ = trained(cache, replace(plan, recipe=longer))
    honest = run.history["dev_loss"].iloc[-1]
    run, _ = trained(cache, replace(plan, recipe=replace(longer, labels="shuffled")))
    assert run.history["dev_loss"].iloc[-1] > 10 * honest


def test_pooled_sources_train_together(cache: Path, plan: Plan, unbroken: Run) -> None:
    run, _ = trained(cache, replace(plan, sources=plan.sources * 2))
    assert run.about["frames"]["train"] == 2 * unbroken.about["frames"]["train"]
    assert run.weights_sha256 != unbroken.weights_sha256


def test_pooled_contracts_leave_that_of_most_frames(cache: Path, plan: Plan) -> None:
    recipe = replace(TINY, pixels="as_run", epochs=1, monitor="train_loss")
    run, _ = trained(cache, replace(plan, recipe=recipe))
    assert (run.preprocessing.channel_order, run.preprocessing.scaling) == ("BGR", "divide_by_maximum")


def test_results_are_licensed_only_where_all_data_are(cache: Path, plan: Plan, tmp_path: Path) -> None:
    marked = toy.msspoof(tmp_path / "marked", seed=1)
    (marked / "STANDIN.yaml").write_text("dataset: msspoof\nsize: small\n")
    mixed = (*plan.sources, Source("msspoof", marked))
    (tmp_path / "own").mkdir()
    run, _ = trained(tmp_path / "own", replace(plan, sources=mixed, recipe=replace(TINY, epochs=1)))
    assert run.about["evidence"] == "stand-in"


@pytest.mark.parametrize("name", baselines.BASELINES)
def test_a_baseline_is_fitted_once_and_found(cache: Path, plan: Plan, name: str) -> None:
    run = train(replace(plan, model=name))
    assert run.history.empty
    assert train(replace(plan, model=name)).folder == run.folder
    pictures = np.random.default_rng(0).integers(0, 255, (3, 32, 32, 3), dtype=np.uint8)
    assert run.load().score(pictures).shape == (3,)


# What is wrong, and the words that say so.


def test_a_loss_that_is_no_number_stops_the_training(cache: Path, plan: Plan) -> None:
    with pytest.raises(AttackNetError, match="in epoch 1 the loss is no longer a number"):
        trained(cache, replace(plan, recipe=replace(TINY, learning_rate=1e38, steps=20)))


def test_a_recipe_that_needs_a_development_set_says_so(cache: Path, plan: Plan) -> None:
    without = replace(plan, protocol="as_run", allow_leaks=True, recipe=RECIPES["as_written"])
    with pytest.raises(AttackNetError, match="'as_run' has no development set"):
        train(without)


def test_an_empty_class_stops_before_the_training(tmp_path: Path, plan: Plan) -> None:
    bona_fide = toy.msspoof(tmp_path / "data", attacks=0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ATTACKNET_CACHE", str(tmp_path / "cache"))
        with pytest.raises(AttackNetError, match="split 'train' has no attack face"):
            train(replace(plan, sources=(Source("msspoof", bona_fide),)))


def test_a_leak_stops_before_the_training(cache: Path, plan: Plan) -> None:
    with pytest.raises(LeakError):
        train(replace(plan, protocol="as_run"))
    assert not (cache / "runs").exists()


def test_frames_that_look_alike_stop_before_the_training(tmp_path: Path, plan: Plan) -> None:
    """A training picture under the name of a test client: only the pixels tell."""
    planted = toy.msspoof(tmp_path / "data", seed=2)
    original, copy = toy.plant_copy(planted)
    leaking = replace(plan, sources=(Source("msspoof", planted),), recipe=replace(TINY, epochs=1))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ATTACKNET_CACHE", str(tmp_path / "cache"))
        with pytest.raises(LeakError, match=f"{original}.*{copy}.*look the same"):
            train(leaking)
        assert not (tmp_path / "cache/runs").exists()
        trained(tmp_path / "cache", replace(leaking, allow_leaks=True))


def test_an_unknown_model_is_answered_with_the_known_ones(plan: Plan) -> None:
    with pytest.raises(AttackNetError, match=r"'resnet': there are only attacknet, .*lbp_svm"):
        train(replace(plan, model="resnet"))


def _train_after_tensorflow_began(plan: Plan) -> None:
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(2)
    tf.constant(1) + 1
    train(plan)


def test_more_threads_are_refused(cache: Path, plan: Plan) -> None:
    """Their number would shape the weights."""
    with pytest.raises(AttackNetError, match="already computes on several threads"):
        Job(cache, _train_after_tensorflow_began, plan).result()


def test_other_sums_are_refused(cache: Path, plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process without oneDNN would put other weights under the same key."""
    monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", "0")
    with pytest.raises(AttackNetError, match="TF_ENABLE_ONEDNN_OPTS=0 is set"):
        train(plan)


def _train_on_a_full_disk(plan: Plan) -> None:
    # The weights of one network are larger, the table and the lock are not.
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))
    train(plan)


def test_a_full_disk_is_named_and_the_next_attempt_succeeds(cache: Path, plan: Plan, unbroken: Run) -> None:
    with pytest.raises(AttackNetError, match=r"cannot be written: .*; see to the disk and run again"):
        Job(cache, _train_on_a_full_disk, plan).result()
    assert trained(cache, plan)[0].weights_sha256 == unbroken.weights_sha256


def test_the_rival_can_be_trained_too(cache: Path, plan: Plan) -> None:
    """It is built by Keras, not by the package, and holds a network within the network."""
    run, _ = trained(cache, replace(plan, model="mobilenet_v3_small", recipe=replace(TINY, epochs=1)))
    assert run.history.notna().all(axis=None)
