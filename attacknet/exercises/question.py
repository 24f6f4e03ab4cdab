"""Exercises on the question of the paper (section 1)."""

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from attacknet.exercises.checking import choice, correct, names, number, require

KINDS = ("bona fide presentation", "presentation attack", "neither")
_SCENES: Mapping[str, str] = MappingProxyType(
    {
        "A customer holds her own passport photograph before the camera.": "presentation attack",
        "A man with a fresh plaster on his cheek looks into the camera.": "bona fide presentation",
        "A generated video is fed to the software in place of the camera.": "neither",
        "A burglar who is on a list of wanted people wears a silicone mask of nobody in particular.": (
            "presentation attack"
        ),
        "A stranger tries his own face at his neighbour's door.": "bona fide presentation",
        "Somebody alters the stored reference in the database.": "neither",
        "A child shows a telephone with a video of its father.": "presentation attack",
    }
)
SCENES = tuple(_SCENES)


def check_scenes(given: Any) -> None:
    """Check what each of `SCENES` is to a detector of presentation attacks."""
    require(isinstance(given, dict), "give a dictionary, scene -> kind")
    names(given, SCENES, "scenes", hint="judge all of them")
    for scene, kind in _SCENES.items():
        hint = f"“{scene}” What stands before the sensor, and does it use the sensor as intended?"
        choice(given[scene], kind, KINDS, hint=hint)
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
