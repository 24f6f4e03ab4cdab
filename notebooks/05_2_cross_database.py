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
# # 5.2 The cross-database matrix
#
# *Sections 5.1 and 6.2.2 of the paper {cite:p}`kuznetsov2024attacknet`: trained on one database, tested on another.*
#
# After this chapter you can
#
# - read a cross-database matrix, and say which of its numbers are told apart from guessing, and by how many people;
# - measure one: threshold frozen on the training side, rates by species, intervals over people, spread over seeds;
# - tell a model that cannot separate new pictures from one whose threshold has moved.
#
# The chapter shows three matrices: the printed one, the one that follows from the authors' counts, and the one that is measured
# on the data that are here. They have three colours and three captions, and no sentence sets a number of one beside a
# number of another as if it were the same quantity.
#
# The chapter presumes {doc}`the metrics of 4.3 <04_3_metrics>` and
# {doc}`Table 4 from the counts <05_0_table4>`.

# %% tags=["hide-input"]
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from myst_nb import glue

from attacknet import book_runs, experiments, heatmap, measured, plots, released
from attacknet.data import protocols
from attacknet.data.index import expected_index
from attacknet.display import MISSING, figure, percent, table
from attacknet.errors import AttackNetError
from attacknet.evaluation import Resampling, by_species, matrix
from attacknet.evidence import Evidence
from attacknet.intervals import by_subjects
from attacknet.metrics import ATTACK, BONA_FIDE
from attacknet.paper import exact, ledger, tables
from attacknet.paper.ledger import Status
from attacknet.paper.tables import DATABASES, NAMES, TRAINED_ON

plots.use_style()

# %% tags=["parameters"]
data_root: str = ""  # folder with a folder of files for each database; empty: the stand-ins
recipe: str = "book"  # how the networks are trained: book, as_written or as_run
protocol: str = "sound"  # who trains, who sets the threshold, who is tested: sound or as_run
allow_leaks: bool = False  # use a protocol although it leaks, as the authors' own do
seeds: int = 3  # trainings of each network that differ in nothing but the seed
rivals: list = ["iqm_svm", "lbp_svm", "constant"]  # models to compare with, trained once
confidence: float = 0.95  # confidence of every interval on this page, between 0 and 1
resamples: int = 1000  # bootstrap resamples of one interval

# %%
paper, claims = tables.load(), ledger.load()
CROSS = [(a, b) for a in DATABASES for b in DATABASES if a != b]


def as_matrix(cells: dict[tuple[str, str], object]) -> pd.DataFrame:
    """Return values by training side and test set, in the order of the paper's Table 4."""
    trained, tested = (dict.fromkeys(names) for names in zip(*cells, strict=True))
    sides, sets = [t for t in TRAINED_ON if t in trained], [t for t in DATABASES if t in tested]
    rows = [[cells[train, test] for test in sets] for train in sides]
    return pd.DataFrame(rows, [NAMES[t] for t in sides], [NAMES[t] for t in sets])


def show_matrix(rates: pd.DataFrame, notes: pd.DataFrame, evidence: str, **texts: str) -> None:
    """Draw one of the three matrices."""
    fig, panel = plt.subplots(figsize=(plots.WIDTH, 0.5 * len(rates) + 0.5))
    framed = [(row, rates.columns.get_loc(name)) for row, name in enumerate(rates.index) if name in rates]
    heatmap.draw(panel, rates, notes, evidence=evidence, framed=framed)
    panel.set(xlabel="tested on", ylabel="trained on")
    figure(fig, evidence=evidence, **texts)


# %% [markdown]
# ## What is printed
#
# {numref}`fig-printed` holds the HTERs of Table 4. Those of the fused model are not legible in the available text. The signs
# are the verdicts of {doc}`05_0_table4`.

# %% tags=["hide-input"]
SIGN = {
    Status.REPRODUCED: "✓",
    Status.CONSISTENT: "✓ within rounding",
    Status.CONTRADICTED: "✗ excluded",
    Status.UNCHECKABLE: "not legible",
}
printed = {cell: np.nan if number is None else float(number.value) for cell, number in paper.hter.items()}
verdicts = {cell: claims[f"t4.{cell[0]}.{cell[1]}.hter"].status for cell in paper.hter}
show_matrix(
    as_matrix(printed),
    as_matrix({cell: SIGN[status] for cell, status in verdicts.items()}),
    "paper",
    name="fig-printed",
    caption="HTER as Table 4 prints it. Framed: trained and tested on the same database. A tick: the authors' counts give the "
    "number; a cross: they exclude it.",
    alt="A matrix of six training sides and five test sets. The framed diagonal is light, nearly all other cells are dark; the row "
    "of the fused model is empty.",
)
glue("printed-crosses", sum(s is Status.CONTRADICTED for s in verdicts.values()), display=False)

# %% [markdown]
# ## What the counts give
#
# {numref}`fig-recomputed` is computed from the thirty confusion matrices that one of the authors published
# {cite:p}`zakharov2023code`. {glue:text}`printed-crosses` cells differ from the printed ones, for the reasons given in {doc}`chapter 6.3 <06_3_audit>`.
#
# Below each number stands an interval, and it is a deliberately plain one: **each person counts as one trial**. The frames of one video resemble
# each other, and those of one person too; how much, counts cannot tell. Taking all frames as independent gives the narrowest
# interval that could be defended, taking all frames of a person as one gives the widest. The truth lies in between. {numref}`tab-people` shows how
# far apart the two are, and that this is decided by how few people were tested.

# %%
split = {name: protocols.apply(expected_index(name), "as_run") for name in DATABASES}
people = {
    (name, label): one[(one["split"] == "test") & (one["label"] == label)]["subject"].nunique()
    for name, one in split.items()
    for label in (BONA_FIDE, ATTACK)
}


def by_people(cell: tuple[str, str]) -> tuple[float, float]:
    """Return an interval of the HTER with each person as one trial; both rates must be inside theirs."""
    counts, each = paper.counts[cell], 1 - (1 - confidence) / 2
    far = by_subjects(counts.far, people[cell[1], ATTACK], each)
    frr = by_subjects(counts.frr, people[cell[1], BONA_FIDE], each)
    return (far.low + frr.low) / 2, (far.high + frr.high) / 2


recomputed = {cell: counts.hter for cell, counts in paper.counts.items()}
narrow = {
    cell: exact.interval(counts, "bonafide", "hter", confidence) for cell, counts in paper.counts.items()
}
wide = {cell: by_people(cell) for cell in paper.counts}

# %% tags=["hide-input"]
show_matrix(
    as_matrix(recomputed),
    as_matrix({cell: f"{low:.2f}–{high:.2f}" for cell, (low, high) in wide.items()}),
    "recomputed",
    name="fig-recomputed",
    caption=f"HTER from the authors' counts, with intervals at {percent(confidence, 0)} that take each person of the test set as "
    "one trial. 0.5 is what guessing gives.",
    alt="The same matrix from the counts, with the fused model's row filled. Below each number stands an interval, and nearly all of "
    "them reach beyond one half.",
)

# %% tags=["hide-input"]
rows = []
for test in DATABASES:
    cells = [cell for cell in paper.counts if cell[1] == test]
    counts = paper.counts[cells[0]]
    rows.append(
        {
            "tested on": NAMES[test],
            "people, bona fide": people[test, BONA_FIDE],
            "people, attacks": people[test, ATTACK],
            "frames of each class": counts.bonafide,
            "width, frames independent": np.mean([narrow[c][1] - narrow[c][0] for c in cells]),
            "width, people as trials": np.mean([wide[c][1] - wide[c][0] for c in cells]),
        }
    )
table(
    pd.DataFrame(rows),
    name="tab-people",
    caption="How wide the interval of an HTER is, mean over the six models, if frames are independent and if each person is one "
    "trial. People: of the authors' test sets, as far as the file names tell; for their own set, videos.",
    evidence="recomputed",
    formats=dict.fromkeys(["width, frames independent", "width, people as trials"], ".2f"),
)


def below_guessing(intervals: dict[tuple[str, str], tuple[float, float]]) -> int:
    """Return how many of the cross-database cells lie below 0.5 with their whole interval."""
    return sum(intervals[cell][1] < exact.GUESSING for cell in CROSS)


glue("cells", len(CROSS), display=False)
glue("below-narrow", below_guessing(narrow), display=False)
glue("below-wide", below_guessing(wide), display=False)
lopsided = [abs(paper.counts[c].far - paper.counts[c].frr) for c in CROSS]
glue("lopsided", sum(gap > 0.5 for gap in lopsided), display=False)
glue("csmad-masks", people["csmad", ATTACK], display=False)

# %% tags=["nbval-check-output"]
print("HTER from the counts")
for name, chosen in (("within", [(d, d) for d in DATABASES]), ("across", CROSS)):
    values = [recomputed[cell] for cell in chosen]
    print(f"{name}: mean {np.mean(values):.3f}, {min(values):.3f} to {max(values):.3f}")
print(f"whole interval below guessing, of {len(CROSS)}")
print(f"frames independent: {below_guessing(narrow)}")
print(f"people as trials: {below_guessing(wide)}")

# %% [markdown]
# Of the {glue:text}`cells` cross-database cells {glue:text}`below-narrow` lie below guessing with their whole interval if frames are independent,
# and {glue:text}`below-wide` if each person is one trial. CSMAD, where the paper's best cross-database results lie, was tested with {glue:text}`csmad-masks` masks: no
# number of frames can make two masks stand for all masks.
#
# In {glue:text}`lopsided` cells FAR and FRR differ by more than 0.5. An HTER near one half may then mean either of two things. The scores do
# not separate the classes at all; or they do, and the threshold 0.5 lies beside them. The first needs a better model, the
# second a better threshold, and a confusion matrix cannot tell which it is. Scores can, so we measure some.
#
# ## What is measured here
#
# The rule is the one of the field {cite:p}`chingovska2012replay`: the threshold is set where FAR and FRR meet on the
# **development split of the training side**, before a test score is seen. Nothing is known of the test database, as nothing is
# known of the next attacker. Every model is trained under several seeds; a rate is the mean over them.

# %%
jobs = book_runs.cross_database(
    data_root=data_root,
    recipe=recipe,
    protocol=protocol,
    allow_leaks=allow_leaks,
    seeds=seeds,
    rivals=rivals,
)
sources = jobs[0].tests
if len(sources) < 2:
    raise AttackNetError(f"{data_root}: has one database; a matrix across databases needs two or more")
level = experiments.evidence(jobs).value
resampling = Resampling(confidence, resamples)
scored = experiments.run(jobs)
networks = [one for one in scored if one.model == "attacknet"]
results = matrix(networks, resampling).set_index(["trained_on", "tested_on"])
# A protocol without a development split, as the authors' own, leaves the paper's threshold alone.
has_dev = results["hter"].notna().all()
ending, rule = ("", "at the frozen threshold") if has_dev else ("_argmax", "at the threshold 0.5")
HTER = f"hter{ending}"

# %% tags=["hide-input"]
show_matrix(
    as_matrix(results[HTER].to_dict()),
    as_matrix(
        {cell: f"{row[f'{HTER}_low']:.2f}–{row[f'{HTER}_high']:.2f}" for cell, row in results.iterrows()}
    ),
    level,
    name="fig-measured",
    caption=f"HTER of AttackNet {rule}, mean of {seeds} trainings; below it the interval over the people of the "
    f"test set at {percent(confidence, 0)}. Where they are too few to resample, each counts as one trial. Recipe `{recipe}`, protocol "
    f"`{protocol}`.",
    alt="A matrix of the same shape, measured: the darker a cell the higher the error, with an interval below each number.",
)

# %% [markdown]
# {numref}`fig-measured` was measured on the data that are here, and its badge says what kind of data these are. On stand-ins it
# shows how such a matrix is made and read, and nothing about the real databases: it is no attempt at the two matrices
# above. With licensed data under `data_root` the same cells measure the real thing, and the next one sets each printed HTER and
# recall beside what was measured at the paper's threshold.

# %% tags=["hide-input"]
if level == Evidence.LICENSED:
    source = f"chapter 5.2, recipe {recipe}, protocol {protocol}"
    table(
        measured.compared(measured.with_rates(claims, results.reset_index(), level, source)),
        name="tab-claims-measured",
        caption=f"Claims of Table 4 beside the measurement of this page, intervals over people at {percent(confidence, 0)}.",
        evidence={"printed": "paper", "measured": level},
    )
else:
    print("No claim is settled by stand-ins.")

# %% [markdown]
# ### Does the model fail, or the threshold?
#
# Scores can answer what counts could not. {numref}`fig-threshold-or-model` sets three errors of the same scores side by side. The **least**
# HTER of a test set is the lowest of all thresholds; nobody can choose that one beforehand, and what remains there is the model's.
# The way from it to the others is the threshold's.

# %% tags=["hide-input"]
MARKS = (
    ("least_hter", "o", plots.PALETTE[4], "least HTER of the test set"),
    ("hter", "D", "#111827", "HTER, frozen threshold"),
    ("hter_argmax", "s", plots.PALETTE[1], "HTER, threshold 0.5"),
)
sides = list(dict.fromkeys(results.index.get_level_values("trained_on")))
sides.sort(key=TRAINED_ON.index)
sets = [name for name in DATABASES if name in sides]
rows = -(-len(sides) // 3)
fig, axes = plt.subplots(
    rows, 3, figsize=(plots.WIDTH, 2.4 * rows + 0.4), sharex=True, sharey=True, squeeze=False
)
for panel in axes.flat[len(sides) :]:
    panel.set_visible(False)
for panel, train in zip(axes.flat, sides, strict=False):
    for y, test in enumerate(sets):
        cell = results.loc[(train, test)]
        ends = [cell[name] for name, *_ in MARKS]
        panel.plot([np.nanmin(ends), np.nanmax(ends)], [y, y], color="#d1d5db", linewidth=2.4, zorder=1)
        for name, marker, colour, _ in MARKS:
            panel.plot(cell[name], y, marker, color=colour, markersize=5, zorder=3)
        if train == test:
            panel.axhspan(y - 0.42, y + 0.42, color="#f3f4f6", zorder=0)
    panel.axvline(exact.GUESSING, color="#6b7280", linewidth=1, linestyle="--", zorder=0)
    panel.set_title(f"trained on {NAMES[train]}", fontsize=9)
    panel.set(xlim=(-0.03, 0.83), ylim=(len(sets) - 0.5, -0.5), xlabel="error rate")
    panel.label_outer()
    panel.set_yticks(range(len(sets)), [NAMES[name] for name in sets])
    panel.grid(axis="y", visible=False)
handles = [
    plt.Line2D([], [], marker=marker, color=colour, linestyle="none", markersize=5, label=text)
    for _, marker, colour, text in MARKS
]
fig.legend(handles=handles, loc="outside lower center", ncols=3, columnspacing=1.0, handletextpad=0.3)
figure(
    fig,
    name="fig-threshold-or-model",
    caption="Three errors of the same scores. The circle is what the model costs; the way from it to the diamond is what the frozen "
    "threshold costs, and to the square what 0.5 costs. Dashed: guessing. Shaded: the model's own database.",
    alt="A panel for each training side and in it a row for each test set, with a circle, a diamond and a square on a line. The "
    "circle is always the leftmost of the three.",
    evidence=level,
)
is_cross = results.index.get_level_values("trained_on").isin(sets) & (
    results.index.get_level_values("trained_on") != results.index.get_level_values("tested_on")
)
across = results[is_cross]
within = results.loc[[(name, name) for name in sets]]
for key, part in (("across", across), ("within", within)):
    for name in ("least_hter", "hter", "hter_argmax"):
        glue(
            f"{key}-{name.replace('_', '-')}",
            percent(part[name].mean()) if part[name].notna().all() else MISSING,
            display=False,
        )
glue("across-excess", percent((across[HTER] - across["least_hter"]).mean()), display=False)

# %% [markdown]
# Here the mean HTER is {glue:text}`within-hter` within databases and {glue:text}`across-hter` across, with the frozen threshold. With the
# paper's 0.5 it is {glue:text}`within-hter-argmax` and {glue:text}`across-hter-argmax`. Of the error across databases {glue:text}`across-least-hter`
# would remain if each test set could choose its own threshold: so much the networks cannot separate. The other
# {glue:text}`across-excess` is the price of a threshold from elsewhere. {doc}`Chapter 6.2 <06_2_roc>` looks at the two errors apart.
#
# ### People or seeds?
#
# Two things make such a number uncertain: other people might have been tested, and the training might have begun from other
# weights. {numref}`tab-spread` sets the two side by side.

# %% tags=["hide-input"]
spread = results.reset_index().assign(
    people_width=lambda t: t[f"{HTER}_high"] - t[f"{HTER}_low"],
    seed_width=lambda t: t[f"{HTER}_seed_max"] - t[f"{HTER}_seed_min"],
)
summary = spread.groupby("tested_on").agg(
    people=("subjects", "first"),
    bonafide=("bonafide", "first"),
    attacks=("attacks", "first"),
    people_width=("people_width", "mean"),
    seed_width=("seed_width", "mean"),
    bpnrr=("bpnrr", "first"),
    apnrr=("worst_apnrr", "first"),
)
summary = summary.loc[sets]
summary.insert(0, "tested on", [NAMES[name] for name in sets])
table(
    summary.rename(
        columns={
            "bonafide": "bona fide frames",
            "attacks": "attack frames",
            "people_width": "width over people",
            "seed_width": "range over seeds",
            "bpnrr": "BPNRR",
            "apnrr": "APNRR, worst species",
        }
    ),
    name="tab-spread",
    caption=f"How uncertain the HTER on a test set is, mean over the training sides: width of the interval over people at "
    f"{percent(confidence, 0)}, and range over {seeds} seeds. BPNRR and APNRR: frames in which no face was found, which are in no "
    "other rate.",
    evidence=level,
    formats=dict.fromkeys(["width over people", "range over seeds"], ".2f")
    | dict.fromkeys(["BPNRR", "APNRR, worst species"], percent),
)
glue("people-width", f"{spread['people_width'].mean():.2f}", display=False)
glue("seed-width", f"{spread['seed_width'].mean():.2f}", display=False)

# %% [markdown]
# On the average of all cells the interval over people is {glue:text}`people-width` wide, and the range over seeds {glue:text}`seed-width`. They
# answer different questions, and neither replaces the other. More seeds cost minutes; more people cost a new database.
#
# ### Attacks that the training side does not know
#
# A detector can learn the traces of the attacks that it is shown. {numref}`fig-species-across` asks which species get through, and
# {numref}`tab-unseen` whether it matters that a species, or the database it is in, was there in training.

# %% tags=["hide-input"]
species = by_species(networks, resampling)
kinds = {test: sorted(species.loc[species["tested_on"] == test, "species"].unique()) for test in sets}
columns = [(test, kind) for test in sets for kind in kinds[test]]
apcer = species.set_index(["trained_on", "tested_on", "species"])[f"apcer{ending}"]
grid = pd.DataFrame(
    [[apcer[train, test, kind] for test, kind in columns] for train in sides],
    [NAMES[name] for name in sides],
    pd.Index([kind.replace("_", " ") for _, kind in columns]),
)
fig, panel = plt.subplots(figsize=(plots.WIDTH, 0.42 * len(sides) + 1.5))
heatmap.draw(panel, grid, evidence=level, highest=1.0, digits=2)
panel.set_xticks(range(len(columns)), grid.columns, rotation=40, ha="left", fontsize=8)
panel.set(ylabel="trained on")
start = 0
for test in sets:
    end = start + len(kinds[test])
    row = sides.index(test)
    panel.plot(
        [start - 0.5, end - 0.5, end - 0.5, start - 0.5, start - 0.5],
        [row - 0.5, row - 0.5, row + 0.5, row + 0.5, row - 0.5],
        color="#111827",
        linewidth=1.3,
        clip_on=False,
    )
    panel.axvline(end - 0.5, color="white", linewidth=3, zorder=1)
    panel.text((start + end - 1) / 2, len(sides) - 0.35, NAMES[test], ha="center", va="top", fontsize=7.5)
    start = end
figure(
    fig,
    name="fig-species-across",
    caption=f"APCER of each PAI species {rule}: the share of its frames that is accepted. Framed: the species of "
    "the training side's own database, whose names stand below.",
    alt="A matrix with a row for each training side and a column for each attack species, grouped by database; dark cells are "
    "attacks that mostly pass.",
    evidence=level,
)

# %% tags=["hide-input"]
KNOWN = "database and species known"
NAME_KNOWN = "other database, species of the same name"
UNKNOWN = "other database, other species"


def familiarity(row: pd.Series) -> str:
    """Return what the training side knew of a species."""
    if row["trained_on"] in (row["tested_on"], experiments.FUSED):
        return KNOWN
    return NAME_KNOWN if row["species"] in kinds[row["trained_on"]] else UNKNOWN


known = species.assign(known=species.apply(familiarity, axis=1)).groupby("known")[f"apcer{ending}"]
unseen = known.agg(["size", "mean", "max"]).reindex([KNOWN, NAME_KNOWN, UNKNOWN]).dropna().reset_index()
table(
    unseen.set_axis(["tested species", "cells", "mean APCER", "highest APCER"], axis=1).astype(
        {"cells": int}
    ),
    name="tab-unseen",
    caption="APCER by what the training side knew of a species. The fused model knows all.",
    evidence=level,
    formats=dict.fromkeys(["mean APCER", "highest APCER"], percent),
)

# %% [markdown]
# ### What a network must beat
#
# A cross-database result is worth something beside a result that needs no network. {numref}`fig-rivals` has measures of image
# quality {cite:p}`galbally2014iqa,wen2015msu` and local binary patterns {cite:p}`chingovska2012replay`, each with a support vector
# machine, and a score that is always the same.

# %% tags=["hide-input"]
LABELS = {
    "attacknet": "AttackNet",
    "iqm_svm": "image quality + SVM",
    "lbp_svm": "LBP + SVM",
    "constant": "constant score",
}
everything = pd.concat(
    [results.reset_index(), matrix([one for one in scored if one.model in rivals], resampling)]
)
same = everything["trained_on"] == everything["tested_on"]
chosen = {
    "within": everything[same],
    "across": everything[~same & (everything["trained_on"] != experiments.FUSED)],
}
order = ["attacknet", *rivals]
means = {}
fig, panels = plt.subplots(1, 2, figsize=(plots.WIDTH, 0.5 * len(order) + 1.0), sharex=True, sharey=True)
for panel, (name, part) in zip(panels, chosen.items(), strict=True):
    for y, rival in enumerate(order):
        values = part.loc[part["model"] == rival, HTER].to_numpy()
        panel.plot(values, y + np.linspace(-0.2, 0.2, len(values)), ".", color=plots.PALETTE[4], markersize=5)
        panel.plot(values.mean(), y, "D", color="#111827", markersize=5.5)
        means[name, rival] = values.mean()
    panel.axvline(exact.GUESSING, color="#6b7280", linewidth=1, linestyle="--", zorder=0)
    panel.set(title=f"{name} databases", xlabel="HTER", ylim=(len(order) - 0.5, -0.5), xlim=(-0.02, 0.82))
    panel.set_yticks(range(len(order)), [LABELS.get(rival, rival) for rival in order])
    panel.grid(axis="y", visible=False)
figure(
    fig,
    name="fig-rivals",
    caption=f"HTER {rule}: each pair of training and test database a dot, their mean a diamond.",
    alt="Two panels, within and across databases, with a row for each model: dots along the error axis and a diamond at their "
    "mean; a dashed line marks guessing.",
    evidence=level,
)

# %%
print(f"{'mean HTER':20} within  across")
for rival in order:
    print(f"{LABELS.get(rival, rival):20} {means['within', rival]:.2f}    {means['across', rival]:.2f}")

# %% [markdown]
# ### The authors' own networks
#
# Three of the authors' trained networks are published. They are scored like any other, each with its own preprocessing
# contract, and have no development split of their own, so 0.5 is their threshold. On stand-ins this tells one thing only: whether
# synthetic attacks look like attacks to networks that saw real ones.

# %% tags=["hide-input"]
found = {name: released.path_or_notice(name) for name in released.release().weights}
files = {name: file for name, file in found.items() if file is not None}
authors = experiments.score_released(files, sources, protocol=protocol, allow_leaks=allow_leaks)
if authors:
    judged = matrix(authors, resampling)
    table(
        pd.DataFrame(
            {
                "trained on": [NAMES[name] for name in judged["trained_on"]],
                "tested on": [NAMES[name] for name in judged["tested_on"]],
                "FAR": judged["far_argmax"],
                "BPCER": judged["bpcer_argmax"],
                "HTER": judged["hter_argmax"],
                "interval": [
                    f"{low:.2f}–{high:.2f}"
                    for low, high in zip(judged["hter_argmax_low"], judged["hter_argmax_high"], strict=True)
                ],
                "AUC": judged["auc"],
            }
        ),
        name="tab-released",
        caption=f"The released networks on the test sets that are here, threshold 0.5; interval of the HTER at {percent(confidence, 0)}.",
        evidence=level,
        formats=dict.fromkeys(["FAR", "BPCER", "HTER", "AUC"], ".2f"),
    )

# %% [markdown]
# ## Summary
#
# - The counts put {glue:text}`below-narrow` of {glue:text}`cells` cross-database errors below guessing if every frame is a trial of its own, and
#   {glue:text}`below-wide` if every person is one. The matrix says that AttackNet generalises badly; it cannot rank the databases by how badly.
# - A cross-database HTER at one threshold mixes two faults. Only scores tell them apart, and they are worth publishing.
# - A rate needs two spreads beside it, over people and over seeds, and a baseline below it.
#
# **To try:** run this chapter with `-p seeds 5`, and say which of the two spreads shrinks.
#
# **Read next:** {doc}`06_2_roc` for all thresholds at once; {doc}`06_1_related_numbers` for what other methods reach.
