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
# # 5.3 Fused training
#
# *Section 5.2 of the paper {cite:p}`kuznetsov2024attacknet`: one network trained on all five databases at once, its curves
# in Figure 3, and its row at the bottom of Table 4.*
#
# After this chapter you can
#
# - read a "validation" curve by asking first whose pictures it was drawn with;
# - say what pooling databases gains, and against which of three comparisons;
# - test the question behind pooling, whether a network copes with a database that it has never seen, by leaving one out.
#
# The chapter presumes {doc}`05_1_per_dataset` and {doc}`05_2_cross_database`. Where `data_root` is empty it shows stand-ins, and its
# numbers say nothing about the databases.

# %% tags=["parameters"]
data_root: str = ""  # folder with a folder of files for each database; empty: stand-ins
recipe: str = "book"  # how the networks are trained: book, as_written or as_run
protocol: str = "sound"  # who trains, who sets the threshold, who is tested: sound or as_run
allow_leaks: bool = False  # use a protocol although it leaks, as the authors' own do
seeds: int = 3  # trainings of each network that differ in nothing but the seed
left_out_seeds: int = 1  # the same for the networks that one database is left out of
confidence: float = 0.95  # confidence of every interval on this page, between 0 and 1
resamples: int = 1000  # bootstrap resamples of one interval

# %% tags=["hide-input"]
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from myst_nb import glue

from attacknet import book_runs, experiments, measured, plots, runs
from attacknet.display import figure, percent, table
from attacknet.errors import AttackNetError
from attacknet.evaluation import Resampling, matrix
from attacknet.evidence import Evidence
from attacknet.paper import exact, ledger, tables
from attacknet.paper.tables import NAMES

plots.use_style()
paper, claims = tables.load(), ledger.load()

# %% [markdown]
# ## What Figure 3 shows
#
# The fused network was trained for {claim}`s5.2.fig3.epochs` epochs, and Figure 3 draws loss and accuracy of training and
# validation. The text reads the distance between the two as the network meeting "{claim}`s.5.2.new-data` in the validation set" and as a hint
# at overfitting.
#
# The released training notebook {cite:p}`zakharov2023code` says otherwise. In the fused training it gives the *training*
# pictures as validation data: the same ones, without augmentation, and evaluated without dropout. A curve drawn with them shows
# how well the training pictures are learnt. It can show no overfitting, whatever happens: there is nothing new in it.
#
# ## Figure 3, twice
#
# Here are both. The training is the same: same pictures, same recipe, same seeds. In the left column the
# validation set is the development split, people who do not train. In the right column it is, as in the released code, the training
# split. The book knows the second as a protocol of its own, `validated_on_training`, and its leak check refuses it unless one
# asks for it.

# %%
jobs = book_runs.fused(
    data_root=data_root,
    recipe=recipe,
    protocol=protocol,
    allow_leaks=allow_leaks,
    seeds=seeds,
    left_out_seeds=left_out_seeds,
)
sources = book_runs.sources(data_root)
if len(sources) < 2:
    raise AttackNetError(f"{data_root}: has one database; fused training needs two or more")
scored = experiments.run(jobs)
level = experiments.evidence(jobs)

# %% tags=["hide-input"]
fused = [job for job in jobs if job.plan.sources == sources]
kinds = {
    "held out": [job for job in fused if job.plan.protocol == protocol],
    "training pictures": [job for job in fused if job.plan.protocol == runs.VALIDATED_ON_TRAINING],
}
histories = {kind: [experiments.find_run(job).history for job in these] for kind, these in kinds.items()}
titles = {"held out": "validation held out", "training pictures": "validation as in the released code"}
fig, axes = plt.subplots(2, 2, figsize=(plots.WIDTH, 4.8), sharex=True, sharey="row")
for column, (kind, many) in zip(axes.T, histories.items(), strict=True):
    for ax, what in zip(column, ("loss", "accuracy"), strict=True):
        for part, colour, style in (("train", plots.PALETTE[6], ":"), ("dev", plots.PALETTE[0], "-")):
            values = np.array([history[f"{part}_{what}"] for history in many])
            label = {"train": "training", "dev": "validation"}[part]
            ax.plot(many[0]["epoch"], values.T, color=colour, linestyle=style, linewidth=0.7, alpha=0.6)
            ax.plot(
                many[0]["epoch"],
                values.mean(axis=0),
                color=colour,
                linestyle=style,
                linewidth=2.2,
                label=label,
            )
        ax.set_ylabel({"loss": "cross-entropy (nats)", "accuracy": "accuracy"}[what])
    column[0].set_title(titles[kind])
    column[1].set_xlabel("epoch")
for ax, guess in zip(axes.T.flat, (np.log(2), 0.5) * 2, strict=True):
    ax.axhline(guess, color="#d1d5db", linewidth=1, zorder=0)
axes[0, 0].set_yscale("log")
axes[0, 0].set_yticks([0.3, 1, 3], ["0.3", "1", "3"])
axes[0, 0].minorticks_off()
axes[1, 0].set_ylim(0.4, 1.01)
axes[1, 1].legend(loc="lower right")
figure(
    fig,
    name="fig-figure3",
    caption="Fused training with two kinds of validation. Dotted grey: training, with augmentation and dropout. Blue: validation, with neither. Thin "
    "lines: seeds; bold: their mean; pale: one half to everything. The loss has a logarithmic scale. The dotted lines of both columns are the same.",
    alt="Four line plots. Upper row loss, lower row accuracy; left column with held-out validation, right column with the training pictures as validation. "
    "The dotted training curves are equal left and right.",
    evidence=level,
)

# %% tags=["nbval-check-output"]
pairs = zip(*histories.values(), strict=True)
same = all(held_out["train_loss"].equals(on_training["train_loss"]) for held_out, on_training in pairs)
print("the training is the same to the last digit:", same)

# %% tags=["hide-input"]
accuracy = {kind: np.mean([h["dev_accuracy"].iloc[-1] for h in many]) for kind, many in histories.items()}
losses = {kind: np.mean([h["dev_loss"].iloc[-1] for h in many]) for kind, many in histories.items()}
for kind, name in (("held out", "held-out"), ("training pictures", "on-training")):
    glue(f"accuracy-{name}", percent(accuracy[kind]), display=False)
    glue(f"loss-{name}", f"{losses[kind]:.2f}", display=False)
glue("optimism", f"{100 * (accuracy['training pictures'] - accuracy['held out']):.0f}", display=False)

# %% [markdown]
# At the end the accuracy on held-out people is {glue:text}`accuracy-held-out`, and on the training pictures {glue:text}`accuracy-on-training`: the
# curve of the released code promises {glue:text}`optimism` points more. The losses are {glue:text}`loss-held-out` and {glue:text}`loss-on-training`.
# (In the first epochs both look worse than guessing: {doc}`03_4_training` says why.)
#
# Two readings of Figure 3 fall away with this. A validation curve that lies *above* the training curve is no sign of a good fit
# to new data, as dropout and augmentation hold the training curve down. And its fluctuation is not the network "adapting to" new
# data: no such data were shown.
#
# ## What does pooling gain?
#
# Section 6.2.3 says that by fused training the HTER on the authors' own dataset was "{claim}`s.6.2.3.reduced.single`" {claim}`s6.2.3.own.hter`, and
# {doc}`06_3_audit` finds that this depends on the comparison. There are three:
#
# - **against the network of the same database**: is one network for all as good as its own for each?
# - **against networks of other databases**: is it better to have seen the database than not? It could hardly be worse;
# - **against a network that was trained on all the others**: what does pooling gain on a database that is *not* in the pool?
#   This is what one wants to know before a camera is put up in a new place, and the paper does not report it.
#
# {numref}`fig-pooling` sets them beside each other. Every threshold is frozen on the development split of the side that trained.

# %% tags=["hide-input"]
resampling = Resampling(confidence, resamples)
results = matrix(
    [
        one
        for one, job in zip(scored, jobs, strict=True)
        if job.tests and job not in kinds["training pictures"]
    ],
    resampling,
)
ending = "" if results["hter"].notna().all() else "_argmax"
HTER = f"hter{ending}"
cells = results.set_index(["trained_on", "tested_on"])
ids = [source.manifest.id for source in sources]
names = {source.manifest.id: NAMES.get(source.manifest.id, source.manifest.name) for source in sources}
SIDES = {"alone": "the database itself", "fused": "all databases", "others": "all but it"}


def cell(side: str, test: str) -> pd.Series:
    """Return the result of a training side on a test set."""
    trained_on = {"alone": test, "fused": experiments.FUSED, "others": f"all but {test}"}[side]
    return cells.loc[(trained_on, test)]


def from_one_other(test: str) -> float:
    """Return the mean HTER of the networks that were trained on one other database."""
    return float(np.mean([cells.loc[(other, test), HTER] for other in ids if other != test]))


fig, panel = plt.subplots(figsize=(plots.WIDTH, 0.7 + 0.75 * len(ids)))
marks = {
    "alone": ("o", plots.PALETTE[0]),
    "fused": ("D", plots.PALETTE[2]),
    "others": ("s", plots.PALETTE[1]),
}
for row, test in enumerate(ids):
    for (side, (mark, colour)), shift in zip(marks.items(), (-0.24, 0, 0.24), strict=True):
        one = cell(side, test)
        panel.plot([one[f"{HTER}_low"], one[f"{HTER}_high"]], [row + shift] * 2, color=colour, linewidth=1.6)
        panel.plot(
            one[HTER], row + shift, mark, color=colour, markersize=6, label=SIDES[side] if not row else None
        )
    panel.plot(
        from_one_other(test),
        row + 0.24,
        "|",
        color="#111827",
        markersize=11,
        markeredgewidth=1.6,
        label="mean: one other database" if not row else None,
    )
panel.axvline(exact.GUESSING, color="#6b7280", linewidth=1, linestyle="--", zorder=0)
panel.set(xlabel="HTER on the test set", xlim=(-0.02, 1.02), ylim=(len(ids) - 0.5, -0.5))
panel.set_yticks(range(len(ids)), [names[test] for test in ids])
panel.grid(axis="y", visible=False)
fig.legend(loc="outside upper center", ncols=4, title="trained on")
figure(
    fig,
    name="fig-pooling",
    caption=f"HTER by what the network was trained on, mean over the seeds: {seeds}, and {left_out_seeds} for *all but it*. Lines: {100 * confidence:g} % intervals over the people of the test set. Dashed: guessing.",
    alt="A group of three marks with intervals for each database: trained on it alone, on all databases, and on all but it; a tick marks the mean of networks of one other database.",
    evidence=level,
)


# %% tags=["hide-input"]
def shown(one: pd.Series) -> str:
    """Return an HTER with its interval, in per cent."""
    return f"{percent(one[HTER])} ({100 * one[f'{HTER}_low']:.0f}–{percent(one[f'{HTER}_high'], 0)})"


table(
    pd.DataFrame(
        [
            {"tested on": names[test]}
            | {SIDES[side]: shown(cell(side, test)) for side in SIDES}
            | {"one other (mean)": percent(from_one_other(test))}
            for test in ids
        ]
    ),
    name="tab-pooling",
    caption="The same in numbers: HTER by what the network was trained on.",
    evidence=level,
)
better = {
    "alone": sum(cell("fused", test)[HTER] < cell("alone", test)[HTER] for test in ids),
    "one": sum(cell("fused", test)[HTER] < from_one_other(test) for test in ids),
    "others": sum(cell("fused", test)[HTER] < cell("others", test)[HTER] for test in ids),
    "pool": sum(cell("others", test)[HTER] < from_one_other(test) for test in ids),
}
for name, count in better.items():
    glue(f"better-{name}", int(count), display=False)
glue("sets", len(ids), display=False)
for side in SIDES:
    glue(f"mean-{side}", percent(np.mean([cell(side, test)[HTER] for test in ids])), display=False)
glue("mean-one", percent(np.mean([from_one_other(test) for test in ids])), display=False)

# %% [markdown]
# Of {glue:text}`sets` databases the fused network beats the network of the same database on {glue:text}`better-alone`, the mean network of one other database on
# {glue:text}`better-one`, and the network that was trained on all others on {glue:text}`better-others`. Averaged over the test sets the HTERs are {glue:text}`mean-alone` (the database
# itself), {glue:text}`mean-fused` (all), {glue:text}`mean-others` (all but it) and {glue:text}`mean-one` (one other).
#
# The row that counts is *all but it*. Against one other database, four databases in the pool are better on {glue:text}`better-pool` of {glue:text}`sets`. The distance
# between *all databases* and *all but it* is what a fused result owes to having seen the test set's cameras, rooms and
# forgeries; a fused row such as that of Table 4 contains it and cannot show it.
#
# One thing is the same for all networks here and need not be elsewhere: with the book's recipe each gets the same number of
# steps, so the fused one sees each picture less often.
#
# ## On licensed data
#
# With `-p data_root FOLDER` the numbers above are stamped *licensed*, and a table follows here that sets them beside the cells of
# Table 4.

# %% tags=["hide-input"]
if level == Evidence.LICENSED:
    how = f"{recipe} recipe, protocol {protocol}, threshold 0.5, {seeds} seeds"
    table(
        measured.compared(measured.with_rates(claims, results, level, how)),
        name="tab-fused-measured",
        caption="Measured on the licensed data, beside what the paper prints.",
        evidence={"printed": "paper", "measured": "licensed", "interval": "licensed"},
    )
else:
    print("These are stand-ins: no claim of the paper is touched.")

# %% [markdown]
# ## Summary
#
# - The validation curve of Figure 3 was drawn with the training pictures. Beside a curve of people who do not train it promises too much,
#   and it could not have warned of overfitting.
# - "Fused training reduces the error" needs its other half: against what?
# - Whether a detector copes with a new place is asked by leaving that place out of the training.
#
# **To try:** `-p recipe as_written`, with patience and a smaller step: does the held-out curve turn up at its end?
#
# **Read next:** {doc}`06_2_roc` asks whether a threshold that was set in one place serves in another.
