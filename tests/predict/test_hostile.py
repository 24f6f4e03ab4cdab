"""A hundred files that are not what they should be: each gets its row, and none harms the others."""

import os
import resource
from pathlib import Path

import pytest

from attacknet.predict import Prediction, predict
from attacknet.predict.rows import Status
from tests.predict.hostile import CASES, GOOD
from tests.predict.models import brightness

# After so many of them comes a good one.
_EVERY = 5


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    for name, case in CASES.items():
        case.make(folder / name)
    GOOD.save(folder / "good.png")
    brightness(folder / "network.onnx")
    return folder


@pytest.fixture(scope="module")
def rows(folder: Path) -> list[Prediction]:
    """Predict all of them in one run, good files between them."""
    inputs: list[Path] = []
    for number, name in enumerate(CASES):
        inputs += [folder / name] + [folder / "good.png"] * (number % _EVERY == 0)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = list(predict(*inputs, model=folder / "network.onnx"))
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert [row.path for row in found] == [str(path) for path in inputs]
    # The largest that is decoded has 8000 x 8000 grey pixels; what the bombs claim is a thousand times more.
    assert grown < 400 * 1024, f"{grown >> 10} MB"
    return found


def test_there_are_a_hundred() -> None:
    """As the project promises."""
    assert len(CASES) >= 100


@pytest.mark.parametrize("name", CASES)
def test_its_row_says_what_came_of_it(folder: Path, rows: list[Prediction], name: str) -> None:
    """The status, a reason where there is no score, and all fields that go with a score."""
    if name == "forbidden.png" and os.access(folder / name, os.R_OK):
        pytest.skip("the superuser may read anything")
    (row,) = [row for row in rows if row.path == str(folder / name)]
    assert row.status == CASES[name].status, row
    if row.status == Status.SCORED:
        assert row.score is not None
        assert row.decision in ("bonafide", "attack")
        assert row.faces == 1
    else:
        assert row.score is row.decision is None
    if row.status in ("unreadable", "too_large"):
        assert row.detail
        assert row.frame is row.faces is None
        assert "\n" not in row.detail.replace(name, "")


def test_good_files_among_them_are_scored(folder: Path, rows: list[Prediction]) -> None:
    """The same file again and again, with the same score each time."""
    good = [row for row in rows if row.path == str(folder / "good.png")]
    assert len(good) >= len(CASES) // _EVERY
    (alone,) = predict(folder / "good.png", model=folder / "network.onnx")
    assert set(good) == {alone}


def test_nothing_that_they_bring_along_was_executed(folder: Path, rows: list[Prediction]) -> None:
    """Neither a pickle nor a script leaves a mark."""
    assert len(rows) > len(CASES)
    assert not list(folder.rglob("executed"))
    assert not (Path.cwd() / "executed").exists()
