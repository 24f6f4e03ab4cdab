"""The book's settings, style, contents and prose agree with the code and load nothing from elsewhere."""

import re
from functools import cache

import pandas as pd
import pytest
from ruamel.yaml import YAML

from attacknet import paths
from attacknet.evidence import Evidence

SUBSTITUTION = {
    Evidence.PAPER: "paper",
    Evidence.RECOMPUTED: "recomputed",
    Evidence.STAND_IN: "standin",
    Evidence.LICENSED: "licensed",
}
GENERATED = {"book/status", "book/claims"}
CSS = (paths.BOOK / "static" / "book.css").read_text(encoding="utf-8")
PROSE = sorted(paths.BOOK.glob("*.md"))


def read_yaml(path):
    return YAML(typ="safe").load(path)


@cache
def settings():
    return read_yaml(paths.ROOT / "_config.yml")


def toc_files():
    toc = read_yaml(paths.BOOK / "_toc.yml")
    return [toc["root"], *(entry["file"] for part in toc["parts"] for entry in part["chapters"])]


@pytest.mark.parametrize("level", Evidence)
def test_a_badge_in_prose_is_the_badge_of_the_code(level):
    assert settings()["parse"]["myst_substitutions"][SUBSTITUTION[level]] == level.badge


def test_every_level_of_evidence_has_a_substitution_and_no_other_exists():
    assert set(settings()["parse"]["myst_substitutions"]) == {SUBSTITUTION[level] for level in Evidence}


@pytest.mark.parametrize("level", Evidence)
def test_the_style_has_the_colour_of_each_level(level):
    assert f"--evidence-{level.value}: {level.colour};" in CSS
    assert f".badge-{level.value} {{ background: var(--evidence-{level.value});" in CSS


def relative_luminance(colour):
    """Relative luminance of an sRGB hex colour, 0 to 1 (WCAG 2.2, definition of relative luminance)."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("level", Evidence)
def test_a_badge_can_be_read(level):
    """WCAG 2.2, 1.4.3: small text needs a contrast of 4.5 to 1."""
    rule = re.search(rf"\.badge-{level.value} \{{[^}}]*\}}", CSS)[0]
    text = 0.0 if "color: #000" in rule else 1.0
    darker, lighter = sorted([text, relative_luminance(level.colour)])
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5


def test_every_page_of_the_contents_exists():
    """A chapter or a sheet of exercises is a script, another page is prose, and two are made by the build."""
    for page in set(toc_files()) - GENERATED:
        suffix = ".py" if page.startswith(("notebooks/", "book/exercises/")) else ".md"
        assert (paths.ROOT / f"{page}{suffix}").is_file(), page


def test_every_prose_page_is_in_the_contents():
    listed = set(toc_files())
    assert [path.name for path in PROSE if f"book/{path.stem}" not in listed] == []


def test_no_folder_is_named_static_the_way_that_injects_scripts():
    """Jupyter Book puts every script below a root folder `_static` into every page."""
    assert not (paths.ROOT / "_static").exists()
    assert list(paths.BOOK.rglob("_static")) == []


def test_what_pages_load_lies_in_the_book():
    static = paths.BOOK / "static"
    config = settings()["sphinx"]["config"]
    logo = config["html_theme_options"]["logo"]
    loaded = [paths.ROOT / settings()["html"]["favicon"], static / config["mathjax_path"]]
    loaded += [static / name for name in config["html_css_files"]]
    loaded += [static / name for name, _ in config["html_js_files"]]
    loaded += [paths.ROOT / logo["image_light"], paths.ROOT / logo["image_dark"]]
    assert [str(path) for path in loaded if not path.is_file()] == []
    assert config["html_static_path"] == [static.relative_to(paths.ROOT).as_posix()]


def test_no_setting_and_no_style_names_another_host():
    texts = {"_config.yml": (paths.ROOT / "_config.yml").read_text(encoding="utf-8"), "book.css": CSS}
    assert {name: found for name, text in texts.items() if (found := re.findall(r"https?://\S+", text))} == {}


@pytest.mark.parametrize("picture", sorted((paths.BOOK / "static").glob("*.svg")), ids=lambda p: p.name)
def test_a_drawing_has_no_script_and_no_reference(picture):
    assert re.findall(r"<script|href=|url\(|@import|\son\w+=", picture.read_text(encoding="utf-8")) == []


def test_the_extensions_that_ask_other_hosts_are_off():
    """sphinx_thebe and intersphinx; the widgets' script comes from elsewhere too."""
    config = settings()["sphinx"]["config"]
    assert not {"sphinx_thebe", "sphinx.ext.intersphinx"} & set(config["extensions"])
    assert config["nb_ipywidgets_js"] == {}


def test_references_in_prose_are_in_the_bibliography():
    known = re.findall(r"^@\w+\{([^,]+),", (paths.BOOK / "references.bib").read_text(encoding="utf-8"), re.M)
    cited = {
        key.strip()
        for path in PROSE
        for keys in re.findall(r"\{cite:[pt]\}`([^`]+)`", path.read_text(encoding="utf-8"))
        for key in keys.split(",")
    }
    assert len(known) == len(set(known))
    assert cited <= set(known)


def test_the_landing_page_has_one_place_for_the_summary_of_claims():
    assert (paths.BOOK / "index.md").read_text(encoding="utf-8").count("<!-- claims-summary -->") == 1


def test_the_arithmetic_of_the_training_page_follows_from_the_table():
    """Distance = epochs * images / batch * learning rate, with the values of the two recipes."""
    recipes = pd.read_csv(paths.PACKAGE / "paper" / "training_recipes.csv", index_col="setting", dtype=str)
    page = (paths.BOOK / "03_3_design_and_training.md").read_text(encoding="utf-8")
    images = int(re.search(r"\$n = ([\d\\,]+)\$", page)[1].replace("\\,", ""))

    def distance(recipe):
        epochs, batch, rate = (
            float(re.match(r"[\d.]+", recipes.loc[setting, recipe])[0])
            for setting in ("epochs", "batch size", "learning rate (Adam)")
        )
        return epochs * images / batch * rate

    written, run = distance("as_written"), distance("as_run")
    assert re.findall(r"\\approx ([\d.]+)\$", page) == [f"{written:.1f}", f"{run:.2f}"]
    assert f"{written / run:.0f} times less" in page


def test_the_cite_page_has_one_place_for_the_entry():
    assert (paths.BOOK / "cite.md").read_text(encoding="utf-8").count("<!-- bibtex -->") == 1
