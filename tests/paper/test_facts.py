"""Facts: the arithmetic behind what is held against the paper."""

from dataclasses import replace
from fractions import Fraction

import pytest

from attacknet import capacity
from attacknet.metrics import Confusion
from attacknet.paper import facts, layers
from attacknet.paper.printed import exactly
from attacknet.paper.tables import DATABASES


@pytest.fixture(scope="module")
def known(paper):
    return facts.collect(paper)


def test_rates_from_counts_show_their_arithmetic(known):
    fact = known["counts.msspoof.3dmad.hter"]
    assert fact.value == exactly(Fraction(233 + 60, 720))
    assert fact.arithmetic == "(233/360 + 60/360)/2 = 0.4069"


def test_relations_inside_a_cell_are_ranges(known):
    """F1 of 0.96 and 0.92 lies between the F1 of their lower and of their upper ends."""
    low, high = Fraction("0.955"), Fraction("0.965")
    span = known["inner.msspoof.msspoof.bonafide.f1"].value
    assert span.low == 2 * low * Fraction("0.915") / (low + Fraction("0.915"))
    assert span.high == 2 * high * Fraction("0.925") / (high + Fraction("0.925"))


def test_a_faultless_table_agrees_with_itself(corrected):
    """Every relation holds within rounding where the table was computed from one set of counts."""
    known = facts.collect(corrected)
    for (train, test, name, metric), number in corrected.table4.items():
        if metric != "recall":
            assert known[f"inner.{train}.{test}.{name}.{metric}"].value.overlaps(number.range)


def test_time_and_rate_follow_from_each_other(known):
    span = known["derived.fps_from_latency"].value
    assert (float(span.low), float(span.high)) == pytest.approx((1000 / 2.95, 1000 / 2.85))


def test_public_lists_add_up(known):
    assert known["listing.3dmad.frames"].value == exactly(17 * 3 * 5 * 300)
    assert known["listing.replay_attack.videos"].value == exactly(1300)
    assert known["listing.csmad.attack_videos"].value == exactly(159)


def test_statements_can_hold_and_fail(known, corrected, paper):
    assert known["statement.fused_below_msspoof"].value == exactly(1)
    assert known["statement.fused_below_own"].value == exactly(0)
    assert {f.value.low for key, f in known.items() if key.startswith("statement.")} == {0, 1}


@pytest.mark.parametrize("times, comparable", [("1.9", 1), ("2.1", 0)])
def test_comparable_cost_is_less_than_twice(paper, times, comparable):
    """A judgement with a number in it; the number is said beside the verdict."""
    madds = str(float(Fraction(times) * layers.attacknet_cost().macs / 10**6))
    rows = [r | {"madds_m": madds} if r["model"] == "MobileNetV3-Small 1.0" else r for r in paper.published]
    fact = facts.collect(replace(paper, published=rows))["statement.comparable_cost"]
    assert fact.value == exactly(comparable) and "less than twice" in fact.arithmetic


@pytest.mark.parametrize("times, more", [("2.1", 1), ("1.9", 0)])
def test_substantially_more_parameters_are_more_than_twice(paper, times, more):
    """The second judgement with a number in it."""
    millions = str(float(Fraction(times) * layers.attacknet_cost().parameters / 10**6))
    rows = [
        r | {"parameters_m": millions} if r["model"] == "MobileNetV3-Small 1.0" else r
        for r in paper.published
    ]
    fact = facts.collect(replace(paper, published=rows))["statement.small_has_more"]
    assert fact.value == exactly(more) and "more than twice" in fact.arithmetic


@pytest.mark.parametrize("millions, all_have_more", [("0.3", 1), ("0.29", 0)])
def test_one_small_rival_would_contradict_the_conclusion(paper, millions, all_have_more):
    """AttackNet has 0.29165 million parameters; a single ShuffleNetV2 below that is enough."""
    rows = [r | {"parameters_m": millions} if r["model"] == "ShuffleNetV2 1x" else r for r in paper.published]
    known = facts.collect(replace(paper, published=rows))
    assert known["statement.rivals_have_more"].value == exactly(all_have_more)


def test_servers_that_grow_with_the_load_contradict_the_text(known, paper, monkeypatch):
    """The verdict comes from the queue: with four servers an erlang, at every load, it would be another."""
    assert known["statement.servers_below_proportion"].value == exactly(1)
    monkeypatch.setattr(
        facts.capacity, "smallest", lambda load, service, wait: capacity.Queue(load, service, 4 * load)
    )
    assert facts.collect(paper)["statement.servers_below_proportion"].value == exactly(0)


def test_carrying_over_is_judged_by_the_distance_from_guessing(paper, known):
    """CSMAD's model reaches 0.5 on two databases; with 40 % errors on each it would stay clear of it."""
    assert known["statement.csmad_carries_over"].value == exactly(0)
    counts = paper.counts | {
        ("csmad", test): Confusion(600, 400, 400, 600) for test in DATABASES if test != "csmad"
    }
    again = facts.collect(replace(paper, counts=counts))
    assert again["statement.csmad_carries_over"].value == exactly(1)


def test_the_text_on_the_network_against_the_released_models(known):
    assert known["statement.batch_normalisation_each"].value == exactly(0)
    assert "292,034" in known["statement.batch_normalisation_each"].arithmetic
    assert known["statement.phases_alike"].value == exactly(0)
