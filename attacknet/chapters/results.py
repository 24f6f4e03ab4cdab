"""The book's results for programs: ``results.json`` beside the site, and the schema that describes it.

It says what the pages say, digit for digit, and no more: every table with its cells, every figure with its
words, the numbers within sentences, each under the chapter's key and with its level of evidence.
"""

import ast
import html
import json
import re
from collections import Counter
from collections.abc import Iterable
from typing import Any, Literal

from nbformat import NotebookNode
from pydantic import BaseModel, ConfigDict, Field

from attacknet import __version__
from attacknet.chapters.store import Record
from attacknet.display import METADATA_KEY
from attacknet.evidence import Evidence
from attacknet.paper.ledger import Ledger, Status

# Of the source tree; the renderer copies what is in it to the root of the site.
FOLDER = "beside"

_NUMBER = r"[-+−]?\d[\d,]*(?:\.\d+)?(?:e[-+]?\d+)?"
_UNIT = r"(?:%|×|MB|ms|s|k|K|M)"
# A number alone, or with its interval behind it: 16.2 % (13–20 %), 34.5 [27, 42].
_INTERVAL = rf"[(\[]({_NUMBER})(?:–|, )({_NUMBER})\s*{_UNIT}?[)\]]"
_VALUE = re.compile(rf"({_NUMBER})\s*({_UNIT})?(?:\s*{_INTERVAL})?")
_BADGE = re.compile(r'<span class="badge-evidence badge-([a-z-]+)".*?</span>')
_SIGN = re.compile(r'<span class="verdict-sign [^>]*data-claim="([^"]+)".*?</span>')
_TAG = re.compile(r"</?[a-z][^>]*>")
_GLUED = "application/papermill.record/text/plain"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Cell(_Strict):
    """One cell of a table."""

    text: str = Field(description="as printed; an en dash where there is no value")
    value: float | None = Field(None, description="the number printed, in `unit`, where the cell is one")
    unit: str | None = Field(None, description="the unit as printed: % is not divided by 100")
    interval: tuple[float, float] | None = Field(None, description="the interval printed behind the value")
    claim: str | None = Field(None, description="id of the paper's claim that the cell quotes")


class Column(_Strict):
    """One column of a table."""

    name: str
    evidence: Evidence | None = Field(None, description="where the column's differs from its neighbours'")


class Result(_Strict):
    """One figure or table."""

    kind: Literal["figure", "table"]
    name: str = Field(description="unique in the book; the anchor on its page")
    address: str = Field(description="page and anchor, relative to this file")
    caption: str = Field(description="MyST text")
    evidence: list[Evidence]
    alt: str | None = Field(None, description="what a figure shows, in words")
    columns: list[Column] | None = Field(None, description="of a table")
    rows: list[list[Cell]] | None = Field(None, description="of a table, in the order of its columns")


class ChapterResults(_Strict):
    """One computed chapter."""

    chapter: str = Field(description="the name that `attacknet book run` takes")
    title: str
    page: str = Field(description="relative to this file")
    key: str = Field(description="SHA-256 of all that the output depends on, as on the status page")
    executed: str = Field(description="beginning of the execution, ISO 8601")
    seconds: float = Field(description="duration of the execution")
    commit: str = Field(description="of the checkout; + where files differed from it")
    parameters: dict[str, Any]
    environment: str = Field(description="SHA-256 of the lock and all installed versions")
    versions: dict[str, str] = Field(description="of Python and the main libraries")
    numbers: dict[str, str] = Field(description="numbers within the chapter's sentences, as printed")
    results: list[Result]


class Claims(_Strict):
    """How the paper's claims stand; `attacknet audit --format json` has them one by one."""

    page: str = Field(description="relative to this file")
    total: int
    by_verdict: dict[Status, int]


class Results(_Strict):
    """Everything that the chapters of one rendered book show."""

    layout: Literal[1] = Field(
        default=1, description="of this file; the next number when a field changes its meaning"
    )
    book: str
    version: str = Field(description="of the package")
    evidence: dict[Evidence, str] = Field(description="what each level means")
    results_by_evidence: dict[Evidence, int] = Field(description="figures and tables at each level")
    claims: Claims
    chapters: list[ChapterResults]

    @property
    def date(self) -> str:
        """The day of the newest execution, ISO 8601."""
        return max(one.executed for one in self.chapters)[:10]


def results(book: str, executed: Iterable[tuple[str, Record, NotebookNode]], ledger: Ledger) -> Results:
    """Return the results of the book.

    Parameters
    ----------
    book
        Its title.
    executed
        Title, record and executed notebook of each chapter.
    """
    chapters = [_chapter(*one) for one in executed]
    counted = Counter(level for one in chapters for result in one.results for level in result.evidence)
    return Results(
        book=book,
        version=__version__,
        evidence={level: level.meaning for level in Evidence},
        results_by_evidence={level: counted[level] for level in Evidence},
        claims=Claims(
            page="book/claims.html",
            total=len(ledger),
            by_verdict={status: ledger.summary()[status.value] for status in Status},
        ),
        chapters=chapters,
    )


def files(found: Results) -> dict[str, bytes]:
    """Return the two files that lie beside the site, by their path in the book's source tree."""
    schema = json.dumps(Results.model_json_schema(), indent=1, ensure_ascii=False)
    content = found.model_dump_json(indent=1, exclude_none=True)
    texts = {"results.json": content, "results.schema.json": schema}
    return {f"{FOLDER}/{name}": f"{text}\n".encode() for name, text in texts.items()}


def _chapter(title: str, record: Record, notebook: NotebookNode) -> ChapterResults:
    page = f"notebooks/{record.chapter}.html"
    outputs = [
        output for cell in notebook.cells if cell.cell_type == "code" for output in cell.get("outputs", [])
    ]
    displayed = [output for output in outputs if METADATA_KEY in output.get("metadata", {})]
    glued = [output for output in outputs if _GLUED in output.get("data", {})]
    return ChapterResults(
        chapter=record.chapter,
        title=title,
        page=page,
        key=record.key,
        executed=record.started,
        seconds=record.seconds,
        commit=record.commit,
        parameters=record.parameters,
        environment=record.environment,
        versions=record.versions,
        numbers={one.metadata["scrapbook"]["name"]: _plain(one.data[_GLUED]) for one in glued},
        results=[_result(page, output) for output in displayed],
    )


def _plain(represented: str) -> str:
    """Return the text that a notebook keeps in quotes."""
    try:
        return str(ast.literal_eval(represented))
    except (SyntaxError, ValueError):
        return represented


def _result(page: str, output: NotebookNode) -> Result:
    facts = output.metadata[METADATA_KEY]
    shown: dict[str, Any] = {"alt": facts["alt"]} if facts["kind"] == "figure" else {}
    if facts["kind"] == "table":
        header, _, *rows = [split(line) for line in output.data["text/markdown"].splitlines()]
        shown = {"columns": [_column(text) for text in header], "rows": [list(map(cell, r)) for r in rows]}
    return Result(
        kind=facts["kind"],
        name=facts["name"],
        address=f"{page}#{facts['name']}",
        caption=facts["caption"],
        evidence=facts["evidence"],
        **shown,
    )


def split(line: str) -> list[str]:
    """Return the cells of one line of a pipe table; an escaped bar is part of its cell."""
    return [part.strip().replace("\\|", "|") for part in re.split(r"(?<!\\)\|", line)[1:-1]]


def _column(text: str) -> Column:
    level = _BADGE.search(text)
    return Column(name=_words(_BADGE.sub("", text)), evidence=Evidence(level[1]) if level else None)


def cell(text: str) -> Cell:
    """Return what a cell of a pipe table says."""
    claim, words = _SIGN.search(text), _words(_SIGN.sub("", text))
    number = _VALUE.fullmatch(words)
    return Cell(
        text=words,
        value=_number(number[1]) if number else None,
        unit=number[2] if number else None,
        interval=(_number(number[3]), _number(number[4])) if number and number[3] else None,
        claim=html.unescape(claim[1]) if claim else None,
    )


def _words(text: str) -> str:
    return html.unescape(_TAG.sub("", text)).strip()


def _number(text: str) -> float:
    return float(text.replace(",", "").replace("−", "-"))
