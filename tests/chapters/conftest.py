"""A small project of its own, so that tests may edit the package, break chapters and kill processes."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from attacknet import paths
from attacknet.chapters.store import Record

HEADER = """\
# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

"""

FIRST = (
    HEADER
    + """\
# %% [markdown]
# # 1 First
#
# Text of the first chapter, and {numref}`tab-answer`.

# %%
import pandas as pd

from attacknet import arithmetic, display, paths

# %% tags=["parameters"]
factor: int = 2  # what the answer is multiplied by
label: str = "plain"  # a word that is printed
share: float = 0.5  # a share between 0 and 1
loud: bool = False  # whether to print in capitals

# %% tags=["nbval-check-output"]
extra = (paths.MANIFESTS / "extra.yaml").read_text().strip()
print("answer", arithmetic.answer() * factor, label, share, loud, extra)

# %%
display.table(
    pd.DataFrame({"answer": [arithmetic.answer() * factor]}),
    name="tab-answer",
    caption="The `answer`, in *full*.",
    evidence="recomputed",
)
"""
)

SECOND = (
    HEADER
    + """\
# %% [markdown]
# # 2 Second

# %%
import matplotlib.pyplot as plt

from attacknet import display, geometry

# %% tags=["parameters"]
sides: int = 3  # how many sides

# %% tags=["nbval-check-output"]
print("sides", geometry.sides(sides))

# %%
fig, ax = plt.subplots()
ax.plot(range(sides))
display.figure(fig, name="fig-sides", caption="Sides.", alt="A rising line.", evidence="stand-in")
"""
)


@dataclass(frozen=True)
class Project:
    """A checkout with two small chapters."""

    root: Path

    def attacknet(self, *words: str, status: int = 0, **environment: str) -> str:
        """Run the command line; check its exit status; return what it printed."""
        result = subprocess.run(
            [sys.executable, "-c", "from attacknet.cli import main; main()", *words],
            cwd=self.root,
            env=os.environ | {"PYTHONPATH": str(self.root)} | environment,
            capture_output=True,
            text=True,
            check=False,
        )
        printed = result.stdout + result.stderr
        assert result.returncode == status, printed
        assert "Traceback" not in printed
        return printed

    def write(self, path: str, text: str) -> None:
        """Write a file of the project."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")

    def edit(self, path: str, old: str, new: str) -> None:
        """Replace text in a file of the project; the text must be there."""
        text = (self.root / path).read_text(encoding="utf-8")
        assert old in text
        self.write(path, text.replace(old, new))

    def executed(self, chapter: str) -> dict[str, list[str]]:
        """Return the printed lines of every kept execution of a chapter, by key."""
        found = {}
        for record in (self.root / "_build" / "chapters" / chapter).glob("*/record.json"):
            notebook = json.loads((record.parent / "notebook.ipynb").read_text(encoding="utf-8"))
            outputs = [o for c in notebook["cells"] if c["cell_type"] == "code" for o in c["outputs"]]
            found[record.parent.name] = ["".join(o["text"]) for o in outputs if o["output_type"] == "stream"]
        return found

    def statuses(self) -> dict[str, str]:
        """Return each chapter's status: ``fresh`` or ``stale, REASON``."""
        lines = [line.split(": ", 1) for line in self.attacknet("book", "status").splitlines()]
        return {name: rest.split(";")[0] for name, rest in lines}


def record(chapter: str, files: dict[str, str] | None = None) -> Record:
    """Return the record of an execution that never was."""
    return Record(
        chapter=chapter,
        code="",
        parameters={"factor": 2},
        modules={},
        files=files or {},
        listings={},
        unavailable=[],
        environment="e" * 64,
        started="2026-01-31T10:00:00+00:00",
        seconds=1.5,
        commit="none",
        versions={"Python": "3.11.0"},
    )


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A copy of the package with two tiny modules and two chapters that use one each."""
    made = Project(tmp_path / "project")
    shutil.copytree(
        paths.PACKAGE, made.root / "attacknet", ignore=shutil.ignore_patterns("__pycache__", "*.ipynb")
    )
    for name in ("pyproject.toml", "requirements.lock", "_config.yml", "CITATION.cff"):
        shutil.copy(paths.ROOT / name, made.root / name)
    shutil.copytree(paths.BOOK / "static", made.root / "book" / "static")
    made.write("attacknet/arithmetic.py", '"""Numbers."""\n\n\ndef answer() -> int:\n    return 21\n')
    made.write(
        "attacknet/geometry.py",
        '"""Shapes."""\n\n\ndef sides(n: int) -> int:\n    """Sides."""\n    return n\n',
    )
    made.write("notebooks/01_first.py", FIRST)
    made.write("notebooks/02_second.py", SECOND)
    made.write("data_manifest/extra.yaml", "one\n")
    made.write(
        "book/_toc.yml",
        "format: jb-book\nroot: book/index\nparts:\n- caption: All\n  chapters:\n"
        "  - file: notebooks/01_first\n  - file: notebooks/02_second\n"
        "  - file: book/status\n  - file: book/reading\n",
    )
    made.write("book/index.md", "# Small book\n")
    made.write("book/reading.md", "# Reading\n")
    made.write("book/cite.md", "# Cite\n")
    made.write("book/try_it.md", "# Try it\n")
    made.write("book/figures.md", "# Figures\n\n<!-- all-figures -->\n")
    made.write("book/references.bib", "")
    return made
