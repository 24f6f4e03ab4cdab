"""Telling right answers from wrong ones, with a hint that does not give the answer away."""

import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from numbers import Real
from typing import Any, NoReturn

import numpy as np

# Characters of a learner's value that a hint shows.
SHOWN = 120


class NotYetError(AssertionError):
    """An answer that is not right yet; its message is a hint for the learner."""

    def _render_traceback_(self) -> list[str]:
        """Show the hint alone in a notebook: where a check failed inside the package helps nobody."""
        return [f"Not yet: {self}"]


def refuse(hint: str) -> NoReturn:
    """Say that an answer is not right yet.

    Raises
    ------
    NotYetError
        Always.
    """
    raise NotYetError(hint)


def require(holds: bool, hint: str) -> None:
    """Refuse an answer unless something holds of it."""
    if not holds:
        refuse(hint)


def correct() -> None:
    """Say that an answer is right."""
    print("Correct.")


def number(
    given: Any, truth: float, what: str, *, hint: str, within: float = 0.005, slips: Mapping[str, float] = {}
) -> None:
    """Hold a number against the true one.

    Parameters
    ----------
    given
        The learner's answer.
    truth
        The right one.
    what
        Name of the quantity.
    hint
        Where to look again.
    within
        Relative difference that passes, for answers that were rounded.
    slips
        Hint -> the number that a common mistake gives.

    Raises
    ------
    NotYetError
        If the answer is no finite number or another one than the truth.
    """
    if not isinstance(given, Real) or isinstance(given, bool) or not math.isfinite(given):
        refuse(f"{what} must be a number, not {short(given)}")

    def is_near(value: float) -> bool:
        return math.isclose(given, value, rel_tol=within, abs_tol=1e-9)

    if is_near(truth):
        return
    for slip, value in slips.items():
        if is_near(value):
            refuse(f"{what} is not {given:.4g}: {slip}")
    refuse(f"{what} is not {given:.4g}: {hint}")


def whole(given: Any, what: str) -> int:
    """Return an answer that is a whole number, of whatever type: what is rounded up by numpy is a float.

    Raises
    ------
    NotYetError
        If it is none.
    """
    if isinstance(given, Real) and not isinstance(given, bool) and float(given).is_integer():
        return int(float(given))
    refuse(f"give a whole number of {what}, not {short(given)}")


def names(given: Any, truth: Collection[Any], what: str, *, hint: str) -> None:
    """Hold a collection of names against the right one, in whatever order.

    Raises
    ------
    NotYetError
        If the answer is no collection, or one is missing or too many; tells how many, not which.
    """
    wanted = set(truth)
    try:
        answer = set() if isinstance(given, str) else set(given)
    except TypeError:  # it cannot be iterated, or holds lists
        answer = set()
    if wanted and not answer:
        refuse(f"give a set of {what}, not {short(given)}")
    if answer == wanted:
        return
    refuse(
        f"of the {what} that you name {len(answer & wanted)} belong there and {len(answer - wanted)} do not, "
        f"and {len(wanted - answer)} more are missing; {hint}"
    )


def choice(given: Any, truth: str, options: Collection[str], *, hint: str) -> None:
    """Hold a name against the right one of some.

    Raises
    ------
    NotYetError
        If the answer is another one, or none of the options.
    """
    if not isinstance(given, str) or given not in options:
        refuse(f"name one of {', '.join(options)}, not {short(given)}")
    require(given == truth, f"it is not {given!r}; {hint}")


def choices(given: Any, truth: Sequence[str], options: Collection[str], what: str, *, hint: str) -> None:
    """Hold a list of names against the right ones, place by place.

    Raises
    ------
    NotYetError
        If the answer is no list of that length, or a name is another one; tells the first such place.
    """
    if not isinstance(given, Sequence) or isinstance(given, str) or len(given) != len(truth):
        refuse(f"give a list of {len(truth)} answers, one for each {what}, not {short(given)}")
    for place, (answer, right) in enumerate(zip(given, truth, strict=True), start=1):
        choice(answer, right, options, hint=f"{what} {place}: {hint}")


def function(
    given: Any, reference: Callable[..., Any], cases: Iterable[tuple[Any, ...]], *, hint: str
) -> None:
    """Hold a learner's function against another implementation, case by case.

    Parameters
    ----------
    reference
        Returns a number, an array or a tuple of numbers.
    cases
        Arguments of each call.

    Raises
    ------
    NotYetError
        If the answer is no function or a result differs; shows the arguments and the learner's result.
    """
    if not callable(given):
        refuse(f"give a function, not {short(given)}")
    for case in cases:
        found, wanted = given(*case), reference(*case)
        try:
            alike = np.shape(found) == np.shape(wanted) and np.allclose(found, wanted, rtol=1e-6, atol=1e-9)
        except (TypeError, ValueError):  # no numbers, or rows of different lengths
            alike = False
        if not alike:
            shown = ", ".join(map(short, case))
            refuse(f"for ({shown}) your function returns {short(found)}; {hint}")


def short(value: Any) -> str:
    """Return a value's representation on one line, cut off where it is long."""
    text = " ".join(repr(value).split())
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"
