# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Exercises to the appendix
#
# Synthetic people, what may be concluded from them, and what it costs to run all this. A cell that begins with
# `# YOUR CODE HERE` is yours; the cell below it says whether your answer is right, and if it is not, where to look.

# %%
import numpy as np

from attacknet import metrics
from attacknet.exercises import costs, synthetic
from attacknet.standins import shortcuts

# %% [markdown]
# ## A.1 a: The easiest way
#
# *Trains: looking for shortcuts before training. Planted fault: a class that shows outside the face.*
#
# `surroundings` describes one frame of each sample by what is **not** the face: light, noise, border, place of the
# face, bytes of the file. No detector should be able to tell the classes from these, but since a change in the
# recording room one statistic gives them away. Which? And what is the HTER of the guard, `shortcuts.hter(table)`,
# when that column is taken away?

# %%
surroundings, check_shortcut = synthetic.shortcut()
print("HTER of a logistic regression on all of them:", shortcuts.hter(surroundings))
surroundings.drop(columns=["sample", "subject", "species"]).groupby("label").mean(numeric_only=True).T

# %%
# BEGIN SOLUTION
statistics = surroundings.columns.difference(list(shortcuts.FACTS))
distance = {name: abs(metrics.auc(surroundings[name], surroundings["label"]) - 0.5) for name in statistics}
telling = max(distance, key=distance.get)
without = shortcuts.hter(surroundings.drop(columns=telling))
# END SOLUTION

# %% tags=["check"]
check_shortcut(telling, without)

# %% [markdown] tags=["solution"]
# Attacks were stored by another program, and their files are smaller. A network never sees the number of bytes, but
# it sees what compression leaves. Real databases have such differences, too, mostly because attacks were recorded on
# another day; a network that finds them gets a fine result on the test set of the same database and fails on every
# other. Measure the surroundings before you train.

# %% [markdown]
# ## A.1 b: On which evidence?
#
# *Trains: saying no more than was shown.*
#
# On which evidence can each statement be made, at the weakest? Answer with a list `levels` of eight words, each
# `"paper"`, `"recomputed"`, `"stand-in"` or `"licensed"`.
#
# 1. The training runs to its end, and finds the same weights again.
# 2. A split of frames at random can make a result look better than it is.
# 3. Trained by a sound protocol, AttackNet rejects most silicone masks of CSMAD.
# 4. The network has as many parameters as its layers say.
# 5. The HTER from MSSpoof to 3DMAD is another than the authors' own counts give.
# 6. The authors state that their network is light.
# 7. In Replay-Attack, prints are easier to detect than replays.
# 8. A threshold that was frozen in one domain can fail in another.

# %%
# BEGIN SOLUTION
levels = [
    "stand-in",
    "stand-in",
    "licensed",
    "recomputed",
    "recomputed",
    "paper",
    "licensed",
    "stand-in",
]
# END SOLUTION

# %% tags=["check"]
synthetic.check_statements(levels)

# %% [markdown] tags=["solution"]
# Stand-ins can show that something *can* happen, and that code does what it should: a single counterexample is enough
# for that, and a synthetic one will do. How often it happens with real masks and real people, only real recordings
# tell. What follows from published counts or from the network's layers needs neither. And that somebody states
# something is shown by the statement itself.

# %% [markdown]
# ## A.1 c: A detector of one line
#
# *Trains: a baseline, and what it is worth.*
#
# Prints are flatter than faces: their blacks are lighter and their whites darker. Use the mean absolute step from each pixel
# to its right neighbour, on the mean of the three colours, as a score: what is its area under the ROC curve? `crops` has
# the shape `(n, 32, 32, 3)`, uint8.

# %%
crops, labels, check_line = synthetic.prints()
crops.shape

# %%
# BEGIN SOLUTION
grey = crops.astype(float).mean(axis=-1)
area = metrics.auc(np.abs(np.diff(grey, axis=2)).mean(axis=(1, 2)), labels)
# END SOLUTION

# %% tags=["check"]
check_line(area)

# %% [markdown] tags=["solution"]
# One line of arithmetic comes a long way, so a network that does no better has learnt nothing worth its cost. Put a baseline
# like this beside every result. That it works *here* says how the stand-ins were made: how black their ink is and how white
# their paper, within ranges that {doc}`/notebooks/A_1_standins` lists with their sources. On another printer the same line
# may fail, and no number of this page says how often.

# %% [markdown]
# ## A.2 a: Other people's programs
#
# *Trains: which turn counts.*
#
# Two ways of doing one task took turns on a machine on which other programs ran as well (`seconds`, simulated). How
# many times as fast as the reference is our way, as `faster`, if nobody disturbs? Whatever else the machine does can
# only add time.

# %%
seconds, check_turns = costs.turns()
seconds.round(2)

# %%
# BEGIN SOLUTION
least = seconds.min()
faster = least["reference"] / least["ours"]
# END SOLUTION

# %% tags=["check"]
check_turns(faster)

# %% [markdown] tags=["solution"]
# The disturbance is never negative, so the smallest value is nearest to what the task itself takes. The means compare
# two ways *and* the luck of each. This holds for the cost of a task; whoever waits for answers is hurt by the slow
# turns, and {doc}`/notebooks/03_5_speed` reports those, too.

# %% [markdown]
# ## A.2 b: A reference from elsewhere
#
# *Trains: ratios of one run. Planted fault: times of two machines in one ratio.*
#
# A report says how many times as fast as its reference our way does each of five tasks (`claimed`, to two decimals).
# Everything was measured twice, on a laptop and on a server (`measured`, simulated). For some tasks the report sets
# the time of one machine beside a reference of the other. Which? Answer with a set `mixed`.

# %%
measured, claimed, check_mixed = costs.two_runs()
print(claimed)
measured.round(3)

# %%
# BEGIN SOLUTION
times = measured.set_index(["task", "run", "way"])["seconds"].unstack("way")
ratios = (times["reference"] / times["ours"]).unstack("run")
off = (ratios.round(2).sub(claimed, axis=0).abs() > 0.001).all(axis=1)
mixed = set(off.index[off])
# END SOLUTION

# %% tags=["check"]
check_mixed(mixed)

# %% [markdown] tags=["solution"]
# Such a ratio measures the difference of two machines as much as that of two ways, and looks like any other. The file
# that `make bench` writes names one machine and one date, and the book refuses a ratio that its own values do not
# give.

# %% [markdown]
# ## A.2 c: Where to work
#
# *Trains: Amdahl's law.*
#
# A job has four stages, one after the other (`stages`, seconds, invented). You may make one of them three times as
# fast. Which `stage` do you take, how many times as fast is the `whole` job then, and where is the `limit`, however
# fast that stage becomes?

# %%
stages, check_stages = costs.stages()
stages

# %%
# BEGIN SOLUTION
total = sum(stages.values())
stage = max(stages, key=stages.get)
whole = total / (total - stages[stage] * 2 / 3)
limit = total / (total - stages[stage])
# END SOLUTION

# %% tags=["check"]
check_stages(stage, whole, limit)

# %% [markdown] tags=["solution"]
# What is not made faster sets the limit. A network that computes ten times as fast helps little where finding the
# face takes most of the time; {doc}`/notebooks/06_4_scale` shows what a frame costs. So measure the stages first.
