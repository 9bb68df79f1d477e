"""Rows of the response table: cell texts, sort orders and filtering."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from livequiz.domain.key_wording import answer_in_words
from livequiz.domain.text import one_line
from livequiz.domain.typed_answers import plain_text
from livequiz.tui.instructor.board import Board, Row
from livequiz.tui.widgets.response_table import Shown

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def shown(board: Board, row: Row) -> Shown:
    """Return the texts of a row's cells."""
    return Shown(
        student_id=row.student_id,
        verdict=verdict(board, row),
        name=f"{row.name} ({row.student_id})" if board.namesakes(row.name)[1:] else row.name,
        question=one_line(board.texts.get(row.question_id, "")),
        answer=answer(board, row),
        time="" if row.seconds is None else f"{row.seconds:.1f}s",
    )


def verdict(board: Board, row: Row) -> str:
    """Return the verdict as a symbol and a word, so that it never depends on colour alone."""
    if row.correct is not None:
        if row.points and not row.correct:
            return "◐ part"
        return "✓ right" if row.correct else "✗ wrong"
    person = board.people.get(row.student_id)
    if person is not None and not person.here:
        return "○ away"
    return "…" if board.open else "– none"


def answer(board: Board, row: Row) -> str:
    """Return an answer as option letters, in the question's own order, and text; or as typed."""
    if row.answer is None:
        return ""
    if isinstance(row.answer, float | str):
        return answer_in_words(row.answer, ())
    places = row.answer if isinstance(row.answer, list) else [row.answer]
    detail = board.details.get(row.question_id)
    options = detail.options if detail else []
    texts = [one_line(options[place]) for place in places if place < len(options)]
    return f"{' '.join(LETTERS[place % 26] for place in places)} {', '.join(texts)}"


def matches(board: Board, row: Row, wanted: str) -> bool:
    """Whether a row's cells match a filter's words, ignoring accents."""
    if not wanted:
        return True
    cells = shown(board, row)
    text = f"{cells.verdict} {cells.name} {cells.student_id} {cells.question} {cells.answer}"
    found = plain_text(text)
    return all(word in found for word in plain_text(wanted).split())


def _by_row(value: Callable[[Board, Row], Any]) -> Callable[[Board], Callable[[str], Any]]:
    return lambda board: lambda student_id: value(board, board.rows[student_id])


def _order_of_joining(board: Board) -> Callable[[str], Any]:
    places = {student_id: place for place, student_id in enumerate(board.rows)}
    return places.__getitem__


# By name, in the order in which the sort key cycles through them.
ORDERS: dict[str, Callable[[Board], Callable[[str], Any]]] = {
    "as they joined": _order_of_joining,
    "newest first": _by_row(lambda _, row: (row.arrived == 0, -row.arrived)),
    "student": _by_row(lambda _, row: (row.name.casefold(), row.student_id)),
    "question": _by_row(lambda board, row: board.texts.get(row.question_id, "")),
    "verdict": _by_row(lambda _, row: ({None: 0, False: 1, True: 2}[row.correct], row.points or 0)),
    "slowest first": _by_row(lambda _, row: -(row.seconds or 0)),
}
