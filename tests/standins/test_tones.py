"""Whose face a stand-in shows, and whether faces of every skin tone are found."""

from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from attacknet.data import manifest as manifests
from attacknet.errors import AttackNetError
from attacknet.standins import tones, writers
from attacknet.standins.pack import people
from attacknet.standins.writers import WRITERS, own
from attacknet.standins.writers.common import ordinal


@pytest.mark.parametrize("dataset", WRITERS)
def test_every_sample_shows_a_person_of_that_dataset(dataset):
    shown = tones.shown_person(dataset)
    home = people().set_index("person")["database"]
    assert set(home[shown]) == {dataset}
    assert shown.index.is_unique


def test_the_small_stand_ins_show_many_people_and_none_in_two_datasets():
    """As many in all as there are in each, and sixty at least."""
    shown = []
    for dataset in WRITERS:
        by_sample = tones.shown_person(dataset)
        small = [f"{dataset}/{one.stem}" for one in writers._files(dataset, "small")]
        shown.append(set(by_sample[small]))
    assert len(set.union(*shown)) == sum(map(len, shown)) >= 60


def test_who_is_named_is_who_the_writer_asks_for(monkeypatch, tmp_path):
    """Of the own dataset the person is drawn, so the same draw must be repeated."""
    asked = []

    def notice(wish, _rng):
        asked.append(wish.number)
        raise InterruptedError

    monkeypatch.setattr(own, "person", notice)
    for found in manifests.load("own").expected_files():
        with pytest.raises(InterruptedError):
            own.write(tmp_path, found, 1, 7)
        assert own.number(found, 7) == asked[-1]


def crops_of(dataset: str, people_and_faces: list[tuple[int, str]], evidence: str = "stand-in"):
    """Return crops with a frame for each person (by place among clients) and what became of the face."""
    files = {
        ordinal(dataset, one.fields["client"]): f"{dataset}/{one.stem}"
        for one in manifests.load(dataset).expected_files()
    }
    rows = [(files[number], face) for number, face in people_and_faces]
    index = pd.DataFrame(rows, columns=["sample", "face"])
    return SimpleNamespace(
        index=index, about={"dataset": dataset, "evidence": evidence}, folder=Path("crops")
    )


def test_rates_are_counted_by_the_tone_of_who_is_shown():
    """The lightest person once found and once missed, the darkest missed: 1/2 and 0/1, nobody between."""
    tone = people().set_index("person")["tone"]
    numbered = list(tone[list(tones.people_of("3dmad"))])
    lightest, darkest = numbered.index(min(numbered)), numbered.index(max(numbered))
    table = tones.detection(
        crops_of("3dmad", [(lightest, "detected"), (lightest, "missing"), (darkest, "missing")])
    ).set_index("tone")
    assert table.loc["light", ["people", "frames", "faces", "rate"]].tolist() == [1, 2, 1, 0.5]
    assert table.loc["dark", ["people", "frames", "faces", "rate"]].tolist() == [1, 1, 0, 0.0]
    assert table.loc["middle", "frames"] == 0
    assert pd.isna(table.loc["middle", "rate"])


def test_the_tone_of_real_people_is_not_guessed():
    with pytest.raises(AttackNetError, match="not of stand-ins"):
        tones.detection(crops_of("3dmad", [(0, "detected")], evidence="licensed"))
