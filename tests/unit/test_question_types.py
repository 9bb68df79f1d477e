"""What each type of question takes for an answer, what that is worth, and how it reads."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from livequiz.domain.answering import Shown, as_shown, as_stored, key_as_shown
from livequiz.domain.errors import QuizError
from livequiz.domain.grading import grade
from livequiz.domain.key_wording import answer_in_words, key_text
from livequiz.domain.model import Answer, Assignment, Question, QuestionType
from livequiz.protocol.codec import decode
from livequiz.protocol.questions import QuestionIn, to_draft

NOW = datetime(2026, 1, 15, 10, 5, tzinfo=UTC)
SHUFFLED = Assignment("r", "TEST", "S001", "q", NOW, NOW, option_order=(2, 0, 3, 1))


def asked(correct: Any, kind: str = "single", points: int = 4, **fields: Any) -> Question:
    if kind in {"single", "multiple"}:
        fields = {"options": ["a", "b", "c", "d"], **fields}
    raw = {"question": "?", "correct": correct, "type": kind, "points": points, **fields}
    draft = to_draft(decode(raw, QuestionIn))
    named = {name: getattr(draft, name) for name in type(draft).__dataclass_fields__}
    return Question(id="q", created_at=NOW, **named)


MANY = asked([0, 1], "multiple")
PARTIAL = asked([0, 1], "multiple", scoring="partial")
WEIGHTED = asked([0, 1], "multiple", weights=[50, 50, -25, -100])
GRAVITY = asked([{"value": 9.81, "tolerance": 0.05}, {"value": 10}], "numeric", weights=[100, 25])
GOLD = asked(["Au", "gold"], "short_text")


@pytest.mark.parametrize(
    ("question", "answer", "points"),
    [
        (asked(True, "true_false"), 0, 4),
        (asked(True, "true_false"), 1, 0),
        (asked(False, "true_false"), 1, 4),
        (asked(2), 2, 4),
        (asked(2), 1, 0),
        (asked(2, weights=[0, 50, 100, -50]), 1, 2),
        (asked(2, weights=[0, 50, 100, -50]), 3, 0),  # never less than nothing
        (MANY, (0, 1), 4),
        (MANY, (0,), 0),
        (MANY, (0, 1, 2), 0),
        (PARTIAL, (0, 1), 4),
        (PARTIAL, (0,), 2),
        (PARTIAL, (0, 2), 0),
        (PARTIAL, (0, 1, 2), 2),
        (PARTIAL, (0, 1, 2, 3), 0),
        (WEIGHTED, (0, 1), 4),
        (WEIGHTED, (0, 1, 2), 3),
        (WEIGHTED, (0, 3), 0),
        (GRAVITY, 9.8, 4),
        (GRAVITY, 10.0, 1),
        (GRAVITY, 9.0, 0),
        (GOLD, "au", 4),
        (GOLD, "Gold", 4),
        (GOLD, "Ag", 0),
        (asked(["Au"], "short_text", case_sensitive=True), "au", 0),
        (asked(["col*r"], "short_text", wildcards=True), "Colour", 4),
        (asked([1, 0, 2], "multiple", weights=[33.33, 33.33, 33.34, -100]), (0, 1, 2), 4),
        (asked([0, 1, 2], "multiple", points=1, scoring="partial"), (0,), 0.33),
    ],
)
def test_an_answer_is_worth(question: Question, answer: Answer, points: float) -> None:
    verdict = grade(question, answer)
    assert verdict.points == points
    assert verdict.correct is (points == question.points)
    assert repr(verdict.points) == repr(points)  # whole points have no fraction


@pytest.mark.parametrize(
    ("question", "sent", "stored"),
    [
        (asked(True, "true_false"), 1, 1),
        (MANY, [3, 0], (0, 3)),
        (MANY, [2], (2,)),
        (GRAVITY, 9, 9.0),
        (GRAVITY, 9.5, 9.5),
        (GRAVITY, " 9,5 ", 9.5),
        (GOLD, "  a  lump of\tgold ", "a lump of gold"),
        (GOLD, "u" * 200, "u" * 200),
    ],
)
def test_an_answer_is_stored(question: Question, sent: object, stored: Answer) -> None:
    plain = replace(SHUFFLED, option_order=())
    assert as_stored(plain, sent, question) == stored


@pytest.mark.parametrize(
    ("question", "sent"),
    [
        (asked(2), [2]),
        (asked(2), 1.0),
        (asked(2), "c"),
        (asked(True, "true_false"), 2),
        (asked(True, "true_false"), "true"),
        (MANY, 0),
        (MANY, []),
        (MANY, [0, 0]),
        (MANY, [0, 4]),
        (MANY, [-1]),
        (MANY, [0.0]),
        (MANY, ["a"]),
        (MANY, "ab"),
        (GRAVITY, "ten"),
        (GRAVITY, ""),
        (GRAVITY, [9.81]),
        (GRAVITY, float("nan")),
        (GRAVITY, float("inf")),
        (GRAVITY, 10**400),
        (GOLD, 79),
        (GOLD, ["Au"]),
        (GOLD, " \t"),
        (GOLD, "A\u202eu"),
        (GOLD, "u" * 201),
    ],
)
def test_what_is_no_answer_is_refused(question: Question, sent: object) -> None:
    with pytest.raises(QuizError) as refused:
        as_stored(replace(SHUFFLED, option_order=()), sent, question)
    assert (refused.value.code, refused.value.field) == ("bad_request", "answer")


@pytest.mark.parametrize(
    ("question", "sent", "sentence"),
    [
        (asked(2), 4, "This question has 4 options; choose one of them."),
        (MANY, [], "Choose one or more of the options, each only once."),
        (GRAVITY, "ten", "Answer with a number, such as 0.5 or -2."),
        (GOLD, "", "Type an answer of 1 to 200 characters."),
        (
            GOLD,
            "A\u202eu",
            "The answer contains invisible or control characters. Type it instead of pasting it.",
        ),
    ],
)
def test_who_gives_no_answer_is_told_what_to_do(
    question: Question, sent: object, sentence: str
) -> None:
    with pytest.raises(QuizError) as refused:
        as_stored(replace(SHUFFLED, option_order=()), sent, question)
    assert refused.value.message == sentence


@pytest.mark.parametrize("answer", [2.5, "Au"])
def test_a_typed_answer_is_shown_as_it_was_typed(answer: Answer) -> None:
    assert as_shown(SHUFFLED, answer) == answer


def test_several_choices_are_turned_between_both_orders() -> None:
    assert as_stored(SHUFFLED, [0, 3], MANY) == (1, 2)
    assert as_shown(SHUFFLED, (1, 2)) == [0, 3]
    assert key_as_shown(SHUFFLED, MANY) == [1, 3]


@pytest.mark.parametrize(
    ("question", "shown", "words"),
    [
        (asked(2), 2, "c"),
        (asked(False, "true_false"), 1, "False"),
        (MANY, [0, 1], "a; b"),
        (GRAVITY, 9.81, "9.81 ± 0.05 or 10"),
        (GOLD, ["Au", "gold"], "Au or gold"),
        (asked(-0.5, "numeric"), -0.5, "-0.5"),
        (asked(6e23, "numeric"), 6e23, "6e+23"),
        (asked(999_999_999_999_999, "numeric"), 999_999_999_999_999, "999999999999999"),
        (asked(["2*3"], "short_text"), ["2*3"], "2*3"),
        (
            asked(["col*r", r"2\*3"], "short_text", wildcards=True),
            ["col*r", r"2\*3"],
            "col…r or 2*3",
        ),
    ],
)
def test_a_key_is_told(question: Question, shown: Shown, words: str) -> None:
    assert key_as_shown(replace(SHUFFLED, option_order=()), question) == shown
    assert key_text(question) == words


@pytest.mark.parametrize(
    ("answer", "words"), [(1, "b"), ((0, 2), "a; c"), (3.0, "3"), (0.25, "0.25"), ("Au", "Au")]
)
def test_an_answer_is_told(answer: Answer, words: str) -> None:
    assert answer_in_words(answer, "abcd") == words


@pytest.mark.parametrize(
    ("fields", "field", "sentence"),
    [
        ({"type": "multiple", "correct": []}, "correct", "names no option"),
        ({"type": "multiple", "correct": [9]}, "correct", "the options are numbered 0 to 1"),
        ({"type": "multiple", "correct": ["a"]}, "correct", "the options are numbered 0 to 1"),
        ({"correct": True}, "correct", "the options are numbered 0 to 1"),
        ({"correct": "a"}, "correct", "the options are numbered 0 to 1"),
        ({"type": "true_false", "correct": "yes"}, "correct", "write true or false"),
        ({"type": "true_false", "options": ["a", "b", "c"]}, "options", "needs two `options`"),
        ({"type": "numeric"}, "options", "its answer is typed"),
        ({"type": "numeric", "options": [], "correct": "x"}, "correct", "not a number"),
        ({"type": "numeric", "options": [], "correct": []}, "correct", "no number"),
        ({"type": "numeric", "options": [], "correct": True}, "correct", "not a number"),
        ({"type": "short_text", "options": [], "correct": "´"}, "correct", "1 to 200 characters"),
        ({"type": "short_text", "options": [], "correct": True}, "correct", "not text"),
        ({"weights": [100]}, "weights", "one for each option"),
        ({"weights": [0, 100]}, "weights", "worth 100 per cent"),
        ({"options": ["a"]}, "options", "at least two `options`"),
        ({"options": ["a", "b", "a "]}, "options", "Two options are the same, A and C: `a`"),
        ({"points": 0.333}, "points", "at most two decimal places"),
        ({"points": 1_000.01}, "points", "at most 1000"),
    ],
)
def test_a_question_that_can_not_be_asked_is_refused(
    fields: dict[str, Any], field: str, sentence: str
) -> None:
    raw = {"question": "?", "options": ["a", "b"], "correct": 0, **fields}
    with pytest.raises(QuizError, match=sentence) as refused:
        to_draft(decode(raw, QuestionIn))
    assert refused.value.field == field


@pytest.mark.parametrize(("written", "points"), [(0.5, 0.5), (2.0, 2), (0, 0), (1.25, 1.25)])
def test_points_are_whole_or_to_a_hundredth(written: float, points: float) -> None:
    raw = {"question": "?", "options": ["a", "b"], "correct": 0, "points": written}
    draft = to_draft(decode(raw, QuestionIn))
    assert (draft.points, type(draft.points)) == (points, type(points))


def test_every_type_is_known_everywhere() -> None:
    assert {
        question.type for question in (asked(0), asked(True, "true_false"), MANY, GRAVITY, GOLD)
    } == (set(QuestionType))
