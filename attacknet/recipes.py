"""Training recipes: the paper's text, the released code, and the book's own short one.

Where the text is silent (the ranges of the augmentation, its fill), ``as_written`` takes what the code has;
where both are silent, what Keras does by default. Sources: section 3.4 of the paper, and the training
notebook of the released code (github.com/ZamDimon/liveness-detection, commit 306be7d), as
``paper/training_recipes.csv`` sets them side by side.
"""

from dataclasses import replace
from typing import Annotated, Literal

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

from attacknet.errors import AttackNetError

_CONFIG = ConfigDict(extra="forbid")
Share = Annotated[float, Field(ge=0, lt=1)]


@dataclass(frozen=True, config=_CONFIG)
class Augmentation:
    """How far a picture is warped at random, each part evenly up to its bound in both directions.

    Attributes
    ----------
    rotation, shear
        Degrees. The shear is an angle for Keras too: the 0.15 of the released code turns an edge by 0.15
        degrees, less than a tenth of a pixel over a crop of 32.
    shift
        Share of the height and, drawn apart, of the width.
    zoom
        Share of the size, drawn apart for height and width.
    flip
        Whether left and right are exchanged in half of the pictures.
    fill
        What lies beyond the border: black (``constant``) or the border's own pixels (``nearest``).
    """

    rotation: Annotated[float, Field(ge=0, le=180)] = 0.0
    shift: Share = 0.0
    shear: Annotated[float, Field(ge=0, lt=90)] = 0.0
    zoom: Share = 0.0
    flip: bool = False
    fill: Literal["constant", "nearest"] = "constant"

    def __str__(self) -> str:
        parts = [
            f"rotation {self.rotation:g}°" if self.rotation else "",
            f"shift {self.shift:g}" if self.shift else "",
            f"shear {self.shear:g}°" if self.shear else "",
            f"zoom {self.zoom:g}" if self.zoom else "",
            "flip" if self.flip else "",
        ]
        return ", ".join([part for part in parts if part] + [f"fill {self.fill}"])


@dataclass(frozen=True, config=_CONFIG)
class Recipe:
    """All that is decided about a training besides network, data and seed.

    Attributes
    ----------
    batch
        Pictures a step.
    learning_rate
        Of Adam.
    epochs
        At most so many.
    steps
        Steps an epoch; None for one pass over the training pictures.
    monitor, patience
        Training ends when this loss has not fallen for so many epochs. A patience of None never ends it
        early.
    keep
        Weights of the epoch with the lowest such loss, or of the last epoch.
    augmentation
        Of the training pictures, or None.
    shuffle
        Whether each epoch has an order of its own. If not: dataset after dataset, class after class, as the
        released loaders list them (which shuffle once within a class; here the table's order stands).
    balance
        ``undersample``: as many frames of the larger class as the smaller one has, drawn once for each
        dataset. ``draw``: all frames are used, and each batch has half of each class.
    pixels
        ``book``: RGB, divided by 255. ``as_run``: what the authors did to each dataset, from the protocol
        ``as_run`` of its manifest.
    labels
        ``given``, or ``shuffled`` among the training pictures, once: then nothing but their looks can be
        learned, and that by heart.
    norm_momentum
        Share of the running averages of batch normalisation that a step leaves; None for the network's own.
        With Keras' 0.99, those of a few hundred steps are still made up of their initial values, and the
        network does well in training and guesses afterwards.
    """

    batch: Annotated[int, Field(ge=1)]
    learning_rate: Annotated[float, Field(gt=0)]
    epochs: Annotated[int, Field(ge=1)]
    steps: Annotated[int, Field(ge=1)] | None = None
    monitor: Literal["dev_loss", "train_loss"] = "dev_loss"
    patience: Annotated[int, Field(ge=1)] | None = None
    keep: Literal["best", "last"] = "last"
    augmentation: Augmentation | None = None
    shuffle: bool = True
    balance: Literal["undersample", "draw"] = "undersample"
    pixels: Literal["book", "as_run"] = "book"
    labels: Literal["given", "shuffled"] = "given"
    norm_momentum: Share | None = None

    @property
    def needs_dev(self) -> bool:
        """Whether the end of the training, or the weights, are chosen on a development set."""
        return self.monitor == "dev_loss" and (self.patience is not None or self.keep == "best")

    def settings(self) -> dict[str, str]:
        """Return the recipe as a table's column: what is decided -> how."""
        stop = f"{self.monitor}, patience {self.patience}" if self.patience else "none"
        return {
            "batch": str(self.batch),
            "learning rate (Adam)": f"{self.learning_rate:g}",
            "epochs": str(self.epochs),
            "steps an epoch": str(self.steps) if self.steps else "one pass",
            "early stopping": stop,
            "weights kept": f"best {self.monitor}" if self.keep == "best" else "last epoch",
            "augmentation": str(self.augmentation) if self.augmentation else "none",
            "order": "shuffled" if self.shuffle else "fixed",
            "balance": self.balance,
            "pixels": self.pixels,
            "batch normalisation": f"momentum {self.norm_momentum:g}"
            if self.norm_momentum
            else "the network's own",
        } | ({"labels": "shuffled"} if self.labels == "shuffled" else {})

    def __str__(self) -> str:
        settings = self.settings()
        width = max(map(len, settings))
        return "\n".join(f"{name:{width}}  {value}" for name, value in settings.items())


_WARP = Augmentation(rotation=20, shift=0.1, shear=0.15, zoom=0.25, flip=True)

RECIPES: dict[str, Recipe] = {
    "as_written": Recipe(
        batch=64,
        learning_rate=1e-3,
        epochs=100,
        monitor="dev_loss",
        patience=10,
        # The text names rotation, shifts, shear and zoom, and no flip.
        augmentation=replace(_WARP, flip=False),
    ),
    "as_run": Recipe(
        batch=32,
        learning_rate=1e-5,
        epochs=150,
        monitor="train_loss",
        patience=10,
        augmentation=_WARP,
        shuffle=False,
        pixels="as_run",
    ),
    # Counted in steps, so that every model of the default grid takes the same few seconds; ended by their
    # number alone, so that it needs no development set.
    "book": Recipe(
        batch=32,
        learning_rate=1e-3,
        epochs=8,
        steps=16,
        augmentation=replace(_WARP, rotation=10, zoom=0.1, fill="nearest"),
        balance="draw",
        norm_momentum=0.9,
    ),
}

# Of the second check of Adebayo et al., "Sanity Checks for Saliency Maps", NeurIPS 2018: a network that knows
# every training picture and no class. Warped pictures would be learned by heart much more slowly.
BY_HEART = replace(RECIPES["book"], epochs=16, augmentation=None, labels="shuffled")


def recipe(name: str) -> Recipe:
    """Return a recipe by its name.

    Raises
    ------
    AttackNetError
        If there is no such recipe; lists them.
    """
    if name not in RECIPES:
        raise AttackNetError(f"recipe {name!r}: there are only {', '.join(RECIPES)}")
    return RECIPES[name]
