"""What the explorer is given is what was measured: every score, every person, every interval."""

import json
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attacknet import display, explorer, metrics
from attacknet.errors import AttackNetError
from attacknet.intervals import clopper_pearson

# Two people; the mask was tried on one of them.
TABLE = pd.DataFrame(
    [
        ("anna", 0, "bonafide", 0.9),
        ("ben", 0, "bonafide", 0.1 + 0.2),
        ("ben", 0, "bonafide", 0.6),
        ("anna", 1, "print_a4", 0.2),
        ("ben", 1, "print_a4", 0.6),
        ("ben", 1, "print_a4", 0.2),
        ("ben", 1, "mask", 0.7),
        ("anna", 1, "mask", None),
    ],
    columns=["subject", "label", "species", "score"],
)
VIEW = explorer.View("two people", TABLE, {"half": 0.5, "unknown": float("nan"), "strict": 0.8})


def test_the_script_gets_every_score_and_nobody_s_name():
    """Digits are whole, scores stand in rising order, people are numbers, and what is missing is counted."""
    (given_view,) = explorer.data([VIEW], 0.95)["views"]
    assert given_view["groups"] == [
        {"name": "bona fide", "attack": False, "scores": [0.30000000000000004, 0.6, 0.9], "people": [0, 1]},
        {"name": "mask", "attack": True, "scores": [0.7], "people": [1]},
        {"name": "print a4", "attack": True, "scores": [0.2, 0.2, 0.6], "people": [0, 1]},
    ]
    assert given_view["silent"] == 1
    assert given_view["thresholds"] == [{"name": "half", "value": 0.5}, {"name": "strict", "value": 0.8}]
    assert "anna" not in json.dumps(given_view)


def test_the_script_gets_the_interval_of_every_number_of_people():
    """One person has masks and two have prints, so a mix is of one or of two; ends are not rounded."""
    limits = explorer.data([VIEW], 0.9)["limits"]
    assert limits == {
        str(n): [clopper_pearson(errors, n, 0.9)[1:] for errors in range(n + 1)] for n in (1, 2)
    }
    other = VIEW.table.assign(subject=["a", "b", "b", "c", "d", "e", "f", "f"])
    # Two with bona fide frames, three with prints, one with a mask, four with either.
    assert set(explorer.data([explorer.View("", other, {"half": 0.5})], 0.9)["limits"]) == {
        "1",
        "2",
        "3",
        "4",
    }


def test_the_script_s_data_survive_json():
    """A notebook stores them as JSON, with no number that JSON does not have."""
    data = explorer.data([VIEW], 0.95)
    again = json.loads(json.dumps(data, allow_nan=False))
    assert again["views"] == data["views"]


# Scores that are a millionth apart or more.
SCORES = st.floats(-1e6, 1e6).map(lambda score: round(score, 6))


@given(st.lists(SCORES, min_size=1), SCORES)
def test_the_ends_of_the_axis_accept_all_and_nothing(scores: list[float], threshold: float):
    """A reader can reach both ends of the ROC, and the threshold where the page begins."""
    table = pd.DataFrame({"subject": "a", "label": 1, "species": "print", "score": scores})
    (view,) = explorer.data([explorer.View("", table, {"start": threshold})], 0.95)["views"]
    low, high, step = (float(view["axis"][end]) for end in ("low", "high", "step"))
    assert metrics.far(scores, table["label"], low) == 1
    assert metrics.far(scores, table["label"], high) == 0
    assert low <= threshold <= high
    assert 99 < (high - low) / step < 1003


def title(axes):
    """The title, wherever the style puts it."""
    return axes.get_title(loc="left") or axes.get_title()


def test_the_static_figure_shows_the_first_threshold(monkeypatch: pytest.MonkeyPatch):
    """Without a script the reader sees the same: two of four attacks are accepted, one of three rejected."""
    shown: dict[str, Any] = {}
    monkeypatch.setattr(display, "figure", lambda fig, **facts: shown.update(facts, fig=fig))
    explorer.show([VIEW], name="fig-a", caption="A.", alt="A.", evidence="stand-in", confidence=0.9)
    assert shown["interactive"] == display.Interactive("explorer", explorer.data([VIEW], 0.9))
    panels = [axes for part in shown["fig"].subfigs for axes in part.axes]
    titles = [title(axes) for axes in panels]
    assert titles[:3] == ["bona fide, n = 3", "mask, n = 1", "print a4, n = 3"]
    assert titles[3].replace("\N{NARROW NO-BREAK SPACE}", " ") == "FAR 50.0 %, FRR 33.3 %"
    (point,) = (line for line in panels[3].lines if line.get_marker() == "o")
    assert (point.get_xdata()[0], point.get_ydata()[0]) == (0.5, pytest.approx(2 / 3))
    plt.close(shown["fig"])


def test_scores_of_one_class_are_shown_without_a_roc():
    """A rate that cannot be computed is no reason to show nothing, and no reason to draw a curve."""
    fig = explorer.draw(explorer.View("attacks", TABLE[TABLE["label"] == 1], {"half": 0.5}), 0.95)
    panel = fig.subfigs[1].axes[0]
    assert title(panel) == "a class is missing: no ROC"
    assert len(panel.lines) == 1
    plt.close(fig)


@pytest.mark.parametrize(
    ("changes", "thresholds", "complaint"),
    [
        ({"score": np.nan}, {"half": 0.5}, "one score or more"),
        ({"score": np.inf}, {"half": 0.5}, "one score or more, all of them finite"),
        ({}, {}, "one threshold or more"),
        ({}, {"unknown": np.nan}, "one threshold or more"),
        ({}, {"half": np.inf}, "all of them finite"),
        ({"species": None}, {"half": 0.5}, "two people: row 0 has no species"),
        ({"subject": None}, {"half": 0.5}, "two people: row 0 has no subject"),
    ],
)
def test_what_cannot_be_explored_is_refused(changes, thresholds, complaint):
    """A histogram has no place for infinity, and a frame of nobody would be left out in silence."""
    with pytest.raises(AttackNetError, match=complaint):
        explorer.View("two people", TABLE.assign(**changes), thresholds)


def test_an_explorer_needs_a_view():
    """Nothing to explore is a mistake in the chapter."""
    with pytest.raises(AttackNetError, match="fig-a: give a view"):
        explorer.show([], name="fig-a", caption="A.", alt="A.", evidence="stand-in")
