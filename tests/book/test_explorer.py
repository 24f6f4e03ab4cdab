"""The threshold explorer in a real browser: what a reader reads there is what the package computes."""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import Browser, Locator, Page

from attacknet import explorer, metrics, paths
from attacknet.chapters import interactive
from attacknet.display import percent
from attacknet.explorer import View
from attacknet.intervals import by_subjects
from attacknet.metrics import ATTACK, BONA_FIDE
from attacknet.worked_cases import SCORE_SETS, ScoreSet

pytestmark = pytest.mark.browser

UNAVAILABLE = "not available"
CONFIDENCE = 0.95
# A page as the book makes it: a figure that links to its picture, and what follows it.
PAGE = """<!doctype html><html lang="en" data-theme="light"><meta charset="utf-8"><title>{name}</title>
<figure id="{name}"><a class="image-reference" href="x.png"><img src="x.png" alt="Static."></a>
<figcaption>Caption.</figcaption></figure>
{follows}</html>"""


# --- What the package says -------------------------------------------------------------------------------


def expected(table: pd.DataFrame, threshold: float, copies: Mapping[str, int]) -> dict[str, list[str]]:
    """Return the rows of both tables of the page by their head, for so many copies of each frame."""
    rows = counted(table, copies)
    matrix = _matrix(rows, threshold)
    people = {label: rows.loc[rows["label"] == label, "subject"].nunique() for label in (BONA_FIDE, ATTACK)}

    def rate(name: str) -> float | None:
        try:
            return float(getattr(matrix, name))
        except metrics.UndefinedRateError:
            return None

    far, frr, hter = rate("far"), rate("frr"), rate("hter")
    worst = metrics.worst_apcer(*_columns(rows, threshold)) if far is not None else ("", None)
    found = {
        "bona fide": [
            str(matrix.bonafide_as_bonafide),
            str(matrix.bonafide_as_attack),
            f"BPCER {written(frr)}",
        ],
        "attacks": [str(matrix.attack_as_bonafide), str(matrix.attack_as_attack), f"FAR {written(far)}"],
        "FAR": [written(far), between(far, people[ATTACK])],
        "FRR": [written(frr), between(frr, people[BONA_FIDE])],
        "HTER": [written(hter), ""],
        "worst APCER": [written(worst[1]), worst[0].replace("_", " ")],
    }
    measured = metrics.apcer(*_columns(rows, threshold)) if far is not None else {}
    for name in table.loc[table["label"] == ATTACK, "species"].unique():
        own = _matrix(rows[rows["species"] == name], threshold)
        counts = [str(own.attack_as_bonafide), str(own.attack_as_attack)]
        found[name.replace("_", " ")] = [*counts, f"APCER {written(measured.get(name))}"]
    return found


def counted(table: pd.DataFrame, copies: Mapping[str, int]) -> pd.DataFrame:
    """Return the rows of a table, so many times as their species counts."""
    return table.loc[table.index.repeat([copies.get(name, 1) for name in table["species"]])]


def _columns(rows: pd.DataFrame, threshold: float) -> tuple[Any, Any, float, Any]:
    return rows["score"].to_numpy(), rows["label"].to_numpy(), threshold, rows["species"].to_numpy()


def _matrix(rows: pd.DataFrame, threshold: float) -> metrics.Confusion:
    if rows.empty:
        return metrics.Confusion(0, 0, 0, 0)
    return metrics.confusion(rows["score"], rows["label"], threshold)


def written(rate: float | None) -> str:
    """Return a rate as the book writes it."""
    return UNAVAILABLE if rate is None else percent(rate)


def between(rate: float | None, people: int) -> str:
    """Return the interval of a rate, and whose it is."""
    if rate is None:
        return UNAVAILABLE
    _, low, high = by_subjects(rate, people, CONFIDENCE)
    return f"{100 * low:.1f}–{percent(high)} ({people} {'person' if people == 1 else 'people'})"


# --- What the page says ----------------------------------------------------------------------------------


class Explorer:
    """An explorer on a page, used as a reader would."""

    def __init__(self, page: Page, name: str) -> None:
        self.figure: Locator = page.locator(f"#{name}")
        self.box = self.figure.locator(".explorer")
        self.slider = self.box.get_by_label("Threshold", exact=True)
        self.exact = self.box.get_by_label("exactly")

    def rows(self) -> dict[str, list[str]]:
        """Return the rows of both tables by their head."""
        texts = self.box.locator("tbody tr").evaluate_all(
            "rows => rows.map(row => [...row.cells].map(cell => cell.textContent))"
        )
        assert len({head for head, *_ in texts}) == len(texts)
        return {head: cells for head, *cells in texts}

    def threshold(self) -> float:
        """Return the threshold that the page names."""
        return float(self.exact.input_value())

    def point(self) -> tuple[float, float] | None:
        """Return the FAR and FRR at which the point lies, none where there is no ROC."""
        if not self.box.locator(".explorer-roc svg").is_visible():
            return None
        at = self.box.locator(".explorer-point").evaluate("dot => [dot.cx, dot.cy].map(l => l.baseVal.value)")
        return (at[0] - 38) / 200, (at[1] - 8) / 200

    def curve(self) -> set[tuple[float, float]]:
        """Return the FAR and FRR of every point of the ROC."""
        points = self.box.locator(".explorer-curve").get_attribute("points") or ""
        pairs = (map(float, pair.split(",")) for pair in points.split())
        return {(round((x - 38) / 200, 6), round((y - 8) / 200, 6)) for x, y in pairs}

    def copies(self, species: str, times: int) -> None:
        """Let the frames of a species count so many times."""
        self.box.get_by_label(species, exact=True).fill(str(times))


def write_page(folder: Path, data: Mapping[str, Any]) -> Path:
    """Write a page with one explorer and return its path."""
    follows = interactive.markup("fig-a", explorer.SCRIPT, data, (paths.BOOK / "static").as_uri())
    file = folder / "page.html"
    file.write_text(PAGE.format(name="fig-a", follows=follows), encoding="utf-8")
    return file


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Callable[..., Explorer]]:
    """Opens a page with an explorer of some views."""
    context = browser.new_context(offline=True)
    errors: list[str] = []

    def open_page(*views: View) -> Explorer:
        file = write_page(tmp_path, explorer.data(views, CONFIDENCE))
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(file.as_uri())
        return Explorer(page, "fig-a")

    yield open_page
    assert errors == []
    context.close()


def table_of(case: ScoreSet, people: int = 3) -> pd.DataFrame:
    """Return a worked case as a score table, its rows dealt to some people."""
    return pd.DataFrame(
        {
            "subject": [f"s{row % people}" for row in range(case.scores.size)],
            "label": case.labels,
            "species": case.species,
            "score": case.scores,
        }
    )


def simulated(seed: int = 1) -> pd.DataFrame:
    """Return scores of ten people with ties, masks of six of them alone, and three species."""
    rng = np.random.default_rng(seed)
    parts = []
    for species, mean, people, frames in (
        ("bonafide", 1.0, 10, 9),
        ("print_a4", -1.0, 10, 7),
        ("mask", 0.3, 6, 4),
        ("replay", -0.2, 8, 3),
    ):
        scores = rng.normal(mean, 0.8, people * frames).round(1)
        owners = np.repeat([f"s{n}" for n in range(people)], frames)
        parts.append(pd.DataFrame({"subject": owners, "species": species, "score": scores}))
    table = pd.concat(parts, ignore_index=True)
    return table.assign(label=np.where(table["species"] == "bonafide", BONA_FIDE, ATTACK))


# --- Every number ----------------------------------------------------------------------------------------


def test_rates_are_those_of_the_package_at_every_threshold(opened: Callable[..., Explorer]) -> None:
    """On each tied score, beside it, and beyond both ends; the point of the ROC as well."""
    table = simulated()
    shown = opened(View("simulated", table, {"start": 0.0}))
    scores = np.unique(table["score"])
    thresholds = [-99.0, *scores, *np.nextafter(scores, 99)[::3], 99.0]
    assert len(thresholds) > 50
    for threshold in map(float, thresholds):
        shown.exact.fill(repr(threshold))
        assert shown.rows() == expected(table, threshold, {}), threshold
        matrix = metrics.confusion(table["score"], table["label"], threshold)
        assert shown.point() == pytest.approx((matrix.far, matrix.frr), abs=1e-6)


MIXES = [
    {"mask": 10},
    {"print_a4": 10, "mask": 1, "replay": 3},
    {"print_a4": 0},
    {"print_a4": 0, "replay": 0},
    {"mask": 0, "replay": 7},
    {"print_a4": 0, "replay": 0, "mask": 0},
]


@pytest.mark.parametrize("mix", MIXES, ids=str)
def test_the_mix_counts_copies(opened: Callable[..., Explorer], mix: dict[str, int]) -> None:
    """Rates are those of so many copies of the rows; copies are no people; what is left out is unknown."""
    table = simulated()
    shown = opened(View("simulated", table, {"start": 0.0}))
    before = shown.rows()
    for species, times in mix.items():
        shown.copies(species.replace("_", " "), times)
    for threshold in (-0.5, 0.0, 0.3, 0.75):
        shown.exact.fill(repr(threshold))
        assert shown.rows() == expected(table, threshold, mix)
    if shown.rows()["FAR"][0] == UNAVAILABLE:
        assert shown.point() is None
    else:
        rows = counted(table, mix)
        curve = metrics.roc(rows["score"], rows["label"])
        assert shown.curve() == {(round(far, 6), round(frr, 6)) for _, far, frr in zip(*curve, strict=True)}
    shown.box.get_by_role("button", name="as recorded").click()
    shown.exact.fill("0")
    assert shown.rows() == before


@pytest.mark.parametrize(
    "case", [case for case in SCORE_SETS if np.isfinite(case.scores).all()], ids=lambda case: case.name
)
def test_worked_cases(opened: Callable[..., Explorer], case: ScoreSet) -> None:
    """Ties, constant scores, few scores, and a class that is missing, whose rates are not 0 but unknown."""
    table = table_of(case)
    shown = opened(View(case.name, table, {"start": 0.5}))
    for threshold in (0.5, *map(float, np.unique(case.scores)), 1.0):
        shown.exact.fill(repr(threshold))
        assert shown.rows() == expected(table, threshold, {})
    if not len(case.bonafide):
        assert shown.rows()["FRR"] == [UNAVAILABLE, UNAVAILABLE]
        assert shown.point() is None


def test_halves_are_rounded_as_python_rounds_them(opened: Callable[..., Explorer]) -> None:
    """One of 16 is 6.25 %, exactly: Python rounds to the even digit, a browser by itself would round up."""
    table = table_of(ScoreSet("halves", tuple(range(80)), {"print": tuple(range(16))}), people=16)
    shown = opened(View("halves", table, {"start": 0}))
    for threshold in (*range(17), *range(20, 90, 10)):
        shown.exact.fill(str(threshold))
        assert shown.rows() == expected(table, threshold, {})
    shown.exact.fill("15")
    assert shown.rows()["FAR"][0] == percent(1 / 16) == "6.2\N{NARROW NO-BREAK SPACE}%"


# --- Every control ---------------------------------------------------------------------------------------


def test_the_slider_reaches_both_ends_by_keyboard(opened: Callable[..., Explorer]) -> None:
    """Arrow keys go step by step, Home accepts all, End rejects all; each named threshold is taken whole."""
    table = simulated()
    named = {"D-EER": metrics.eer_threshold(table["score"], table["label"]), "third": 1 / 3}
    shown = opened(View("simulated", table, named))
    assert shown.threshold() == named["D-EER"]
    shown.slider.focus()
    visited = []
    for key in ("Home", *["ArrowRight"] * 6, "PageUp", "PageUp", *["ArrowLeft"] * 6, "End"):
        shown.slider.press(key)
        visited.append(shown.threshold())
        assert shown.rows() == expected(table, visited[-1], {}), key
    assert np.round(np.diff(visited[:7]), 9).tolist() == [0.01] * 6
    assert shown.rows()["bona fide"][0] == "0"
    for name, threshold in named.items():
        button = shown.box.get_by_role("button", name=name)
        button.click()
        assert shown.threshold() == threshold
        assert button.get_attribute("aria-pressed") == "true"
        assert shown.rows() == expected(table, threshold, {})


def test_a_half_typed_threshold_changes_nothing(opened: Callable[..., Explorer]) -> None:
    """An empty field or a lone sign is no threshold, and what is typed stays as it was typed."""
    shown = opened(View("simulated", simulated(), {"start": 0.25}))
    before = shown.rows()
    shown.exact.fill("")
    assert shown.rows() == before
    shown.exact.press_sequentially("-")
    assert shown.rows() == before
    shown.exact.press_sequentially("0.50")
    assert shown.exact.input_value() == "-0.50"
    assert shown.rows() == expected(simulated(), -0.5, {})


def test_tab_leads_through_all_controls(opened: Callable[..., Explorer]) -> None:
    """Everything that can be changed is reached by keyboard, in the order in which it stands."""
    shown = opened(
        View("simulated", simulated(), {"start": 0.0}), View("other", simulated(2), {"start": 0.0})
    )
    names = []
    for _ in range(8):
        shown.figure.page.keyboard.press("Tab")
        names.append(
            shown.figure.page.evaluate(
                "(document.activeElement.labels?.[0] ?? document.activeElement).textContent"
            )
        )
    assert names == [
        "Scores of",
        "Threshold",
        "exactly",
        "start: 0.000",
        "mask",
        "print a4",
        "replay",
        "as recorded",
    ]


def test_another_view_brings_its_own_scores(opened: Callable[..., Explorer]) -> None:
    """The choice changes scores, thresholds and species together, and nothing of the old mix stays."""
    first, second = simulated(), table_of(SCORE_SETS[0])
    shown = opened(View("first", first, {"start": 0.0}), View("second", second, {"half": 0.5}))
    shown.copies("mask", 5)
    shown.box.get_by_label("Scores of").select_option("second")
    assert shown.rows() == expected(second, 0.5, {})
    shown.box.get_by_label("Scores of").select_option("first")
    assert shown.rows() == expected(first, 0.0, {})


def test_a_screen_reader_is_told_where_a_movement_ends(opened: Callable[..., Explorer]) -> None:
    """One sentence after a rest, not one for each step."""
    shown = opened(View("simulated", simulated(), {"start": 0.0}))
    # In one go, since a slow machine would rest between two keys.
    shown.slider.evaluate(
        """slider => {
            const status = document.querySelector("[role=status]");
            status.told = [];
            const tell = () => status.told.push(status.textContent);
            new MutationObserver(tell).observe(status, { childList: true });
            for (let step = 0; step < 20; step++) {
                slider.stepUp();
                slider.dispatchEvent(new Event("input"));
            }
        }"""
    )
    shown.figure.page.wait_for_function("document.querySelector('[role=status]').told.length > 0")
    assert shown.threshold() == 0.2
    told = shown.figure.page.evaluate("document.querySelector('[role=status]').told")
    matrix = metrics.confusion(*_columns(simulated(), shown.threshold())[:3])
    rates = ", ".join(f"{name.upper()} {percent(getattr(matrix, name))}" for name in ("far", "frr", "hter"))
    assert told == [f"Threshold 0.200: {rates}"]


# --- Without it ------------------------------------------------------------------------------------------


def test_paper_gets_the_static_figure(opened: Callable[..., Explorer]) -> None:
    """On the screen the explorer stands above the caption, in the picture's place; in print the picture."""
    shown = opened(View("simulated", simulated(), {"start": 0.0}))
    picture, caption = shown.figure.locator("img"), shown.figure.locator("figcaption")
    assert shown.box.is_visible()
    assert not picture.is_visible()
    shown.figure.page.emulate_media(media="print")
    assert not shown.box.is_visible()
    assert picture.is_visible()
    assert caption.is_visible()


@pytest.mark.parametrize("scripts", [True, False], ids=["broken", "switched off"])
def test_without_it_the_figure_stays(browser: Browser, tmp_path: Path, scripts: bool) -> None:
    """A script that does not run, or fails halfway, takes nothing away."""
    data = explorer.data([View("simulated", simulated(), {"start": 0.0})], CONFIDENCE)
    if scripts:
        del data["limits"]
    file = write_page(tmp_path, data)
    context = browser.new_context(java_script_enabled=scripts, offline=True)
    page = context.new_page()
    page.goto(file.as_uri())
    assert page.locator("#fig-a img").is_visible()
    assert page.locator(".explorer").count() == 0
    context.close()


# --- In the book -----------------------------------------------------------------------------------------


def held(page: Path) -> dict[str, dict[str, Any]]:
    """Return the data of each explorer of a page by the name of its figure."""
    soup = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
    return {
        str(script["data-explorer"]): json.loads(str(script.string))
        for script in soup.select("script[data-explorer]")
    }


def score_table(view: dict[str, Any]) -> pd.DataFrame:
    """Return the scores that a page holds, dealt to the people of each species."""
    parts = [
        pd.DataFrame(
            {
                "subject": np.resize(group["people"], len(group["scores"])),
                "label": ATTACK if group["attack"] else BONA_FIDE,
                "species": group["name"],
                "score": group["scores"],
            }
        )
        for group in view["groups"]
    ]
    return pd.concat(parts, ignore_index=True)


@pytest.mark.parametrize("chapter", ["04_3_metrics", "06_2_roc"])
def test_the_book_s_explorers(browser: Browser, site: Path, chapter: str) -> None:
    """Of every view: each named threshold, other thresholds, a mix; and the page stays light."""
    path = site / "notebooks" / f"{chapter}.html"
    context = browser.new_context(offline=True)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(path.as_uri())
    ((name, data),) = held(path).items()
    assert len(json.dumps(data)) < 200_000
    shown = Explorer(page, name)
    assert not shown.figure.locator("img").is_visible()
    for view in data["views"]:
        table = score_table(view)
        if len(data["views"]) > 1:
            shown.box.get_by_label("Scores of").select_option(view["title"])
        assert shown.threshold() == view["thresholds"][0]["value"]
        named = [threshold["value"] for threshold in view["thresholds"]]
        for threshold in [*named, *map(float, table["score"].quantile(np.linspace(0, 1, 6)))]:
            shown.exact.fill(repr(threshold))
            assert shown.rows() == expected(table, threshold, {}), (view["title"], threshold)
        species = table.loc[table["label"] == ATTACK, "species"].iloc[0]
        shown.copies(species, 4)
        assert shown.rows() == expected(table, shown.threshold(), {species: 4})
    assert errors == []
    context.close()


def test_the_book_has_a_static_figure_in_each_place(browser: Browser, site: Path) -> None:
    """Without scripts, a picture with its words stands where the explorer would."""
    context = browser.new_context(java_script_enabled=False, offline=True)
    page = context.new_page()
    for path in sorted((site / "notebooks").glob("*.html")):
        for name in held(path):
            page.goto(path.as_uri())
            picture = page.locator(f"#{name} img")
            assert picture.is_visible()
            assert picture.get_attribute("alt")
            assert picture.evaluate("image => image.naturalWidth") > 0
    context.close()
