"""A network that is exported in a second, and runs that were never trained."""

import functools
import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import keras
import numpy as np

from attacknet import export, fitting, model, networks, runs
from attacknet.evidence import Evidence
from attacknet.exported import About
from attacknet.formats import Kind
from attacknet.model import Convolution, Design
from attacknet.preprocessing import Preprocessing
from attacknet.runs import Plan

SIZE = (8, 12)
PLAIN = Preprocessing(size=SIZE)
# As the released fused model has it.
BY_MAXIMUM = Preprocessing(size=SIZE, channel_order="BGR", scaling="divide_by_maximum")
_DESIGN = Design(phases=((Convolution(4, normalised=True), Convolution(4)),), dense_units=8)


@functools.cache
def network(contract: Preprocessing = PLAIN) -> keras.Model:
    """Return a network whose batch normalisations do something."""
    keras.utils.set_random_seed(0)
    built = model.assemble(_DESIGN, (*SIZE, 3), name="tiny")
    rng = np.random.default_rng(0)
    for variable in built.weights:
        if "norm" in variable.path:
            variable.assign(rng.uniform(0.2, 2, variable.shape))
    built.preprocessing = contract
    return built


def about(kind: Kind, contract: Preprocessing = PLAIN, **changes: Any) -> About:
    """Return the metadata of the tiny network."""
    facts: dict[str, Any] = {
        "kind": kind,
        "model": "tiny",
        "trained_on": "nothing",
        "source": "tests",
        "weights_sha256": "ab" * 32,
        "evidence": Evidence.STAND_IN,
        "preprocessing": contract,
        "threshold": 0.25,
    }
    return About(**(facts | changes))


def crops(count: int, seed: int = 0) -> np.ndarray:
    """Return random crops, the first of them black."""
    images = np.random.default_rng(seed).integers(0, 256, (count, *SIZE, 3), dtype=np.uint8)
    images[:1] = 0
    return images


@functools.cache
def content(kind: Kind, contract: Preprocessing = PLAIN) -> bytes:
    """Return the tiny network as a file."""
    return export.convert(network(contract), about(kind, contract), lambda: crops(40, seed=1))


def untrained_run(plan: Plan) -> Path:
    """Write the folder of a run that has its initial weights; return it."""
    crops = plan.crops()
    facts = plan.facts(crops)
    folder = runs.runs_dir() / plan.key()
    folder.mkdir(parents=True)
    weights = folder / runs.WEIGHTS
    networks.write_weights(fitting.initialised(plan.model, plan.seed), weights)
    facts |= {
        "evidence": Evidence.STAND_IN.value,
        "preprocessing": asdict(plan.contracts()[0]),
        "weights_sha256": hashlib.sha256(weights.read_bytes()).hexdigest(),
    }
    (folder / runs.ABOUT).write_text(json.dumps(facts), encoding="utf-8")
    (folder / runs.HISTORY).write_text("epoch\n", encoding="utf-8")
    return folder
