"""``attacknet export`` and ``attacknet parity``: a network as a file, and whether it decides as before."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from attacknet.cli_matrix import Format
from attacknet.errors import AttackNetError
from attacknet.formats import Kind
from attacknet.quiet import quiet

if TYPE_CHECKING:
    import pandas as pd

    from attacknet.runs import Source

DataRoot = Annotated[
    Path | None,
    typer.Option(
        "--root",
        help="The folder that holds a folder of files for each dataset. Default: the stand-ins.",
        metavar="FOLDER",
    ),
]
Datasets = Annotated[
    list[str] | None,
    typer.Option(
        "--dataset",
        help="Test on this dataset, an id or a manifest's path; may be repeated, and those that a run learnt "
        "from have to be among them. Default: all there are.",
        metavar="ID",
    ),
]
Report = Annotated[Format, typer.Option("--report", help="How the report is printed.")]


def export(
    name: Annotated[
        str,
        typer.Argument(
            metavar="RUN_OR_NAME",
            help="What `attacknet train` printed last, or released weights: 3dmad, csmad, fused.",
        ),
    ],
    *,
    kind: Annotated[Kind, typer.Option("--format", help="litert-int8 computes with bytes.")] = Kind.LITERT,
    output: Annotated[
        Path, typer.Option(help="The file to be written; it must not exist.", metavar="FILE.tflite|.onnx")
    ],
    data_root: DataRoot = None,
    datasets: Datasets = None,
    report: Report = Format.TEXT,
) -> None:
    """Write a network into one file; refused if a file in float32 decides otherwise than the network."""
    from attacknet import export, exportable, parity  # noqa: PLC0415 - heavy

    export.require_new(output)
    found = exportable.find(name, _sources(data_root, datasets))
    with quiet():
        compared = parity.compare(found, kind)
    rows = parity.rows_of(compared)
    typer.echo(_printed(rows, report))
    parity.require_same_decisions(rows)
    export.write(compared.content, output)
    typer.echo(f"{output}: {len(compared.content) / 1e6:.2f} MB", err=True)


def parity(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[RUN_OR_NAME]...",
            help="As for export. Default: the released weights, if they can be had, and the book's networks.",
        ),
    ] = None,
    *,
    data_root: DataRoot = None,
    datasets: Datasets = None,
    report: Report = Format.TEXT,
) -> None:
    """Compare networks with their files in every format; exit code 1 if one in float32 decides otherwise."""
    import pandas as pd  # noqa: PLC0415 - heavy

    from attacknet import exportable, parity, progress  # noqa: PLC0415

    sources = _sources(data_root, datasets)
    wanted = names or [*_released_names(), *_trained_names()]
    if not wanted:
        raise AttackNetError("no network to compare: `attacknet book build` trains some")
    tables = []
    with progress.line("networks") as show:
        for done, name in enumerate(wanted, start=1):
            found = exportable.find(name, sources)
            with quiet():
                tables.append(parity.report([found]))
            show(done, len(wanted))
    rows = pd.concat(tables, ignore_index=True)
    typer.echo(_printed(parity.summary(rows) if report is Format.TEXT else rows, report))
    parity.require_same_decisions(rows)


def _sources(data_root: Path | None, datasets: list[str] | None) -> "tuple[Source, ...]":
    from attacknet import experiments, progress  # noqa: PLC0415 - heavy
    from attacknet.standins import writers  # noqa: PLC0415

    if data_root is None:
        data_root = writers.home()
        with progress.line("files") as show:
            writers.make(data_root, progress=show)
    return experiments.sources_below(data_root, datasets or ())


def _trained_names() -> list[str]:
    """Return the networks that the chapters show, as far as they are trained."""
    from attacknet import book_runs, experiments  # noqa: PLC0415 - heavy
    from attacknet.chapters import book  # noqa: PLC0415

    shown = [job for one in book.jobs({}) for job in book_runs.of_chapter(one.chapter.name, one.parameters)]
    found = [experiments.find_run(job) for job in experiments.merged(shown) if job.plan.is_network]
    if missing := found.count(None):
        typer.echo(f"networks not trained yet: {missing}; `attacknet book build` trains them", err=True)
    # Plans that differ only in what they allow have one run.
    return list(dict.fromkeys(run.key for run in found if run is not None))


def _released_names() -> list[str]:
    """Return the released weights that are on this machine or can be fetched; say which are not."""
    from attacknet import released  # noqa: PLC0415

    found = []
    for name in released.release().weights:
        try:
            released.path(name)
            found.append(name)
        except released.ReleasedWeightsUnavailable as missing:
            typer.echo(f"Not compared: {missing}", err=True)
    return found


def _printed(rows: "pd.DataFrame", report: Format) -> str:
    if report is Format.TEXT:
        return rows.to_string(index=False, float_format="%.3g")
    if report is Format.JSON:
        return rows.to_json(orient="records", indent=1)
    return rows.to_csv(index=False).rstrip("\n")
