"""Masks are drawn from the ranges that Notebook A.1 shows."""

import csv
import importlib
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from attacknet.paths import ROOT

TOOLS = ROOT / "tools" / "faces"
# Enough that one of them comes within a twentieth of each end; the seeds are those of the people.
MASKS = 300


@pytest.fixture(scope="module")
def made() -> dict[str, list]:
    """Masks of both materials for people of many numbers."""
    sys.path.insert(0, str(TOOLS))
    masks = importlib.import_module("masks")
    sys.path.remove(str(TOOLS))
    people = [SimpleNamespace(number=number) for number in range(MASKS)]
    return {kind: [masks.make(one, kind) for one in people] for kind in ("rigid", "silicone")}


def rows() -> list[dict[str, str]]:
    with (TOOLS / "masks.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def values(masks: list, parameter: str) -> np.ndarray:
    """Return a parameter of all masks."""
    if parameter.startswith("hole"):
        return np.array([mask.hole[parameter == "hole_height"] for mask in masks])
    return np.array([getattr(mask, parameter) for mask in masks], float)


@pytest.mark.parametrize("row", rows(), ids=lambda row: f"{row['material']} {row['parameter']}")
def test_a_parameter_fills_its_range(row, made):
    """Where chance decides, it decides as often as the table says (four deviations of a binomial)."""
    low, high, chance = (float(row[name]) for name in ("low", "high", "chance"))
    found = values(made[row["material"]], row["parameter"])
    if row["parameter"] == "tint":  # normal, not even: the ends are one deviation away
        assert found.mean() == pytest.approx(1, abs=4 * high / np.sqrt(found.size))
        assert found.std() == pytest.approx(high, rel=0.15)
        return
    has = found != 0 if chance < 1 else np.ones(MASKS, bool)
    assert abs(has.mean() - chance) <= 4 * np.sqrt(chance * (1 - chance) / MASKS)
    assert found[has].min() >= low
    assert found[has].max() <= high
    assert found[has].min() <= low + (high - low) / 20
    assert found[has].max() >= high - (high - low) / 20


def test_the_table_is_whole():
    """A comma too many in a source would shift nothing into view: the reader drops it in silence."""
    assert all(None not in row and all(row.values()) for row in rows())
