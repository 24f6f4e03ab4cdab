"""Statements of section 5.3 as leads of regions."""

import numpy as np
import pandas as pd
import pytest

from attacknet.errors import AttackNetError
from attacknet.evidence import Evidence
from attacknet.explain import regions
from attacknet.explain.samples import Samples
from attacknet.explain.statements import STATEMENTS, Finding, enter, lead, most, verdict
from attacknet.intervals import Interval
from attacknet.paper import ledger
from attacknet.paper.ledger import Status


@pytest.fixture
def samples():
    rows = pd.DataFrame({"subject": list("aabb"), "label": [0, 1, 0, 1]})
    return Samples(np.zeros((4, 2, 2, 3), np.uint8), rows)


def test_statements_are_claims_of_the_ledger_about_known_regions():
    claims = ledger.load()
    for statement in STATEMENTS:
        assert claims[statement.claim].claim.section == "5.3"
        assert statement.region in regions.NAMES


def test_a_lead_is_over_the_strongest_other_region(samples):
    """Worked by hand: the nose has 3 throughout; its rivals' means are 1 and 2, in each resample too."""
    values = pd.DataFrame({"nose": [3.0] * 4, "mouth": [1.0] * 4, "eyes": [0.0, 2.0, 2.0, 4.0]})
    found = lead(samples, values, "nose")
    assert found.estimate == pytest.approx(1)
    # Resamples of subjects: aa gives the eyes 1 and the lead 2, bb the eyes 3 and the lead 0.
    assert (found.low, found.high) == pytest.approx((0, 2))
    assert lead(samples, values, "mouth").estimate == pytest.approx(-2)


def test_pictures_without_a_map_are_left_out(samples):
    values = pd.DataFrame({"nose": [3.0, 9.0, 3.0, 3.0], "mouth": [1.0, np.nan, 1.0, 1.0]})
    everyone = Samples(samples.images, samples.rows.assign(label=0))
    assert lead(everyone, values, "nose").estimate == pytest.approx(2)


def test_maps_that_are_all_empty_lead_nowhere(samples):
    values = pd.DataFrame({"nose": [np.nan] * 4, "mouth": [np.nan] * 4})
    with pytest.raises(AttackNetError, match="every map is 0 everywhere"):
        lead(samples, values, "nose")


@pytest.mark.parametrize(
    ("leads", "word"),
    [
        ([(0.2, 0.1, 0.3)], "holds"),
        ([(0.2, 0.1, 0.3), (0.1, -0.1, 0.3)], "open"),
        ([(-0.2, -0.3, -0.1), (-0.1, -0.3, -0.05)], "does not hold"),
        ([(0.2, 0.1, 0.3), (-0.2, -0.3, -0.1)], "open"),
        ([], "open"),
    ],
)
def test_a_verdict_needs_whole_intervals(leads, word):
    assert verdict(*(Interval(*one) for one in leads)) == word


@pytest.mark.parametrize(
    ("each", "word"),
    [
        ("hhh", "holds"),
        ("hho", "holds"),
        ("hhoo", "open"),
        ("hhnn", "does not hold"),
        ("ooo", "open"),
        ("n", "does not hold"),
    ],
)
def test_most_is_more_than_half(each, word):
    names = {"h": "holds", "o": "open", "n": "does not hold"}
    assert most([names[letter] for letter in each]) == word


ABOVE, BELOW, ACROSS = Interval(0.2, 0.1, 0.3), Interval(-0.2, -0.3, -0.1), Interval(0, -0.1, 0.1)


def finding(by_map, *by_decision, claim="s.5.3.nose", map_votes=False):
    return Finding(claim, "3DMAD", "nose: density; cost of hiding", by_map, by_decision, map_votes)


def test_a_map_without_a_vote_is_not_heard():
    assert finding(ABOVE, BELOW).verdict == "does not hold"
    assert finding(ABOVE, BELOW, map_votes=True).verdict == "open"
    assert finding(ABOVE, ABOVE, map_votes=True).verdict == "holds"
    assert finding(ABOVE).verdict == "open", "nothing but a map, and it has no vote"


def test_what_licensed_data_say_enters_the_ledger_and_nothing_else_does():
    claims = ledger.load()
    found = [finding(ABOVE, BELOW), finding(ABOVE, ACROSS, claim="s.5.3.cheek")]
    entered = enter(claims, found, Evidence.LICENSED)
    assert entered["s.5.3.nose"].status is Status.CONTRADICTED
    assert "3DMAD, the map without a vote" in entered["s.5.3.nose"].reason
    assert entered["s.5.3.cheek"].status is Status.NEEDS_DATA
    holding = enter(claims, [finding(ABOVE, ABOVE)], Evidence.LICENSED)
    assert holding["s.5.3.nose"].status is Status.REPRODUCED
    assert enter(claims, found, Evidence.STAND_IN) is claims


def test_most_datasets_decide_what_is_said_of_most_cases():
    texture = [finding(ABOVE, one, claim="s.5.3.texture") for one in (BELOW, BELOW, ABOVE, ACROSS)]
    assert enter(ledger.load(), texture, Evidence.LICENSED)["s.5.3.texture"].status is Status.CONTRADICTED
    assert enter(ledger.load(), texture[1:], Evidence.LICENSED)["s.5.3.texture"].status is Status.NEEDS_DATA
