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
# # 4.3 Metrics
#
# *Section 4.3 of the paper {cite:p}`kuznetsov2024attacknet`: how errors are counted, and what a count can carry.*
#
# After this chapter you can
#
# - compute every rate of the paper from a confusion matrix, and say which of the two classes it speaks about;
# - translate FAR, FRR and HTER into the terms of ISO/IEC 30107-3, and say what is lost on the way;
# - choose a threshold on purpose, and report the errors that follow from it;
# - put an interval on an error rate that respects how few people were measured.
#
# The chapter presumes the words of {doc}`/book/01_introduction`, fractions, and the normal distribution. The functions used here are those of `attacknet.metrics` and `attacknet.intervals`; the other chapters use the same
# ones. The scores in its figures are **simulated** from normal distributions that are stated below, and those of the worked cases
# at its end are made up. They show how metrics behave; they say nothing about AttackNet.

# %% tags=["hide-input"]
from statistics import NormalDist

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from myst_nb import glue

from attacknet import explorer, metrics, plots
from attacknet.display import figure, percent, table
from attacknet.errors import AttackNetError
from attacknet.intervals import Interval, bootstrap_rates, clopper_pearson, rule_of_three
from attacknet.metrics import ATTACK, BONA_FIDE, Confusion
from attacknet.paper import tables
from attacknet.worked_cases import SCORE_SETS, WORKED_CASES

plots.use_style()


def signed(number: float) -> str:
    """Return a number with two decimals and a true minus sign."""
    return f"{number:.2f}".replace("-", "−")


# %% tags=["parameters"]
seed: int = 0  # seed of all simulated scores
subjects: int = 20  # people in a simulated database
frames: int = 30  # bona fide frames of each person, and as many attack frames
mask_share: float = 0.2  # share of the attack frames that show a mask; the others show a print
target: float = 0.05  # highest APCER that a threshold may let pass
databases: int = 100  # simulated databases that the intervals are tried on
resamples: int = 500  # bootstrap resamples of one interval

# %% [markdown]
# ## Four counts
#
# Each presentation is bona fide or an attack, and is classified as one or the other. That makes four counts, and all
# else in the paper's section 4.3 follows from them. The paper takes bona fide as the positive class. Its Table 3 reads
#
# | | predicted bona fide | predicted attack |
# |:--|:-:|:-:|
# | **is bona fide** | TP | FN |
# | **is an attack** | FP | TN |
#
# and its equations (4) to (9) are these:
#
# ```{math}
# :label: eq-precision
# \text{Precision} = \frac{TP}{TP + FP}
# ```
#
# ```{math}
# :label: eq-recall
# \text{Recall} = \frac{TP}{TP + FN}
# ```
#
# ```{math}
# :label: eq-f1
# \begin{aligned}
# F_1 &= \frac{2 \cdot \text{Precision} \cdot \text{Recall}}{\text{Precision} + \text{Recall}} \\[1ex]
# &= \frac{2\,TP}{2\,TP + FP + FN}
# \end{aligned}
# ```
#
# ```{math}
# :label: eq-far
# \text{FAR} = \frac{FP}{FP + TN}
# ```
#
# ```{math}
# :label: eq-frr
# \text{FRR} = \frac{FN}{TP + FN}
# ```
#
# ```{math}
# :label: eq-hter
# \text{HTER} = \frac{\text{FAR} + \text{FRR}}{2}
# ```
#
# FAR {eq}`eq-far` looks at attacks only and FRR {eq}`eq-frr` at bona fide presentations only. So neither depends on how
# many there are of each, and neither does HTER {eq}`eq-hter`. Precision {eq}`eq-precision` mixes the classes. The paper
# ties high precision to a low false positive rate; that holds at one mixture of the classes. The next cell keeps the
# detector and changes the mixture.

# %% tags=["nbval-check-output"]
balanced = Confusion(bonafide_as_bonafide=95, bonafide_as_attack=5, attack_as_bonafide=5, attack_as_attack=95)
flooded = Confusion(
    bonafide_as_bonafide=95, bonafide_as_attack=5, attack_as_bonafide=45, attack_as_attack=855
)
RATES = {
    "precision": Confusion.precision,
    "recall": Confusion.recall,
    "F1": Confusion.f1,
    "FAR": lambda matrix: matrix.far,
    "FRR": lambda matrix: matrix.frr,
    "HTER": lambda matrix: matrix.hter,
}
mixtures = pd.DataFrame(
    {
        title: {name: rate(matrix) for name, rate in RATES.items()}
        for title, matrix in (("1 to 1", balanced), ("1 to 9", flooded))
    }
)
print(mixtures.rename_axis(columns="bona fide to attacks").to_string(float_format="{:.3f}".format))

# %% [markdown]
# ## Where the prose contradicts the table
#
# The prose of section 4.3.1 defines false positives as genuine attempts taken for attacks, and false negatives as attacks
# taken for genuine attempts. Table 3 has them the other way round. Only one of the two can go with the equations, and
# it is Table 3: section 4.3.5 says that FAR is about attackers who are let in, and $FP$ in {eq}`eq-far` must then count
# accepted attacks.
#
# The difference is large. Exchanging $FP$ and $FN$ transposes the matrix, which exchanges precision and recall; FAR becomes
# one minus the precision of the attack class, FRR one minus the precision of the bona fide class; F{sub}`1` alone stays. {numref}`tab-prose`
# does it to one of the authors' own matrices, the model trained on all databases and tested on MSSpoof
# {cite:p}`zakharov2023code`.

# %%
fused = tables.load().counts["fused", "msspoof"]
as_in_prose = Confusion(
    fused.bonafide_as_bonafide, fused.attack_as_bonafide, fused.bonafide_as_attack, fused.attack_as_attack
)
table(
    pd.DataFrame(
        {
            "rate": list(RATES),
            "FP and FN as in Table 3": [rate(fused) for rate in RATES.values()],
            "FP and FN as in the prose": [rate(as_in_prose) for rate in RATES.values()],
        }
    ),
    name="tab-prose",
    caption=(
        f"Equations (4) to (9) on one matrix of the authors: of {fused.bonafide} bona fide presentations "
        f"{fused.bonafide_as_bonafide} are accepted, of {fused.attacks} attacks {fused.attack_as_bonafide}."
    ),
    evidence="recomputed",
    formats={"FP and FN as in Table 3": ".3f", "FP and FN as in the prose": ".3f"},
)
glue("fused-far", percent(fused.far), display=False)
glue("fused-accepted", f"{fused.attack_as_bonafide} of {fused.attacks}", display=False)

# %% [markdown]
# This model lets in {glue:text}`fused-accepted` attacks, a FAR of {glue:text}`fused-far`. Which definition is meant
# decides whether it is called cautious or wide open. This book follows Table 3 and the equations throughout;
# {doc}`05_0_table4` shows which of the two the printed Table 4 follows.
#
# The paper is right that the roles of the classes can be exchanged: with attacks as the positive class, FAR and FRR change
# places and HTER stays. Hence a table that prints both classes, as Table 4 does, must say for each column whose error it
# shows.
#
# ## The terms of the standard
#
# ISO/IEC 30107-3 {cite:p}`iso30107-3` names the same errors more carefully.
#
# | paper | ISO/IEC 30107-3 | what differs |
# |:--|:--|:--|
# | FAR {eq}`eq-far` | APCER, attack presentation classification error rate | reported for each PAI species, and summed up by the worst; the paper pools all attacks |
# | FRR {eq}`eq-frr` | BPCER, bona fide presentation classification error rate | the name only |
# | HTER {eq}`eq-hter` | none | the mean of APCER and BPCER, often called ACER, is not a metric of the standard; it hides which error was made |
# | – | APNRR, BPNRR, the non-response rates | presentations without an answer, for instance because no face was found; the paper does not count them |
# | – | BPCER at an APCER of 10, 5 or 1 % | the price in convenience at a stated security; the paper gives one operating point |
# | – | D-EER, detection equal error rate | a summary of the trade-off, not an operating point one can choose beforehand |
#
# There is one more difference. In the literature of the field an HTER comes with a rule for the threshold: it is fixed where
# FAR and FRR meet on a **development set**, and the errors are then counted on another set, the test set
# {cite:p}`chingovska2012replay`. The paper's text names no threshold, nor a development set that would give one; the released code
# decides by the larger of the two outputs, which is a threshold of 0.5. Such an HTER is a different quantity under the same
# name, and the two should not be compared.
#
# ## A threshold is a decision
#
# Let us simulate a small database: each person has bona fide frames, and attack frames of two species. Masks are harder to
# tell from faces than prints, so their scores lie higher. Each person has an offset for bona fide frames and one for each species,
# so that frames of one person and species resemble each other, as they do in a video.

# %%
MEAN = {"bonafide": 1.5, "print": -1.5, "mask": -0.2}
SUBJECT_SD, FRAME_SD = 0.8, 0.3  # between people, and between frames of one person
if not 0 < round(mask_share * frames) < frames:
    raise AttackNetError(
        f"mask_share={mask_share}, frames={frames}: leave each person a mask and a print frame"
    )


def simulate(rng: np.random.Generator) -> pd.DataFrame:
    """Return the scores of one simulated database, a row a frame."""
    masks = round(mask_share * frames)
    sizes = {"bonafide": frames, "print": frames - masks, "mask": masks}
    parts = []
    for person in range(subjects):
        for species, size in sizes.items():
            centre = MEAN[species] + SUBJECT_SD * rng.normal()
            scores = centre + FRAME_SD * rng.normal(size=size)
            parts.append(pd.DataFrame({"subject": f"s{person:02d}", "species": species, "score": scores}))
    data = pd.concat(parts, ignore_index=True)
    return data.assign(label=np.where(data["species"] == "bonafide", BONA_FIDE, ATTACK))


data = simulate(np.random.default_rng(seed))
scores, labels, species = data["score"].to_numpy(), data["label"].to_numpy(), data["species"].to_numpy()
at_eer = metrics.eer_threshold(scores, labels)
thresholds = {"lenient": at_eer - 0.8, "D-EER": at_eer, "strict": at_eer + 0.8}

# %% tags=["nbval-check-output"]
points = {name: metrics.confusion(scores, labels, threshold) for name, threshold in thresholds.items()}
operating = pd.DataFrame(
    {name: [thresholds[name], point.far, point.frr, point.hter] for name, point in points.items()},
    index=["threshold", "FAR", "FRR", "HTER"],
)
print(operating.to_string(float_format="{:.3f}".format))
print(f"AUC {metrics.auc(scores, labels):.3f}  D-EER {metrics.eer(scores, labels):.3f}")

# %% tags=["hide-input"]
width = 0.16  # divides 0.8, so that all three thresholds fall between two bars
edges = at_eer + width * np.arange(
    np.floor((scores.min() - at_eer) / width), np.ceil((scores.max() - at_eer) / width) + 1
)
fig, panels = plt.subplots(1, 3, figsize=(plots.WIDTH, 2.9), sharey=True)
for panel, (name, threshold) in zip(panels, thresholds.items(), strict=True):
    matrix = metrics.confusion(scores, labels, threshold)
    for label, colour, side in ((BONA_FIDE, plots.BONA_FIDE, 1), (ATTACK, plots.ATTACK, -1)):
        own = scores[labels == label]
        wrong = own >= threshold if label == ATTACK else own < threshold
        for chosen, alpha in ((~wrong, 0.28), (wrong, 1.0)):
            heights, _ = np.histogram(own[chosen], edges)
            panel.bar(edges[:-1], side * heights, width, align="edge", color=colour, alpha=alpha, linewidth=0)
    panel.axhline(0, color="#374151", linewidth=0.8)
    panel.axvline(threshold, color="black", linewidth=1.2)
    panel.set_title(f"{name}: {signed(threshold)}")
    panel.set_xlabel("score")
    panel.grid(visible=False)
    panel.text(
        0.03,
        0.97,
        f"FAR {percent(matrix.far)}\nFRR {percent(matrix.frr)}",
        transform=panel.transAxes,
        va="top",
    )
panels[0].set_ylabel("frames")
panels[0].yaxis.set_major_formatter(lambda value, _: f"{abs(value):.0f}")
panels[0].set_ylim(top=1.3 * panels[0].get_ylim()[1])
for text, height, colour in (("bona fide", 0.97, plots.BONA_FIDE), ("attacks", 0.1, plots.ATTACK)):
    panels[0].text(0.99, height, text, transform=panels[0].transAxes, ha="right", va="top", color=colour)
figure(
    fig,
    name="fig-threshold-moves",
    caption=(
        "One set of simulated scores and three thresholds (black). Bona fide frames point up, attacks point down; "
        "solid bars are the errors: attacks to the right of the threshold are accepted, bona fide frames to its left "
        "are rejected. Moving the threshold buys one error with the other."
    ),
    alt=(
        "Three histograms of the same scores, bona fide above the axis and attacks below, with a vertical threshold "
        "that moves from left to right; the share of wrongly accepted attacks shrinks while the share of wrongly "
        "rejected bona fide frames grows."
    ),
    evidence="stand-in",
)

# %% [markdown]
# {numref}`fig-threshold-moves` shows why a single pair of rates says little: any of the three detectors is the same detector.
# {numref}`fig-curves` shows all thresholds at once. The ROC curve plots the accepted share of bona fide presentations over
# FAR. The DET curve {cite:p}`martin1997det` plots FRR over FAR on axes that are stretched by the normal quantile, so that
# small rates remain readable; two normal distributions give a straight line there. The attacks of this simulation are two
# species with different means, which bends the line.

# %% tags=["hide-input"]
curve = metrics.roc(scores, labels)
ticks = [0.001, 0.01, 0.05, 0.2, 0.5, 0.8, 0.95]
fig, (left, right) = plt.subplots(1, 2, figsize=(plots.WIDTH, 3.3))
left.plot(curve.far, 1 - curve.frr, color="#374151")
right.plot(*metrics.det(scores, labels), color="#374151")
left.plot([0, 1], [0, 1], color="#9ca3af", linewidth=1, linestyle="--")
diagonal = metrics.probit([0.0005, 0.95])
right.plot(diagonal, diagonal, color="#9ca3af", linewidth=1, linestyle="--")
for (name, threshold), marker in zip(thresholds.items(), "osD", strict=True):
    matrix = metrics.confusion(scores, labels, threshold)
    style = {"marker": marker, "linestyle": "none", "markersize": 6, "label": f"{name}: {signed(threshold)}"}
    left.plot(matrix.far, 1 - matrix.frr, color=plots.PALETTE[0], **style)
    right.plot(metrics.probit(matrix.far), metrics.probit(matrix.frr), color=plots.PALETTE[0], **style)
left.set(title="ROC", xlabel="FAR", ylabel="1 − FRR", aspect="equal", xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
left.legend(title="threshold", loc="lower right")
positions = metrics.probit(ticks)
names = [f"{100 * tick:g}" for tick in ticks]
right.set_xticks(positions, names)
right.set_yticks(positions, names)
right.set(title="DET", xlabel="FAR, %", ylabel="FRR, %", aspect="equal")
right.set(xlim=(positions[0] - 0.1, positions[-1]), ylim=(positions[0] - 0.1, positions[-1]))
figure(
    fig,
    name="fig-curves",
    caption=(
        "All operating points of the same simulated scores. Left, ROC: a useless detector lies on the dashed diagonal. "
        "Right, DET: on the dashed diagonal the two rates are equal; the curve meets it at the D-EER."
    ),
    alt=(
        "Two curves with the three thresholds marked: a ROC curve that bulges towards the upper left corner, and a DET "
        "curve that falls from the upper left to the lower right."
    ),
    evidence="stand-in",
)

# %% [markdown]
# ## The species that the average hides
#
# An attacker does not draw a species at random from the test set. Somebody who has a mask that works will use the mask. That is
# why the standard asks for the APCER of each species and for the worst of them. The pooled FAR is an average weighted by how
# many frames of each species happened to be recorded, so it always lies between the best and the worst species and can be
# made as low as one likes by recording more of the easy one.
#
# Here is the threshold that keeps the **pooled** APCER within the target, beside the one that keeps **every species** within it.

# %%
choices = {
    "pooled": metrics.apcer_threshold(scores, labels, target),
    "every species": metrics.apcer_threshold(scores, labels, target, species),
}
rows = []
for name, threshold in choices.items():
    by_species = metrics.apcer(scores, labels, threshold, species)
    rows.append(
        {
            "target met by": name,
            "threshold": threshold,
            "APCER print": by_species["print"],
            "APCER mask": by_species["mask"],
            "FAR (pooled)": metrics.far(scores, labels, threshold),
            "BPCER": metrics.bpcer(scores, labels, threshold),
        }
    )
table(
    pd.DataFrame(rows),
    name="tab-species",
    caption=f"An APCER of at most {percent(target, 0)}, asked of the pool and of every species (simulated scores).",
    evidence="stand-in",
    formats={"threshold": signed}
    | dict.fromkeys(["APCER print", "APCER mask", "FAR (pooled)", "BPCER"], percent),
)
worst, rate = metrics.worst_apcer(scores, labels, choices["pooled"], species)
glue("pooled-worst", percent(rate, 0), display=False)
glue("worst-species", worst, display=False)
glue("pooled-target", percent(target, 0), display=False)

# %% tags=["hide-input"]
grid = np.linspace(-3, 3.2, 400)
by_threshold = pd.DataFrame([metrics.apcer(scores, labels, threshold, species) for threshold in grid])
fig, panel = plt.subplots(figsize=(plots.WIDTH, 3.2))
panel.plot(grid, by_threshold["mask"], color=plots.ATTACK, label="APCER mask")
panel.plot(grid, by_threshold["print"], color=plots.PALETTE[3], label="APCER print")
panel.plot(
    grid,
    [metrics.far(scores, labels, threshold) for threshold in grid],
    color="#374151",
    linestyle="--",
    label="FAR (pooled)",
)
panel.plot(
    grid,
    [metrics.bpcer(scores, labels, threshold) for threshold in grid],
    color=plots.BONA_FIDE,
    label="BPCER",
)
panel.axhline(target, color="#6b7280", linewidth=1, linestyle=":")
panel.text(grid[0] + 0.05, target + 0.015, f"target {percent(target, 0)}", color="#6b7280", fontsize=8.5)
for (name, threshold), align in zip(choices.items(), ("right", "left"), strict=True):
    panel.axvline(threshold, color="black", linewidth=1)
    shift = -0.05 if align == "right" else 0.05
    panel.text(threshold + shift, 1.0, name, ha=align, va="top", fontsize=8.5)
panel.set(xlabel="threshold", ylabel="rate", ylim=(0, 1.02), xlim=(grid[0], grid[-1]))
panel.legend(loc="center left")
figure(
    fig,
    name="fig-species",
    caption=(
        "Error rates over the threshold, simulated scores. The pooled FAR (dashed) follows the frequent prints, while the "
        "rarer masks still pass. Vertical lines: the lowest thresholds that meet the target for the pool and for every "
        "species."
    ),
    alt=(
        "Falling curves of the APCER of prints, of masks and of the pool, and a rising curve of the BPCER, over the "
        "threshold; the mask curve falls much later than the pooled one."
    ),
    evidence="stand-in",
)

# %% [markdown]
# With the pooled target of {glue:text}`pooled-target` met, the species "{glue:text}`worst-species`" still passes in
# {glue:text}`pooled-worst` of its frames ({numref}`fig-species`). Meeting the target for every species costs more
# rejected bona fide frames; {numref}`tab-species` shows the price. The paper reports pooled rates only, and its test sets
# mix species: the attacks of Replay-Attack are prints, photographs and videos on two kinds of screens.
#
# ## How sure is a rate?
#
# A rate is an estimate from a sample. The question is: a sample of what? Frames of one video are nearly copies of one another.
# In {numref}`fig-people` each column is one person, and for most people the masks are either nearly all accepted or nearly
# all rejected. Recording the same people for longer adds frames, but hardly any information about the next person.

# %% tags=["hide-input"]
attacks = data[data["label"] == ATTACK]
order = attacks.groupby("subject")["score"].mean().sort_values().index
jitter = np.random.default_rng(seed)
fig, panel = plt.subplots(figsize=(plots.WIDTH, 2.9))
for column, person in enumerate(order):
    for name, colour, marker in (("print", plots.PALETTE[3], "o"), ("mask", plots.ATTACK, "^")):
        own = attacks.loc[(attacks["subject"] == person) & (attacks["species"] == name), "score"].to_numpy()
        x = column + jitter.uniform(-0.25, 0.25, own.size)
        panel.scatter(
            x, own, s=9, color=colour, marker=marker, linewidth=0, label=name if column == 0 else None
        )
panel.axhline(at_eer, color="black", linewidth=1.2)
panel.text(len(order) - 0.4, at_eer, "threshold", va="center", fontsize=8.5)
panel.set(xlabel="person, by mean score", ylabel="score of an attack frame", xlim=(-0.7, len(order) - 0.45))
panel.set_xticks([])
panel.grid(visible=False, axis="x")
panel.legend(loc="lower right", ncols=2, markerscale=2)
figure(
    fig,
    name="fig-people",
    caption=(
        "Attack frames of the simulated database by person (simulated scores); those above the line are accepted. The frames of one person "
        "and species lie close together, so they succeed or fail together."
    ),
    alt=(
        "Columns of points, one for each person; prints and masks of one person form tight clusters whose heights differ "
        "from person to person."
    ),
    evidence="stand-in",
)

# %% [markdown]
# An interval that takes every frame for an independent trial ignores this and is too narrow. An interval that resamples **people**,
# each with all their frames, does not {cite:p}`field2007clusters`. In a simulation the true FAR is known, so the claim can be
# tested: simulate a database many times, compute a 95 % interval each time, and count how often it holds the truth.

# %%
threshold = NormalDist(MEAN["bonafide"], np.hypot(SUBJECT_SD, FRAME_SD)).inv_cdf(target)
masks = round(mask_share * frames) / frames
true_far = sum(
    share * (1 - NormalDist(MEAN[name], np.hypot(SUBJECT_SD, FRAME_SD)).cdf(threshold))
    for name, share in (("print", 1 - masks), ("mask", masks))
)
found: dict[str, list[Interval]] = {"frame": [], "person": []}
for number in range(databases):
    sample = simulate(np.random.default_rng([seed, number]))
    for unit, ids in (("frame", sample.index), ("person", sample["subject"])):
        intervals = bootstrap_rates(
            sample["score"], sample["label"], ids, threshold, resamples=resamples, seed=number
        )
        found[unit].append(intervals["far"])
covers = {unit: [i.low <= true_far <= i.high for i in intervals] for unit, intervals in found.items()}
mean_width = {unit: np.mean([i.high - i.low for i in intervals]) for unit, intervals in found.items()}
glue("covered-frame", percent(np.mean(covers["frame"]), 0), display=False)
glue("covered-person", percent(np.mean(covers["person"]), 0), display=False)
glue("width-ratio", f"{mean_width['person'] / mean_width['frame']:.1f}", display=False)

# %% tags=["nbval-check-output"]
print(f"true FAR {true_far:.4f} at threshold {threshold:.2f}")
print("95 % intervals that hold the truth:")
for unit, held in covers.items():
    print(f"by {unit:6} {sum(held)} of {databases}, mean width {mean_width[unit]:.3f}")

# %% tags=["hide-input"]
fig, panels = plt.subplots(1, 2, figsize=(plots.WIDTH, 3.4), sharex=True)
for panel, (unit, intervals) in zip(panels, found.items(), strict=True):
    ranked = sorted(zip(intervals, covers[unit], strict=True), key=lambda pair: pair[0].estimate)
    for height, (interval, held) in enumerate(ranked):
        colour = plots.PALETTE[0] if held else plots.ATTACK
        panel.plot([interval.low, interval.high], [height, height], color=colour, linewidth=1.1)
        panel.plot(interval.estimate, height, ".", color=colour, markersize=3)
    panel.axvline(true_far, color="black", linewidth=1.2)
    panel.set_title(f"by {unit}: {sum(covers[unit])} of {databases} hold the truth")
    panel.set_xlabel("FAR")
    panel.set_yticks([])
    panel.grid(visible=False, axis="y")
panels[0].set_ylabel("simulated databases")
figure(
    fig,
    name="fig-coverage",
    caption=(
        f"95 % intervals of the FAR in {databases} simulated databases of {subjects} people, sorted by their estimate. Black "
        "line: the true FAR. Blue intervals hold it, orange ones miss it. Resampling frames promises 95 % and keeps far less; "
        "resampling people comes much closer."
    ),
    alt=(
        "Two panels of many horizontal intervals around a vertical line; by frame they are short and many of them miss the "
        "line, by person they are long and most of them cross it."
    ),
    evidence="stand-in",
)

# %% [markdown]
# Resampled by frame, {glue:text}`covered-frame` of the intervals hold the truth; resampled by person,
# {glue:text}`covered-person`, with intervals that are {glue:text}`width-ratio` times as wide ({numref}`fig-coverage`). The
# wide ones are the honest ones. They too fall a little short of 95 % when people are few: a percentile interval from a small sample is
# rather too narrow.
#
# `attacknet.intervals` draws people within strata: those with bona fide frames, those with attack frames, and those with
# both, so that no resample loses a class.
#
# ## When nothing went wrong
#
# Zero errors in $n$ independent trials do not mean an error rate of zero. If the true rate is $p$, nothing goes wrong with
# probability $(1 - p)^n$. Rates up to the $p$ at which this drops to 5 % remain plausible:
#
# ```{math}
# \begin{aligned}
# (1 - p)^n &= 0.05 \\
# \Longrightarrow\quad p &= 1 - 0.05^{1/n} \approx \frac{3}{n},
# \end{aligned}
# ```
#
# the **rule of three** {cite:p}`hanley1983nothing`. The bootstrap is of no use here: with no error in the sample there
# is none in any resample, and its interval has no width. The paper's 3DMAD model makes no error on the test part of
# 3DMAD (Table 4). What that shows depends on what counts as a trial.
#
# 3DMAD has {glue:text}`people` people {cite:p}`erdogmus2013mask`, each with {glue:text}`mask-videos` mask videos. The notebook published with an earlier paper of
# the group {cite:p}`kuznetsov2022liveliness` keeps {glue:text}`people-tested` people for validation and trains on the others, so nobody is in
# both parts, as it should be. The cell below checks whether the numbers of images that the later training notebook prints
# {cite:p}`zakharov2023code` go with the same split; half of the images are attacks. If they do, both parts come to the
# same whole number of frames of each mask video.

# %% tags=["nbval-check-output"]
paper = tables.load()
listing = paper.listings["3dmad"]
PEOPLE, MASK_VIDEOS = listing["subjects"], listing["attack_sessions"] * listing["videos_a_session"]
PEOPLE_TESTED = len(paper.as_run["tested_subjects"]["3dmad"])
for name, number in (("people", PEOPLE), ("mask-videos", MASK_VIDEOS), ("people-tested", PEOPLE_TESTED)):
    glue(name, number, display=False)
perfect = paper.counts["3dmad", "3dmad"]
images = paper.as_run["images"]["3dmad"]
per_video = {
    "training": images["training"] / 2 / ((PEOPLE - PEOPLE_TESTED) * MASK_VIDEOS),
    "test": images["test"] / 2 / (PEOPLE_TESTED * MASK_VIDEOS),
}
print(f"errors: {perfect.attack_as_bonafide} of {perfect.attacks} attack frames")
for part, frames_per_video in per_video.items():
    print(f"{part}: {frames_per_video:g} frames of each mask video")

# %%
trials = {
    "attack frames, as if independent": perfect.attacks,
    "people in the whole database": PEOPLE,
    "people in the test part": PEOPLE_TESTED,
}
table(
    pd.DataFrame(
        {
            "what counts as a trial": list(trials),
            "trials": list(trials.values()),
            "rule of three": [rule_of_three(n) for n in trials.values()],
            "exact, one-sided": [1 - 0.05 ** (1 / n) for n in trials.values()],
            "Clopper–Pearson, two-sided": [clopper_pearson(0, n).high for n in trials.values()],
        }
    ),
    name="tab-zero-errors",
    caption="Upper 95 % limits of an error rate after no error, for the 3DMAD model on 3DMAD.",
    evidence="recomputed",
    formats=dict.fromkeys(["rule of three", "exact, one-sided", "Clopper–Pearson, two-sided"], percent),
)
glue("limit-database", percent(1 - 0.05 ** (1 / PEOPLE), 0), display=False)
glue("limit-tested", percent(1 - 0.05 ** (1 / PEOPLE_TESTED), 0), display=False)

# %% tags=["hide-input"]
counts = np.geomspace(3, 1000, 200)
fig, panel = plt.subplots(figsize=(plots.WIDTH, 3.0))
panel.plot(counts, 1 - 0.05 ** (1 / counts), color=plots.PALETTE[0], label="exact, one-sided")
panel.plot(counts, 3 / counts, color="#374151", linestyle="--", linewidth=1.2, label="rule of three")
for what, n in trials.items():
    limit = 1 - 0.05 ** (1 / n)
    panel.plot(n, limit, "o", color=plots.ATTACK, markersize=6, zorder=3)
    panel.annotate(
        f"{n} {what.split(',')[0]}: {percent(limit)}",
        (n, limit),
        xytext=(24 if n < 10 else 8, 6 if n < 10 else 12),
        textcoords="offset points",
        ha="left" if n < 100 else "center",
        fontsize=8.5,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5},
    )
panel.set(xscale="log", xlabel="independent trials without an error", ylabel="upper 95 % limit of the rate")
panel.set(ylim=(0, 0.75), xlim=(3, 1000))
panel.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
panel.yaxis.set_major_formatter(lambda value, _: percent(value, 0))
panel.legend(loc="upper right")
figure(
    fig,
    name="fig-zero-errors",
    caption=(
        "What zero errors rule out. The points are three readings of one result, the 3DMAD model on 3DMAD: its frames taken "
        "for independent, all people of the database, the people in the test part."
    ),
    alt="A curve of the upper limit that falls with the number of trials, and three points on it: "
    + ", ".join(f"{percent(1 - 0.05 ** (1 / n), 0)} for {n} {what}" for what, n in trials.items()),
    evidence="recomputed",
)

# %% [markdown]
# Both parts come out at the same whole number of frames a video, so the attack frames are most likely the masks of {glue:text}`people-tested`
# people. The result is the best that can be observed, and it is still compatible with a detector that fails for
# {glue:text}`limit-tested` of all people. Had everybody in the database been tested it would be {glue:text}`limit-database`, and no limit can be lower
# ({numref}`tab-zero-errors`). It is no fault of the authors that 3DMAD is small; it is a reason to print an interval beside
# a recall of {claim}`t4.3dmad.3dmad.attack.recall`. The last column holds the two-sided interval of Clopper and Pearson {cite:p}`clopper1934use`, which is exact for
# any number of errors; {numref}`fig-zero-errors` can be read for any database.
#
# ## Move the threshold yourself
#
# {numref}`fig-explorer` holds the simulated scores once more. On a screen it can be moved: the threshold, by hand or to one of those met above,
# and the **attack mix**, which says how often each recorded frame of a species counts.

# %% tags=["hide-input"]
explorer.show(
    [
        explorer.View(
            "simulated scores",
            data,
            {"D-EER": at_eer}
            | thresholds
            | {f"{percent(target, 0)}, {name}": threshold for name, threshold in choices.items()},
        )
    ],
    name="fig-explorer",
    caption=(
        "The simulated scores at one threshold, first that of the D-EER. Left, a histogram for each species; solid bars are wrong decisions. "
        f"Right, the ROC curve; the cross is an interval at {percent(0.95, 0)} that takes each person for one trial."
    ),
    alt=(
        "A histogram of the bona fide scores and one of each attack species with a common threshold, and a ROC curve with the point of "
        "that threshold and a wide cross around it."
    ),
    evidence="stand-in",
)
before = metrics.far(scores, labels, at_eer)
copies = np.where(species == "print", explorer.MOST_COPIES, 1)
after = metrics.far(np.repeat(scores, copies), np.repeat(labels, copies), at_eer)
for name, number in (("far-recorded", before), ("far-diluted", after)):
    glue(name, percent(number), display=False)
for name, rate in metrics.apcer(scores, labels, at_eer, species).items():
    glue(f"apcer-{name}", percent(rate), display=False)
glue("copies", explorer.MOST_COPIES, display=False)

# %% [markdown]
# Let every print count {glue:text}`copies` times, and at the threshold of the D-EER the FAR goes from {glue:text}`far-recorded` to
# {glue:text}`far-diluted`, the HTER with it. The detector has not changed: the APCER stays at {glue:text}`apcer-print` of the prints and
# {glue:text}`apcer-mask` of the masks, since each is a share of its own species. So a FAR describes a detector *and* a mix, and two FARs can be
# compared only if the mix is the same. Leave the masks out, and even the worst APCER is silent about them: no rate knows a species that nobody
# recorded. And copies of frames do not narrow the interval, for they add nobody.
#
# ## Cases that need a decision
#
# Two programs that compute "the EER" can differ where a definition leaves room. `attacknet.metrics` decides as follows, and
# its tests hold it to that.
#
# | case | decision |
# |:--|:--|
# | a score on the threshold | accepted: the rule is score ≥ threshold |
# | equal scores | share their fate; a threshold never falls between them, and a tied pair counts half in the AUC |
# | where in a gap to cut | midway between the lowest accepted and the highest rejected score |
# | several equally good thresholds | the one with the lowest FAR: doubt rejects |
# | FAR and FRR never equal | D-EER is their mean where they are closest; nothing is interpolated |
# | all scores equal | D-EER and AUC are 1/2; the threshold rejects all |
# | a score of +∞ or −∞ | valid: accepted by every threshold, rejected by every finite one |
# | a class is missing | the rates about it are an error, never 0; the other class is still measured |
# | none of the positives found | F₁ is 0, the limit of equation {eq}`eq-f1`, which itself reads 0/0 |
# | one class far larger | no effect on FAR, FRR, HTER, APCER, BPCER and AUC; precision and F₁ change |
# | no score, for instance no face found | a non-response: counted in APNRR or BPNRR, left out of the other rates |
# | the score is NaN | refused, and the row is named |
#
# ## Worked by hand
#
# {numref}`tab-worked` works each metric by hand on the few scores of {numref}`tab-score-sets`, as exact fractions. The last
# column is what the package computes. The package's tests use the same cases.


# %% tags=["hide-input"]
def plain(numbers: tuple[float, ...]) -> str:
    """Return numbers as one writes them by hand."""
    return ", ".join(f"{number:g}" for number in numbers).replace("-", "−").replace("inf", "∞")


table(
    pd.DataFrame(
        {
            "name": [s.name for s in SCORE_SETS],
            "bona fide": [plain(s.bonafide) or None for s in SCORE_SETS],
            "attacks": [
                "; ".join(f"{name} {plain(group)}" for name, group in s.attacks.items()) for s in SCORE_SETS
            ],
        }
    ),
    name="tab-score-sets",
    caption="The scores of the worked cases.",
    evidence="recomputed",
)


# %% tags=["hide-input"]
IN_WORDS = {
    "far": "FAR, equation (7)",
    "frr": "FRR, equation (8)",
    "hter": "HTER, equation (9)",
    "apcer": "APCER of one PAI species",
    "worst_apcer": "APCER of the worst species",
    "bpcer": "BPCER",
    "precision": "precision, equation (4)",
    "recall": "recall, equation (5)",
    "f1": "F₁, equation (6)",
    "eer": "D-EER",
    "eer_threshold": "threshold of the D-EER",
    "min_hter_threshold": "threshold of the lowest HTER",
    "apcer_threshold": "lowest threshold whose APCER meets a target",
    "bpcer_at_apcer": "BPCER where the APCER meets a target",
    "auc": "area under the ROC",
}


def asked_with(arguments: dict) -> str:
    """Return the arguments of a worked case in words."""
    parts = []
    for name, value in arguments.items():
        if name == "positive":
            parts.append(f"{'bona fide' if value == BONA_FIDE else 'attack'} positive")
        elif name == "by":
            parts.append("every species" if value == "species" else value)
        else:
            parts.append(f"{name} {plain((value,))}")
    return ", ".join(parts)


table(
    pd.DataFrame(
        {
            "metric": [IN_WORDS[case.metric] for case in WORKED_CASES],
            "scores": [case.on.name for case in WORKED_CASES],
            "asked with": [asked_with(case.arguments) or None for case in WORKED_CASES],
            "by hand": [case.working for case in WORKED_CASES],
            "exact": [str(case.answer) for case in WORKED_CASES],
            "computed": [case.compute() for case in WORKED_CASES],
        }
    ),
    name="tab-worked",
    caption="Every metric, worked by hand and computed.",
    evidence="recomputed",
    formats={"computed": ".4f"},
)

# %% tags=["nbval-check-output"]
wrong = [case for case in WORKED_CASES if not np.isclose(case.compute(), float(case.answer), rtol=1e-12)]
print(f"{len(WORKED_CASES)} cases by hand, {len(wrong)} computed otherwise")

# %% [markdown]
# ## Summary
#
# - Table 3 and equations (4) to (9) of the paper agree with each other; the prose of its section 4.3.1 exchanges false
#   positives and false negatives. This book follows the table.
# - The paper's FAR is the APCER pooled over species, its FRR is the BPCER, its HTER their mean at a threshold of 0.5.
# - A pooled rate hides the worst species, and an attacker will choose that one.
# - People are the trials, not frames. An interval by frame looks precise and misses the truth; after no error in $n$
#   people, rates up to about $3/n$ remain plausible.
#
# **To try:** run this chapter with `-p subjects 6`, then with `-p mask_share 0.5`, and explain what changes in
# {numref}`fig-coverage` and {numref}`fig-species`.
#
# **Read next:** {doc}`05_0_table4` applies these metrics to the authors' thirty confusion matrices, with an interval for each
# rate.
