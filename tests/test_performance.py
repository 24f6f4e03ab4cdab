"""The file of the benchmarks: its schema, and ratios that come from one run."""

import json
from datetime import UTC, datetime

import jupytext
import myst_nb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attacknet import display, paths, performance
from attacknet.errors import AttackNetError
from attacknet.performance import Measured, Report

seconds = st.floats(1e-9, 1e5)


def one(
    name: str, value: float, task: str = "sorting", unit: str = "s", reference: str = "bubbles"
) -> Measured:
    return Measured(task=task, name=name, value=value, unit=unit, reference=reference)


def report(*measured: Measured) -> Report:
    return Report(
        date=datetime(2026, 11, 22, tzinfo=UTC),
        commit="01234567+",
        machine="an abacus",
        load=None,
        results=performance.compare(measured),
    )


def test_ratios_by_hand():
    """Two turns each: the better one counts. 8 s against 2 s is four times as fast."""
    found = performance.compare([one("bubbles", 9), one("quick", 2), one("bubbles", 8), one("quick", 3)])
    assert [(r.name, r.value, r.ratio) for r in found] == [("bubbles", 8, 1), ("quick", 2, 4)]


@given(st.lists(seconds, min_size=1, max_size=6))
def test_a_reference_is_as_fast_as_itself(values):
    (found,) = performance.compare([one("bubbles", value) for value in values])
    assert found.ratio == 1
    assert found.value == min(values)


@pytest.mark.parametrize(
    "others",
    [[], [one("bubbles", 1, task="searching", reference="bubbles")], [one("bubbles", 1, unit="MiB")]],
)
def test_nothing_is_compared_with_another_task_unit_or_run(others):
    with pytest.raises(AttackNetError, match="'bubbles' was not measured in s"):
        performance.compare([one("quick", 2), *others])


def test_what_is_written_is_read(tmp_path):
    kept = report(one("bubbles", 8), one("quick", 2))
    performance.write(kept, tmp_path / "results.json")
    assert performance.read(tmp_path / "results.json") == kept


def test_without_a_file_there_is_none(tmp_path):
    """The book is built where nobody has measured."""
    assert performance.read(tmp_path / "results.json") is None


@pytest.mark.parametrize(
    "change, message",
    [
        ({"commit": ""}, "commit: "),
        ({"date": "2026-11-22"}, "date: "),
        ({"owner": "me"}, "owner: "),
        ({"results": [{}]}, r"results.0.task: "),
    ],
)
def test_a_file_that_breaks_the_schema_is_refused(tmp_path, change, message):
    file = tmp_path / "results.json"
    content = json.loads(report(one("bubbles", 8)).model_dump_json())
    file.write_text(json.dumps(content | change))
    with pytest.raises(AttackNetError, match=message):
        performance.read(file)


def test_a_ratio_that_was_typed_is_refused(tmp_path):
    """A ratio from elsewhere, another run's or nobody's, does not follow from the values beside it."""
    file = tmp_path / "results.json"
    content = json.loads(report(one("bubbles", 8), one("quick", 2)).model_dump_json())
    content["results"][1]["ratio"] = 5.0
    file.write_text(json.dumps(content))
    with pytest.raises(AttackNetError, match="its ratios are not those of its values"):
        performance.read(file)


def test_the_committed_file_is_whole():
    """The book's page is made of it."""
    kept = performance.read()
    assert kept is None or kept.results


def page(monkeypatch, file) -> dict[str, object]:
    """Run the chapter's code on a file; return its table as ``table``, and each number of its sentences."""
    shown: dict[str, object] = {}
    monkeypatch.setattr(display, "table", lambda frame, **_: shown.update(table=frame))
    monkeypatch.setattr(myst_nb, "glue", lambda name, value, **_: shown.update({name: value}))
    scope = {}
    for cell in jupytext.read(paths.NOTEBOOKS / "A_2_performance.py").cells:
        if cell.cell_type == "code":
            exec(cell.source, scope)
        if "parameters" in cell.metadata.get("tags", []):
            scope["results"] = str(file)
    return shown


def test_the_page_shows_what_is_in_the_file(monkeypatch, tmp_path):
    """Machine, commit, day, values and ratios; by hand: 8 ms against 2 ms."""
    file = tmp_path / "results.json"
    performance.write(report(one("bubbles", 0.008), one("quick", 0.002)), file)
    shown = page(monkeypatch, file)
    assert shown["bench-about"] == (
        "Measured on 2026-11-22 at commit 01234567+ on an abacus. "
        "When it began, an unknown number of programs wanted a core, on average over a minute."
    )
    assert shown["table"].to_numpy().tolist() == [
        ["sorting", "bubbles", "8\N{NO-BREAK SPACE}ms", "the reference"],
        ["", "quick", "2\N{NO-BREAK SPACE}ms", "4×"],
    ]


def test_the_page_is_made_where_nothing_was_measured(monkeypatch, tmp_path):
    shown = page(monkeypatch, tmp_path / "none.json")
    assert "make bench" in shown["table"]["task"].item()
