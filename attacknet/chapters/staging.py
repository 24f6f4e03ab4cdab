"""The book's source tree: prose as it stands, chapters as executed, with captions, stamps and re-run boxes.

The tree is a mapping from path to content, made from the checkout and the kept executions alone: the same
inputs give the same tree, so that its hash says whether the rendered book is still the right one.
"""

import base64
import html
import json
import re
import shlex
import struct
from dataclasses import dataclass
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell

from attacknet import paths
from attacknet.chapters import citation, claims_page, exercises, interactive, pages, quizzes, results, try_it
from attacknet.chapters.execution import Job
from attacknet.chapters.store import Record
from attacknet.display import INTERACTIVE, METADATA_KEY
from attacknet.errors import AttackNetError
from attacknet.evidence import Evidence
from attacknet.paper import ledger
from attacknet.plots import SAVED_DPI

Tree = dict[str, bytes]
# CSS counts 96 pixels to the inch: a figure keeps the type size that it was drawn with.
_CSS_DPI = 96
# Where a page keeps the place of a list of all figures and tables.
_FIGURES = "<!-- all-figures -->"


@dataclass(frozen=True)
class Executed:
    """A chapter as it stands in the store."""

    job: Job
    record: Record
    notebook: NotebookNode


def tree(chapters: list[Executed]) -> Tree:
    """Return the whole source tree of the book: path relative to its root -> content."""
    staged: Tree = {
        "_config.yml": (paths.ROOT / "_config.yml").read_bytes(),
        "_toc.yml": (paths.BOOK / "_toc.yml").read_bytes(),
    }
    # Prose pages may include tables of the package, so both keep the layout of the checkout.
    for path in [*paths.BOOK.rglob("*"), *paths.PACKAGE.rglob("*.csv")]:
        if path.is_file() and path.suffix != ".py":
            staged[path.relative_to(paths.ROOT).as_posix()] = path.read_bytes()
    for path in paths.BOOK.glob("[0-9]*.md"):
        staged[path.relative_to(paths.ROOT).as_posix()] = _prose(path.stem, path.read_text("utf-8")).encode()
    staged |= exercises.tree()
    for one in chapters:
        staged |= _chapter(one)
    return staged | _generated(staged, chapters) | _try_it(staged, chapters)


def _generated(staged: Tree, chapters: list[Executed]) -> Tree:
    """Return what is made from the ledger, the records and the citation, over the pages that keep a place."""
    claims, book = ledger.load(), citation.load()
    found = results.results(
        book.title, [(one.job.chapter.title, one.record, one.notebook) for one in chapters], claims
    )
    texts = {
        "book/status.md": pages.status([(one.job.chapter.title, one.record) for one in chapters]),
        "book/claims.md": claims_page.claims(claims),
        "book/index.md": claims_page.with_summary(staged["book/index.md"].decode(), claims),
        "book/figures.md": staged["book/figures.md"]
        .decode()
        .replace(_FIGURES, pages.figures(found.chapters)),
        "book/cite.md": citation.with_bibtex(staged["book/cite.md"].decode(), book, found.date),
        # The pages' heads are made from it, so it is part of what was rendered.
        citation.FILE: (paths.ROOT / citation.FILE).read_text(encoding="utf-8"),
    }
    return results.files(found) | {path: text.encode() for path, text in texts.items()}


def _try_it(staged: Tree, chapters: list[Executed]) -> Tree:
    """Return the page that runs the network, and the file that its scripts read."""
    trained = (one for one in chapters if one.job.chapter.name == try_it.CHAPTER)
    parts = next((try_it.of_execution(one.job, one.record.key) for one in trained), None)
    page, files = try_it.fill(staged[try_it.PAGE].decode(), parts)
    return {try_it.PAGE: page.encode()} | files


def _prose(name: str, text: str) -> str:
    """Return a chapter without code, with its time to read under its title, its questions and exercises."""
    title, rest = text.split("\n", 1)
    bar = f"````{{div}} chapter-bar\n{pages.time_to_read(rest)}\n````"
    listed = exercises.section(title.removeprefix("# "))
    return f"{title}\n\n{bar}\n{rest}\n{quizzes.section(name)}\n\n{listed}\n"


def _chapter(one: Executed) -> Tree:
    name = one.job.chapter.name
    notebook = _without_log(one.notebook)
    staged: Tree = {
        f"notebooks/downloads/{name}.ipynb": nbformat.writes(notebook).encode(),
        f"notebooks/downloads/{name}.py": one.job.chapter.text_path.read_bytes(),
    }
    cells: list[NotebookNode] = []
    levels: list[str] = []
    for cell in notebook.cells:
        plain, displays = _split_outputs(cell, name)
        cells.append(plain)
        for output in displays:
            facts = output.metadata[METADATA_KEY]
            levels += facts["evidence"]
            if facts["kind"] == "figure":
                image = base64.b64decode(output.data["image/png"])
                staged[f"notebooks/images/{name}/{facts['name']}.png"] = image
                cells.append(_markdown(_figure(facts, name, image, one)))
                if scripted := output.data.get(INTERACTIVE):
                    cells.append(_markdown(interactive.block(facts["name"], **scripted)))
            else:
                rows = claims_page.linked_badges(output.data["text/markdown"])
                cells.append(_markdown(_table(facts, rows, one)))
    cells = _under_title(cells, _bar(one, list(dict.fromkeys(levels))))
    listed = exercises.section(one.job.chapter.title)
    cells += [_markdown(text) for text in (quizzes.section(name), listed) if text]
    cells.append(_markdown(_rerun_box(one)))
    metadata = {"kernelspec": one.notebook.metadata["kernelspec"]}
    staged[f"notebooks/{name}.ipynb"] = _write(cells, metadata)
    return staged


def _without_log(notebook: NotebookNode) -> NotebookNode:
    """Return a copy without what went to standard error: log lines, which name paths of the machine."""
    copy = nbformat.from_dict(notebook)
    for cell in copy.cells:
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if output.get("name") != "stderr"]
    return copy


def _split_outputs(cell: NotebookNode, chapter: str) -> tuple[NotebookNode, list[NotebookNode]]:
    """Return the cell without its displayed figures and tables, and these.

    Raises
    ------
    AttackNetError
        If the cell shows an image or an HTML table that says nothing about its evidence.
    """
    plain = nbformat.from_dict(cell)
    if cell.cell_type != "code":
        return plain, []
    displays = [o for o in cell.outputs if METADATA_KEY in o.get("metadata", {})]
    plain.outputs = [o for o in plain.outputs if METADATA_KEY not in o.get("metadata", {})]
    for output in plain.outputs:
        if kinds := {"image/png", "image/svg+xml", "text/html"} & set(output.get("data", {})):
            raise AttackNetError(
                f"chapter {chapter}: the cell {cell.source.splitlines()[0]!r} shows {min(kinds)} "
                "without a level of evidence: show it with attacknet.display.figure or table"
            )
    return plain, displays


def _figure(facts: dict[str, Any], chapter: str, image: bytes, one: Executed) -> str:
    width = struct.unpack(">I", image[16:20])[0]  # PNG's header holds the width in pixels
    return (
        f"```{{figure}} images/{chapter}/{facts['name']}.png\n"
        f":name: {facts['name']}\n:alt: {_one_line(facts['alt'])}\n"
        f":width: {round(width * _CSS_DPI / SAVED_DPI)}px\n\n"
        f"{_one_line(facts['caption'])}\n\n{stamp(one, facts['evidence'])}\n```"
    )


def _table(facts: dict[str, Any], rows: str, one: Executed) -> str:
    caption = _one_line(facts["caption"])
    return f":::{{table}} {caption}\n:name: {facts['name']}\n\n{rows}\n:::\n\n{stamp(one, facts['evidence'])}"


def stamp(one: Executed, levels: list[str]) -> str:
    """Return the line under a figure or table: evidence, parameters, commit, key, date."""
    record = one.record
    badges = " ".join(Evidence(level).badge for level in levels)
    changed = ", ".join(f"{name}={value!r}" for name, value in one.job.changed().items())
    parameters = f"<code>{html.escape(changed)}</code>" if changed else "default parameters"
    target = f"../book/status.html#{pages.anchor(record.chapter)}"
    return (
        f'<span class="stamp">{badges} {parameters} · commit <code>{record.commit}</code> · '
        f'key <a href="{target}"><code>{record.short_key}</code></a> · '
        f"<time>{record.date}</time></span>"
    )


def _bar(one: Executed, levels: list[str]) -> str:
    record = one.record
    badges = " ".join(Evidence(level).badge for level in levels)
    text = "\n".join(cell.source for cell in one.notebook.cells if cell.cell_type == "markdown")
    return (
        "````{div} chapter-bar\n"
        f"{badges} {pages.time_to_read(text)} · "
        f"computed {record.date} in {pages.seconds_in_words(record.seconds)} · "
        f"[key `{record.short_key}`](../book/status.md) · "
        f"{{download}}`notebook <downloads/{record.chapter}.ipynb>` · "
        f"{{download}}`script <downloads/{record.chapter}.py>`\n````"
    )


def _rerun_box(one: Executed) -> str:
    rows = [
        f"| `{p.name}` | {p.type} | `{p.default!r}` | `{one.job.parameters[p.name]!r}` | {p.meaning} |"
        for p in one.job.chapter.parameters.values()
    ]
    return "\n".join(
        [
            "`````{div} rerun",
            "**Re-run this chapter**, in the project's environment (`.venv`):",
            "",
            "```bash",
            rerun_command(one.job),
            "```",
            "",
            "| parameter | type | default | on this page | meaning |",
            "| :-- | :-- | :-- | :-- | :-- |",
            *rows,
            "`````",
        ]
    )


def rerun_command(job: Job) -> str:
    """Return the command line that executes the chapter with the same parameters."""
    words = ["attacknet", "book", "run", job.chapter.name]
    for name, value in job.changed().items():
        words += ["-p", name, str(value)]
    return shlex.join(words)


def _under_title(cells: list[NotebookNode], text: str) -> list[NotebookNode]:
    """Insert a block under the chapter's title, wherever the first cell goes on after it."""
    title, _, rest = cells[0].source.partition("\n")
    return [_markdown(f"{title}\n\n{text}\n\n{rest.strip()}"), *cells[1:]]


def _write(cells: list[NotebookNode], metadata: dict[str, Any]) -> bytes:
    for number, cell in enumerate(cells):
        cell.id = f"cell-{number}"
    notebook = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(notebook, indent=1, sort_keys=True, ensure_ascii=False).encode()


def _markdown(text: str) -> NotebookNode:
    return new_markdown_cell(text)


def _one_line(text: str) -> str:
    return re.sub(r"[ \n]+", " ", text).strip()  # spaces that do not break stay what they are
