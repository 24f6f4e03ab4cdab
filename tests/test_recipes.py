"""Recipes: what the sources say, and nothing that a print-out hides."""

import re
from dataclasses import fields, replace

import pandas as pd
import pytest
from pydantic import ValidationError

from attacknet import paths
from attacknet.errors import AttackNetError
from attacknet.recipes import BY_HEART, RECIPES, Augmentation, Recipe, recipe

SOURCES = pd.read_csv(paths.PACKAGE / "paper/training_recipes.csv", index_col="setting", dtype=str)


@pytest.mark.parametrize("name", ["as_written", "as_run"])
def test_numbers_are_those_of_the_sources(name: str) -> None:
    """The table that the book prints and the recipe that trains must not drift apart."""
    said, one = SOURCES[name], RECIPES[name]
    assert one.batch == int(said["batch size"])
    assert one.learning_rate == float(said["learning rate (Adam)"])
    assert one.epochs == int(said["epochs"].split()[0])
    monitor = {"dev_loss": "validation loss", "train_loss": "training loss"}[one.monitor]
    assert said["early stopping"] == f"{monitor}, patience {one.patience}"


def test_augmentation_is_that_of_the_code_and_the_text_has_no_flip() -> None:
    said = SOURCES.loc["augmentation", "as_run"]
    rotation, shift, shear, zoom = map(float, re.findall(r"\d+(?:\.\d+)?", said))
    assert RECIPES["as_run"].augmentation == Augmentation(rotation, shift, shear, zoom, flip=True)
    assert "horizontal flip" in said and "constant" in said
    assert "flip" not in SOURCES.loc["augmentation", "as_written"]
    assert RECIPES["as_written"].augmentation == Augmentation(rotation, shift, shear, zoom, flip=False)


def test_the_code_neither_shuffles_nor_scales_as_the_book_does() -> None:
    assert "not shuffled" in SOURCES.loc["order of the images", "as_run"]
    assert not RECIPES["as_run"].shuffle
    assert RECIPES["as_run"].pixels == "as_run"


# Another value for each field; a field without one here fails the test below.
OTHERS = {
    "batch": 7,
    "learning_rate": 0.5,
    "epochs": 3,
    "steps": 9,
    "monitor": "train_loss",
    "patience": 4,
    "keep": "best",
    "augmentation": Augmentation(flip=True),
    "shuffle": False,
    "balance": "draw",
    "pixels": "as_run",
    "labels": "shuffled",
    "norm_momentum": 0.9,
}
PLAIN = Recipe(batch=1, learning_rate=1, epochs=1, patience=2)


@pytest.mark.parametrize("field", [field.name for field in fields(Recipe)])
def test_a_print_out_hides_nothing(field: str) -> None:
    """Two recipes that differ must not print alike."""
    assert str(replace(PLAIN, **{field: OTHERS[field]})) != str(PLAIN)


@pytest.mark.parametrize(
    ("field", "value"),
    [("rotation", 5), ("shift", 0.1), ("shear", 3), ("zoom", 0.2), ("flip", True), ("fill", "nearest")],
)
def test_a_print_out_of_an_augmentation_hides_nothing(field: str, value: object) -> None:
    assert str(Augmentation(**{field: value})) != str(Augmentation())


@pytest.mark.parametrize(
    ("field", "value"),
    [("batch", 0), ("learning_rate", 0), ("epochs", 0), ("steps", 0), ("patience", 0), ("keep", "all")],
)
def test_settings_without_sense_are_refused(field: str, value: object) -> None:
    with pytest.raises(ValidationError, match=field):
        replace(PLAIN, **{field: value})


def test_a_development_set_is_needed_only_where_its_loss_decides() -> None:
    watched = replace(PLAIN, monitor="dev_loss", patience=None, keep="last")
    assert not watched.needs_dev
    assert replace(watched, patience=1).needs_dev
    assert replace(watched, keep="best").needs_dev
    assert not replace(watched, monitor="train_loss", patience=1, keep="best").needs_dev


def test_the_book_recipe_runs_under_every_protocol() -> None:
    """The authors' protocols have no development set."""
    assert not RECIPES["book"].needs_dev


def test_learning_by_heart_leaves_nothing_to_choose_by() -> None:
    """On shuffled labels nothing generalises: no development set, and no warping that hinders learning."""
    assert BY_HEART.labels == "shuffled"
    assert not BY_HEART.needs_dev
    assert BY_HEART.augmentation is None


def test_an_unknown_recipe_is_answered_with_the_known_ones() -> None:
    with pytest.raises(AttackNetError, match="'mine': there are only as_written, as_run, book"):
        recipe("mine")
