"""Questions to the maps of a network, each a number held against another one."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from attacknet.explain import randomise
from attacknet.explain.explained import Comparison, Explained, compare
from attacknet.explain.maps import METHODS

if TYPE_CHECKING:
    import keras

Likeness = NDArray[np.float64]


@dataclass(frozen=True)
class Check:
    """A number of the maps, what it is held against, and how the two compare."""

    name: str
    held_against: str
    comparison: Comparison


def forgetting(explained: Explained, seed: int = 0) -> dict[str, Likeness]:
    """Return how alike the maps remain while the network forgets: last layer drawn anew -> each picture."""
    steps = randomise.cascade(explained.model, seed)
    return {layer: explained.likeness_to_stranger(network) for layer, network in steps}


def learned(explained: Explained, forgotten: Likeness) -> Comparison:
    """Compare how alike the maps are to those of a network that forgot, and of a picture moved by a pixel.

    Where the whole interval of the advantage lies above 0, the maps tell the trained network from the other.
    """
    return compare(explained.samples, forgotten, explained.stability, higher_is_better=False)


def checks(
    explained: Explained, forgotten: Likeness, another: "keras.Model", unlabelled: "keras.Model"
) -> list[Check]:
    """Carry out all checks.

    Parameters
    ----------
    explained
        The network, its pictures and its maps.
    forgotten
        Likeness to the maps of the network with all its weights drawn anew: the end of `forgetting`.
    another
        A network trained in the same way from another seed.
    unlabelled
        A network trained on shuffled labels (:data:`attacknet.recipes.BY_HEART`).
    """
    curves, chance = explained.curves, explained.chance_curves
    others = [explained.seen_by(explained.model, name) for name in METHODS if name != explained.method]
    agreement = np.mean([explained.likeness(maps) for maps in others], axis=0)
    elsewhere = np.mean([explained.likeness_to_others(maps) for maps in others], axis=0)
    again = explained.seen_by(another)

    def check(
        name: str, held_against: str, value: NDArray, reference: NDArray, *, higher_is_better: bool
    ) -> Check:
        compared = compare(explained.samples, value, reference, higher_is_better=higher_is_better)
        return Check(name, held_against, compared)

    return [
        Check("weights forgotten", "moved by a pixel", learned(explained, forgotten)),
        check(
            "labels shuffled",
            "another seed",
            explained.likeness_to_stranger(unlabelled),
            explained.likeness_to_stranger(another),  # so that both have the same choice of two
            higher_is_better=False,
        ),
        check(
            "deletion",
            "random maps",
            curves.areas("deletion"),
            chance.areas("deletion"),
            higher_is_better=False,
        ),
        check(
            "insertion",
            "random maps",
            curves.areas("insertion"),
            chance.areas("insertion"),
            higher_is_better=True,
        ),
        check(
            "moved by a pixel",
            "another picture",
            explained.stability,
            explained.likeness_to_others(explained.maps),
            higher_is_better=True,
        ),
        check("other methods", "another picture", agreement, elsewhere, higher_is_better=True),
        check(
            "another seed",
            "another picture",
            explained.likeness(again),
            explained.likeness_to_others(again),
            higher_is_better=True,
        ),
    ]
