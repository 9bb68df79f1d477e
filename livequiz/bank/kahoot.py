"""Kahoot's spreadsheet template: four answers of 75 characters, a time limit, the right ones."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from string import ascii_uppercase
from typing import Any

import openpyxl
from openpyxl.styles import Alignment, Font

from livequiz.bank import workbook
from livequiz.bank.format import Format
from livequiz.bank.reading import Item, Kind, Place, Problem, Writing, beginning, item, tidy
from livequiz.bank.shared import not_written
from livequiz.bank.table import cell_place
from livequiz.bank.table_key import Unreadable
from livequiz.bank.workbook import Cell, Unusable
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
NO_HEADER = (
    'There is no row with Kahoot\'s columns ("Question", "Answer 1", "Correct answer(s)"): '
    "start from its template."
)
_LACKS = ("points", "source", "difficulty", "topics", "explanation")
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
    found = False
    with workbook.opened(content) as book:
        for sheet in book.worksheets:
            rows = enumerate(workbook.rows(sheet), start=1)
            columns = _header(rows)
            if columns is not None:
                found = True
                for number, row in rows:
                    yield from _question(row, columns, number, workbook.title(sheet))
    if not found:
        raise QuizError(Code.BAD_REQUEST, NO_HEADER)


def _header(rows: Iterator[tuple[int, list[Cell]]]) -> dict[str, int] | None:
    """Return where the columns are, if one of the first rows has their names."""
    return next(filter(None, (_columns(row) for _, row in islice(rows, HEADER_WITHIN))), None)


def _columns(row: Sequence[Cell]) -> dict[str, int] | None:
    """Return where the columns are, if these are their names."""
    found: dict[str, int] = {}
    for place, text in enumerate(workbook.as_texts(row)):
        name = text.strip().lower()
        if answer := re.match(r"answer\s{0,9}([1-9])", name):
            found.setdefault(answer[1], place)
        for word in ("question", "time limit", "correct"):
            if name.startswith(word):
                found.setdefault(word, place)
    return found if {"question", "1", "2", "correct"} <= found.keys() else None


def _question(
    row: Sequence[Cell], columns: dict[str, int], number: int, sheet: str
) -> Iterator[Item]:
    texts = workbook.as_texts(row)
    cells = {name: tidy(texts[at]) for name, at in columns.items() if at < len(row)}
    text = cells.get("question", "")
    for at in columns.values():
        if at < len(row) and isinstance(unusable := row[at], Unusable):
            place = cell_place(number, at, sheet)
            yield Problem(Kind.WRONG, place, unusable.message, beginning(text))
            return
    answers = {n: cells[n] for n in map(str, range(1, 10)) if cells.get(n)}
    if text or answers:
        try:
            fields = _fields(cells, answers)
        except Unreadable as wrong:
            place = cell_place(number, columns[wrong.column], sheet)
            yield Problem(Kind.WRONG, place, wrong.message, beginning(text))
        else:
            yield item(fields, cell_place(number, columns["question"], sheet))


def _fields(cells: Mapping[str, str], answers: Mapping[str, str]) -> dict[str, object]:
    key = cells.get("correct", "").removesuffix(".0")
    numbers = list(dict.fromkeys(re.findall(r"[0-9]+", key))) or _named(key, answers)
    if not numbers or any(number not in answers for number in numbers):
        message = f"The correct answer is {key[:20] or 'empty'}: "
        raise Unreadable("correct", f"{message}give the numbers of answers, such as 2 or 1,3.")
    order = list(answers)
    right = [order.index(number) for number in numbers]
    fields: dict[str, object] = {
        "question": cells.get("question", ""),
        "options": list(answers.values()),
        "correct": right[0],
    }
    if len(right) > 1:
        # In Kahoot any one of them is right.
        fields["weights"] = [100.0 * (place in right) for place in range(len(order))]
    written = cells.get("time limit", "")
    if written:
        limit = read_number(written)
        if limit is None:
            message = f"The time limit is {written[:20]}: give seconds, such as 20."
            raise Unreadable("time limit", message)
        fields["time_limit"] = limit
    return fields


def _named(key: str, answers: Mapping[str, str]) -> list[str]:
    """Return the number of the answer whose text or letter stands where Kahoot has numbers."""
    same = [number for number, answer in answers.items() if answer.casefold() == key.casefold()]
    lettered = {ascii_uppercase[int(number) - 1]: number for number in answers}
    return same or [lettered[key.upper()]] if key.upper() in lettered or same else []


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
        lacks = _LACKS if _any_of(draft) else (*_LACKS, "weights")
        problems += [*not_written(draft, *lacks), *_limit_problem(draft)]
        sheet.append([None, *_row(sheet, draft)])
    return Writing(workbook.saved(book), problems)


def _refusal(draft: Draft) -> str:
    """Return why a question has no room in the template; nothing if it has."""
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
    """Return the numbers of the answers any one of which is right, if that is all there is."""
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
    """Return whether a workbook has Kahoot's header in its first rows."""
    if not workbook.is_workbook(content):
        return False
    try:
        with workbook.opened(content) as book:
            for sheet in book.worksheets:
                if _header(enumerate(workbook.rows(sheet))):
                    return True
    except QuizError:
        return False
    return False


KAHOOT = Format(
    "kahoot", "Kahoot spreadsheet", (".xlsx",), _is_kahoot, read, write, by_suffix=False
)
