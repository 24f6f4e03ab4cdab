"""Many trainings, and the score of each model on each test set.

A job is one model, trained and then scored, so that whoever asks for results reads tables and needs no
TensorFlow. Runs and score tables that exist are found; a grid that was broken off goes on where it was.
"""

import ast
import functools
import hashlib
import os
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd

from attacknet import executors, fitting, paths, runs, scores, scoring, training
from attacknet.data import manifest as manifests
from attacknet.data import marker
from attacknet.data.crops import Crops, digest
from attacknet.data.leaks import check_crops
from attacknet.errors import AttackNetError
from attacknet.evaluation import ScoredModel
from attacknet.evidence import Evidence
from attacknet.executors import Executor
from attacknet.metrics import ATTACK, BONA_FIDE
from attacknet.model import load_released
from attacknet.recipes import RECIPES, Recipe
from attacknet.runs import Plan, Run, Source

# The datasets of the paper, in the order of its Table 4.
DATASETS = ("msspoof", "3dmad", "csmad", "replay_attack", "own")
FUSED = "fused"
# The authors' networks with their published weights; `released` is the design alone, which can be trained.
RELEASED = "released_weights"
SEEDS = range(3)

# Jobs done, the parts of unfinished ones included, and jobs in all.
Progress = Callable[[float, int], None]


@dataclass(frozen=True)
class Job:
    """One model to be trained and tested. It can be pickled, so that another process can carry it out.

    Attributes
    ----------
    plan
        What is to be trained on what.
    trained_on
        Name of the training side in tables.
    tests
        Whose test splits are scored; they are split by the plan's protocol.
    """

    plan: Plan
    trained_on: str
    tests: tuple[Source, ...]

    def __str__(self) -> str:
        return f"{self.plan.model} trained on {self.trained_on} (seed {self.plan.seed})"


# --- Which jobs ------------------------------------------------------------------------------------------


def sources_below(root: Path, datasets: Iterable[str] = ()) -> tuple[Source, ...]:
    """Return the datasets below a folder that has a folder of files for each.

    Parameters
    ----------
    datasets
        Ids, or paths of manifests of one's own; by default those of `DATASETS` that have a folder there.

    Raises
    ------
    AttackNetError
        If a dataset is not known, or there is no folder for any.
    """
    root = Path(root).resolve()
    named = tuple(datasets) or tuple(one for one in DATASETS if (root / one).is_dir())
    if not named:
        raise AttackNetError(f"{root}: has no folder {', '.join(DATASETS)}; give the folder that holds them")
    # A worker may run in another folder.
    absolute = [str(Path(one).resolve()) if Path(one).suffix == ".yaml" else one for one in named]
    return tuple(Source(one, root / manifests.load(one).id) for one in absolute)


def grid(
    sources: Sequence[Source],
    *,
    models: Iterable[str] = ("attacknet",),
    recipe: Recipe = RECIPES["book"],
    protocol: str = "sound",
    seeds: Iterable[int] = SEEDS,
    allow_leaks: bool = False,
) -> list[Job]:
    """Return the jobs of a cross-database matrix: each dataset alone and all fused, tested on all."""
    sides: dict[str, tuple[Source, ...]] = {one.manifest.id: (one,) for one in sources}
    if len(sources) > 1:
        sides[FUSED] = tuple(sources)
    return [
        Job(Plan(model, side, protocol, recipe, seed, allow_leaks), name, tuple(sources))
        for model in models
        for name, side in sides.items()
        for seed in seeds
    ]


def leave_one_out(
    sources: Sequence[Source],
    *,
    models: Iterable[str] = ("attacknet",),
    recipe: Recipe = RECIPES["book"],
    protocol: str = "sound",
    seeds: Iterable[int] = SEEDS,
    allow_leaks: bool = False,
) -> list[Job]:
    """Return the jobs that train on all datasets but one and test on that one."""
    if len(sources) < 2:
        raise AttackNetError("leave one out: there is one dataset; give two or more")
    return [
        Job(
            Plan(model, tuple(o for o in sources if o != left_out), protocol, recipe, seed, allow_leaks),
            f"all but {left_out.manifest.id}",
            (left_out,),
        )
        for model in models
        for left_out in sources
        for seed in seeds
    ]


def merged(jobs: Iterable[Job]) -> list[Job]:
    """Return each plan's job once, with all of its tests; two processes would wait for each other's run."""
    by_plan: dict[Plan, Job] = {}
    for job in jobs:
        known = by_plan.setdefault(job.plan, job)
        by_plan[job.plan] = replace(known, tests=tuple(dict.fromkeys((*known.tests, *job.tests))))
    return list(by_plan.values())


def evidence(jobs: Iterable[Job]) -> Evidence:
    """Return the level of evidence of results: licensed only where all files that they rest on are."""
    used = {source for job in jobs for source in (*job.plan.sources, *job.tests)}
    levels = {marker.evidence(source.root, source.manifest.id) for source in used}
    return Evidence.STAND_IN if Evidence.STAND_IN in levels else Evidence.LICENSED


# --- Carrying them out -----------------------------------------------------------------------------------


def run(
    jobs: Sequence[Job], *, executor: Executor | None = None, progress: Progress | None = None
) -> list[ScoredModel]:
    """Return the scores of all jobs; carry out first what has not been done.

    Parameters
    ----------
    executor
        From :mod:`attacknet.executors`; by default one process for each processor of this machine.
    progress
        Called whenever something was done, an epoch included.

    Raises
    ------
    LeakError
        If a protocol leaks, by names or by frames that look alike, and the plan does not allow it; before
        anything is trained.
    AttackNetError
        Before anything is trained: if there is no such model, data cannot be used or a test split is not
        complete. If a job fails: then the others are finished and kept, and the message names the first that
        failed and their number.
    """
    places = make(jobs, executor=executor, progress=progress)
    return [_scored(job, files) for job, files in zip(jobs, places, strict=True)]


def make(
    jobs: Sequence[Job], *, executor: Executor | None = None, progress: Progress | None = None
) -> list[dict[Source, Path]]:
    """Carry out what has not been done; return the files of each job's scores, by dataset.

    Parameters and errors are those of :func:`run`.
    """
    for model in dict.fromkeys(job.plan.model for job in jobs):
        training.require_known(model)
    library = _Library()
    places = [_places(job, library) for job in jobs]
    missing = [
        job for job, files in zip(jobs, places, strict=True) if not all(map(Path.exists, files.values()))
    ]
    found = len(jobs) - len(missing)
    _refuse_lookalikes(missing, library)
    if progress:
        progress(found, len(jobs))
    # The longest last would leave all processors but one idle at the end.
    missing.sort(key=lambda job: len(job.plan.sources), reverse=True)
    execute, tell = executor or executors.local(), _told(len(jobs), found, progress)
    failures = execute(carry_out, missing, tell) if missing else []
    if failed := [failure for failure in failures if failure is not None]:
        others = f" (and {len(failed) - 1} more jobs failed)" if len(failed) > 1 else ""
        raise AttackNetError(f"{failed[0]}{others}")
    return places


def _refuse_lookalikes(jobs: Iterable[Job], library: "_Library") -> None:
    """Look at the pictures of each training side once, before the first training starts."""
    asked = (job for job in jobs if not job.plan.allow_leaks)
    for crops in {id(one): one for job in asked for one in library.crops(job.plan)}.values():
        check_crops(crops)


def find_run(job: Job) -> Run | None:
    """Return a job's training if it has been made, with its history."""
    return runs.find(job.plan)


def carry_out(job: Job, tell: Callable[[float], None]) -> None:
    """Train a job's model and write its scores; what exists is left as it is.

    Parameters
    ----------
    tell
        Called with the share that is done.

    Raises
    ------
    AttackNetError
        As :func:`attacknet.training.train` and :func:`attacknet.scoring.score`; also if the scores cannot be
        written.
    """
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # noqa: PLC0415

    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # its log lines would break the line of progress
    # Sums on many threads are sums in another order, and the processes share the processors anyway.
    with threadpool_limits(1):
        # Scoring is about as much work as one epoch.
        made = training.train(job.plan, progress=lambda done, total: tell(done / (total + 1)))
        library = _Library()
        missing = [
            (file, crops)
            for source, file in _places(job, library).items()
            if not file.exists()
            for crops in library.crops(replace(job.plan, sources=(source,)))
        ]
        if missing and job.plan.is_network:
            fitting.one_thread()
        model = made.load() if missing else None
        for file, crops in missing:
            _write(scoring.score(model, crops), file)


def _told(jobs: int, done: int, progress: Progress | None) -> executors.Tell:
    shares: dict[int, float] = {}

    def tell(number: int, share: float) -> None:
        shares[number] = share
        if progress:
            progress(done + sum(shares.values()), jobs)

    return tell


def score_released(
    files: Mapping[str, Path],
    sources: Sequence[Source],
    *,
    protocol: str = "sound",
    allow_leaks: bool = False,
) -> list[ScoredModel]:
    """Return the scores of the authors' released networks, each with its own preprocessing contract.

    They have no development split, so that rates at a frozen threshold are unavailable.

    Parameters
    ----------
    files
        Name of a training side -> the file (:func:`attacknet.released.path`).
    sources
        Whose test splits are scored, as `protocol` splits them.

    Raises
    ------
    LeakError
        If the protocol leaks and `allow_leaks` is False.
    AttackNetError
        If a file is no released one, or the data cannot be used.
    """
    plan = Plan(RELEASED, tuple(sources), protocol, RECIPES["book"], allow_leaks=allow_leaks)
    tests = dict(zip([one.manifest.id for one in sources], plan.crops(), strict=True))
    for crops in tests.values():
        _require_test(crops)
    scored = []
    for trained_on, file in files.items():
        folder = (
            paths.cache_dir() / "scores" / digest([RELEASED, hashlib.sha256(file.read_bytes()).hexdigest()])
        )
        places = {name: folder / f"{_name(crops)}.csv" for name, crops in tests.items()}
        if missing := [name for name, place in places.items() if not place.exists()]:
            network = load_released(file)
            for name in missing:
                _write(scoring.score(network, tests[name], ["test"]), places[name])
        tables = {name: scores.read(place) for name, place in places.items()}
        no_dev = next(iter(tables.values())).iloc[:0]
        scored.append(ScoredModel(RELEASED, trained_on, 0, no_dev, tables))
    return scored


# --- Where the scores lie --------------------------------------------------------------------------------


@dataclass
class _Library:
    """The crops of many plans, each set opened once."""

    _opened: dict[Plan, Crops] = field(default_factory=dict)

    def crops(self, plan: Plan) -> tuple[Crops, ...]:
        """Return what ``plan.crops()`` does."""
        return tuple(self._one(replace(plan, sources=(source,))) for source in plan.sources)

    def _one(self, plan: Plan) -> Crops:
        # Only frames that are split at random are split otherwise under another seed.
        seed = plan.seed if plan.protocol == runs.RANDOM_FRAMES else 0
        alike = replace(plan, model="", recipe=RECIPES["book"], seed=seed)
        if alike not in self._opened:
            (self._opened[alike],) = plan.crops()
        return self._opened[alike]


def _places(job: Job, library: _Library) -> dict[Source, Path]:
    """Return where the scores of each dataset lie: the tests, and the training side for its dev split."""
    facts = job.plan.facts(library.crops(job.plan))
    folder = paths.cache_dir() / "scores" / digest(facts)
    places = {}
    for source in dict.fromkeys((*job.plan.sources, *job.tests)):
        (crops,) = library.crops(replace(job.plan, sources=(source,)))
        if source in job.tests:
            _require_test(crops)
        places[source] = folder / f"{_name(crops)}.csv"
    return places


def _name(crops: Crops) -> str:
    """Hash all that shapes a score table besides the model."""
    rows = hashlib.sha256(crops.index.to_csv(index=False).encode()).hexdigest()
    return digest([crops.about["images_sha256"], rows, _scoring_version()])


@functools.cache
def _scoring_version() -> str:
    return digest(ast.dump(ast.parse((paths.PACKAGE / "scoring.py").read_bytes())))


def _require_test(crops: Crops) -> None:
    faces = crops.index[(crops.index["split"] == "test") & (crops.index["crop"] >= 0)]
    for label, name in ((BONA_FIDE, "bona fide"), (ATTACK, "attack")):
        if not (faces["label"] == label).any():
            about = crops.about
            raise AttackNetError(
                f"{about['dataset']}, protocol {about['protocol']}: split 'test' has no {name} face; "
                "complete the data, or leave the dataset out"
            )


def _write(table: pd.DataFrame, file: Path) -> None:
    """Write a score table whole or not at all."""
    unfinished = file.with_suffix(f".{uuid.uuid4().hex}.tmp")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        scores.write(table, unfinished)
        unfinished.replace(file)
    except OSError as error:
        raise AttackNetError(
            f"{file}: cannot be written: {error.strerror}; see to the disk and run again"
        ) from None
    finally:
        unfinished.unlink(missing_ok=True)


def _scored(job: Job, places: dict[Source, Path]) -> ScoredModel:
    tables = {source: _read(file) for source, file in places.items()}
    dev = pd.concat([tables[source] for source in job.plan.sources], ignore_index=True)
    tests = {one.manifest.id: tables[one] for one in job.tests}
    return ScoredModel(
        job.plan.model,
        job.trained_on,
        job.plan.seed,
        dev[dev["split"] == "dev"].reset_index(drop=True),
        {name: table[table["split"] == "test"].reset_index(drop=True) for name, table in tests.items()},
    )


def _read(file: Path) -> pd.DataFrame:
    if not file.exists():
        raise AttackNetError(
            f"{file}: was not written where it is looked for; let the workers share this cache folder, this "
            "code and these libraries"
        )
    return scores.read(file)
