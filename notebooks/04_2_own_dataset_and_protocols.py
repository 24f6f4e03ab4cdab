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
# # 4.2 The own dataset, and protocols
#
# *Section 4.2 of the paper {cite:p}`kuznetsov2024attacknet`: the authors' own videos. And what the paper does not spell
# out for any of the five databases: which samples trained, and which were tested.*
#
# After this chapter you can
#
# - say what Table 2 counts, and what it leaves open;
# - bring a dataset of your own with a manifest and no code;
# - tell a sound protocol from one that leaks, for each of the five databases;
# - run the leak check on any split, and read what it finds;
# - say by how much a leak can flatter a result, and when it hardly does.
#
# The chapter presumes {doc}`04_1_datasets`; what an HTER is, which the last section measures, is said in {doc}`04_3_metrics`.
#
# Up to its last section the page opens no picture or video of a database. Everything follows from the names of files, which
# the owners have published, so it is the same whether or not you hold a licence. The last section trains.

# %%
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import skimage
from myst_nb import glue

from attacknet import book_runs, experiments, plots, runs
from attacknet.data import LeakError, check_protocol, load_index, manifest, protocols
from attacknet.data.index import expected_index
from attacknet.data.leaks import NEAR, perceptual_hash
from attacknet.data.verify import verify
from attacknet.display import figure, percent, table
from attacknet.evaluation import matrix
from attacknet.metrics import ATTACK, BONA_FIDE
from attacknet.paper import tables

plots.use_style()
SPLITS = ("train", "dev", "test")
paper = tables.load()

# %% tags=["parameters"]
datasets: list = ["replay_attack", "3dmad", "msspoof", "csmad", "own"]  # ids of the datasets to compare
data_root: str = ""  # folder with a folder of files for each dataset; empty: the owners' file names alone
frames_a_video: int = 10  # frames of each video in the random split
test_share: float = 0.2  # share of the frames that the random split tests on
seed: int = 42  # of the random split
inflated: list = ["3dmad", "replay_attack"]  # datasets of the last section; without data_root, stand-ins
recipe: str = "book"  # how it trains: book, as_written or as_run
seeds: int = 5  # trainings for each split

# %% [markdown]
# ## Table 2, checked
#
# The authors' own dataset holds bona fide videos, mostly from the web, and recordings of screens that play them. The paper
# prints numbers of pictures in Table 2 and a number of videos in the text. Three public sources can be held against them:
# the confusion matrices that the authors published (how many validation pictures of each class), the output of the released
# training notebook (how many pictures were loaded) {cite:p}`zakharov2023code`, and the names of the files in the repository
# of the 2022 code {cite:p}`kuznetsov2022liveliness`.

# %% tags=["hide-input"]
printed = {row["id"]: row["printed"] + (" %" if row["unit"] == "%" else "") for row in paper.table2}
validation = paper.counts["own", "own"]
loaded = paper.as_run["images"]["own"]
files = paper.listings["own"]
total = loaded["training"] + loaded["test"]

rows = [
    ("pictures", printed["images"], f"{loaded['training']} + {loaded['test']} = {total}"),
    ("training pictures", printed["training.images"], str(loaded["training"])),
    ("validation pictures", printed["validation.images"], f"{validation.bonafide} + {validation.attacks}"),
    ("share that trains", printed["split.training"], percent(loaded["training"] / total)),
    ("share that validates", printed["split.validation"], percent(loaded["test"] / total)),
    (
        "bona fide among the validation pictures",
        printed["validation.balance.bonafide"],
        percent(validation.bonafide / (validation.bonafide + validation.attacks)),
    ),
    (
        "videos",
        paper.text_number("s4.2.videos").text,
        f"{sum(files['real_files'].values())} bona fide + {sum(files['fake_files'].values())} attacks, "
        f"of which {files['still_pictures']} is a still picture",
    ),
]
table(
    pd.DataFrame(rows, columns=["what", "printed", "recomputed"]),
    name="tab-own-table2",
    caption="The own dataset as Table 2 and section 4.2 print it, and as public sources count it.",
    evidence={"printed": "paper", "recomputed": "recomputed"},
)

# %% tags=["nbval-check-output"]
per_class = {"training": loaded["training"] // 2, "validation": validation.bonafide}
for folder, pictures in per_class.items():
    videos = files["real_files"][folder], files["fake_files"][folder]
    print(
        f"{folder:10} {videos[0]} bona fide and {videos[1]} attack files, {pictures} pictures of each class: "
        f"{pictures / videos[0]:.1f} and {pictures / videos[1]:.1f} a file"
    )
glue("own-images", total, display=False)
glue(
    "own-shares",
    f"{percent(loaded['training'] / total)} and {percent(loaded['test'] / total)}",
    display=False,
)
glue("own-per-file", f"{per_class['training'] / files['real_files']['training']:.0f}", display=False)

# %% [markdown]
# The numbers agree. Two things follow that the table does not say.
#
# **The pictures are few videos.** {glue:text}`own-images` pictures sound like a large set, but some
# {glue:text}`own-per-file` come from each training video, and pictures of one video resemble each other. The number of
# videos decides how far a result carries ({doc}`04_3_metrics` shows how far).
#
# **Who is in them was not written down.** The videos were split by file. If one person appears in several, or a bona fide
# video trains while its own replay validates, then the split shares people, and no list exists by which that could be
# checked. This book therefore claims nothing about the subjects of this set: its manifest says `subjects_known: false`, and
# the leak check compares the videos alone.
#
# ## Bring your own dataset
#
# A **manifest** is a YAML file that says what the names of a dataset's files mean. The loaders read nothing else, so that a
# new dataset needs a manifest and no code. The shortest way is a plain folder: put pictures and videos into
# `SPLIT/bonafide/SUBJECT/` and `SPLIT/attack/SPECIES/SUBJECT/` (frames that were cut out of a recording one folder deeper,
# in a folder of its name), and use the dataset id `folder`. Where the files have names of their own, write down the
# scheme. The next cell does that for six people with two videos each.

# %%
MINE = """\
id: corridor
name: the corridor dataset
owner: our laboratory
homepage: none
licence: {terms: consent of the people in it, request: us, redistribution: false, show_faces: false}
clients:
  field: person
  groups: {first: [ann, bob, cem], second: [dia], third: [eva, fay]}
fields: {take: ["1", "2"]}
layouts:
  - {template: "{person}/live_{take}.mp4", media: video,
     label: bonafide, species: bonafide, subject: "{person}"}
  - {template: "{person}/tablet_{take}.mp4", media: video,
     label: attack, species: replay_tablet, subject: "{person}"}
boxes: {source: detector}
protocols:
  sound:
    description: by person
    source: this example
    train: [{group: [first]}]
    dev: [{group: [second]}]
    test: [{group: [third]}]
"""

folder = tempfile.TemporaryDirectory()
mine = Path(folder.name) / "corridor.yaml"
mine.write_text(MINE)
root = Path(folder.name) / "files"
for name in manifest.load(mine).expected_paths():
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_bytes(b"a video would be here")

index = load_index(mine, root)
table(
    index.groupby(["split", "species"], sort=False)
    .agg(samples=("sample", "size"), subjects=("subject", lambda who: ", ".join(sorted({*who}))))
    .reset_index(),
    name="tab-corridor",
    caption=(
        f"A dataset brought with {len(MINE.splitlines())} lines of YAML: what the loader makes of its file names."
    ),
    evidence="recomputed",
)

# %% [markdown]
# The manifest also knows what should be there. `attacknet data verify MANIFEST FOLDER` names what is missing, extra,
# misnamed or unreadable, one line a problem, and ends with exit status 1 if there is any. Let us lose a file, misspell one
# and add a stranger.

# %% tags=["nbval-check-output"]
(root / "ann/live_1.mp4").unlink()
(root / "bob/live_2.mp4").rename(root / "bob/live_2_.mp4")
(root / "notes.doc").write_text("not a video")
for problem in verify(mine, root).problems:
    print(problem)

# %% [markdown]
# A wrong manifest is refused with the file, the key and the reason. Here somebody is in two groups, and a key comes twice.

# %% tags=["nbval-check-output"]
for wrong in (MINE.replace("third: [eva", "third: [ann, eva"), MINE.replace("owner:", "owner: me\nowner:")):
    mine.write_text(wrong)
    try:
        manifest.load(mine)
    except Exception as error:
        print(error)
folder.cleanup()

# %% [markdown]
# The project brings manifests of the five databases of the paper, and of five that the paper does not use: NUAA
# {cite:p}`tan2010nuaa`, CASIA-FASD {cite:p}`zhang2012casia`, MSU-MFSD {cite:p}`wen2015msu`, OULU-NPU
# {cite:p}`boulkenafet2017oulu` and Replay-Mobile {cite:p}`costapazo2016mobile`. What could not be confirmed for one of these
# is marked in it. `attacknet data list` names all of them, and where to ask for the data.
#
# ## Two protocols
#
# A protocol says which samples train, which set the threshold (development), and which test. Each manifest declares two:
#
# - **sound**: the owner's split where there is one. Nobody is in two splits, and the threshold comes from the development
#   set.
# - **as run**: what the authors of the paper did, as far as their published notebooks and counts tell.
#
# {numref}`tab-protocols` counts samples: videos, or pictures for MSSpoof. {numref}`fig-protocols` shows the people.


# %% tags=["hide-input"]
def index_of(dataset: str) -> pd.DataFrame:
    """Return the index of the reader's files or, without a `data_root`, of the owner's file names."""
    return load_index(dataset, Path(data_root) / dataset) if data_root else expected_index(dataset)


indexes = {dataset: index_of(dataset) for dataset in datasets}
names = {dataset: manifest.load(dataset).name for dataset in datasets}
levels = {one.attrs["evidence"] for one in indexes.values()}
# One stand-in among licensed data makes the whole table one of stand-ins.
level = "stand-in" if "stand-in" in levels else levels.pop()


def counted(split: pd.DataFrame) -> dict[str, str]:
    """Count bona fide and attack samples by split."""
    by_split = split.groupby(["split", "label"]).size()
    return {
        name: f"{by_split.get((name, BONA_FIDE), 0)} / {by_split.get((name, ATTACK), 0)}"
        if name in by_split
        else None
        for name in SPLITS
    }


table(
    pd.DataFrame(
        [
            {"dataset": names[dataset], "protocol": name} | counted(protocols.apply(one, protocol))
            for dataset, one in indexes.items()
            for name, protocol in (("sound", "sound"), ("as run", "as_run"))
        ]
    ),
    name="tab-protocols",
    caption="Samples in each split, bona fide / attacks. A dash: the split does not exist.",
    evidence=level,
)

# %% tags=["hide-input"]
with_subjects = [dataset for dataset in datasets if manifest.load(dataset).subjects_known]
fig, panels = plt.subplots(
    len(with_subjects),
    2,
    figsize=(plots.WIDTH, 0.3 + 0.95 * len(with_subjects)),
    sharey=True,
    sharex="row",
    squeeze=False,
)
for line, dataset in zip(panels, with_subjects, strict=True):
    people = sorted(indexes[dataset]["subject"].unique(), key=lambda one: one.rsplit("/", 1)[1].zfill(3))
    place = {subject: i for i, subject in enumerate(people)}
    for panel, protocol in zip(line, ("sound", "as_run"), strict=True):
        split = protocols.apply(indexes[dataset], protocol)
        for label, colour, shift in ((BONA_FIDE, plots.BONA_FIDE, -0.19), (ATTACK, plots.ATTACK, 0.19)):
            present = split[split["label"] == label].drop_duplicates(["subject", "split"])
            at = [place[subject] for subject in present["subject"]]
            rows_of = np.array([SPLITS.index(name) for name in present["split"]]) + shift
            panel.barh(
                rows_of, np.full(len(at), 0.8), 0.34, left=np.array(at) - 0.4, color=colour, linewidth=0
            )
        panel.set_title(f"{names[dataset]}, {'sound' if protocol == 'sound' else 'as run'}", fontsize=9)
        panel.set_ylim(2.6, -0.6)
        panel.set_yticks(range(3), SPLITS)
        panel.set_xticks([])
        panel.set_xlim(-0.8, len(people) - 0.2)
        panel.grid(visible=False)
for panel in panels[-1]:
    panel.set_xlabel("subjects, one column each")
handles = [plt.Rectangle((0, 0), 1, 1, color=colour) for colour in (plots.BONA_FIDE, plots.ATTACK)]
fig.legend(handles, ["bona fide", "attack"], loc="outside upper right", ncols=2)
figure(
    fig,
    name="fig-protocols",
    caption=(
        "Who is in which split. A column is a person, blue their bona fide samples, orange the attacks that show their "
        "face. In a sound protocol a column is filled in one row only."
    ),
    alt=(
        "Four rows of panels, one for each database whose subjects are known, with the sound protocol on the left and the "
        "authors' on the right. On the left each person appears in one split. On the right the row of the development set "
        "is empty everywhere, and in MSSpoof the same people have blue cells in training and in test."
    ),
    evidence=level,
)

# %% [markdown]
# Without a development set, something else must choose the threshold and the moment to stop. The paper's threshold is 0.5;
# its text lets the validation loss end the training, on the very samples whose error it then reports.
#
# ## The leak check
#
# `check_protocol` splits an index and compares the splits, from the gravest to the mildest: the same recording, the same
# session of a person, the same person; and, given hashes of the crops, frames that look alike. A missing development set
# counts as a leak of the choice. It refuses what it finds, and so do `attacknet data prepare` and the commands that train:

# %% tags=["nbval-check-output"]
suspect = "msspoof" if "msspoof" in datasets else datasets[0]
try:
    check_protocol(indexes[suspect], "as_run")
except LeakError as error:
    print(error)

# %% [markdown]
# A reader who wants the authors' protocol all the same, to reproduce what they did, has to say so (`allow_leaks=True`, on
# the command line `--allow-leaks`), and gets the list of leaks with it. {numref}`tab-leaks` has it for both protocols, and
# for a third way to split that is common in published code: to pool the **frames** of all videos and draw the test frames
# at random.


# %% tags=["hide-input"]
def frame_level(index: pd.DataFrame) -> pd.DataFrame:
    """Split the frames of all recordings at random."""
    each = np.where(index["media"] == "image", 1, frames_a_video)
    frames = index.loc[index.index.repeat(each)]
    frames = frames.assign(frame=frames.groupby("sample").cumcount())
    return protocols.random_frames(frames, test_share=test_share, seed=seed)


def found(dataset: str, name: str, protocol) -> dict[str, object]:
    """Return a row of the table of leaks: the shared recordings, sessions and people of training and test."""
    report = check_protocol(indexes[dataset], protocol, allow_leaks=True)
    shared = report.set_index(["kind", "split", "other"])["shared"]
    knows = manifest.load(dataset).subjects_known
    return {
        "dataset": names[dataset],
        "protocol": name,
        "recordings": shared.get(("sample", "train", "test"), 0),
        "sessions": shared.get(("session", "train", "test"), 0) if knows else None,
        "people": shared.get(("subject", "train", "test"), 0) if knows else None,
        "development set": "no" if "selection" in set(report["kind"]) else "yes",
    }


ways = {"sound": "sound", "as run": "as_run", "random frames": frame_level}
leaks = pd.DataFrame(
    [found(dataset, name, protocol) for dataset in datasets for name, protocol in ways.items()]
)
table(
    leaks,
    name="tab-leaks",
    caption=(
        f"What training and test share. Random frames: {frames_a_video} frames of each video, {100 * test_share:.0f} % of "
        "them tested. A dash: the subjects are not known."
    ),
    evidence=level,
    formats={"sessions": ".0f", "people": ".0f"},
)

# %% tags=["nbval-check-output"]
refused = []
for dataset in datasets:
    for name, protocol in ways.items():
        try:
            check_protocol(indexes[dataset], protocol)
        except LeakError:
            refused.append((dataset, name))
print("refused:", ", ".join(f"{dataset} {name}" for dataset, name in refused))
print("passed: ", ", ".join(f"{d} {name}" for d in datasets for name in ways if (d, name) not in refused))

# %% [markdown]
# ### MSSpoof: the same pictures on both sides
#
# In the authors' MSSpoof split the attacks of the test clients are tested, as they should be. The bona fide pictures that
# are tested are those of the training and development clients, and the same pictures train. The arithmetic:

# %% tags=["nbval-check-output"]
listing = paper.listings["msspoof"]
real = {split: listing["real_visible"][split] + listing["real_infrared"][split] for split in SPLITS}
tested = paper.counts["msspoof", "msspoof"].bonafide
trained = paper.as_run["images"]["msspoof"]["training"] // 2
print(f"bona fide pictures of the owner: train {real['train']}, dev {real['dev']}, test {real['test']}")
print(f"bona fide pictures that the authors tested: {tested}; that they trained on: {trained}")
available = real["test"] + listing["enrolment"]["test"]
print(
    f"of the test clients, enrolment included: {real['test']} + {listing['enrolment']['test']} = {available}"
)
print(f"tested, but not of the test clients: at least {tested} - {available} = {tested - available}")
print(f"train + dev: {real['train']} + {real['dev']} = {real['train'] + real['dev']}", end="; ")
print(f"{tested} of them is {100 * tested / (real['train'] + real['dev']):.1f} %")

# %% [markdown]
# The test clients' pictures cannot supply that many, so that training or development clients must have been tested:
# that much is certain from the counts. That they were the very training pictures is what the 2022 notebooks do, and
# equal counts on both sides go with it; the missing share would be pictures in which the detector found no face.
# {numref}`fig-protocols` shows a second consequence: in that test set, every bona fide person is one of training and
# every attacked person is not. Knowing the people would be enough to tell the classes apart. So the error *within*
# MSSpoof does not say how well unseen people are judged, and every number of the MSSpoof column of Table 4 inherits
# the set. No ill will is needed for this: a folder copied twice does it. That is what a leak check is for.
#
# ### What the check cannot see
#
# The check knows what the manifest knows. Three things escape it.

# %% tags=["hide-input"]
if "csmad" in datasets:
    csmad = manifest.load("csmad")
    worn = indexes["csmad"][indexes["csmad"]["species"] == "mask_silicone_worn"]
    wearers = pd.concat(
        [
            split.assign(
                protocol=name, wearer=[csmad.identify(path).fields["wearer"] for path in split["path"]]
            )
            for name, protocol in (("sound", "sound"), ("as run", "as_run"))
            for split in [protocols.apply(worn, protocol)]
        ]
    )
    counts = wearers.pivot_table(
        index=["protocol", "wearer"], columns="split", values="path", aggfunc="count", fill_value=0
    )
    table(
        counts.reindex(columns=[name for name in SPLITS if name in counts]).reset_index(),
        name="tab-wearers",
        caption="CSMAD: who wore the masks. Videos of worn masks by wearer and split.",
        evidence=level,
    )

# %% [markdown]
# **The person behind the mask.** The subject of a mask attack is the person whose face the mask has. In CSMAD two people, E
# and F, wore all masks ({numref}`tab-wearers`), and three splits that share no wearer would need three wearers. The
# sound protocol is that of GRAD-GPAD {cite:p}`costapazo2021gradgpad`, which keeps masks and bona fide subjects apart.
# E and F are bona fide subjects of its test set. A network that learnt to know them behind a mask would reject them there,
# so the bias works against the detector, but it is one. In 3DMAD one operator wore all masks, in every split.
#
# **The stage.** Within each database, all splits share the rooms, the cameras and the lights. A protocol that is sound for
# people still tests on the training stage; that is why the paper's cross-database tests matter.
#
# **Copies under another name.** Two files with the same content are two samples to an index. Only the pictures tell, so
# `attacknet data prepare` checks again when the crops are made (`leaks.check_crops`): it compares hashes of them, 64 bits
# that hardly change when a picture is compressed, darkened or blurred a little, and of which about half change for another
# picture. Here a photograph of the training set returns in the test set as somebody else's, dark and coarse:

# %%
photographs = [skimage.data.astronaut(), skimage.data.chelsea(), skimage.data.coffee()]
photographs.append((0.6 * photographs[0]).astype(np.uint8) // 16 * 16)
small = np.stack([skimage.transform.resize(one, (32, 32), anti_aliasing=True) for one in photographs])

# %% tags=["nbval-check-output"]
samples = pd.DataFrame(
    {
        "sample": ["ann_1", "bob_1", "cem_1", "dia_1"],
        "subject": ["ann", "bob", "cem", "dia"],
        "session": "1",
        "split": ["train", "dev", "test", "test"],
    }
)
hashes = samples[["sample"]].assign(hash=perceptual_hash(small))


def given(table: pd.DataFrame) -> pd.DataFrame:
    """Leave the split as it stands."""
    return table


print("by name:   ", len(check_protocol(samples, given)), "leaks")
try:
    check_protocol(samples, given, hashes=hashes)
except LeakError as error:
    print("by picture:", error)
glue("near-bits", NEAR, display=False)

# %% [markdown]
# Two pictures count as the same when {glue:text}`near-bits` bits differ or fewer. On the stand-ins that finds at least nine
# in ten copies compressed to JPEG quality 50, and takes no two people for one. A copy that is cut a pixel off its box
# escapes it.
#
# ## As many frames as the smaller class
#
# The authors balanced the classes by drawing frames of the larger one. So the smaller class tells how many frames were
# taken of each file.

# %% tags=["hide-input"]
balance = []
for dataset in datasets:
    declared = manifest.load(dataset).protocols["as_run"]
    split = protocols.as_run(expected_index(dataset))
    for name, reported in declared.per_class.items():
        classes = split[split["split"] == name]["label"].value_counts()
        balance.append(
            {
                "dataset": names[dataset],
                "split": name,
                "bona fide files": classes[BONA_FIDE],
                "attack files": classes[ATTACK],
                "frames a class": reported,
                "a file of the smaller class": reported / classes.min(),
            }
        )
table(
    pd.DataFrame(balance),
    name="tab-balance",
    caption="Frames of each class that the authors report, and what that means for each file of the smaller class.",
    evidence="recomputed",
    formats={"a file of the smaller class": ".2f"},
)

# %% [markdown]
# Whole numbers are the trace of a rule. 3DMAD has 12 frames for each mask video in both splits, one in 25 of its 300.
# Replay-Attack has a whole number for each bona fide training video, one frame in ten of some 375. In its test split the
# number is no whole one, but it is divisible by that of the training videos, as the next cell shows: as if a part of the bona
# fide test videos had been used, and which part is not known. MSSpoof has pictures, and somewhat less than one each:
# pictures without a detected face would fall out. For CSMAD and the own set no rule shows.

# %% tags=["nbval-check-output"]
for one in balance:
    if one["dataset"] == names.get("replay_attack"):
        if one["split"] == "train":
            a_video = one["frames a class"] // one["bona fide files"]
        videos, rest = divmod(one["frames a class"], a_video)
        print(
            f"{one['split']:5} {one['frames a class']} = {videos} x {a_video} + {rest}; "
            f"bona fide videos: {one['bona fide files']}"
        )

# %% [markdown]
#
# (inflation)=
# ## How much does a leak inflate a result?
#
# {numref}`tab-leaks` says *that* random frames leak. How large the effect is must be measured. So a network is trained
# and tested twice on the same data and by the same recipe. Once the protocol is sound: the people of the test are
# others. Once the frames are shuffled, and a fifth of them is tested on. The threshold comes from a development set in both
# cases, split in the same way as the test. Each split has several seeds; with random frames the seed draws the split, too.

# %%
jobs = book_runs.inflation(inflated=inflated, data_root=data_root, recipe=recipe, seeds=seeds)
measured_level = experiments.evidence(jobs)
RULES = {"sound": "other people", runs.RANDOM_FRAMES: "random frames"}
results = pd.concat(
    # Each seed is a result of its own: with random frames it has a test set of its own.
    [
        matrix([model]).assign(split=RULES[job.plan.protocol], seed=job.plan.seed)
        for job, model in zip(jobs, experiments.run(jobs), strict=True)
    ],
    ignore_index=True,
)

# %% tags=["hide-input"]
colours = dict(zip(RULES.values(), (plots.PALETTE[0], plots.PALETTE[1]), strict=True))
fig, panel = plt.subplots(figsize=(plots.WIDTH * 0.85, 0.9 + 0.7 * len(inflated)))
for row, dataset in enumerate(inflated):
    for (rule, colour), shift in zip(colours.items(), (-0.17, 0.17), strict=True):
        values = results.loc[(results["trained_on"] == dataset) & (results["split"] == rule), "hter"]
        panel.plot(
            values,
            np.full(len(values), row + shift),
            "o",
            color=colour,
            alpha=0.55,
            label=None if row else rule,
        )
        panel.plot(values.mean(), row + shift, "|", color=colour, markersize=20, markeredgewidth=2.5)
panel.set(xlabel="HTER on the test frames", xlim=(-0.01, 0.51), ylim=(len(inflated) - 0.5, -0.5))
panel.set_yticks(range(len(inflated)), [manifest.load(dataset).name for dataset in inflated])
panel.grid(axis="y", visible=False)
panel.legend(title="tested on", loc="lower right")
figure(
    fig,
    name="fig-inflation",
    caption="The same data and recipe under two splits. A dot is a training, a bar the mean.",
    alt="Two rows of dots for each dataset: results on other people and on random frames of the same recordings, with their means.",
    evidence=measured_level,
)

# %% tags=["hide-input"]
rows = []
for dataset in inflated:
    parts = {
        rule: results[(results["trained_on"] == dataset) & (results["split"] == rule)]
        for rule in RULES.values()
    }
    sound, shuffled = (part["hter"].to_numpy() for part in parts.values())
    rows.append(
        {
            "dataset": manifest.load(dataset).name,
            **{f"{rule}: HTER": percent(part["hter"].mean()) for rule, part in parts.items()},
            **{f"{rule}: AUC": f"{part['auc'].mean():.3f}" for rule, part in parts.items()},
            "flattered by": f"{100 * (sound.mean() - shuffled.mean()):.1f} points",
            "pairs": f"{int((shuffled[:, None] < sound).sum())} of {sound.size * shuffled.size}",
        }
    )
table(
    pd.DataFrame(rows),
    name="tab-inflation",
    caption=f"Means over {seeds} trainings. *Pairs*: of all pairs of a training with random frames and one with other people, those in which "
    "random frames gave the lower HTER; no effect would be a half.",
    evidence=measured_level,
)
gains = {row["dataset"]: float(row["flattered by"].split()[0]) for row in rows}
most, least = max(gains, key=gains.get), min(gains, key=gains.get)
glue("flattered-most", f"{gains[most]:.1f} points of HTER on {most}", display=False)
glue("flattered-least", f"{gains[least]:.1f} on {least}", display=False)
together = results.groupby("split")["hter"].mean()
glue("flattered-mean", f"{100 * (together['other people'] - together['random frames']):.1f}", display=False)

# %% [markdown]
# Nothing was learnt better, and yet the result looks better: by {glue:text}`flattered-most`, and by {glue:text}`flattered-least`. The mean is
# {glue:text}`flattered-mean` points. On stand-ins these sizes are an example and no estimate for the databases. What can be carried over is what
# they depend on:
#
# - **how much a test frame has in common with a training frame.** A leak of recordings is worth most where frames of one recording are
#   nearly equal, and where a session's room or a mask gives the class away;
# - **how much the network can learn by heart.** The book's recipe is short and sees few frames of each video. The longer a network trains, the more a
#   known face is worth;
# - **how hard the honest task is.** Where other people are judged well, there is little to flatter.
#
# The spread between the dots is a warning of another kind. A single training of each split, compared, can show any of these effects, none, or its
# contrary.
#
# ## Summary
#
# - Table 2 agrees with the public sources: {glue:text}`own-images` pictures, split into {glue:text}`own-shares`, balanced. One
#   of its "videos" is a picture, and nobody can say who is in which.
# - A dataset needs a manifest and no code; `attacknet data verify` says whether a copy is what its owner made.
# - The sound protocols of all five datasets pass the leak check; all the authors' protocols lack a development set, and that
#   of MSSpoof tests on training pictures.
# - Splitting frames rather than people puts almost every video on both sides, and here it flattered the HTER by
#   {glue:text}`flattered-mean` points in the mean, without a better detector.
#
# **To try:** run this chapter with `-p frames_a_video 2`, and explain why fewer recordings are shared then, and why hardly fewer
# people.
#
# **Read next:** {doc}`04_3_metrics` for what may be concluded from so few people; {doc}`05_0_table4` for the numbers that came
# out of these protocols.
