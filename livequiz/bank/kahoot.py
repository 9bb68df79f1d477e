"""Kahoot's spreadsheet template: four answers of 75 characters, a time limit, the right ones."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import openpyxl
from openpyxl.styles import Alignment, Font

from livequiz.bank import workbook
from livequiz.bank.format import Format
from livequiz.bank.reading import Item, Kind, Place, Problem, Writing, beginning, item, tidy
from livequiz.bank.shared import not_written
from livequiz.domain.errors import Code, QuizError
from livequiz.domain.model import Draft, QuestionType
from livequiz.domain.text import one_line
from livequiz.domain.typed import read_number

LONGEST_QUESTION = 120  # characters
LONGEST_ANSWER = 75
LIMITS = (5, 10, 20, 30, 60, 90, 120, 240)  # seconds
USUAL = 20
ANSWERS = 4
HEADER_ROW = 8
HEADER_WITHIN = 40  # rows
_LACKS = ("points", "source", "difficulty", "topics", "explanation", "weights", "scoring")
_HEADER = (
    "Question - max 120 characters",
    *(f"Answer {number} - max 75 characters" for number in range(1, ANSWERS + 1)),
    "Time limit (sec) – 5, 10, 20, 30, 60, 90, 120, or 240 secs",
    "Correct answer(s) - choose at least one",
)


def read(content: bytes) -> Iterator[Item]:
    """Read questions from Kahoot's template; its header is found by its words.

    Raises:
        QuizError: `bad_request` if it is no workbook, or has no such header.
    """
    with workbook.opened(content) as book:
        for sheet in book.worksheets:
            columns = None
            for number, row in enumerate(workbook.rows(sheet), start=1):
                if columns is not None:
                    yield from _question(row, columns, Place(cell=f"B{number}", member=sheet.title))
                elif number > HEADER_WITHIN:
                    break
                else:
                    columns = _columns(row)
            if columns is not None:
                return
    message = (
        'There is no row with Kahoot\'s columns ("Question", "Answer 1", "Correct answer(s)").'
    )
    raise QuizError(Code.BAD_REQUEST, message)


def _columns(row: Sequence[str]) -> dict[str, int] | None:
    """Return where the columns are, if these are their names."""
    found: dict[str, int] = {}
    for place, text in enumerate(row):
        name = text.strip().lower()
        if answer := re.match(r"answer\s*(\d)", name):
            found[answer[1]] = place
        for word in ("question", "time limit", "correct"):
            if name.startswith(word):
                found.setdefault(word, place)
    return found if {"question", "1", "2", "correct"} <= found.keys() else None


def _question(row: Sequence[str], columns: dict[str, int], place: Place) -> Iterator[Item]:
    cells = {name: row[at].strip() if at < len(row) else "" for name, at in columns.items()}
    answers = {n: tidy(cells[n]) for n in map(str, range(1, 10)) if cells.get(n)}
    text = tidy(cells["question"])
    if not text and not answers:
        return
    numbers = re.findall(r"\d+", cells["correct"].removesuffix(".0"))
    missing = [number for number in numbers if number not in answers]
    if missing or not numbers:
        said = cells["correct"][:20] or "empty"
        message = f"The correct answer is {said}: give the numbers of answers, such as 2 or 1,3."
        yield Problem(Kind.WRONG, place, message, beginning(text))
        return
    order = list(answers)
    fields: dict[str, object] = {"question": text, "options": list(answers.values())}
    right = [order.index(number) for number in dict.fromkeys(numbers)]
    if len(right) > 1:
        # In Kahoot any one of them is right.
        fields["weights"] = [100.0 * (n in right) for n in range(len(order))]
    fields["correct"] = right[0]
    limit = read_number(cells.get("time limit", ""))
    yield item({**fields, **({"time_limit": limit} if limit else {})}, place)


def write(drafts: Sequence[Draft]) -> Writing:
    """Return questions in Kahoot's template, as far as it has room for them."""
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
        problems += [*not_written(draft, *_LACKS), *_limit_problem(draft)]
        sheet.append([None, *_row(sheet, draft)])
    return Writing(workbook.saved(book), problems)


def _refusal(draft: Draft) -> str:
    """Return why a question has no room in the template; nothing if it has."""
    if not isinstance(draft.correct, int):
        return f"Left out: Kahoot's template has no questions of type {draft.type.value}."
    if len(one_line(draft.text)) > LONGEST_QUESTION:
        return f"Left out: Kahoot's questions have up to {LONGEST_QUESTION} characters; shorten it."
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
    yield draft.correct + 1


def _limit(draft: Draft) -> int:
    wanted = USUAL if draft.time_limit is None else draft.time_limit
    return min(LIMITS, key=lambda limit: abs(limit - wanted))


def _bold(sheet: Any, text: str) -> Any:
    cell = workbook.text_cell(sheet, text)
    cell.font = Font(bold=True)
    return cell


def _is_kahoot(content: bytes, suffix: str) -> bool:
    """Return whether a workbook has Kahoot's header in its first rows."""
    if not workbook.is_workbook(content):
        return False
    try:
        with workbook.opened(content) as book:
            for sheet in book.worksheets:
                rows = zip(range(HEADER_WITHIN), workbook.rows(sheet), strict=False)
                if any(_columns(row) for _, row in rows):
                    return True
    except QuizError:
        return False
    return False


KAHOOT = Format(
    "kahoot", "Kahoot spreadsheet", (".xlsx",), _is_kahoot, read, write, by_suffix=False
)
