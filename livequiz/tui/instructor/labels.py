"""The dashboard's labels: a board in words and numbers."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from livequiz.domain.key_wording import key_in_words
from livequiz.domain.model import CloseReason
from livequiz.domain.statistics import TELLING
from livequiz.domain.text import one_line
from livequiz.domain.typed_answers import plain_text
from livequiz.protocol.answers import key_from
from livequiz.protocol.bank import KeyedQuestion
from livequiz.tui.base import plain
from livequiz.tui.instructor.board import Board, Person, RoundInfo
from livequiz.tui.instructor.response_rows import matches
from livequiz.tui.widgets.roster import Listed

REASONS = {
    CloseReason.TIME: "time is up",
    CloseReason.INSTRUCTOR: "closed by you",
    CloseReason.COMPLETE: "everyone has answered",
}


# Columns of what the summary of a round names, and of a line on a screen of 80.
QUESTION, SHORTEST_QUESTION, NAME, LINE = 50, 6, 14, 76
RESULTS_SHOWN = "Projectors show the results. Press a to hide them."
RESULTS_HIDDEN = "Projectors no longer show the results."
LEADERBOARD_SHOWN = "The class sees the leaderboard. Press o, then h, to hide it."
LEADERBOARD_HIDDEN = "The class no longer sees the leaderboard."
EXTRA_TIME = "Time is up, except for students with extra time."


def title(board: Board) -> str:
    """Return the title in the screen's first row."""
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


def next_step(board: Board) -> str:
    """Return a hint about what to do next, before the first round."""
    if not board.bank:
        return "The question bank is empty: livequiz questions import FILE"
    if not board.here:
        return "Once students are here, press s to send each of them a question"
    return "Press s to send each of them a different question"


def presence(board: Board) -> str:
    """Return the numbers of students who are here and away."""
    away = len(board.people) - board.here - len(board.left)
    return f"Here {board.here}, away {away}" if away else f"Here {board.here}"


def people(board: Board, *, unfolded: bool = False) -> list[str]:
    """Return all student ids: those here in order of joining, then those away, then those who left.

    Args:
        board: The state of the meeting.
        unfolded: Whether to list those who left; otherwise the line `LEFT` stands for them.
    """
    left = board.left
    here = [one.student_id for one in board.people.values() if one.here]
    away = [one for one in board.people if not board.people[one].here and one not in left]
    return here + away + ([LEFT] if left else []) + (left if unfolded else [])


def listed(board: Board, student_id: str, *, unfolded: bool = False) -> Listed:
    """Return a student's line in the list, or the line that stands for all who left."""
    if student_id == LEFT:
        return Listed("", "▾" if unfolded else "▸", f"{len(board.left)} who left")
    person = board.people[student_id]
    notes = [] if person.time_factor == 1 else [times(person)]
    if person.banned:
        notes.append("banned")
    elif not person.here:
        since = person.away_since
        notes.append("away" if since is None else f"away {age(board.clock() - since)}")
    if board.unshown(student_id):
        notes.append("can't show it")
    if person.practised:
        notes.append(f"practised {person.practised}")
    asked = person.progress.asked
    return Listed(
        student_id,
        "●" if person.here else "⊘" if person.banned else "○",
        person.name,
        " ".join(notes),
        person.way or "",
        answered=f"{person.progress.answered} of {asked}" if asked else "",
        right=f"{person.progress.correct}" if asked else "",
    )


LEFT = "(left)"  # no student has such an id


def matches_filter(board: Board, student_id: str, wanted: str) -> bool:
    """Whether a student's line in the list or row in the table matches a filter's words."""
    row = board.rows.get(student_id)
    if not wanted or (row is not None and matches(board, row, wanted)):
        return True
    line = listed(board, student_id)
    text = plain_text(f"{line.symbol} {line.name} {line.note} {line.key}")
    return all(word in text for word in plain_text(wanted).split())


def nobody_fits(wanted: str) -> Content:
    """Return the placeholder of a list in which nothing matches the filter."""
    return (
        plain(f"Nobody matches “{wanted}”. Press Esc to clear the filter.") if wanted else Content()
    )


def close_again(waiting: int) -> str:
    """Return the prompt before closing a round while students are still answering."""
    have = "1 has" if waiting == 1 else f"{waiting} have"
    return f"{have} not answered yet. Press c again to close the round."


def times(person: Person) -> str:
    """Return a student's time factor, such as `x1.5`."""
    return f"×{person.time_factor:g}"


def age(seconds: float) -> str:
    """Return a duration, roughly."""
    if seconds < 120:
        return f"{max(0, int(seconds))} s"
    return f"{int(seconds / 60)} min" if seconds < 7_200 else f"{int(seconds / 3_600)} h"


def database_away(seconds: float) -> str:
    """Return the notice shown while MongoDB does not answer."""
    return f"MongoDB is not responding ({age(seconds)}); answers wait in the students' terminals."


def left_out(unreadable: Sequence[str]) -> str:
    """Return the notice about documents that can't be read."""
    count = "A document" if len(unreadable) == 1 else f"{len(unreadable)} documents"
    return f"{count} can't be read: {unreadable[0]}. The server's log lists them all."


def made_up(seconds: float) -> str:
    """Return the notice about the extension after a server stall."""
    if seconds < 0:
        return "The server's clock was set back; the deadline moved with it."
    return f"The server was unresponsive for {seconds:.0f} s; everyone got that time back."


def closed(info: RoundInfo) -> str:
    """Return the summary of a closed round, to fit two lines of a small screen."""
    sentence = ""
    for room in range(QUESTION, SHORTEST_QUESTION - 1, -1):
        sentence = _summary(info, room)
        if len(Content(sentence).wrap(LINE)) <= 2:
            break
    return sentence


def _summary(info: RoundInfo, room: int) -> str:
    """Return the summary with the question cut to at most `room` columns."""
    summary = info.summary
    if summary is None:
        return over(info)
    parts = [over(info)]
    hard = summary.hardest
    if hard is not None and hard.responses >= TELLING:
        share = f"{hard.correct} of {hard.responses} right"
        parts.append(f"Hardest: {_short(hard.question, room)} ({share}).")
    if summary.slowest is not None:
        slow = summary.slowest
        parts.append(f"Slowest: {_short(slow.name, NAME)}, {slow.response_time:.1f} s.")
    parts.append("Press u for more, s for the next round.")
    return " ".join(parts)


def over(info: RoundInfo) -> str:
    """Return why a round ended, and how many did not answer."""
    summary = info.summary
    if summary is None:
        return f"Round {info.number} is closed."
    reason = REASONS[info.reason] if info.reason else "closed"
    if summary.unanswered and info.reason is CloseReason.COMPLETE:
        reason = "everyone still here has answered"
    missing = len(summary.unanswered)
    return f"Round {info.number}: {reason}." + f" {missing} did not answer." * bool(missing)


def key_words(question: KeyedQuestion) -> str:
    """Return the right answer of a question with typed answers."""
    return key_in_words(question.type, key_from(question.type, question.correct), ())


def _short(text: str, room: int) -> str:
    """Return a text on one line of at most `room` columns."""
    return plain(one_line(text), keep="").truncate(room, ellipsis=True).plain
