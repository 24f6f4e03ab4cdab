"""``attacknet data``: list, standins, verify, prepare."""

from itertools import groupby
from pathlib import Path
from typing import Annotated, Literal

import typer

app = typer.Typer(
    help="List, check and prepare the datasets, or make stand-ins for them.", no_args_is_help=True
)

Dataset = Annotated[
    str, typer.Argument(help="A dataset's id, or the path of a manifest of your own (NAME.yaml).")
]
Root = Annotated[Path, typer.Argument(help="The folder that holds the dataset's files.")]
# Lines printed of each kind of problem; the rest is counted.
_LINES_A_KIND = 20


@app.command(name="list")
def list_datasets() -> None:
    """List the datasets that the project has a manifest for, and how to get them."""
    from attacknet.data import manifest  # noqa: PLC0415

    for dataset in manifest.known():
        one = manifest.load(dataset)
        files = sum(n for species in one.expected.values() for n in species.values()) + one.expected_enrolment
        size = f"{files} files" if files else "any number of files"
        doubt = "" if one.confirmed else "; layout not confirmed"
        typer.echo(f"{dataset:14} {one.name}: {size}{doubt}; request: {one.licence.request}")


@app.command()
def verify(
    dataset: Dataset,
    root: Root,
    write_lock: Annotated[
        Path | None,
        typer.Option(help="Write the SHA-256 of each file of this copy to a file.", metavar="FILE"),
    ] = None,
    check_lock: Annotated[
        Path | None, typer.Option(help="Compare the files with a lock written earlier.", metavar="FILE")
    ] = None,
) -> None:
    """Compare a copy of a dataset with its manifest: one line a problem, exit status 1 if there is any."""
    from attacknet.data import verify as verification  # noqa: PLC0415
    from attacknet.evidence import Evidence  # noqa: PLC0415

    report = verification.verify(dataset, root)
    problems = report.problems + (verification.check_lock(root, check_lock) if check_lock else [])
    held = "stand-ins" if report.evidence is Evidence.STAND_IN else "the data itself"
    typer.echo(f"{root}: {dataset}, {held}")
    for split, species, found, _ in report.counts.itertuples(index=False, name=None):
        typer.echo(f"{split:10} {species:20} {found:6}")
    for kind, lines in groupby(problems, key=lambda line: line.split(":")[0]):
        shown = list(lines)
        for line in shown[:_LINES_A_KIND]:
            typer.echo(line)
        if len(shown) > _LINES_A_KIND:
            typer.echo(f"{kind}: and {len(shown) - _LINES_A_KIND} more")
    if problems:
        typer.echo(f"{len(problems)} problem{'s' if len(problems) > 1 else ''}")
        raise typer.Exit(1)
    if write_lock:
        typer.echo(f"{write_lock}: {verification.write_lock(root, write_lock)} files locked")
    typer.echo("in order")


@app.command()
def prepare(
    dataset: Dataset,
    root: Root,
    *,
    protocol: Annotated[str, typer.Option(help="The protocol that names splits and frames.")] = "sound",
    every: Annotated[
        int | None, typer.Option(min=1, help="Take every n-th frame, instead of the protocol's.")
    ] = None,
    at_most: Annotated[
        int | None, typer.Option(min=1, help="Take so many frames of a video at most; with --every.")
    ] = None,
    size: Annotated[int, typer.Option(min=1, help="Height and width of a crop in pixels.")] = 32,
    margin: Annotated[float, typer.Option(min=0, help="Share of the box added on each of its sides.")] = 0.0,
    align: Annotated[
        Literal["box", "eyes"], typer.Option(help="Cut by the box, or turn and scale by the eyes (3DMAD).")
    ] = "box",
    boxes: Annotated[
        Literal["annotation", "detector"],
        typer.Option(help="The database's own boxes first, or the detector."),
    ] = "annotation",
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes; as many as processors by default.")
    ] = None,
    allow_leaks: Annotated[
        bool, typer.Option("--allow-leaks", help="List what the splits share, instead of refusing it.")
    ] = False,
) -> None:
    """Crop the faces of a dataset into the cache; ended at any moment, it goes on where it was.

    Splits that share a recording, a session or a person are refused before, those that share frames that look
    the same after the crops are made.
    """
    from attacknet import progress  # noqa: PLC0415
    from attacknet.data import check_protocol, leaks, load_index  # noqa: PLC0415
    from attacknet.data import prepare as preparation  # noqa: PLC0415
    from attacknet.data.faces import Geometry  # noqa: PLC0415
    from attacknet.data.manifest import Frames  # noqa: PLC0415

    if every is None and at_most is not None:
        raise typer.BadParameter("say with --every which frames are counted", param_hint="--at-most")
    check_protocol(load_index(dataset, root), protocol, allow_leaks=allow_leaks)
    with progress.line("samples") as show:
        crops = preparation.prepare(
            dataset,
            root,
            protocol=protocol,
            geometry=Geometry(align=align, margin=margin, size=(size, size)),
            frames=Frames(every=every, at_most=at_most) if every else None,
            boxes=boxes,
            workers=workers,
            progress=show,
        )
    for species, frames, faces, rate in crops.detection_rates().itertuples(index=False, name=None):
        typer.echo(f"{species:20} {faces:7} faces in {frames:7} frames, {rate:.1%}")
    typer.echo(f"{crops.folder}: {len(crops.images)} crops")
    for leak in leaks.check_crops(crops, allow_leaks=allow_leaks).itertuples(index=False, name=None):
        typer.echo(f"leak: {leaks.Leak(*leak)}")


@app.command()
def standins(
    root: Annotated[
        Path, typer.Option(help="Folder to write to; each dataset gets a folder of its own in it.")
    ],
    *,
    size: Annotated[
        Literal["small", "full"],
        typer.Option(help="Some files with a few frames each, or every file name with one frame."),
    ] = "small",
    dataset: Annotated[
        list[str] | None, typer.Option(help="Write this dataset only; may be repeated.", metavar="ID")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same bytes.")] = 0,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes; as many as processors by default.")
    ] = None,
) -> None:
    """Write synthetic stand-ins for the five databases, in the layouts of the real ones."""
    from attacknet import progress  # noqa: PLC0415
    from attacknet.standins import writers  # noqa: PLC0415

    with progress.line("samples") as show:
        folders = writers.make(
            root,
            datasets=dataset or tuple(writers.WRITERS),
            size=size,
            seed=seed,
            workers=workers,
            progress=show,
        )
    for name, folder in folders.items():
        typer.echo(f"{name}: {folder}")
