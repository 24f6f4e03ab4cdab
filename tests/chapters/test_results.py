"""results.json says what the pages say, in the layout that its schema describes."""

import json
import re
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook, new_output

from attacknet import paths
from attacknet.chapters import results
from attacknet.display import METADATA_KEY
from attacknet.evidence import Evidence
from attacknet.paper import ledger
from tests.chapters.conftest import record

GLUED = "application/papermill.record/text/plain"

SIGN = '<span class="verdict-sign verdict-contradicted" data-claim="t4.a.b.hter" title="x">✗</span>'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("–", {"text": "–"}),
        ("fair", {"text": "fair"}),
        ("12.5", {"text": "12.5", "value": 12.5}),
        ("−3", {"text": "−3", "value": -3}),
        ("1,234", {"text": "1,234", "value": 1234}),
        ("16.2\u202f%", {"text": "16.2\u202f%", "value": 16.2, "unit": "%"}),
        (
            "16.2\u202f% (13–20\u202f%)",
            {"text": "16.2\u202f% (13–20\u202f%)", "value": 16.2, "unit": "%", "interval": (13, 20)},
        ),
        ("34.5 [27, 42]", {"text": "34.5 [27, 42]", "value": 34.5, "interval": (27, 42)}),
        ("1e-05", {"text": "1e-05", "value": 1e-05}),
        ("32×32", {"text": "32×32"}),
        (f"0.305 {SIGN}", {"text": "0.305", "value": 0.305, "claim": "t4.a.b.hter"}),
        ("0.940–0.974", {"text": "0.940–0.974"}),
        ("3.1 Architecture", {"text": "3.1 Architecture"}),
        ("a &amp; <b>b</b>", {"text": "a & b"}),
    ],
)
def test_a_cell_keeps_its_text_and_tells_its_number(text: str, expected: dict) -> None:
    """A range or a title that begins with digits is no number."""
    assert results.cell(text).model_dump(exclude_none=True) == expected


def test_an_escaped_bar_is_part_of_its_cell() -> None:
    """The renderer's tables escape it so."""
    assert results.split(r"| a \| b | c |") == ["a | b", "c"]


def executed() -> NotebookNode:
    """Return a chapter with a table, a figure and a number within a sentence."""
    badge = Evidence.PAPER.badge
    table = {"kind": "table", "name": "tab-rates", "caption": "Rates.", "evidence": ["paper", "recomputed"]}
    figure = {"kind": "figure", "name": "fig-a", "caption": "A.", "alt": "A line.", "evidence": ["stand-in"]}
    rows = f"| set | printed {badge} |\n| :-- | --: |\n| own | 0.305 {SIGN} |\n| CSMAD | – |"
    shown = [
        new_output("display_data", {"text/markdown": rows}, metadata={METADATA_KEY: table}),
        new_output("display_data", {"image/png": ""}, metadata={METADATA_KEY: figure}),
        new_output("display_data", {GLUED: "'81.1 %'"}, metadata={"scrapbook": {"name": "accuracy"}}),
    ]
    return new_notebook(cells=[new_code_cell("show()", outputs=shown)])


def test_a_chapter_is_told_digit_for_digit() -> None:
    """Table, figure and number; levels are counted over figures and tables."""
    found = results.results("Book", [("1 First", record("01_first"), executed())], ledger.load())
    (chapter,) = found.chapters
    table, figure = chapter.results
    assert table.address == "notebooks/01_first.html#tab-rates"
    assert [(column.name, column.evidence) for column in table.columns] == [
        ("set", None),
        ("printed", "paper"),
    ]
    assert [[cell.text for cell in row] for row in table.rows] == [["own", "0.305"], ["CSMAD", "–"]]
    assert (table.rows[0][1].value, table.rows[0][1].claim) == (0.305, "t4.a.b.hter")
    assert (figure.alt, figure.columns, figure.evidence) == ("A line.", None, ["stand-in"])
    assert chapter.numbers == {"accuracy": "81.1 %"}
    assert chapter.key == record("01_first").key
    assert found.date == "2026-01-31"
    assert found.results_by_evidence == {"paper": 1, "recomputed": 1, "stand-in": 1, "licensed": 0}
    assert found.claims.by_verdict == ledger.load().summary()


def test_the_files_keep_the_schema_and_repeat() -> None:
    """Checked by another implementation; the same results give the same bytes."""
    found = results.results("Book", [("1 First", record("01_first"), executed())], ledger.load())
    content, schema = results.files(found).values()
    jsonschema.Draft202012Validator.check_schema(json.loads(schema))
    jsonschema.validate(json.loads(content), json.loads(schema))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(json.loads(content) | {"claims": {}}, json.loads(schema))
    assert results.Results.model_validate_json(content) == found
    assert results.files(found)[f"{results.FOLDER}/results.json"] == content


def test_the_page_on_differences_finds_them(tmp_path: Path) -> None:
    """Its script, run as printed: same keys and one changed cell, which it names."""
    page = (paths.BOOK / "differences.md").read_text(encoding="utf-8")
    (tmp_path / "compare.py").write_text(re.search(r"```python\n(.*?)```", page, re.S)[1], encoding="utf-8")  # type: ignore[index]
    found = results.results("Book", [("1 First", record("01_first"), executed())], ledger.load())
    content = results.files(found)[f"{results.FOLDER}/results.json"].decode()
    assert content.count('"0.305"') == 1
    for name, text in (("ours.json", content), ("theirs.json", content.replace('"0.305"', '"0.407"'))):
        (tmp_path / name).write_text(text, encoding="utf-8")
    command = [sys.executable, "compare.py", "ours.json", "theirs.json"]
    printed = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert printed.splitlines() == [
        "01_first: same key, 1 cells differ",
        "  tab-rates, row 1, printed: 0.305 here, 0.407 there",
    ]
