"""Kahoot's spreadsheet template: up to four short answers, a time limit and the right ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import openpyxl
from openpyxl.styles import Alignment, Font

from livequiz.bank import workbook, xlsx_file
from livequiz.bank.foreign_question import not_written
from livequiz.bank.format_type import Format
from livequiz.bank.reading import Kind, Place, Problem, Writing, beginning
from livequiz.bank.table.reader import find_header
from livequiz.domain.errors import QuizError
from livequiz.domain.model import Draft, QuestionType
from livequiz.domain.text import one_line

LONGEST_QUESTION = 120  # characters
LONGEST_ANSWER = 75
LIMITS = (5, 10, 20, 30, 60, 90, 120, 240)  # seconds
USUAL = 20
ANSWERS = 4
HEADER_ROW = 8
_LACKS = ("points", "source", "difficulty", "topics", "explanation")
_HEADER = (
    "Question - max 120 characters",
    *(f"Answer {number} - max 75 characters" for number in range(1, ANSWERS + 1)),
    "Time limit (sec) – 5, 10, 20, 30, 60, 90, 120, or 240 secs",
    "Correct answer(s) - choose at least one",
)


def write(drafts: Sequence[Draft]) -> Writing:
    """Write the questions that fit into Kahoot's template."""
    book: Any = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Sheet1")
    for column, width in zip("ABCDEFGH", (4, 60, 24, 24, 24, 24, 12, 14), strict=True):
        sheet.column_dimensions[column].width = width
    sheet.append([])
    sheet.append([None, workbook.text_cell(sheet, "Quiz template")])
    for _ in range(HEADER_ROW - 3):
        sheet.append([])
    sheet.append([None, *(_bold(sheet, text) for text in _HEADER)])
    problems: list[Problem] = []
    for draft in drafts:
        refusal = _refusal(draft)
        if refusal:
            problems.append(Problem(Kind.UNSUPPORTED, Place(), refusal, beginning(draft.text)))
            continue
        lacks = _LACKS if _any_of(draft) else (*_LACKS, "weights")
        problems += [*not_written(draft, *lacks), *_limit_problem(draft)]
        sheet.append([None, *_row(sheet, draft)])
    return Writing(workbook.saved(book), problems)


def _refusal(draft: Draft) -> str:
    """Return why a question doesn't fit into the template; empty if it does."""
    if not isinstance(draft.correct, int):
        return f"Left out: Kahoot's template has no questions of type {draft.type.value}."
    if len(one_line(draft.text)) > LONGEST_QUESTION:
        return f"Left out: Kahoot's questions have up to {LONGEST_QUESTION} characters; shorten it."
    if "```" in draft.text:
        return "Left out: Kahoot's template has no room for the lines of a program."
    if len(draft.options) > ANSWERS:
        return f"Left out: Kahoot's questions have up to {ANSWERS} answers; take some away."
    if any(len(one_line(option)) > LONGEST_ANSWER for option in draft.options):
        return f"Left out: Kahoot's answers have up to {LONGEST_ANSWER} characters; shorten them."
    return ""


def _limit_problem(draft: Draft) -> Iterator[Problem]:
    if draft.time_limit is not None and draft.time_limit not in LIMITS:
        message = f"Written with a time limit of {_limit(draft)} s, the nearest that Kahoot has."
        yield Problem(Kind.LOST, Place(), message, beginning(draft.text))
    if draft.type is QuestionType.TRUE_FALSE:
        message = "Written as a choice of two, as Kahoot's template has no other."
        yield Problem(Kind.LOST, Place(), message, beginning(draft.text))
    if "\n" in draft.text:
        message = "Written on one line, as Kahoot's template has it."
        yield Problem(Kind.LOST, Place(), message, beginning(draft.text))


def _row(sheet: Any, draft: Draft) -> Iterator[Any]:
    assert isinstance(draft.correct, int)  # noqa: S101
    options = [one_line(option) for option in draft.options]
    for text in (one_line(draft.text), *options, *[""] * (ANSWERS - len(options))):
        cell = workbook.text_cell(sheet, text)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        yield cell if text else None
    yield _limit(draft)
    numbers = _any_of(draft) or [draft.correct + 1]
    yield (
        numbers[0] if len(numbers) == 1 else workbook.text_cell(sheet, ",".join(map(str, numbers)))
    )


def _any_of(draft: Draft) -> list[int]:
    """Return the 1-based numbers of the fully right answers; empty if any weight is partial."""
    if any(weight not in {0, 100} for weight in draft.weights):
        return []
    return [place for place, weight in enumerate(draft.weights, start=1) if weight == 100]


def _limit(draft: Draft) -> int:
    wanted = USUAL if draft.time_limit is None else draft.time_limit
    return min(LIMITS, key=lambda limit: abs(limit - wanted))


def _bold(sheet: Any, text: str) -> Any:
    cell = workbook.text_cell(sheet, text)
    cell.font = Font(bold=True)
    return cell


def _is_kahoot(content: bytes, suffix: str) -> bool:
    """Return whether a sheet of the workbook has Kahoot's header in its first rows."""
    if not workbook.is_workbook(content):
        return False
    try:
        with workbook.opened(content) as book:
            headers = [find_header(workbook.rows(sheet)) for sheet in book.worksheets]
    except QuizError:
        return False
    return any(header and header.any_of and not header.counts_questions for header in headers)


KAHOOT = Format(
    "kahoot", "Kahoot spreadsheet", (".xlsx",), _is_kahoot, xlsx_file.read, write, by_suffix=False
)
