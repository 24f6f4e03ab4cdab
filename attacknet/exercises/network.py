"""Exercises on the network, its cost and its training (section 3)."""

import itertools
import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attacknet.exercises import material
from attacknet.exercises.checking import choice, correct, function, names, number, require, whole
from attacknet.paper import tables
from attacknet.paper.layers import CLASSES, DENSE_UNITS, FILTERS, attacknet_cost
from attacknet.recipes import RECIPES

Check = Callable[..., None]
Floats = NDArray[np.float64]


# --- 3.1 Architecture ------------------------------------------------------------------------------------


def check_twice_the_input(operations: Any, parameters: Any) -> None:
    """Check by what factors operations and parameters grow when the input has twice the side."""
    small, large = attacknet_cost(32), attacknet_cost(64)
    number(
        operations,
        large.macs / small.macs,
        "the factor of the operations",
        hint="divide the MACs at 64 pixels a side by those at 32",
        slips={"the side doubles, but the work is done at every pixel": 2.0},
    )
    number(
        parameters,
        large.parameters / small.parameters,
        "the factor of the parameters",
        hint="divide the parameters at 64 pixels a side by those at 32",
        slips={"a convolution keeps its parameters, but is there no other layer?": 1.0},
    )
    correct()


def check_sees(given: Any) -> None:
    """Check a function ``sees(layers)``, which takes pairs of kernel size and stride."""

    def from_behind(layers: list[tuple[int, int]]) -> int:
        side = 1
        for kernel, stride in reversed(layers):
            side = (side - 1) * stride + kernel
        return side

    rng = np.random.default_rng(31)
    stacks = [[(3, 1)], [(3, 1), (3, 1)], [(2, 2), (3, 1)]]
    stacks += [
        [(int(rng.integers(1, 6)), int(rng.integers(1, 4))) for _ in range(rng.integers(3, 9))]
        for _ in range(20)
    ]
    hint = "a kernel reaches over neighbours that lie as far apart as all strides before it have put them"
    function(given, from_behind, [(stack,) for stack in stacks], hint=hint)
    correct()


def colours() -> tuple[pd.DataFrame, NDArray[np.uint8], Check]:
    """Return samples, a crop of each, and the check of those whose crop is not in the order RGB."""
    crops = material.crops("replay_attack")
    frames = crops.index[crops.index["crop"] >= 0].drop_duplicates("sample")
    rng = np.random.default_rng(32)
    chosen = frames.iloc[np.sort(rng.choice(len(frames), 120, replace=False))].reset_index(drop=True)
    images = np.asarray(crops.images)[chosen["crop"].to_numpy()]
    turned = rng.choice(len(chosen), 9, replace=False)
    images[turned] = images[turned, ..., ::-1]
    truth = set(chosen["sample"].iloc[turned])

    def check(given: Any) -> None:
        names(given, truth, "samples", hint="what is the strongest of three colours in a skin of any tone?")
        correct()

    return chosen[["sample", "species"]], images, check


# --- 3.2 Efficiency --------------------------------------------------------------------------------------


def datasheet() -> tuple[pd.DataFrame, Check]:
    """Return a table of costs in which two units are mixed, and the check of each row's."""
    published = pd.DataFrame(tables.rows("published")).set_index("model")["madds_m"].astype(float)
    rng = np.random.default_rng(33)
    units = rng.permutation(np.resize(["MACs", "FLOPs"], len(published)))
    printed = published.to_numpy() * np.where(units == "FLOPs", 2, 1)
    sheet = pd.DataFrame(
        {"network": published.index, "MFLOPs on the sheet": printed, "MAdds, published": published.to_numpy()}
    )

    def check(given: Any) -> None:
        require(isinstance(given, dict), "give a dictionary, network -> MACs or FLOPs")
        names(given, published.index, "networks", hint="judge each row")
        for network, unit in zip(published.index, units, strict=True):
            hint = "divide the sheet's number by the published one"
            choice(given[network], unit, ("MACs", "FLOPs"), hint=f"{network}: {hint}")
        correct()

    return sheet, check


# What a file of weights may hold in the exercise, and the bytes of a weight.
MEGABYTE, FLOAT32 = 10**6, 4


def check_units(given: Any) -> None:
    """Check the largest number of dense units with which AttackNet's weights fit a megabyte."""
    units = whole(given, "units")
    inputs = FILTERS[-1] * (32 // 4) ** 2
    a_unit = inputs + 1 + 4 + CLASSES  # weights and bias, batch normalisation, weights to the classes
    rest = attacknet_cost(32).parameters - DENSE_UNITS * a_unit
    size = (rest + units * a_unit) * FLOAT32
    require(size <= MEGABYTE, f"with {units} units the weights take {size:,} bytes")
    require(size + a_unit * FLOAT32 > MEGABYTE, f"with {units} units there is room for more")
    correct()


def check_separable(given: Any) -> None:
    """Check a function ``separable(kernel, inputs, outputs)``: its cost over that of a full convolution."""

    def counted(kernel: int, inputs: int, outputs: int) -> float:
        full = sum(1 for _ in itertools.product(range(kernel**2), range(inputs), range(outputs)))
        depthwise = sum(1 for _ in itertools.product(range(kernel**2), range(inputs)))
        pointwise = sum(1 for _ in itertools.product(range(inputs), range(outputs)))
        return (depthwise + pointwise) / full

    cases = [(3, 16, 16), (3, 16, 32), (5, 8, 24), (1, 4, 4), (7, 3, 10)]
    hint = "add the multiplications of both steps at a pixel, and divide by those of the full kernel"
    function(given, counted, cases, hint=hint)
    correct()


# --- 3.3 Design ------------------------------------------------------------------------------------------


def check_reach(given: Any) -> None:
    """Check how far a weight can go by each of the two recipes, on the released notebook's fused set."""
    pictures = tables.load().as_run["images"]["fused"]["training"]
    truth = {
        name: one.epochs * pictures / one.batch * one.learning_rate
        for name, one in RECIPES.items()
        if name != "book"
    }
    require(isinstance(given, dict), "give a dictionary, recipe -> distance")
    names(given, truth, "recipes", hint="as_written and as_run are wanted")
    for name, distance in truth.items():
        hint = "epochs times steps an epoch times learning rate"
        number(given[name], distance, f"the distance of {name}", hint=hint)
    correct()


def check_merged(given: Any) -> None:
    """Check a function ``merged(first, second)``: the one kernel that does what two in a row do."""

    def by_probing(first: list[float], second: list[float]) -> Floats:
        size = len(first) + len(second) - 1
        impulse = np.zeros(2 * size - 1)
        impulse[size - 1] = 1
        return np.correlate(np.correlate(impulse, first, "valid"), second, "valid")[::-1]

    rng = np.random.default_rng(36)
    cases = [([1.0, 2.0], [3.0, 4.0])]
    for sizes in ((3, 3), (3, 5), (2, 4)):
        cases.append(tuple(rng.normal(size=size).tolist() for size in sizes))
    function(given, by_probing, cases, hint="slide one kernel over the other and add the products")
    correct()


def scalings() -> tuple[dict[str, NDArray[np.float32]], Check]:
    """Return the crops of three stations as floats, and the check of the one that scales them its own way."""
    crops = material.crops("replay_attack")
    rng = np.random.default_rng(37)
    chosen = rng.choice(len(crops.images), (3, 40), replace=False)
    planted = {
        name: np.asarray(crops.images)[rows].astype(np.float32) / 255
        for name, rows in zip(("station A", "station B", "station C"), chosen, strict=True)
    }
    culprit = str(rng.choice(list(planted)))
    planted[culprit] /= planted[culprit].max(axis=(1, 2, 3), keepdims=True)

    def check(given: Any) -> None:
        hint = "look at the brightest value of each of its pictures"
        choice(given, culprit, planted, hint=hint)
        correct()

    return planted, check


# --- 3.4 Training ----------------------------------------------------------------------------------------


def check_stop(given: Any) -> None:
    """Check a function ``stop(losses, patience)``: how many epochs are run, and which is the best of them."""

    def reference(losses: list[float], patience: int) -> tuple[int, int]:
        for ran in range(1, len(losses) + 1):
            best = losses.index(min(losses[:ran])) + 1
            if ran - best >= patience:
                return ran, best
        return ran, best

    def cases() -> Iterator[tuple[list[float], int]]:
        rng = np.random.default_rng(34)
        yield [0.7, 0.6, 0.5], 2
        yield [0.5, 0.6, 0.7, 0.1], 2
        yield [0.5, 0.5, 0.5, 0.4], 2
        for patience in (1, 2, 3, 5):
            yield (rng.integers(1, 9, 20) / 10).tolist(), patience

    hint = "count the epochs since the loss was last lower than ever before; an equal loss is no fall"
    function(given, reference, cases(), hint=hint)
    correct()


def check_left_over(
    steps: Any, share: Any, *, pictures: int, batch: int, patience: int, momentum: float
) -> None:
    """Check how many steps a patience lasts, and what is then left of the initial running averages."""
    lasts = patience * math.ceil(pictures / batch)
    number(
        steps,
        lasts,
        "the number of steps",
        hint="an epoch has as many steps as batches, and the last batch may be small",
        slips={"a patience is counted in epochs": patience},
    )
    number(share, momentum**lasts, "the share", hint="each step keeps that share of what was there before it")
    correct()


def loaders() -> tuple[dict[str, NDArray[np.int64]], Check]:
    """Return the labels in the order of four loaders, and the check of those that do not mix the classes."""
    rng = np.random.default_rng(35)
    of_a_video, videos = 20, 32
    listed = np.repeat([0, 1], of_a_video * videos)

    def through_a_buffer(size: int) -> NDArray[np.int64]:
        waiting, out = list(listed[:size]), []
        for label in listed[size:]:
            place = rng.integers(size)
            out.append(waiting[place])
            waiting[place] = label
        return np.array(out + waiting)

    made = {
        "all pictures": rng.permutation(listed),
        "a buffer": through_a_buffer(64),
        "whole videos": rng.permutation(listed.reshape(-1, of_a_video)).ravel(),
        "class by class in turn": listed.reshape(2, -1).T.ravel(),
    }
    order = rng.permutation(list(made))
    planted = {f"loader {letter}": made[what] for letter, what in zip("ABCD", order, strict=True)}
    truth = {name for name, labels in planted.items() if _pure(labels, 32) > 0.1}

    def check(given: Any) -> None:
        hint = "cut the labels into batches of 32 and count those that hold one class"
        names(given, truth, "loaders", hint=hint)
        correct()

    return planted, check


def _pure(labels: NDArray[np.int64], batch: int) -> float:
    """Return the share of the batches that hold one class alone."""
    parts = labels.reshape(-1, batch)
    return float((parts.min(axis=1) == parts.max(axis=1)).mean())


# --- 3.5 Speed -------------------------------------------------------------------------------------------


def check_call(a_call: Any, a_picture: Any, batch: Any, *, times: Mapping[int, float]) -> None:
    """Check what a call and a picture cost, given the time of a call by its number of pictures."""
    (few, quick), (many, slow) = sorted(times.items())
    picture = (slow - quick) / (many - few)
    call = quick - few * picture
    number(a_picture, picture, "the time of a picture", hint="what do the additional pictures add?")
    number(a_call, call, "the time of a call", hint="take the pictures' own time away")
    hint = "the smallest number of pictures whose own times exceed the call's is meant"
    number(batch, math.floor(call / picture) + 1, "the number of pictures", hint=hint, within=0)
    correct()


def call_times() -> tuple[dict[str, Floats], Check]:
    """Return simulated times of calls in milliseconds, and the check of the runtimes that end in time."""
    rng = np.random.default_rng(38)
    # Usual time, and the share of the calls that a pause lengthens.
    kinds = [(2.0, 0.03), (5.2, 0.0), (4.0, 0.002), (3.0, 0.02)]
    planted = {}
    for name, place in zip("ABCD", rng.permutation(len(kinds)), strict=True):
        usual, pauses = kinds[place]
        times = usual * rng.lognormal(0, 0.04, 5000)
        planted[f"runtime {name}"] = times + 20 * (rng.random(5000) < pauses)
    truth = {name for name, times in planted.items() if np.quantile(times, 0.99) <= 6}

    def check(given: Any) -> None:
        names(
            given, truth, "runtimes", hint="sort the times of each: how long does the slowest hundredth take?"
        )
        correct()

    return planted, check


def check_quantised(given: Any) -> None:
    """Check a function ``quantised(values)``: an array as it comes back from signed 8-bit numbers."""

    def by_steps(values: Floats) -> Floats:
        steps = np.arange(-127, 128) * (np.abs(values).max() / 127)
        return steps[np.abs(values[..., np.newaxis] - steps).argmin(axis=-1)]

    rng = np.random.default_rng(39)
    cases = [(rng.normal(size=size),) for size in (3, 10, (4, 5))] + [(np.array([-1.0, 0.2, 0.3]),)]
    function(given, by_steps, cases, hint="the largest absolute value becomes 127 steps, to either side")
    correct()
