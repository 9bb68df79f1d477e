"""Which types of question a client can show, and what the teacher hears about it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from livequiz.domain.model import ALL_TYPES, QuestionType, Student

NAMED = 3  # students whose names a sentence has

IN_WORDS = {
    QuestionType.SINGLE: "single-choice",
    QuestionType.TRUE_FALSE: "true/false",
    QuestionType.MULTIPLE: "multiple-choice",
    QuestionType.NUMERIC: "numeric",
    QuestionType.SHORT_TEXT: "short-text",
}


def listed_types(student: Student) -> list[QuestionType] | None:
    """Return what a student's client can show, in one order; None if that is everything."""
    if student.question_types == ALL_TYPES:
        return None
    return [kind for kind in QuestionType if kind in student.question_types]


def left_out(students: Iterable[Student]) -> list[str]:
    """Return what an instructor should know of students who get no question, a sentence each.

    Args:
        students: Those whose clients can show no question that matches.
    """

    def types(student: Student) -> list[str]:
        return [IN_WORDS[kind] for kind in listed_types(student) or QuestionType]

    return [
        _sentence(list(group), shown)
        for shown, group in groupby(sorted(students, key=types), types)
    ]


def _sentence(students: Sequence[Student], types: Sequence[str]) -> str:
    names = [student.name for student in students[:NAMED]]
    if more := len(students) - len(names):
        names.append(f"{more} more")
    gets, shows = ("gets", "program shows") if len(students) == 1 else ("get", "programs show")
    subject = f"{_together(names)} {gets} no question: their {shows}"
    if not types:
        return f"{subject} no type of question that is known here; let them join with another one."
    return (
        f"{subject} only {_together(types)} questions, and none of those match. "
        "Choose other filters, or add such questions."
    )


def _together(words: Sequence[str]) -> str:
    """Return words as one lists them in a sentence."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
