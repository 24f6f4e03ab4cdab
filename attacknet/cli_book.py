"""``attacknet book``: the commands around the book."""

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from attacknet.errors import AttackNetError

if TYPE_CHECKING:
    from attacknet.chapters.execution import ChapterError, Job
    from attacknet.chapters.source import Chapter

app = typer.Typer(help="Execute, render and inspect the chapters of the book.", no_args_is_help=True)

CellTimeout = Annotated[int, typer.Option(min=1, help="Seconds that one cell may take.")]
_CELL_TIMEOUT_S = 900
ChapterParameters = Annotated[
    Path | None,
    typer.Option("-y", "--parameters", help="YAML file: a mapping from chapter to its parameters."),
]


def join_pairs(words: list[str]) -> list[str]:
    """Join ``-p NAME VALUE``, papermill's form, to ``-p NAME=VALUE``: typer's options take one word.

    Raises
    ------
    AttackNetError
        If a name is no name (``-p size=3``, say) or its value is missing.
    """
    joined: list[str] = []
    rest = iter(words)
    for word in rest:
        joined.append(word)
        if word == "-p":
            name, value = next(rest, ""), next(rest, None)
            if not name.isidentifier() or value is None:
                raise AttackNetError(
                    f"-p takes a parameter's name and its value: -p NAME VALUE, not -p {name!r}"
                )
            joined.append(f"{name}={value}")
    return joined


@app.command()
def build(
    parameters: ChapterParameters = None,
    cell_timeout: CellTimeout = _CELL_TIMEOUT_S,
) -> None:
    """Execute the chapters that are stale and render the book."""
    typer.echo(f"open {_build(parameters, cell_timeout)}")


@app.command()
def offline(
    parameters: ChapterParameters = None,
    cell_timeout: CellTimeout = _CELL_TIMEOUT_S,
) -> None:
    """Build the book and put all of it into one zip file, to be read without a network."""
    from attacknet import paths  # noqa: PLC0415
    from attacknet.chapters import offline  # noqa: PLC0415

    _build(parameters, cell_timeout)
    target = paths.BUILD / f"{offline.FOLDER}.zip"
    size = offline.pack(paths.BOOK_SITE, target)
    typer.echo(f"{target}: {size / 1e6:.1f} MB; unzip it and open {offline.FOLDER}/index.html")


@app.command()
def links(
    check: Annotated[
        bool, typer.Option("--check", help="Ask each of them, politely; exit code 1 if one is dead.")
    ] = False,
) -> None:
    """List the links of the rendered book that lead to other hosts; with --check, ask whether they live."""
    from attacknet import paths  # noqa: PLC0415
    from attacknet.chapters import links, source  # noqa: PLC0415

    pages = [paths.BOOK_SITE / f"{page}.html" for page in source.toc_entries()]
    if missing := [page for page in pages if not page.exists()]:
        raise AttackNetError(f"{missing[0]} is not there: render the book first, with attacknet book build")
    found = links.outside(pages, paths.BOOK_SITE)
    if not check:
        for address, where in found.items():
            typer.echo(f"{address}  {', '.join(where)}")
        return
    answers = links.check(list(found), lambda one: typer.echo(f"{one.answer}, {one.reason}: {one.address}"))
    dead = [one for one in answers if one.answer is links.Answer.DEAD]
    refused = sum(one.answer is links.Answer.REFUSED for one in answers)
    typer.echo(f"{len(answers)} links: {len(dead)} dead; {refused} refuse programs, look at them by hand")
    for one in dead:
        typer.echo(f"dead: {one.address} ({one.reason}), on {', '.join(found[one.address])}", err=True)
    if dead:
        raise typer.Exit(1)


@app.command()
def run(
    chapter: Annotated[str, typer.Argument(help="A chapter's name, such as 03_1_architecture.")],
    pairs: Annotated[
        list[str] | None,
        typer.Option("-p", metavar="NAME VALUE", help="A parameter and its value; may be repeated."),
    ] = None,
    parameters: Annotated[
        Path | None, typer.Option("-y", "--parameters", help="YAML file: a mapping from parameter to value.")
    ] = None,
    cell_timeout: CellTimeout = _CELL_TIMEOUT_S,
) -> None:
    """Execute one chapter with the given parameters, now, and keep the executed notebook."""
    from attacknet.chapters import book  # noqa: PLC0415

    given = _read_yaml(parameters) if parameters else {}
    given |= dict(pair.split("=", 1) for pair in pairs or [])
    one = book.job(chapter, given)
    if failed := _execute([one], cell_timeout):
        raise failed[0]
    typer.echo(f"executed notebook: {book.notebook_of(one)}")


@app.command()
def status(parameters: ChapterParameters = None) -> None:
    """List the chapters: fresh or stale and why, when executed, how long it took, with which parameters."""
    from attacknet.chapters import book  # noqa: PLC0415

    for line in book.status(book.jobs(_read_yaml(parameters) if parameters else {})):
        typer.echo(line)


@app.command()
def regenerate(
    chapters: Annotated[list[str] | None, typer.Argument(help="Chapters; all if none is named.")] = None,
) -> None:
    """Bring the committed notebooks in step with their text sources and store normalised outputs."""
    from attacknet.chapters import book, pairing  # noqa: PLC0415

    jobs = [book.job(name) for name in chapters] if chapters else book.jobs({})
    stale = [one for one in jobs if _announce(one)]
    if failed := _execute(stale, _CELL_TIMEOUT_S):
        raise failed[0]
    for one in jobs:
        typer.echo(f"{one.chapter.ipynb_path.name}: {'written' if pairing.write(one) else 'unchanged'}")


@app.command()
def exercises(
    folder: Annotated[Path, typer.Argument(help="Folder for the notebooks; made if it is not there.")],
) -> None:
    """Write the exercises as notebooks to work in; those that are there already are left alone."""
    from attacknet.chapters import exercises as sheets  # noqa: PLC0415

    for path, new in sheets.write(folder):
        typer.echo(f"{path}: {'written' if new else 'is there already, and may hold work: left alone'}")


def _build(parameters: Path | None, cell_timeout: int) -> Path:
    """Execute what is stale and render; return the page to open."""
    from attacknet.chapters import book  # noqa: PLC0415

    given = _read_yaml(parameters) if parameters else {}
    jobs = book.jobs(given)
    stale = [one for one in jobs if _announce(one)]
    failed = _execute(stale, cell_timeout)
    for error in failed:
        typer.echo(f"attacknet: {error}", err=True)
    if failed:
        raise typer.Exit(1)
    typer.echo("rendering …")
    page, rendered = book.render(jobs)
    typer.echo("rendered" if rendered else "nothing to render: no page has changed")
    return page


def _execute(jobs: list["Job"], cell_timeout: int) -> list["ChapterError"]:
    """Execute chapters, and before them make the stand-ins and the models that they need."""
    from attacknet import progress  # noqa: PLC0415
    from attacknet.chapters import book  # noqa: PLC0415

    book.make_standins(jobs, _show_standins)
    with progress.line("models") as show:
        book.make_runs(jobs, show)
    return book.execute(jobs, _Progress(len(jobs)), cell_timeout)


def _announce(one: "Job") -> bool:
    """Say whether and why a chapter will be executed; return whether it will."""
    reason = one.stale_because()
    typer.echo(f"{one.chapter.name}: {f'to be executed, {reason}' if reason else 'fresh'}")
    return reason is not None


class _Progress:
    """A line as each chapter ends; on a terminal also a moving line with the cells of those that run."""

    def __init__(self, chapters: int) -> None:
        self._chapters = chapters
        self._cells: dict[str, tuple[int, int]] = {}
        self._began = time.monotonic()

    def __call__(self, chapter: "Chapter", done: int, total: int) -> None:
        self._cells[chapter.name] = (done, total)
        if done == total:
            ended = sum(done == total for done, total in self._cells.values())
            seconds = time.monotonic() - self._began
            _rewrite(f"[{ended} of {self._chapters}, {seconds:.0f} s] {chapter.name}: executed\n")
        elif sys.stdout.isatty():
            running = [f"{name} cell {i} of {n}" for name, (i, n) in self._cells.items() if i < n]
            _rewrite(", ".join(running))


def _show_standins(done: int, total: int) -> None:
    """Show how far the making of the stand-ins is; a line at its end."""
    if done == total:
        _rewrite(f"stand-ins: {total} samples made\n")
    elif sys.stdout.isatty():
        _rewrite(f"making the stand-ins: {done} of {total} samples")


def _rewrite(text: str) -> None:
    """Write over the moving line, where there is one."""
    sys.stdout.write(f"\r\x1b[K{text}" if sys.stdout.isatty() else text)
    sys.stdout.flush()


def _read_yaml(path: Path) -> dict[str, Any]:
    from ruamel.yaml import YAML, YAMLError  # noqa: PLC0415

    try:
        content = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise AttackNetError(f"{path}: {error.strerror}") from None
    except (YAMLError, ValueError) as error:  # a date that does not exist is a ValueError
        raise AttackNetError(f"{path}: no YAML: {' '.join(str(error).split())}") from None
    if not isinstance(content, dict):
        raise AttackNetError(f"{path}: write a mapping, 'name: value' a line")
    return content
