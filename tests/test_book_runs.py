"""The trainings that chapters ask for."""

from pathlib import Path

import pytest

from attacknet import book_runs
from attacknet.errors import AttackNetError
from attacknet.recipes import BY_HEART, RECIPES
from tests import toy


def test_attention_asks_for_a_network_a_dataset_and_three_to_hold_it_against(tmp_path: Path) -> None:
    """All three begin elsewhere; the one on shuffled labels begins like one that learns the right ones."""
    toy.msspoof(tmp_path / "msspoof")
    (tmp_path / "3dmad").mkdir()
    jobs = book_runs.of_chapter(
        "05_4_attention", {"dataset": "msspoof", "data_root": str(tmp_path), "seed": 3}
    )
    *alone, another, third, by_heart = jobs
    assert [job.trained_on for job in alone] == ["msspoof", "3dmad"]
    assert all(len(job.plan.sources) == 1 for job in jobs)
    assert {job.plan.recipe for job in (*alone, another, third)} == {RECIPES["book"]}
    assert [job.plan.seed for job in jobs] == [3, 3, 4, 5, 4]
    assert by_heart.plan.recipe == BY_HEART
    assert alone[0].plan.sources == another.plan.sources == third.plan.sources == by_heart.plan.sources


def test_a_dataset_that_is_not_there_is_answered_with_those_that_are(tmp_path: Path) -> None:
    toy.msspoof(tmp_path / "msspoof")
    with pytest.raises(AttackNetError, match=r"dataset 'csmad': below .* there are only msspoof") as caught:
        book_runs.attention(dataset="csmad", data_root=str(tmp_path), seed=0)
    assert "\n" not in str(caught.value)
