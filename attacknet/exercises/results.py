"""Exercises on results: Table 4, one dataset, across datasets, all of them, attention (section 5)."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attacknet import metrics
from attacknet.evaluation import ARGMAX, frozen_threshold
from attacknet.exercises import material
from attacknet.exercises.checking import choice, correct, function, names, number, require, whole
from attacknet.intervals import clopper_pearson
from attacknet.metrics import BONA_FIDE_SPECIES, Confusion
from attacknet.paper import exact, tables

Check = Callable[..., None]
Floats = NDArray[np.float64]
CROSS = tuple((a, b) for a in tables.DATABASES for b in tables.DATABASES if a != b)


# --- 5.0 Table 4 -----------------------------------------------------------------------------------------


def check_row(far: Any, frr: Any, hter: Any) -> None:
    """Check the rates of the model trained on MSSpoof and tested on 3DMAD."""
    matrix = tables.load().counts["msspoof", "3dmad"]
    wrong_way = {"that is the rate of the other class": matrix.frr}
    number(far, matrix.far, "the FAR", hint="divide the accepted attacks by all attacks", slips=wrong_way)
    number(frr, matrix.frr, "the FRR", hint="divide the rejected bona fide frames by all bona fide frames")
    number(hter, matrix.hter, "the HTER", hint="take the mean of the two")
    correct()


RATES = ("precision", "recall", "far", "frr", "hter")


def printed_table() -> tuple[pd.DataFrame, Check]:
    """Return counts beside printed rates, some of them in the wrong place, and the check of these cells."""
    rng = np.random.default_rng(50)
    systems = [f"system {letter}" for letter in "ABCDE"]
    matrices = [
        Confusion(300 - missed, missed, passed, 200 - passed)
        for missed, passed in zip(rng.integers(20, 90, 5), rng.integers(5, 15, 5) * 8, strict=True)
    ]
    rates = {
        system: exact.rates(matrix, exact.BONA_FIDE) for system, matrix in zip(systems, matrices, strict=True)
    }
    printed = pd.DataFrame(
        {
            system: {rate: f"{float(exact.half_up(one[rate], 3)):.3f}" for rate in RATES}
            for system, one in rates.items()
        }
    ).T
    exchanged, repeated = rng.choice(systems, 2, replace=False)
    printed.loc[exchanged, ["far", "frr"]] = printed.loc[exchanged, ["frr", "far"]].to_numpy()
    printed.loc[repeated, "precision"] = printed.loc[repeated, "recall"]
    truth = {
        (system, rate)
        for system in systems
        for rate in RATES
        if abs(Fraction(str(printed.loc[system, rate])) - rates[system][rate]) > Fraction(1, 2000)
    }
    counts = pd.DataFrame([vars(one) for one in matrices], index=systems)

    def check(given: Any) -> None:
        names(given, truth, "cells", hint="compute each rate from the counts and round it to three decimals")
        correct()

    return counts.join(printed), check


def check_lopsided(given: Any) -> None:
    """Check how many of the twenty cross-database cells have one error below 5 % and the other above 50 %."""
    counts = tables.load().counts
    number(
        given,
        sum(min(m.far, m.frr) < 0.05 and max(m.far, m.frr) > 0.5 for m in (counts[cell] for cell in CROSS)),
        "the number of cells",
        hint="take the pairs of two different databases, without the fused model",
        within=0,
    )
    correct()


# --- 5.1 One dataset -------------------------------------------------------------------------------------


def check_width(ratio: Any, people: Any) -> None:
    """Check how an interval widens with its confidence, and how many people make it narrow."""

    def width(errors: int, trials: int, confidence: float = 0.95) -> float:
        _, low, high = clopper_pearson(errors, trials, confidence)
        return high - low

    number(
        ratio,
        width(2, 20, 0.99) / width(2, 20),
        "the ratio",
        hint="divide the width at 99 % by the width at 95 %, both for 2 errors of 20",
        slips={"it is the other way round": width(2, 20) / width(2, 20, 0.99)},
    )
    tested = whole(people, "people")
    require(
        tested >= 20 and tested % 10 == 0, "give a multiple of ten, 20 or more: a tenth of them are errors"
    )
    found = width(tested // 10, tested)
    require(found < 0.1, f"with {tested} people the interval is still {found:.3f} wide")
    require(width(tested // 10 - 1, tested - 10) >= 0.1, f"with {tested} it is, but fewer would do")
    correct()


def errors_by_person() -> tuple[pd.DataFrame, Check]:
    """Return error rates by seed and person, and the check of their two spreads."""
    rng = np.random.default_rng(51)
    people, seeds = 20, 5
    rates = 0.2 + 0.12 * rng.normal(size=people) + 0.01 * rng.normal(size=(seeds, 1))
    rates += 0.05 * rng.normal(size=(seeds, people))
    table = pd.DataFrame(
        rates.clip(0, 1),
        index=[f"seed {seed}" for seed in range(seeds)],
        columns=[f"s{person:02d}" for person in range(people)],
    )

    def check(over_people: Any, over_seeds: Any) -> None:
        number(
            over_people,
            table.mean(axis=0).std() / np.sqrt(people),
            "the standard error over people",
            hint="average each person over the seeds first",
            slips={
                "that is the spread of the people; what is asked is that of their mean": table.mean().std()
            },
        )
        number(
            over_seeds,
            table.mean(axis=1).std(),
            "the standard deviation over seeds",
            hint="average each seed over the people first, and divide by one less than there are seeds",
        )
        correct()

    return table, check


def best_seeds() -> tuple[dict[str, pd.DataFrame], dict[str, float], Check]:
    """Return what four groups measured under five seeds, what each reports, and the check of the culprit."""
    rng = np.random.default_rng(52)
    groups = ["east", "north", "south", "west"]
    culprit = str(rng.choice(groups))
    measured, reported = {}, {}
    for group in groups:
        dev = np.round(rng.uniform(0.10, 0.20, 5), 3)
        test = np.round(dev + rng.normal(0.04, 0.03, 5), 3)
        if dev.argmin() == test.argmin():  # the two choices must differ
            test = np.roll(test, 1)
        measured[group] = pd.DataFrame({"dev HTER": dev, "test HTER": test}).rename_axis("seed")
        reported[group] = float(test.min() if group == culprit else test[dev.argmin()])

    def check(given: Any, honest: Any) -> None:
        choice(given, culprit, groups, hint="its reported seed is the one that its development set prefers")
        table = measured[culprit]
        number(
            honest,
            float(table["test HTER"].iloc[int(table["dev HTER"].argmin())]),
            "the honest HTER",
            hint="choose the seed on the development set, then look at the test set once",
            slips={"that is the reported one": reported[culprit]},
        )
        correct()

    return measured, reported, check


# --- 5.2 Across datasets ---------------------------------------------------------------------------------


def transfer() -> tuple[pd.DataFrame, pd.DataFrame, Check]:
    """Return scores of two databases, and the check of the HTER at three thresholds."""
    rng = np.random.default_rng(53)
    dev = material.scores(rng, "dev", {BONA_FIDE_SPECIES: 1.9, "print": -1.7})
    test = material.scores(rng, "test", {BONA_FIDE_SPECIES: 3.2, "replay": 0.4})

    def check(frozen: Any, at_half: Any, own: Any) -> None:
        columns = test["score"], test["label"]
        at = {
            "the HTER at the frozen threshold": (frozen, frozen_threshold(dev), "of the development set"),
            "the HTER at one half": (at_half, ARGMAX, "one half"),
            "the test set's own equal error rate": (own, metrics.eer_threshold(*columns), "of the test set"),
        }
        for what, (given, threshold, where) in at.items():
            hint = f"count on the test set, at the threshold {where}"
            number(given, metrics.hter(*columns, threshold), what, hint=hint)
        correct()

    return dev, test, check


def matrix_of_scores() -> tuple[dict[str, tuple[pd.DataFrame, pd.DataFrame]], Check]:
    """Return development and test scores of six cells, and the check of those that a threshold mends."""
    rng = np.random.default_rng(54)
    # Separation of the classes on the test side, and how far all of its scores are shifted.
    kinds = [(4.4, 0.0), (4.4, 3.6), (4.4, -3.6), (0.6, 0.0), (0.6, 3.0), (4.4, 0.4)]
    cells = {}
    for name, place in zip("ABCDEF", rng.permutation(len(kinds)), strict=True):
        separation, shift = kinds[place]
        dev = material.scores(rng, "dev", {BONA_FIDE_SPECIES: 2.2, "print": -2.2})
        means = {BONA_FIDE_SPECIES: shift + separation / 2, "replay": shift - separation / 2}
        cells[f"cell {name}"] = dev, material.scores(rng, "test", means)

    def mended(dev: pd.DataFrame, test: pd.DataFrame) -> bool:
        frozen = metrics.hter(test["score"], test["label"], frozen_threshold(dev))
        return frozen > 0.3 and metrics.eer(test["score"], test["label"]) < 0.15

    truth = {name for name, pair in cells.items() if mended(*pair)}

    def check(given: Any) -> None:
        names(given, truth, "cells", hint="compare the HTER at the frozen threshold with the D-EER")
        correct()

    return cells, check


def check_better_than_guessing(given: Any) -> None:
    """Check in how many cross-database cells the whole interval of the HTER lies below one half."""
    counts = tables.load().counts
    below = sum(exact.interval(counts[cell], exact.BONA_FIDE, "hter")[1] < exact.GUESSING for cell in CROSS)
    points = sum(counts[cell].hter < exact.GUESSING for cell in CROSS)
    number(
        given,
        below,
        "the number of cells",
        hint="count the cells whose upper end lies below one half, without the diagonal and the fused model",
        slips={"that counts the estimates, and not their intervals": points},
        within=0,
    )
    correct()


# --- 5.3 All datasets ------------------------------------------------------------------------------------


def check_shares(shares: Any, weights: Any) -> None:
    """Check what each database contributes to a pooled training, and weights that make all alike."""
    loaded = tables.load().as_run["images"]
    sizes = {name: loaded[name]["training"] for name in tables.DATABASES}
    for given, what in ((shares, "shares"), (weights, "weights")):
        require(isinstance(given, dict), f"give the {what} as a dictionary, database -> number")
        names(given, sizes, f"databases among the {what}", hint="all five are wanted")
    for name, size in sizes.items():
        number(
            shares[name],
            size / sum(sizes.values()),
            f"the share of {name}",
            hint="divide its pictures by those of all five",
        )
    inverse = {name: 1 / size for name, size in sizes.items()}
    for name in sizes:
        number(
            weights[name],
            inverse[name] / sum(inverse.values()),
            f"the weight of {name}",
            hint="size times weight must be the same for all five, and the weights must sum to one",
        )
    correct()


def pipelines() -> tuple[dict[str, pd.DataFrame], Check]:
    """Return curves of trainings on shuffled labels, and the check of the pipelines that leak."""
    rng = np.random.default_rng(55)
    epochs = np.arange(1, 21)
    chance = np.log(2)
    made: dict[str, pd.DataFrame] = {}
    for leaks in rng.permutation([True, False, False, True, False]):
        learnt = chance * np.exp(-epochs / rng.uniform(6, 12))
        # What was learnt by heart helps on pictures that were trained on, and misleads on all others.
        seen = learnt if leaks else chance + 0.02 * epochs * rng.uniform(0.5, 1.5)
        made[f"pipeline {len(made) + 1}"] = pd.DataFrame(
            {
                "epoch": epochs,
                "training loss": learnt + 0.15 + 0.02 * rng.normal(size=epochs.size),
                "development loss": seen + 0.02 * rng.normal(size=epochs.size),
            }
        )
    truth = {
        name for name, curve in made.items() if curve["development loss"].iloc[-5:].mean() < chance - 0.1
    }

    def check(given: Any) -> None:
        hint = "what is the lowest loss that can be reached on pictures whose labels are coins?"
        names(given, truth, "pipelines", hint=hint)
        correct()

    return made, check


def check_pooled(pooled: Any, mean: Any) -> None:
    """Check the fused model's HTER over all test frames, and the mean over the five test sets."""
    counts = [tables.load().counts["fused", name] for name in tables.DATABASES]
    together = Confusion(
        *(sum(values) for values in zip(*(vars(one).values() for one in counts), strict=True))
    )
    number(pooled, together.hter, "the pooled HTER", hint="add the counts first, then compute one HTER")
    hint = "compute an HTER for each test set first, then their mean"
    number(mean, float(np.mean([one.hter for one in counts])), "the mean HTER", hint=hint)
    correct()


# --- 5.4 Attention ---------------------------------------------------------------------------------------


def check_grad_cam(given: Any) -> None:
    """Check a function ``grad_cam(activations, gradients)`` of arrays (rows, columns, channels)."""

    def reference(activations: Floats, gradients: Floats) -> Floats:
        weights = gradients.reshape(-1, gradients.shape[-1]).mean(axis=0)
        return np.maximum(np.einsum("ijk,k->ij", activations, weights), 0)

    rng = np.random.default_rng(56)
    cases = [(rng.random((size, size, 3)), rng.normal(size=(size, size, 3))) for size in (2, 4, 8)]
    hint = "weigh each channel by its mean gradient, add the channels, and keep what is positive"
    function(given, reference, cases, hint=hint)
    correct()


def attention_maps() -> tuple[dict[str, tuple[Floats, Floats]], Check]:
    """Return maps of three methods, for a trained and a random network, and the check of the one that fails.

    One of the methods draws the edges of the picture, whatever the network has learnt.
    """
    crops = material.crops("3dmad")
    pictures = np.asarray(crops.images)[:24].astype(float).mean(axis=-1)
    rows, columns = np.gradient(pictures, axis=(1, 2))
    edges = np.hypot(rows, columns)
    rng = np.random.default_rng(57)
    methods = rng.permutation(["P", "Q", "R"])

    def smooth() -> Floats:
        coarse = rng.random((len(pictures), 8, 8))
        return coarse.repeat(4, axis=1).repeat(4, axis=2)

    scale = edges.std()
    maps = {}
    for name in sorted(methods):
        if name == methods[0]:
            maps[f"method {name}"] = tuple(edges + 0.3 * scale * rng.random(edges.shape) for _ in range(2))
        else:
            maps[f"method {name}"] = (
                smooth() + 0.3 * edges / edges.max(),
                smooth() + 0.3 * edges / edges.max(),
            )

    def check(given: Any) -> None:
        hint = "its maps change when the network forgets"
        choice(given, f"method {methods[0]}", maps, hint=hint)
        correct()

    return maps, check


def one_map() -> tuple[Floats, dict[str, NDArray[np.bool_]], Check]:
    """Return a map, masks of the regions of a face, and the check of its two leaders."""
    from attacknet.explain import eyes, regions  # noqa: PLC0415 - no other exercise needs it

    masks = regions.masks(eyes.template_of("3dmad").usual(), (32, 32))
    rng = np.random.default_rng(58)
    heat = 0.1 * rng.random((32, 32))
    for region, strength in (("eyes", 0.45), ("cheeks", 0.4), ("nose", 0.9)):
        heat[masks[region]] += strength
    shares = {name: heat[mask].sum() for name, mask in masks.items()}
    densities = {name: heat[mask].mean() for name, mask in masks.items()}

    def check(by_share: Any, by_density: Any) -> None:
        largest, densest = (max(found, key=found.__getitem__) for found in (shares, densities))
        choice(by_share, largest, masks, hint="sum the map over each region")
        choice(by_density, densest, masks, hint="divide each region's share by its share of the pixels")
        correct()

    return heat, masks, check
