"""Contact sheets never open, let alone show, a face that may not be shown."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from attacknet import contact_sheet
from attacknet.data.crops import Crops


@pytest.fixture
def index(tmp_path) -> pd.DataFrame:
    """Six pictures of a face-like kind: two species, three splits; licensed, as no marker says otherwise."""
    rows = []
    for species in ("bonafide", "print_vs_vs"):
        for split in ("train", "dev", "test"):
            name = f"{species}_{split}.pgm"
            Image.fromarray(np.full((60, 80), 120, np.uint8)).save(tmp_path / name)
            rows.append(
                {
                    "sample": name,
                    "path": name,
                    "media": "image",
                    "subject": split,
                    "species": species,
                    "split": split,
                }
            )
    table = pd.DataFrame(rows)
    table.attrs = {"dataset": "msspoof", "root": str(tmp_path), "evidence": "licensed"}
    return table


def shown(fig) -> int:
    return sum(len(axes.images) for axes in fig.axes)


def test_licensed_faces_stay_hidden_even_if_the_reader_allows_them_and_the_manifest_does_not(index):
    assert not contact_sheet.may_show(index, allowed=True)
    assert shown(contact_sheet.draw(index, each=1, allowed=True)) == 0


def test_hidden_pictures_are_not_even_opened(index):
    index.attrs["root"] = "/nowhere"
    assert shown(contact_sheet.draw(index, each=1)) == 0


def test_the_owner_and_the_reader_must_both_allow_it(index, monkeypatch):
    manifest = contact_sheet.manifests.load("msspoof")
    open_terms = manifest.model_copy(
        update={"licence": manifest.licence.model_copy(update={"show_faces": True})}
    )
    monkeypatch.setattr(contact_sheet.manifests, "load", lambda _: open_terms)
    assert not contact_sheet.may_show(index, allowed=False)
    assert contact_sheet.may_show(index, allowed=True)


def test_stand_ins_are_shown_a_picture_for_each_species_and_split(index):
    index.attrs["evidence"] = "stand-in"
    assert shown(contact_sheet.draw(index, each=1)) == 6


def test_subjects_are_spread_over_their_samples():
    """Two subjects with samples a to d: of the first the first, of the second the third (2 x 1 / 2 of 4)."""
    table = pd.DataFrame({"subject": ["x"] * 4 + ["y"] * 4 + ["z"] * 4, "sample": [*"abcdabcdabcd"]})
    chosen = contact_sheet.choose(table, each=2)
    assert [(one["subject"], one["sample"]) for one in chosen] == [("x", "a"), ("y", "c")]


def crops_of(index: pd.DataFrame) -> Crops:
    """One crop a sample, and for the last one none was found."""
    table = index.assign(crop=[*range(len(index) - 1), -1])
    return Crops(Path(), table, np.full((len(index) - 1, 32, 32, 3), 90, np.uint8), {})


def test_crops_of_licensed_faces_stay_hidden_too(index):
    assert shown(contact_sheet.draw_crops(index, crops_of(index), allowed=True)) == 0


def test_crops_are_those_of_the_test_set_in_which_a_face_was_found(index):
    """The attack of the test split has no face: one crop of six is left to show."""
    index.attrs["evidence"] = "stand-in"
    assert shown(contact_sheet.draw_crops(index, crops_of(index))) == 1
