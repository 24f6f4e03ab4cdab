"""Exercises on the stand-ins (appendix A.1)."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attacknet import metrics
from attacknet.evidence import Evidence
from attacknet.exercises import material
from attacknet.exercises.checking import choice, choices, correct, number
from attacknet.metrics import ATTACK, BONA_FIDE_SPECIES

Check = Callable[..., None]


def shortcut() -> tuple[pd.DataFrame, Check]:
    """Return what surrounds the faces of a dataset, with a shortcut in it, and the check of what it is."""
    from attacknet.standins import shortcuts  # noqa: PLC0415 - heavy, and one exercise needs it

    measured = shortcuts.features("3dmad", material.folder("3dmad"))
    # As if attacks had been stored by another program.
    smaller = np.where(measured["label"] == ATTACK, 0.75, 1.0)
    planted = measured.assign(bytes=measured["bytes"] * smaller)
    statistics = planted.columns.difference(list(shortcuts.FACTS))

    def check(given: Any, without: Any) -> None:
        distance = {name: abs(metrics.auc(planted[name], planted["label"]) - 0.5) for name in statistics}
        telling = max(distance, key=distance.__getitem__)
        choice(given, telling, list(statistics), hint="another statistic separates the classes better")
        number(
            without,
            shortcuts.hter(planted.drop(columns=telling)),
            "the HTER without it",
            hint="take the column away and let the guard learn again",
            slips={"that is the HTER with it": shortcuts.hter(planted)},
        )
        correct()

    return planted, check


# The weakest level of evidence on which each statement of the exercise can be made, in its order.
_LEVELS = (
    Evidence.STAND_IN,
    Evidence.STAND_IN,
    Evidence.LICENSED,
    Evidence.RECOMPUTED,
    Evidence.RECOMPUTED,
    Evidence.PAPER,
    Evidence.LICENSED,
    Evidence.STAND_IN,
)


def check_statements(levels: Any) -> None:
    """Check the level of evidence that each statement of the exercise needs, in its order."""
    options = [level.value for level in Evidence]
    hint = "what would somebody have to show you before you believed it?"
    choices(levels, [level.value for level in _LEVELS], options, "statement", hint=hint)
    correct()


def prints() -> tuple[NDArray[np.uint8], NDArray[np.int64], Check]:
    """Return crops of bona fide faces and prints with their labels, and the check of a baseline."""
    crops = material.crops("replay_attack")
    frames = crops.index[
        (crops.index["crop"] >= 0) & crops.index["species"].isin([BONA_FIDE_SPECIES, "print"])
    ]
    images = np.asarray(crops.images)[frames["crop"].to_numpy()]
    labels = frames["label"].to_numpy()

    def check(given: Any) -> None:
        grey = images.astype(float).mean(axis=-1)
        steps = np.abs(grey[:, :, 1:] - grey[:, :, :-1]).mean(axis=(1, 2))
        truth = metrics.auc(steps, labels)
        number(
            given,
            truth,
            "the AUC",
            hint="average the colours first, then take the mean size of the steps from left to right",
            slips={"scores must be higher for bona fide": 1 - truth},
        )
        correct()

    return images, labels, check
