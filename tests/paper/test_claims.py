"""Every printed number is a claim with a lasting id."""

from collections import Counter
from dataclasses import replace

import pytest

from attacknet.errors import AttackNetError
from attacknet.paper import claims
from attacknet.paper.exact import CLASSES, METRICS
from attacknet.paper.tables import DATABASES, TRAINED_ON


@pytest.fixture(scope="module")
def all_claims(paper):
    return claims.collect(paper)


def test_no_id_is_used_twice(all_claims):
    assert [name for name, n in Counter(c.id for c in all_claims).items() if n > 1] == []


def test_no_number_of_table_4_is_missing(all_claims):
    ids = {claim.id for claim in all_claims}
    for train in TRAINED_ON:
        for test in DATABASES:
            assert f"t4.{train}.{test}.hter" in ids
            assert {f"t4.{train}.{test}.{c}.{m}" for c in CLASSES for m in METRICS} <= ids


def test_numbers_a_section(all_claims):
    """The count of printed numbers: a number added or lost shows here."""
    found = claims.per_section(all_claims)
    assert sum(found.values()) >= 400
    assert {name: n for name, n in found.items() if name.startswith("Table")} == {
        "Table 1": 12,
        "Table 2": 11,
        "Table 4": 330,
        "Table 5": 32,
    }
    text = {name: n for name, n in found.items() if not name.startswith("Table")}
    assert {name[0] for name in text} == {"A", "2", "3", "4", "5", "6", "7"}
    assert text["5.1"] == 15 and text["5.2"] == 11 and text["2"] == 9


def test_statements_are_not_counted_as_numbers(all_claims):
    assert all(not claim.is_number for claim in all_claims if claim.id.startswith("s."))


def test_what_is_held_against_a_claim_exists(all_claims, paper):
    """A misspelt key would silently leave a claim unchecked."""
    from attacknet.paper import facts

    known = set(facts.collect(paper)) | {claim.id for claim in all_claims}
    assert {(c.id, key) for c in all_claims for key in c.against if key not in known} == set()


def test_every_chapter_named_exists(all_claims):
    """The claims page links to them."""
    from attacknet import paths

    places = {claim.chapter for claim in all_claims}
    missing = [p for p in places if not any((paths.ROOT / f"{p}{s}").is_file() for s in (".py", ".md"))]
    assert missing == []


@pytest.mark.parametrize(
    "claim, chapter",
    [
        ("t4.own.own.hter", "notebooks/05_0_table4"),
        ("s3.1.3.units", "notebooks/03_1_architecture"),
        ("s3.2.mflops", "notebooks/03_2_efficiency"),
        ("s3.2.fps", "notebooks/03_5_speed"),
        ("s3.4.batch", "book/03_3_design_and_training"),
        ("s4.1.3.real", "notebooks/04_1_datasets"),
        ("s4.1.datasets", "notebooks/04_1_datasets"),
        ("s4.2.videos", "notebooks/04_2_own_dataset_and_protocols"),
        ("s.4.3.1.fp", "notebooks/04_3_metrics"),
        ("s5.1.msspoof.far", "notebooks/05_0_table4"),
        ("s6.2.1.fc-cnn.first", "notebooks/06_1_related_numbers"),
        ("s5.2.fig3.epochs", "notebooks/05_3_fused"),
        ("s6.2.2.own.hter", "notebooks/05_2_cross_database"),
        ("s6.2.3.own.hter", "notebooks/06_2_roc"),
        ("s.6.2.4.proportional", "notebooks/06_4_scale"),
        ("t2.images", "notebooks/04_2_own_dataset_and_protocols"),
        ("t5.attacknet.msspoof.3dmad", "notebooks/06_1_related_numbers"),
        ("abstract.phases", "notebooks/06_3_audit"),
    ],
)
def test_a_claim_leads_to_the_page_that_shows_it(all_claims, claim, chapter):
    """The longest section number decides: 4.3 is not 4."""
    assert {c.id: c for c in all_claims}[claim].chapter == chapter


def test_a_claim_without_source_and_reason_is_refused(paper):
    row = dict(paper.text[0], against="", otherwise="")
    with pytest.raises(AttackNetError, match=f"claim {row['id']}: name what bears on it"):
        claims.collect(replace(paper, text=[row]))


def test_commands_reach_into_the_licensed_data(all_claims):
    by_id = {claim.id: claim for claim in all_claims}
    assert by_id["s4.1.4.duration"].command.startswith('find "$ROOT/replay_attack" ')
    assert all("$ROOT/" in c.command for c in all_claims if c.otherwise.startswith("data:"))
    assert by_id["t4.own.own.hter"].command == claims.MATRIX_COMMAND
    assert by_id["s3.2.runs"].command == ""
