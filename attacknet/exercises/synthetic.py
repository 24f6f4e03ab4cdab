"""Exercises on the stand-ins (appendix A.1)."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attacknet import metrics
from attacknet.evidence import Evidence
from attacknet.exercises import material
from attacknet.exercises.checking import choice, correct, names, number, require
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


# What somebody would like to say -> the weakest level of evidence on which it can be said.
_STATEMENTS: Mapping[str, Evidence] = MappingProxyType(
    {
        "The training runs to its end, and finds the same weights again.": Evidence.STAND_IN,
        "A split of frames at random can make a result look better than it is.": Evidence.STAND_IN,
        "Trained by a sound protocol, AttackNet rejects most silicone masks of CSMAD.": Evidence.LICENSED,
        "The network has as many parameters as its layers say.": Evidence.RECOMPUTED,
        "The HTER from MSSpoof to 3DMAD is another than the authors' own counts give.": Evidence.RECOMPUTED,
        "The authors state that their network is light.": Evidence.PAPER,
        "In Replay-Attack, prints are easier to detect than replays.": Evidence.LICENSED,
        "A threshold that was frozen in one domain can fail in another.": Evidence.STAND_IN,
    }
)
STATEMENTS = tuple(_STATEMENTS)


def check_statements(levels: Any) -> None:
    """Check the level of evidence that each of `STATEMENTS` needs."""
    require(isinstance(levels, dict), "give a dictionary, statement -> level of evidence")
    names(levels, STATEMENTS, "statements", hint="judge all of them")
    options = [level.value for level in Evidence]
    for statement, level in _STATEMENTS.items():
        hint = f"“{statement}” What would somebody have to show you before you believed it?"
        choice(levels[statement], level.value, options, hint=hint)
    correct()


def prints() -> tuple[NDArray[np.uint8], NDArray[np.int64], Check]:
    """Return crops of bona fide faces and prints with their labels, and the check of a detector of blur."""
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
