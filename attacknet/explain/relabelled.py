"""A network that had nothing to learn: trained as another, with the labels of its pictures shuffled.

The second check of Adebayo et al., "Sanity Checks for Saliency Maps", NeurIPS 2018. Whatever such a network's
maps show besides is made by the architecture, the pictures and the method, not by a relation to the classes.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from attacknet import batches, fitting

if TYPE_CHECKING:
    import keras

    from attacknet.runs import Plan


def train(plan: "Plan") -> "tuple[keras.Model, float]":
    """Train the plan's network on shuffled labels, as long as the plan's recipe says.

    Nothing is chosen by a development set: there is nothing that could generalise. Call
    :func:`attacknet.fitting.one_thread` first, as for any training.

    Returns
    -------
    tuple of keras.Model and float
        The network, and the share of training pictures to which it gives their shuffled label: 1 where it has
        learned them by heart, about 0.5 where it has learned nothing.
    """
    pairs = zip(plan.crops(), plan.contracts(), strict=True)
    pictures = batches.concatenate([batches.load(crops, "train", contract) for crops, contract in pairs])
    shuffled = np.random.default_rng(plan.seed).permutation(pictures.labels)
    pictures = replace(pictures, labels=shuffled)
    recipe = replace(plan.recipe, monitor="train_loss", patience=None, keep="last")
    network = fitting.initialised(plan.model, plan.seed)
    fitting.fit(network, pictures, None, recipe, plan.seed)
    network.preprocessing = plan.contracts()[0]
    decided = network.predict(batches.in_order(pictures), verbose=0).argmax(axis=1)
    return network, float((decided == shuffled).mean())
