"""A plan says what is to be trained on what; a run is what came of it, in a folder named by the plan's key.

The key is the hash of all that shapes the weights: network, recipe, protocol, seed, the pictures, the code,
the lock and the libraries. A run's folder appears whole: it is written beside its place and moved in. Nothing
here needs TensorFlow, but :meth:`Run.load` of a network.
"""

import ast
import functools
import hashlib
import importlib.metadata
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from attacknet import networks, paths
from attacknet.data import load_index, protocols
from attacknet.data import manifest as manifests
from attacknet.data.crops import Crops, digest
from attacknet.data.leaks import check_protocol
from attacknet.data.manifest import Manifest
from attacknet.data.prepare import prepare
from attacknet.errors import AttackNetError
from attacknet.evidence import Evidence
from attacknet.preprocessing import Preprocessing
from attacknet.recipes import Recipe

# Protocols that no manifest declares. Both leak, which is what they are for, and differ from the protocol
# `sound` in one thing each: its frames are split anew at random, whatever video they are from; or its
# training frames, not augmented, are the development set, as in the released code's fused training.
RANDOM_FRAMES = "random_frames"
VALIDATED_ON_TRAINING = "validated_on_training"

ABOUT, HISTORY, WEIGHTS = "about.json", "history.csv", "weights.npz"
# What shapes the weights besides the settings.
_MODULES = ("preprocessing.py", "recipes.py", "runs.py", "batches.py", "training.py", "data/protocols.py")
_OF_NETWORKS = ("augmentation.py", "fitting.py", "networks.py", "model.py", "rivals.py")
_OF_BASELINES = ("baselines.py", "image_quality.py")
_LIBRARIES = ("keras", "numpy", "scikit-image", "scikit-learn", "tensorflow", "tensorflow-cpu")

# Samples prepared and samples in all.
Progress = Callable[[int, int], None]


def runs_dir() -> Path:
    """Return the folder that holds the runs."""
    return paths.cache_dir() / "runs"


@dataclass(frozen=True)
class Source:
    """Where pictures come from.

    Attributes
    ----------
    dataset
        Id of a dataset, or the path of a manifest of one's own.
    root
        Folder of its files.
    """

    dataset: str
    root: Path

    @property
    def manifest(self) -> Manifest:
        """The dataset's manifest."""
        return manifests.load(self.dataset)


@dataclass(frozen=True)
class Plan:
    """What is to be trained on what. It can be pickled, so that another process can carry it out.

    Attributes
    ----------
    model
        One of :data:`attacknet.networks.NETWORKS`, or of :data:`attacknet.baselines.BASELINES`.
    sources
        The datasets whose training pictures are pooled, in this order.
    protocol
        Name of a protocol that the manifests of all sources have, or one of `LEAKING`.
    recipe
        How a network is trained; a baseline takes its balance from it.
    seed
        Of the weights, the order of the pictures, the augmentation and the dropout.
    allow_leaks
        Whether a protocol that leaks is used all the same. It shapes no weight and is no part of the key.
    """

    model: str
    sources: tuple[Source, ...]
    protocol: str
    recipe: Recipe
    seed: int = 0
    allow_leaks: bool = False

    @property
    def is_network(self) -> bool:
        """Whether the model is a network; else it is a baseline."""
        return self.model in networks.NETWORKS

    def crops(self) -> tuple[Crops, ...]:
        """Return each source's crops; see :meth:`crops_of`.

        Raises
        ------
        AttackNetError
            If there is no source, or as :meth:`crops_of`.
        """
        if not self.sources:
            raise AttackNetError("no dataset to train on; name one or more")
        return tuple(self.crops_of(source) for source in self.sources)

    def crops_of(self, source: Source, progress: Progress | None = None) -> Crops:
        """Return a source's crops, split by the protocol and balanced where the protocol says so.

        They are prepared first where they are not.

        Raises
        ------
        LeakError
            If the protocol leaks and `allow_leaks` is False; a protocol of the manifest is checked before
            anything is prepared.
        AttackNetError
            If the data or the protocol cannot be used.
        """
        declared = "sound" if self.protocol in LEAKING else self.protocol
        index = load_index(source.dataset, source.root)
        if self.protocol not in LEAKING:
            check_protocol(index, self.protocol, allow_leaks=self.allow_leaks)
        crops = prepare(source.dataset, source.root, protocol=declared, progress=progress)
        frames = crops.index
        if self.protocol in LEAKING:
            frames = self._split_anew(frames, index)
        if (seed := source.manifest.protocols[declared].balance_seed) is not None:
            frames = protocols.undersample(frames[frames["crop"] >= 0], seed)
        return replace(crops, index=frames)

    def _split_anew(self, frames: pd.DataFrame, index: pd.DataFrame) -> pd.DataFrame:
        split = LEAKING[self.protocol](frames, self.seed)

        def already_split(_: pd.DataFrame) -> pd.DataFrame:
            return split

        already_split.__name__ = self.protocol  # for the message
        check_protocol(index, already_split, allow_leaks=self.allow_leaks)
        return split

    def contracts(self) -> tuple[Preprocessing, ...]:
        """Return what is done to each source's pictures before the model sees them.

        A baseline sees them as the book does.

        Raises
        ------
        AttackNetError
            If the recipe asks for the authors' way and a manifest has no protocol ``as_run``.
        """
        if self.recipe.pixels == "book" or not self.is_network:
            return (Preprocessing(),) * len(self.sources)
        for source in self.sources:
            if "as_run" not in source.manifest.protocols:
                raise AttackNetError(
                    f"{source.manifest.id}.yaml: no protocol 'as_run' to take the authors' pixels from; "
                    "take a recipe with pixels='book'"
                )
        return tuple(source.manifest.protocols["as_run"].preprocessing for source in self.sources)

    def key(self) -> str:
        """Return the hash of all that shapes the weights; prepares the crops where they are not."""
        return digest(self.facts(self.crops()))

    def facts(self, crops: tuple[Crops, ...]) -> dict[str, Any]:
        """Return all that shapes the weights, as JSON can say it; `crops` are the plan's own."""
        return {
            "model": self.model,
            "recipe": asdict(self.recipe),
            "protocol": self.protocol,
            "seed": self.seed,
            "sources": [
                {
                    "dataset": one.about["dataset"],
                    "images_sha256": one.about["images_sha256"],
                    "index_sha256": one.about["index_sha256"],
                    "frames_sha256": _frames_hash(one.index),
                    "preprocessing": asdict(contract),
                }
                for one, contract in zip(crops, self.contracts(), strict=True)
            ],
            "code": code_version(is_network=self.is_network),
            "lock": hashlib.sha256(paths.LOCK.read_bytes()).hexdigest(),
            "libraries": libraries(),
        }


def _split_at_random(frames: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Draw a fifth of the frames for the test and a fifth of the others as development set."""
    split = protocols.random_frames(frames, seed=seed)
    training = split[split["split"] == "train"]
    held_out = protocols.random_frames(training, seed=seed + 1)["split"].replace("test", "dev")
    split.loc[training.index, "split"] = held_out
    return split


def _validate_on_training(frames: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Put the training frames into the development set as well, in the place of its own."""
    training = frames[frames["split"] == "train"]
    rest = frames[frames["split"] != "dev"]
    return pd.concat([rest, training.assign(split="dev")], ignore_index=True)


# What splits the frames of the protocol `sound` anew.
LEAKING = {RANDOM_FRAMES: _split_at_random, VALIDATED_ON_TRAINING: _validate_on_training}


def _frames_hash(frames: pd.DataFrame) -> str:
    """Hash which picture is in which split: the part of the index that a protocol may have changed since."""
    columns = ["crop", "label", "split"]
    return hashlib.sha256(frames[columns].to_csv(index=False).encode()).hexdigest()


@functools.cache
def code_version(*, is_network: bool) -> str:
    """Return the hash of the code that shapes the weights, taken of the parsed modules."""
    modules = (*_MODULES, *(_OF_NETWORKS if is_network else _OF_BASELINES))
    return digest([ast.dump(ast.parse((paths.PACKAGE / module).read_bytes())) for module in modules])


def libraries() -> dict[str, str]:
    """Return the versions of the libraries that shape the weights, as far as they are installed."""
    found = {}
    for library in _LIBRARIES:
        try:
            found[library] = importlib.metadata.version(library)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


@dataclass(frozen=True)
class Run:
    """A training that is finished.

    Attributes
    ----------
    folder
        Where it lies; its name is the plan's key.
    about
        What was trained on what, the level of evidence, the preprocessing contract, timings and environment.
    history
        A row an epoch, from 1, with the columns that :class:`attacknet.fitting.State` explains; empty for a
        baseline.
    """

    folder: Path
    about: dict[str, Any]
    history: pd.DataFrame

    @property
    def key(self) -> str:
        """The plan's key."""
        return self.folder.name

    @property
    def evidence(self) -> Evidence:
        """Licensed only where all sources were."""
        return Evidence(self.about["evidence"])

    @property
    def preprocessing(self) -> Preprocessing:
        """The contract that the model travels with."""
        return Preprocessing(**self.about["preprocessing"])

    @property
    def weights_sha256(self) -> str:
        """Names the weights, or a baseline's fitted state."""
        return self.about["weights_sha256"]

    @property
    def weights(self) -> Path:
        """The file of the weights: arrays by name, without pickle."""
        return self.folder / WEIGHTS

    def load(self) -> Any:
        """Return the trained network with its contract as attribute ``preprocessing``, or the baseline."""
        if self.about["model"] not in networks.NETWORKS:
            from attacknet import baselines  # noqa: PLC0415 - heavy

            return baselines.load(self.weights)
        network = networks.build(self.about["model"])
        networks.read_weights(network, self.weights)
        network.preprocessing = self.preprocessing
        return network


def open_run(folder: Path) -> Run:
    """Open a run.

    Raises
    ------
    FileNotFoundError
        If there is none.
    AttackNetError
        If it is damaged.
    """
    try:
        about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
        history = pd.read_csv(folder / HISTORY)
    except FileNotFoundError:
        raise
    except (OSError, ValueError) as error:
        raise AttackNetError(f"{folder}: no whole run ({error}); remove the folder and train again") from None
    return Run(folder, about, history)


def find(plan: Plan) -> Run | None:
    """Return the run of a plan if it has been made; prepares the crops where they are not."""
    try:
        return open_run(runs_dir() / plan.key())
    except FileNotFoundError:
        return None
