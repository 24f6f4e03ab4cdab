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
# # 6.2 ROC, DET and operating points
#
# *Section 6.2.3 of the paper {cite:p}`kuznetsov2024attacknet`: Figure 5, the ROC curves of the fused model.*
#
# After this chapter you can
#
# - draw a ROC curve with a band that says how far other people would have moved it;
# - read off what a detector costs its users at a stated security, and how many people it takes to state it;
# - tell whether a threshold that was set on one database can be used on another.
#
# A ROC curve shows every threshold at once, so it answers a question that an HTER at one threshold leaves open: is there *any*
# good threshold? It hides another one: who is to find it? This chapter asks both.
#
# The chapter presumes {doc}`the metrics of 4.3 <04_3_metrics>`
# and {doc}`the cross-database matrix <05_2_cross_database>`.

# %% tags=["hide-input"]
from dataclasses import replace
from math import ceil

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from myst_nb import glue

from attacknet import book_runs, experiments, explorer, heatmap, metrics, plots
from attacknet.data import load_index
from attacknet.display import MISSING, figure, percent, table
from attacknet.evaluation import (
    ARGMAX,
    Resampling,
    frozen_threshold,
    matrix,
    operating_points,
    roc_band,
)
from attacknet.intervals import clopper_pearson, rule_of_three
from attacknet.paper import tables
from attacknet.paper.tables import DATABASES, NAMES

plots.use_style()

# %% tags=["parameters"]
data_root: str = ""  # folder with a folder of files for each database; empty: the stand-ins
recipe: str = "book"  # how the networks are trained: book, as_written or as_run
protocol: str = "sound"  # who trains, who sets the threshold, who is tested: sound or as_run
allow_leaks: bool = False  # use a protocol although it leaks, as the authors' own do
seeds: int = 3  # trainings that differ in nothing but the seed
targets: list = [0.1, 0.05, 0.01]  # highest APCER that an operating point may have
confidence: float = 0.95  # confidence of every interval and band on this page, between 0 and 1
resamples: int = 1000  # bootstrap resamples of one interval or band

# %%
paper = tables.load()
COLOURS = dict(zip(DATABASES, plots.PALETTE, strict=False))


def between(low: float, high: float) -> str:
    """Return the ends of an interval in per cent."""
    return f"{100 * low:.0f}–{percent(high, 0)}"


# %% [markdown]
# ## What is known of Figure 5
#
# Figure 5 of the paper draws the fused model's curves on four test sets. Its caption says that MSSpoof is left out because the
# model did not generalise well there. The scores behind the curves are not published, but one point of each is: the
# authors' confusion matrices {cite:p}`zakharov2023code` say what the model does at the threshold 0.5. {numref}`fig-known-points` shows all five.

# %% tags=["hide-input"]
fused = {test: paper.counts["fused", test] for test in DATABASES}
fig, panel = plt.subplots(figsize=(plots.WIDTH * 0.62, plots.WIDTH * 0.55))
for hter in (0.1, 0.2, 0.3, 0.4, 0.5):
    panel.plot([0, 2 * hter], [1 - 2 * hter, 1], color="#d1d5db", linewidth=0.8, zorder=0)
    panel.text(
        hter,
        1 - hter,
        f"HTER {hter:g}",
        fontsize=7,
        color="#6b7280",
        rotation=45,
        ha="center",
        va="bottom",
        rotation_mode="anchor",
    )
for test, counts in fused.items():
    far = clopper_pearson(counts.attack_as_bonafide, counts.attacks, confidence)
    accepted = clopper_pearson(counts.bonafide_as_bonafide, counts.bonafide, confidence)
    panel.plot([far.low, far.high], [accepted.estimate] * 2, color=COLOURS[test], linewidth=1.2)
    panel.plot([far.estimate] * 2, [accepted.low, accepted.high], color=COLOURS[test], linewidth=1.2)
    panel.plot(far.estimate, accepted.estimate, "o", color=COLOURS[test], markersize=6, label=NAMES[test])
panel.set(
    xlim=(-0.02, 1.02),
    ylim=(-0.02, 1.04),
    xlabel="FAR: attacks accepted",
    ylabel="1 − FRR: bona fide accepted",
    aspect="equal",
)
panel.legend(loc="lower right")
figure(
    fig,
    name="fig-known-points",
    caption="The fused model at the threshold 0.5, from the authors' counts: one point of each curve of Figure 5, and the point of "
    f"MSSpoof, which the figure leaves out. Intervals at {percent(confidence, 0)}, frames taken as independent. Along a grey line the HTER is constant.",
    alt="A ROC plane with five points. 3DMAD and Replay-Attack lie in the upper left corner, CSMAD and Our Dataset between there and the "
    "diagonal, MSSpoof in the upper right corner.",
    evidence="recomputed",
)
glue("msspoof-far", percent(fused["msspoof"].far), display=False)
glue("msspoof-frr", percent(fused["msspoof"].frr), display=False)

# %% [markdown]
# On MSSpoof the point lies in the upper right corner: {glue:text}`msspoof-far` of the attacks are accepted. That corner is reached by every
# detector whose threshold is low enough, also by a perfect one. So the point says that the *threshold* fails there; whether the
# *model* fails, only the curve could tell, and it is the one that was left out.
#
# ## Figure 5, measured
#
# {numref}`fig-roc` draws the curves of a fused model on the data that are here, all five, with bands. A band holds, at each FAR,
# the middle part of what other people would have given: the people of the test set are drawn anew, with all of their frames.

# %%
jobs = book_runs.cross_database(
    data_root=data_root, recipe=recipe, protocol=protocol, allow_leaks=allow_leaks, seeds=seeds
)
level = experiments.evidence(jobs).value
resampling = Resampling(confidence, resamples)
scored = experiments.run(jobs)
sets = [name for name in DATABASES if name in scored[0].tests]
# With one database there is nothing to fuse, and its own model is shown.
side = experiments.FUSED if len(sets) > 1 else sets[0]
models = [one for one in scored if one.trained_on == side]
results = matrix(models, resampling).set_index("tested_on")

# %% tags=["hide-input"]
# Evenly spaced for the ROC, and closer at its left edge for the DET.
GRID = np.union1d(np.linspace(0, 1, 201), np.geomspace(0.005, 0.98, 120))
bands = {test: roc_band(models, test, GRID, resampling) for test in sets}
fig, axes = plt.subplots(2, 3, figsize=(plots.WIDTH, 5.0), sharex=True, sharey=True)
for panel, test in zip(axes.flat, sets, strict=False):
    band, row, colour = bands[test], results.loc[test], COLOURS[test]
    panel.fill_between(
        GRID, band["accepted_low"], band["accepted_high"], step="post", color=colour, alpha=0.22, linewidth=0
    )
    for end in ("min", "max"):
        panel.step(
            GRID, band[f"accepted_seed_{end}"], where="post", color=colour, linewidth=0.7, linestyle=":"
        )
    panel.step(GRID, band["accepted"], where="post", color=colour)
    panel.plot([0, 1], [0, 1], color="#9ca3af", linewidth=1, linestyle="--", zorder=0)
    panel.plot(row["far"], 1 - row["bpcer"], "D", color="#111827", markersize=5)
    panel.plot(row["far_argmax"], 1 - row["bpcer_argmax"], "s", color=plots.PALETTE[1], markersize=5)
    panel.set_title(NAMES[test], fontsize=9.5)
    panel.text(0.98, 0.04, f"AUC {row['auc']:.2f}", transform=panel.transAxes, ha="right", fontsize=8)
for panel in axes.flat[len(sets) :]:
    panel.axis("off")
axes.flat[-1].legend(
    handles=[
        plt.Line2D([], [], color="#6b7280", label=f"mean of {seeds} seeds"),
        plt.Line2D([], [], color="#6b7280", linewidth=0.7, linestyle=":", label="least and greatest seed"),
        plt.Rectangle(
            (0, 0),
            1,
            1,
            color="#6b7280",
            alpha=0.22,
            linewidth=0,
            label=f"band over people, {percent(confidence, 0)}",
        ),
        plt.Line2D(
            [], [], marker="D", color="#111827", linestyle="none", markersize=5, label="frozen threshold"
        ),
        plt.Line2D(
            [], [], marker="s", color=plots.PALETTE[1], linestyle="none", markersize=5, label="threshold 0.5"
        ),
    ],
    loc="center",
)
for panel in axes[1]:
    panel.set_xlabel("FAR")
for panel in axes[:, 0]:
    panel.set_ylabel("1 − FRR")
figure(
    fig,
    name="fig-roc",
    caption=f"ROC of AttackNet trained on all databases, on each test set. Recipe `{recipe}`, protocol `{protocol}`. The diamond is where the "
    "threshold of the development split lands, the square where 0.5 does.",
    alt="A panel for each test set with a ROC curve, a shaded band around it and two marks; the dashed diagonal is guessing.",
    evidence=level,
)
width = {test: float((band["accepted_high"] - band["accepted_low"]).max()) for test, band in bands.items()}
widest, narrowest = max(width, key=width.get), min(width, key=width.get)
for key, test in (("widest", widest), ("narrowest", narrowest)):
    glue(
        key, f"{NAMES[test]} ({results.loc[test, 'subjects']} people, up to {width[test]:.2f})", display=False
    )

# %% [markdown]
# The highest band is that of {glue:text}`widest`, the lowest that of {glue:text}`narrowest`. A curve without a band invites comparisons that it
# cannot bear. Where the people are very few, even the band is too narrow: drawing the same five again and again shows nobody new. The
# dotted lines show how far training again, from other initial weights, moves the curve.
#
# The diamond and the square come from the same scores. Only the threshold tells them apart.
#
# ## DET: the same on stretched axes
#
# Most of a ROC is of no interest: nobody runs a detector that lets every second attack pass. The DET curve
# {cite:p}`martin1997det` stretches the corner that matters.

# %% tags=["hide-input"]
ticks = [0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 0.95]
places = metrics.probit(ticks)
fig, (left, right) = plt.subplots(1, 2, figsize=(plots.WIDTH, 3.7), width_ratios=(1.35, 1))
for test in sets:
    deviates = metrics.probit(GRID), metrics.probit(1 - bands[test]["accepted"])
    left.step(*deviates, where="post", color=COLOURS[test], label=NAMES[test])
left.plot(places, places, color="#9ca3af", linewidth=1, linestyle="--", zorder=0)
names = [f"{100 * tick:g}" for tick in ticks]
left.set_xticks(places, names)
left.set_yticks(places, names)
left.set(xlim=(places[0] - 0.1, places[-1] + 0.1), ylim=(places[0] - 0.1, places[-1] + 0.1), aspect="equal")
left.set(title="DET", xlabel="FAR, %", ylabel="FRR, %")
left.legend(loc="lower left", fontsize=7.5)
attacked = {
    name: one.loc[one["label"] == metrics.ATTACK, "subject"].nunique()
    for name, one in models[0].tests.items()
}
least = {test: rule_of_three(attacked[test]) for test in sets}
right.barh(
    range(len(sets)), [least[test] for test in sets], color=[COLOURS[test] for test in sets], alpha=0.75
)
for y, test in enumerate(sets):
    right.text(min(least[test], 0.98) + 0.01, y, percent(least[test], 0), va="center", fontsize=8)
right.set_yticks(range(len(sets)), [NAMES[test] for test in sets])
right.set(title="lowest limit of an APCER", xlabel="3 / people", xlim=(0, 1.2), ylim=(len(sets) - 0.5, -0.5))
right.grid(axis="y", visible=False)
figure(
    fig,
    name="fig-det",
    caption="Left: DET curves, mean over the seeds; on the dashed diagonal both errors are equal. Right: the upper limit of the APCER that "
    "a test set could show at best, if not one attack on its people were accepted.",
    alt="Left, falling step curves on axes from 1 to 95 per cent; right, a bar for each test set, the longer the fewer people it has.",
    evidence=level,
)

# %% [markdown]
# The steps of the curves are the frames. But frames of one person rise and fall together, so the resolution of a test set is
# set by its people. The right of {numref}`fig-det` applies the rule of three ({doc}`04_3_metrics`): *n* people without an error bound the
# rate by 3/*n*. Nothing below that bound can be stated, however smooth the curve looks. So many people it takes to state a
# target:

# %% tags=["nbval-check-output"]
for target in targets:
    print(f"APCER {percent(target, 0)}: {ceil(3 / target)} people, none accepted")

# %% [markdown]
# ## Operating points
#
# The standard asks for the BPCER at a stated APCER {cite:p}`iso30107-3`: what do the users pay for the security? {numref}`tab-operating` sets the
# threshold so that *every* species of the development split keeps the target, and counts on the test set. A protocol without a
# development split, as the authors' own, has no operating points. The last column is
# what a threshold that meets the target on the test set itself would have cost. Papers often report that one. It cannot be had: it takes
# the attacker's test results to set it.

# %% tags=["hide-input"]
points = operating_points(models, targets, resampling).dropna(subset="threshold")
shown = points.sort_values("tested_on", key=lambda names: names.map(sets.index), kind="stable")
table(
    pd.DataFrame(
        {
            "tested on": [NAMES[name] for name in shown["tested_on"]],
            "target": [percent(target, 0) for target in shown["target"]],
            "worst species": shown["worst_species"].str.replace("_", " "),
            "its APCER": shown["worst_apcer"],
            "APCER, interval": [
                between(*ends)
                for ends in zip(shown["worst_apcer_low"], shown["worst_apcer_high"], strict=True)
            ],
            "BPCER": shown["bpcer"],
            "BPCER, interval": [
                between(*ends) for ends in zip(shown["bpcer_low"], shown["bpcer_high"], strict=True)
            ],
            "BPCER, own threshold": shown["own_bpcer"],
        }
    ),
    name="tab-operating",
    caption=f"Operating points of the fused model: threshold from the development split, mean of {seeds} seeds, intervals over people at "
    f"{percent(confidence, 0)}.",
    evidence=level,
    formats=dict.fromkeys(["its APCER", "BPCER", "BPCER, own threshold"], lambda rate: percent(rate, 0)),
)
met = points["worst_apcer"] <= points["target"]
glue("points", len(points), display=False)
glue("points-met", int(met.sum()), display=False)

# %% [markdown]
# In {glue:text}`points-met` of {glue:text}`points` rows the worst species keeps the target on the test set as well. A target that is met on the
# development split is a hope for the test set: other people, sometimes other species, and a threshold chosen where few attacks
# lie.
#
# {numref}`fig-targets` asks the same of all models, on their own database and on the others.

# %% tags=["hide-input"]
everyone = operating_points(scored, targets, resampling).dropna(subset="threshold")
where = np.where(
    everyone["trained_on"] == experiments.FUSED,
    "fused",
    np.where(everyone["trained_on"] == everyone["tested_on"], "own database", "other database"),
)
everyone = everyone.assign(where=where)
fig, panels = plt.subplots(1, 2, figsize=(plots.WIDTH, 3.0), sharey=True)
KINDS = {
    "own database": ("o", plots.PALETTE[0]),
    "fused": ("D", plots.PALETTE[2]),
    "other database": ("s", plots.PALETTE[1]),
}
for panel, name, title in zip(
    panels, ("worst_apcer", "bpcer"), ("APCER of the worst species", "BPCER"), strict=True
):
    for k, (kind, (marker, colour)) in enumerate(KINDS.items()):
        part = everyone[everyone["where"] == kind]
        for x, target in enumerate(targets):
            values = part.loc[part["target"] == target, name].to_numpy()
            if len(values):
                shift = x + 0.24 * (k - 1)
                panel.plot(np.full(len(values), shift), values, ".", color=colour, alpha=0.35, markersize=5)
                panel.plot(
                    shift, values.mean(), marker, color=colour, markersize=6, label=kind if x == 0 else None
                )
    if name == "worst_apcer":
        for x, target in enumerate(targets):
            panel.plot(
                [x - 0.4, x + 0.4],
                [target, target],
                color="#111827",
                linewidth=1.2,
                label="target" if x == 0 else None,
            )
    panel.set_xticks(range(len(targets)), [percent(target, 0) for target in targets])
    panel.set(title=title, xlabel="target APCER on the development split", ylim=(-0.03, 1.03))
    panel.grid(axis="x", visible=False)
panels[0].set_ylabel("rate on the test set")
fig.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=4)
figure(
    fig,
    name="fig-targets",
    caption="What became of a target: each pair of training side and test set a dot, their mean a larger mark. Left, the attacks: black lines are "
    "the target. Right, what the users pay.",
    alt="Two panels with three groups each. Left, the shares of accepted attacks beside the line of the target; right, the shares of "
    "rejected bona fide frames.",
    evidence=level,
)
missed = everyone.groupby("where").apply(
    lambda t: float((t["worst_apcer"] > t["target"]).mean()), include_groups=False
)
for kind, key in (("own database", "own"), ("other database", "other")):
    glue(f"missed-{key}", percent(missed[kind], 0) if kind in missed else MISSING, display=False)

# %% [markdown]
# On their own database the models miss the target in {glue:text}`missed-own` of the cases, on another in {glue:text}`missed-other`.
#
# ## Does a threshold travel?
#
# In the cross-database matrix of {doc}`05_2_cross_database` the model and the threshold travel together. Here the model stays: it is the fused
# one, which has seen all databases. Only the threshold is set on the development split of one database and used on the test set of
# another. {numref}`fig-transfer` shows the HTER.

# %% tags=["hide-input"]
samples = {one.manifest.id: set(load_index(one.dataset, one.root)["sample"]) for one in jobs[0].tests}
moved = [
    replace(one, trained_on=name, dev=one.dev[one.dev["sample"].isin(samples[name])])
    for name in sets
    for one in models
]
transfer = matrix(moved, resampling).set_index(["trained_on", "tested_on"])
cells = pd.DataFrame(
    [[transfer.loc[(a, b), "hter"] for b in sets] for a in sets],
    [NAMES[a] for a in sets],
    [NAMES[b] for b in sets],
)
notes = pd.DataFrame(
    [
        [f"FAR {transfer.loc[(a, b), 'far']:.2f}  FRR {transfer.loc[(a, b), 'bpcer']:.2f}" for b in sets]
        for a in sets
    ]
)
fig, panel = plt.subplots(figsize=(plots.WIDTH, 0.55 * len(sets) + 0.6))
heatmap.draw(panel, cells, notes, evidence=level, framed=[(k, k) for k in range(len(sets))])
panel.set(xlabel="tested on", ylabel="threshold from")
figure(
    fig,
    name="fig-transfer",
    caption="HTER of one model, the fused one, under thresholds from the development split of each database. Framed: threshold and test "
    "are of the same database.",
    alt="A square matrix of databases with an HTER in each cell and FAR and FRR below it; the diagonal is framed.",
    evidence=level,
)
same = transfer.index.get_level_values(0) == transfer.index.get_level_values(1)
for key, rows in (("same", same), ("other", ~same)):
    hter, gap = transfer.loc[rows, "hter"].mean(), (transfer["far"] - transfer["bpcer"])[rows].abs().mean()
    glue(f"transfer-{key}", MISSING if np.isnan(hter) else percent(hter), display=False)
    glue(f"gap-{key}", MISSING if np.isnan(gap) else f"{gap:.2f}", display=False)

# %% [markdown]
# With a threshold from the same database the mean HTER is {glue:text}`transfer-same`, with one from another {glue:text}`transfer-other`. The HTER
# is not the whole of it: a threshold that is too low accepts more attacks and rejects fewer bona fide frames, and the mean of the two
# may hardly move. FAR and FRR differ by {glue:text}`gap-same` on the average in the first case and by {glue:text}`gap-other` in the second.
#
# ## Move the threshold yourself
#
# {numref}`fig-operating-point` holds the scores of the first of the {glue:text}`models` fused models. On a screen it can be moved, as in {doc}`04_3_metrics`:
# choose a test set, then a threshold, and say how often each species of attack counts.

# %% tags=["hide-input"]
first = models[0]
explorer.show(
    [
        explorer.View(
            NAMES[test],
            first.tests[test],
            {
                "development split": frozen_threshold(first.dev),
                "the paper’s": ARGMAX,
                # The same rule on the test set itself, which nobody could follow beforehand.
                "own D-EER": frozen_threshold(first.tests[test]),
            },
        )
        for test in sets
    ],
    name="fig-operating-point",
    caption=f"One fused model on one test set, {NAMES[sets[0]]} first, at one threshold. Left, a histogram for each species; "
    "solid bars are wrong decisions. Right, the ROC curve; the cross is an interval at "
    f"{percent(confidence, 0)} that takes each person for one trial.",
    alt="A histogram of the bona fide scores and one of each attack species with a common threshold, and a ROC curve with the point of that "
    "threshold and a wide cross around it.",
    evidence=level,
    confidence=confidence,
)
glue("models", len(models), display=False)

# %% [markdown]
# The D-EER of the test set itself is no threshold that an operator could have had. The FAR depends on the mix as well as on the
# detector: let a species that the model recognises count more often, and the FAR falls, while the APCER of every species stays. A step of
# the curve is a frame; the cross is as wide as few people make it, and copies of frames do not narrow it.
#
# ## Summary
#
# - Of each curve of Figure 5 one point can be checked. The curve that was left out is the one that would tell whether the model or its
#   threshold fails on MSSpoof.
# - A ROC needs a band over people. The fewer people, the less of its left edge means anything.
# - A target for the APCER holds where it was set. What it is worth on other people, and on other attacks, must be measured there.
#
# **To try:** run this chapter with `-p targets '[0.2]'`, and explain why the worst species decides.
#
# **Read next:** {doc}`06_3_audit` for the claims of the whole paper.
