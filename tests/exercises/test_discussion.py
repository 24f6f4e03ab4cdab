"""Plausible wrong answers on curves, audit and submissions are told from right ones."""

from fractions import Fraction

import pytest

from attacknet import metrics
from attacknet.exercises import discussion
from attacknet.exercises.checking import NotYetError


def test_a_test_set_does_not_tell_a_sign() -> None:
    """Who judges by the test set accuses the laboratory whose detector fails there, and misses another."""
    files, check = discussion.score_files()
    by_test = {name for name, (_, test) in files.items() if metrics.auc(test["score"], test["label"]) < 0.5}
    by_dev = {name for name, (dev, _) in files.items() if metrics.auc(dev["score"], dev["label"]) < 0.5}
    assert by_test - by_dev
    assert by_dev - by_test
    with pytest.raises(NotYetError, match="1 belong there and 1 do not, and 1 more are missing"):
        check(by_test)


def test_digits_decide_what_may_have_been_printed() -> None:
    """A function that takes 0.5 for 0.50, or rounds ties one way, is refused by example."""

    def careless(text: str, value: Fraction) -> bool:
        return abs(value - Fraction(text)) <= Fraction(1, 200)

    def one_way(text: str, value: Fraction) -> bool:
        return f"{float(value):.{len(text.partition('.')[2])}f}" == text

    for wrong in (careless, one_way):
        with pytest.raises(NotYetError, match="half a unit"):
            discussion.check_admits(wrong)


def test_rates_that_formatting_excludes_may_be_possible() -> None:
    """6 of 48 is 0.125: both neighbours may be printed, and the check accuses neither."""
    printed, check = discussion.impossible_rates()
    by_format = {f"{errors / discussion.VIDEOS:.2f}" for errors in range(discussion.VIDEOS + 1)}
    accused = {name for name, text in printed.items() if text not in by_format}
    with pytest.raises(NotYetError, match="0 more are missing"):
        check(accused)


def test_each_submission_has_its_own_fault() -> None:
    """Exchanging two diagnoses is noticed, whichever they are."""
    handed_in, check = discussion.submissions()
    with pytest.raises(NotYetError):
        check(dict.fromkeys(handed_in, "none"))
    assert len(handed_in) == len(discussion.FAULTS)
