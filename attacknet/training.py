"""One run: a plan is carried out, or found to have been.

A run's folder appears whole. Until then its work lies beside it, and a process that was killed leaves there
what the next one goes on from.
"""

import functools
import hashlib
import json
import os
import platform
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock

from attacknet import baselines, batches, fitting, networks, runs
from attacknet.batches import Pictures
from attacknet.data.crops import Crops, digest
from attacknet.data.leaks import check_crops
from attacknet.errors import AttackNetError
from attacknet.evidence import Evidence
from attacknet.fitting import Progress, State
from attacknet.preprocessing import Preprocessing
from attacknet.recipes import Recipe
from attacknet.runs import Plan, Run

if TYPE_CHECKING:
    import keras

_CHECKPOINT = "checkpoint.npz"


def train(plan: Plan, *, progress: Progress | None = None) -> Run:
    """Carry out a plan, unless that has been done; a training that was broken off goes on where it was.

    Of two processes with the same plan one trains, and the other waits for its run.

    Parameters
    ----------
    plan
        What is to be trained on what.
    progress
        Called after each epoch of a network.

    Raises
    ------
    LeakError
        If the protocol leaks, by the names of samples and people or by frames that look alike, and the plan
        does not allow it.
    AttackNetError
        If there is no such model, the data cannot be used, a split or a class is empty, the loss is no longer
        a number, TensorFlow already runs on several threads, or the run cannot be written.
    """
    require_known(plan.model)
    crops = plan.crops()
    facts = plan.facts(crops)
    folder = runs.runs_dir() / digest(facts)
    if not folder.is_dir():
        _refuse_lookalikes(plan, crops)
        with _written(folder), _locked(folder):
            # Another process may have made it meanwhile.
            if not folder.is_dir():
                _make(folder, plan, crops, facts, progress)
    return runs.open_run(folder)


def require_known(model: str) -> None:
    """Raise AttackNetError if there is no such network and no such baseline; lists them."""
    if model not in (known := (*networks.NETWORKS, *baselines.BASELINES)):
        raise AttackNetError(f"model {model!r}: there are only {', '.join(known)}")


def _refuse_lookalikes(plan: Plan, crops: Iterable[Crops]) -> None:
    """Raise LeakError if splits of the plan's crops share frames that look alike and the plan forbids it.

    Names have been checked since the crops were asked for; this looks at the pictures.
    """
    if not plan.allow_leaks:
        for one in crops:
            check_crops(one)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(folder.with_suffix(".lock")):
        yield


@contextmanager
def _written(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise AttackNetError(
            f"{folder}: cannot be written: {error.strerror or error}; see to the disk and run again: "
            "whole epochs are kept"
        ) from None


def _make(
    folder: Path,
    plan: Plan,
    crops: Sequence[Crops],
    facts: Mapping[str, Any],
    progress: Progress | None,
) -> None:
    """Write the run beside its place and move it in; what a killed process left there is gone on from."""
    unfinished = folder.with_suffix(".unfinished")
    unfinished.mkdir(exist_ok=True)
    training, dev = _pictures(plan, crops)
    weights = unfinished / runs.WEIGHTS
    if plan.is_network:
        _require_onednn()
        fitting.one_thread()
        network = _design(plan.model, plan.recipe)
        network.set_weights(fitting.initialised(plan.model, plan.seed).get_weights())
        state = fitting.fit(
            network,
            training,
            dev,
            plan.recipe,
            plan.seed,
            checkpoint=unfinished / _CHECKPOINT,
            progress=progress,
        )
        networks.write_weights(network, weights)
    else:
        state = _fit_baseline(plan, training, weights)
    state.table().to_csv(unfinished / runs.HISTORY, index=False)
    about = {
        **facts,
        "evidence": _evidence(crops).value,
        "preprocessing": asdict(_contract(plan, crops)),
        "frames": {"train": len(training), "dev": len(dev) if dev else 0},
        "weights_sha256": hashlib.sha256(weights.read_bytes()).hexdigest(),
        "seconds": round(state.seconds, 3),
        "environment": _environment(),
    }
    (unfinished / runs.ABOUT).write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")
    (unfinished / _CHECKPOINT).unlink(missing_ok=True)
    unfinished.replace(folder)


@functools.lru_cache(maxsize=1)
def _design(model: str, recipe: Recipe) -> "keras.Model":
    """Return the network that this process trains again and again: it is traced once."""
    return networks.build(model)


def _require_onednn() -> None:
    """Refuse a process whose sums are not those of the others, which the key does not know of."""
    if os.environ.get("TF_ENABLE_ONEDNN_OPTS") == "0":
        raise AttackNetError(
            "TF_ENABLE_ONEDNN_OPTS=0 is set, and the weights would differ from those of other processes; "
            "train where it is not set"
        )


def _evidence(crops: Sequence[Crops]) -> Evidence:
    licensed = all(one.about["evidence"] == Evidence.LICENSED for one in crops)
    return Evidence.LICENSED if licensed else Evidence.STAND_IN


def _contract(plan: Plan, crops: Sequence[Crops]) -> Preprocessing:
    """Return the contract that the model travels with: where sources differ, that of most training frames."""
    frames: dict[Preprocessing, int] = {}
    for contract, one in zip(plan.contracts(), crops, strict=True):
        frames[contract] = frames.get(contract, 0) + int((one.index["split"] == "train").sum())
    return max(frames, key=lambda contract: frames[contract])


def _environment() -> dict[str, str]:
    return {"python": platform.python_version(), "system": platform.system(), "machine": platform.machine()}


def _pictures(plan: Plan, crops: Sequence[Crops]) -> tuple[Pictures, Pictures | None]:
    """Read the training pictures, and those of the development set where there is one."""
    seed = plan.seed if plan.recipe.balance == "undersample" else None

    def pooled(split: str) -> Pictures:
        pairs = zip(crops, plan.contracts(), strict=True)
        return batches.concatenate([batches.load(one, split, contract, seed) for one, contract in pairs])

    has_dev = all((one.index["split"] == "dev").any() for one in crops)
    if plan.recipe.needs_dev and not has_dev:
        raise AttackNetError(
            f"protocol {plan.protocol!r} has no development set, whose loss the recipe stops or chooses by; "
            "take another protocol, or the recipe as_run"
        )
    train = pooled("train")
    if plan.recipe.labels == "shuffled":
        train = batches.relabelled(train, plan.seed)
    return train, pooled("dev") if has_dev else None


def _fit_baseline(plan: Plan, training: Pictures, weights: Path) -> State:
    began = time.perf_counter()
    baselines.save(baselines.fit(plan.model, training.images, training.labels, plan.seed), weights)
    return State(seconds=time.perf_counter() - began)
