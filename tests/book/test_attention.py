"""What chapter 5.4 finds on stand-ins, as the built book tells programs."""

import json
from pathlib import Path
from typing import Any

import pytest

from attacknet.experiments import DATASETS


@pytest.fixture(scope="module")
def results(site: Path) -> dict[str, Any]:
    """The chapter's figures and tables by name."""
    chapters = json.loads((site / "results.json").read_text(encoding="utf-8"))["chapters"]
    (chapter,) = [one for one in chapters if one["page"] == "notebooks/05_4_attention.html"]
    return {one["name"]: one for one in chapter["results"]}


def test_figure_four_is_there_for_every_dataset_in_words_of_its_own(results: dict[str, Any]) -> None:
    """Each figure says to those who cannot see it where its own maps are bright."""
    words = [results[f"fig-four-{name.replace('_', '-')}"]["alt"] for name in DATASETS]
    assert len(set(words)) == len(DATASETS)
    assert all("densest at the" in text for text in words)


def test_maps_tell_a_trained_network_from_a_random_one(results: dict[str, Any]) -> None:
    """On every dataset, and with the number: the whole interval of the advantage lies above 0."""
    rows = [[cell["text"] for cell in row] for row in results["tab-forgotten"]["rows"]]
    assert len(rows) == len(DATASETS)
    for *_, advantage, told_apart in rows:
        low = float(advantage.split("[")[1].split(",")[0].replace("−", "-"))
        assert low > 0
        assert told_apart == "yes"
