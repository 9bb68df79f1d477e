"""`questions check`: what an experienced teacher sees, and what nobody should be bothered with."""

from __future__ import annotations

from dataclasses import replace

import pytest

from livequiz.bank.lint.bank import check
from livequiz.domain.model import Draft, Number, QuestionType

GOOD = Draft(
    text="Which river flows through Cairo?",
    options=("Niger", "Nile", "Congo", "Zambezi"),
    correct=1,
    topics=("Geography",),
    explanation="The Nile reaches the sea north of Cairo.",
)


def rules(*questions: Draft, students: int = 1) -> list[str]:
    return [finding.rule for finding in check(questions, students)]


def test_a_good_question_is_left_in_peace() -> None:
    assert rules(GOOD) == []


LONG = "The Nile, which is the river that reaches the Mediterranean Sea north of the city"
ONE = "short-circuits"


@pytest.mark.parametrize(
    ("rule", "question"),
    [
        ("no-explanation", replace(GOOD, explanation=None)),
        ("same-options", replace(GOOD, options=("Nile ", "Niger", "nile."))),
        ("all-of-the-above", replace(GOOD, options=("Niger", "Nile", "All of the above"))),
        ("all-of-the-above", replace(GOOD, options=("Niger", "Nile", "Both A and B"))),
        ("all-of-the-above", replace(GOOD, options=("Niger", "Nile", "None of these"))),
        ("long-key", replace(GOOD, options=("Niger", LONG, "Congo", "Zambezi"))),
        ("negation", replace(GOOD, text="Which river does not flow through Cairo?")),
        ("negation", replace(GOOD, text="Which river doesn't flow through Cairo?")),
        ("too-little-time", replace(GOOD, time_limit=5.0)),
        (
            "all-right",
            replace(GOOD, type=QuestionType.MULTIPLE, options=("a", "b"), correct=(0, 1)),
        ),
        (
            "no-tolerance",
            replace(GOOD, type=QuestionType.NUMERIC, options=(), correct=(Number(9.81),)),
        ),
        ("long-text", replace(GOOD, type=QuestionType.SHORT_TEXT, options=(), correct=(LONG,))),
    ],
)
def test_a_flaw_is_found(rule: str, question: Draft) -> None:
    assert rules(question) == [rule]


@pytest.mark.parametrize(
    "question",
    [
        replace(GOOD, text="What does `not True` give?"),
        replace(GOOD, text="Which river does NOT flow through Cairo?"),
        replace(GOOD, text="What is printed?\n\n```python\nprint(not x)\n```"),
        replace(GOOD, options=("`true`", "`True`", "`TRUE`")),
        replace(GOOD, type=QuestionType.NUMERIC, options=(), correct=(Number(9.81, 0.01),)),
        replace(GOOD, type=QuestionType.NUMERIC, options=(), correct=(Number(10.0),)),
        replace(GOOD, type=QuestionType.SHORT_TEXT, options=(), correct=(LONG,), wildcards=True),
        replace(GOOD, time_limit=20.0),
    ],
)
def test_what_only_looks_like_a_flaw_is_none(question: Draft) -> None:
    assert rules(question) == []


def numbered(count: int, **fields: object) -> list[Draft]:
    places = [number * 7 % 4 for number in range(count)]
    return [
        replace(GOOD, text=f"Which river has the number {number} on the map?", correct=place)
        for number, place in enumerate(places)
    ]


def test_the_same_question_twice_is_found_whatever_its_accents_and_case() -> None:
    again = replace(GOOD, text="which  river flows through CAIRO?")
    found = check([GOOD, *numbered(3), again], 1)
    assert [(f.rule, f.question) for f in found] == [("duplicate", 4)]
    assert "the same as question 1" in found[0].message


def test_nearly_the_same_question_is_found() -> None:
    text = "Which of these long rivers of Africa flows through the city of Cairo today"
    almost = text.replace("long ", "") + "?"
    assert rules(replace(GOOD, text=text), replace(GOOD, text=almost)) == ["near-duplicate"]


def test_the_same_exercise_with_other_numbers_is_another_question() -> None:
    assert rules(*numbered(4)) == []


def test_near_duplicates_are_found_among_ten_thousand_by_looking_at_few() -> None:
    bank = numbered(10_000)
    bank.append(replace(bank[5_000], options=("Niger", "Nile", "Don")))
    assert [(f.rule, f.question) for f in check(bank, 1)] == [("near-duplicate", 10_000)]


def test_keys_that_stand_in_one_place_are_found() -> None:
    bank = [replace(question, correct=1) for question in numbered(16)]
    (found,) = check(bank, 1)
    assert found.rule == "key-position"
    assert "The key is B in 16 of 16 questions with 4 options" in found.message
    assert rules(*numbered(16)) == []


def test_keys_that_are_the_longest_throughout_are_found() -> None:
    options = ("Oxus", "Don", "Po", "Rur")
    bank = []
    for number, question in enumerate(numbered(16)):
        shown = list(options)
        if number < 12:
            shown[question.correct] = "Mississippi"  # type: ignore[index]
        bank.append(replace(question, options=tuple(shown)))
    found = check(bank, 1)
    assert [f.rule for f in found] == ["longest-key"]
    assert "In 1" in found[0].message


def test_a_topic_with_fewer_questions_than_students_is_found() -> None:
    (found,) = check(numbered(16), 28)
    assert found.rule == "small-topic"
    assert found.message.endswith("Add 12.")
