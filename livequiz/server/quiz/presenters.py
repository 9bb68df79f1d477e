"""Presenters: convert domain values to the messages that students and instructors get."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from livequiz.domain import statistics
from livequiz.domain.answering import as_shown, key_as_shown
from livequiz.domain.client_types import listed_types
from livequiz.domain.key_wording import key_text
from livequiz.domain.model import (
    Assignment,
    PointsFor,
    Presence,
    Question,
    Response,
    Round,
    Student,
)
from livequiz.domain.option_order import shown_options
from livequiz.domain.progress import Progress
from livequiz.domain.statistics import Tally
from livequiz.protocol import messages
from livequiz.protocol.answers import answer_out
from livequiz.protocol.bank import keyed_fields
from livequiz.protocol.fields import to_timestamp
from livequiz.protocol.snapshot import AssignmentRow, QuestionDetail, RoundDetail, StudentRow
from livequiz.server.cache.history import ClosedRounds
from livequiz.server.cache.live_round import LiveRound, Score


def new_question(live: LiveRound, assignment: Assignment, now: datetime) -> messages.NewQuestion:
    """Return a student's question with the time left, without its key."""
    question = live.questions[assignment.question_id]
    return messages.NewQuestion(
        question_id=question.id,
        question=question.text,
        options=shown_options(assignment, question),
        sent_time=to_timestamp(assignment.sent_time),
        round_id=live.round.id,
        round_number=live.round.number,
        type=question.type,
        duration=(
            (live.round.duration - assignment.early) * live.factors.get(assignment.student_id, 1.0)
        ),
        deadline=to_timestamp(assignment.deadline),
        remaining=max(0.0, (assignment.deadline - now).total_seconds()),
        server_time=to_timestamp(now),
        points=0 if live.round.points_for is PointsFor.NOTHING else question.points,
        topic=question.topic,
    )


def answer_result(
    live: LiveRound, assignment: Assignment, response: Response, *, duplicate: bool = False
) -> messages.AnswerResult:
    """Return a student's result, with the verdict and key unless the round withholds them."""
    question = live.questions[assignment.question_id]
    score = live.scores.get(assignment.student_id, Score())
    hidden = live.withholds(assignment)
    return messages.AnswerResult(
        correct=None if hidden else response.correct,
        correct_answer=None if hidden else key_as_shown(assignment, question),
        your_answer=as_shown(assignment, response.answer),
        question_id=question.id,
        round_id=live.round.id,
        response_time=response.response_time,
        points=None if hidden else response.points,
        total_points=score.points - (response.points if hidden else 0),
        # The streak would reveal whether this answer was right.
        streak=0 if hidden else score.streak,
        explanation=None if hidden else question.explanation,
        correct_text=None if hidden else typed_key(question),
        duplicate=duplicate,
    )


def no_answer(live: LiveRound, assignment: Assignment) -> messages.AnswerResult:
    """Return the result of a student who did not answer, for when the round has closed."""
    question = live.questions[assignment.question_id]
    score = live.scores.get(assignment.student_id, Score())
    return messages.AnswerResult(
        correct=False,
        correct_answer=key_as_shown(assignment, question),
        your_answer=None,
        question_id=question.id,
        round_id=live.round.id,
        response_time=None,
        points=0,
        total_points=score.points,
        streak=score.streak,
        explanation=question.explanation,
        correct_text=typed_key(question),
        duplicate=False,
    )


def typed_key(question: Question) -> str | None:
    """Return the key of a question whose answer is typed, in words; None for others."""
    return None if question.options else key_text(question)


def student_closed(
    live: LiveRound, student_id: str, *, close_stored: bool = True
) -> messages.StudentRoundClosed:
    """Return a closed round as a student sees it, without a result unless the close is stored."""
    assert live.round.reason is not None  # noqa: S101
    result = None
    if close_stored and (assignment := live.assignments.get(student_id)):
        response = live.responses.get(student_id)
        result = (
            answer_result(live, assignment, response) if response else no_answer(live, assignment)
        )
    return messages.StudentRoundClosed(
        round_id=live.round.id, reason=live.round.reason, result=result
    )


def extended_for(live: LiveRound, student_id: str, now: datetime) -> messages.RoundExtended:
    """Return a student's new deadline."""
    deadline = live.assignments[student_id].deadline
    return messages.RoundExtended(
        round_id=live.round.id,
        deadline=to_timestamp(deadline),
        remaining=max(0.0, (deadline - now).total_seconds()),
        server_time=to_timestamp(now),
    )


def extended(live: LiveRound, now: datetime) -> messages.RoundExtended:
    """Return the round's new deadline."""
    return messages.RoundExtended(
        round_id=live.round.id,
        deadline=to_timestamp(live.round.deadline),
        remaining=live.remaining(now),
        server_time=to_timestamp(now),
        extra_time=live.extra_time or None,
    )


def questions_sent(
    live: LiveRound, assignments: Iterable[Assignment], *, late: bool = False
) -> messages.QuestionsSent:
    """Return the questions sent, by student, as instructors see them."""
    rows = [
        messages.SentAssignment(
            student_id=assignment.student_id,
            name=live.names[assignment.student_id],
            question_id=assignment.question_id,
            question=live.questions[assignment.question_id].text,
        )
        for assignment in assignments
    ]
    return messages.QuestionsSent(
        success=True,
        count=len(rows),
        assignments=rows,
        round_id=live.round.id,
        round_number=live.round.number,
        duration=live.round.duration,
        deadline=to_timestamp(live.round.deadline),
        distinct=live.round.distinct,
        draw_seed=live.round.draw_seed,
        warnings=list(live.round.warnings),
        late=late,
        extra_time=live.extra_time or None,
    )


def question_stats(question_id: str, tally: Tally) -> messages.QuestionStats:
    """Return a question's statistics."""
    return messages.QuestionStats(
        question_id=question_id,
        responses=tally.responses,
        correct=tally.correct,
        accuracy=tally.accuracy,
    )


def round_stats(live: LiveRound) -> messages.RoundStats:
    """Return a round's statistics."""
    return messages.RoundStats(
        assigned=len(live.assignments),
        answered=live.tally.responses,
        correct=live.tally.correct,
        accuracy=live.tally.accuracy,
        mean_response_time=live.tally.mean_response_time,
    )


def answer_updates(live: LiveRound, responses: Iterable[Response]) -> list[messages.AnswerUpdate]:
    """Return answers as instructors see them, each with the statistics after all of them."""
    whole = round_stats(live)
    return [
        messages.AnswerUpdate(
            student_id=response.student_id,
            student_name=live.names.get(response.student_id, response.student_id),
            question_id=response.question_id,
            answer=answer_out(response.answer),
            correct=response.correct,
            stats=messages.Stats(
                question=question_stats(
                    response.question_id, live.by_question[response.question_id]
                ),
                round=whole,
            ),
            timestamp=to_timestamp(response.timestamp),
            round_id=response.round_id,
            response_time=response.response_time,
            points=response.points,
        )
        for response in responses
    ]


def summary(live: LiveRound) -> messages.RoundSummary:
    """Return the summary of a closed round."""
    tallies = statistics.tally_by_question(live.responses.values())
    return messages.RoundSummary(
        stats=round_stats(live),
        questions=[question_stats(question_id, tally) for question_id, tally in tallies.items()],
        unanswered=live.unanswered(),
        hardest=_hardest(live, tallies),
        slowest=_slowest(live),
    )


def round_closed(live: LiveRound) -> messages.RoundClosed:
    """Return a closed round as instructors see it."""
    assert live.round.reason is not None  # noqa: S101
    return messages.RoundClosed(
        round_id=live.round.id, reason=live.round.reason, summary=summary(live)
    )


def student_rows(
    students: Sequence[Student], past: ClosedRounds, live: LiveRound | None
) -> list[StudentRow]:
    """Return students as rows of a snapshot.

    Args:
        students: Everybody who ever joined.
        past: The closed rounds, with the newest if it is closed.
        live: The newest round.
    """
    return [
        _student_row(student, past.progress.get(student.id, Progress()), live)
        for student in students
    ]


def _student_row(student: Student, progress: Progress, live: LiveRound | None) -> StudentRow:
    score = live.scores.get(student.id) if live else None
    if live is not None and not live.closed and student.id in live.assignments:
        response = live.responses.get(student.id)
        progress = progress.add(response.correct if response else None, over=False)
    gone = student.presence is Presence.INACTIVE and student.last_seen
    return StudentRow(
        student_id=student.id,
        name=student.name,
        status=student.presence,
        joined_at=to_timestamp(student.joined_at),
        total_points=score.points if score else student.total_points,
        streak=score.streak if score else student.streak,
        time_factor=student.time_factor,
        question_types=listed_types(student),
        way=student.way,
        asked=progress.asked,
        answered=progress.answered,
        correct=progress.correct,
        missed=progress.missed,
        away_since=to_timestamp(gone) if gone else None,
        practised=student.practised,
    )


def assignment_rows(live: LiveRound) -> list[AssignmentRow]:
    """Return every assignment of a round, with its response if there is one."""
    return [_assignment_row(live, assignment) for assignment in live.assignments.values()]


def question_details(live: LiveRound) -> list[QuestionDetail]:
    """Return a round's questions with their keys, for instructors only."""
    return [
        QuestionDetail(
            **keyed_fields(question),
            question_id=question.id,
            stats=question_stats(question.id, live.by_question.get(question.id, Tally())),
        )
        for question in live.questions.values()
    ]


def round_detail(live: LiveRound, now: datetime) -> RoundDetail:
    """Return a round's details for a dashboard."""
    quiz_round: Round = live.round
    return RoundDetail(
        round_id=quiz_round.id,
        round_number=quiz_round.number,
        state=quiz_round.state,
        reason=quiz_round.reason,
        opened_at=to_timestamp(quiz_round.opened_at),
        deadline=to_timestamp(quiz_round.deadline),
        duration=quiz_round.duration,
        remaining=live.remaining(now) if live.accepting else 0.0,
        draw_seed=quiz_round.draw_seed,
        distinct=quiz_round.distinct,
        reveal=quiz_round.reveal,
        points_for=quiz_round.points_for,
        warnings=list(quiz_round.warnings),
        stats=round_stats(live),
        summary=None if live.accepting else summary(live),
        extra_time=(live.extra_time or None) if live.accepting else None,
    )


def _assignment_row(live: LiveRound, assignment: Assignment) -> AssignmentRow:
    student_id = assignment.student_id
    response = live.responses.get(student_id)
    return AssignmentRow(
        student_id=student_id,
        name=live.names.get(student_id, student_id),
        question_id=assignment.question_id,
        status=live.status(student_id),
        answer=answer_out(response.answer) if response else None,
        correct=response.correct if response else None,
        response_time=response.response_time if response else None,
        points=response.points if response else None,
        timestamp=to_timestamp(response.timestamp) if response else None,
    )


def _hardest(live: LiveRound, tallies: dict[str, Tally]) -> messages.Hardest | None:
    found = statistics.hardest(tallies, live.questions)
    if found is None:
        return None
    question, tally = found
    return messages.Hardest(
        question_id=question.id,
        question=question.text,
        responses=tally.responses,
        correct=tally.correct,
        accuracy=tally.accuracy or 0.0,
    )


def _slowest(live: LiveRound) -> messages.Slowest | None:
    response = statistics.slowest(live.responses.values())
    if response is None:
        return None
    return messages.Slowest(
        student_id=response.student_id,
        name=live.names.get(response.student_id, response.student_id),
        response_time=response.response_time,
    )
