"""Questions to the maps of a network, each a number held against another one."""

from collections.abc import Sequence
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
    """A number of the maps, what it is held against, and how the two compare.

    Attributes
    ----------
    decides
        Whether a map that fails is no evidence of its network's reasons. Where it only disagrees with other
        methods or other networks, it may still be right about its own.
    """

    name: str
    held_against: str
    comparison: Comparison
    decides: bool = True


def forgetting(explained: Explained, seed: int = 0) -> dict[str, Likeness]:
    """Return how alike the maps remain while the network forgets: last layer drawn anew -> each picture."""
    steps = randomise.cascade(explained.model, seed)
    return {layer: explained.likeness_up_to_exchange(network) for layer, network in steps}


def of_one_network(explained: Explained, seeds: Sequence[int]) -> list[Check]:
    """Carry out the checks that need no other trained network; an untrained one can be asked them too.

    Parameters
    ----------
    explained
        The network, its pictures and its maps.
    seeds
        Of the draws of all weights; their mean counts.
    """
    samples, stability = explained.samples, explained.stability
    curves, chance = explained.curves, explained.chance_curves
    fallen, risen = curves.areas("deletion"), curves.areas("insertion")
    random_fallen, random_risen = chance.areas("deletion"), chance.areas("insertion")
    forgotten, others = explained.likeness_to_random(seeds), explained.likeness_to_others(explained.maps)
    return [
        Check(
            "weights forgotten",
            "moved by a pixel",
            compare(samples, forgotten, stability, higher_is_better=False),
        ),
        Check("deletion", "random maps", compare(samples, fallen, random_fallen, higher_is_better=False)),
        Check("insertion", "random maps", compare(samples, risen, random_risen)),
        Check("moved by a pixel", "another picture", compare(samples, stability, others)),
    ]


def against_others(
    explained: Explained, others: Sequence["keras.Model"], unlabelled: "keras.Model"
) -> list[Check]:
    """Hold the maps against those of other trained networks and of other methods.

    Parameters
    ----------
    others
        Networks trained in the same way from other seeds; their mean counts.
    unlabelled
        A network trained on shuffled labels (:data:`attacknet.recipes.BY_HEART`), from yet other weights
        than the explained one.
    """
    samples = explained.samples
    told = np.mean([explained.likeness_up_to_exchange(network) for network in others], axis=0)
    shuffled = explained.likeness_up_to_exchange(unlabelled)
    again = [explained.seen_by(network) for network in others]
    by_method = {
        name: [explained.seen_by(explained.model, name)] for name in METHODS if name != explained.method
    }
    agreeing = [
        Check(
            name,
            "another picture",
            compare(
                samples,
                np.mean([explained.likeness(one) for one in maps], axis=0),
                np.mean([explained.likeness_to_others(one) for one in maps], axis=0),
            ),
            decides=False,
        )
        for name, maps in {**by_method, "other seeds": again}.items()
    ]
    # Both numbers have the same choice of two maps.
    labels = Check("labels shuffled", "other seeds", compare(samples, shuffled, told, higher_is_better=False))
    return [labels, *agreeing]
