"""Protects: every chapter asks; exactly one answer is right, and neither place nor page gives it away."""

from collections import Counter

import pytest

from attacknet import paths
from attacknet.chapters import quizzes
from attacknet.chapters.source import all_chapters
from attacknet.errors import AttackNetError

CHAPTERS = [
    *(one.name for one in all_chapters()),
    *(page.stem for page in paths.BOOK.glob("[0-9]*.md")),
]

ONE = """
- question: What is
    one and one?
  answers:
    - {answer: One, feedback: One more.}
    - {answer: Two, feedback: As it is., right: true}
"""


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_chapter_asks_two_questions_or_more(chapter):
    assert len(quizzes.read(chapter).questions) >= 2


def test_no_quiz_is_left_over_from_a_chapter_that_is_gone():
    assert {file.stem for file in quizzes.FOLDER.iterdir()} == set(CHAPTERS)


def test_the_right_answer_stands_in_every_place_about_equally_often():
    """Whoever always takes the middle one must learn nothing from it."""
    questions = [one for chapter in CHAPTERS for one in quizzes.read(chapter).questions]
    places = Counter(next(i for i, answer in enumerate(q.shown) if answer.right) for q in questions)
    assert max(places.values()) < 0.5 * len(questions)


def test_a_section_shows_each_answer_closed_with_what_is_said_to_it(tmp_path):
    (tmp_path / "one.yaml").write_text(ONE)
    text = quizzes.section("one", tmp_path)
    assert text.startswith("## Check yourself\n\n")
    assert "::::{div} quiz\n**1.** What is one and one?\n" in text
    assert ":::{dropdown} Two\n:class-container: quiz-right\n\n**Right.** As it is.\n:::" in text
    assert ":::{dropdown} One\n:class-container: quiz-wrong\n\n**Not this one.** One more.\n:::" in text


def test_a_chapter_without_questions_has_no_section(tmp_path):
    assert quizzes.section("one", tmp_path) == ""


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("right: true", "right: false"), "0 answers are right; mark exactly one"),
        (("feedback: One more.", "feedback: One more., right: true"), "2 answers are right"),
        (("feedback: One more.", "feedbak: One more."), "0.answers.0.feedback: Field required"),
    ],
)
def test_a_faulty_quiz_is_named_with_file_and_reason(tmp_path, change, said):
    (tmp_path / "one.yaml").write_text(ONE.replace(*change))
    with pytest.raises(AttackNetError, match=rf"^one\.yaml, .*{said}"):
        quizzes.read("one", tmp_path)
