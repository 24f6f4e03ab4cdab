"""Train a network on pictures in memory, so that it can be done again to the byte.

All that is drawn depends on seed and epoch alone, never on what was drawn before; a network computes on one
thread, because sums in another order are other sums; and what a training needs to go on is kept after each
epoch. So it does not matter in which process it runs, or how often it was broken off.
"""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from attacknet import batches, networks
from attacknet.batches import Pictures
from attacknet.errors import AttackNetError
from attacknet.metrics import ATTACK, BONA_FIDE
from attacknet.recipes import Recipe

if TYPE_CHECKING:
    import keras
    import tensorflow as tf

# Epochs done, and epochs in all unless the training ends early.
Progress = Callable[[int, int], None]

# Attribute of a network that has been compiled: for which settings, and its optimiser's first state.
_READY = "ready_to_fit"

COLUMNS = ("epoch", "train_loss", "train_accuracy", "dev_loss", "dev_accuracy")


@dataclass
class State:
    """How far a training is.

    Attributes
    ----------
    history
        An epoch's values of `COLUMNS`: losses are cross-entropies in nats. Those of training are means over
        the epoch, with augmentation and dropout; those of the development set weigh both classes alike, and
        are missing where there is no such set.
    seconds
        Time spent.
    best
        Arrays of the best epoch so far, where the recipe keeps these.
    """

    history: list[dict[str, float]] = field(default_factory=list)
    seconds: float = 0.0
    best: list[np.ndarray] = field(default_factory=list)

    def table(self) -> pd.DataFrame:
        """Return the history, a row an epoch."""
        return pd.DataFrame(self.history, columns=list(COLUMNS))

    def best_epoch(self, recipe: Recipe) -> int:
        """Return the first epoch with the lowest loss of those that the recipe watches, from 0."""
        return int(np.argmin([row[recipe.monitor] for row in self.history]))

    def ended(self, recipe: Recipe) -> bool:
        """Whether the recipe wants no further epoch."""
        done = len(self.history)
        if done == 0 or done >= recipe.epochs:
            return done > 0
        return recipe.patience is not None and done - 1 - self.best_epoch(recipe) >= recipe.patience


def one_thread() -> None:
    """Let TensorFlow compute on one thread, and in the same order every time.

    Raises
    ------
    AttackNetError
        If it has begun to compute on more.
    """
    import tensorflow as tf  # noqa: PLC0415 - heavy

    try:
        tf.config.threading.set_intra_op_parallelism_threads(1)
        tf.config.threading.set_inter_op_parallelism_threads(1)
    except RuntimeError:
        raise AttackNetError(
            "TensorFlow already computes on several threads here, and the weights would depend on their "
            "number; train in a new process, or call attacknet.fitting.one_thread() before anything else"
        ) from None
    tf.config.experimental.enable_op_determinism()


def initialised(model: str, seed: int) -> "keras.Model":
    """Build an untrained network whose weights the seed decides.

    Every initialiser gets a seed of its own. Without one Keras asks Python's generator, from which any other
    thread of the process, such as those of a Dask worker, may draw at the same time.
    """
    unseeded = networks.build(model)
    rng = np.random.default_rng(seed)
    network = type(unseeded).from_config(_seeded(unseeded.get_config(), rng))
    network.preprocessing = unseeded.preprocessing
    return network


def _seeded(config: Any, rng: np.random.Generator) -> Any:
    """Return a network's configuration with a number in place of every seed."""
    if isinstance(config, dict):
        return {
            name: int(rng.integers(2**31)) if name == "seed" else _seeded(value, rng)
            for name, value in config.items()
        }
    if isinstance(config, list | tuple):
        return type(config)(_seeded(value, rng) for value in config)
    return config


def fit(
    network: "keras.Model",
    training: Pictures,
    dev: Pictures | None,
    recipe: Recipe,
    seed: int,
    *,
    checkpoint: Path | None = None,
    progress: Progress | None = None,
) -> State:
    """Train a network; afterwards it has the weights that the recipe keeps.

    Call :func:`one_thread` first, or the bytes of the weights depend on the machine's load.

    Parameters
    ----------
    network
        From pictures to probabilities of (bona fide, attack).
    dev
        Development set, or None; the recipe may need one.
    checkpoint
        File that is written after each epoch, and gone on from where it exists.
    progress
        Called after each epoch.

    Raises
    ------
    AttackNetError
        If the loss is no longer a number.
    """
    _make_ready(network, recipe)
    of_epoch = batches.training(training, recipe, seed)
    held_out = batches.in_order(dev) if dev else None
    state = _resume(network, checkpoint) if checkpoint and checkpoint.exists() else State()
    while not state.ended(recipe):
        began = time.perf_counter()
        epoch = len(state.history)
        _reseed_dropout(network, seed, epoch)
        fitted = network.fit(of_epoch(epoch), shuffle=False, verbose=0).history
        of_dev = _dev_values(network, held_out, dev.labels) if dev else ()
        state.history.append(_row(network, epoch, fitted["loss"][0], fitted["accuracy"][0], *of_dev))
        if recipe.keep == "best" and state.best_epoch(recipe) == epoch:
            state.best = network.get_weights()
        state.seconds += time.perf_counter() - began
        if checkpoint:
            _keep(network, state, checkpoint)
        if progress:
            progress(len(state.history), recipe.epochs)
    if recipe.keep == "best":
        network.set_weights(state.best)
    return state


def _make_ready(network: "keras.Model", recipe: Recipe) -> None:
    """Compile the network; one that was compiled for such a recipe gets its optimiser's first state back.

    Compiled anew it would be traced anew, which takes as long as three epochs of the recipe ``book``.
    """
    import keras  # noqa: PLC0415 - heavy

    settings = (recipe.learning_rate, recipe.norm_momentum)
    known, first_state = getattr(network, _READY, (None, ()))
    if known == settings:
        for variable, value in zip(network.optimizer.variables, first_state, strict=True):
            variable.assign(value)
        return
    if recipe.norm_momentum is not None:
        for layer in _batch_normalisations(network):
            layer.momentum = recipe.norm_momentum
    network.compile(
        keras.optimizers.Adam(recipe.learning_rate),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
        jit_compile=False,  # three times slower for these small pictures
    )
    network.optimizer.build(network.trainable_variables)
    first_state = [variable.numpy() for variable in network.optimizer.variables]
    setattr(network, _READY, (settings, first_state))


def _batch_normalisations(network: "keras.Model") -> Iterator["keras.layers.BatchNormalization"]:
    import keras  # noqa: PLC0415 - heavy

    for layer in network.layers:
        if isinstance(layer, keras.Model):
            yield from _batch_normalisations(layer)
        elif isinstance(layer, keras.layers.BatchNormalization):
            yield layer


def _row(network: "keras.Model", epoch: int, *values: float) -> dict[str, float]:
    if not np.isfinite(values).all():
        raise AttackNetError(
            f"{network.name}: in epoch {epoch + 1} the loss is no longer a number; "
            "lower the recipe's learning rate, and look at the pictures"
        )
    return dict(zip(COLUMNS, [epoch + 1, *values], strict=False))


def _reseed_dropout(network: "keras.Model", seed: int, epoch: int) -> None:
    """Set the states of the dropout layers' generators, which a training that is gone on with has lost."""
    states = [variable for variable in network.variables if variable.path.endswith("seed_generator_state")]
    words = np.random.SeedSequence((seed, epoch)).generate_state(2 * len(states))
    for state, pair in zip(states, words.reshape(-1, 2), strict=True):
        state.assign(pair)


def _dev_values(
    network: "keras.Model", pictures: "tf.data.Dataset", labels: np.ndarray
) -> tuple[float, float]:
    """Return loss and accuracy, both means over the classes: a larger class counts for no more."""
    probabilities = network.predict(pictures, verbose=0)
    of_truth = probabilities[np.arange(len(labels)), labels].astype(np.float64)
    losses = -np.log(np.maximum(of_truth, np.finfo(np.float32).tiny))
    right = probabilities.argmax(axis=1) == labels
    classes = [labels == label for label in (BONA_FIDE, ATTACK)]
    loss, accuracy = (np.mean([values[one].mean() for one in classes]) for values in (losses, right))
    return float(loss), float(accuracy)


def _keep(network: "keras.Model", state: State, file: Path) -> None:
    """Write all that the next epoch depends on, whole or not at all."""
    groups = {
        "network": network.get_weights(),
        "optimizer": [variable.numpy() for variable in network.optimizer.variables],
        "best": state.best,
    }
    arrays = {f"{name}/{i}": array for name, group in groups.items() for i, array in enumerate(group)}
    text = json.dumps({"history": state.history, "seconds": state.seconds})
    temporary = file.with_suffix(".tmp")
    with temporary.open("wb") as stream:
        np.savez(stream, state=np.array(text), **arrays)
    temporary.replace(file)


def _resume(network: "keras.Model", file: Path) -> State:
    """Put network and optimiser back where they were."""
    with np.load(file, allow_pickle=False) as stored:

        def group(name: str) -> list[np.ndarray]:
            members = [key for key in stored.files if key.startswith(f"{name}/")]
            return [stored[f"{name}/{i}"] for i in range(len(members))]

        network.set_weights(group("network"))
        for variable, value in zip(network.optimizer.variables, group("optimizer"), strict=True):
            variable.assign(value)
        return State(best=group("best"), **json.loads(str(stored["state"])))
