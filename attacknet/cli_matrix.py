"""``attacknet matrix``: the cross-database matrix, trained and measured."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from attacknet.cli_train import AllowLeaks, Protocol, RecipeName, Root

if TYPE_CHECKING:
    import pandas as pd


class Format(StrEnum):
    """How the matrix is printed."""

    TEXT = "text"
    JSON = "json"
    CSV = "csv"


def matrix(
    root: Root,
    *,
    dataset: Annotated[
        list[str] | None,
        typer.Option(
            help="Use this dataset, an id or a manifest's path; may be repeated. Default: all below ROOT.",
            metavar="ID",
        ),
    ] = None,
    models: Annotated[
        str, typer.Option(help="Networks and baselines, with commas between them.")
    ] = "attacknet",
    released_weights: Annotated[
        bool, typer.Option("--released-weights", help="Test the authors' released networks as well.")
    ] = False,
    recipe: RecipeName = "book",
    protocol: Protocol = "sound",
    seeds: Annotated[int, typer.Option(min=1, help="Trainings of each model on each dataset.")] = 3,
    allow_leaks: AllowLeaks = False,
    by_species: Annotated[
        bool, typer.Option("--by-species", help="Print the APCER of each PAI species instead.")
    ] = False,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes; as many as processors by default.")
    ] = None,
    cluster: Annotated[
        str | None, typer.Option(help="Use the workers of this Dask scheduler.", metavar="tcp://HOST:PORT")
    ] = None,
    output: Annotated[
        Format, typer.Option("--format", help="text: the rates that matter most; json and csv: all columns.")
    ] = Format.TEXT,
) -> None:
    """Train on each dataset and on all, test on each; ended at any moment, it goes on where it was."""
    from attacknet import evaluation, executors, experiments, progress, released  # noqa: PLC0415 - heavy
    from attacknet.recipes import recipe as recipe_of  # noqa: PLC0415

    sources = experiments.sources_below(root, dataset or ())
    files = {name: released.path(name) for name in released.release().weights} if released_weights else {}
    jobs = experiments.grid(
        sources,
        models=[name.strip() for name in models.split(",")],
        recipe=recipe_of(recipe),
        protocol=protocol,
        seeds=range(seeds),
        allow_leaks=allow_leaks,
    )
    executor = executors.cluster(cluster) if cluster else executors.local(workers)
    with progress.line("models") as show:
        scored = experiments.run(jobs, executor=executor, progress=show)
    scored += experiments.score_released(files, sources, protocol=protocol, allow_leaks=allow_leaks)
    results = (evaluation.by_species if by_species else evaluation.matrix)(scored)
    results = results.assign(evidence=experiments.evidence(jobs).value)
    typer.echo({Format.TEXT: _text, Format.JSON: _json, Format.CSV: _csv}[output](results))


def _json(results: "pd.DataFrame") -> str:
    return results.to_json(orient="records", indent=1)


def _csv(results: "pd.DataFrame") -> str:
    return results.to_csv(index=False).rstrip("\n")


_SHOWN = ("hter", "hter_argmax", "apcer", "apcer_argmax", "worst_apcer", "bpcer", "deer", "auc")


def _text(results: "pd.DataFrame") -> str:
    """Print what the rows are about, and each rate that they have with its interval over people."""
    shown = results[["model", "trained_on", "tested_on", "seeds"]].copy()
    if "species" in results:
        shown["species"] = results["species"]
    for name in (name for name in _SHOWN if name in results):
        shown[name] = [
            _rate(row[name], row.get(f"{name}_low"), row.get(f"{name}_high"))
            for row in results.to_dict("records")
        ]
    level = results["evidence"].iloc[0]
    return f"evidence: {level}; rates with 95 % intervals over people\n{shown.to_string(index=False)}"


def _rate(value: float, low: float | None, high: float | None) -> str:
    if value != value:  # noqa: PLR0124 - a rate that could not be computed is NaN
        return "-"
    return f"{value:.3f}" if low is None else f"{value:.3f} [{low:.2f}, {high:.2f}]"
