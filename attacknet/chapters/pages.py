"""Pages that are generated for the book."""

import hashlib
import html
import json
import math
import re
from collections.abc import Iterable

from attacknet.chapters.results import ChapterResults, Result
from attacknet.chapters.store import Record

# <cache>/standins/small-0/3dmad and attacknet/standins/pack/3dmad hold hundreds of files each.
_DATASET_DEPTH = 4
_FILES_SHOWN = 20


def status(executed: list[tuple[str, Record]]) -> str:
    """Return the status page as MyST text: each chapter's execution, key, parameters and versions.

    Parameters
    ----------
    executed
        Title and record of each chapter.
    """
    lines = [
        "# Status of the chapters",
        "",
        "What each chapter on these pages was made from. A chapter is executed again as soon as anything",
        "that its key covers has changed; [](reading.md) says what that is. For programs, the tables, the",
        'words of the figures and the counted verdicts are in <a href="../results.json">results.json</a>,',
        'laid out as <a href="../results.schema.json">results.schema.json</a> says.',
        "",
        "| chapter | executed | took | key | parameters | commit |",
        "| :-- | :-- | --: | :-- | :-- | :-- |",
    ]
    lines += [_row(record) for _, record in executed]
    for title, record in executed:
        lines += _detail(title, record)
    return "\n".join(lines) + "\n"


def figures(chapters: Iterable[ChapterResults]) -> str:
    """Return a list of all figures and tables as MyST text, with the beginning of their captions."""
    return "\n\n".join("\n".join([f"### {one.title}", "", *map(_entry, one.results)]) for one in chapters)


def _entry(one: Result) -> str:
    badges = " ".join(level.badge for level in one.evidence)
    return f"- {{numref}}`{one.name}` {badges} {_first_sentence(one.caption)}"


def _first_sentence(text: str) -> str:
    """Return a text up to its first full stop before a space and a capital letter, or else all of it."""
    return re.split(r"(?<=[.!?])\s+(?=[A-Z*])", " ".join(text.split()), maxsplit=1)[0]


def _row(record: Record) -> str:
    when = record.started.replace("T", " ").removesuffix("+00:00") + " UTC"
    return (
        f"| [](../notebooks/{record.chapter}.ipynb) | {when} | {seconds_in_words(record.seconds)} "
        f"| `{record.short_key}` | {_cell(parameters_in_words(record))} | `{record.commit}` |"
    )


def _detail(title: str, record: Record) -> list[str]:
    versions = ", ".join(f"{name} {number}" for name, number in record.versions.items())
    reached = {**record.modules, **record.files, **record.listings}
    return [
        "",
        f"({anchor(record.chapter)})=",
        f"## {title}",
        "",
        f"Key `{record.key}`",
        "",
        f"{versions}; environment `{record.environment[:8]}`.",
        "",
        f"````{{dropdown}} {len(reached)} files that its output depends on",
        "| file | SHA-256 begins with |",
        "| :-- | :-- |",
        *(f"| {name} | `{digest[:8]}` |" for name, digest in _together(_portable(reached)).items()),
        "````",
    ]


def _portable(reached: dict[str, str]) -> dict[str, str]:
    """Name files outside the checkout by their file name: where they lie is the reader's own affair."""
    return {
        ("…/" + p.rsplit("/", 1)[-1] if p.startswith("/") else p): digest for p, digest in reached.items()
    }


def _together(reached: dict[str, str]) -> dict[str, str]:
    """Return a line for each file, in order; many files of one dataset share a line and one hash."""
    folders: dict[str, dict[str, str]] = {}
    for path, digest in sorted(reached.items()):
        folders.setdefault("/".join(path.split("/")[:_DATASET_DEPTH]), {})[path] = digest
    lines = {}
    for folder, files in folders.items():
        if len(files) > _FILES_SHOWN:
            digest = hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest()
            lines[f"`{folder}/`, {len(files)} files"] = digest
        else:
            lines |= {f"`{path}`": digest for path, digest in files.items()}
    return lines


def anchor(chapter: str) -> str:
    """Return the label of a chapter's part of the status page."""
    return "status-" + chapter.lower().replace("_", "-")


def parameters_in_words(record: Record) -> str:
    """Return ``name=value`` for each parameter."""
    return ", ".join(f"{name}={value!r}" for name, value in record.parameters.items()) or "no parameters"


def time_to_read(text: str) -> str:
    """Return how long a text takes to read, in words; whole minutes, rounded up.

    Source: M. Brysbaert, "How many words do we read per minute?", Journal of Memory and Language 109, 2019:
    238 words a minute in non-fiction. Half of that here, since figures and tables want to be looked at.
    """
    minutes = math.ceil(len(text.split()) / (238 / 2))
    return f"{minutes} min to read"


def seconds_in_words(seconds: float) -> str:
    """Return a duration in words."""
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.1f} min"


def _cell(text: str) -> str:
    return html.escape(text).replace("|", "\\|")
