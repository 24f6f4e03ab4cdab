"""CITATION.cff, and what is made from it."""

import tomllib

import pytest

from attacknet import __version__, paths
from attacknet.chapters import citation
from attacknet.errors import AttackNetError


def test_the_file_keeps_the_format_and_agrees_with_the_package() -> None:
    """The checked model knows the format's keys alone; version, licence and authors are the package's."""
    found = citation.load()
    project = tomllib.loads((paths.ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert found.version == __version__
    assert found.license == project["license"]
    assert [author.label for author in found.authors] == [author["name"] for author in project["authors"]]
    assert len(set(found.keywords)) == len(found.keywords)


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("title: The", "titel: The", "title"),
        ("authors:\n  - name: The AttackNet companion's authors", "authors: []", "authors"),
        ("cff-version: 1.2.0", "cff-version: 1.3.0", "cff-version"),
        ("family-names: Zakharov", "surname: Zakharov", "references"),
    ],
)
def test_a_fault_in_the_file_is_named(
    old: str, new: str, named: str, tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever edits the file learns which key is wrong, in one line."""
    text = (paths.ROOT / citation.FILE).read_text(encoding="utf-8")
    assert old in text
    (tmp_path / citation.FILE).write_text(text.replace(old, new), encoding="utf-8")
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    with pytest.raises(AttackNetError, match=named) as caught:
        citation.load()
    assert "\n" not in str(caught.value)


def test_bibtex_has_the_facts_and_balanced_braces() -> None:
    """BibTeX reads an entry up to the brace that closes it."""
    entry = citation.bibtex(citation.load(), "2026-01-31")
    assert entry.startswith("@software{attacknet_companion,\n")
    assert "author  = {{The AttackNet companion's authors}}" in entry
    assert f"version = {{{__version__}}}" in entry
    assert "year    = {2026}" in entry
    assert entry.count("{") == entry.count("}")


def test_people_are_cited_by_family_name() -> None:
    """As BibTeX sorts them."""
    person = citation.Person.model_validate({"family-names": "Frontoni", "given-names": "Emanuele"})
    assert (person.bibtex, person.label) == ("Frontoni, Emanuele", "Emanuele Frontoni")
