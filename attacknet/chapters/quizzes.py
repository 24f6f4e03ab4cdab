"""Questions to check oneself with, at the end of a chapter: answers to open, each with what to say to it.

A chapter's questions lie in ``book/quizzes/CHAPTER.yaml``. An answer is a heading that opens on what is right
or wrong about it, so a page needs no script for it, and a keyboard or a screen reader gets at all of it.
"""

import hashlib
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, RootModel, model_validator

from attacknet import paths
from attacknet.schema import read_yaml

FOLDER = paths.BOOK / "quizzes"

_HOW = "Choose an answer to read what there is to say to it."

_Text = Annotated[str, Field(min_length=1)]


class Answer(BaseModel):
    """One answer: what it says, what is to be said to it, and whether it is the right one."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    answer: _Text
    feedback: _Text
    right: bool = False


class Question(BaseModel):
    """A question with its answers."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    question: _Text
    answers: Annotated[tuple[Answer, ...], Field(min_length=2)]

    @property
    def shown(self) -> list[Answer]:
        """The answers in an order that gives nothing away: that of the hashes of their texts."""
        return sorted(self.answers, key=lambda one: hashlib.sha256(one.answer.encode()).digest())

    @model_validator(mode="after")
    def _has_one_right_answer(self) -> "Question":
        if (right := sum(answer.right for answer in self.answers)) != 1:
            raise ValueError(f"{right} answers are right; mark exactly one")
        return self


class Quiz(RootModel[Annotated[tuple[Question, ...], Field(min_length=1)]]):
    """The questions of one chapter."""

    @property
    def questions(self) -> tuple[Question, ...]:
        """In the order in which they are asked."""
        return self.root


def read(chapter: str, folder: Path = FOLDER) -> Quiz:
    """Read the questions of a chapter.

    Raises
    ------
    AttackNetError
        If there is no such file, or it breaks the schema.
    """
    return read_yaml(folder / f"{chapter}.yaml", Quiz)


def section(chapter: str, folder: Path = FOLDER) -> str:
    """Return the section *Check yourself* of a chapter as MyST text; nothing if it has no questions.

    Raises
    ------
    AttackNetError
        As :func:`read`.
    """
    if not (folder / f"{chapter}.yaml").exists():
        return ""
    asked = read(chapter, folder).questions
    return "\n\n".join(["## Check yourself", _HOW, *(_question(n, one) for n, one in enumerate(asked, 1))])


def _question(number: int, one: Question) -> str:
    answers = "\n".join(_answer(answer) for answer in one.shown)
    return f"::::{{div}} quiz\n**{number}.** {_one_line(one.question)}\n\n{answers}\n::::"


def _answer(one: Answer) -> str:
    verdict, kind = ("Right.", "right") if one.right else ("Not this one.", "wrong")
    return (
        f":::{{dropdown}} {_one_line(one.answer)}\n:class-container: quiz-{kind}\n\n"
        f"**{verdict}** {_one_line(one.feedback)}\n:::"
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())
