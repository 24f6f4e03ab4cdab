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
    """They change when the weights are forgotten; and an untrained network needs no marked pixel."""
    table = results["tab-forgotten"]
    names = [column["name"] for column in table["columns"]]
    rows = [dict(zip(names, [cell["text"] for cell in row], strict=True)) for row in table["rows"]]
    *trained, untrained = rows
    assert len(trained) == len(DATASETS)
    assert all(interval(row["weights forgotten"])[0] > 0 for row in trained)
    (checked,) = [row for row in trained if untrained["network"] == f"untrained, on {row['network']}"]
    for check in ("deletion", "insertion"):
        assert interval(checked[check])[0] > interval(untrained[check])[1]


def interval(text: str) -> tuple[float, float]:
    """Return the ends of an estimate's interval as it is printed."""
    low, high = text.replace("−", "-").split("[")[1].rstrip("]").split(",")
    return float(low), float(high)
