"""The source of a chapter: a text notebook paired with an ipynb by jupytext."""

import ast
import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import jupytext
import nbformat
from nbformat import NotebookNode
from ruamel.yaml import YAML, YAMLError

from attacknet import paths
from attacknet.errors import AttackNetError

PARAMETERS_TAG = "parameters"
_TYPES: dict[str, type] = {"bool": bool, "int": int, "float": float, "str": str, "list": list}


@dataclass(frozen=True)
class Parameter:
    """One parameter of a chapter, as declared in its cell tagged ``parameters``."""

    name: str
    type: str
    default: Any
    meaning: str

    def parse(self, text: str) -> Any:
        """Turn a command line word into a value of the declared type.

        Raises
        ------
        ValueError
            If the word does not denote such a value.
        """
        if self.type == "str":
            return text
        if self.type == "bool":
            return (
                {"true": True, "false": False}[text.lower()]
                if text.lower() in {"true", "false"}
                else _no(text)
            )
        if self.type == "list":
            try:
                value = YAML(typ="safe").load(text)
            except YAMLError:
                value = None
            return value if isinstance(value, list) else _no(text)
        return _TYPES[self.type](text)

    def accepts(self, value: Any) -> bool:
        """Whether a value has the declared type: an int passes for a float, a bool for no number."""
        if isinstance(value, bool) or self.type == "bool":
            return isinstance(value, bool) and self.type == "bool"
        return isinstance(value, (int, float) if self.type == "float" else _TYPES[self.type])

    @property
    def description(self) -> str:
        """One line: name, type, default and meaning."""
        return f"{self.name}: {self.type} = {self.default!r}  # {self.meaning}"


def _no(text: str) -> Any:
    raise ValueError(text)


@dataclass(frozen=True)
class Chapter:
    """A chapter by the stem of its files in ``notebooks/``, such as ``03_1_architecture``."""

    name: str

    @property
    def text_path(self) -> Path:
        """The text notebook, which is the source."""
        return paths.NOTEBOOKS / f"{self.name}.py"

    @property
    def ipynb_path(self) -> Path:
        """The paired notebook with normalised outputs, which is generated."""
        return paths.NOTEBOOKS / f"{self.name}.ipynb"

    @property
    def title(self) -> str:
        """The chapter's heading, such as ``3.1 Architecture``."""
        for cell in self.notebook.cells:
            if cell.cell_type == "markdown" and cell.source.startswith("# "):
                return cell.source.splitlines()[0].removeprefix("# ").strip()
        raise AttackNetError(f"{self.text_path}: no title: let the first markdown cell begin with '# '")

    @cached_property
    def notebook(self) -> NotebookNode:
        """The source as a notebook without outputs."""
        notebook = read_text_notebook(self.text_path)
        notebook.metadata["jupytext"] = nbformat.from_dict({"formats": "ipynb,py:percent"})
        return notebook

    @property
    def uses_standins(self) -> bool:
        """Whether its code imports the stand-ins' package, or shows what was trained on them."""
        return self._mentions("attacknet.standins") or self.uses_runs

    @property
    def uses_runs(self) -> bool:
        """Whether its code asks for trained models."""
        return self._mentions("book_runs")

    def _mentions(self, words: str) -> bool:
        return any(words in cell.source for cell in self.notebook.cells if cell.cell_type == "code")

    @cached_property
    def parameters(self) -> dict[str, Parameter]:
        """The declared parameters, in order.

        Raises
        ------
        AttackNetError
            If there is not exactly one cell tagged ``parameters``, or one of its lines is no typed literal
            with a comment.
        """
        cells = [c for c in self.notebook.cells if PARAMETERS_TAG in c.metadata.get("tags", [])]
        if len(cells) != 1:
            raise AttackNetError(
                f"{self.text_path}: {len(cells)} cells tagged '{PARAMETERS_TAG}'; there must be one"
            )
        lines = [line for line in cells[0].source.splitlines() if line.strip() and not line.startswith("#")]
        return {p.name: p for p in (self._parameter(line) for line in lines)}

    def _parameter(self, line: str) -> Parameter:
        """Read ``name: type = literal  # meaning``, the form that papermill's help understands too."""
        code, _, meaning = line.partition("  # ")
        try:
            statement = ast.parse(code).body[0]
            assert isinstance(statement, ast.AnnAssign)
            assert isinstance(statement.target, ast.Name)
            kind = ast.unparse(statement.annotation)
            assert kind in _TYPES
            assert statement.value is not None
            assert meaning.strip()
            return Parameter(statement.target.id, kind, ast.literal_eval(statement.value), meaning.strip())
        except (AssertionError, SyntaxError, ValueError):
            raise AttackNetError(
                f"{self.text_path}: parameter line {line!r}: write 'name: type = literal  # meaning' "
                f"with a type of {', '.join(_TYPES)}"
            ) from None

    def values(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return every parameter's value: the given ones over the defaults.

        Words (str) are parsed to the declared type, other values must have it.

        Raises
        ------
        AttackNetError
            If a name is unknown or a value has the wrong type; the message lists the valid parameters.
        """
        values = {p.name: p.default for p in self.parameters.values()}
        for name, value in given.items():
            parameter = self.parameters.get(name)
            if parameter is None:
                raise AttackNetError(f"chapter {self.name} has no parameter {name!r}. {self._valid()}")
            try:
                parsed = parameter.parse(value) if isinstance(value, str) else value
            except ValueError:
                raise AttackNetError(
                    f"chapter {self.name}: {name} takes {parameter.type}, not {value!r}. {self._valid()}"
                ) from None
            if not parameter.accepts(parsed):
                raise AttackNetError(
                    f"chapter {self.name}: {name} takes {parameter.type}, not {value!r}. {self._valid()}"
                )
            values[name] = parsed
        return values

    def _valid(self) -> str:
        if not self.parameters:
            return "It has none."
        return "Its parameters:" + "".join(f"\n  {p.description}" for p in self.parameters.values())


def read_text_notebook(path: Path) -> NotebookNode:
    """Read a text notebook; the ids of its cells depend on the cells alone, its metadata names the kernel."""
    notebook = jupytext.read(path)
    seen: Counter[str] = Counter()
    for cell in notebook.cells:
        digest = hashlib.sha256(f"{cell.cell_type}\n{cell.source}".encode()).hexdigest()[:8]
        cell.id = f"{digest}-{seen[digest]}"
        seen[digest] += 1
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook.metadata = nbformat.from_dict({"kernelspec": kernel})
    return notebook


def toc_entries() -> list[str]:
    """Return the pages of the book in reading order, as paths without suffix relative to the root."""
    toc = YAML(typ="safe").load(paths.BOOK / "_toc.yml")
    pages = [toc["root"]]
    for part in toc.get("parts", []):
        pages += [entry["file"] for entry in part["chapters"]]
    return pages


def all_chapters() -> list[Chapter]:
    """Return the chapters in the order of the book.

    Raises
    ------
    AttackNetError
        If the table of contents and the folder of notebooks differ.
    """
    prefix = paths.NOTEBOOKS.name + "/"
    listed = [page.removeprefix(prefix) for page in toc_entries() if page.startswith(prefix)]
    present = {path.stem for path in paths.NOTEBOOKS.glob("*.py")}
    if stray := sorted(present.symmetric_difference(listed)):
        where = "book/_toc.yml" if stray[0] in present else "notebooks/"
        raise AttackNetError(f"chapter {stray[0]} is missing in {where}")
    return [Chapter(name) for name in listed]


def find(name: str) -> Chapter:
    """Return the chapter of that name.

    Raises
    ------
    AttackNetError
        If there is none; the message lists the names.
    """
    chapters = {chapter.name: chapter for chapter in all_chapters()}
    if name not in chapters:
        raise AttackNetError(f"no chapter {name!r}; there are: {', '.join(chapters)}")
    return chapters[name]
