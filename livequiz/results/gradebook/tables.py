"""Grades as a table for Moodle's grade import, and for any other gradebook."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from livequiz.results.csv_file import safe
from livequiz.results.gradebook.grades import Grade, Grades


def moodle(grades: Grades) -> bytes:
    """Return a table for Moodle's *Import from CSV*, which maps users by one of its columns.

    The ID number is the roster's `sis_id` or the student's id; the e-mail address is the roster's,
    or the id if that is one.
    """
    rows = [
        (_account(grade, "sis_id", grade.student_id), _email(grade), f"{grade.points:g}")
        for grade in grades.students
    ]
    return _table(("ID number", "Email address", f"{grades.title} (of {grades.possible:g})"), rows)


def any_gradebook(grades: Grades) -> bytes:
    """Return a table with all that is known of each student."""
    rows = [
        (
            grade.student_id,
            grade.name,
            _email(grade),
            f"{grade.points:g}",
            f"{grades.possible:g}",
            f"{100 * grade.points / grades.possible:.2f}",
        )
        for grade in grades.students
    ]
    return _table(("id", "name", "email", "points", "possible", "percent"), rows)


def _email(grade: Grade) -> str:
    return _account(grade, "email", grade.student_id if "@" in grade.student_id else "")


def _account(grade: Grade, column: str, otherwise: str) -> str:
    return grade.accounts.get(column) or otherwise


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(head)
    writer.writerows([safe(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")
