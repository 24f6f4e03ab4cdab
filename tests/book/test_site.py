"""The rendered book as files: links lead somewhere, pictures have words, every page is there."""

import json
from pathlib import Path
from urllib.parse import unquote, urlsplit

import jsonschema
import pytest
from bs4 import BeautifulSoup


@pytest.fixture(scope="module")
def parsed(pages: list[Path]) -> dict[Path, BeautifulSoup]:
    """Each page, parsed once."""
    return {page: BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser") for page in pages}


def test_links_inside_the_book_lead_somewhere(parsed: dict[Path, BeautifulSoup]) -> None:
    """Files exist and so do the places within pages; written-out HTML is not checked by Sphinx."""
    places = {page: {str(one["id"]) for one in soup.find_all(id=True)} for page, soup in parsed.items()}
    broken = []
    for page, soup in parsed.items():
        for tag, attribute in (("a", "href"), ("img", "src"), ("script", "src"), ("link", "href")):
            for element in soup.find_all(tag):
                link = str(element.get(attribute) or "")
                parts = urlsplit(link)
                if parts.scheme or link.startswith("//") or not link:
                    continue
                target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
                if not target.exists():
                    broken.append(f"{page.name}: {link}")
                elif parts.fragment and tag == "a" and unquote(parts.fragment) not in places.get(target, ()):
                    broken.append(f"{page.name}: {link} has no such place")
    assert broken == []


def test_every_picture_has_words(parsed: dict[Path, BeautifulSoup]) -> None:
    """A reader who cannot see a figure is told what it shows."""
    silent = [
        f"{page.name}: {image.get('src')}"
        for page, soup in parsed.items()
        for image in soup.select("main img")
        if not str(image.get("alt") or "").strip() or str(image.get("alt")) == str(image.get("src"))
    ]
    assert silent == []


def test_every_figure_and_table_of_a_chapter_is_stamped(parsed: dict[Path, BeautifulSoup]) -> None:
    """Evidence, parameters, commit, key and date stand under each."""
    for page, soup in parsed.items():
        if page.parent.name != "notebooks":
            continue
        shown = soup.select("figure[id^=fig-], table[id^=tab-]")
        stamps = soup.select(".stamp")
        assert len(stamps) == len(shown) > 0, page.name
        for stamp in stamps:
            text = stamp.get_text(" ")
            assert stamp.select(".badge-evidence"), page.name
            assert "commit" in text
            assert "key" in text


def test_figures_and_tables_are_numbered_within_their_chapter(parsed: dict[Path, BeautifulSoup]) -> None:
    """None of them shares its number with one of the paper's Tables 1 to 5."""
    for page, soup in parsed.items():
        if page.parent.name == "notebooks":
            chapter = soup.select("h1")[0].get_text().split()[0]
            numbers = [number.get_text().split()[1] for number in soup.select(".caption-number")]
            assert numbers
            assert {number.rpartition(".")[0] for number in numbers} == {chapter}, page.name


def test_chapters_can_be_downloaded(parsed: dict[Path, BeautifulSoup]) -> None:
    """Notebook and script of each chapter are in the book."""
    for page, soup in parsed.items():
        if page.parent.name == "notebooks":
            links = [str(a["href"]) for a in soup.select(".chapter-bar a.download")]
            assert sorted(Path(link).suffix for link in links) == [".ipynb", ".py"], page.name


def test_equations_carry_the_paper_s_numbers(parsed: dict[Path, BeautifulSoup]) -> None:
    """Prose says "equation 7" and means the paper's; only the paper's nine equations are numbered."""
    names = [
        "leaky-relu",
        "leaky-relu-derivative",
        "softmax",
        "precision",
        "recall",
        "f1",
        "far",
        "frr",
        "hter",
    ]
    numbers = {
        str(equation["id"]).removeprefix("equation-eq-"): equation.select(".eqno")[0].get_text()
        for soup in parsed.values()
        for equation in soup.select("div.math[id^=equation-]")
    }
    found = {name: int(text.strip("()#¶\n ")) for name, text in numbers.items()}
    # The book's own equations are numbered after the paper's.
    paper = {name: number for name, number in found.items() if number <= len(names)}
    assert paper == {name: number for number, name in enumerate(names, start=1)}


def test_every_page_describes_itself(parsed: dict[Path, BeautifulSoup]) -> None:
    """Search engines and reference managers find a title, words and whom to cite; no two alike."""
    descriptions, titles = {}, {}
    for page, soup in parsed.items():
        tags = {str(tag.get("name")): str(tag.get("content")) for tag in soup.select("meta[name]")}
        linked = json.loads(soup.find("script", {"type": "application/ld+json"}).string)  # type: ignore[union-attr]
        assert tags["citation_title"] == linked["name"] in soup.title.get_text(), page.name  # type: ignore[union-attr]
        assert tags["citation_author"] == linked["author"][0]["name"]
        assert 40 <= len(tags["description"]) <= 200, page.name
        descriptions[tags["description"]] = titles[tags["citation_title"]] = page
    assert len(descriptions) == len(titles) == len(parsed)


def test_results_for_programs_are_those_of_the_pages(site: Path, parsed: dict[Path, BeautifulSoup]) -> None:
    """The file keeps its schema; each result lies where it says, under the stamped key; none is left out."""
    found = json.loads((site / "results.json").read_text(encoding="utf-8"))
    jsonschema.validate(found, json.loads((site / "results.schema.json").read_text(encoding="utf-8")))
    for chapter in found["chapters"]:
        soup = parsed[site / chapter["page"]]
        shown = {str(element["id"]) for element in soup.select("figure[id^=fig-], table[id^=tab-]")}
        assert {result["name"] for result in chapter["results"]} == shown
        assert chapter["key"][:8] in soup.select(".stamp")[0].get_text()
        for result in chapter["results"]:
            rows = soup.find(id=result["name"]).select("tbody tr")  # type: ignore[union-attr]
            texts = [[" ".join(td.get_text().split()) for td in row.find_all("td")] for row in rows]
            for printed, told in zip(texts, result.get("rows", []), strict=True):
                numbers = [i for i, cell in enumerate(told) if "value" in cell]
                assert all(told[i]["text"].split()[0] in printed[i] for i in numbers), result["name"]
    total = sum(found["claims"]["by_verdict"].values())
    assert (
        total
        == found["claims"]["total"]
        == len(parsed[site / "book/claims.html"].select("table.claims tbody tr"))
    )
