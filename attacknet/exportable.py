"""What can be exported: the network of a run, or released weights, and the pictures that go with it."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attacknet import evaluation, experiments, model, networks, released, runs, scoring
from attacknet.data.crops import Crops
from attacknet.errors import AttackNetError
from attacknet.evaluation import UNAVAILABLE
from attacknet.evidence import Evidence
from attacknet.exported import About
from attacknet.formats import Kind
from attacknet.preprocessing import Preprocessing
from attacknet.recipes import RECIPES
from attacknet.runs import Plan, Run, Source

if TYPE_CHECKING:
    import keras

# Crops on which the ranges of an int8 network are measured; more do not move them.
_CALIBRATION = 200


@dataclass(frozen=True, eq=False)
class Exportable:
    """A trained network that can be exported.

    Attributes
    ----------
    model, trained_on
        Names, as in tables of results.
    protocol
        What splits the pictures.
    seed
        Of the training; None for released weights.
    source, weights_sha256, evidence, preprocessing
        As in :class:`attacknet.exported.About`.
    learnt_from
        Crops whose split ``train`` calibrates an int8 file.
    chosen_on
        Crops whose split ``dev`` gives the threshold; none for released weights.
    tested_on
        Name of a test set -> crops, of which the split ``test`` counts.
    """

    model: str
    trained_on: str
    protocol: str
    seed: int | None
    source: str
    weights_sha256: str
    evidence: Evidence
    preprocessing: Preprocessing
    learnt_from: Sequence[Crops]
    chosen_on: Sequence[Crops]
    tested_on: Mapping[str, Crops]
    _load: "Callable[[], keras.Model]"

    def __str__(self) -> str:
        seed = "" if self.seed is None else f" (seed {self.seed})"
        return f"{self.model} trained on {self.trained_on}{seed}"

    def about(self, kind: Kind) -> About:
        """Return the metadata of a file."""
        threshold = self.threshold
        return About(
            kind=kind,
            model=self.model,
            trained_on=self.trained_on,
            source=self.source,
            weights_sha256=self.weights_sha256,
            evidence=self.evidence,
            preprocessing=self.preprocessing,
            threshold=None if np.isnan(threshold) else threshold,
        )

    @cached_property
    def network(self) -> "keras.Model":
        """The network, with its contract as attribute ``preprocessing``."""
        return self._load()

    @cached_property
    def threshold(self) -> float:
        """The equal error rate's on the development sets, NaN where there are none."""
        if not self.chosen_on:
            return UNAVAILABLE
        tables = [scoring.score(self.network, crops, ("dev",)) for crops in self.chosen_on]
        return evaluation.frozen_threshold(pd.concat(tables, ignore_index=True))

    @cached_property
    def scores(self) -> dict[str, pd.DataFrame]:
        """Test set -> the network's own score table."""
        return {name: scoring.score(self.network, crops, ("test",)) for name, crops in self.tested_on.items()}

    def calibration(self) -> NDArray[np.uint8]:
        """Return training crops, ``(n, height, width, 3)``, RGB uint8: evenly spread over all there are."""
        share = -(-_CALIBRATION // len(self.learnt_from))
        return np.concatenate([_spread(crops, share) for crops in self.learnt_from])


def _spread(crops: Crops, most: int) -> NDArray[np.uint8]:
    rows = crops.index.loc[(crops.index["split"] == "train") & (crops.index["crop"] >= 0), "crop"].to_numpy()
    return crops.images[rows[np.linspace(0, len(rows) - 1, min(most, len(rows))).astype(int)]]


def find(name: str, sources: Sequence[Source]) -> Exportable:
    """Return what a word of the command line stands for.

    Parameters
    ----------
    name
        Of released weights, or a run's key, or its folder.
    sources
        Where the pictures are: those that a run learnt from must be among them. All are test sets.

    Raises
    ------
    AttackNetError
        If there is no such run; as :func:`of_run` and :func:`of_released`.
    """
    if name in released.release().weights:
        return of_released(name, sources)
    for folder in (Path(name), runs.runs_dir() / name):
        try:
            return of_run(runs.open_run(folder), sources)
        except FileNotFoundError:
            continue
    known = ", ".join(released.release().weights)
    raise AttackNetError(f"{name}: no run; give the folder that `attacknet train` printed, or one of {known}")


def of_run(run: Run, sources: Sequence[Source]) -> Exportable:
    """Return the network of a run; parameters and errors as :func:`find`.

    Raises
    ------
    AttackNetError
        If the run is no network's, its weights are missing or changed, or its pictures are not in `sources`.
    """
    about = run.about
    if about["model"] not in networks.NETWORKS:
        raise AttackNetError(
            f"{run.folder}: {about['model']} is no network, and only networks can be exported: "
            f"{', '.join(networks.NETWORKS)}"
        )
    _require_whole(run)
    by_id = {source.manifest.id: source for source in sources}
    names = [one["dataset"] for one in about["sources"]]
    if missing := [name for name in names if name not in by_id]:
        raise AttackNetError(
            f"{run.folder}: learnt from {', '.join(names)}; {missing[0]} has to be among the datasets: "
            "give the --root that holds it, and either no --dataset or this one too"
        )
    # Only which frames are in which split is asked of this plan, and that no recipe decides.
    plan = Plan(
        about["model"],
        tuple(by_id[name] for name in names),
        about["protocol"],
        RECIPES["book"],
        about["seed"],
        allow_leaks=True,
    )
    learnt_from = plan.crops()
    _require_same(run, plan, learnt_from)
    return Exportable(
        model=about["model"],
        trained_on=experiments.FUSED if len(names) == len(by_id) > 1 else ", ".join(names),
        protocol=plan.protocol,
        seed=about["seed"],
        source=run.key,
        weights_sha256=run.weights_sha256,
        evidence=run.evidence,
        preprocessing=run.preprocessing,
        learnt_from=learnt_from,
        chosen_on=[crops for crops in learnt_from if (crops.index["split"] == "dev").any()],
        tested_on=_tests(plan, sources),
        _load=run.load,
    )


def of_released(name: str, sources: Sequence[Source]) -> Exportable:
    """Return released weights; their own training pictures are not to be had, so others calibrate them.

    Raises
    ------
    AttackNetError
        If there are no such weights, or they are not on this machine and cannot be fetched.
    """
    weights, file = released.weights(name), released.path(name)
    plan = Plan("released", tuple(sources), "sound", RECIPES["book"])
    tests = _tests(plan, sources)
    return Exportable(
        model="released",
        trained_on=name,
        protocol=plan.protocol,
        seed=None,
        source=name,
        weights_sha256=weights.sha256,
        evidence=Evidence.RECOMPUTED,
        preprocessing=weights.preprocessing,
        learnt_from=tuple(tests.values()),
        chosen_on=(),
        tested_on=tests,
        _load=lambda: model.load_released(file),
    )


def _tests(plan: Plan, sources: Sequence[Source]) -> dict[str, Crops]:
    return {source.manifest.id: replace(plan, sources=(source,)).crops()[0] for source in sources}


def _require_whole(run: Run) -> None:
    try:
        found = hashlib.sha256(run.weights.read_bytes()).hexdigest()
    except OSError as error:
        raise AttackNetError(f"{run.weights}: {error.strerror}; remove the run and train again") from None
    if found != run.weights_sha256:
        raise AttackNetError(f"{run.weights}: not the weights of this run; remove the run and train again")


def _require_same(run: Run, plan: Plan, crops: tuple[Crops, ...]) -> None:
    """Refuse other pictures than the run's own: the threshold would be that of another development set."""
    hashes = ("images_sha256", "index_sha256", "frames_sha256")
    for then, now in zip(run.about["sources"], plan.facts(crops)["sources"], strict=True):
        if any(then[name] != now[name] for name in hashes):
            raise AttackNetError(
                f"{run.folder}: did not learn from the pictures of {now['dataset']} that are there now; "
                "give the folder that it was trained on, or train again"
            )
