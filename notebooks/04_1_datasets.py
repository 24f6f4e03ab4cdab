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
# # 4.1 The datasets
#
# *Section 4.1 of the paper {cite:p}`kuznetsov2024attacknet`: the databases that AttackNet was trained and tested on.*
#
# After this chapter you can
#
# - say who and what is in each of the five databases, and hold the paper's description against the owners' own lists;
# - tell how much of each lies on your disk, split by split and species by species;
# - recognise the attacks by sight at full size, and say what is left of them in the 32x32 pixels that a network gets;
# - ask for the real data, and run every chapter of this book on it.
#
# The chapter presumes nothing. Four of the databases need a signed licence, and the fifth is not public. Without them this page shows **stand-ins**:
# synthetic people and synthetic attacks in exactly the folders and formats of the real databases. {doc}`A_1_standins` says
# how they are made, and what they cannot tell. Let `data_root` name a folder that holds a folder of the real files for each
# dataset, and the same page shows your copy; faces then stay hidden unless their owner and you allow them to be shown.

# %% tags=["hide-input"]
import re
import sys
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd
from myst_nb import glue

from attacknet import contact_sheet, panels, plots
from attacknet.data import load_index, manifest
from attacknet.data.index import expected_index
from attacknet.data.manifest import SPLITS
from attacknet.data.prepare import prepare
from attacknet.data.verify import verify
from attacknet.display import figure, once, table
from attacknet.errors import AttackNetError
from attacknet.metrics import ATTACK, BONA_FIDE
from attacknet.panels import Panel
from attacknet.paper import ledger
from attacknet.standins import writers

plots.use_style()
claims = ledger.load()

# %% tags=["parameters"]
data_root: str = ""  # folder with a folder of files for each dataset; empty: stand-ins, made in the cache
datasets: list = ["csmad", "3dmad", "msspoof", "replay_attack", "own"]  # ids, in the order of the page
show_faces: bool = False  # show faces of licensed data where the owner's terms allow it too
each: int = 2  # samples for each species and split on a contact sheet

# %% tags=["hide-input"]
if not data_root:
    writers.make(
        writers.home(),
        datasets=datasets,
        progress=lambda done, total: print(f"\rstand-ins: {done} of {total} files", end="", file=sys.stderr),
    )
root = Path(data_root) if data_root else writers.home()
manifests = {dataset: manifest.load(dataset) for dataset in datasets}
names = {dataset: one.name for dataset, one in manifests.items()}
OWNERS = "the authors' "  # left out of the name where there is little room
expected = {dataset: expected_index(dataset) for dataset in datasets}

folders = {path.name for path in root.iterdir()} if root.is_dir() else set()
indexes = {dataset: load_index(dataset, root / dataset) for dataset in datasets if dataset in folders}
if not indexes:
    raise AttackNetError(f"{root}: no folder of a dataset in it; name one of {', '.join(datasets)}")
reports = {dataset: verify(dataset, root / dataset) for dataset in indexes}
levels = {dataset: index.attrs["evidence"] for dataset, index in indexes.items()}
# One stand-in among licensed data makes a joint table one of stand-ins.
joint = "stand-in" if "stand-in" in levels.values() else "licensed"


# %% [markdown]
# ## What the paper says, and what the files hold
#
# The paper describes the databases in numbers, and the owners have published lists of their files.
# {numref}`tab-paper-and-files` sets four sources side by side: the paper; the owner's list, as this book's claims are checked
# against it; the manifest, from which the loaders of this project know every file that a complete copy has; and your disk.


# %% tags=["hide-input"]
def bona_fide(index: pd.DataFrame) -> pd.DataFrame:
    """Return the bona fide samples."""
    return index[index["label"] == BONA_FIDE]


def attacks(index: pd.DataFrame, species: str = "") -> pd.DataFrame:
    """Return the attacks, of one species if it is named."""
    return index[(index["label"] == ATTACK) & index["species"].str.endswith(species)]


def people(index: pd.DataFrame) -> int:
    """Count the subjects."""
    return index["subject"].nunique()


# Claim -> what it counts, of an index and of the number of files for enrolment.
CLAIMS = {
    "csmad": {
        "s4.1.1.subjects": lambda index, _: people(index),
        "s4.1.1.bonafide": lambda index, _: len(bona_fide(index)),
        "s4.1.1.attacks": lambda index, _: len(attacks(index)),
        "s4.1.1.wear": lambda index, _: len(attacks(index, "worn")),
        "s4.1.1.stand": lambda index, _: len(attacks(index, "stand")),
    },
    "3dmad": {
        "s4.1.2.subjects": lambda index, _: people(index),
        "s4.1.2.sessions": lambda index, _: index["session"].nunique(),
        "s4.1.2.sessions.bonafide": lambda index, _: bona_fide(index)["session"].nunique(),
    },
    "msspoof": {
        "s4.1.3.clients": lambda index, _: people(index),
        "s4.1.3.real": lambda index, enrolled: (len(bona_fide(index)) + enrolled) / people(index),
        "s4.1.3.attacks": lambda index, _: len(attacks(index)) / people(index),
    },
    "replay_attack": {
        "s4.1.4.clients": lambda index, _: people(index),
        "s4.1.4.videos": lambda index, enrolled: len(index) + enrolled,
    },
    "own": {"s4.2.videos": lambda index, _: len(index)},
}


def enrolled(dataset: str) -> int:
    """Count the files on disk that enrol people in a recognition system."""
    counts = reports[dataset].counts
    return int(counts.loc[counts["split"] == "enrolment", "found"].sum())


def row(dataset: str, claim: str) -> dict[str, str | None]:
    """Return what the four sources say about a claim."""
    measure, entry = CLAIMS[dataset][claim], claims[claim]
    on_disk = measure(indexes[dataset], enrolled(dataset)) if dataset in indexes else None
    return {
        "dataset": names[dataset],
        "what": entry.claim.about.removesuffix(f" in {names[dataset]}"),
        "the paper": claims.quoted(claim),
        "owner's list": f"{entry.recomputed:g}",
        "manifest": f"{measure(expected[dataset], manifests[dataset].expected_enrolment):.4g}",
        "your disk": None if on_disk is None else f"{on_disk:.4g}",
    }


table(
    once(pd.DataFrame([row(dataset, claim) for dataset in datasets for claim in CLAIMS[dataset]]), "dataset"),
    name="tab-paper-and-files",
    caption="Numbers of sections 4.1 and 4.2, and the files they speak of. A dash: the dataset is not on your disk.",
    evidence={
        "the paper": "paper",
        "owner's list": "recomputed",
        "manifest": "recomputed",
        "your disk": joint,
    },
)


replay, mad = expected_index("replay_attack"), expected_index("3dmad")
glue("replay-attacks", len(attacks(replay)), display=False)
glue("replay-real", len(bona_fide(replay)), display=False)
glue("replay-enrolled", manifest.load("replay_attack").expected_enrolment, display=False)
glue("mad-recordings", len(mad), display=False)
glue("msspoof-enrolled", manifest.load("msspoof").expected_enrolment, display=False)

# %% [markdown]
# The paper describes its databases accurately. Some of the numbers are easily misread:
#
# - **Replay-Attack** {cite:p}`chingovska2012replay`: {claim}`s4.1.4.videos` is the number of all clips.
#   {glue:text}`replay-attacks` of them are attacks, {glue:text}`replay-real` are bona fide, and
#   {glue:text}`replay-enrolled` were made to enrol people in a recognition system.
# - **MSSpoof** {cite:p}`chingovska2016spectrum`: {claim}`s4.1.3.real` pictures a client is the regular number, and it counts
#   the enrolment pictures, of which there are {glue:text}`msspoof-enrolled` in all and which no anti-spoofing protocol uses.
#   Some clients have a picture less, hence the broken averages.
# - **3DMAD** {cite:p}`erdogmus2013mask`: its {claim}`s4.1.2.frames` frames are {glue:text}`mad-recordings` recordings of
#   {claim}`s4.1.2.subjects` people. Frames of one recording are nearly the same picture; {doc}`04_3_metrics` says what that
#   means for an error rate.
# - **CSMAD** {cite:p}`bhattacharjee2018silicone`: the {claim}`s4.1.1.stills` still pictures are in none of the lists at hand,
#   so that they wait for a licensed copy; this book does not use them. That a mask cost {claim}`s4.1.1.price` dollars cannot
#   be checked.
#
# The paper also says that MSSpoof's own split keeps evaluations unbiased. The split does; the training code did not keep to
# it, as {doc}`04_2_own_dataset_and_protocols` shows.

# %% tags=["nbval-check-output"]
complete = {
    names[dataset].removeprefix(OWNERS): {
        "people": people(index) if manifests[dataset].subjects_known else "?",
        "bona fide": len(bona_fide(index)),
        "attacks": len(attacks(index)),
        "enrol": manifests[dataset].expected_enrolment,
    }
    for dataset, index in expected.items()
}
print(pd.DataFrame(complete).T.to_string())

# %% [markdown]
# ## What a file is
#
# The five owners keep five formats ({numref}`tab-files`). A manifest tells the loaders how to read each of them, and where
# the box of a face comes from: three databases bring annotations, and in the other two a detector has to look for the face.
# The names alone tell who is seen, in which session, and by which attack. Here is one of each database; that of the own
# dataset is a stand-in's, as its names are not known.

# %% tags=["nbval-check-output"]
for dataset in datasets:
    print(f"{names[dataset].removeprefix(OWNERS)}:\n  {expected[dataset]['path'].iloc[0]}")

# %% tags=["hide-input"]
KIND = {"video": "video", "image": "picture", "hdf5": "HDF5"}
BOXES = {
    "face_file": "the owner's box for each frame",
    "eyes_hdf5": "the owner's eye positions",
    "landmarks_pos": "the owner's landmarks",
    "detector": "a detector",
}


def pixels(dataset: str) -> str | None:
    """Return columns and rows of the first sample's frames."""
    if dataset not in indexes:
        return None
    height, width, _ = contact_sheet.first_frame(indexes[dataset], indexes[dataset].iloc[0]).shape
    return f"{width}x{height}"


table(
    pd.DataFrame(
        [
            {
                "dataset": one.name,
                "format": f"{KIND[expected[dataset]['media'].iloc[0]]} "
                f"({Path(expected[dataset]['path'].iloc[0]).suffix[1:]})",
                "face box": BOXES[one.boxes.source],
                "pixels on your disk": pixels(dataset),
            }
            for dataset, one in manifests.items()
        ]
    ),
    name="tab-files",
    caption="Formats of the files, and where the box of a face comes from.",
    evidence={"format": "recomputed", "pixels on your disk": joint},
)

# %% [markdown]
# ## What is on your disk
#
# {numref}`tab-on-disk` compares the files below `data_root` with the manifests, as `attacknet data verify` does. The splits
# are those of the sound protocol ({doc}`04_2_own_dataset_and_protocols`). Stand-ins hold a part of the files, of all species
# and splits; `attacknet data standins --size full` writes every file name.

# %% tags=["hide-input"]
counts = pd.concat([report.counts.assign(dataset=names[d]) for d, report in reports.items()])
counts = counts[counts["split"].isin(SPLITS)]
counts["files"] = [f"{f} of {e}" for f, e in zip(counts["found"], counts["expected"], strict=True)]
counts["species"] = counts["species"].map(contact_sheet.in_words)
wide = counts.pivot_table("files", ["dataset", "species"], "split", aggfunc="first", sort=False)
table(
    once(wide.reindex(columns=SPLITS).reset_index(), "dataset"),
    name="tab-on-disk",
    caption="Files found, of those that a complete copy has.",
    evidence=joint,
)

# %% tags=["nbval-check-output"]
for dataset, report in reports.items():
    print(f"{names[dataset].removeprefix(OWNERS)}: {report.evidence.value}, {len(report.problems)} problems")

# %% [markdown]
# ## How many, in each split
#
# {numref}`fig-split-sizes` counts the samples of the complete databases under the sound protocol. Attacks outnumber bona
# fide presentations almost everywhere, so that accuracy alone would reward a detector that cries wolf. And the databases
# differ so much in size that pooling their samples would let the largest speak for all. The authors pooled frames, as many
# of each class ({doc}`04_2_own_dataset_and_protocols` counts them).

# %% tags=["hide-input"]
SHADES = dict(zip(SPLITS, (1.0, 0.62, 0.32), strict=True))
CLASSES = {BONA_FIDE: ("bona fide", plots.BONA_FIDE, -0.2), ATTACK: ("attack", plots.ATTACK, 0.2)}
fig, axes = plt.subplots(figsize=(plots.WIDTH, 0.5 * plots.WIDTH))
for place, dataset in enumerate(datasets):
    sizes = expected[dataset].groupby(["label", "split"]).size()
    for label, (_, colour, shift) in CLASSES.items():
        left = 0
        for split, shade in SHADES.items():
            axes.barh(
                place + shift, sizes[label, split], 0.36, left=left, color=colour, alpha=shade, linewidth=0
            )
            left += sizes[label, split]
        divided = " + ".join(str(sizes[label, split]) for split in SPLITS)
        axes.text(left + 25, place + shift, divided, va="center", fontsize=7.5, color="#374151")
axes.set_yticks(range(len(datasets)), [names[dataset] for dataset in datasets])
axes.invert_yaxis()
axes.set_xlim(right=1.3 * axes.dataLim.x1)
axes.set_xlabel("samples: videos, or pictures for MSSpoof")
axes.grid(axis="y", visible=False)
handles = [plt.Rectangle((0, 0), 1, 1, color=colour) for _, colour, _ in CLASSES.values()]
handles += [plt.Rectangle((0, 0), 1, 1, color="#374151", alpha=shade) for shade in SHADES.values()]
fig.legend(handles, [*(name for name, _, _ in CLASSES.values()), *SPLITS], ncols=5, loc="outside upper right")
figure(
    fig,
    name="fig-split-sizes",
    caption="Samples of the complete databases, divided into training, development and test set.",
    alt=(
        "Two bars for each database, bona fide above attack, each divided into three shades and labelled with the three "
        "numbers. MSSpoof's bars are by far the longest, those of CSMAD, 3DMAD and the own dataset short; attack bars are "
        "longer than bona fide bars except for 3DMAD."
    ),
    evidence="recomputed",
)

# %% [markdown]
# ## Figure 2, redrawn
#
# Figure 2 of the paper shows examples of all databases, attacks framed in red and bona fide ones in green. Red and green
# look alike to one man in twelve, so {numref}`fig-figure-2` tells the classes by row and by another pair of colours. Where
# the data says who is seen, all pictures of a column show the same person's face.


# %% tags=["hide-input"]
def examples(dataset: str) -> list[Panel]:
    """Show a bona fide sample of the test set and two attacks, of two species if there are, on one person."""
    index = indexes[dataset]
    visible = contact_sheet.may_show(index, allowed=show_faces)
    test = index[index["split"] == "test"]
    who = attacks(test)["subject"].iloc[0]
    same = test[test["subject"] == who] if manifests[dataset].subjects_known else test
    live, shown = bona_fide(same), attacks(same).sort_values("species")
    samples = [(live if len(live) else bona_fide(test)).iloc[0], shown.iloc[0], shown.iloc[-1]]
    return [
        Panel(
            panels.square(contact_sheet.first_frame(index, one)) if visible else None,
            title + contact_sheet.in_words(one["species"]),
            CLASSES[one["label"]][1],
        )
        for one, title in zip(samples, (f"{names[dataset].removeprefix(OWNERS)}: ", "", ""), strict=True)
    ]


by_dataset = [examples(dataset) for dataset in indexes]
figure(
    panels.draw(list(zip(*by_dataset, strict=True))),
    name="fig-figure-2",
    caption=(
        f"A bona fide presentation (upper row, blue) and two attacks (orange) of each database: "
        f"{', '.join(names[dataset] for dataset in indexes)}."
    ),
    alt=(
        f"Three rows of {len(indexes)} square pictures, a column for each database: a bona fide presentation framed in blue, "
        "below it two attacks framed in orange."
    ),
    evidence=joint,
)


# %% [markdown]
# ## Contact sheets
#
# For each database a sheet with a row for each presentation attack instrument (PAI) species and three groups of columns:
# training, development and test set, in which nobody appears twice. Below it, faces of the test set as a network gets them:
# cropped to the face and reduced to 32x32 pixels. Look at the small ones first, and guess.


# %% tags=["hide-input"]
def sheets(dataset: str, slug: str) -> None:
    """Show a dataset's contact sheet and, where its faces may be shown, its crops."""
    if dataset not in indexes:
        print(f"{dataset}: not on your disk")
        return
    index = indexes[dataset]
    figure(
        contact_sheet.draw(index, each=each, allowed=show_faces),
        name=f"fig-sheet-{slug}",
        caption=f"{names[dataset]}: the first frame of some samples, by species and split.",
        alt=f"A row of frames for each of {index['species'].nunique()} species, in three groups of columns.",
        evidence=levels[dataset],
    )
    if contact_sheet.may_show(index, allowed=show_faces):
        figure(
            contact_sheet.draw_crops(index, prepare(dataset, root / dataset), allowed=show_faces),
            name=f"fig-crops-{slug}",
            caption=f"{names[dataset]}: what a network sees of the test set, 32x32 pixels.",
            alt="Rows of coarse square faces, a row for each species.",
            evidence=levels[dataset],
        )


# %% [markdown]
# ### CSMAD
#
# Silicone masks of six people, put on a stand or worn by two of the six, before a green curtain. A mask on its stand gives
# itself away by empty eyes and a missing body, if one sees more than the face. A worn mask has living eyes: look at the rims
# of eyes and mouth, and for skin that is too even.

# %% tags=["hide-input"]
sheets("csmad", "csmad")

# %% [markdown]
# ### 3DMAD
#
# Rigid masks, made from photographs of each person and all worn by one operator. Look at the rim of the mask along the
# cheeks, and at colours that do not go with the neck. The Kinect recorded depth as well; AttackNet does not read it.

# %% tags=["hide-input"]
sheets("3dmad", "3dmad")

# %% [markdown]
# ### MSSpoof
#
# Prints in black and white, in two spectra: the first syllable of a species says in which light the printed picture was
# taken, the second in which light the print was shown: `print_vs_ir` is a visible-light picture before the near-infrared
# camera. Skin of every tone is bright in the near infrared; its print shows whatever was printed.

# %% tags=["hide-input"]
sheets("msspoof", "msspoof")

# %% [markdown]
# ### Replay-Attack
#
# Prints, and photographs and videos on the screen of a phone (*mobile*) or a tablet (*highdef*), held by hand or fixed. Bands
# that run over a picture are moire: the pixels of the screen beat with those of the camera. Dark strips at the edge are the
# rim of the screen. In the crops most of both is gone.

# %% tags=["hide-input"]
sheets("replay_attack", "replay-attack")

# %% [markdown]
# ### The authors' own dataset
#
# Videos of people, mostly from the web, and recordings of screens that play such videos. Nobody wrote down who is in them
# ({doc}`04_2_own_dataset_and_protocols`), so that the columns cannot promise different people.

# %% tags=["hide-input"]
sheets("own", "own")

# %% [markdown]
# ## How to get the real data
#
# {numref}`tab-access` is read from the manifests. A supervisor usually signs for a laboratory, and the owner answers with
# archives. Unpack each into a folder with the name in the last column, all below one root, and let two commands check them
# and cut out the faces; any chapter then runs on them:
#
# ```sh
# attacknet data verify msspoof ROOT/msspoof
# attacknet data prepare msspoof ROOT/msspoof
# attacknet book run 04_1_datasets -p data_root ROOT
# ```

# %% tags=["hide-input"]
table(
    pd.DataFrame(
        [
            {
                "dataset": one.name,
                "owner": one.owner,
                "terms": one.licence.terms,
                "where to ask": re.sub(r"https?://\S+", r"[the owner's page](\g<0>)", one.licence.request),
                "faces": "shown if you allow it" if one.licence.show_faces else "never shown",
                "folder": f"`{dataset}`",
            }
            for dataset, one in manifests.items()
        ]
    ),
    name="tab-access",
    caption="Owners, terms, and where to ask.",
    evidence="recomputed",
)

# %% [markdown]
# Where the terms at hand do not say that a face may be published, the manifest says that it may not. Then `show_faces`
# changes nothing, and the sheets of licensed data show grey places.
#
# ## Summary
#
# - The paper's numbers agree with the owners' lists; a clip of Replay-Attack, though, is not always an attack.
# - A species is one kind of forgery, and databases differ in species *and* in cameras, lights, rooms and people. A model that
#   fails on another database may have met any of these for the first time.
# - What you see at full size is mostly gone at 32x32 pixels.
# - What this page shows without licensed data is synthetic. It teaches what the databases are like, and measures nothing.
#
# **To try:** `-p each 4` for larger sheets; cover the labels of the crops, and count your own errors.
#
# **Read next:** {doc}`04_2_own_dataset_and_protocols` on who trains and who tests; {doc}`A_1_standins` on how the stand-ins are
# made.
