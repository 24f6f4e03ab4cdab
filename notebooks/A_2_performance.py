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
# # A.2 What this companion costs to run
#
# After this chapter you can
#
# - say how long the parts of this companion take on one machine, and beside what that is long or short;
# - measure the same on a machine of your own.
#
# The chapter presumes {doc}`/notebooks/03_5_speed`, which says how a time is taken. It measures nothing itself: `make bench` does, in some minutes, and writes
# `benchmarks/results.json`, which this page reads. The file in the repository is that of one run on one machine, named below. Who runs `make bench` sees their own.

# %% tags=["parameters"]
results: str = ""  # another file that `make bench` wrote; empty: benchmarks/results.json

# %% tags=["hide-input"]
import pandas as pd
from myst_nb import glue

from attacknet import paths, performance
from attacknet.display import once, table

report = performance.read(paths.ROOT / results if results else performance.FILE)
kept = report.results if report else ()
if report:
    load = "an unknown number of" if report.load is None else f"{report.load:.1f}"
    about = (
        f"Measured on {report.date:%Y-%m-%d} at commit {report.commit} on {report.machine}. "
        f"When it began, {load} programs wanted a core, on average over a minute."
    )
else:
    about = "Nothing has been measured here yet."
glue("bench-about", about, display=False)

# %% [markdown]
# {glue:text}`bench-about`
#
# Each **task** of {numref}`tab-performance` was done in several **ways**, which took turns in the same run; the better turn counts. **Times the reference** says how many times as
# fast a way is as the one that it is compared with, or for memory how many times as small: more is better. Ratios of one run carry over
# to another machine better than seconds do.


# %% tags=["hide-input"]
def in_words(value: float, unit: str) -> str:
    """Return a value with three significant digits, seconds in a unit that suits them."""
    if unit != "s":
        return f"{value:.3g}\N{NO-BREAK SPACE}{unit}"
    for scale, name in ((1, "s"), (1e-3, "ms"), (1e-6, "µs")):
        if value >= scale:
            return f"{value / scale:.3g}\N{NO-BREAK SPACE}{name}"
    return f"{value / 1e-9:.3g}\N{NO-BREAK SPACE}ns"


rows = [
    {
        "task": one.task,
        "way": one.name,
        "takes": in_words(one.value, one.unit),
        "times the reference": f"{one.ratio:.3g}×" if one.name != one.reference else "the reference",
    }
    for one in kept
] or [{"task": "nothing has been measured here: run `make bench`"}]
table(
    once(pd.DataFrame(rows), "task"),
    name="tab-performance",
    caption="Tasks of this companion, and the ways of doing them.",
    evidence="recomputed",
)

# %% tags=["nbval-check-output"]
values = {(one.task, one.name): one.value for one in kept}
follow = all(one.ratio == values[one.task, one.reference] / one.value for one in kept)
print("every ratio follows from two values of this run:", follow)

# %% [markdown]
# ## What stands beside what
#
# - **Inference**: each runtime beside Keras' `predict`, the networks of Table 1 beside AttackNet, and LiteRT beside the most arithmetic that a core can do.
# - **Predict**: `attacknet predict` on a folder of crops, beside the runtime alone on the same crops in memory.
# - **Metrics**: scikit-learn and a plain loop over a million scores. All three must give the same number before a time counts.
# - **Preparing data**: bare decoding of the same files by the library that decodes them. `prepare` also finds the face, crops it and stores it. With a small share of a database's files,
#   which is the default, starting the workers weighs more.
# - **Training**: the released code's own pipeline on all processors, beside one model a processor; and two Dask workers beside one.
# - **The book**: a build with nothing changed beside one that renders every page again. `make bench OPTIONS=--cold` adds a build from nothing.
#
# ## Summary
#
# - A time is one machine's; a ratio within one run says more.
# - Where a ratio is below one, the companion is slower than what it is compared with, and the table says so.
#
# **To try:** run `make bench` and compare the column of ratios with this page; with `OPTIONS="--share 1"` it prepares as many files as
# the databases have.
#
# **Read next:** {doc}`/notebooks/06_4_scale` turns the cost of a frame into servers.
