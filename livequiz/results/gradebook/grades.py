"""Grades: what each student gets in a gradebook, and the accounts that they have there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from livequiz.results.report import Report

NO_ACCOUNTS: Mapping[str, Mapping[str, str]] = {}


@dataclass(frozen=True, slots=True)
class Grade:
    """A student's grade.

    Attributes:
        points: Of the `possible` ones of all grades.
        accounts: What the student is known as elsewhere: the id, and what a roster adds.
    """

    student_id: str
    name: str
    points: float
    accounts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Grades:
    """The grades of a report.

    Attributes:
        title: The column's heading.
        possible: The most that anybody can get.
    """

    title: str
    possible: float
    students: list[Grade]


def grades_of(
    report: Report,
    possible: float | None = None,
    roster: Mapping[str, Mapping[str, str]] = NO_ACCOUNTS,
) -> Grades:
    """Return the grades of everybody who had a question.

    Students may have had different numbers of questions, worth different points. Each gets the
    share that they earned of what their own questions were worth; unanswered ones earn nothing.

    Args:
        report: With names and ids.
        possible: The points that a gradebook shall count; by default the most that a student's
            questions were worth.
        roster: The columns of the class list by student id: `email`, `login`, `sis_id`.
    """
    most = possible or max((line.possible for line in report.students), default=0.0)
    return Grades(
        report.title,
        most,
        [
            Grade(
                line.student_id,
                line.name,
                # A question may have become worth less since.
                round(most * min(1.0, line.points / line.possible), 2),
                {"id": line.student_id, **roster.get(line.student_id, {})},
            )
            for line in report.students
            if line.possible
        ],
    )


def matches(
    grades: Iterable[Grade], rows: Mapping[int, Iterable[str]]
) -> tuple[dict[int, Grade], list[str]]:
    """Find each student's row by anything that identifies them, in any case; nothing is guessed.

    Args:
        grades: The grades.
        rows: What identifies the student of each row, by row.

    Returns:
        The grades by row, and a sentence for each student without a row of their own.
    """
    owners: dict[str, set[int]] = {}
    for row, names in rows.items():
        for name in names:
            if key := name.strip().casefold():
                owners.setdefault(key, set()).add(row)
    found: dict[int, list[Grade]] = {}
    problems = []
    for grade in grades:
        named = (name.strip().casefold() for name in grade.accounts.values())
        fits = set().union(*(owners.get(name, set()) for name in named))
        who = f"{grade.student_id} ({grade.name})"
        if not fits:
            problems.append(f"{who} is not in the gradebook.")
        elif len(fits) > 1:
            problems.append(f"{who} fits several rows of the gradebook; name one in the roster.")
        else:
            found.setdefault(fits.pop(), []).append(grade)
    for several in found.values():
        if len(several) > 1:
            ids = " and ".join(grade.student_id for grade in several)
            problems.append(f"{ids} fit the same row of the gradebook, which stays empty.")
    return {row: several[0] for row, several in found.items() if len(several) == 1}, problems
