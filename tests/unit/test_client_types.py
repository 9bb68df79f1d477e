"""What a teacher hears about students whose programs can show no question that matches."""

from __future__ import annotations

from datetime import UTC, datetime

from livequiz.domain.client_types import left_out, listed_types
from livequiz.domain.model import ALL_TYPES, ORIGINAL_TYPES, Presence, QuestionType, Student

NOW = datetime(2026, 1, 15, 10, 5, tzinfo=UTC)
ONLY = "and none of them match. Choose other filters, or add such questions."


def student(name: str, types: frozenset[QuestionType] = ORIGINAL_TYPES) -> Student:
    return Student(name, "TEST", name, Presence.ACTIVE, NOW, question_types=types)


def test_types_are_listed_in_one_order_where_some_are_missing() -> None:
    assert listed_types(student("Ada")) == [QuestionType.SINGLE, QuestionType.TRUE_FALSE]
    assert listed_types(student("Ada", ALL_TYPES)) is None
    assert listed_types(student("Ada", frozenset())) == []


def test_nobody_left_out_needs_no_sentence() -> None:
    assert left_out([]) == []


def test_one_student_left_out_is_named_with_what_their_program_shows() -> None:
    assert left_out([student("Ada")]) == [
        f"Ada gets no question: their program shows only single-choice and true/false questions, "
        f"{ONLY}"
    ]


def test_students_whose_programs_show_the_same_share_a_sentence_in_the_order_given() -> None:
    one = frozenset({QuestionType.NUMERIC})
    three = frozenset({QuestionType.MULTIPLE, QuestionType.SHORT_TEXT, QuestionType.TRUE_FALSE})
    assert left_out([student("Cy", three), student("Bo", one), student("Ada", three)]) == [
        f"Bo gets no question: their program shows only numeric questions, {ONLY}",
        "Cy and Ada get no question: their programs show only true/false, multiple-choice and "
        f"short-text questions, {ONLY}",
    ]


def test_of_many_students_left_out_three_are_named() -> None:
    four = left_out([student(name) for name in ("Ada", "Bo", "Cy", "Di")])
    assert four[0].startswith("Ada, Bo, Cy and 1 more get no question: ")
    three = left_out([student(name) for name in ("Ada", "Bo", "Cy")])
    assert three[0].startswith("Ada, Bo and Cy get no question: ")


def test_a_program_that_shows_no_type_known_here_is_to_be_changed_for_another() -> None:
    assert left_out([student("Ada", frozenset())]) == [
        "Ada gets no question: their program shows no known type of question; "
        "ask them to join with another program."
    ]
