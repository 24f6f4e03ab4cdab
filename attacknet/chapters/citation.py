"""How to cite the book: ``CITATION.cff`` as a checked model, and BibTeX made from it."""

from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from attacknet import paths
from attacknet.schema import read_yaml

BIBTEX_MARKER = "<!-- bibtex -->"
FILE = "CITATION.cff"


class _Part(BaseModel):
    """Keys as the Citation File Format 1.2.0 names them (doi 10.5281/zenodo.5171937); no others."""

    model_config = ConfigDict(extra="forbid", alias_generator=lambda name: name.replace("_", "-"))


class Person(_Part):
    """Somebody with a name of their own."""

    kind: ClassVar[str] = "Person"
    family_names: str
    given_names: str

    @property
    def label(self) -> str:
        """The name as it is spoken."""
        return f"{self.given_names} {self.family_names}"

    @property
    def bibtex(self) -> str:
        """The name as BibTeX wants it."""
        return f"{self.family_names}, {self.given_names}"


class Entity(_Part):
    """Authors who sign together."""

    kind: ClassVar[str] = "Organization"
    name: str

    @property
    def label(self) -> str:
        """The name."""
        return self.name

    @property
    def bibtex(self) -> str:
        """The name in braces, which BibTeX leaves whole."""
        return f"{{{self.name}}}"


Authors = Annotated[list[Person | Entity], Field(min_length=1)]


class Identifier(_Part):
    """A permanent name of a work."""

    type: Literal["doi", "url", "swh", "other"]
    value: str


class Reference(_Part):
    """A work to be cited beside this one."""

    type: Literal["article", "book", "software", "thesis"]
    title: str
    authors: Authors
    year: int
    identifiers: list[Identifier]


class Citation(_Part):
    """The file as a whole: the keys that the format requires, and those of the others that it has here."""

    cff_version: Literal["1.2.0"]
    message: str
    type: Literal["software"]
    title: str
    abstract: str
    version: str
    authors: Authors
    license: str
    keywords: list[str]
    references: list[Reference]


def load() -> Citation:
    """Read ``CITATION.cff``.

    Raises
    ------
    AttackNetError
        If a required key is missing, or one is there that the format or this book does not know.
    """
    return read_yaml(paths.ROOT / FILE, Citation)


def bibtex(citation: Citation, date: str) -> str:
    """Return the BibTeX entry of the book; `date` is the day of its newest execution, ISO 8601."""
    fields = {
        "author": " and ".join(author.bibtex for author in citation.authors),
        "title": citation.title.replace("AttackNet", "{AttackNet}"),
        "version": citation.version,
        "year": date[:4],
        "note": f"chapters computed up to {date}",
    }
    width = max(map(len, fields))
    lines = ",\n".join(f"  {name:{width}} = {{{text}}}" for name, text in fields.items())
    return f"@software{{attacknet_companion,\n{lines}\n}}"


def with_bibtex(page: str, citation: Citation, date: str) -> str:
    """Return the page with the entry in the place that it keeps for it."""
    return page.replace(BIBTEX_MARKER, f"```bibtex\n{bibtex(citation, date)}\n```")
