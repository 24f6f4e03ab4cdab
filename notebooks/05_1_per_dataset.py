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
# # 5.1 One dataset at a time
#
# *Section 5 of the paper {cite:p}`kuznetsov2024attacknet`: the diagonal of Table 4, where a network is tested on the
# database that it was trained on.*
#
# After this chapter you can
#
# - train a network on one dataset and test it soundly: other people, and a threshold that no test score has touched;
# - read an error rate with its two kinds of spread, over the people who were tested and over the seeds of the training;
# - say whether a network beats a constant, two classical detectors and four other networks on the same pictures.
#
# The chapter presumes {doc}`04_2_own_dataset_and_protocols` and {doc}`04_3_metrics`. It shows one dataset, which
# the parameter `dataset` names. Where `data_root` is empty, that is a synthetic stand-in: it shows how such a test is done
# and what its numbers can carry, and says nothing about the real database.

# %% tags=["parameters"]
dataset: str = "replay_attack"  # the dataset to train and test on, or the path of a manifest of your own
data_root: str = ""  # folder with a folder of files for each dataset; empty: stand-ins
recipe: str = "book"  # how networks are trained: book, as_written or as_run
protocol: str = "sound"  # who trains, who sets the threshold, who is tested: sound or as_run
allow_leaks: bool = False  # use a protocol although it leaks, as the authors' own do
seeds: int = 3  # trainings of AttackNet that differ in nothing but the seed
versions: list = ["attacknet_v2_1", "attacknet_v1", "livenessnet", "mobilenet_v3_small"]  # other networks
baselines: list = ["iqm_svm", "lbp_svm", "constant"]  # models without a network; all these are trained once
confidence: float = 0.95  # confidence of every interval on this page, between 0 and 1
resamples: int = 1000  # bootstrap resamples of one interval

# %% tags=["hide-input"]
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from myst_nb import glue

from attacknet import book_runs, experiments, measured, plots
from attacknet.display import MISSING, figure, percent, table
from attacknet.evaluation import ARGMAX, Resampling, by_species, frozen_threshold, matrix, responses
from attacknet.evidence import Evidence
from attacknet.metrics import BONA_FIDE_SPECIES
from attacknet.paper import exact, ledger, tables
from attacknet.scores import SPLITS

plots.use_style()
paper, claims = tables.load(), ledger.load()

# %% [markdown]
# ## What is printed
#
# {numref}`tab-printed-diagonal` is the diagonal of Table 4, with the verdict of the authors' own counts
# ({doc}`05_0_table4`). The intervals are those of the counts, as if each frame were another person. There are
# far fewer people than frames, so the true uncertainty is larger ({doc}`04_3_metrics`).


# %% tags=["hide-input"]
def diagonal(name: str) -> dict[str, object]:
    """Return the printed HTER of a database on itself, and what the counts say."""
    counts = paper.counts[name, name]
    entry = claims[f"t4.{name}.{name}.hter"]
    low, high = entry.interval
    return {
        "database": tables.NAMES[name],
        "HTER, printed": claims.quoted(entry.claim.id),
        "from the counts": entry.recomputed,
        "interval": f"{low:.3f} to {high:.3f}",
        "frames a class": counts.bonafide,
    }


table(
    pd.DataFrame([diagonal(name) for name in tables.DATABASES]),
    name="tab-printed-diagonal",
    caption="Trained and tested on the same database: the HTER as printed, and from the authors' counts.",
    evidence={"HTER, printed": "paper", "from the counts": "recomputed", "interval": "recomputed"},
    formats={"from the counts": ".3f"},
)

# %% [markdown]
# These tests had no development set, and the split of MSSpoof tests on training people
# ({doc}`04_2_own_dataset_and_protocols`). What follows does it the sound way.
#
# ## Who is here
#
# A **job** is one model, trained on one side and scored on the test sets. Jobs that were carried out before are found, so
# the next cell trains only what has not been trained.

# %%
setting = {"recipe": recipe, "protocol": protocol, "allow_leaks": allow_leaks, "seeds": seeds}
models = {"versions": versions, "baselines": baselines}
jobs = book_runs.per_dataset(dataset=dataset, data_root=data_root, **models, **setting)
scored = experiments.run(jobs)
level = experiments.evidence(jobs)

# %% tags=["hide-input"]
(source,) = jobs[0].tests
test_set = source.manifest.id
(crops,) = jobs[0].plan.crops()
frames = crops.index.assign(face=crops.index["crop"] >= 0)
counted = frames.groupby(["species", "split"]).agg(people=("subject", "nunique"), frames=("frame", "size"))
counted["cell"] = counted["frames"].astype(str) + " of " + counted["people"].astype(str)
cells = counted.reset_index().pivot_table(index="species", columns="split", values="cell", aggfunc="first")
order = sorted(cells.index, key=lambda kind: (kind != BONA_FIDE_SPECIES, kind))
people = cells.loc[order, [split for split in SPLITS if split in cells]]
table(
    people.rename(index=lambda kind: kind.replace("_", " ")).rename_axis("species").reset_index(),
    name="tab-database-people",
    caption=f"{source.manifest.name}, protocol {protocol}: who trains, who sets the threshold, who is tested. Frames, *of* so many people.",
    evidence=level,
)
in_test = frames[frames["split"] == "test"]
glue("test-people", in_test["subject"].nunique(), display=False)
glue("test-frames", len(in_test), display=False)

# %% [markdown]
# The test has {glue:text}`test-frames` frames and {glue:text}`test-people` people. The second number decides how far the result carries.
#
# ## How it learnt
#
# {numref}`fig-learning` shows the trainings of AttackNet. They have the same pictures and the same recipe, and differ in the seed alone:
# first weights, order, warps and dropout. In the first epochs the development set looks worse than guessing: the averages of the batch
# normalisation, which are used there, lag behind the weights ({doc}`03_4_training`).

# %% tags=["hide-input"]
networks = [one for one in scored if one.model == measured.NETWORK]
histories = {
    job.plan.seed: experiments.find_run(job).history for job in jobs if job.plan.model == measured.NETWORK
}
fig, (left, right) = plt.subplots(1, 2, figsize=(plots.WIDTH, 2.9))
for (seed, history), colour in zip(histories.items(), plots.PALETTE * seeds, strict=False):
    for ax, kind in ((left, "loss"), (right, "accuracy")):
        ax.plot(history["epoch"], history[f"train_{kind}"], color=colour, linewidth=1, linestyle=":")
        ax.plot(history["epoch"], history[f"dev_{kind}"], color=colour, label=f"seed {seed}")
left.axhline(np.log(2), color="#9ca3af", linewidth=1, zorder=0)
right.axhline(0.5, color="#9ca3af", linewidth=1, zorder=0)
left.set(title="Cross-entropy (nats)", xlabel="epoch")
left.set_yscale("log")
left.set_yticks([0.1, 0.3, 1, 3], ["0.1", "0.3", "1", "3"])
left.minorticks_off()
right.set(title="Accuracy", xlabel="epoch", ylim=(0, 1.02))
right.legend(loc="lower right")
figure(
    fig,
    name="fig-learning",
    caption="Training (dotted: with augmentation and dropout) and development set (solid: other people, neither). Grey: a network "
    "that says one half to everything. The loss has a logarithmic scale.",
    alt="Two line plots over the epochs, loss and accuracy. Each seed has a dotted line for training and a solid one for the development set.",
    evidence=level,
)

# %% [markdown]
# ## What it learnt
#
# {numref}`fig-scores` shows the scores of the first seed, a dot a frame. The line is the threshold at which the two error rates are equal
# on the **development** set. On the test set it stays where it is. The paper's threshold, one half, is dashed.

# %% tags=["hide-input"]
first = networks[0]
threshold = frozen_threshold(first.dev)
parts = {"development set": first.dev, "test set": first.tests[test_set]}
kinds = [
    BONA_FIDE_SPECIES,
    *sorted({*first.tests[test_set]["species"], *first.dev["species"]} - {BONA_FIDE_SPECIES}),
]
rng = np.random.default_rng(0)
fig, panels = plt.subplots(1, 2, figsize=(plots.WIDTH, 0.55 + 0.34 * len(kinds)), sharey=True)
for panel, (name, part) in zip(panels, parts.items(), strict=True):
    for row, kind in enumerate(kinds):
        values = responses(part[part["species"] == kind])["score"]
        colour = plots.BONA_FIDE if kind == BONA_FIDE_SPECIES else plots.ATTACK
        panel.plot(
            values, row + rng.uniform(-0.28, 0.28, len(values)), ".", color=colour, markersize=4, alpha=0.5
        )
    panel.axvline(ARGMAX, color="#6b7280", linewidth=1, linestyle="--")
    if not np.isnan(threshold):
        panel.axvline(threshold, color="#111827", linewidth=1.4)
    panel.set(title=name, xlabel="score: higher is more bona fide", xlim=(-0.03, 1.03))
    panel.set_yticks(range(len(kinds)), [kind.replace("_", " ") for kind in kinds])
    panel.set_ylim(len(kinds) - 0.5, -0.5)
    panel.grid(axis="y", visible=False)
figure(
    fig,
    name="fig-scores",
    caption="Scores of the first seed by species; right of a line is accepted. Solid: the threshold that the development set gave. Dashed: "
    "one half. The height of a dot within its row means nothing.",
    alt="Two panels of dots, development set and test set. Bona fide frames, in blue, lie more to the right than the attacks, in orange, of each species.",
    evidence=level,
)

# %% tags=["hide-input"]
resampling = Resampling(confidence, resamples)
results = matrix(scored, resampling)
mine = results[results["model"] == measured.NETWORK].iloc[0]
species = by_species(networks, resampling)


def spread(row: pd.Series, name: str) -> str | None:
    """Return a rate with its interval, in per cent."""
    if np.isnan(row[name]):
        return None
    ends = (
        f" ({100 * row[f'{name}_low']:.0f}–{percent(row[f'{name}_high'], 0)})" if f"{name}_low" in row else ""
    )
    return f"{percent(row[name])}{ends}"


def over_seeds(row: pd.Series, name: str) -> str | None:
    """Return the least and the greatest value among the seeds, in per cent."""
    if np.isnan(row[name]):
        return None
    return f"{100 * row[f'{name}_seed_min']:.1f}–{percent(row[f'{name}_seed_max'])}"


def line(label: str, row: pd.Series, name: str, at_half: str = "") -> dict[str, str | None]:
    """Return a row of the table of rates."""
    return {
        "rate": label,
        "frozen threshold": spread(row, name),
        "seeds": over_seeds(row, name),
        "threshold 0.5": spread(row, at_half) if at_half else None,
    }


rates = [
    line("HTER", mine, "hter", "hter_argmax"),
    line("BPCER", mine, "bpcer", "bpcer_argmax"),
    *(
        line(f"APCER, {one['species'].replace('_', ' ')}", one, "apcer", "apcer_argmax")
        for _, one in species.iterrows()
    ),
]
table(
    pd.DataFrame(rates),
    name="tab-rates",
    caption=f"AttackNet on the test set, mean over {len(networks)} seeds. In brackets the {100 * confidence:g} % interval over people; "
    "*seeds*: least and greatest value at the frozen threshold. A dash: the protocol has no development set.",
    evidence=level,
)
glue("hter", spread(mine, "hter") or MISSING, display=False)
glue("hter-half", spread(mine, "hter_argmax"), display=False)
glue("hter-seeds", over_seeds(mine, "hter") or MISSING, display=False)
glue("deer", percent(mine["deer"]), display=False)
glue("auc", f"{mine['auc']:.3f}", display=False)
glue("no-answer", f"{percent(mine['bpnrr'])} and {percent(mine['worst_apnrr'])}", display=False)

# %% [markdown]
# At the frozen threshold the HTER is {glue:text}`hter`; between seeds it varies over {glue:text}`hter-seeds`. At one half it is {glue:text}`hter-half`. The area
# under the ROC curve is {glue:text}`auc`, and the test set's own equal error rate, which no deployed system can know, {glue:text}`deer`. Frames in
# which no face was found have no score and enter none of these rates; of the bona fide frames and of the frames of the worst species they are
# {glue:text}`no-answer`.
#
# Two spreads stand beside each other because they answer two questions. *Would other people have given another
# number?* is the interval. *Would the same recipe have given another network?* is the range over seeds. A result that
# reports neither, as Table 4, leaves both open.
#
# ## Does it take a network?
#
# {numref}`fig-database-rivals` puts other models to the same test. The **constant** gives every picture the same score and has an HTER
# of one half by construction. The two support vector machines see local binary patterns {cite:p}`chingovska2012replay` and measures of image quality;
# the other networks are the earlier versions of AttackNet, LivenessNet, and MobileNetV3-Small with an input of 32x32. They were
# trained under one seed, by the same recipe, so their ranges over seeds are not known.

# %% tags=["hide-input"]
LABELS = {
    "attacknet": "AttackNet",
    "attacknet_v2_1": "AttackNet v2.1",
    "attacknet_v1": "AttackNet v1",
    "livenessnet": "LivenessNet",
    "mobilenet_v3_small": "MobileNetV3-Small",
    "iqm_svm": "image quality + SVM",
    "lbp_svm": "LBP + SVM",
    "constant": "constant",
}
ending = "" if not np.isnan(mine["hter"]) else "_argmax"
fig, panel = plt.subplots(figsize=(plots.WIDTH * 0.8, 0.6 + 0.32 * len(results)))
for row, (_, one) in enumerate(results.iterrows()):
    value, low, high = (one[f"hter{ending}{end}"] for end in ("", "_low", "_high"))
    colour = plots.PALETTE[0] if one["model"] == measured.NETWORK else plots.PALETTE[6]
    panel.plot([low, high], [row, row], color=colour, linewidth=1.6)
    panel.plot(value, row, "o", color=colour, markersize=6)
panel.axvline(exact.GUESSING, color="#6b7280", linewidth=1, linestyle="--", zorder=0)
panel.set(xlabel="HTER", xlim=(-0.02, 1.02), ylim=(len(results) - 0.5, -0.5))
panel.set_yticks(range(len(results)), [LABELS.get(name, name) for name in results["model"]])
panel.grid(axis="y", visible=False)
figure(
    fig,
    name="fig-database-rivals",
    caption="HTER of each model on the same test set"
    + (", threshold frozen on the development set" if not ending else ", threshold 0.5")
    + ". Lines: intervals over people. Dashed: guessing.",
    alt="A row a model with a dot at its HTER and a line for its interval; the constant lies at one half.",
    evidence=level,
)

# %% tags=["hide-input"]
table(
    pd.DataFrame(
        {
            "model": [LABELS.get(name, name) for name in results["model"]],
            "seeds": results["seeds"],
            "HTER": [spread(one, f"hter{ending}") for _, one in results.iterrows()],
            "BPCER": [spread(one, f"bpcer{ending}") for _, one in results.iterrows()],
            "worst APCER": [spread(one, f"worst_apcer{ending}") for _, one in results.iterrows()],
            "AUC": results["auc"],
        }
    ),
    name="tab-database-rivals",
    caption="The same models in numbers, with intervals over people. The AUC knows no threshold.",
    evidence=level,
    formats={"AUC": ".3f"},
)
others = results[~results["model"].isin([measured.NETWORK, "constant"])]
apart = others[
    (others[f"hter{ending}_low"] > mine[f"hter{ending}_high"])
    | (others[f"hter{ending}_high"] < mine[f"hter{ending}_low"])
]
glue("others", len(others), display=False)
glue("apart", len(apart), display=False)

# %% [markdown]
# Of the {glue:text}`others` models besides the constant, the interval of {glue:text}`apart` does not overlap that of AttackNet. Intervals that overlap do
# not say that two models are equal; they say that two separate intervals over these people do not tell them apart. A comparison person by
# person could be sharper, since both models err on the same hard faces.
#
# ## On licensed data
#
# With `-p data_root FOLDER`, where FOLDER holds the owner's files, each number above is stamped
# *licensed*, and a table follows here: what was measured beside what is printed. Rates stand beside the
# cell of Table 4 and its verdict stays that of the authors' counts, as another split and other frames were used. Claims about the files
# themselves, which nothing published settles, get their verdict.

# %% tags=["hide-input", "nbval-check-output"]
if level == Evidence.LICENSED:
    how = f"{recipe} recipe, protocol {protocol}, threshold 0.5, {seeds} seeds"
    found = measured.with_files(measured.with_rates(claims, results, level, how), [source])
    table(
        measured.compared(found),
        name="tab-database-measured",
        caption="Measured on the licensed data, beside what the paper prints.",
        evidence={"printed": "paper", "measured": "licensed", "interval": "licensed"},
    )
else:
    print("These are stand-ins: no claim of the paper is touched.")

# %% [markdown]
# ## Summary
#
# - A sound test has three groups of people: those who train, those who set the threshold, and those who are tested.
# - An error rate has two spreads, over people and over seeds; with few people the first is the larger one and no
#   number of frames mends it.
# - A network is worth its cost where simpler models on the same pictures are worse by more than these spreads.
# - On stand-ins all of this is method. The databases' own numbers need the databases.
#
# **To try:** `-p dataset msspoof`, where half of the pictures are infrared; `-p protocol as_run -p allow_leaks true -p recipe
# as_run`, which has no development set. Which columns of {numref}`tab-rates` remain?
#
# **Read next:** {doc}`05_3_fused` trains on all databases at once.
