"""How long networks take to answer, measured so that a busy machine favours none of them.

All ways of asking take turns, round by round: what else the machine does strikes them alike. Each number of
threads has a process of its own, because TensorFlow settles on its threads once; the processes take turns
too, and one whose turn it is not sleeps. A call begins and ends with an array of numpy. Networks are
untrained, since weights make no difference to the time.
"""

import functools
import hashlib
import multiprocessing
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from itertools import cycle
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from attacknet.errors import AttackNetError
from attacknet.evidence import Evidence
from attacknet.exported import About, Exported, Kind
from attacknet.preprocessing import Preprocessing

if TYPE_CHECKING:
    import keras

Call = Callable[[], object]

KERAS = ("Keras predict", "Keras call", "Keras predict_on_batch", "tf.function")
EXPORTS = {"ONNX Runtime": Kind.ONNX, "LiteRT float32": Kind.LITERT, "LiteRT int8": Kind.LITERT_INT8}
MATMUL = "matrix product"


@dataclass(frozen=True)
class Way:
    """One way of asking one network.

    Attributes
    ----------
    runtime
        One of `KERAS`; one of `EXPORTS`; or `MATMUL`, numpy's product of two square float32 matrices, which
        shows how much arithmetic the machine can do in a second.
    network
        A variant of :mod:`attacknet.model`, or a network of :mod:`attacknet.rivals` with two classes.
    side
        Height and width of a picture, or of a matrix.
    batch
        Pictures a call.
    threads
        That the runtime may compute on.
    """

    runtime: str
    network: str = "released"
    side: int = 32
    batch: int = 1
    threads: int = 1


# What an export needs to know of a way; ways that differ in nothing else share the file.
_File = tuple[Kind, str, int]


def measure(ways: Sequence[Way], *, runs: int = 0, seconds: float = 0.4, rounds: int = 10) -> pd.DataFrame:
    """Time calls of all ways in one run.

    Parameters
    ----------
    ways
        What is timed.
    runs
        Calls of each way. 0: as many as fit into `seconds`.
    seconds
        For each way, over all rounds; counts only where `runs` is 0. Each round has one call at least.
    rounds
        Turns of each way. Before the counted calls of a turn goes one that is not counted: it brings code
        and data back into the processor's caches.

    Returns
    -------
    pandas.DataFrame
        One row a way, in their order: the way's attributes, `calls`, and seconds a call: `fastest`, `low`
        and `high` (between them lie 90 % of the calls), `median`, `mean`.

    Raises
    ------
    AttackNetError
        If a number is out of its range, or a runtime or network is not known.
    """
    if runs < 0 or rounds < 1 or seconds <= 0:
        raise AttackNetError(
            f"runs {runs}, seconds {seconds:g}, rounds {rounds}: give 0 or more runs, seconds above 0 and "
            "one round or more"
        )
    if unknown := [way.runtime for way in ways if way.runtime not in (*KERAS, *EXPORTS, MATMUL)]:
        raise AttackNetError(
            f"runtime {unknown[0]!r}: there are only {', '.join((*KERAS, *EXPORTS, MATMUL))}"
        )
    taken: dict[Way, list[float]] = {way: [] for way in ways}
    # Not forked: TensorFlow does not survive it once it runs.
    context = multiprocessing.get_context("spawn")
    with ExitStack() as stack:
        pools = {
            threads: stack.enter_context(ProcessPoolExecutor(1, context, _start, (threads,)))
            for threads in dict.fromkeys(way.threads for way in ways)
        }
        files = _exported(ways, list(pools.values()))
        for threads, pool in pools.items():
            pool.submit(_prepare, [way for way in ways if way.threads == threads], files).result()
        for calls in shares(runs, rounds):
            for pool in pools.values():
                for way, times in pool.submit(_take_turns, calls, seconds / rounds).result().items():
                    taken[way] += times
    return pd.DataFrame([asdict(way) | summary(times) for way, times in taken.items()])


def shares(runs: int, rounds: int) -> list[int]:
    """Split `runs` calls into rounds as evenly as they go; without a number of runs each round has 0."""
    if not runs:
        return [0] * rounds
    rounds = min(rounds, runs)
    return [runs * (done + 1) // rounds - runs * done // rounds for done in range(rounds)]


def burst(
    call: Call, runs: int, seconds: float, clock: Callable[[], float] = time.perf_counter
) -> list[float]:
    """Return the seconds of `runs` calls in a row, or with 0 runs of those begun within `seconds`."""
    call()
    times: list[float] = []
    began = clock()
    while len(times) < runs if runs else not times or clock() - began < seconds:
        start = clock()
        call()
        times.append(clock() - start)
    return times


def summary(times: Sequence[float]) -> dict[str, float]:
    """Return the number of calls, and of their seconds the least, three quantiles and the mean."""
    low, median, high = np.quantile(times, [0.05, 0.5, 0.95])
    spread = {"fastest": min(times), "low": low, "median": median, "high": high, "mean": np.mean(times)}
    return {"calls": len(times)} | {name: float(value) for name, value in spread.items()}


def _exported(ways: Sequence[Way], pools: list[ProcessPoolExecutor]) -> dict[_File, bytes]:
    """Let the processes write the files side by side: some take seconds."""
    wanted = dict.fromkeys(_file(way) for way in ways if way.runtime in EXPORTS)
    futures = {file: pool.submit(_export, *file) for file, pool in zip(wanted, cycle(pools), strict=False)}
    return {file: future.result() for file, future in futures.items()}


def _file(way: Way) -> _File:
    return EXPORTS[way.runtime], way.network, way.side


# --- In the process that computes --------------------------------------------------------------------------

_calls: dict[Way, Call] = {}
_threads: int


def _start(threads: int) -> None:
    """Settle on the number of threads; TensorFlow is told when it is first needed."""
    import threadpoolctl  # type: ignore[import-untyped]  # noqa: PLC0415 - only here

    global _threads  # noqa: PLW0603 - one number a process
    _threads = threads
    threadpoolctl.threadpool_limits(threads)


def _prepare(ways: Sequence[Way], files: dict[_File, bytes]) -> None:
    for way in ways:
        content = files[_file(way)] if way.runtime in EXPORTS else b""
        _calls[way] = prepared(way, content)
        _calls[way]()  # traces, compiles


def _take_turns(runs: int, seconds: float) -> dict[Way, list[float]]:
    return {way: burst(call, runs, seconds) for way, call in _calls.items()}


def prepared(way: Way, content: bytes = b"") -> Call:
    """Return what asks a network once; `content` is that of the file, for a way that reads one."""
    if way.runtime == MATMUL:
        factor = _noise(way.side, way.side)
        return lambda: factor @ factor
    shape = way.batch, way.side, way.side, 3
    if way.runtime in EXPORTS:
        return functools.partial(
            Exported.read(content, way.network, threads=way.threads).scores, _crops(*shape)
        )
    network, pictures = _network(way.network, way.side), _noise(*shape)
    if way.runtime == "Keras predict":
        return lambda: network.predict(pictures, verbose=0)
    if way.runtime == "Keras predict_on_batch":
        return lambda: network.predict_on_batch(pictures)
    if way.runtime == "Keras call":
        return lambda: network(pictures, training=False).numpy()
    import tensorflow as tf  # noqa: PLC0415 - heavy

    graph = tf.function(functools.partial(network, training=False))
    return lambda: graph(pictures).numpy()


def _noise(*shape: int) -> np.ndarray:
    """Float32 in [0, 1): what a picture shows makes no difference to the time."""
    return np.random.default_rng(0).random(shape, np.float32)


def _crops(*shape: int) -> np.ndarray:
    return (256 * _noise(*shape)).astype(np.uint8)


def _export(kind: Kind, name: str, side: int) -> bytes:
    from attacknet import export  # noqa: PLC0415 - heavy

    network = _network(name, side)
    about = About(
        kind=kind,
        model=name,
        trained_on="nothing",
        source="untrained",
        weights_sha256=hashlib.sha256(b"".join(w.tobytes() for w in network.get_weights())).hexdigest(),
        evidence=Evidence.RECOMPUTED,
        preprocessing=network.preprocessing,
        threshold=None,
    )
    return export.convert(network, about, lambda: _crops(16, side, side, 3))


@functools.cache
def _network(name: str, side: int) -> "keras.Model":
    import tensorflow as tf  # noqa: PLC0415 - heavy

    from attacknet import model, rivals  # noqa: PLC0415 - heavy

    tf.config.threading.set_intra_op_parallelism_threads(_threads)
    tf.config.threading.set_inter_op_parallelism_threads(_threads)
    if name in model.VARIANTS:
        return model.build(name, (side, side, 3))
    network = rivals.build(name, (side, side, 3), len(model.CLASSES))
    network.preprocessing = Preprocessing(size=(side, side))
    return network
