"""Findings about cost: parameters, operations, the units of Table 1, and time."""

from collections.abc import Iterator
from fractions import Fraction

from attacknet.paper import layers
from attacknet.paper.findings.base import Alternative, Finding, Weight
from attacknet.paper.printed import SCALES, Printed
from attacknet.paper.tables import Paper, slug

MEGA = 10**6


def find(paper: Paper) -> Iterator[Finding]:
    """Yield the findings about cost."""
    yield from mixed_units(paper)
    yield from same_input(paper)
    yield from parameter_unit(paper)
    yield from rival_parameters(paper)
    yield from input_size(paper)
    yield from throughput(paper)


def multiple(printed: Printed, madds: int | Fraction) -> Fraction | None:
    """Return the factor of {1/2, 1, 2} by which a printed cost is the multiply-adds, or None.

    Half a unit of the last printed digit is allowed, and for a network that is counted here one per cent
    for what the count may include beside convolutions and dense layers.
    """
    for factor in (Fraction(1, 2), Fraction(1), Fraction(2)):
        if abs(printed.value - factor * madds) <= max(printed.half_width, factor * madds / 100):
            return factor
    return None


def mixed_units(paper: Paper) -> Iterator[Finding]:
    """Compute the ratio of each cost in Table 1 to the network's multiply-adds."""
    macs = {slug(r["model"]): Fraction(r["madds_m"]) * MEGA for r in paper.published}
    macs["attacknet"] = Fraction(layers.attacknet_cost().macs)
    factors = {}
    lines = []
    for row in paper.table1:
        printed = Printed.parse(row["mflops"], unit="MFLOPs")
        factors[row["model"]] = multiple(printed, macs[slug(row["model"])])
        lines.append(
            f"{row['model']}: printed {row['mflops']}; multiply-adds "
            f"{float(macs[slug(row['model'])] / MEGA):.1f} M; ratio "
            f"{float(printed.value / macs[slug(row['model'])]):.2f}; as 2 × multiply-adds "
            f"{float(2 * macs[slug(row['model'])] / MEGA):.1f}."
        )
    units = set(factors.values())
    if len(units) <= 1:
        return
    own = float(macs["attacknet"] / MEGA)
    small = float(macs["mobilenetv3-small-1.0"] / MEGA)
    yield Finding(
        "table1-units",
        f"Table 1 mixes {len(units)} units in one column",
        Weight.CONCLUSION,
        "; ".join(f"{row['model']} {row['mflops']}" for row in paper.table1),
        "; ".join(
            f"{model}: {float(f):g} × multiply-adds" if f else f"{model}: unknown"
            for model, f in factors.items()
        ),
        (
            *(f"t1.{slug(row['model'])}.mflops" for row in paper.table1),
            "s.3.2.comparable",
            "s3.2.mflops",
            "s7.1.mflops",
        ),
        (
            *lines,
            f"In one unit MobileNetV3-Small costs {small / own:.1f} times as much as AttackNet; Table 1 "
            f"suggests {float(_cost(paper, 'mobilenetv3-small-1.0') / _cost(paper, 'attacknet')):.1f} "
            "times.",
            "The rivals' figures hold for 224×224 pixels and 1,000 classes, AttackNet's for 32×32 and two: "
            f"the input alone has {(224 / 32) ** 2:.0f} times the pixels.",
        ),
        "certain: each printed figure is half, once or twice the published multiply-adds"
        if None not in units
        else "certain that the ratios differ; the unit of a figure marked unknown is open",
        "The costs in Table 1 cannot be compared with each other.",
        (
            Alternative(
                "all rows are 2 × multiply-adds",
                f"fits {', '.join(model for model, factor in factors.items() if factor == 2) or 'no row'}",
            ),
            Alternative("the halved rows are another width of the network", _other_width(paper)),
        ),
    )


def same_input(paper: Paper) -> Iterator[Finding]:
    """Hold the rivals' multiply-adds against AttackNet's where all read AttackNet's input."""
    own = layers.attacknet_cost().macs
    macs = {row["model"]: int(row["macs"]) for row in paper.at_32}
    cheaper = [model for model, cost in macs.items() if cost < own]
    printed = {row["model"]: row["mflops"] for row in paper.table1}
    if not cheaper:
        return
    yield Finding(
        "rivals-at-32",
        f"At AttackNet's input {len(cheaper)} of the {len(macs)} other networks of Table 1 cost less",
        Weight.CONCLUSION,
        "; ".join(f"{model} {printed[model]}" for model in ("AttackNet", *macs)),
        "; ".join(f"{model} {cost / MEGA:.1f} M multiply-adds" for model, cost in macs.items())
        + f"; AttackNet {own / MEGA:.1f} M",
        tuple(f"t1.{slug(model)}.mflops" for model in ("AttackNet", *macs)),
        (
            "Multiply-adds of convolutions and dense layers at 32×32 pixels and two classes, counted layer "
            "by "
            "layer in the networks as built.",
            *(
                f"{model}: {cost:,} = {cost / own:.2f} of AttackNet's {own:,}."
                for model, cost in macs.items()
            ),
        ),
        "certain as a count; how long each takes, and how well it would tell attacks, is another question",
        "The order of costs in Table 1 does not hold at one size of input.",
    )


def _cost(paper: Paper, model: str) -> Fraction:
    return Printed.parse(next(r["mflops"] for r in paper.table1 if slug(r["model"]) == model)).value


def _other_width(paper: Paper) -> str:
    costs = {row["model"]: Fraction(row["madds_m"]) for row in paper.published}
    hits = [
        f"{row['model']} = {name}"
        for row in paper.table1
        for name, madds in costs.items()
        if name != row["model"] and abs(Fraction(row["mflops"]) - madds) <= Fraction(1, 2)
    ]
    return "; ".join(hits) if hits else "no published width listed here has these figures"


def parameter_unit(paper: Paper) -> Iterator[Finding]:
    """Try section 3.2's number of parameters in every unit."""
    row = paper.row("text", "s3.2.parameters")
    count = layers.attacknet_cost().parameters
    printed = Printed.parse(row["printed"], row["half_width"], row["unit"])
    if printed.admits(Fraction(count)):
        return
    fitting = [
        unit
        for unit in ("k", "M")
        if Printed.parse(row["printed"], row["half_width"], unit).admits(Fraction(count))
    ]
    yield Finding(
        "parameters-unit",
        f"Section 3.2 prints {row['printed']}{row['unit']} parameters; it is "
        f"{row['printed']}{''.join(fitting)}",
        Weight.DETAIL,
        f"{row['printed']}{row['unit']} = {float(printed.value):g}",
        f"{count:,}",
        ("s3.2.parameters",),
        (
            f"Layer table: {count:,} parameters. {row['printed']} × {int(SCALES['k']):,} = "
            f"{float(printed.value):g}; {row['printed']} × {int(SCALES['M']):,} = "
            f"{float(Fraction(row['printed']) * SCALES['M']):,.0f}.",
        ),
        "certain; Table 1 and section 7.1 print 0.3M",
        "None beyond the slip.",
        (
            Alternative(
                "normalisation behind every convolution, as 3.4 says",
                f"{layers.attacknet_cost(normalise_every_convolution=True).parameters:,} parameters; prints "
                "the same digits",
            ),
            Alternative(
                "concatenated instead of added skip connections",
                f"{layers.attacknet_cost(concatenate=True).parameters:,} parameters; excluded by 0.3M",
            ),
        ),
    )


def rival_parameters(paper: Paper) -> Iterator[Finding]:
    """Hold parameters of Table 1 against the rivals' publications."""
    published = {row["model"]: Fraction(row["parameters_m"]) for row in paper.published}
    for row in paper.table1:
        if row["model"] not in published or not row["parameters"]:
            continue
        printed = Printed.parse(row["parameters"])
        if printed.admits(published[row["model"]]):
            continue
        same = [name for name, value in published.items() if printed.admits(value)]
        yield Finding(
            f"parameters-{slug(row['model'])}",
            f"Table 1 gives {row['model']} {row['parameters']}M parameters; its publication "
            f"{float(published[row['model']])}M",
            Weight.NUMBER,
            f"{row['parameters']}M",
            f"{float(published[row['model']])}M",
            (f"t1.{slug(row['model'])}.parameters",),
            (
                f"Published models of this list with {row['parameters']}M: {', '.join(same) or 'none'}.",
                "The cell may belong to two rows in the original layout; the available text does not show "
                "its borders.",
            ),
            "certain that the figure is not that of the model named in its row; the layout of the cell is "
            "not legible",
            "The contrast in parameters that section 3.2 draws shrinks; AttackNet remains smaller by a "
            f"factor of {float(published[row['model']] * MEGA / layers.attacknet_cost().parameters):.1f}.",
            (
                Alternative(
                    "the figure is that of the row above (a merged cell)",
                    _row_above(paper, row, printed, published),
                ),
            ),
        )


def _row_above(paper: Paper, row: dict[str, str], printed: Printed, published: dict[str, Fraction]) -> str:
    above = paper.table1[paper.table1.index(row) - 1]["model"]
    value = published.get(above)
    if value is None:
        return f"no published figure for {above} is at hand"
    return f"{above} has {float(value)}M: {'fits' if printed.admits(value) else 'does not fit either'}"


def input_size(paper: Paper) -> Iterator[Finding]:
    """Find which square inputs give the printed cost and parameters; the paper states no input size."""
    cost, parameters = paper.text_number("s3.2.mflops"), paper.text_number("s7.1.parameters")
    sides = [
        side
        for side in range(4, 257, 4)
        if cost.admits(Fraction(layers.attacknet_cost(side).flops))
        and parameters.admits(Fraction(layers.attacknet_cost(side).parameters))
    ]
    if len(sides) != 1:
        return
    found = layers.attacknet_cost(sides[0])
    without = Fraction(2 * found.macs)
    yield Finding(
        "input-size",
        f"The input size is not stated; only {sides[0]}×{sides[0]} pixels give the printed cost and "
        "parameters",
        Weight.NUMBER,
        "no input size; 22.7 MFLOPs, 0.3M parameters",
        f"{sides[0]}×{sides[0]}×3: {found.flops / MEGA:.2f} MFLOPs, {found.parameters:,} parameters",
        ("s3.2.mflops", "s7.1.mflops", "s7.1.parameters", "t1.attacknet.mflops", "t1.attacknet.parameters"),
        (
            "Every side from 4 to 256 in steps of 4 was tried (two poolings need a multiple of 4).",
            f"2·{found.macs:,} + {found.bias_additions:,} = {found.flops:,}; without bias additions "
            f"{float(without) / MEGA:.2f} M, which would print {float(without) / MEGA:.1f}.",
        ),
        "certain for this layer table; the released models take "
        f"{paper.as_run['input_side']}×{paper.as_run['input_side']}",
        "A face of this size carries no print dots, no pixel grid and little skin texture, which bears on "
        "what section 5.3 reads from the attention maps.",
    )


def throughput(paper: Paper) -> Iterator[Finding]:
    """Tell what the printed time says about the work done in it."""
    latency, runs = paper.text_number("s3.2.latency"), paper.text_number("s3.2.runs").value
    flops = layers.attacknet_cost().flops
    rate = Fraction(flops) / latency.value
    yield Finding(
        "latency",
        f"{latency.text} ms an image is {float(rate / 10**9):.1f} GFLOP/s: likely the time of the call, not "
        "of the network",
        Weight.NUMBER,
        f"{latency.text} ms, {paper.text_number('s3.2.fps').text} FPS",
        f"{float(1 / latency.value):.0f} FPS; {float(rate / 10**9):.1f} GFLOP/s",
        ("s3.2.latency", "s3.2.fps", "s3.2.runs"),
        (
            f"1/{float(latency.value):g} s = {float(1 / latency.value):.1f} a second; with rounding "
            f"{float(1 / latency.range.high):.0f} to {float(1 / latency.range.low):.0f}.",
            f"{flops:,} operations in {float(latency.value):g} s = {float(rate / 10**9):.2f} GFLOP/s.",
            f"{int(runs):,} runs took {float(runs * latency.value):.0f} s.",
        ),
        "certain as arithmetic; that overhead dominates is an inference, for which chapter 3.5 shows how far "
        "the times of one network spread by the way of asking. No other machine can contradict the time",
        "The time depends on the framework and the call more than on the network, so it is no measure of "
        "its efficiency. Framework, batch size and threads are not stated.",
    )
