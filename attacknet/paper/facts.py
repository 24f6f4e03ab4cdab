"""What is held against the printed numbers: values that follow from counts, code, listings or other prints.

Each fact has a key, and a claim names the keys that bear on it. Independent facts come from outside the
paper's text (the authors' counts and code, owners' file lists, cited publications, arithmetic on the layer
table); they can reproduce or contradict a claim. The others follow from further numbers of the paper and can
only agree with it or not. All values are in base units: shares in [0, 1], seconds, single operations.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from attacknet import capacity
from attacknet.metrics import Confusion
from attacknet.paper import layers
from attacknet.paper.exact import (
    CLASSES,
    GUESSING,
    METRICS,
    f1,
    interval,
    other,
    precision_at,
    rates,
    via_rounded_inputs,
)
from attacknet.paper.printed import Printed, Range, exactly
from attacknet.paper.tables import DATABASES, Paper, slug


@dataclass(frozen=True)
class Fact:
    """A value that a printed number can be compared with.

    Attributes
    ----------
    key
        Unique name.
    value
        The value, or all values that the source leaves open.
    source
        Where it comes from, in words.
    arithmetic
        How it was computed, with its numbers.
    independent
        Whether the source lies outside the paper.
    chained
        The value as it comes out when its inputs are rounded first, where the authors compute it so.
    """

    key: str
    value: Range
    source: str
    arithmetic: str
    independent: bool
    chained: Fraction | None = None


def collect(paper: Paper) -> dict[str, Fact]:
    """Return all facts by key."""
    families = (
        _counts,
        _table4,
        _prints,
        _model,
        _code,
        _listings,
        _published,
        _statements_on_cost,
        _statements,
    )
    return {fact.key: fact for family in families for fact in family(paper)}


def _outside(key: str, value: Fraction | int, source: str, arithmetic: str) -> Fact:
    return Fact(key, exactly(value), source, arithmetic, independent=True)


# --- The authors' counts -----------------------------------------------------------------------------------

COUNTS = "the authors' confusion counts"
PAPER = "other parts of the paper"


def _counts(paper: Paper) -> Iterator[Fact]:
    for (train, test), matrix in paper.counts.items():
        for name in CLASSES:
            for metric in METRICS:
                yield _rate(f"counts.{train}.{test}.{name}.{metric}", matrix, name, metric)
        yield _rate(f"counts.{train}.{test}.hter", matrix, CLASSES[0], "hter")
    own = paper.counts["own", "own"]
    total = own.bonafide + own.attacks
    yield _outside("counts.own.images", total, COUNTS, f"{own.bonafide} + {own.attacks} = {total}")
    for name, number in zip(CLASSES, (own.bonafide, own.attacks), strict=True):
        yield _outside(f"counts.own.share.{name}", Fraction(number, total), COUNTS, f"{number} of {total}")


def _rate(key: str, matrix: Confusion, name: str, metric: str) -> Fact:
    return Fact(
        key,
        exactly(rates(matrix, name)[metric]),
        COUNTS,
        arithmetic(matrix, name, metric),
        independent=True,
        chained=via_rounded_inputs(matrix, name, metric),
    )


def arithmetic(matrix: Confusion, name: str, metric: str) -> str:
    """Return a rate's computation with its counts in it, for a reader to follow.

    Parameters
    ----------
    name
        Class of precision, recall and F1.
    metric
        One of ``precision``, ``recall``, ``f1``, ``far``, ``frr``, ``hter``.
    """
    kept, rejected = matrix.bonafide_as_bonafide, matrix.bonafide_as_attack
    accepted, caught = matrix.attack_as_bonafide, matrix.attack_as_attack
    hit, missed, wrongly = (kept, rejected, accepted) if name == CLASSES[0] else (caught, accepted, rejected)
    far, frr = f"{accepted}/{matrix.attacks}", f"{rejected}/{matrix.bonafide}"
    terms = {
        "precision": f"{hit}/({hit} + {wrongly})",
        "recall": f"{hit}/({hit} + {missed})",
        "f1": f"2·{hit}/(2·{hit} + {wrongly} + {missed})",
        "far": far,
        "frr": frr,
        "hter": f"({far} + {frr})/2",
    }
    return f"{terms[metric]} = {float(rates(matrix, name)[metric]):.4f}"


# --- Numbers of the paper that follow from other numbers of the paper --------------------------------------


def _table4(paper: Paper) -> Iterator[Fact]:
    """Relations inside a cell of Table 4, with every printed rate taken as its rounding interval."""
    for train, test in paper.hter:
        span = {
            (name, metric): paper.table4[train, test, name, metric].range
            for name in CLASSES
            for metric in METRICS
        }
        missed = {name: _complement(span[name, "recall"]) for name in CLASSES}
        far, frr = missed[CLASSES[1]], missed[CLASSES[0]]
        for name in CLASSES:
            prefix = f"inner.{train}.{test}.{name}"
            recall, precision = span[name, "recall"], span[name, "precision"]
            taken = missed[other(name)]
            balanced = _corners(lambda r, t: precision_at(r, t, Fraction(1)), recall, taken, falling=True)
            yield _inner(f"{prefix}.precision", balanced, "from the two recalls at equal class sizes")
            yield _inner(
                f"{prefix}.f1", _corners(f1, precision, recall), "equation 6, from precision and recall"
            )
            yield _inner(f"{prefix}.far", far, "equation 7: 1 - recall of the attacks")
            yield _inner(f"{prefix}.frr", frr, "equation 8: 1 - recall of the bona fide")
        mean = Range((far.low + frr.low) / 2, (far.high + frr.high) / 2)
        yield _inner(f"inner.{train}.{test}.hter", mean, "equation 9, from the two recalls")
        rate = [paper.table4[train, test, CLASSES[0], metric].range for metric in ("far", "frr")]
        mean = Range((rate[0].low + rate[1].low) / 2, (rate[0].high + rate[1].high) / 2)
        yield _inner(f"inner.{train}.{test}.hter.rates", mean, "equation 9, from the printed FAR and FRR")


def _inner(key: str, value: Range, how: str) -> Fact:
    return Fact(key, value, "other rates of the same cell of Table 4", how, independent=False)


def _complement(span: Range) -> Range:
    return Range(max(Fraction(0), 1 - span.high), min(Fraction(1), 1 - span.low))


def _corners(
    rule: Callable[[Fraction, Fraction], Fraction], first: Range, second: Range, *, falling: bool = False
) -> Range:
    """Return the range of a rule that rises with `first` and rises (or falls) with `second`, both shares."""
    low, high = (second.high, second.low) if falling else (second.low, second.high)
    return Range(rule(_share(first.low), _share(low)), rule(_share(first.high), _share(high)))


def _share(value: Fraction) -> Fraction:
    """Return the nearest number in [0, 1]: the rounding interval of 1.00 reaches beyond it."""
    return min(Fraction(1), max(Fraction(0), value))


def _prints(paper: Paper) -> Iterator[Fact]:
    """Totals, splits and conversions between numbers of the running text and of Table 2."""
    images, training, validation = (
        Printed.parse(paper.row("table2", name)["printed"]).value
        for name in ("images", "training.images", "validation.images")
    )

    def derived(key: str, value: Range, how: str) -> Fact:
        return Fact(f"derived.{key}", value, "other numbers of the paper", how, independent=False)

    yield derived("own_images", exactly(training + validation), f"{training} + {validation}")
    for key, part in (("own_training", training), ("own_validation", validation)):
        share = part / images
        yield derived(key, exactly(share), f"{part}/{images} = {float(share):.4f}")
    for key, terms in {
        "csmad_attacks": ("s4.1.1.wear", "s4.1.1.stand"),
        "msspoof_clients": ("s4.1.3.clients.train", "s4.1.3.clients.dev", "s4.1.3.clients.test"),
        "msspoof_real": ("s4.1.3.real.visible", "s4.1.3.real.infrared"),
    }.items():
        values = [paper.text_number(term).value for term in terms]
        yield derived(key, exactly(sum(values)), " + ".join(map(str, values)))
    latency, fps = paper.text_number("s3.2.latency").range, paper.text_number("s3.2.fps").range
    yield derived(
        "fps_from_latency", Range(1 / latency.high, 1 / latency.low), "1 s divided by the printed time"
    )
    yield derived("latency_from_fps", Range(1 / fps.high, 1 / fps.low), "1 s divided by the printed rate")
    test_sets = {test for _, test in paper.hter}
    yield derived("test_sets", exactly(len(test_sets)), "column groups of Table 4")
    columns = [c for c in paper.table1[0] if c not in ("model", "reference")]
    yield derived("measures", exactly(len(columns)), "columns of numbers in Table 1")


# --- The layer table and the released code -----------------------------------------------------------------


def _model(_: Paper) -> Iterator[Fact]:
    source = "arithmetic on the layer table at 32×32×3 and two classes"
    cost = layers.attacknet_cost()
    doubled = f"2·{cost.macs:,} multiply-accumulates + {cost.bias_additions:,} bias additions"
    yield _outside("model.flops", cost.flops, source, f"{doubled} = {cost.flops:,}")
    yield _outside("model.parameters", cost.parameters, source, f"{cost.parameters:,} weights and statistics")
    released = "layers of the released models"
    for key, value in {
        "phases": len(layers.FILTERS) + 1,
        "convolutions_a_phase": layers.CONVOLUTIONS_A_PHASE,
        "kernel_side": layers.KERNEL,
        "filter_growth": layers.FILTERS[1] // layers.FILTERS[0],
        "dense_units": layers.DENSE_UNITS,
        "classes": layers.CLASSES,
    }.items():
        yield _outside(f"model.{key}", value, released, str(value))
    for key, argument in (("tanh_low", -100), ("tanh_high", 100)):
        value = round(math.tanh(argument))
        yield _outside(f"model.{key}", value, "the function itself", f"tanh({argument}) = {value}")


def _code(paper: Paper) -> Iterator[Fact]:
    run, source = paper.as_run, _code_source(paper)
    for key in (
        "batch_size",
        "learning_rate",
        "epochs",
        "patience",
        "dense_dropout",
        "dense_units",
        "kernel_side",
    ):
        yield _outside(f"as_run.{key}", Fraction(str(run[key])), source, f"{key} = {run[key]}")
    own = run["images"]["own"]
    yield _outside("as_run.own.training", own["training"], source, "images loaded")
    yield _outside("as_run.own.test", own["test"], source, "images loaded")
    total = own["training"] + own["test"]
    yield _outside("as_run.own.images", total, source, f"{own['training']} + {own['test']} = {total}")


def _code_source(paper: Paper) -> str:
    origin = paper.as_run["source"]
    return f"released code, {origin['repository']} at {origin['commit'][:7]}"


# --- Public file lists and cited publications --------------------------------------------------------------


def _listings(paper: Paper) -> Iterator[Fact]:
    csmad, mad, mss = (paper.listings[name] for name in ("csmad", "3dmad", "msspoof"))
    replay, own = paper.listings["replay_attack"], paper.listings["own"]

    def listed(key: str, value: Fraction | int, how: str) -> Fact:
        return _outside(f"listing.{key}", value, paper.listings[key.partition(".")[0]]["source"], how)

    def total(key: str, *parts: dict[str, int]) -> Fact:
        values = [n for part in parts for n in part.values()]
        return listed(key, sum(values), f"{' + '.join(map(str, values))} = {sum(values)}")

    yield listed("csmad.subjects", len(csmad["bonafide_videos"]), ", ".join(csmad["bonafide_videos"]))
    yield listed("csmad.targets", len(csmad["targets"]), ", ".join(csmad["targets"]))
    yield listed("csmad.masks", len(csmad["wear_videos"]), ", ".join(csmad["wear_videos"]))
    for key in ("bonafide_videos", "wear_videos", "stand_videos"):
        yield total(f"csmad.{key}", csmad[key])
    yield total("csmad.attack_videos", csmad["wear_videos"], csmad["stand_videos"])

    sessions = mad["bonafide_sessions"] + mad["attack_sessions"]
    frames = mad["subjects"] * sessions * mad["videos_a_session"] * mad["frames_a_video"]
    product = f"{mad['subjects']}·{sessions}·{mad['videos_a_session']}·{mad['frames_a_video']} = {frames}"
    yield listed("3dmad.frames", frames, f"subjects·sessions·videos·frames = {product}")
    yield listed("3dmad.sessions", sessions, f"{mad['bonafide_sessions']} + {mad['attack_sessions']}")
    for key in ("subjects", "bonafide_sessions", "frame_width", "frame_height"):
        yield listed(f"3dmad.{key}", mad[key], str(mad[key]))

    clients = sum(mss["clients"].values())
    yield total("msspoof.clients", mss["clients"])
    for split, number in mss["clients"].items():
        yield listed(f"msspoof.clients_{split}", number, str(number))
    yield listed("msspoof.landmarks", mss["landmarks"], str(mss["landmarks"]))
    yield total("msspoof.real", mss["real_visible"], mss["real_infrared"], mss["enrolment"])
    for kind, most in mss["a_client"].items():
        how = f"{most['clients']} of {clients} clients have {most['images']}, enrolment included"
        yield listed(f"msspoof.a_client.{kind}", most["images"], how)

    yield total(
        "replay_attack.videos", replay["real_videos"], replay["attack_videos"], replay["enrolment_videos"]
    )
    yield total("replay_attack.clients", replay["clients"])
    yield listed("replay_attack.scenarios", len(("real_videos", "attack_videos")), "real accesses, attacks")
    yield listed("replay_attack.lighting", len(replay["lighting"]), ", ".join(replay["lighting"]))
    for key in ("frame_width", "frame_height"):
        yield listed(f"replay_attack.{key}", replay[key], str(replay[key]))

    yield total("own.files", own["real_files"], own["fake_files"])
    yield listed("own.sets", len((own["real_files"], own["fake_files"])), "real, fake")


def _published(paper: Paper) -> Iterator[Fact]:
    for row in paper.published:
        prefix = f"published.{slug(row['model'])}"
        yield _outside(
            f"{prefix}.madds",
            Fraction(row["madds_m"]) * 10**6,
            row["source"],
            f"{row['madds_m']} M multiply-adds, as published; {2 * float(row['madds_m']):g} M operations in "
            "the unit of AttackNet's row, which counts a multiply-add as two",
        )
        yield _outside(
            f"{prefix}.parameters",
            Fraction(row["parameters_m"]) * 10**6,
            row["source"],
            f"{row['parameters_m']} M",
        )


# --- Statements: 1 where the statement holds, 0 where it does not ------------------------------------------


def _holds(key: str, verdict: bool, how: str, source: str = COUNTS) -> Fact:
    return Fact(f"statement.{key}", exactly(int(verdict)), source, how, independent=source != PAPER)


def _statements_on_cost(paper: Paper) -> Iterator[Fact]:
    small = next(row for row in paper.published if row["model"] == "MobileNetV3-Small 1.0")
    ratio = Fraction(small["madds_m"]) * 10**6 / layers.attacknet_cost().macs
    yield _holds(
        "comparable_cost",
        ratio < 2,
        f"in one unit, {float(ratio):.1f} times AttackNet's multiply-adds; less than twice would be "
        "comparable",
        small["source"],
    )

    own = layers.attacknet_cost().parameters
    times = Fraction(small["parameters_m"]) * 10**6 / own
    yield _holds(
        "small_has_more",
        times > 2,
        f"{float(times):.1f} times AttackNet's {own:,}; more than twice would be substantial",
        small["source"],
    )
    named = [row for row in paper.published if row["model"].startswith(("MobileNetV3", "ShuffleNet"))]
    least = min(named, key=lambda row: Fraction(row["parameters_m"]))
    yield _holds(
        "rivals_have_more",
        Fraction(least["parameters_m"]) * 10**6 > own,
        f"the fewest are {least['model']}'s {least['parameters_m']} M, against AttackNet's {own:,}",
        least["source"],
    )


def _statements(paper: Paper) -> Iterator[Fact]:
    def hter(train: str, test: str) -> Fraction:
        return rates(paper.counts[train, test], CLASSES[0])["hter"]

    mss = paper.listings["msspoof"]
    available = mss["real_visible"]["test"] + mss["real_infrared"]["test"] + mss["enrolment"]["test"]
    used = paper.counts["msspoof", "msspoof"].bonafide
    yield _holds(
        "msspoof_official_test",
        used <= available,
        f"{used} bona fide used, {available} in the test split",
        f"{COUNTS}; {mss['source']}",
    )
    replay = paper.listings["replay_attack"]
    attacks, claimed = sum(replay["attack_videos"].values()), paper.text_number("s4.1.4.videos").value
    yield _holds(
        "replay_attack_clips",
        attacks == claimed,
        f"{attacks} of the {claimed} clips are attacks",
        replay["source"],
    )

    for row in paper.table3:
        same = (row["actual"], row["predicted"]) == (row["actual_in_prose"], row["predicted_in_prose"])
        how = (
            f"Table 3: actual {row['actual']}, predicted {row['predicted']}; "
            f"prose: actual {row['actual_in_prose']}, predicted {row['predicted_in_prose']}"
        )
        yield _holds(f"prose_{row['name'].lower()}", same, how, PAPER)

    fused = paper.counts["fused", "msspoof"]
    rejected, accepted = fused.bonafide_as_attack, fused.attack_as_bonafide
    how = f"{rejected} of {fused.bonafide} bona fide rejected, {accepted} of {fused.attacks} attacks accepted"
    for key in ("fused_misses_genuine", "fused_is_cautious"):
        yield _holds(key, rejected > accepted, how)
    yield _holds("fused_low_recall", fused.bonafide_as_bonafide < fused.attack_as_attack, how)

    yield _holds(
        "validation_unseen",
        "training" not in paper.as_run["validation_data"],
        paper.as_run["validation_data"],
        _code_source(paper),
    )
    monitored = paper.as_run["early_stopping_monitors"]
    yield _holds(
        "stops_on_validation", "validation" in monitored, f"it monitors the {monitored}", _code_source(paper)
    )

    cited = next(
        c["reference"] for c in paper.citations if c["section"] == "6.2.1" and c["subject"] == "MS-LBP"
    )
    listed = {row["publication"] for row in paper.table5 if row["model"] == "MS-LBP"}
    yield _holds(
        "mslbp_reference", {cited} == listed, f"text [{cited}], Table 5 [{', '.join(sorted(listed))}]", PAPER
    )

    others = len(DATABASES) - 1
    own = hter("fused", "own")
    for key, train in (("fused_below_own", "own"), ("fused_below_msspoof", "msspoof")):
        yield _holds(
            key, own < hter(train, "own"), f"{float(own):.3f} against {float(hter(train, 'own')):.3f}"
        )
    single = [test for test in DATABASES if hter("fused", test) < hter(test, test)]
    yield _holds(
        "fused_below_single", 2 * len(single) > len(DATABASES), f"lower on {len(single)} of {len(DATABASES)}"
    )
    cross = [
        test
        for test in DATABASES
        if hter("fused", test) < sum(hter(train, test) for train in DATABASES if train != test) / others
    ]
    how = f"lower than the mean of the other databases' models on {len(cross)} of {len(DATABASES)}"
    yield _holds("fused_below_cross", 2 * len(cross) > len(DATABASES), how)

    loads = [10**n for n in range(4)]
    servers = [capacity.smallest(load, 1, wait=1).servers for load in loads]
    yield _holds(
        "servers_below_proportion",
        all(more < 10 * few for few, more in pairwise(servers)),
        f"{', '.join(map(str, loads))} erlangs need {', '.join(map(str, servers))} servers for 99 % of waits "
        "within one service time, whatever the network; the work itself grows in proportion",
        "Erlang's formula for the queue M/M/c",
    )

    ends = {
        test: interval(paper.counts["csmad", test], CLASSES[0], "hter")[1]
        for test in DATABASES
        if test != "csmad"
    }
    how = "95 % intervals of the HTER reach up to " + ", ".join(f"{t} {e:.3f}" for t, e in ends.items())
    yield _holds("csmad_carries_over", max(ends.values()) < GUESSING, f"{how}; guessing gives {GUESSING}")

    every = layers.attacknet_cost(normalise_every_convolution=True).parameters
    built = layers.attacknet_cost().parameters
    yield _holds(
        "batch_normalisation_each",
        every == built,
        f"behind each convolution there would be {every:,} parameters; the released network has {built:,}",
        "layers of the released models",
    )
    first, second = paper.as_run["leaky_relus"]
    how = f"{first} LeakyReLU layers in the first phase, {second} in the second"
    yield _holds("phases_alike", first == second, how, "layers of the released models")

    year = {row["number"]: int(row["year"]) for row in paper.references}
    years = [year[c["reference"]] for c in paper.citations if c["section"] == "2"]
    yield _holds("chronological", years == sorted(years), ", ".join(map(str, years)), PAPER)
