"""The trainings that the chapters of the book show, by chapter and parameters.

A chapter asks for its jobs here. So does the build, which carries them out before it executes the chapters:
once, in sight, and without a limit of time.
"""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from attacknet import experiments, runs
from attacknet.errors import AttackNetError
from attacknet.experiments import Job
from attacknet.recipes import BY_HEART, RECIPES
from attacknet.recipes import recipe as recipe_named
from attacknet.runs import Plan, Source


def sources(data_root: str) -> tuple[Source, ...]:
    """Return the datasets below a reader's folder or, where it is empty, the stand-ins, made if need be."""
    if data_root:
        return experiments.sources_below(Path(data_root).expanduser())
    return experiments.sources_below(_standins())


def source(dataset: str, data_root: str) -> Source:
    """Return one dataset, as :func:`sources`."""
    root = Path(data_root).expanduser() if data_root else _standins()
    (one,) = experiments.sources_below(root, [dataset])
    return one


def _standins() -> Path:
    from attacknet.standins import writers  # noqa: PLC0415 - heavy

    writers.make(writers.home())
    return writers.home()


def _setting(recipe: str, protocol: str, allow_leaks: bool) -> dict[str, Any]:
    return {"recipe": recipe_named(recipe), "protocol": protocol, "allow_leaks": allow_leaks}


def cross_database(
    *, data_root: str, recipe: str, protocol: str, allow_leaks: bool, seeds: int, rivals: Sequence[str] = ()
) -> list[Job]:
    """Return the matrix of AttackNet under several seeds, then those of its rivals under one."""
    setting = _setting(recipe, protocol, allow_leaks)
    here = sources(data_root)
    return [
        *experiments.grid(here, seeds=range(seeds), **setting),
        *experiments.grid(here, models=rivals, seeds=[0], **setting),
    ]


def per_dataset(
    *,
    dataset: str,
    data_root: str,
    recipe: str,
    protocol: str,
    allow_leaks: bool,
    seeds: int,
    versions: Sequence[str],
    baselines: Sequence[str],
) -> list[Job]:
    """Return the models of one dataset: AttackNet under several seeds, what it is compared with under one."""
    setting = _setting(recipe, protocol, allow_leaks)
    here = [source(dataset, data_root)]
    return [
        *experiments.grid(here, seeds=range(seeds), **setting),
        *experiments.grid(here, models=[*versions, *baselines], seeds=[0], **setting),
    ]


def fused(
    *, data_root: str, recipe: str, protocol: str, allow_leaks: bool, seeds: int, left_out_seeds: int
) -> list[Job]:
    """Return the matrix, the models that leave one dataset out, and the fused one of :func:`on_training`."""
    setting = _setting(recipe, protocol, allow_leaks)
    here = sources(data_root)
    return [
        *experiments.grid(here, seeds=range(seeds), **setting),
        *experiments.leave_one_out(here, seeds=range(left_out_seeds), **setting),
        *on_training(data_root, recipe, seeds),
    ]


def fused_model(*, data_root: str, recipe: str) -> list[Job]:
    """Return the one model that learns from all datasets, under one seed."""
    here = sources(data_root)
    every = experiments.grid(here, recipe=recipe_named(recipe), seeds=[0])
    return [job for job in every if job.plan.sources == here]


def on_training(data_root: str, recipe: str, seeds: int) -> list[Job]:
    """Return fused models whose development set is their training set: one curve of Figure 3 was that."""
    here = sources(data_root)
    every = experiments.grid(
        here,
        recipe=recipe_named(recipe),
        protocol=runs.VALIDATED_ON_TRAINING,
        seeds=range(seeds),
        allow_leaks=True,
    )
    return [job for job in every if job.plan.sources == here]


def recipes_compared(*, dataset: str, data_root: str, protocol: str, model: str, seed: int) -> list[Job]:
    """Return one dataset's model by each recipe; `trained_on` is the recipe's name."""
    here = source(dataset, data_root)
    return [Job(Plan(model, (here,), protocol, made, seed), name, (here,)) for name, made in RECIPES.items()]


def attention(*, dataset: str, data_root: str, seed: int) -> list[Job]:
    """Return each dataset's network, then three for one dataset: two of other seeds, one on shuffled labels.

    None of the three begins with the weights that the dataset's own network began with: a short training
    leaves much of them, and networks that share them are alike whatever they learn.

    Raises
    ------
    AttackNetError
        If there is no such dataset; lists those that there are.
    """
    here = {one.manifest.id: one for one in sources(data_root)}
    if dataset not in here:
        place = f"below {data_root}" if data_root else "among the stand-ins"
        raise AttackNetError(f"dataset {dataset!r}: {place} there are only {', '.join(here)}")
    alone = [job for one in here.values() for job in experiments.grid([one], seeds=[seed])]
    others = experiments.grid([here[dataset]], seeds=[seed + 1, seed + 2])
    (by_heart,) = experiments.grid([here[dataset]], recipe=BY_HEART, seeds=[seed + 1])
    return [*alone, *others, replace(by_heart, trained_on=f"{dataset}, labels shuffled")]


def inflation(*, inflated: Sequence[str], data_root: str, recipe: str, seeds: int) -> list[Job]:
    """Return models of some datasets under two splits each: one of people, and one of frames at random."""
    return [
        job
        for dataset in inflated
        for protocol in ("sound", runs.RANDOM_FRAMES)
        for job in experiments.grid(
            [source(dataset, data_root)],
            recipe=recipe_named(recipe),
            protocol=protocol,
            seeds=range(seeds),
            allow_leaks=True,
        )
    ]


# Chapter -> what gives its jobs, from those of its parameters that the function names.
CHAPTERS: dict[str, Callable[..., list[Job]]] = {
    "03_4_training": recipes_compared,
    "03_5_speed": fused_model,
    "04_2_own_dataset_and_protocols": inflation,
    "05_1_per_dataset": per_dataset,
    "05_2_cross_database": cross_database,
    "05_3_fused": fused,
    "05_4_attention": attention,
    "06_2_roc": cross_database,
}


def of_chapter(name: str, parameters: Mapping[str, Any]) -> list[Job]:
    """Return the jobs of a chapter, given all of its parameters; most chapters have none."""
    if name not in CHAPTERS:
        return []
    wanted = inspect.signature(CHAPTERS[name]).parameters
    return CHAPTERS[name](**{key: value for key, value in parameters.items() if key in wanted})
