"""Show a figure or a table in a chapter, with its caption, alternative text and level of evidence.

What these functions display reads well in Jupyter. The book's renderer finds the same facts in the
output's metadata (key ``attacknet``) and makes a numbered, stamped figure or table of them.
"""

import io
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from attacknet.errors import AttackNetError
from attacknet.evidence import Evidence

if TYPE_CHECKING:
    from matplotlib.figure import Figure

METADATA_KEY = "attacknet"
INTERACTIVE = "application/vnd.attacknet.interactive+json"
MISSING = "–"
_THIN = "\N{NARROW NO-BREAK SPACE}"
_NAME = re.compile(r"(fig|tab)-[a-z0-9-]+")
_TAG = re.compile(r"</?[a-z][^>]*>")
_SIGN = re.compile(r'\s*<span class="verdict-sign [^>]*>[^<]*</span>')


@dataclass(frozen=True)
class Interactive:
    """What takes a figure's place in the book where scripts run; elsewhere, and on paper, the figure stays.

    Attributes
    ----------
    script
        Name of a folder of ``book/static`` and of the ``.js`` and ``.css`` files in it.
    data
        What the script is given, as JSON can say it.
    """

    script: str
    data: Mapping[str, Any]


def figure(
    fig: "Figure",
    *,
    name: str,
    caption: str,
    alt: str,
    evidence: str,
    interactive: Interactive | None = None,
) -> None:
    """Display a matplotlib figure and close it.

    Parameters
    ----------
    fig
        The figure; it is closed afterwards, so that a chapter's memory stays flat.
    name
        Label for cross-references, ``fig-`` and then lower-case words joined by hyphens.
    caption
        MyST text; says what is to be seen and what it means.
    alt
        What the figure shows, for a reader who cannot see it.
    evidence
        A level of :class:`attacknet.evidence.Evidence`.
    interactive
        What the book shows in the figure's place where scripts run.

    Raises
    ------
    AttackNetError
        If the name is malformed or a text is empty.
    ValueError
        If `evidence` is not a level.
    """
    import matplotlib.pyplot as plt  # noqa: PLC0415 - heavy, and tables do not need it

    _check_texts(name, "fig", caption=caption, alt=alt)
    buffer = io.BytesIO()
    fig.savefig(buffer, format="png", bbox_inches="tight")
    plt.close(fig)
    facts = {
        "kind": "figure",
        "name": name,
        "caption": caption,
        "alt": alt,
        "evidence": [Evidence(evidence).value],
    }
    bundle: dict[str, Any] = {"image/png": buffer.getvalue(), "text/plain": f"[{name}] {caption}"}
    if interactive:
        bundle[INTERACTIVE] = {"script": interactive.script, "data": interactive.data}
    _publish(bundle, facts)


def table(
    frame: pd.DataFrame,
    *,
    name: str,
    caption: str,
    evidence: str | Mapping[str, str],
    formats: Mapping[str, str | Callable[[Any], str]] | None = None,
) -> None:
    """Display a data frame as a table; its index is left out.

    Parameters
    ----------
    frame
        Column names become the header. Missing values are shown as an en dash. Cells are MyST text; inline
        HTML, such as the sign of a verdict behind a number, is left out of the plain text.
    name
        Label for cross-references, ``tab-`` and then lower-case words joined by hyphens.
    caption
        MyST text.
    evidence
        One level for the whole table, or a level for each column that holds numbers (column name -> level),
        which is then shown in the header.
    formats
        Column name -> format specification (``".3f"``) or function of one value.

    Raises
    ------
    AttackNetError
        If the name is malformed, the caption is empty or a named column does not exist.
    ValueError
        If a level of evidence does not exist.
    """
    _check_texts(name, "tab", caption=caption)
    by_column = {} if isinstance(evidence, str) else {c: Evidence(e) for c, e in evidence.items()}
    levels = [Evidence(evidence)] if isinstance(evidence, str) else list(dict.fromkeys(by_column.values()))
    if unknown := [c for c in (*by_column, *(formats or {})) if c not in frame.columns]:
        raise AttackNetError(f"table {name}: no column {unknown[0]!r}; columns: {', '.join(frame.columns)}")
    facts = {"kind": "table", "name": name, "caption": caption, "evidence": [level.value for level in levels]}
    cells = _format_cells(frame, formats or {})
    _publish(
        {"text/markdown": _pipe_table(cells, by_column), "text/plain": _plain(name, caption, cells)}, facts
    )


def percent(share: float, decimals: int = 1) -> str:
    """Return a share (1 is all) as a percentage, its sign behind a thin space that no line breaks at."""
    return f"{100 * share:.{decimals}f}{_THIN}%"


def once(rows: pd.DataFrame, column: str) -> pd.DataFrame:
    """Leave a value out where the row above has it: a group's name stands at its head alone."""
    repeated = rows[column] == rows[column].shift()
    return rows.assign(**{column: rows[column].where(~repeated, "")})


def _check_texts(name: str, kind: str, **texts: str) -> None:
    match = _NAME.fullmatch(name)
    if match is None or match[1] != kind:
        raise AttackNetError(f"display name {name!r}: write '{kind}-' and lower-case words joined by hyphens")
    for what, text in texts.items():
        if not text.strip():
            raise AttackNetError(f"{name}: its {what} is empty")


def _publish(bundle: dict[str, Any], facts: dict[str, Any]) -> None:
    from IPython.display import display  # noqa: PLC0415 - only chapters display

    display(bundle, raw=True, metadata={METADATA_KEY: facts})


def _format_cells(frame: pd.DataFrame, formats: Mapping[str, str | Callable[[Any], str]]) -> pd.DataFrame:
    def cell(value: Any, how: str | Callable[[Any], str] | None) -> str:
        if pd.api.types.is_scalar(value) and pd.isna(value):
            return MISSING
        if how is None:
            return str(value)
        return how(value) if callable(how) else format(value, how)

    return pd.DataFrame({c: [cell(v, formats.get(c)) for v in frame[c]] for c in frame.columns}, dtype=str)


def _pipe_table(cells: pd.DataFrame, by_column: Mapping[str, Evidence]) -> str:
    def row(values: list[str]) -> str:
        return "| " + " | ".join(v.replace("|", "\\|").replace("\n", " ") for v in values) + " |"

    header = [f"{c} {by_column[c].badge}" if c in by_column else str(c) for c in cells.columns]
    # Numbers are compared by their digits, so they stand right; words stand left.
    numeric = [_holds_numbers(cells[c]) for c in cells.columns]
    rule = "| " + " | ".join("--:" if right else ":--" for right in numeric) + " |"
    return "\n".join([row(header), rule, *(row(list(r)) for r in cells.itertuples(index=False))])


def _holds_numbers(column: Iterable[str]) -> bool:
    """Whether a column holds numbers and nothing else; what is missing says nothing about it."""
    present = [text for text in column if text != MISSING]
    return bool(present) and all(map(_is_number, present))


def _is_number(text: str) -> bool:
    # A verdict's sign says how a number stands; the number is one all the same.
    return bool(re.match(r"[-+−]?[\d.,]+\s*[%×MkK]?$", _SIGN.sub("", text)))


def _plain(name: str, caption: str, cells: pd.DataFrame) -> str:
    return f"[{name}] {caption}\n{cells.replace(_TAG, '', regex=True).to_string(index=False)}"
