"""Answers are told apart as they should be, and a hint never holds what was asked for."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from IPython.core.interactiveshell import InteractiveShell

from attacknet.exercises import checking
from attacknet.exercises.checking import NotYetError

rates = st.floats(0.001, 1000)


@given(rates, st.floats(-0.004, 0.004))
def test_a_rounded_number_passes(truth: float, off: float) -> None:
    """Half a per cent is the learner's rounding, not a mistake."""
    checking.number(truth * (1 + off), truth, "the rate", hint="look again")


@given(rates, st.floats(0.02, 10), st.sampled_from([-1, 1]))
def test_another_number_is_refused(truth: float, off: float, sign: int) -> None:
    """Whatever is further off is refused, with the hint."""
    with pytest.raises(NotYetError, match="look again"):
        checking.number(truth * (1 + sign * off), truth, "the rate", hint="look again")


def test_a_common_slip_gets_its_own_hint() -> None:
    """Who inverted a ratio is told so, and not merely that it is wrong."""
    with pytest.raises(NotYetError, match="other way round"):
        checking.number(0.25, 4, "the ratio", hint="divide", slips={"it is the other way round": 0.25})


@pytest.mark.parametrize("given", [None, "0.5", True, float("nan"), float("inf"), [0.5], 1j])
def test_what_is_no_number_is_refused(given: object) -> None:
    """A True that equals 1 is no answer, nor is a NaN that differs from everything."""
    with pytest.raises(NotYetError, match="must be a number"):
        checking.number(given, 1.0, "the rate", hint="look again")


@pytest.mark.parametrize("given", [7, 7.0, np.int64(7), np.ceil(6.5)])
def test_a_whole_number_has_any_type(given: float) -> None:
    """numpy rounds up to a float, and that is no mistake."""
    assert checking.whole(given, "people") == 7


@pytest.mark.parametrize("given", [6.5, "7", None, True, float("nan"), [7]])
def test_what_is_no_whole_number_is_refused(given: object) -> None:
    """There are no half people."""
    with pytest.raises(NotYetError, match="a whole number of people"):
        checking.whole(given, "people")


@given(st.sets(st.integers(0, 30), min_size=1), st.sets(st.integers(0, 30)))
def test_names_are_counted(given: set[int], truth: set[int]) -> None:
    """The three numbers add up to what was given and what was wanted; equal sets pass."""
    if given == truth:
        checking.names(given, truth, "samples", hint="look again")
        return
    with pytest.raises(NotYetError) as refusal:
        checking.names(sorted(given), truth, "samples", hint="look again")
    right, wrong, missing = (int(word) for word in str(refusal.value).split() if word.isdigit())
    assert right + wrong == len(given)
    assert right + missing == len(truth)


@pytest.mark.parametrize("given", ["abc", 7, None, [], [["a"], ["b"]]])
def test_what_is_no_set_of_names_is_refused(given: object) -> None:
    """A string would be taken for its letters, and lists cannot be in a set."""
    with pytest.raises(NotYetError, match="give a set"):
        checking.names(given, {"a", "b", "c"}, "letters", hint="look again")


def test_a_hint_shows_the_learners_result_and_not_the_right_one() -> None:
    """A function is refused by an example that the learner can try."""
    with pytest.raises(NotYetError, match=r"for \(3\) your function returns 4") as refusal:
        checking.function(lambda n: n + 1, lambda n: 9731 + n, [(3,)], hint="look again")
    assert "9734" not in str(refusal.value)


def test_a_function_must_return_the_right_shape() -> None:
    """A column that broadcasts to the right values is another result."""
    with pytest.raises(NotYetError, match="look again"):
        checking.function(lambda n: np.ones((n, 1)), np.ones, [(3,)], hint="look again")


@pytest.mark.parametrize("result", [None, "text", [[1], [2, 3]]])
def test_a_function_that_returns_no_number_is_refused(result: object) -> None:
    """Whatever comes back, the learner sees it beside the hint."""
    with pytest.raises(NotYetError, match="look again"):
        checking.function(lambda n: result, lambda n: n, [(3,)], hint="look again")


def test_a_choice_lists_the_options_to_who_names_none() -> None:
    """A misspelt name is no wrong answer."""
    with pytest.raises(NotYetError, match="one of red, blue"):
        checking.choice("green", "red", ["red", "blue"], hint="look again")
    with pytest.raises(NotYetError, match="it is not 'blue'; look again"):
        checking.choice("blue", "red", ["red", "blue"], hint="look again")


def test_choices_tell_the_first_place_that_is_wrong() -> None:
    """A learner who is told the place, and not the answer, has something to think about."""
    options = ["red", "blue"]
    checking.choices(["red", "blue"], ["red", "blue"], options, "flag", hint="look again")
    with pytest.raises(NotYetError, match="flag 2: look again"):
        checking.choices(["red", "red"], ["red", "blue"], options, "flag", hint="look again")
    with pytest.raises(NotYetError, match="a list of 2 answers"):
        checking.choices(["red"], ["red", "blue"], options, "flag", hint="look again")


def test_a_notebook_shows_the_hint_alone(capsys: pytest.CaptureFixture[str]) -> None:
    """No learner has to read the package's own lines to find the hint."""
    shell = InteractiveShell()
    shell.run_cell("from attacknet.exercises.checking import refuse\nrefuse('count again')")
    assert capsys.readouterr().out.strip() == "Not yet: count again"


def test_a_long_value_is_cut_to_one_line() -> None:
    """A table of a thousand rows must not hide the hint."""
    text = checking.short(np.arange(1000))
    assert len(text) <= checking.SHOWN
    assert "\n" not in text
