"""What a dashboard knows: kept up to date from events, without a screen."""

from __future__ import annotations

from typing import Any

import pytest

from livequiz.domain.model import (
    AssignmentStatus,
    CloseReason,
    Presence,
    QuestionType,
    Reveal,
    RoundState,
)
from livequiz.protocol.messages import (
    AnswerUpdate,
    AnswerUpdates,
    Hardest,
    MeetingUpdated,
    QuestionsSent,
    QuestionStats,
    RoundClosed,
    RoundStats,
    RoundSummary,
    SentAssignment,
    Stats,
    StudentJoined,
    StudentLeft,
)
from livequiz.protocol.snapshot import (
    AssignmentRow,
    QuestionDetail,
    RoundDetail,
    Snapshot,
    StudentRow,
)
from livequiz.tui.instructor import labels
from livequiz.tui.instructor.board import Board
from livequiz.tui.instructor.response_rows import ORDERS, answer, matches, shown, verdict

NOW = "2026-01-15T10:05:15.123Z"
PEOPLE = {"S001": "Alice Johnson", "S002": "Bob Smith", "S003": "[/]"}


def stats(answered: int = 0, correct: int = 0) -> RoundStats:
    accuracy = 100 * correct / answered if answered else None
    return RoundStats(3, answered, correct, accuracy, None)


def question_stats(number: int, responses: int = 0, correct: int = 0) -> QuestionStats:
    accuracy = 100 * correct / responses if responses else None
    return QuestionStats(f"q{number}", responses, correct, accuracy)


def snapshot(answers: dict[str, bool] | None = None, **changes: Any) -> Snapshot:
    given = answers or {}
    rows = [
        AssignmentRow(
            student_id=student,
            name=name,
            question_id=f"q{number}",
            status=AssignmentStatus.ANSWERED if student in given else AssignmentStatus.SENT,
            answer=1 if student in given else None,
            correct=given.get(student),
            response_time=2.0 if student in given else None,
            timestamp=NOW if student in given else None,
        )
        for number, (student, name) in enumerate(PEOPLE.items())
    ]
    details = [
        QuestionDetail(
            question_id=f"q{number}",
            question=f"Question {number}?",
            options=["a", "b"],
            correct=1,
            type=QuestionType.SINGLE,
            points=1,
            topics=[],
            difficulty=None,
            explanation=None,
            stats=question_stats(number),
        )
        for number in range(3)
    ]
    fields: dict[str, Any] = {
        "meeting_id": "TEST",
        "locked": False,
        "server_time": NOW,
        "bank": 3,
        "topics": [],
        "students": [
            StudentRow(student, name, Presence.ACTIVE, NOW, 0, 0, 1)
            for student, name in PEOPLE.items()
        ],
        "round": RoundDetail(
            round_id="r1",
            round_number=1,
            state=RoundState.OPEN,
            reason=None,
            opened_at=NOW,
            deadline=NOW,
            duration=30,
            remaining=20,
            draw_seed=1,
            distinct=True,
            reveal=Reveal.AT_ONCE,
            warnings=[],
            stats=stats(len(given), sum(given.values())),
            summary=None,
        ),
        "assignments": rows,
        "questions": details,
    }
    return Snapshot(**{**fields, **changes})


def sent(round_id: str = "r2", number: int = 2, *, late: bool = False) -> QuestionsSent:
    people = {"S009": "Late Comer"} if late else PEOPLE
    rows = [
        SentAssignment(student, name, f"q{place}", f"Question {place}?")
        for place, (student, name) in enumerate(people.items())
    ]
    return QuestionsSent(
        success=True,
        count=len(rows),
        assignments=rows,
        round_id=round_id,
        round_number=number,
        duration=30,
        deadline=NOW,
        distinct=True,
        draw_seed=1,
        warnings=[],
        late=late,
    )


def update(student: str, number: int, correct: bool, answered: int, right: int) -> AnswerUpdate:
    return AnswerUpdate(
        student_id=student,
        student_name=PEOPLE[student],
        question_id=f"q{number}",
        answer=1,
        correct=correct,
        stats=Stats(question_stats(number, 1, int(correct)), stats(answered, right)),
        timestamp=NOW,
        round_id="r1",
        response_time=3.5,
        points=int(correct),
    )


@pytest.fixture
def board() -> Board:
    """A board in the middle of a round, before any answer."""
    board = Board()
    board.load(snapshot())
    return board


def test_every_assignment_has_a_row_from_the_moment_the_round_opens(board: Board) -> None:
    assert list(board.rows) == list(PEOPLE)
    assert {verdict(board, row) for row in board.rows.values()} == {"…"}


def test_an_answer_changes_only_its_own_row(board: Board) -> None:
    first = update("S002", 1, False, 1, 0)
    changed = board.apply(AnswerUpdates([first], first.stats, 0))
    assert changed == {"S002"}
    assert verdict(board, board.rows["S002"]) == "✗ wrong"
    assert answer(board, board.rows["S002"]) == "B b"
    assert board.round_stats.answered == 1


def test_a_repeated_answer_changes_nothing(board: Board) -> None:
    board.apply(update("S001", 0, True, 1, 1))
    assert board.apply(update("S001", 0, False, 1, 1)) == frozenset()
    assert verdict(board, board.rows["S001"]) == "✓ right"
    assert board.arrivals == 1


def test_an_answer_of_another_round_is_ignored(board: Board) -> None:
    stray = update("S001", 0, True, 1, 1)
    stray.round_id = "r0"
    assert board.apply(stray) == frozenset()
    assert board.round_stats.answered == 0


def test_a_new_round_forgets_the_rows_of_the_last_one(board: Board) -> None:
    board.apply(update("S001", 0, True, 1, 1))
    board.apply(sent())
    assert board.open
    assert board.round is not None
    assert board.round.number == 2
    assert board.round_stats.answered == 0
    assert all(row.answer is None for row in board.rows.values())


def test_a_late_joiner_gets_a_row_at_the_end_and_moves_nobody(board: Board) -> None:
    board.apply(update("S001", 0, True, 1, 1))
    board.apply(sent("r1", 1, late=True))
    assert list(board.rows) == [*PEOPLE, "S009"]
    assert verdict(board, board.rows["S001"]) == "✓ right"
    assert board.round_stats.assigned == 4


def test_answers_that_overtook_the_announcement_come_with_the_snapshot(board: Board) -> None:
    assert board.learn(snapshot({"S001": True, "S003": False})) == {"S001", "S003"}
    assert board.round_stats.answered == 2
    assert board.arrivals == 2


def test_a_snapshot_of_another_round_teaches_nothing(board: Board) -> None:
    board.apply(sent())
    assert board.learn(snapshot({"S001": True})) == frozenset()
    assert board.rows["S001"].answer is None


def test_who_is_away_is_said_until_they_are_back(board: Board) -> None:
    board.apply(StudentLeft("S001", "Alice Johnson", "TEST", "disconnected"))
    assert verdict(board, board.rows["S001"]) == "○ away"
    assert board.here == 2
    board.apply(StudentJoined("S001", "Alice J.", "TEST", rejoined=True))
    assert verdict(board, board.rows["S001"]) == "…"
    assert board.rows["S001"].name == "Alice J."


def test_only_students_of_the_same_name_are_told_apart_by_their_ids(board: Board) -> None:
    board.apply(StudentLeft("S001", "Alice Johnson", "TEST", "disconnected"))
    changed = board.apply(StudentJoined("S001", "bob smith", "TEST", rejoined=True))
    assert changed == {"S001", "S002"}
    names = [shown(board, row).name for row in board.rows.values()]
    assert names == ["bob smith (S001)", "Bob Smith (S002)", "[/]"]
    changed = board.apply(StudentJoined("S001", "Alice", "TEST", rejoined=True))
    assert changed == {"S001", "S002"}
    assert shown(board, board.rows["S002"]).name == "Bob Smith"


def test_who_is_away_stands_last_and_is_never_called_right(board: Board) -> None:
    """The list once said "right" of students who had left."""
    board.apply(update("S001", 0, True, 1, 1))
    board.apply(update("S002", 1, False, 2, 1))
    board.apply(StudentLeft("S001", "Alice Johnson", "TEST", "disconnected"))
    people = [labels.listed(board, student_id) for student_id in labels.people(board)]
    lines = [(line.key, line.symbol) for line in people]
    assert lines == [("S002", "●"), ("S003", "●"), ("S001", "○")]
    assert people[-1].note == "away 0 s"
    assert labels.presence(board) == "Here 2, away 1"


def test_a_closed_round_shows_who_did_not_answer(board: Board) -> None:
    board.apply(update("S001", 0, True, 1, 1))
    summary = RoundSummary(stats(1, 1), [], ["S002", "S003"], None, None)
    board.apply(RoundClosed("r1", CloseReason.TIME, summary))
    assert not board.open
    assert verdict(board, board.rows["S002"]) == "– none"
    assert board.round is not None
    assert "2 did not answer" in labels.closed(board.round)


@pytest.mark.parametrize(("responses", "named"), [(1, False), (2, True)])
def test_a_question_is_called_the_hardest_only_if_two_answered_it(
    board: Board, responses: int, named: bool
) -> None:
    hardest = Hardest("q1", "Capital of Australia?", responses, 0, 0.0)
    summary = RoundSummary(stats(2, 1), [], [], hardest, None)
    board.apply(RoundClosed("r1", CloseReason.TIME, summary))
    assert board.round is not None
    sentence = f"Hardest: Capital of Australia? (0 of {responses} right)."
    assert (sentence in labels.closed(board.round)) is named


def test_the_lock_is_shown(board: Board) -> None:
    board.apply(MeetingUpdated("TEST", locked=True))
    assert "locked" in labels.title(board)


def test_rows_are_found_by_any_of_their_words(board: Board) -> None:
    board.apply(update("S002", 1, False, 1, 0))
    found = [row.student_id for row in board.rows.values() if matches(board, row, "WRONG bob")]
    assert found == ["S002"]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("as they joined", ["S001", "S002", "S003"]),
        ("newest first", ["S001", "S003", "S002"]),
        ("student", ["S003", "S001", "S002"]),
        ("verdict", ["S002", "S003", "S001"]),
    ],
)
def test_rows_are_sorted_as_the_reader_chooses(
    board: Board, order: str, expected: list[str]
) -> None:
    board.apply(update("S003", 2, False, 1, 0))
    board.apply(update("S001", 0, True, 2, 1))
    assert sorted(board.rows, key=ORDERS[order](board)) == expected


def test_a_persons_text_stays_as_it_is(board: Board) -> None:
    assert shown(board, board.rows["S003"]).name == "[/]"


def test_who_left_before_the_newest_round_is_folded_into_one_line(board: Board) -> None:
    board.apply(StudentLeft("S001", "Alice Johnson", "TEST", "disconnected"))
    assert labels.people(board) == ["S002", "S003", "S001"], "the round that they were in is open"
    board.apply(StudentLeft("S003", "[/]", "TEST", "left"))
    board.apply(sent(late=True))
    assert labels.people(board) == ["S002", labels.LEFT]
    assert labels.people(board, unfolded=True) == ["S002", labels.LEFT, "S001", "S003"]
    assert labels.listed(board, labels.LEFT).name == "2 who left"
    assert labels.presence(board) == "Here 1"
    board.apply(StudentJoined("S001", "Alice Johnson", "TEST", rejoined=True))
    assert labels.people(board) == ["S001", "S002", labels.LEFT]
