# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Exercises to part 4: method
#
# Datasets, protocols and metrics. In some of these exercises somebody has made a mistake, and you are to find it with
# the tools of the chapters. A cell that begins with `# YOUR CODE HERE` is yours; the cell below it says whether your
# answer is right, and if it is not, where to look. All data are synthetic stand-ins, simulated scores, or lists of
# file names.

# %%
import numpy as np
import pandas as pd

from attacknet import metrics
from attacknet.data import check_protocol, manifest
from attacknet.data.index import expected_index
from attacknet.data.leaks import perceptual_hash
from attacknet.evaluation import frozen_threshold
from attacknet.exercises import method
from attacknet.intervals import rule_of_three

# %% [markdown]
# ## 4.1 a: The detector that always says attack
#
# *Trains: reading an index; why accuracy is the wrong measure here.*
#
# A vendor reports the accuracy of a detector on the test videos of Replay-Attack. Before you are impressed, find out
# what a device reaches that rejects everything. The names of all files are public: `expected_index` lists them. What
# are the accuracy and the HTER of that device on the test split?

# %%
videos = expected_index("replay_attack")
videos.groupby(["split", "species"]).size()

# %%
# BEGIN SOLUTION
tested = videos[videos["split"] == "test"]
accuracy = (tested["label"] == metrics.ATTACK).mean()
far, frr = 0, 1
hter = (far + frr) / 2
# END SOLUTION

# %% tags=["check"]
method.check_always_attack(accuracy, hter)

# %% [markdown] tags=["solution"]
# The accuracy is the share of attacks among the test videos, which says what was recorded and nothing about a
# detector. The HTER gives both classes the same weight, so that every constant answer has one half. An accuracy is
# worth reading only beside that of the constant answer.

# %% [markdown]
# ## 4.1 b: Labels that do not fit
#
# *Trains: holding a table against the files that it describes. Planted fault: swapped labels.*
#
# A student has typed the labels of a dataset into a spreadsheet. `index` is what came back, `label` and `species` in
# agreement with each other. Some are wrong all the same. Which samples? The manifest knows what the name of a file
# means: `manifest.load("replay_attack").identify(path)` gives, among other things, `.species` and `.layout.label`.

# %%
index, check_labels = method.swapped_labels()
index[["sample", "path", "label", "species"]].head()

# %%
# BEGIN SOLUTION
names = manifest.load("replay_attack")
truth = [names.identify(path).layout.label for path in index["path"]]
typed = np.where(index["label"] == metrics.ATTACK, "attack", "bonafide")
mislabelled = set(index.loc[typed != truth, "sample"])
# END SOLUTION

# %% tags=["check"]
check_labels(mislabelled)

# %% [markdown] tags=["solution"]
# A label that two columns agree on can still be wrong in both. What decides is an independent source: here the names
# that the owner gave the files. A few wrong labels hardly hurt a training; in a test set each of them is an error
# that no detector can avoid, and where error rates are low they outweigh the real ones. This is why the book's
# loaders read labels from names and manifests, and from no hand-made list.

# %% [markdown]
# ## 4.1 c: What a perfect result would be worth
#
# *Trains: counting people instead of files.*
#
# Suppose a detector rejects no bona fide sample at all in the test split of a database. How high may its true BPCER
# still be? Let each person be one trial, as frames of one person resemble each other, and use `rule_of_three`. Answer
# for all of the five databases for which it can be answered, in a dictionary `limits`. (`subjects_known` in `.attrs`
# of an index says whether anybody knows who is who.)

# %%
rule_of_three(100)

# %%
# BEGIN SOLUTION
limits = {}
for dataset in method.DATABASES:
    listed = expected_index(dataset)
    if listed.attrs["subjects_known"]:
        bona_fide = listed[(listed["split"] == "test") & (listed["label"] == metrics.BONA_FIDE)]
        limits[dataset] = rule_of_three(bona_fide["subject"].nunique())
# END SOLUTION

# %% tags=["check"]
method.check_perfect_result(limits)

# %% [markdown] tags=["solution"]
# Without a single error, the smallest of these test sets cannot exclude that most people are rejected. None of the
# five can show a BPCER of one per cent, however many frames were taken of each person. For the own dataset the
# question has no answer: nobody wrote down who is in which video. {doc}`/notebooks/05_2_cross_database` does the same
# for the printed results.

# %% [markdown]
# ## 4.2 a: Files with names of their own
#
# *Trains: writing a manifest.*
#
# Your laboratory has recorded three people on two days (chapter 4.2 shows a manifest); `method.LABORATORY` lists the
# files. The manifest around the layouts is written, and has the fields `{person}`, `{day}` and `{take}`. Write the
# layouts as YAML, so that every file gets its label, species (`print_a4`, `print_glossy`, `tablet`), subject and
# session (the day).

# %%
method.LABORATORY[:5]

# %%
# BEGIN SOLUTION
layouts = """\
layouts:
  - {template: "{person}/{day}/live_{take}.mov", media: video, label: bonafide, species: bonafide,
     subject: "{person}", session: "{day}"}
  - {template: "{person}/{day}/{kind}_{take}.mov", media: video, label: attack, species: "{kind}",
     subject: "{person}", session: "{day}", fields: {kind: [print_a4, print_glossy, tablet]}}
"""
# END SOLUTION

# %% tags=["check"]
method.check_layouts(layouts)

# %% [markdown] tags=["solution"]
# One template can serve several species, as long as its field lists which. The session matters: two recordings of one
# day share light and camera, and the leak check treats a shared session as graver than a shared person. No code was
# needed, and none has to be trusted: whoever reads the manifest knows what the loader will do.

# %% [markdown]
# ## 4.2 b: The person on both sides
#
# *Trains: using the leak check, and repairing what it finds. Planted fault: a subject in training and test.*
#
# A colleague has "moved a few videos, to have more for training". `split` is the result. Who is on both sides now?
# Repair the split, so that the test set keeps all of its people and nothing is lost that could be kept.
# `check_protocol` takes a function that returns a table with its splits; `as_it_is` is one.

# %%
split, check_shared = method.shared_subject()


def as_it_is(table: pd.DataFrame) -> pd.DataFrame:
    return table


split.groupby(["split", "label"]).size()

# %%
# BEGIN SOLUTION
report = check_protocol(split, as_it_is, allow_leaks=True)
example = report.loc[report["kind"] == "subject", "sample"].iloc[0]
person = split.loc[split["sample"] == example, "subject"].iloc[0]
repaired = split[(split["subject"] != person) | (split["split"] == "test")]
# END SOLUTION

# %% tags=["check"]
check_shared(person, repaired)

# %% [markdown] tags=["solution"]
# The counts of files look innocent, before and after; only the names of the people tell. Moving the videos back to
# the test set would do as well. What does not do is to take the *other* videos of that person out of the test set:
# then the colleague's wish has chosen who is tested.

# %% [markdown]
# ## 4.2 c: Three ways to draw
#
# *Trains: telling from a split at which level it was drawn. Planted fault: frames split at random.*
#
# Three colleagues have split the frames of one dataset into training, development and test, "at random, of course".
# One has drawn people, one recordings, and one single frames. Who did what? Answer with a dictionary such as
# `{"colleague 1": "people", …}`.

# %%
splits, check_levels = method.three_splits()
{colleague: dict(table["split"].value_counts()) for colleague, table in splits.items()}

# %%
# BEGIN SOLUTION
LEVELS = {"sample": "frames", "subject": "recordings"}  # what is torn apart -> what was drawn
drawn = {}
for colleague, table in splits.items():
    torn = set(check_protocol(table, as_it_is, allow_leaks=True)["kind"])
    drawn[colleague] = next((unit for kind, unit in LEVELS.items() if kind in torn), "people")
# END SOLUTION

# %% tags=["check"]
check_levels(drawn)

# %% [markdown] tags=["solution"]
# Each draw keeps its own unit together and tears apart all that is larger. Where frames were drawn, recordings lie on
# both sides, and a network may know each test picture by its neighbour. Where recordings were drawn, that does not
# happen, but every person has been seen. {doc}`/notebooks/04_2_own_dataset_and_protocols` measures what each of the
# two is worth.

# %% [markdown]
# ## 4.2 d: Copies under other names
#
# *Trains: finding what an index cannot know. Planted fault: copied pictures.*
#
# The people of this split are disjoint by name, and `check_protocol` has no complaint about the table. But some test
# pictures are training pictures that were darkened and stored coarsely, and got another person's name. Find the
# pairs: a dictionary from test sample to training sample. `perceptual_hash` gives 64 bits a picture, and
# `np.bitwise_count(a ^ b)` says in how many of them two hashes differ.

# %%
table, pictures, check_copies = method.copies()
table.groupby("split").agg(samples=("sample", "size"), people=("subject", "nunique"))

# %%
# BEGIN SOLUTION
hashes = perceptual_hash(pictures)
train, test = (np.flatnonzero(table["split"] == name) for name in ("train", "test"))
distance = np.bitwise_count(hashes[test, np.newaxis] ^ hashes[train])
copied = {
    table["sample"].iloc[test[i]]: table["sample"].iloc[train[j]] for i, j in np.argwhere(distance <= 4)
}
# END SOLUTION

# %% tags=["check"]
check_copies(copied)

# %% [markdown] tags=["solution"]
# Different pictures differ in about half of the bits, copies in very few, and there is a wide gap between the two.
# Which limit to draw was measured on the stand-ins (`attacknet.data.leaks.NEAR`). A check by name finds honest
# mistakes; a check by picture finds a dataset that was assembled from the web and contains the same photograph twice.

# %% [markdown]
# ## 4.3 a: An HTER of your own
#
# *Trains: the definition, on the threshold and off it.*
#
# Write `hter(scores, labels, threshold)`, with numpy alone. Label 0 is bona fide, 1 an attack; scores are higher for
# bona fide; a presentation is accepted when its score reaches the threshold.


# %%
def hter(scores, labels, threshold):
    # BEGIN SOLUTION
    accepted = scores >= threshold
    far = accepted[labels == 1].mean()
    frr = (~accepted[labels == 0]).mean()
    return (far + frr) / 2
    # END SOLUTION


# %% tags=["check"]
method.check_hter(hter)

# %% [markdown] tags=["solution"]
# Two places are easy to get wrong. `>` instead of `>=` changes every result in which scores are tied with the
# threshold, which quantised networks produce all the time. And counting errors over all rows instead of class by
# class gives an error rate that depends on how many attacks were recorded.

# %% [markdown]
# ## 4.3 b: A threshold that knew the answer
#
# *Trains: checking a report. Planted fault: a threshold tuned on the test set.*
#
# Four laboratories report the HTER of their detectors, and all say that their threshold is that of the equal error
# rate on the development set. Each has sent its scores. One report is not what it says. Which one, and what would the
# honest HTER be?

# %%
reports, check_report = method.reports()
pd.DataFrame({name: {key: one[key] for key in ("threshold", "hter")} for name, one in reports.items()}).T

# %%
# BEGIN SOLUTION
promised = {name: frozen_threshold(one["dev"]) for name, one in reports.items()}
(suspect,) = [name for name, one in reports.items() if not np.isclose(promised[name], one["threshold"])]
test = reports[suspect]["test"]
honest = metrics.hter(test["score"], test["label"], promised[suspect])
# END SOLUTION

# %% tags=["check"]
check_report(suspect, honest)

# %% [markdown] tags=["solution"]
# The reported threshold is the one at which the *test* set has equal errors. Nobody in the field can choose it,
# because nobody in the field knows who is an attacker. The reported HTER alone does not give the fault away: it is
# low, but so are good detectors. Only scores, or a threshold beside a development set, make a report checkable.

# %% [markdown]
# ## 4.3 c: The species that the average hides
#
# *Trains: a threshold by species, and its price.*
#
# `scores` holds many prints and few masks. The customer asks for an APCER of at most 5 %, and an attacker will choose
# the mask. Find the lowest threshold at which every species keeps the limit, and its price: the BPCER there.

# %%
scores, check_species = method.two_species()
scores["species"].value_counts()

# %%
# BEGIN SOLUTION
threshold = metrics.apcer_threshold(scores["score"], scores["label"], 0.05, scores["species"])
price = metrics.bpcer(scores["score"], scores["label"], threshold)
# END SOLUTION

# %% tags=["check"]
check_species(threshold, price)

# %% [markdown] tags=["solution"]
# Over the pool of all attacks the limit is met at a much lower threshold, because the few masks drown among the
# prints. The pooled rate depends on how many of each species somebody recorded; the worst species' rate does not.
# That is why ISO/IEC 30107-3 asks for the rate of each species.

# %% [markdown]
# ## 4.3 d: How many people show one per cent?
#
# *Trains: planning a test.*
#
# You may claim a BPCER below 1 % only if the upper 95 % limit (one-sided) lies there. What is the smallest number of
# people that a test needs, if not one of them is rejected? If the true rate is $p$, the chance that $n$ people pass
# is $(1 - p)^n$.

# %%
# BEGIN SOLUTION
people = int(np.ceil(np.log(0.05) / np.log(1 - 0.01)))
# END SOLUTION

# %% tags=["check"]
method.check_people(people)

# %% [markdown] tags=["solution"]
# The limit is the rate at which $(1 - p)^n$ falls to 5 %: if it were higher, an error would have been likely. The
# rule of three, $3 / n$, gives nearly the same. And this is the best case: the first rejected person asks for many
# more people, and frames of the same people count for nothing here.
