"""The grid: which jobs there are, that each is done once, and that it does not matter where."""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from attacknet import evaluation, executors, experiments, paths, runs
from attacknet.data.leaks import LeakError
from attacknet.errors import AttackNetError
from attacknet.evidence import Evidence
from attacknet.experiments import Job, grid, leave_one_out, sources_below
from attacknet.preprocessing import Preprocessing
from attacknet.recipes import RECIPES
from attacknet.runs import Source
from tests import toy
from tests.dask_processes import cluster, wait_for

SHORT = replace(RECIPES["book"], epochs=4, steps=3)
Told = Callable[[int, float], None]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two datasets in one layout; the second has a manifest of its own beside it."""
    folder = tmp_path_factory.mktemp("data")
    toy.msspoof(folder / "msspoof")
    toy.msspoof(folder / "other", seed=1)
    text = (paths.MANIFESTS / "msspoof.yaml").read_text(encoding="utf-8")
    (folder / "other.yaml").write_text(text.replace("id: msspoof", "id: other"), encoding="utf-8")
    return folder


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of the test's own."""
    monkeypatch.setenv("ATTACKNET_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def sources(root: Path) -> tuple[Source, ...]:
    return sources_below(root, ["msspoof", str(root / "other.yaml")])


def here(work: executors.Work, jobs: Sequence[Any], tell: Told) -> list[AttackNetError | None]:
    """Carry out jobs in this process: no time is lost to starting others."""
    failures: list[AttackNetError | None] = []
    for number, job in enumerate(jobs):
        try:
            work(job, lambda share, number=number: tell(number, share))
            failures.append(None)
        except AttackNetError as error:
            failures.append(error)
    return failures


def nobody(*_: object) -> list[AttackNetError | None]:
    """Refuse to work: all must have been found."""
    raise AssertionError("something is made again")


# --- Which jobs ------------------------------------------------------------------------------------------


def test_a_grid_has_each_dataset_alone_and_all_fused(root: Path) -> None:
    """Two datasets, two seeds, one model: three training sides, each tested on both datasets."""
    jobs = grid(sources(root), seeds=range(2))
    assert [(job.trained_on, job.plan.seed) for job in jobs] == [
        (side, seed) for side in ("msspoof", "other", "fused") for seed in (0, 1)
    ]
    assert [len(job.plan.sources) for job in jobs] == [1, 1, 1, 1, 2, 2]
    assert {job.tests for job in jobs} == {sources(root)}


def test_one_dataset_is_fused_with_nothing(root: Path) -> None:
    """A fused model of one dataset would be the single one under another name."""
    assert [job.trained_on for job in grid(sources(root)[:1], seeds=[0])] == ["msspoof"]


def test_leave_one_out_tests_on_what_did_not_train(root: Path) -> None:
    """No job tests on a dataset that it trains on."""
    jobs = leave_one_out(sources(root), seeds=[0])
    assert [job.trained_on for job in jobs] == ["all but msspoof", "all but other"]
    assert all(not {*job.plan.sources} & {*job.tests} for job in jobs)


def test_leave_one_out_of_one(root: Path) -> None:
    """Nothing would be left to train on."""
    with pytest.raises(AttackNetError, match="give two or more"):
        leave_one_out(sources(root)[:1])


def test_datasets_are_found_below_a_root(root: Path, tmp_path: Path) -> None:
    """By default all known ones that have a folder; none at all is a mistake."""
    assert [one.dataset for one in sources_below(root)] == ["msspoof"]
    with pytest.raises(AttackNetError, match=r"has no folder msspoof, 3dmad"):
        sources_below(tmp_path)


def test_evidence_is_that_of_the_weakest_root(root: Path, tmp_path: Path) -> None:
    """One folder of stand-ins among licensed ones makes all results those of stand-ins."""
    marked = toy.msspoof(tmp_path / "msspoof")
    (marked / "STANDIN.yaml").write_text("dataset: msspoof\nsize: small\n")
    jobs = grid(sources(root), seeds=[0])
    assert experiments.evidence(jobs) is Evidence.LICENSED
    mixed = replace(jobs[0], tests=(Source("msspoof", marked),))
    assert experiments.evidence([*jobs, mixed]) is Evidence.STAND_IN


# --- Each is done once -----------------------------------------------------------------------------------


def test_what_was_made_is_found(root: Path) -> None:
    """The second time nothing is carried out, and the scores are the same."""
    jobs = grid(sources(root), models=["constant", "lbp_svm"], seeds=[0])
    made = experiments.run(jobs, executor=here)
    found = experiments.run(jobs, executor=nobody)
    pd.testing.assert_frame_equal(evaluation.matrix(made), evaluation.matrix(found))
    assert {(m.model, m.trained_on) for m in found} == {
        (model, side) for model in ("constant", "lbp_svm") for side in ("msspoof", "other", "fused")
    }


def test_dev_is_that_of_the_training_side_and_tests_are_tests(root: Path) -> None:
    """A threshold must not know the people of a test set, nor those of a dataset that did not train."""
    models = experiments.run(grid(sources(root), models=["lbp_svm"], seeds=[0]), executor=here)
    dev = {model.trained_on: {*model.dev["subject"]} for model in models}
    assert dev["msspoof"] == {"msspoof/1", "msspoof/3"}
    assert dev["fused"] == dev["msspoof"] | dev["other"]
    assert all({*model.dev["split"]} == {"dev"} for model in models)
    assert all({*model.tests} == {"msspoof", "other"} for model in models)
    assert {*models[0].tests["other"]["subject"]} == {"other/13", "other/15"}


def test_a_further_test_set_trains_nothing_again(root: Path) -> None:
    """Only the new set is scored; the run is the one that was there."""
    first, second = sources(root)
    one = Job(grid([first], models=["lbp_svm"], seeds=[0])[0].plan, "msspoof", (first,))
    experiments.run([one], executor=here)
    (run,) = [folder for folder in runs.runs_dir().iterdir() if folder.is_dir()]
    before = (run / runs.WEIGHTS).stat().st_mtime_ns
    (model,) = experiments.run([replace(one, tests=(first, second))], executor=here)
    assert [*model.tests] == ["msspoof", "other"]
    assert (run / runs.WEIGHTS).stat().st_mtime_ns == before


def test_changed_pictures_are_scored_anew(root: Path, tmp_path: Path) -> None:
    """Scores of files that are no more are not shown."""
    copy = toy.msspoof(tmp_path / "msspoof")
    train = grid(sources(root)[1:], models=["lbp_svm"], seeds=[0])[0].plan
    job = Job(train, "other", (Source("msspoof", copy),))
    (before,) = experiments.run([job], executor=here)
    toy.msspoof(copy, seed=7)
    (after,) = experiments.run([job], executor=here)
    assert not before.tests["msspoof"]["score"].equals(after.tests["msspoof"]["score"])


def test_frames_split_at_random_are_tested_on_their_own_test_frames(root: Path) -> None:
    """Each seed draws other test frames, and none of them trained."""
    jobs = grid(
        sources(root)[:1], models=["lbp_svm"], protocol=runs.RANDOM_FRAMES, seeds=range(2), allow_leaks=True
    )
    first, second = experiments.run(jobs, executor=here)
    tested = [{*model.tests["msspoof"]["sample"]} for model in (first, second)]
    assert tested[0] != tested[1]
    for job, names in zip(jobs, tested, strict=True):
        (crops,) = job.plan.crops()
        assert names == {*crops.index[crops.index["split"] == "test"]["sample"]}


def test_a_job_that_fails_holds_up_no_other(root: Path) -> None:
    """The finished runs are kept, and the message names the job."""
    jobs = grid(sources(root), models=["lbp_svm"], recipe=SHORT, seeds=[0])

    def fail(job: Job, tell: Callable[[float], None]) -> None:
        if job.trained_on == "msspoof":
            experiments.carry_out(job, tell)
        else:
            raise AttackNetError("the disk is full")

    with pytest.raises(AttackNetError, match=r"the disk is full \(and 1 more jobs failed\)"):
        experiments.run(jobs, executor=lambda _work, given, tell: here(fail, given, tell))
    assert len(experiments.run(jobs[:1], executor=nobody)) == 1


def test_a_model_that_does_not_exist_is_refused_before_anything_is_trained(root: Path) -> None:
    """A slip in the last of many names costs no hours."""
    jobs = grid(sources(root), models=["lbp_svm", "lbp-svm"], seeds=[0])
    with pytest.raises(AttackNetError, match=r"model 'lbp-svm': there are only attacknet, .*lbp_svm"):
        experiments.run(jobs, executor=nobody)


def test_merged_jobs_train_each_plan_once(root: Path) -> None:
    """Two chapters that want one model on different test sets cost one training."""
    first, second = sources(root)
    (job,) = grid([first], seeds=[0])
    (one,) = experiments.merged([job, replace(job, tests=(second,)), job])
    assert one == replace(job, tests=(first, second))


def test_progress_counts_what_was_found(root: Path) -> None:
    """It begins with the jobs that need not be done and ends with all."""
    jobs = grid(sources(root), models=["constant"], seeds=range(2))
    experiments.run(jobs[:2], executor=here)
    told: list[tuple[float, int]] = []
    experiments.run(jobs, executor=here_telling, progress=lambda done, total: told.append((done, total)))
    assert told[0] == (2, 6)
    assert told[-1] == (6, 6)
    assert told == sorted(told)


def here_telling(work: executors.Work, jobs: Sequence[Any], tell: Told) -> list[AttackNetError | None]:
    """As `here`; tells the end of each job, as executors do."""
    failures = []
    for number, job in enumerate(jobs):
        failures += here(work, [job], lambda _, share, number=number: tell(number, share))
        tell(number, 1.0)
    return failures


# --- The authors' networks -------------------------------------------------------------------------------


class Released:
    """Stands in for a released network: the score is the red of the upper left pixel."""

    name, input_shape = "released", (None, 32, 32, 3)
    preprocessing = Preprocessing(channel_order="BGR", scaling="divide_by_maximum")

    def predict(self, batch: np.ndarray, verbose: int) -> np.ndarray:
        red = batch[:, 0, 0, 2]
        return np.stack([red, 1 - red], axis=1)


def test_released_networks_are_scored_once_by_their_own_contract(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They read BGR divided by its maximum; the book's contract would give other scores."""
    (tmp_path / "weights").write_bytes(b"weights")
    opened = []
    monkeypatch.setattr(experiments, "load_released", lambda file: opened.append(file) or Released())
    files = {"3dmad": tmp_path / "weights"}
    (one,) = experiments.score_released(files, sources(root))
    (again,) = experiments.score_released(files, sources(root))
    assert opened == [tmp_path / "weights"], "the second time the scores are found"
    assert (str(one), [*one.tests]) == ("released_weights trained on 3dmad (seed 0)", ["msspoof", "other"])
    (crops,) = grid(sources(root)[:1], seeds=[0])[0].plan.crops()
    frames = crops.index[crops.index["split"] == "test"]
    pixels = crops.images[frames["crop"].to_numpy()]
    np.testing.assert_allclose(
        one.tests["msspoof"]["score"], pixels[:, 0, 0, 0] / pixels.max(axis=(1, 2, 3)), rtol=1e-6
    )
    results = evaluation.matrix([again])
    assert results["hter"].isna().all(), "no development split, no frozen threshold"
    assert results["hter_argmax"].notna().all()


# --- What is refused -------------------------------------------------------------------------------------


def test_a_leak_is_refused_before_anything_is_trained(root: Path, cache: Path, tmp_path: Path) -> None:
    """A client of the training put into the development set of the second dataset stops the whole grid."""
    leaking = tmp_path / "leaking.yaml"
    text = (root / "other.yaml").read_text(encoding="utf-8").replace("id: other", "id: leaking")
    declared = "dev: [{group: [dev]}]"
    assert declared in text, "the manifest declares its development set otherwise; mend this test"
    leaking.write_text(text.replace(declared, "dev: [{group: [dev, train]}]", 1), encoding="utf-8")
    (tmp_path / "leaking").symlink_to(root / "other")
    jobs = grid([sources(root)[0], Source(str(leaking), tmp_path / "leaking")], models=["lbp_svm"], seeds=[0])
    with pytest.raises(LeakError, match="leaks"):
        experiments.run(jobs, executor=nobody)
    assert not (cache / "runs").exists()


def test_a_leak_that_only_pictures_show_is_refused_before_anything_is_trained(
    root: Path, cache: Path, tmp_path: Path
) -> None:
    """Names are in order: a training picture is tested again as another client's."""
    toy.plant_copy(toy.msspoof(tmp_path / "msspoof", seed=2))
    jobs = grid([sources(root)[1], Source("msspoof", tmp_path / "msspoof")], models=["constant"], seeds=[0])
    with pytest.raises(LeakError, match="look the same"):
        experiments.run(jobs, executor=nobody)
    assert not (cache / "runs").exists()


def test_a_test_split_without_attacks_is_refused_before_anything_is_trained(
    root: Path, tmp_path: Path
) -> None:
    """Otherwise one would learn after hours that a column of the matrix cannot be computed."""
    torn = toy.msspoof(tmp_path / "msspoof")
    for file in torn.glob("*/attack/VS/VS/test/*"):
        file.unlink()
    with pytest.raises(AttackNetError, match=r"msspoof, protocol sound: split 'test' has no attack face"):
        experiments.run(grid([Source("msspoof", torn)], models=["lbp_svm"], seeds=[0]), executor=nobody)


def test_scores_that_workers_wrote_elsewhere(root: Path) -> None:
    """Workers with a cache of their own are a mistake that is told."""
    jobs = grid(sources(root)[:1], models=["constant"], seeds=[0])
    with pytest.raises(AttackNetError, match="let the workers share this cache folder"):
        experiments.run(jobs, executor=lambda _work, given, _tell: [None] * len(given))


# --- It does not matter where ----------------------------------------------------------------------------


@pytest.fixture
def caches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Change the cache in the middle of a test."""
    yield lambda name: monkeypatch.setenv("ATTACKNET_CACHE", str(tmp_path / name))


def test_a_cluster_that_loses_a_worker_gives_the_tables_of_this_machine(
    root: Path, tmp_path: Path, caches: Callable[[str], None]
) -> None:
    """Two real workers, one of them killed in the middle of a training: the same bytes."""
    jobs = grid(sources(root)[:1], recipe=SHORT, seeds=range(3))
    caches("local")
    expected = experiments.run(jobs, executor=executors.local(2))
    caches("cluster")
    with cluster(tmp_path, workers=2) as dask:
        killed: list[int] = []

        def kill_one(done: float, _total: int) -> None:
            if done > 0 and not killed:
                victim = _training(dask.address)
                os.kill(victim, 9)
                killed.append(victim)

        scored = experiments.run(jobs, executor=executors.cluster(dask.address), progress=kill_one)
        wait_for(lambda: any(worker.poll() == -9 for worker in dask.workers))
    assert killed
    pd.testing.assert_frame_equal(evaluation.matrix(scored), evaluation.matrix(expected))
    tables = [
        {
            file.relative_to(tmp_path / name): file.read_bytes()
            for file in (tmp_path / name).glob("scores/*/*")
        }
        for name in ("local", "cluster")
    ]
    assert [*map(len, tables)] == [3, 3]
    assert {p.parts[1:]: b for p, b in tables[0].items()} == {p.parts[1:]: b for p, b in tables[1].items()}


def _training(address: str) -> int:
    """Return the process of a worker that is at work."""
    from distributed import Client

    with Client(address, timeout=30, set_as_default=False) as client:
        busy = [worker for worker, keys in client.processing().items() if keys]
        return client.run(os.getpid, workers=busy[:1])[busy[0]]
