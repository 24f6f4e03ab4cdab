# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Exercises to part 5: results
#
# Table 4, one dataset, across datasets, all of them together, and attention maps. A cell that begins with `# YOUR
# CODE HERE` is yours; the cell below it says whether your answer is right, and if it is not, where to look. Counts
# are those that the paper's authors published; all scores, curves and maps are simulated.

# %%
import numpy as np
import pandas as pd

from attacknet import metrics
from attacknet.evaluation import frozen_threshold
from attacknet.exercises import results
from attacknet.explain.similarity import rank_correlation
from attacknet.intervals import clopper_pearson
from attacknet.paper import exact, tables

paper = tables.load()

# %% [markdown]
# ## 5.0 a: From four counts to three rates
#
# *Trains: reading a confusion matrix.*
#
# `counts` is the authors' own matrix for the model that was trained on MSSpoof and tested on 3DMAD. Compute its FAR,
# FRR and HTER from the four counts, and hold the last against Table 4 of the paper.

# %%
counts = paper.counts["msspoof", "3dmad"]
counts

# %%
# BEGIN SOLUTION
far = counts.attack_as_bonafide / (counts.attack_as_bonafide + counts.attack_as_attack)
frr = counts.bonafide_as_attack / (counts.bonafide_as_bonafide + counts.bonafide_as_attack)
hter = (far + frr) / 2
# END SOLUTION

# %% tags=["check"]
results.check_row(far, frr, hter)

# %% [markdown] tags=["solution"]
# Each rate has its own class as denominator, whatever the other class does. The HTER that the paper prints for this
# pair is {claim}`t4.msspoof.3dmad.hter`. {doc}`/notebooks/06_3_audit` says where that number may come from.

# %% [markdown]
# ## 5.0 b: A table with slips
#
# *Trains: auditing a printed table. Planted fault: numbers in the wrong place.*
#
# Five systems, their counts, and the rates that somebody printed beside them (bona fide is the positive class). Two
# mistakes were made while the table was typed. Which cells are wrong? Answer with a set of pairs (system, rate).

# %%
table, check_table = results.printed_table()
table

# %%
# BEGIN SOLUTION
wrong = set()
for system, row in table.iterrows():
    matrix = metrics.Confusion(*row[:4])
    for rate, value in exact.rates(matrix, "bonafide").items():
        if rate in table and abs(value - float(row[rate])) > 0.0005 + 1e-9:
            wrong.add((system, rate))
# END SOLUTION

# %% tags=["check"]
check_table(wrong)

# %% [markdown] tags=["solution"]
# One row has FAR and FRR exchanged, one repeats a neighbouring column. Neither looks odd: all numbers are plausible
# rates, and the HTER is right in both rows, since it does not mind the exchange. The audit of the paper's Table 4
# finds mistakes of just these kinds, by just this comparison ({doc}`/notebooks/05_0_table4`).

# %% [markdown]
# ## 5.0 c: What a mean of two hides
#
# *Trains: looking behind the HTER.*
#
# Of the twenty cells in which a model of one database is tested on another (`results.CROSS`), in how many is the
# smaller of the two errors below 5 % and the larger above 50 %?

# %%
# BEGIN SOLUTION
matrices = [paper.counts[cell] for cell in results.CROSS]
lopsided = sum(min(m.far, m.frr) < 0.05 and max(m.far, m.frr) > 0.5 for m in matrices)
# END SOLUTION

# %% tags=["check"]
results.check_lopsided(lopsided)

# %% [markdown] tags=["solution"]
# In these cells the detector leans to one side: it lets most attacks in, or keeps most people out. All their HTERs
# lie below one half and read like a weak but working detector. A report should give both errors; the mean can always
# be computed from them, and never the other way round.

# %% [markdown]
# ## 5.1 a: What confidence costs
#
# *Trains: changing a parameter of an interval.*
#
# In a test with 20 people, 2 were rejected. How many times as wide is the 99 % interval as the 95 % one? And how many
# people, in tens, must be tested so that with a tenth of them rejected the 95 % interval is narrower than 10
# percentage points? `clopper_pearson(errors, trials, confidence)` gives the interval. In chapter 5.1 the parameter is
# called `confidence`.

# %%
clopper_pearson(2, 20)


# %%
# BEGIN SOLUTION
def width(errors, trials, confidence=0.95):
    interval = clopper_pearson(errors, trials, confidence)
    return interval.high - interval.low


ratio = width(2, 20, 0.99) / width(2, 20)
people = next(n for n in range(10, 1000, 10) if width(n // 10, n) < 0.1)
# END SOLUTION

# %% tags=["check"]
results.check_width(ratio, people)

# %% [markdown] tags=["solution"]
# More confidence costs little width. More precision costs many people: the width falls with the square root of their
# number. None of the paper's databases whose people are known has nearly as many in its test set as would be needed
# here.

# %% [markdown]
# ## 5.1 b: Two spreads
#
# *Trains: keeping two questions apart.*
#
# One recipe was trained under five seeds, and each network tested on the same 20 people. `errors` holds the error
# rate of each. How uncertain is the mean because *other people* might have been tested (the standard error over
# people, of rates that are averaged over the seeds)? And how much does it vary because the training might have begun
# *from another seed* (the standard deviation of the seeds' means)? Divide by one less than the number of values, as
# pandas does.

# %%
errors, check_spreads = results.errors_by_person()
errors.iloc[:, :6].round(2)

# %%
# BEGIN SOLUTION
by_person = errors.mean(axis=0)
over_people = by_person.std() / np.sqrt(len(by_person))
over_seeds = errors.mean(axis=1).std()
# END SOLUTION

# %% tags=["check"]
check_spreads(over_people, over_seeds)

# %% [markdown] tags=["solution"]
# Here the people matter more. Training twice as many seeds would refine the number that is known best already. A
# table that gives "mean ± standard deviation" without saying over what answers one of the two questions, and mostly
# the cheaper one.

# %% [markdown]
# ## 5.1 c: The best of five
#
# *Trains: checking a report. Planted fault: a seed chosen on the test set.*
#
# Four groups train under five seeds each and report one HTER. All say that they took the seed that was best on the
# development set. Who did not, and what should have been reported?

# %%
measured, reported, check_seeds = results.best_seeds()
print(reported)
pd.concat(measured, axis=1)

# %%
# BEGIN SOLUTION
promised = {group: one["test HTER"][one["dev HTER"].idxmin()] for group, one in measured.items()}
(suspect,) = [group for group in promised if promised[group] != reported[group]]
honest = promised[suspect]
# END SOLUTION

# %% tags=["check"]
check_seeds(suspect, honest)

# %% [markdown] tags=["solution"]
# The lowest of five measurements is lower than what the recipe will reach next time; the more seeds one tries, the
# more so. Choosing on the development set is allowed, since the test set then sees one network only. Reporting all
# five is better still.

# %% [markdown]
# ## 5.2 a: One test, three thresholds
#
# *Trains: the frozen threshold.*
#
# A detector was trained on one database (`dev` is its development set there) and tested on another (`test`). Compute
# the HTER on the test set at the frozen threshold, at one half, and at the test set's own equal error threshold.

# %%
dev, test, check_transfer = results.transfer()
test.groupby("species")["score"].describe().round(2)

# %%
# BEGIN SOLUTION
columns = test["score"], test["label"]
frozen = metrics.hter(*columns, frozen_threshold(dev))
at_half = metrics.hter(*columns, 0.5)
own = metrics.eer(*columns)
# END SOLUTION

# %% tags=["check"]
check_transfer(frozen, at_half, own)

# %% [markdown] tags=["solution"]
# The detector separates the classes nearly as well as at home, but all scores have moved, and the threshold has not.
# Only the first number is a result. The second belongs to a threshold that nobody chose for this detector. The third
# says what a recalibration could reach at best, for somebody who has labelled samples of the new place.

# %% [markdown]
# ## 5.2 b: Threshold or ranking?
#
# *Trains: telling two kinds of failure apart.*
#
# Six cells of a matrix, each with the scores of the development set and of the test set. Which of them fail (HTER
# above 0.3 at the frozen threshold) although their ranking is good (D-EER below 0.15)?

# %%
cells, check_cells = results.matrix_of_scores()
list(cells)

# %%
# BEGIN SOLUTION
mended = set()
for name, (dev, test) in cells.items():
    columns = test["score"], test["label"]
    if metrics.hter(*columns, frozen_threshold(dev)) > 0.3 and metrics.eer(*columns) < 0.15:
        mended.add(name)
# END SOLUTION

# %% tags=["check"]
check_cells(mended)

# %% [markdown] tags=["solution"]
# These cells need a few labelled samples of the new place, to set the threshold anew. The other failing cells need
# another network: no threshold separates what the scores do not. Confusion matrices at one threshold, which is all
# that the paper's authors published, cannot tell the two apart; scores can.

# %% [markdown]
# ## 5.2 c: Better than guessing?
#
# *Trains: using an interval to make a statement.*
#
# In how many of the twenty cross-database cells does the whole 95 % interval of the HTER lie below one half?
# `exact.interval(counts, "bonafide", "hter")` takes the frames as independent.

# %%
exact.interval(paper.counts["msspoof", "3dmad"], "bonafide", "hter")

# %%
# BEGIN SOLUTION
ends = [exact.interval(paper.counts[cell], "bonafide", "hter")[1] for cell in results.CROSS]
below = sum(end < 0.5 for end in ends)
# END SOLUTION

# %% tags=["check"]
results.check_better_than_guessing(below)

# %% [markdown] tags=["solution"]
# Most cells pass, and that is as far as the counts can go, under an assumption that favours the paper. If all frames
# of a person are taken as one trial instead, {doc}`/notebooks/05_2_cross_database` finds that the picture changes
# altogether. The truth lies in between, and nobody can say where without the scores by person.

# %% [markdown]
# ## 5.3 a: Who dominates the pool?
#
# *Trains: what fused training weighs.*
#
# The released notebook pools the training pictures of five databases. Which share does each have? And with which
# weights, summing to one, must a picture of each be drawn so that all five databases contribute alike?

# %%
sizes = {name: paper.as_run["images"][name]["training"] for name in tables.DATABASES}
sizes

# %%
# BEGIN SOLUTION
shares = {name: size / sum(sizes.values()) for name, size in sizes.items()}
inverse = {name: 1 / size for name, size in sizes.items()}
weights = {name: one / sum(inverse.values()) for name, one in inverse.items()}
# END SOLUTION

# %% tags=["check"]
results.check_shares(shares, weights)

# %% [markdown] tags=["solution"]
# More than half of the pool is one database, because more frames were taken of it, not because it teaches more. A
# fused model may be good on that database and bad on the others without anybody noticing from the pooled loss. Equal
# weights are not right as such, either; but then the choice is made by somebody, and written down.

# %% [markdown]
# ## 5.3 b: Labels that are coins
#
# *Trains: an experiment that finds leaks nobody thought of. Planted fault: a development set that was trained on.*
#
# Five pipelines were run once more with **shuffled labels**. `curves` holds the losses (nats). Which of the five have
# a development set that shares pictures with the training set?

# %%
curves, check_pipelines = results.pipelines()
pd.concat({name: one.set_index("epoch").iloc[[0, 4, 9, 19]] for name, one in curves.items()}, axis=1).round(
    2
).T

# %%
# BEGIN SOLUTION
chance = np.log(2)
leaking = {name for name, one in curves.items() if one["development loss"].iloc[-5:].mean() < chance - 0.1}
# END SOLUTION

# %% tags=["check"]
check_pipelines(leaking)

# %% [markdown] tags=["solution"]
# If labels are coins, there is nothing to learn but the training pictures by heart. On other pictures no network can
# then do better than one half for everything, a loss of $\ln 2$; confidence makes it worse. A development loss that
# falls below has seen its own pictures, by whatever way. The test needs no idea of where the leak is, and takes one
# training.

# %% [markdown]
# ## 5.3 c: Pooled, or one by one?
#
# *Trains: two averages that are not the same.*
#
# The fused model was tested on five test sets. Compute its HTER over all frames of the five pooled, and the mean of
# the five HTERs.

# %%
fused = {name: paper.counts["fused", name] for name in tables.DATABASES}
pd.DataFrame({name: vars(one) for name, one in fused.items()}).T

# %%
# BEGIN SOLUTION
added = pd.DataFrame([vars(one) for one in fused.values()]).sum()
pooled = metrics.Confusion(*added).hter
mean = np.mean([one.hter for one in fused.values()])
# END SOLUTION

# %% tags=["check"]
results.check_pooled(pooled, mean)

# %% [markdown] tags=["solution"]
# The two differ because the test sets differ in size. The pooled rate answers for a crowd that is mixed as these
# databases happen to be; the mean gives each database one vote. Neither tells that one of the five fails. Whoever
# says "the HTER falls" must say which of the two is meant, and compared with what.

# %% [markdown]
# ## 5.4 a: Grad-CAM in three lines
#
# *Trains: what a map is computed from.*
#
# Write `grad_cam(activations, gradients)`. Both have the shape (rows, columns, channels); the result has (rows,
# columns).


# %%
def grad_cam(activations, gradients):
    # BEGIN SOLUTION
    weights = gradients.mean(axis=(0, 1))
    return np.maximum((activations * weights).sum(axis=-1), 0)
    # END SOLUTION


# %% tags=["check"]
results.check_grad_cam(grad_cam)

# %% [markdown] tags=["solution"]
# The gradients enter as one number a channel: where in the picture a gradient was large is lost before the map is
# drawn. The map's places come from the activations alone, and these follow the edges in any network. That is the
# reason for the next exercise.

# %% [markdown]
# ## 5.4 b: A map of the picture
#
# *Trains: the randomisation check. Planted fault: a method that draws edges.*
#
# Three methods explain the same pictures, once for a trained network (first array) and once for one whose weights
# were drawn anew (second array). One of the methods shows the picture and not the network. Which?
# `rank_correlation(first, second)` gives the likeness of two maps for each picture.

# %%
maps, check_maps = results.attention_maps()
{name: first.shape for name, (first, second) in maps.items()}

# %%
# BEGIN SOLUTION
likeness = {name: rank_correlation(*pair).mean() for name, pair in maps.items()}
method = max(likeness, key=likeness.get)
# END SOLUTION

# %% tags=["check"]
check_maps(method)

# %% [markdown] tags=["solution"]
# A map that stays the same when everything learnt is gone cannot be about what was learnt, however well it fits the
# face. That is the first check of Adebayo and others ({doc}`/notebooks/05_4_attention`). Passing it proves little;
# failing it ends the discussion.

# %% [markdown]
# ## 5.4 c: Large or dense?
#
# *Trains: turning "the network looks at …" into a number.*
#
# `heat` is a map on a crop, `masks` holds the regions of the face. In which region lies the largest share of the map?
# And in which is the map densest, that is its share of the map over its share of the pixels?

# %%
heat, masks, check_regions = results.one_map()
{name: int(mask.sum()) for name, mask in masks.items()}

# %%
# BEGIN SOLUTION
by_share = max(masks, key=lambda name: heat[masks[name]].sum())
by_density = max(masks, key=lambda name: heat[masks[name]].mean())
# END SOLUTION

# %% tags=["check"]
check_regions(by_share, by_density)

# %% [markdown] tags=["solution"]
# A large region collects much of any map, even of a grey one. "Most of the map lies on the eyes" may therefore be
# true and say nothing. The density corrects for the size, and "the network looks at the nose" becomes a statement
# that could have been wrong.
