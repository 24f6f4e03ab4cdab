"""Exercises on the question of the paper (section 1)."""

import math
from typing import Any

from attacknet.exercises.checking import choices, correct, number

KINDS = ("bona fide", "attack", "neither")
# Of the scenes in the order in which the exercise tells them.
_SCENES = ("attack", "bona fide", "neither", "attack", "bona fide", "neither", "attack")


def check_scenes(given: Any) -> None:
    """Check what each scene is to a detector of presentation attacks, in the order of the exercise."""
    choices(
        given,
        _SCENES,
        KINDS,
        "scene",
        hint="what is before the sensor, and does it use the sensor as intended?",
    )
    correct()


def check_system(
    let_in: Any, kept_out: Any, *, apcer: float, bpcer: float, matched: float, not_matched: float
) -> None:
    """Check the error rates of a system that asks a detector and then a comparison."""
    number(
        let_in,
        apcer * matched,
        "the attacker's chance",
        hint="an attack has to pass both",
        slips={"that is the chance to pass one or the other": apcer + matched - apcer * matched},
    )
    number(
        kept_out,
        1 - (1 - bpcer) * (1 - not_matched),
        "the customer's risk",
        hint="a customer has to pass both, and is turned away by whichever refuses",
        slips={"that is the chance that both refuse": bpcer * not_matched},
        within=1e-3,
    )
    correct()


def check_pixels(coarsest: Any, needed: Any, *, face: float, dots: float, side: int) -> None:
    """Check the shortest wave that a crop can hold, and the crop that could hold the dots of a print."""
    number(
        coarsest,
        2 * face / side,
        "the shortest wave",
        hint="how many millimetres is a pixel, and how many pixels does a wave need?",
        slips={"a wave has a light half and a dark half, and each needs a pixel": face / side},
    )
    pixels = math.ceil(2 * face / dots)
    number(
        needed,
        pixels,
        "the side of the crop",
        hint="a wave as long as the dots are apart must have two pixels",
        slips={"one pixel a dot shows no dots": math.ceil(face / dots)},
        within=0,
    )
    correct()
