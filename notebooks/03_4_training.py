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
# # 3.4 Training, carried out
#
# *Section 3.4 of the paper {cite:p}`kuznetsov2024attacknet`: three recipes as code, one run from start to end, and what
# the recipes make of the same pictures.*
#
# After this chapter you can
#
# - say what a training recipe has to fix, and print the paper's, the released code's and the book's side by side;
# - see what the augmentation does to a face, and find a setting that does next to nothing;
# - read a training's curves, and tell a network that learns badly from one that is only not *read out* properly yet;
# - train a network so that anybody gets the same weights, to the byte.
#
# The chapter presumes {doc}`/book/03_3_design_and_training`, which compares the paper's text with the released code line by
# line; here both are carried out. The default data are synthetic stand-ins: the numbers show how training works, and say
# nothing about the databases.

# %% tags=["parameters"]
dataset: str = "replay_attack"  # the dataset to train on, or the path of a manifest of your own
data_root: str = ""  # folder with a folder of files for each dataset; empty: stand-ins
protocol: str = "sound"  # the protocol that names training, development and test samples
model: str = "attacknet"  # the network
seed: int = 0  # of weights, order, augmentation and dropout

# %% tags=["hide-input"]
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import skimage
from matplotlib.ticker import NullFormatter, ScalarFormatter
from myst_nb import glue

from attacknet import batches, book_runs, evaluation, experiments, plots
from attacknet.augmentation import warp
from attacknet.display import figure, percent, table
from attacknet.paper import tables
from attacknet.preprocessing import Box, Preprocessing
from attacknet.recipes import RECIPES, Augmentation
from attacknet.training import train

plots.use_style()
paper = tables.load()
NAMES = {"as_written": "as written", "as_run": "as run", "book": "the book's"}

# %% [markdown]
# ## One run
#
# A **plan** names all that shapes the weights: network, data, protocol, recipe, seed. Training a plan makes a **run**: a
# folder with the weights, the preprocessing contract, the history and the environment, named by the hash of the plan, the
# pictures, the code and the locked libraries. A plan that was carried out before is found, not repeated: the first time
# takes some seconds, and later ones none.

# %%
by_recipe = book_runs.recipes_compared(
    dataset=dataset,
    data_root=data_root,
    protocol=protocol,
    model=model,
    seed=seed,
)
jobs = {job.trained_on: job for job in by_recipe}
plan = jobs["book"].plan
run = train(plan)

# %% tags=["hide-input"]
(source,) = plan.sources
name_of_set, history, frames = source.manifest.name, run.history, run.about["frames"]
chance = np.log(2)
fig, (left, right) = plt.subplots(1, 2, figsize=(plots.WIDTH, 2.9))
for ax, kind, title in ((left, "loss", "Cross-entropy (nats)"), (right, "accuracy", "Accuracy")):
    ax.plot(history["epoch"], history[f"train_{kind}"], marker="o", label="training, as it learns")
    ax.plot(history["epoch"], history[f"dev_{kind}"], marker="s", label="development set")
    ax.set(xlabel="Epoch", title=title)
left.axhline(chance, color="#6b7280", linestyle=":", linewidth=1.2, label="always one half")
right.axhline(0.5, color="#6b7280", linestyle=":", linewidth=1.2)
left.set_ylim(bottom=0)
right.set_ylim(0, 1.02)
left.legend()
figure(
    fig,
    name="fig-training-curves",
    caption=f"One run of the book's recipe on {name_of_set} ({frames['train']} training and {frames['dev']} development "
    f"pictures). Training values are means over an epoch, with augmentation and dropout, while the weights change; the development "
    f"set is judged after the epoch, without either, both classes weighing the same.",
    alt="Two line plots over the epochs: loss on the left, accuracy on the right, each for training and development pictures.",
    evidence=run.evidence,
)

# %% [markdown]
# Three things to read off such curves:
#
# - **The two curves answer different questions.** The training curve is drawn with pictures warped and many of the units
#   switched off, so it may well lie *worse* than the development curve. Their distance alone is no measure of overfitting.
# - **A loss above the dotted line is worse than saying "one half" to everything.** It happens on development data: a
#   network can be wrong with confidence, and the cross-entropy punishes that without bound, while the accuracy hardly moves.
# - **The development set is other people.** Under the sound protocol nobody in it trains. A curve of held-out *frames* of
#   the same people would look better and mean less ({doc}`/notebooks/04_2_own_dataset_and_protocols`).
#
# ## The three recipes
#
# A recipe in this book is an object, and this is all of it. Where the text is silent, *as written* takes the ranges that the
# code has, and Keras' defaults; {numref}`tab-training-recipes` gives the sources.

# %% tags=["hide-input"]
settings = pd.DataFrame({NAMES[name]: RECIPES[name].settings() for name in NAMES})
table(
    settings.rename_axis("setting").reset_index(),
    name="tab-recipes",
    caption="The recipes as the package carries them out: the paper's text, the released code, and the book's own, short enough "
    "for a default build.",
    evidence="recomputed",
)

# %% [markdown]
# **Why the book's recipe is counted in steps.** A small set has short epochs, and what a network learns depends on
# the number of steps. With a fixed number of them every model of the book takes about the same few seconds of one core.
#
# **Why it has a batch normalisation of its own.** In use, the layer normalises by running averages, of which each step
# keeps a share. Keras keeps 0.99. What is still left of the initial values, which mean nothing:

# %% tags=["nbval-check-output"]
for steps in (20, 200, 1000):
    left_over = "  ".join(f"{percent(share**steps)} at {share}" for share in (0.99, 0.9))
    print(f"after {steps:4} steps  {left_over}")

# %% [markdown]
# A network that was trained for two hundred steps is fine in training, where a batch is normalised by itself, and
# answers something else in use. The weights are not at fault. Long recipes do not have that problem; short ones have
# to know of it.
#
# ## What the augmentation does to a face
#
# Rotation, shift, shear, zoom and flip are composed into one map, so that a picture is resampled once. The maps are those of
# Keras' `ImageDataGenerator`, which the released code uses; the tests hold the two against each other pixel by pixel.

# %% tags=["hide-input"]
# A public-domain portrait of Eileen Collins, the only face in this chapter; the box is as in chapter 3.1.
portrait, face_box = skimage.data.astronaut(), Box(row=65, column=170, height=128, width=110)
face = Preprocessing().apply(portrait, face_box)
shown = 9
fig, axes = plt.subplots(len(NAMES), shown + 1, figsize=(plots.WIDTH, 2.6))
for row, (name, label) in zip(axes, NAMES.items(), strict=True):
    warped = warp(np.repeat(face, shown, axis=0), RECIPES[name].augmentation, np.array([seed, 0])).numpy()
    for ax, picture in zip(row, [face[0], *warped], strict=True):
        ax.imshow(picture.clip(0, 1))
        ax.set(xticks=[], yticks=[])
        ax.grid(visible=False)
        ax.spines[:].set_visible(False)
    row[0].set_ylabel(label, rotation=0, ha="right", va="center", fontsize=8.5)
axes[0, 0].set_title("as it is", fontsize=8.5, fontweight="normal", loc="center")
figure(
    fig,
    name="fig-augmentation",
    caption=f"A crop of 32×32 pixels, and {shown} draws of each recipe's augmentation. Black is what lies beyond the picture.",
    alt="Three rows of small portraits, turned, moved and stretched; in two rows some are mirrored, and many have black corners.",
    evidence="recomputed",
)

# %% tags=["nbval-check-output"]
white = np.ones((2000, 32, 32, 3), np.float32)
for name, label in NAMES.items():
    black = warp(white, RECIPES[name].augmentation, np.array([0, 0])).numpy()[..., 0] < 0.5
    print(f"{label:11} black: {percent(black.mean(), 0)} of all pixels")
    print(f"{'':11} in {percent(black.any(axis=(1, 2)).mean(), 0)} of the pictures")

shear = RECIPES["as_run"].augmentation.shear
middle = (32 - 1) / 2
meant = Augmentation(shear=float(np.rad2deg(np.arcsin(shear))))
for label, angle in (("as run", shear), ("as a slope", meant.shear)):
    moved = middle * np.sin(np.deg2rad(angle))
    print(f"shear {label:10} {angle:5.2f}°: {moved:.2f} pixels at the border")
glue("shear-pixels", f"{middle * np.sin(np.deg2rad(shear)):.2f}", display=False)

# %% [markdown]
# Two findings. **The shear does next to nothing.** `ImageDataGenerator` takes its `shear_range` in degrees. The released
# code passes 0.15, a plausible number for a slope; as an angle it moves the border of a crop by {glue:text}`shear-pixels` pixels at
# most. The paper lists shear among its augmentations, and the code does perform it; it is only invisible. Whether a slope was
# meant cannot be known.
#
# **Most training pictures have black corners, and no test picture has.** Both classes have them, so they give nothing
# away; but the network has to learn to overlook something that it will never meet. The book's recipe repeats the border's
# own pixels instead, and turns and zooms less.
#
# ## An order that matters
#
# The released loaders list one class after the other and do not shuffle between the epochs. How many batches then hold
# both classes, for the numbers of pictures that the released notebook prints?

# %% tags=["nbval-check-output"]
loaded = [one["training"] for name, one in paper.as_run["images"].items() if name != "fused"]
labels = np.concatenate([np.repeat([0, 1], count // 2) for count in loaded])


def mixed(labels: np.ndarray, name: str) -> tuple[int, int]:
    """Count the batches of the first epoch that hold both classes, and all of them."""
    recipe = RECIPES[name]
    shown = labels[batches.order(labels, recipe, seed=0, epoch=0)]
    parts = [shown[i : i + recipe.batch] for i in range(0, len(shown), recipe.batch)]
    return sum(len(set(part)) == 2 for part in parts), len(parts)


for name, label in NAMES.items():
    both, count = mixed(labels, name)
    print(f"{label:11} {both:4} of {count:4} batches are mixed")
mixed_as_run = mixed(labels, "as_run")
glue("mixed", f"{mixed_as_run[0]} of {mixed_as_run[1]}", display=False)

# %% [markdown]
# Only {glue:text}`mixed` batches of the fused training would hold both classes: those that span a border between two lists. All others pull
# towards one class, then towards the other; and batch normalisation takes its statistics from one class at a time. (Unless the
# stored arrays were shuffled in a step that was not published.)
#
# ## The recipes on the same pictures
#
# All three, on the data of this page, each with the patience that it has. The threshold is the equal error threshold of the
# development set, as everywhere in this book; "at 0.5" is the paper's way, the larger of the two outputs.

# %%
scored = experiments.run([*jobs.values()])
done = {name: experiments.find_run(job) for name, job in jobs.items()}
evidence = experiments.evidence(jobs.values()).value

# %% tags=["hide-input"]
rates = evaluation.matrix(scored).set_index("trained_on")


def with_interval(rate: pd.Series, name: str) -> str:
    """Return a rate in per cent with its interval."""
    value, low, high = (100 * rate[name + ending] for ending in ("", "_low", "_high"))
    return f"{value:.1f} [{low:.0f}, {high:.0f}]"


def steps_an_epoch(name: str) -> int:
    """Return the steps of an epoch on the data of this page."""
    recipe = RECIPES[name]
    return recipe.steps or -(-done[name].about["frames"]["train"] // recipe.batch)


paper_steps = " and ".join(str(steps_an_epoch(name)) for name in ("as_written", "as_run"))
glue("paper-steps", paper_steps, display=False)
glue("as-run-rate", f"{RECIPES['as_run'].learning_rate:g}", display=False)
rows = []
for name, label in NAMES.items():
    rate, epochs = rates.loc[name], len(done[name].history)
    rows.append(
        {
            "recipe": label,
            "pictures": done[name].about["frames"]["train"],
            "epochs": epochs,
            "steps": epochs * steps_an_epoch(name),
            "farthest a weight can go": epochs * steps_an_epoch(name) * RECIPES[name].learning_rate,
            "HTER": with_interval(rate, "hter"),
            "HTER at 0.5": with_interval(rate, "hter_argmax"),
        }
    )
table(
    pd.DataFrame(rows),
    name="tab-recipes-compared",
    caption=f"The recipes on {name_of_set}, one seed: HTER on the test set in per cent, with 95 % intervals over its "
    f"{rates['subjects'].iloc[0]:.0f} people. The farthest that a weight can go is about steps × learning rate.",
    evidence=evidence,
    formats={"farthest a weight can go": ".3g"},
)

# %% tags=["hide-input"]
fig, ax = plt.subplots(figsize=(plots.WIDTH, 3))
for name, label in NAMES.items():
    curve = done[name].history
    ax.plot(curve["epoch"] * steps_an_epoch(name), curve["dev_loss"], label=label)
ax.axhline(chance, color="#6b7280", linestyle=":", linewidth=1.2, label="always one half")
ax.set(xscale="log", yscale="log", xlabel="Steps", title="Cross-entropy on the development set (nats)")
for axis in (ax.xaxis, ax.yaxis):
    axis.set_major_formatter(ScalarFormatter())
    axis.set_minor_formatter(NullFormatter() if axis is ax.xaxis else ScalarFormatter())
ax.legend()
figure(
    fig,
    name="fig-recipes-compared",
    caption=f"The three recipes on {name_of_set}, judged on the development set after each epoch.",
    alt="Three curves of the development loss over the number of steps, on logarithmic axes.",
    evidence=evidence,
)

# %% [markdown]
# The default set is small: an epoch of the paper's two recipes has {glue:text}`paper-steps` steps here, and hundreds with the
# fused set. So their ten epochs of patience are over before the running averages have settled (as written), or
# before a rate of {glue:text}`as-run-rate` has moved anything (as run). That is no verdict on either; it is what "patience 10" and "150 epochs"
# mean without the number of pictures. With the licensed data in `data_root`, the same cells say how they do where they were meant to work.
#
# The intervals say how far a test set of so few people tells recipes apart. They leave out another source of
# chance, the seed; {doc}`/book/03_3_design_and_training` discusses what each difference would do.
#
# ## The same weights, to the byte
#
# "Trained with seed 0" is a promise that few programs keep. Here it is kept by four rules, and the tests end a training
# with SIGKILL at ten random moments to see that they are:
#
# - **Nothing that is drawn depends on what was drawn before.** Order, warps and dropout of an epoch come from (seed, epoch)
#   alone, so an interrupted training goes on with the same numbers.
# - **One thread.** Floating-point sums depend on their order, and the order on the number of threads. Two cores
#   are kept busy by two trainings.
# - **Each epoch is kept whole**: weights, the optimiser's moments, the history. A run's folder is moved into its place when it is complete.
# - **The key knows what shaped the weights**: also the code and the libraries. Another processor may still round otherwise;
#   the promise is for the same machine.

# %% tags=["hide-input"]
again = train(plan)
print(
    f"found, not repeated: {again.folder == run.folder}; the same weights: {again.weights_sha256 == run.weights_sha256}"
)

# %% [markdown]
# ## Summary
#
# - A recipe is more than a learning rate: order, balance, what an epoch is, which weights are kept, and how pixels are
#   scaled are part of it. {numref}`tab-recipes` fixes all of them for three recipes.
# - One setting of the released augmentation has no visible effect, and its order of pictures keeps the classes apart.
# - Epochs mean nothing without the number of pictures; steps and learning rate say how far a network can come.
#
# **To try:** run this chapter with `-p dataset 3dmad`: which recipe suffers most from the smaller set, and does
# {numref}`tab-recipes-compared` explain it? With `-p model livenessnet`, does the network without skip connections train
# worse? With five values of `seed`, is the order of the recipes always the same?
#
# **Read next:** {doc}`/notebooks/04_2_own_dataset_and_protocols` asks which samples may train, and which may not.
