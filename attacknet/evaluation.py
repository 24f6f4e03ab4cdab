"""From score tables to results: the cross-database matrix, rates by species, operating points, ROC bands.

The rule throughout: a threshold is taken from the development split of the side that a model was trained on,
and is frozen before any test score is looked at. Beside it stands the paper's rule, the larger of two softmax
outputs, which is the fixed threshold 0.5 (columns that end in ``_argmax``).

Two kinds of spread stand beside a rate and are never mixed. ``_low`` and ``_high`` are the ends of a
confidence interval over the people of the test set; ``_seed_min`` and ``_seed_max`` are the least and the
greatest value among models that differ in nothing but the seed of their training.

All rates count frames that got a score. Frames without one are non-responses, counted by APNRR and BPNRR.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from attacknet import metrics
from attacknet.errors import AttackNetError
from attacknet.intervals import Interval, TooFewSubjectsError, bootstrap_rates, by_subjects, resample
from attacknet.metrics import ATTACK, BONA_FIDE, UndefinedRateError

ARGMAX = 0.5
# APCER at which the BPCER is customarily reported: BPCER10, BPCER20 and BPCER100.
TARGETS = (0.1, 0.05, 0.01)
UNAVAILABLE = float("nan")

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ScoredModel:
    """One trained model and the scores that it gave.

    Attributes
    ----------
    model, trained_on
        Names; models that share both are one model under several seeds.
    seed
        Of the training.
    dev
        Score table of the development split of the training side (columns `attacknet.scores.COLUMNS`). Empty
        where the protocol has none: rates at a frozen threshold are then unavailable, NaN.
    tests
        Name of a test set -> its score table.
    """

    model: str
    trained_on: str
    seed: int
    dev: pd.DataFrame
    tests: Mapping[str, pd.DataFrame]

    def __str__(self) -> str:
        return f"{self.model} trained on {self.trained_on} (seed {self.seed})"


@dataclass(frozen=True)
class Resampling:
    """How the intervals are made; the defaults are the book's. See `attacknet.intervals`."""

    confidence: float = 0.95
    resamples: int = 1000
    seed: int = 0


BOOK = Resampling()


def frozen_threshold(dev: pd.DataFrame) -> float:
    """Return the threshold of the equal error rate on a development split, NaN where there is no split.

    Raises
    ------
    UndefinedRateError
        If the split lacks a class.
    """
    if dev.empty:
        return UNAVAILABLE
    answered = responses(dev)
    return metrics.eer_threshold(answered["score"], answered["label"])


def responses(table: pd.DataFrame) -> pd.DataFrame:
    """Return the frames that got a score."""
    return table[table["score"].notna()]


def rates(
    scores: ArrayLike,
    labels: ArrayLike,
    subjects: ArrayLike,
    threshold: float,
    resampling: Resampling = BOOK,
) -> dict[str, Interval]:
    """Return FAR, FRR and HTER at a threshold, each with an interval over subjects.

    The interval is that of `attacknet.intervals.bootstrap_rates` where a bootstrap can tell something. A rate
    of 0 or 1 is the same in every resample, and few subjects cannot stand for others: there each subject
    counts as one trial (`attacknet.intervals.by_subjects`), and the ends of the HTER are the means of the
    ends of FAR and FRR. Both are wider than need be.

    Parameters
    ----------
    scores, labels, subjects, threshold
        As for `bootstrap_rates`.

    Raises
    ------
    UndefinedRateError
        If a class is missing.
    """
    whole = metrics.confusion(scores, labels, threshold)
    names, marks = np.asarray(subjects), np.asarray(labels)
    found: dict[str, Interval] = {}
    with suppress(TooFewSubjectsError):
        found = bootstrap_rates(scores, labels, subjects, threshold, **vars(resampling))
    plain = {}
    for name, rate, label in (("far", whole.far, ATTACK), ("frr", whole.frr, BONA_FIDE)):
        people = len(set(names[marks == label].tolist()))
        if not found or rate in (0, 1) or _too_few(people, resampling.confidence):
            plain[name] = by_subjects(rate, people, resampling.confidence)
    if plain:
        found |= plain
        low, high = ((found["far"][end] + found["frr"][end]) / 2 for end in (1, 2))
        found["hter"] = Interval(whole.hter, low, high)
    return found


def _too_few(subjects: int, confidence: float) -> bool:
    """Whether not even the whole range of the subjects' own rates would cover their median often enough.

    It misses where all lie on one side of it, which has the chance ``2 * 0.5 ** subjects``.
    """
    return 2 * 0.5**subjects > 1 - confidence


def matrix(models: Iterable[ScoredModel], resampling: Resampling = BOOK) -> pd.DataFrame:
    """Return the cross-database matrix: a row for each model, training side and test set.

    Seeds of one model share a row. A rate is the mean over the seeds; its interval resamples the subjects of
    the test set, the same for all seeds.

    Returns
    -------
    pandas.DataFrame
        ``model``, ``trained_on``, ``tested_on``, ``seeds`` (how many); ``threshold`` (mean over the seeds);
        ``hter``, ``far`` (APCER pooled over species), ``bpcer`` and ``worst_apcer`` (that of the species
        ``worst_species``) at the frozen threshold, and the same ending in ``_argmax`` at 0.5; ``deer`` (the
        test set's own equal error rate), ``least_hter`` (the lowest of all thresholds on the test set) and
        ``auc``, which describe the scores and are no operating points; ``bonafide``, ``attacks`` and
        ``subjects`` (numbers of frames and people); ``bpnrr`` and ``worst_apnrr``. Each rate at a threshold
        has four columns more, ``_low``, ``_high``, ``_seed_min`` and ``_seed_max``; the descriptions have the
        last two.

    Raises
    ------
    UndefinedRateError
        If a class is missing in a development split or a test set; names the model and the set.
    AttackNetError
        If the seeds of a model were not all tested on the same frames, or one is there twice.
    """

    def row(cell: _Cell) -> list[dict[str, Any]]:
        frozen = cell.decisions(lambda model: frozen_threshold(model.dev))
        argmax = cell.decisions(lambda _: ARGMAX)
        answered = [responses(table) for table in cell.tables]
        facts = cell.name | {"threshold": cell.mean(lambda model: frozen_threshold(model.dev))}
        for ending, decided in (("", frozen), ("_argmax", argmax)):
            facts |= _rate_columns(decided, ending, resampling) | _worst_columns(decided, ending, resampling)
        for name, describe in (("deer", metrics.eer), ("least_hter", _least_hter), ("auc", metrics.auc)):
            facts |= _seed_columns(name, [describe(t["score"], t["label"]) for t in answered])
        return [facts | _counts(cell.tables[0])]

    return _collect(models, row)


def by_species(models: Iterable[ScoredModel], resampling: Resampling = BOOK) -> pd.DataFrame:
    """Return the APCER of each PAI species: a row for each model, training side, test set and species.

    Returns
    -------
    pandas.DataFrame
        ``model``, ``trained_on``, ``tested_on``, ``seeds``, ``species``; ``apcer`` and ``apcer_argmax``, each
        with its four columns of spread as in `matrix`; ``attacks`` and ``subjects`` (frames and people of the
        species); ``apnrr``.

    Raises
    ------
    AttackNetError
        As `matrix`.
    """

    def rows(cell: _Cell) -> list[dict[str, Any]]:
        frozen = cell.decisions(lambda model: frozen_threshold(model.dev))
        argmax = cell.decisions(lambda _: ARGMAX)
        table = cell.tables[0]
        silent = metrics.apnrr(table["score"].notna(), table["label"], table["species"])
        return [
            cell.name
            | {"species": species}
            | _apcer_columns("apcer", frozen, species, resampling)
            | _apcer_columns("apcer_argmax", argmax, species, resampling)
            | {
                "attacks": int((table["species"] == species).sum()),
                "subjects": table.loc[table["species"] == species, "subject"].nunique(),
                "apnrr": rate,
            }
            for species, rate in silent.items()
        ]

    return _collect(models, rows)


def operating_points(
    models: Iterable[ScoredModel],
    targets: Sequence[float] = TARGETS,
    resampling: Resampling = BOOK,
) -> pd.DataFrame:
    """Return what becomes of a security target: set on the development split, met or missed on each test set.

    The threshold is the lowest at which every species of the development split has an APCER of at most the
    target. It knows nothing of species that the training side does not have.

    Returns
    -------
    pandas.DataFrame
        ``model``, ``trained_on``, ``tested_on``, ``seeds``, ``target``, ``threshold`` (mean over the seeds);
        what it gives on the test set: ``worst_species``, ``worst_apcer``, ``hter``, ``far`` and ``bpcer``,
        with columns of spread as in `matrix`; ``own_bpcer``, ``own_bpcer_seed_min`` and
        ``own_bpcer_seed_max``: the BPCER at a threshold that meets the target on the test set itself, which
        nobody knows beforehand.

    Raises
    ------
    AttackNetError
        As `matrix`; also if a target lies outside [0, 1].
    """

    def rows(cell: _Cell) -> list[dict[str, Any]]:
        return [row(cell, target) for target in targets]

    def row(cell: _Cell, target: float) -> dict[str, Any]:
        decided = cell.decisions(lambda model: _target_threshold(model.dev, target))
        own = [
            metrics.bpcer_at_apcer(t["score"], t["label"], target, t["species"])
            for t in map(responses, cell.tables)
        ]
        return (
            cell.name
            | {
                "target": target,
                "threshold": cell.mean(lambda model: _target_threshold(model.dev, target)),
            }
            | _worst_columns(decided, "", resampling)
            | _rate_columns(decided, "", resampling)
            | _seed_columns("own_bpcer", own)
        )

    return _collect(models, rows)


def roc_band(
    models: Iterable[ScoredModel], tested_on: str, far: ArrayLike, resampling: Resampling = BOOK
) -> pd.DataFrame:
    """Return the ROC of one model on one test set, mean over its seeds, with a pointwise band over subjects.

    The value at a FAR is the share of bona fide frames accepted at the lowest threshold that has at most this
    FAR; nothing is interpolated.

    Parameters
    ----------
    models
        One model under one or more seeds.
    tested_on
        Name of the test set.
    far
        Shape (m,), in [0, 1].

    Returns
    -------
    pandas.DataFrame
        ``far``, ``accepted`` (1 - FRR) and its columns of spread as in `matrix`, a row for each FAR.

    Raises
    ------
    TooFewSubjectsError
        If a class has too few subjects to resample.
    AttackNetError
        If it is not one model, it was not tested on the set, or a class is missing.
    """
    cells = [cell for cell in _cells(models) if cell.tested_on == tested_on]
    if len(cells) != 1:
        raise AttackNetError(f"ROC on {tested_on}: {len(cells)} models were tested on it; give one model")
    tables = [responses(table) for table in cells[0].tables]
    curves = [_Curve(table["score"].to_numpy(), table["label"].to_numpy()) for table in tables]
    grid = np.asarray(far, dtype=np.float64)
    by_seed = np.array([curve.accepted(grid) for curve in curves])
    drawn = resample(
        tables[0]["label"], tables[0]["subject"], resamples=resampling.resamples, seed=resampling.seed
    )
    resampled = [np.mean([curve.accepted(grid, copies) for curve in curves], axis=0) for copies in drawn]
    tail = (1 - resampling.confidence) / 2
    low, high = np.quantile(resampled, (tail, 1 - tail), axis=0)
    return pd.DataFrame(
        {
            "far": grid,
            "accepted": by_seed.mean(axis=0),
            "accepted_low": low,
            "accepted_high": high,
            "accepted_seed_min": by_seed.min(axis=0),
            "accepted_seed_max": by_seed.max(axis=0),
        }
    )


# --- One model on one test set ---------------------------------------------------------------------------


@dataclass(frozen=True)
class _Cell:
    """The seeds of one model on one test set."""

    models: list[ScoredModel]
    tested_on: str

    @property
    def name(self) -> dict[str, Any]:
        first = self.models[0]
        return {
            "model": first.model,
            "trained_on": first.trained_on,
            "tested_on": self.tested_on,
            "seeds": len(self.models),
        }

    @property
    def tables(self) -> list[pd.DataFrame]:
        return [model.tests[self.tested_on] for model in self.models]

    def mean(self, threshold: Callable[[ScoredModel], float]) -> float:
        return float(np.mean([threshold(model) for model in self.models]))

    def decisions(self, threshold: Callable[[ScoredModel], float]) -> pd.DataFrame | None:
        """Return the decisions of all seeds under each other, or None where a threshold is unavailable.

        Column ``accepted`` is 1 or 0. All seeds have the same frames, so a share of all rows is the mean of
        the seeds' shares, and a resample of subjects is the same for all seeds.
        """
        parts = []
        for model, table in zip(self.models, self.tables, strict=True):
            if np.isnan(limit := threshold(model)):
                return None
            answered = responses(table)
            accepted = (answered["score"] >= limit).astype(np.float64)
            parts.append(answered[["subject", "label", "species"]].assign(accepted=accepted, seed=model.seed))
        return pd.concat(parts, ignore_index=True)


def _collect(models: Iterable[ScoredModel], rows: Callable[[_Cell], list[dict[str, Any]]]) -> pd.DataFrame:
    """Join the rows of all cells; what cannot be computed is named by its cell."""
    collected = []
    for cell in _cells(models):
        try:
            collected += rows(cell)
        except UndefinedRateError as error:
            raise UndefinedRateError(f"{cell.models[0]}, tested on {cell.tested_on}: {error}") from None
    return pd.DataFrame(collected)


def _cells(models: Iterable[ScoredModel]) -> list[_Cell]:
    groups: dict[tuple[str, str], list[ScoredModel]] = {}
    for model in models:
        groups.setdefault((model.model, model.trained_on), []).append(model)
    for first, *others in groups.values():
        seeds = [first.seed]
        for other in others:
            _check_alike(first, other)
            if other.seed in seeds:
                raise AttackNetError(f"{other} is there twice; give each seed once")
            seeds.append(other.seed)
    return [_Cell(group, tested_on) for group in groups.values() for tested_on in group[0].tests]


def _check_alike(first: ScoredModel, other: ScoredModel) -> None:
    """Refuse seeds that were tested on different frames: their mean would mean nothing."""
    if first.tests.keys() != other.tests.keys():
        raise AttackNetError(f"{first} was tested on {[*first.tests]}, {other} on {[*other.tests]}")
    for name, table in first.tests.items():
        frames, theirs = (responses(t)[["sample", "frame"]].to_numpy() for t in (table, other.tests[name]))
        if not np.array_equal(frames, theirs):
            raise AttackNetError(
                f"{first} and {other} did not score the same frames of {name}; score both again"
            )


# --- Columns of the results ------------------------------------------------------------------------------

_SPREAD = ("", "_low", "_high", "_seed_min", "_seed_max")


def _columns(name: str, interval: Interval, by_seed: Sequence[float]) -> dict[str, float]:
    values = (*interval, min(by_seed), max(by_seed))
    return {f"{name}{part}": float(value) for part, value in zip(_SPREAD, values, strict=True)}


def _unavailable(name: str) -> dict[str, float]:
    return {f"{name}{part}": UNAVAILABLE for part in _SPREAD}


def _seed_columns(name: str, by_seed: Sequence[float]) -> dict[str, float]:
    return {name: float(np.mean(by_seed)), f"{name}_seed_min": min(by_seed), f"{name}_seed_max": max(by_seed)}


def _rate_columns(decided: pd.DataFrame | None, ending: str, resampling: Resampling) -> dict[str, float]:
    names = {"hter": f"hter{ending}", "far": f"far{ending}", "frr": f"bpcer{ending}"}
    if decided is None:
        return {key: value for name in names.values() for key, value in _unavailable(name).items()}
    intervals = rates(decided["accepted"], decided["label"], decided["subject"], 0.5, resampling)
    by_seed = [metrics.confusion(one["accepted"], one["label"], 0.5) for _, one in decided.groupby("seed")]
    found: dict[str, float] = {}
    for rate, name in names.items():
        found |= _columns(name, intervals[rate], [getattr(counts, rate) for counts in by_seed])
    return found


def _apcer_columns(
    name: str, decided: pd.DataFrame | None, species: str, resampling: Resampling
) -> dict[str, float]:
    if decided is None:
        return _unavailable(name)
    rows = decided[(decided["species"] == species) | (decided["label"] == BONA_FIDE)]
    if not (rows["label"] == ATTACK).any():
        return _unavailable(name)  # no frame of this species got a score
    interval = rates(rows["accepted"], rows["label"], rows["subject"], 0.5, resampling)["far"]
    by_seed = rows[rows["label"] == ATTACK].groupby("seed")["accepted"].mean()
    return _columns(name, interval, by_seed.tolist())


def _worst_columns(
    decided: pd.DataFrame | None, ending: str, resampling: Resampling
) -> dict[str, str | float]:
    name = f"worst_apcer{ending}"
    if decided is None:
        return {f"worst_species{ending}": ""} | _unavailable(name)
    species, _ = metrics.worst_apcer(decided["accepted"], decided["label"], 0.5, decided["species"])
    return {f"worst_species{ending}": species} | _apcer_columns(name, decided, species, resampling)


def _counts(table: pd.DataFrame) -> dict[str, float]:
    answered = table["score"].notna()
    return {
        "bonafide": int((table["label"] == BONA_FIDE).sum()),
        "attacks": int((table["label"] == ATTACK).sum()),
        "subjects": table["subject"].nunique(),
        "bpnrr": metrics.bpnrr(answered, table["label"]),
        "worst_apnrr": max(metrics.apnrr(answered, table["label"], table["species"]).values()),
    }


def _least_hter(scores: ArrayLike, labels: ArrayLike) -> float:
    return metrics.hter(scores, labels, metrics.min_hter_threshold(scores, labels))


def _target_threshold(dev: pd.DataFrame, target: float) -> float:
    if dev.empty:
        return UNAVAILABLE
    answered = responses(dev)
    return metrics.apcer_threshold(answered["score"], answered["label"], target, answered["species"])


# --- Curves ----------------------------------------------------------------------------------------------


class _Curve:
    """A ROC whose rows can be weighted: the scores are sorted once, for all resamples."""

    def __init__(self, scores: Floats, labels: ArrayLike) -> None:
        metrics.roc(scores, labels)  # refuses what no curve can be drawn of
        self._order = np.argsort(-scores, kind="stable")
        falling = scores[self._order]
        self._attack = np.asarray(labels)[self._order] == ATTACK
        # Equal scores are accepted together: only the last of each run is an operating point.
        self._cuts = np.flatnonzero(np.append(falling[1:] != falling[:-1], True))

    def accepted(self, far: Floats, copies: ArrayLike | None = None) -> Floats:
        """Return the share of bona fide rows accepted at each FAR; `copies`: how often each row counts."""
        weights = np.ones(self._order.size) if copies is None else np.asarray(copies)[self._order]
        attacks, bonafide = (
            np.concatenate(([0.0], np.cumsum(weights * mine)[self._cuts]))
            for mine in (self._attack, ~self._attack)
        )
        highest = np.searchsorted(attacks / attacks[-1], far, side="right") - 1
        return bonafide[highest] / bonafide[-1]
