"""``attacknet train``: one run."""

from pathlib import Path
from typing import Annotated

import typer

# Options that every command which trains has.
Root = Annotated[Path, typer.Option(help="The folder that holds a folder of files for each dataset.")]
RecipeName = Annotated[str, typer.Option(help="How a network is trained: as_written, as_run or book.")]
Protocol = Annotated[str, typer.Option(help="The protocol that names the splits.")]
AllowLeaks = Annotated[bool, typer.Option("--allow-leaks", help="Use a protocol that leaks all the same.")]


def train(
    datasets: Annotated[
        list[str],
        typer.Argument(help="Datasets to pool: ids, or paths of manifests of your own (NAME.yaml)."),
    ],
    *,
    root: Root,
    model: Annotated[str, typer.Option(help="A network or a baseline.")] = "attacknet",
    recipe: RecipeName = "book",
    protocol: Protocol = "sound",
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same weights.")] = 0,
    allow_leaks: AllowLeaks = False,
) -> None:
    """Train on one dataset or several; ended at any moment, it goes on where it was."""
    from attacknet import experiments, progress, training  # noqa: PLC0415 - heavy
    from attacknet.recipes import recipe as recipe_of  # noqa: PLC0415
    from attacknet.runs import Plan  # noqa: PLC0415

    sources = experiments.sources_below(root, datasets)
    plan = Plan(model, sources, protocol, recipe_of(recipe), seed, allow_leaks)
    for source in sources:
        with progress.line("samples") as show:
            prepared = plan.crops_of(source, show)
        typer.echo(f"{source.dataset}: {len(prepared.images)} crops", err=True)
    with progress.line("epochs") as show:
        run = training.train(plan, progress=show)
    if not run.history.empty:
        typer.echo(run.history.to_string(index=False, float_format="%.3f"))
    typer.echo(f"evidence: {run.evidence}; weights {run.weights_sha256[:16]}")
    typer.echo(run.folder)
