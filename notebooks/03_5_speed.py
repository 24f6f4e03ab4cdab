# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 3.5 Speed
#
# *Section 3.2 of the paper {cite:p}`kuznetsov2024attacknet`, its last number: how long one inference takes.*
#
# After this chapter you can
#
# - time a network so that somebody else can repeat it, and say what the time is a time of;
# - tell the cost of a call from the cost of the arithmetic, and choose a runtime by it;
# - compare networks by measured time, and check that a faster file still decides as the network did.
#
# The chapter presumes {doc}`/notebooks/03_2_efficiency`, which counts what is timed here. The times on this page are this machine's, under the load that
# it had; each new run of the chapter changes them.

# %% tags=["parameters"]
runs: int = 0  # calls of each way of asking; 0: as many as fit into `seconds`; the paper: 50000
seconds: float = 0.3  # for each way of asking, where `runs` is 0
batch: int = 64  # pictures a call, where more than one is asked
own_input: int = 224  # height and width of the other networks' own pictures, in pixels
data_root: str = ""  # folder with a folder of files for each dataset, for the last section; empty: stand-ins
recipe: str = "book"  # how the network of the last section was trained: book, as_written or as_run

# %% tags=["hide-input"]
import logging
import os

# TensorFlow's greetings, and its notes on each file that it writes.
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
logging.disable(logging.INFO)

import matplotlib.pyplot as plt
import pandas as pd
from myst_nb import glue

from attacknet import book_runs, experiments, exportable, latency, machine, parity, plots, rivals
from attacknet.display import figure, once, percent, table
from attacknet.evidence import Evidence
from attacknet.latency import EXPORTS, KERAS, MATMUL, Way
from attacknet.paper import layers, ledger, tables

plots.use_style()
claims, paper = ledger.load(), tables.load()
load = machine.load()  # before anything is timed

# %% [markdown]
# ## One number, and what it leaves out
#
# Section 3.2 reports that the model was run {claim}`s3.2.runs` times on a laptop, and that one inference took {claim}`s3.2.latency` ms on
# average, or {claim}`s3.2.fps` a second. The second number is the first one turned over. With the operations of {doc}`/notebooks/03_1_architecture`,
# here with the additions of biases as the paper counts them, one more can be derived:

# %% tags=["nbval-check-output"]
flops = layers.attacknet_cost().flops
printed = float(paper.text_number("s3.2.latency").value)
print(f"1 s / {1000 * printed:g} ms = {1 / printed:.0f} a second")
print(f"{flops:,} operations / {1000 * printed:g} ms = {flops / printed / 1e9:.1f} GFLOP/s")

# %% [markdown]
# That is little. One core of the machine that made this page does {glue:text}`peak-times` times as much when it multiplies matrices. So the printed time is probably not
# that of the network but of the *call*: the way from an array to an answer, with the checks, copies and dispatches of whatever software carried it. The paper does
# not say which software that was, how many pictures a call had, or how many threads were used. All three matter, as the rest of this page shows.
#
# No measurement on another machine can contradict {claim}`s3.2.latency` ms. What can be asked is which ways of asking the same network
# are *that* slow.
#
# ## Seven ways to ask the same network
#
# - **Keras `predict`** is made for whole datasets: it builds an input pipeline for each call. **`call`** (`model(x)`) goes through the layers one by one in
#   Python. **`predict_on_batch`** and **`tf.function`** compile the network into a graph and run that.
# - **ONNX Runtime** and **LiteRT** read a file that `attacknet export` wrote: no Python in between, neighbouring operations fused, memory laid out
#   beforehand. **LiteRT int8** computes with bytes in place of floating-point numbers.
#
# How it is timed (`attacknet.latency`): each call begins and ends with an array in memory. All ways take turns in ten rounds, so whatever else the machine
# does strikes each of them; the first call of a turn is not counted. One thread and all threads live in processes of their own. In the same rounds numpy
# multiplies two matrices of 512×512: about the most arithmetic that a program gets out of a core, its **measured peak**. The networks are untrained, which makes no
# difference to the time. Energy is not measured, and nothing is claimed about it.
#
# On a machine that does other work as well, a call of many milliseconds is interrupted and one of a tenth of a millisecond mostly is not. Other work can only add, so the
# **fastest** call says what code and machine can do together, and the **median** what a caller got.

# %%
OWN = "released"  # AttackNet as its authors released it
CORES = machine.cores()
THREADS = tuple(dict.fromkeys((1, CORES)))
PEAK = 512  # side of the matrices

asked = [Way(runtime, OWN, 32, size, threads) for runtime in (*KERAS, *EXPORTS) for size in (1, batch) for threads in THREADS]  # fmt: skip
products = [Way(MATMUL, "", PEAK, threads=threads) for threads in THREADS]
compared = [Way("LiteRT float32", name, side) for name in rivals.BUILDERS for side in (32, own_input)]
times = latency.measure([*products, *asked, *compared], runs=runs, seconds=seconds)


# %% tags=["hide-input"]
def of(**wanted: object) -> pd.DataFrame:
    """Return the rows of AttackNet or others whose columns have these values, by runtime."""
    rows = times
    for column, value in wanted.items():
        rows = rows[rows[column] == value]
    return rows.set_index("runtime")


def ms(duration: float) -> str:
    """Return seconds in milliseconds with about two significant digits."""
    value = 1000 * duration
    return f"{value:.{3 if value < 0.1 else 2 if value < 1 else 1 if value < 10 else 0}f}"


def spread(row: pd.Series) -> str:
    """Return the milliseconds between which nine calls in ten lie."""
    return f"{ms(row['low'])} to {ms(row['high'])}"


product = of(runtime=MATMUL, threads=1).iloc[0]
peak = 2 * PEAK**3 / product["fastest"]
single = of(network=OWN, batch=1, threads=1)
every = of(network=OWN, batch=1, threads=CORES)
share = flops / single["fastest"] / peak
conditions = f"{machine.in_words()}. " + (
    "" if load is None else f"Before the run {load:.1f} programs wanted a core, on average over a minute."
)
table(
    pd.DataFrame(
        {
            "way of asking": single.index,
            "fastest, ms": [ms(value) for value in single["fastest"]],
            "median, ms": [ms(value) for value in single["median"]],
            "nine in ten, ms": [spread(row) for _, row in single.iterrows()],
            "calls": single["calls"].to_numpy(),
            "share of peak": share.to_numpy(),
            f"median, ms, {CORES} threads": [ms(value) for value in every["median"]],
        }
    ),
    name="tab-ways",
    caption=f"AttackNet on one picture of 32×32, by seven ways of asking; one thread, but for the last column. Share of peak: operations a second in the fastest call, "
    f"over those of numpy's fastest product ({peak / 1e9:.0f} GFLOP/s); int8 does cheaper operations than those of this peak. {conditions}",
    evidence="recomputed",
    formats={"share of peak": lambda value: percent(value, 1)},
)

# %% tags=["hide-input"]
alone = single["fastest"]
slowest, fastest = alone.idxmax(), alone.idxmin()
factor = alone["Keras predict"] / alone
slower = [name for name in alone.index if alone[name] > printed]
glue("peak-times", f"{peak * printed / flops:.0f}", display=False)
glue("ways-slowest", slowest, display=False)
glue("ways-fastest", fastest, display=False)
glue("ways-spread", f"{alone.max() / alone.min():,.0f}", display=False)
glue("ways-litert", f"{factor['LiteRT float32']:,.0f}", display=False)
glue("ways-litert-share", percent(share["LiteRT float32"], 0), display=False)
glue("ways-predict-share", percent(share["Keras predict"], 2), display=False)
glue("ways-slower", ", ".join(slower) or "none", display=False)
glue("ways-faster", f"{len(single) - len(slower)} of {len(single)}", display=False)

# %% [markdown]
# By the fastest calls, the same network takes {glue:text}`ways-spread` times as long by the slowest way ({glue:text}`ways-slowest`) as by the fastest ({glue:text}`ways-fastest`).
# `predict` uses {glue:text}`ways-predict-share` of what the core can do: its time is that of the call. LiteRT with the same numbers uses
# {glue:text}`ways-litert-share`, and answers {glue:text}`ways-litert` times while `predict` answers once.
#
# Slower than the paper's {claim}`s3.2.latency` ms even in its fastest call, on this machine and in this run: {glue:text}`ways-slower`. {glue:text}`ways-faster` ways are faster. So the printed
# time is within the reach of a training framework's calls and says little about the network; a runtime made for devices needs far less.
#
# ## More pictures a call
#
# A call that costs the same for one picture as for many is worth sharing. {numref}`fig-batches` asks each way for one picture and for
# a batch, with one thread and with all.

# %% tags=["hide-input"]
fig, panel = plt.subplots(figsize=(plots.WIDTH, 3.6))
order = [*KERAS, *EXPORTS]
height = 0.19
styles = [(size, threads) for size in (1, batch) for threads in THREADS]
words = []
for place, (size, threads) in enumerate(styles):
    rates = size / of(network=OWN, batch=size, threads=threads, side=32).loc[order, "fastest"]
    label = f"{size} a call, {threads} thread{'s' if threads > 1 else ''}"
    rows = [row + (place - (len(styles) - 1) / 2) * height for row in range(len(order))]
    panel.barh(rows, rates, height=height, color=plots.PALETTE[0 if size == 1 else 1],
               alpha=1 if threads == 1 else 0.5, label=label)  # fmt: skip
    words.append(f"{label}: " + ", ".join(f"{name} {rate:,.0f}" for name, rate in rates.items()))
panel.axvline(1 / printed, color="#6b7280", linestyle="--", linewidth=1)
panel.set(xscale="log", xlabel="pictures a second", ylim=(len(order) - 0.5, -0.5))
panel.set_yticks(range(len(order)), order)
panel.xaxis.set_major_formatter("{x:,.0f}")
panel.grid(visible=False, axis="y")
panel.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=len(styles), borderaxespad=0.2, columnspacing=1)
figure(
    fig,
    name="fig-batches",
    caption=f"Pictures a second in the fastest call, on a logarithmic scale: one picture a call and {batch}, one thread and {CORES}. Dashed: the paper's rate. {conditions}",
    alt="Bars of pictures a second for seven ways of asking. " + ". ".join(words) + ".",
    evidence="recomputed",
)
shared = alone / (of(network=OWN, batch=batch, threads=1, side=32)["fastest"] / batch)
glue("batch-gain-predict", f"{shared['Keras predict']:,.0f}", display=False)
glue("batch-gain-litert", f"{shared['LiteRT float32']:.1f}", display=False)
glue("batch", batch, display=False)

# %% [markdown]
# A batch of {glue:text}`batch` makes `predict` {glue:text}`batch-gain-predict` times as fast for a picture, since the call is paid once. For LiteRT float32 that factor is
# {glue:text}`batch-gain-litert`: it had little to share, and this companion hands its files one picture at a time (a factor below one tells of interruptions, which strike long calls). A door has one face before it; a batch
# helps who scores recordings.
#
# ## Side by side with the networks of Table 1
#
# Which of six networks is the fastest? {doc}`/notebooks/03_2_efficiency` counted operations and left the question open. {numref}`tab-side` asks all
# of them in the same rounds, by the same runtime (LiteRT float32, one thread, one picture a call), at AttackNet's input and at their own, each with two classes.


# %% tags=["hide-input"]
def on(name: str, side: int) -> pd.Series:
    """Return what was measured of a network of Table 1."""
    rows = of(network=OWN if name == "AttackNet" else name, side=side, batch=1, threads=1)
    return rows.loc["LiteRT float32"]


names = [row["model"] for row in tables.rows("table1")]
at_32 = pd.DataFrame({name: on(name, 32) for name in names}).T
at_own = pd.DataFrame({name: on(name, 32 if name == "AttackNet" else own_input) for name in names}).T
macs = {row["model"]: int(row["macs"]) for row in paper.at_32} | {"AttackNet": layers.attacknet_cost().macs}
relative = at_32["fastest"] / at_32["fastest"]["AttackNet"]
table(
    pd.DataFrame(
        {
            "network": names,
            "MACs at 32², M": [macs[name] / 1e6 for name in names],
            "fastest, ms": [ms(value) for value in at_32["fastest"]],
            "times AttackNet's": relative.to_numpy(),
            "GFLOP/s": [2 * macs[name] / at_32["fastest"][name] / 1e9 for name in names],
            "median, ms": [ms(value) for value in at_32["median"]],
            "own input": ["32²" if name == "AttackNet" else f"{own_input}²" for name in names],
            "fastest there, ms": [ms(value) for value in at_own["fastest"]],
            "median there, ms": [ms(value) for value in at_own["median"]],
        }
    ),
    name="tab-side",
    caption=f"Six networks in LiteRT float32, one thread, one picture a call. {conditions}",
    evidence="recomputed",
    formats={"MACs at 32², M": ".1f", "times AttackNet's": ".2f", "GFLOP/s": ".0f"},
)

# %% tags=["hide-input"]
ahead = [name for name in names if relative[name] < 1]
behind = [name for name in names if relative[name] > 1]
cheaper = [name for name in names if macs[name] < macs["AttackNet"]]
losing = [name for name in cheaper if name in behind]
times_own = at_own["fastest"] / at_own["fastest"]["AttackNet"]
ahead_own = [name for name in names if times_own[name] < 1]
verdict = (
    f"AttackNet is not the fastest: {' and '.join(ahead)} {'answer' if len(ahead) > 1 else 'answers'} sooner"
    if ahead
    else "AttackNet is the fastest of the six"
)
verdict_own = (
    f"{' and '.join(ahead_own)} {'answer' if len(ahead_own) > 1 else 'answers'} sooner than AttackNet"
    if ahead_own
    else "AttackNet is the fastest"
)
glue("side-verdict", verdict, display=False)
glue("side-verdict-own", verdict_own, display=False)
glue("side-least", relative.idxmin(), display=False)
glue("side-least-share", f"{relative.min():.2f}", display=False)
glue("side-cheaper", len(cheaper), display=False)
glue("side-losing", len(losing), display=False)
glue("side-own", f"{own_input}×{own_input}", display=False)
glue("side-pixels", f"{(own_input / 32) ** 2:.0f}", display=False)
glue("side-own-next", f"{times_own.drop('AttackNet').min():.1f}", display=False)

# %% [markdown]
# **At the same input** {glue:text}`side-verdict`; {glue:text}`side-least` takes {glue:text}`side-least-share` of its time. {glue:text}`side-cheaper` of the other five do fewer multiplications
# there, and {glue:text}`side-losing` of them take longer all the same. Their operations are of another kind: a depthwise convolution
# does little arithmetic on each value that it loads, and a network of many small layers pays for each of them. AttackNet's few wide
# convolutions come nearer to the core's peak, as the column of GFLOP/s shows.
#
# **Each at its own input**, {glue:text}`side-own` for the others, {glue:text}`side-verdict-own`: the best of the others takes {glue:text}`side-own-next` times as long, on
# {glue:text}`side-pixels` times as many pixels. As in {doc}`/notebooks/03_2_efficiency`, it is the small input that is cheap.
#
# Whether the others would detect attacks as well from 32×32 pixels, no time answers; {doc}`/notebooks/05_1_per_dataset` trains one of them.
#
# ## Does an export decide as the network does?
#
# A faster file is worth nothing if it decides otherwise. {numref}`tab-parity` takes a trained AttackNet, writes it in three formats, and lets network and file score
# the same test sets: the largest difference between two scores of one face, how many decisions change at the network's threshold, and the HTER before and
# after with its interval over people.

# %%
jobs = book_runs.fused_model(data_root=data_root, recipe=recipe)
experiments.make(jobs)
trained = [exportable.of_run(experiments.find_run(job), job.tests) for job in jobs]
rows = parity.report(trained)

# %% tags=["hide-input"]
levels = set(rows["evidence"])
NAMES_OF = {"onnx": "ONNX", "litert": "LiteRT float32", "litert-int8": "LiteRT int8"}


def rate(row: pd.Series, name: str) -> str:
    """Return an HTER with its interval."""
    return f"{row[name]:.3f} ({row[f'{name}_low']:.3f} to {row[f'{name}_high']:.3f})"


table(
    once(
        pd.DataFrame(
            {
                "format": [NAMES_OF[name] for name in rows["format"]],
                "tested on": [tables.NAMES.get(name, name) for name in rows["tested_on"]],
                "faces": rows["faces"],
                "largest difference": rows["largest_difference"],
                "decisions changed": rows["decisions_changed"],
                "HTER, network": [rate(row, "hter") for _, row in rows.iterrows()],
                "HTER, file": [rate(row, "hter_exported") for _, row in rows.iterrows()],
            }
        ),
        "format",
    ),
    name="tab-parity",
    caption=f"{trained[0].model}, trained on all datasets together by the recipe {recipe}: the network beside its exports. HTER at the threshold of the development set, in brackets its 95 % interval.",
    evidence="licensed" if levels == {Evidence.LICENSED.value} else "stand-in",
    formats={"largest difference": ".1e"},
)

# %% tags=["nbval-check-output"]
floats = rows[rows["format"] != "litert-int8"]
parity.require_same_decisions(rows)
print("faces scored by network and files:", len(rows) > 0)
print("a float32 file changes no decision:", bool((floats["decisions_changed"] == 0).all()))
print("a float32 file's scores differ by less than 0.001:", bool((floats["largest_difference"] < 1e-3).all()))

# %% tags=["hide-input"]
int8 = rows[rows["format"] == "litert-int8"]
glue("parity-int8", int(int8["decisions_changed"].sum()), display=False)
glue("parity-faces", f"{int(int8['faces'].sum()):,}", display=False)
glue("parity-hter", f"{(int8['hter_exported'] - int8['hter']).abs().max():.3f}", display=False)

# %% [markdown]
# The float32 files decide as the network does; were it otherwise, `attacknet export` would refuse to write them. With int8 {glue:text}`parity-int8` of {glue:text}`parity-faces` decisions
# change, and an HTER by at most {glue:text}`parity-hter`: it is another network, close to the first, and needs a test of its own before it guards anything.
#
# ## Summary
#
# - The paper's {claim}`s3.2.latency` ms is one of many times that this network can take. By the way of asking alone it varies {glue:text}`ways-spread` times.
# - A time means something together with runtime, batch, threads, machine and load. On one machine in one run, ratios mean more than milliseconds.
# - Fewer multiplications are not less time. At the same input {glue:text}`side-verdict`.
# - Exported with float32, the network is faster and decides the same; with int8 it decides almost the same.
#
# **To try:** `runs` 50000 repeats the paper's number of runs for each way, and takes hours for Keras' `predict`. Set `own_input` to 64 and see whether the order of the networks
# stays; run the chapter while another program keeps a core busy, and compare medians and shares of the peak.
#
# **Read next:** {doc}`/notebooks/06_4_scale` counts what else a frame costs besides the network, and how many servers that makes.
