"""The figures of a class: topics, difficult questions, times, and students to look at.

The server adds up the rounds before the newest one; the dashboard adds that round's answers itself,
so that figures are live in every scope.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

from textual.content import Content

from livequiz.domain.model import Difficulty
from livequiz.domain.progress import struggling
from livequiz.domain.statistics import ENOUGH, NO_TOPIC, TIMES, Tally
from livequiz.domain.text import one_line
from livequiz.protocol.figures import Figures, Scope
from livequiz.tui.base import plain
from livequiz.tui.instructor.board import Board, Row
from livequiz.tui.widgets.figures_pane import DrawLine

SCOPES = {None: "this round", Scope.MEETING: "all rounds", Scope.EVER: "all meetings"}
LEVELS = (Difficulty.EASY, Difficulty.MEDIUM, Difficulty.HARD)
LOW = 50.0  # per cent: fewer right answers make a question one to look at
SHARE, COUNT = 7, 4  # columns of a share and of its number of answers
NARROW_SHARE = 5
WIDE = 60  # columns; with fewer, only the totals have the number of answers
BAR = 8  # columns of a bar of 100 %
LONGEST_BAR = 24  # columns in the histogram
QUESTION, STUDENT = "question:", "student:"  # how the keys of lines begin that can be opened


@dataclass(slots=True)
class Totals:
    """Answers added up."""

    topics: dict[str, dict[Difficulty | None, Tally]] = field(default_factory=dict)
    questions: dict[str, Tally] = field(default_factory=dict)  # by id, those of the past first
    texts: dict[str, str] = field(default_factory=dict)  # of questions, by id
    times: list[int] = field(default_factory=lambda: [0] * (len(TIMES) + 1))

    def count(self, topic: str, level: Difficulty | None, tally: Tally) -> None:
        """Add answers to questions of a topic and a difficulty."""
        cells = self.topics.setdefault(topic, {})
        cells[level] = cells.get(level, Tally()) + tally


def totals(board: Board, base: Figures | None) -> Totals:
    """Add the newest round's answers to the figures of those before it; None: to nothing."""
    found = Totals()
    if base is not None:
        for cell in base.topics:
            found.count(cell.topic, cell.difficulty, Tally(cell.responses, cell.correct))
        for one in base.questions:
            found.questions[one.question_id] = Tally(one.responses, one.correct)
            found.texts[one.question_id] = one.question
        found.times = list(base.times)
    for row in board.rows.values():
        question_id = row.question_id
        found.texts[question_id] = board.texts.get(question_id, "")
        before = found.questions.setdefault(question_id, Tally())
        if row.arrived:
            found.questions[question_id] = before + _tally(row)
            found.times[bisect_right(TIMES, row.seconds or 0.0)] += 1
            if (detail := board.details.get(question_id)) is not None:
                topic = detail.topics[0] if detail.topics else NO_TOPIC
                found.count(topic, detail.difficulty, _tally(row))
    return found


def _tally(row: Row) -> Tally:
    return Tally(1, int(bool(row.correct)))


def title(scope: Scope | None) -> str:
    """Return the title of the figures, with the key that changes their scope."""
    scopes = list(SCOPES)
    other = SCOPES[scopes[(scopes.index(scope) + 1) % len(scopes)]]
    return f"Figures of {SCOPES[scope]} (f: {other})"


def lines(board: Board, scope: Scope | None, base: Figures | None) -> dict[str, DrawLine]:
    """Return the lines to show, by key.

    Args:
        board: The meeting with its newest round.
        scope: What to add up; None: the newest round only.
        base: The rounds before it in that scope; None while the server still counts.
    """
    if scope is not None and base is None:
        return {"counting": partial(_words, "Counting ...")}
    found = totals(board, base)
    shown = dict(_lines(board, found))
    if shown:
        shown.popitem()  # the space after the last section
    return shown


def _lines(board: Board, found: Totals) -> Iterator[tuple[str, DrawLine]]:
    yield from _topics(found)
    low = [q for q, tally in found.questions.items() if _is_low(tally)]
    yield from _questions(
        "low", f"Fewer than half right, with {ENOUGH} answers or more", found, low
    )
    yield from _students(board)
    yield from _histogram(found.times)
    asked = list(dict.fromkeys(row.question_id for row in board.rows.values()))
    yield from _questions("round", "Questions of this round", found, asked)


def _topics(found: Totals) -> Iterator[tuple[str, DrawLine]]:
    if not found.topics:
        return
    yield "heading:topics", _topic_heading
    for topic, cells in sorted(found.topics.items()):
        yield f"topic:{topic}", partial(_topic, topic, cells)
    if len(found.topics) > 1:
        yield "all topics", partial(_topic, "All", _together(found))
    yield "space:topics", _space


def _questions(
    section: str, heading: str, found: Totals, question_ids: list[str]
) -> Iterator[tuple[str, DrawLine]]:
    if not question_ids:
        return
    yield f"heading:{section}", partial(_heading, heading)
    for question_id in question_ids:
        line = partial(_question, found.texts[question_id], found.questions[question_id])
        yield f"{QUESTION}{section}:{question_id}", line
    yield f"space:{section}", _space


def _students(board: Board) -> Iterator[tuple[str, DrawLine]]:
    left = set(board.left)
    look_at = struggling({k: p.progress for k, p in board.people.items() if k not in left})
    if not look_at:
        return
    yield "heading:students", partial(_heading, "Students, over all rounds")
    for student_id, for_share in look_at.items():
        done = board.people[student_id].progress
        fact = f"no answer in {done.missed} rounds"
        if for_share:
            fact = f"{done.correct} of {done.answered} right"
        name = board.people[student_id].name
        yield f"{STUDENT}{student_id}", partial(_fact, name, fact)
    yield "space:students", _space


def _histogram(times: list[int]) -> Iterator[tuple[str, DrawLine]]:
    """Yield a bar for each span of time up to the longest response."""
    if not any(times):
        return
    yield "heading:times", partial(_heading, "Response times")
    most = max(times)
    last = max(index for index, count in enumerate(times) if count)
    for index in range(last + 1):
        low = TIMES[index - 1] if index else 0
        span = f"{low}-{TIMES[index]} s" if index < len(TIMES) else f"{low} s +"
        yield f"time:{index}", partial(_bar, span, times[index], most)
    yield "space:times", _space


def _is_low(tally: Tally) -> bool:
    return tally.responses >= ENOUGH and (tally.accuracy or 0.0) < LOW


def _together(found: Totals) -> dict[Difficulty | None, Tally]:
    result: defaultdict[Difficulty | None, Tally] = defaultdict(Tally)
    for cells in found.topics.values():
        for level, tally in cells.items():
            result[level] += tally
    return dict(result)


# --- lines -------------------------------------------------------------------------------


def _words(words: str, _room: int) -> Content:
    return plain(words, keep="")


def _heading(words: str, _room: int) -> Content:
    return Content.styled(words, "$muted bold")


def _space(_room: int) -> Content:
    return Content()


def _topic_heading(room: int) -> Content:
    if room >= WIDE:
        words = [f"{word:>{SHARE}}{'':{COUNT}}" for word in ("easy", "medium", "hard", "all")]
    else:
        words = [f"{word:>{NARROW_SHARE}}" for word in ("easy", "med.", "hard", "all")]
        words.append(" " * COUNT)
    numbers = "".join(words)
    return Content.styled(f"{'Topic':<{max(0, room - len(numbers))}}{numbers}", "$muted bold")


def _topic(topic: str, cells: dict[Difficulty | None, Tally], room: int) -> Content:
    """Return a topic's accuracy and number of answers, by difficulty and in all."""
    whole = sum(cells.values(), Tally())
    wide = room >= WIDE
    share = SHARE if wide else NARROW_SHARE
    shown = [_cell(cells.get(level, Tally()), share, count=wide) for level in LEVELS]
    numbers = Content("").join([*shown, _cell(whole, share, count=True)])
    name = plain(topic, keep="").truncate(
        max(1, room - numbers.cell_length), ellipsis=True, pad=True
    )
    return Content.assemble(name, numbers)


def _cell(tally: Tally, columns: int, *, count: bool) -> Content:
    """Return the share of right answers in so many columns, and how many answers there are."""
    share = f"{tally.accuracy:.0f}%" if tally.responses else "-"
    number = _count(tally.responses) if tally.responses else ""
    counted = f"{number:>{COUNT}}" if count else ""
    return Content.assemble(f"{share:>{columns}}", (counted, "$muted"))


def _count(number: int) -> str:
    """Return a number in at most 3 columns: 999, then 2k."""
    return f"{number}" if number < 1_000 else f"{min(99, number // 1_000)}k"


def _question(words: str, tally: Tally, room: int) -> Content:
    counts = f"{tally.correct}/{tally.responses}"
    share = tally.accuracy or 0.0
    percent = "" if tally.accuracy is None else f"{share:.0f}%"
    bar = "█" * round(share * BAR / 100)
    numbers = Content.assemble(f"{counts:>8} ", (f"{bar:─<{BAR}}", "$primary"), f"{percent:>5}")
    text = plain(one_line(words), keep="")
    text = text.truncate(max(8, room - numbers.cell_length), ellipsis=True, pad=True)
    return Content.assemble(text, numbers)


def _fact(name: str, fact: str, room: int) -> Content:
    shown = plain(name, keep="").truncate(max(8, room - len(fact) - 1), ellipsis=True, pad=True)
    return Content.assemble(shown, f" {fact}")


def _bar(span: str, count: int, most: int, room: int) -> Content:
    width = max(4, min(LONGEST_BAR, room - 16))
    bar = "█" * max(1, round(width * count / most)) if count else ""
    return Content.assemble(f"{span:>9}  ", (bar, "$primary"), f" {count}" if count else "")
