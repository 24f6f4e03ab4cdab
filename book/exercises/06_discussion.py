# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Exercises to part 6: discussion
#
# Related numbers, ROC curves, the audit, and scale. A cell that begins with `# YOUR CODE HERE` is yours; the cell
# below it says whether your answer is right, and if it is not, where to look. Numbers of the paper are its own;
# scores are simulated, and crops show synthetic people.

# %%
from fractions import Fraction

import numpy as np
import pandas as pd

from attacknet import metrics
from attacknet.capacity import Queue, peak_rate, smallest
from attacknet.data import check_protocol, manifest
from attacknet.evaluation import frozen_threshold
from attacknet.exercises import discussion
from attacknet.intervals import clopper_pearson
from attacknet.paper import tables
from attacknet.paper.findings.conclusions import cross_cells, hter, own_pairs

paper = tables.load()

# %% [markdown]
# ## 6.1 a: May they be compared?
#
# *Trains: asking what a number is an answer to.*
#
# Table 5 of the paper lists HTERs of many methods. Two of them answer the same question only if training set and test
# set agree. In how many such groups does AttackNet stand beside another method? And which method has the lowest HTER
# in the group `discussion.ASKED`?

# %%
table5 = pd.DataFrame(paper.table5)
table5.head()

# %%
# BEGIN SOLUTION
groups = table5.groupby(["train_on", "test_on"])["model"].agg(set)
shared = sum("AttackNet" in models and len(models) > 1 for models in groups)
group = table5.set_index(["train_on", "test_on"]).loc[discussion.ASKED].set_index("model")
best = group["hter_percent"].astype(float).idxmin()
# END SOLUTION

# %% tags=["check"]
discussion.check_comparable(shared, best)

# %% [markdown] tags=["solution"]
# A table puts numbers under each other, and the eye ranks them. Here no rank of AttackNet follows: its rows are in
# groups of their own. And even within a group, methods agree in the question only as far as threshold, frames and
# development set do ({doc}`/notebooks/06_1_related_numbers`).

# %% [markdown]
# ## 6.1 b: An alarm in a thousand
#
# *Trains: precision where attacks are rare.*
#
# A detector rejects 95 % of all attacks and 5 % of all bona fide attempts. At a bank's door one attempt in a thousand
# and one is an attack. When the alarm sounds, how likely is it an attack?

# %%
# BEGIN SOLUTION
true_alarms, false_alarms = 0.95 * 1, 0.05 * 1000
share = true_alarms / (true_alarms + false_alarms)
# END SOLUTION

# %% tags=["check"]
discussion.check_alarms(share, recall=0.95, accepted=0.05, negatives=1000)

# %% [markdown] tags=["solution"]
# Nearly all alarms are false, with rates that look good in a table whose test set is balanced. FAR and FRR do not
# depend on the mixture; precision, F1 and accuracy do, and must not be carried from a test set to a door.

# %% [markdown]
# ## 6.1 c: The rows that were left out
#
# *Trains: noticing a selection.*
#
# The paper's Table 5 shows six of AttackNet's twenty cross-database pairs (`own_pairs(paper)`). Compute the mean HTER
# of the six, and that of all twenty (`cross_cells()`), from the authors' counts. `hter(paper, train, test)` gives a
# fraction.

# %%
list(own_pairs(paper))

# %%
# BEGIN SOLUTION
shown = np.mean([float(hter(paper, *cell)) for cell in own_pairs(paper)])
everything = np.mean([float(hter(paper, *cell)) for cell in cross_cells()])
# END SOLUTION

# %% tags=["check"]
discussion.check_shown(shown, everything)

# %% [markdown] tags=["solution"]
# The six rows are those with the lowest printed HTER. Anybody's best six of twenty look better than their twenty, a
# coin's too. A fair selection is made before the results are known, for instance by naming a protocol.

# %% [markdown]
# ## 6.2 a: The area, pair by pair
#
# *Trains: what an AUC says.*
#
# Write `auc(bona_fide, attacks)`, given two lists of scores: the chance that a bona fide score exceeds an attack's. A
# tie counts half.


# %%
def auc(bona_fide, attacks):
    # BEGIN SOLUTION
    won = np.subtract.outer(bona_fide, attacks)
    return ((won > 0) + (won == 0) / 2).mean()
    # END SOLUTION


# %% tags=["check"]
discussion.check_auc(auc)

# %% [markdown] tags=["solution"]
# No threshold occurs in it. The area says how well the scores rank, for somebody who will see both classes and may
# choose. It says nothing about the errors at the threshold that was frozen elsewhere, and a network that rejects
# everybody abroad may have an area near one.

# %% [markdown]
# ## 6.2 b: Upside down
#
# *Trains: telling a wrong sign from a bad detector. Planted fault: scores that are higher for attacks.*
#
# Five laboratories sent scores of their development and test sets. By agreement scores are higher for bona fide. Who
# did not keep to it?

# %%
files, check_files = discussion.score_files()
list(files)

# %%
# BEGIN SOLUTION
turned = {name for name, (dev, test) in files.items() if metrics.auc(dev["score"], dev["label"]) < 0.5}
# END SOLUTION

# %% tags=["check"]
check_files(turned)

# %% [markdown] tags=["solution"]
# On the test set, an area below one half may have two reasons: a sign, or a detector that takes the new attacks for
# faces and the new faces for attacks. The development set, where every detector works, tells them apart. Turning the
# sign of a detector *because its test set asks for it* would be a threshold tuned on the test set in another guise.
# `scores.read(path, higher="attack")` turns a file round, and only when asked.

# %% [markdown]
# ## 6.2 c: A promise, and what becomes of it
#
# *Trains: operating points.*
#
# The contract says: an APCER of at most 5 % for every species. Choose the lowest threshold that keeps it on `dev`.
# What are the APCER of the worst species and the BPCER on `test`?

# %%
dev, test, check_promise = discussion.operating_point()
test["species"].value_counts()

# %%
# BEGIN SOLUTION
threshold = metrics.apcer_threshold(dev["score"], dev["label"], 0.05, dev["species"])
_, apcer = metrics.worst_apcer(test["score"], test["label"], threshold, test["species"])
bpcer = metrics.bpcer(test["score"], test["label"], threshold)
# END SOLUTION

# %% tags=["check"]
check_promise(apcer, bpcer)

# %% [markdown] tags=["solution"]
# The promise was kept where it was made, and is broken elsewhere. "BPCER20" as read off the test set's own ROC curve
# would hide that: there the APCER is within 5 % by construction. State at which threshold a rate was measured, and
# where that threshold comes from.

# %% [markdown]
# ## 6.3 a: Could it have been printed so?
#
# *Trains: reading a printed number as a range.*
#
# Write `admits(text, value)`: may the number `value` (a `Fraction`) have been printed as `text`? Rounding a tie is
# allowed either way. Note that `"0.5"` and `"0.50"` are two different statements. Fractions compare without rounding.


# %%
def admits(text, value):
    # BEGIN SOLUTION
    decimals = len(text.partition(".")[2])
    half_a_unit = Fraction(1, 2 * 10**decimals)
    return abs(value - Fraction(text)) <= half_a_unit
    # END SOLUTION


# %% tags=["check"]
discussion.check_admits(admits)

# %% [markdown] tags=["solution"]
# With floating-point numbers the ends of the range would be decided by accidents of the binary representation, and an
# accusation must not hang on those. The audit of this book uses fractions throughout.

# %% [markdown]
# ## 6.3 b: Rates that no count gives
#
# *Trains: the granularity test.*
#
# Eight systems were tested on the same 48 bona fide videos (`discussion.VIDEOS`). `printed` holds their BPCERs, to
# two decimals. Which of them cannot be right?

# %%
printed, check_printed = discussion.impossible_rates()
printed

# %%
# BEGIN SOLUTION
rates = [Fraction(errors, 48) for errors in range(49)]
impossible = {
    name
    for name, text in printed.items()
    if not any(abs(rate - Fraction(text)) <= Fraction(1, 200) for rate in rates)
}
# END SOLUTION

# %% tags=["check"]
check_printed(impossible)

# %% [markdown] tags=["solution"]
# A rate is a whole number of errors over a whole number of trials, so that few trials leave gaps between the possible
# rates. (Fractions again: 6 of 48 is 0.125, which may be printed as 0.12 or as 0.13.) The test needs no data, only
# the size of the test set. Before accusing anybody, ask whether videos were left out: then the denominator is
# another.

# %% [markdown]
# ## 6.3 c: Three numbers that must fit
#
# *Trains: an audit from the paper alone. Planted fault: F1 as the plain mean.*
#
# Seven rows of precision, recall and F1, each rounded to two decimals. Two rows contradict themselves. Which? Mind
# that precision and recall were rounded as well.

# %%
rows, check_rows = discussion.contradictory_rows()
rows


# %%
# BEGIN SOLUTION
def f1(precision, recall):
    return 2 * precision * recall / (precision + recall)


values = rows.astype(float)
low = f1(values["precision"] - 0.005, values["recall"] - 0.005)
high = f1(values["precision"] + 0.005, values["recall"] + 0.005)
fits = (values["F1"] + 0.005 > low) & (values["F1"] - 0.005 < high)
contradictory = set(rows.index[~fits])
# END SOLUTION

# %% tags=["check"]
check_rows(contradictory)

# %% [markdown] tags=["solution"]
# In the two rows F1 is the plain mean of precision and recall, which lies above the harmonic one, and the more so the
# further the two are apart. Where they are close, the same mistake would stay within rounding and could not be found.
# *Consistent* is a weaker verdict than *reproduced*, for this reason.

# %% [markdown]
# ## 6.3 d: Six submissions
#
# *Trains: all of it. Five planted faults, and one submission without any.*
#
# You are the reviewer. Six groups hand in the frames that they used (`.frames`: the columns of an index, and a score
# for each frame), the crops (`.pictures`), and the threshold (`.threshold`), said to be that of the equal error rate
# on the development split. Five of them have made one mistake each of `discussion.FAULTS`, no two the same. Who made
# which? Answer with a dictionary from submission to fault.

# %%
handed_in, check_review = discussion.submissions()
discussion.FAULTS

# %%
# BEGIN SOLUTION
replay_attack = manifest.load("replay_attack")


def diagnosis(one):
    """Return the fault of a submission, by the first test that finds one."""
    frames = one.frames
    shared = set(check_protocol(frames, lambda table: table, allow_leaks=True)["kind"])
    sides = frames.groupby("sample")["split"].nunique()
    if (sides > 1).any():
        return "frames split at random"
    if "subject" in shared:
        return "a subject on both sides"
    named = [replay_attack.identify(path).layout.label == "attack" for path in frames["path"]]
    if (frames["label"] != named).any():
        return "a swapped label"
    red, _, blue = np.moveaxis(one.pictures.astype(float), -1, 0)
    if (red.mean(axis=(1, 2)) < blue.mean(axis=(1, 2))).any():
        return "a wrong pixel order"
    if not np.isclose(one.threshold, frozen_threshold(frames[frames["split"] == "dev"])):
        return "a threshold tuned on the test set"
    return "none"


review = {name: diagnosis(one) for name, one in handed_in.items()}
# END SOLUTION

# %% tags=["check"]
check_review(review)

# %% [markdown] tags=["solution"]
# Each fault leaves a trace in another place: in who is where, in the names of the files, in the pictures, in the
# scores. The order of the tests matters a little: frames that were split at random put people on both sides as well,
# and the smaller unit is the graver finding. None of the traces is visible in an HTER. A reviewer who gets no more
# than a table can find none of the five.

# %% [markdown]
# ## 6.4 a: Ten times the users
#
# *Trains: changing a parameter of a queue.*
#
# A service takes `SERVICE` seconds for a presentation; each user makes `ATTEMPTS` a day, and the busiest time is
# `PEAK` times the mean. 99 % of the presentations must begin within `WAIT` seconds, and no server may be busy more
# than the share `LIMIT` of the time (all in `discussion`). How many servers do 1,000,000 and 10,000,000 users a day
# need? Answer with a dictionary from users to servers.

# %%
smallest(arrivals=10, service=0.2, wait=0.1, limit=0.8)

# %%
# BEGIN SOLUTION
servers = {}
for users in (1_000_000, 10_000_000):
    arrivals = peak_rate(users, discussion.ATTEMPTS, discussion.PEAK)
    servers[users] = smallest(
        arrivals, discussion.SERVICE, wait=discussion.WAIT, limit=discussion.LIMIT
    ).servers
# END SOLUTION

# %% tags=["check"]
discussion.check_servers(servers)

# %% [markdown] tags=["solution"]
# Ten times the users need less than ten times the servers, because chance evens out in a crowd and the reserve
# against it grows more slowly than the load. That is Erlang's doing, for every network alike
# ({doc}`/notebooks/06_4_scale`).

# %% [markdown]
# ## 6.4 b: Two small halls or one large
#
# *Trains: why pooling pays.*
#
# An airport has two halls. In each, 6 people a second arrive at 4 servers, and a server takes half a second. How many
# times as long do people wait there, on average, as in one hall with 8 servers and both streams of people?

# %%
Queue(arrivals=6, service=0.5, servers=4)

# %%
# BEGIN SOLUTION
ratio = Queue(6, 0.5, 4).mean_wait / Queue(12, 0.5, 8).mean_wait
# END SOLUTION

# %% tags=["check"]
discussion.check_sites(ratio)

# %% [markdown] tags=["solution"]
# In two halls a server may stand idle in one while people queue in the other. The servers are equally busy in both
# cases; the waits are not. This is what "the cloud" gives a small service: not cheaper work, but company.

# %% [markdown]
# ## 6.4 c: Nobody was rejected
#
# *Trains: what a rate of zero means at scale.*
#
# The fused model rejected no bona fide image of Replay-Attack's test set. Take the upper end of the two-sided 95 %
# interval (`clopper_pearson`): how many of 10,000,000 users a day may be rejected all the same, if each *image* was
# one trial? And how many if each of the 20 *people* of that test set was?

# %%
paper.counts["fused", "replay_attack"]

# %%
# BEGIN SOLUTION
images = paper.counts["fused", "replay_attack"].bonafide
by_image = clopper_pearson(0, images).high * 10_000_000
by_person = clopper_pearson(0, 20).high * 10_000_000
# END SOLUTION

# %% tags=["check"]
discussion.check_rejected(by_image, by_person, people=20)

# %% [markdown] tags=["solution"]
# "No errors" is compatible with tens of thousands of rejected people a day under the kinder assumption, and with more
# than a million under the other. A test of a size that looks respectable in a paper cannot support a statement about
# millions.
