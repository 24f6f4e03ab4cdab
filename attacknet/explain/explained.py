"""A network with pictures and their maps, and the same pictures seen by other networks and methods."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from attacknet.explain import faithfulness, shifts
from attacknet.explain.maps import Floats, Maps, explain
from attacknet.explain.randomise import randomised
from attacknet.explain.samples import Samples
from attacknet.explain.similarity import rank_correlation
from attacknet.intervals import Interval
from attacknet.scoring import prepared

if TYPE_CHECKING:
    import keras

# Random maps for each picture; their mean counts.
_CHANCES = 2


@dataclass(frozen=True)
class Explained:
    """Pictures, and what spoke for each one's class in the eyes of a network.

    Attributes
    ----------
    model
        With its preprocessing contract.
    samples
        The pictures.
    method, layer
        As for :func:`attacknet.explain.maps.explain`.
    """

    model: "keras.Model"
    samples: Samples
    method: str
    layer: str

    @cached_property
    def batch(self) -> Floats:
        """The pictures as the network reads them."""
        return prepared(self.samples.images, self.model.preprocessing)

    @cached_property
    def targets(self) -> NDArray[np.int64]:
        """Number of each picture's own class; the map says what spoke for it."""
        return self.samples.rows["label"].to_numpy()

    @cached_property
    def maps(self) -> Maps:
        """The maps of the pictures."""
        return self.seen_by(self.model)

    def seen_by(self, model: "keras.Model", method: str | None = None) -> Maps:
        """Return the maps of the same pictures and classes by another network or another method."""
        return explain(model, self.batch, self.targets, method=method or self.method, layer=self.layer)

    def likeness(self, other: Maps) -> NDArray[np.float64]:
        """Return the rank correlation of each picture's map with another one, at the pictures' size."""
        return rank_correlation(self.maps.fine, other.fine)

    def likeness_up_to_exchange(self, model: "keras.Model") -> NDArray[np.float64]:
        """Return the likeness to the maps of a network whose two outputs may as well be exchanged.

        That is so where it was never told which class is which: the more alike of its maps for the two
        classes counts. Numbers with and without this choice do not compare.
        """
        either = np.concatenate([self.targets, 1 - self.targets])
        maps = explain(model, np.tile(self.batch, (2, 1, 1, 1)), either, method=self.method, layer=self.layer)
        told, exchanged = (rank_correlation(self.maps.fine, fine) for fine in np.split(maps.fine, 2))
        return np.maximum(told, exchanged)

    def likeness_to_random(self, seeds: Iterable[int]) -> NDArray[np.float64]:
        """Return the mean likeness to networks with all weights drawn anew, one for each seed."""
        networks = (randomised(self.model, seed) for seed in seeds)
        return np.mean([self.likeness_up_to_exchange(network) for network in networks], axis=0)

    def likeness_to_others(self, other: Maps) -> NDArray[np.float64]:
        """Return how alike each map is to that of another picture of its class, of another subject if any.

        What all faces share, a network that looks at the middle of every picture for instance, is in this
        number.

        Parameters
        ----------
        other
            Maps of the same pictures.
        """
        return rank_correlation(self.maps.fine, other.fine[self._partners()])

    def _partners(self) -> NDArray[np.int64]:
        subjects = self.samples.rows["subject"].to_numpy()
        partners = []
        for place, (subject, target) in enumerate(zip(subjects, self.targets, strict=True)):
            of_class = np.flatnonzero(self.targets == target)
            strangers = of_class[subjects[of_class] != subject]
            among = strangers if len(strangers) else of_class[of_class != place]
            # The next one in turn, so that no picture stands for all others.
            partners.append(among[np.searchsorted(among, place) % len(among)] if len(among) else place)
        return np.array(partners)

    @cached_property
    def stability(self) -> NDArray[np.float64]:
        """How alike each map stays when its picture moves by one pixel."""

        def fine(batch: Floats) -> Floats:
            targets = np.tile(self.targets, len(batch) // len(self.targets))
            return explain(self.model, batch, targets, method=self.method, layer=self.layer).fine

        return shifts.stability(fine, self.batch)

    @cached_property
    def curves(self) -> faithfulness.Curves:
        """The deletion and insertion curves of the maps."""
        return faithfulness.curves(self.model, self.batch, self.maps.fine, self.targets)

    @cached_property
    def chance_curves(self) -> faithfulness.Curves:
        """The mean curves of a few random maps that are as coarse as these."""
        found = [
            faithfulness.curves(
                self.model,
                self.batch,
                Maps(faithfulness.random_maps(self.maps.coarse.shape, seed), self.maps.size).fine,
                self.targets,
            )
            for seed in range(_CHANCES)
        ]
        return faithfulness.Curves(*np.mean(found, axis=0))


@dataclass(frozen=True)
class Comparison:
    """A number that a map should beat, and by how much it does: means over pictures with intervals.

    Attributes
    ----------
    value, reference
        Means of the two numbers.
    advantage
        Mean of the difference, value less reference or the reverse, so that more is better. Taken picture by
        picture: its interval says more than the two others.
    """

    value: Interval
    reference: Interval
    advantage: Interval

    @property
    def passed(self) -> bool:
        """Whether the whole interval of the advantage lies above 0."""
        return self.advantage.low > 0


def compare(
    samples: Samples, value: NDArray, reference: NDArray, *, higher_is_better: bool = True
) -> Comparison:
    """Compare two numbers that each picture has."""
    sign = 1 if higher_is_better else -1
    return Comparison(samples.mean(value), samples.mean(reference), samples.mean(sign * (value - reference)))
