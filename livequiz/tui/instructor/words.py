"""What the dashboard says about a board, in words and numbers."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from livequiz.domain.model import CloseReason
from livequiz.domain.text import one_line
from livequiz.domain.typed import plain_text
from livequiz.tui.base import plain
from livequiz.tui.instructor.board import Board, Person, RoundInfo
from livequiz.tui.instructor.rows import matches, verdict
from livequiz.tui.widgets.question_bars import QuestionLine
from livequiz.tui.widgets.roster import Listed

REASONS = {
    CloseReason.TIME: "time is up",
    CloseReason.INSTRUCTOR: "closed by you",
    CloseReason.COMPLETE: "everybody has answered",
}


TELLING = 2  # responses from which on a question can be called the hardest
# Columns of what the summary of a round names, and of a line on a screen of 80.
QUESTION, SHORTEST_QUESTION, NAME, LINE = 50, 12, 24, 76
EXTRA_TIME = "Time is up, but for students with extra time."


def join_command(url: str, board: Board) -> str:
    """Return what students type."""
    return f"livequiz student {url} --meeting {board.meeting_id}"


def title(board: Board) -> str:
    """Return the first row of the screen."""
    parts = [board.meeting_id]
    if board.round is not None:
        state = "" if board.open else " closed"
        parts.append(f"round {board.round.number}{state}")
    parts.append(f"{board.here} here")
    if board.locked:
        parts.append("locked")
    return "   ".join(parts)


def figures(board: Board) -> dict[str, tuple[str, str]]:
    """Return the large numbers and their labels, by the ids of their widgets."""
    stats = board.round_stats
    share = "-" if stats.accuracy is None else f"{stats.accuracy:.0f}%"
    return {
        "answered": (f"{stats.answered}/{stats.assigned}", "answered"),
        "right": (share, f"right ({stats.correct})"),
    }


def here(board: Board) -> str:
    """Return how many are here, as a sentence."""
    if not board.here:
        return "Nobody is here yet"
    return "1 student is here" if board.here == 1 else f"{board.here} students are here"


def next_step(board: Board) -> str:
    """Return what the instructor can do next, before the first round."""
    if not board.bank:
        return "The question bank is empty: livequiz questions import FILE"
    if not board.here:
        return "When students are here, s sends each of them a question"
    return "s sends each of them a different question"


def presence(board: Board) -> str:
    """Return how many are here and how many are away."""
    away = len(board.people) - board.here - len(board.left)
    return f"Here {board.here}, away {away}" if away else f"Here {board.here}"


def people(board: Board, *, unfolded: bool = False) -> list[str]:
    """Return everybody's id: those who are here as they joined, those who are away, who left.

    Args:
        board: What is known.
        unfolded: Whether those who left are listed; else the line `LEFT` stands for them.
    """
    left = board.left
    here = [one.student_id for one in board.people.values() if one.here]
    away = [one for one in board.people if not board.people[one].here and one not in left]
    return here + away + ([LEFT] if left else []) + (left if unfolded else [])


def listed(board: Board, student_id: str, *, unfolded: bool = False) -> Listed:
    """Return the line of somebody who is here or was, or the line of all who left."""
    if student_id == LEFT:
        return Listed("", "▾" if unfolded else "▸", f"{len(board.left)} who left")
    person = board.people[student_id]
    row = board.rows.get(student_id)
    word = "⊘ ban" if person.banned else "○ away"
    if person.here:
        word = "●" if row is None else verdict(board, row)
    notes = [] if person.time_factor == 1 else [times(person)]
    if board.unshown(student_id):
        notes.append("can't show it")
    return Listed(student_id, word, person.name, " ".join(notes))


LEFT = "(left)"  # no student has such an id


def sought(board: Board, student_id: str, wanted: str) -> bool:
    """Whether somebody has the words of a filter, in the line of the list or in the table's row."""
    row = board.rows.get(student_id)
    if not wanted or (row is not None and matches(board, row, wanted)):
        return True
    line = listed(board, student_id)
    text = plain_text(f"{line.word} {line.name} {line.note} {line.key}")
    return all(word in text for word in plain_text(wanted).split())


def nobody_fits(wanted: str) -> Content:
    """Return what stands in a list that a filter has left nothing of."""
    return plain(f"Nobody fits “{wanted}”. Esc ends the filter.") if wanted else Content()


def close_again(waiting: int) -> str:
    """Return what is said when a round would be closed while students think."""
    have = "1 has" if waiting == 1 else f"{waiting} have"
    return f"{have} not answered: c again closes the round."


def times(person: Person) -> str:
    """Return how much more time a student gets, such as `x1.5`."""
    return f"×{person.time_factor:g}"


def database_away(seconds: float) -> str:
    """Return what is said while MongoDB does not answer."""
    age = f"{int(seconds)} s" if seconds < 120 else f"{int(seconds / 60)} min"
    return f"MongoDB does not answer ({age}); answers wait in the students' terminals."


def left_out(unreadable: Sequence[str]) -> str:
    """Return what is said of documents that can't be read."""
    count = "A document" if len(unreadable) == 1 else f"{len(unreadable)} documents"
    return f"{count} can't be read: {unreadable[0]}. The server's log names all."


def made_up(seconds: float) -> str:
    """Return what is said after a stall."""
    if seconds < 0:
        return "The server's clock was set back; the deadline moved with it."
    return f"The server could not serve for {seconds:.0f} s; everybody got that time back."


def question_line(board: Board, question_id: str) -> QuestionLine:
    """Return how a question of the round goes."""
    stats = board.stats.get(question_id)
    return QuestionLine(
        text=board.texts[question_id],
        correct=stats.correct if stats else 0,
        responses=stats.responses if stats else 0,
        accuracy=stats.accuracy if stats else None,
    )


def closed(info: RoundInfo) -> str:
    """Return the summary of a closed round, in two lines of a small screen."""
    sentence = ""
    for room in range(QUESTION, SHORTEST_QUESTION - 1, -1):
        sentence = _summary(info, room)
        if len(Content(sentence).wrap(LINE)) <= 2:
            break
    return sentence


def _summary(info: RoundInfo, room: int) -> str:
    """Return the same with a question of at most so many columns."""
    summary = info.summary
    if summary is None:
        return f"Round {info.number} is closed."
    reason = REASONS[info.reason] if info.reason else "closed"
    parts = [f"Round {info.number}: {reason}."]
    if summary.unanswered:
        parts.append(f"{len(summary.unanswered)} did not answer.")
    hard = summary.hardest
    if hard is not None and hard.responses >= TELLING:
        share = f"{hard.correct} of {hard.responses} right"
        parts.append(f"Hardest: {_short(hard.question, room)} ({share}).")
    if summary.slowest is not None:
        slow = summary.slowest
        parts.append(f"Slowest: {_short(slow.name, NAME)}, {slow.response_time:.1f} s.")
    parts.append("s sends the next.")
    return " ".join(parts)


def _short(text: str, room: int) -> str:
    """Return a text on one line of at most so many columns."""
    return plain(one_line(text), keep="").truncate(room, ellipsis=True).plain
