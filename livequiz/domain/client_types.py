"""What clients students have, which question types these can show, and the warnings about it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from livequiz.domain.model import ALL_TYPES, QuestionType, Student, Way

NAMES_STUDENTS = " no question: their"  # in each warning that names students
NAMED = 3  # students that a sentence names; the rest are counted

IN_WORDS = {
    QuestionType.SINGLE: "single-choice",
    QuestionType.TRUE_FALSE: "true/false",
    QuestionType.MULTIPLE: "multiple-choice",
    QuestionType.NUMERIC: "numeric",
    QuestionType.SHORT_TEXT: "short-text",
}


CLIENTS = {  # by how their students take part; the page names itself in JavaScript
    Way.PAGE: "livequiz-page",
    Way.SSH: "livequiz-ssh",
    Way.TERMINAL: "livequiz-student",
    Way.PLAIN: "livequiz-plain",
}
_WAYS = {client: way for way, client in CLIENTS.items()}


def way_of(client: str | None) -> Way | None:
    """Return how somebody takes part, by the `name/version` of their client."""
    return _WAYS.get((client or "").partition("/")[0])


def listed_types(student: Student) -> list[QuestionType] | None:
    """Return the question types that a student's client can show, sorted; None if it shows all."""
    if student.question_types == ALL_TYPES:
        return None
    return [kind for kind in QuestionType if kind in student.question_types]


def left_out(students: Iterable[Student]) -> list[str]:
    """Return a warning for the instructor about each group of students who get no question.

    Args:
        students: Those whose clients can show no question that matches.
    """

    def types(student: Student) -> list[str]:
        return [IN_WORDS[kind] for kind in QuestionType if kind in student.question_types]

    return [
        _sentence(list(group), shown)
        for shown, group in groupby(sorted(students, key=types), types)
    ]


def _sentence(students: Sequence[Student], types: Sequence[str]) -> str:
    names = [student.name for student in students[:NAMED]]
    if more := len(students) - len(names):
        names.append(f"{more} more")
    gets, shows = ("gets", "program shows") if len(students) == 1 else ("get", "programs show")
    subject = f"{_together(names)} {gets}{NAMES_STUDENTS} {shows}"
    if not types:
        return f"{subject} no known type of question; ask them to join with another program."
    return (
        f"{subject} only {_together(types)} questions, and none of them match. "
        "Choose other filters, or add such questions."
    )


def _together(words: Sequence[str]) -> str:
    """Return words as a list in a sentence: `a, b and c`."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
