"""Plausible wrong answers on datasets, protocols and metrics are told from right ones."""

import pytest

from attacknet import metrics
from attacknet.evaluation import frozen_threshold
from attacknet.exercises import method
from attacknet.exercises.checking import NotYetError


def test_a_shared_subject_may_be_repaired_in_two_ways() -> None:
    """Dropping the training videos and moving them back both do; dropping the tested ones does not."""
    split, check = method.shared_subject()
    sides = split.groupby("subject")["split"].agg(set)
    (person,) = sides.index[sides.map(len) > 1]
    own = split["subject"] == person
    check(person, split[~own | (split["split"] == "test")])
    check(person, split.assign(split=split["split"].mask(own, "test")))
    with pytest.raises(NotYetError, match="must stay who they were"):
        check(person, split[~own | (split["split"] == "train")])
    with pytest.raises(NotYetError, match="still leaks"):
        check(person, split)
    with pytest.raises(NotYetError, match="have lost samples"):
        check(person, split[~own | (split["split"] == "test")].iloc[1:])


def test_a_copy_has_a_direction() -> None:
    """Which of the two is the copy decides what is thrown away."""
    _, _, check = method.copies()
    with pytest.raises(NotYetError, match="0 belong there"):
        check({"train": "test"})


def test_a_report_is_not_suspect_for_being_good() -> None:
    """Naming the lowest HTER is guessing; the reported HTER is not the honest one."""
    reports, check = method.reports()
    honest = {
        name
        for name, one in reports.items()
        if frozen_threshold(one["dev"]) == pytest.approx(one["threshold"])
    }
    (culprit,) = set(reports) - honest
    for name in honest:
        with pytest.raises(NotYetError, match="gives the threshold that it reports"):
            check(name, 0.1)
    with pytest.raises(NotYetError, match="that is the reported one"):
        check(culprit, reports[culprit]["hter"])


def test_a_pooled_threshold_does_not_keep_every_species_out() -> None:
    """The most likely mistake is named."""
    table, check = method.two_species()
    pooled = metrics.apcer_threshold(table["score"], table["label"], 0.05)
    with pytest.raises(NotYetError, match="and not every species"):
        check(pooled, 0.1)


@pytest.mark.parametrize(("people", "answer"), [(298, "still possible"), (301, "fewer do")])
def test_the_number_of_people_is_bounded_from_both_sides(people: int, answer: str) -> None:
    """The exact number and the rule of three pass (worked out: 0.99^299 < 0.05 < 0.99^298)."""
    method.check_people(299)
    method.check_people(300)
    with pytest.raises(NotYetError, match=answer):
        method.check_people(people)


def test_a_comparison_that_is_strict_is_seen() -> None:
    """An HTER that rejects who lies on the threshold differs on tied scores."""

    def strict(scores, labels, threshold):  # type: ignore[no-untyped-def]
        return ((scores[labels == 1] > threshold).mean() + (scores[labels == 0] <= threshold).mean()) / 2

    with pytest.raises(NotYetError, match="on the threshold"):
        method.check_hter(strict)
