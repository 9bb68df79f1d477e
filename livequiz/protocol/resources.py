"""The resources of the REST API: the documents of `docs/protocol.md` section 5, ids as strings."""

from __future__ import annotations

from typing import Annotated, Generic, TypeVar

from msgspec import Meta, Struct, field

from livequiz.domain.errors import Code
from livequiz.domain.model import (
    CloseReason,
    Counts,
    Filters,
    Meeting,
    PointsFor,
    Presence,
    Question,
    Response,
    Reveal,
    Round,
    RoundState,
    Scoring,
    Student,
)
from livequiz.protocol.answers import Stored, answer_out
from livequiz.protocol.bank import KeyedQuestion, keyed_fields
from livequiz.protocol.fields import (
    Points,
    Timestamp,
    to_timestamp,
)
from livequiz.protocol.messages import QuestionStats, RoundStats
from livequiz.protocol.questions import QuestionIn
from livequiz.protocol.requests import Request, SubmitAnswer
from livequiz.protocol.snapshot import AssignmentRow

T = TypeVar("T")


class Page(Struct, Generic[T]):
    """A page of a list; `next` is the `after` of the next page."""

    items: list[T]
    next: str | None


class Problem(Struct, omit_defaults=True):
    """An error in the format of RFC 9457, extended by LiveQuiz's error code and field."""

    type: str
    title: str
    status: int
    detail: str
    code: Code
    field: str | None = None
    in_doubt: bool = False


class Health(Struct):
    """The response of `GET /healthz`."""

    status: str
    version: str


class Ready(Struct):
    """The response of `GET /readyz`."""

    status: str


class AnswerRequest(SubmitAnswer):
    """The body of `POST /meetings/{m}/responses`."""


class QuestionsRequest(Request):
    """The body of `POST /questions`."""

    questions: Annotated[list[QuestionIn], Meta(min_length=1, max_length=1_000)]


class QuestionsAdded(Struct):
    """The response of `POST /questions`."""

    added: int
    duplicates: int


class MeetingResource(Struct):
    """A document of `meetings`; `title` and `class_name` are "" where the teacher gave none."""

    _id: str
    created_at: Timestamp
    locked: bool
    title: str
    class_name: str
    archived: bool


class ParticipantResource(Struct):
    """A document of `participants`, without the fields that identify the connection.

    `responses` and `correct` count the answers over all rounds of the meeting.
    """

    student_id: str
    meeting_id: str
    name: str
    joined_at: Timestamp
    status: Presence
    total_points: Points
    streak: int
    responses: int
    correct: int


class RoundResource(Struct):
    """A document of `rounds`."""

    _id: str
    meeting_id: str
    number: int
    state: RoundState
    opened_at: Timestamp
    deadline: Timestamp
    closed_at: Timestamp | None
    reason: CloseReason | None
    filters: Filters
    draw_seed: int
    distinct: bool
    reveal: Reveal
    points_for: PointsFor
    warnings: list[str]
    counts: Counts


class ResponseResource(Struct):
    """A document of `responses`."""

    _id: str
    student_id: str
    question_id: str
    answer: Stored
    correct: bool
    timestamp: Timestamp
    response_time: float
    meeting_id: str
    round_id: str
    points: Points
    client_response_time: float | None


class QuestionResource(KeyedQuestion, kw_only=True):
    """A document of `questions`; grading fields are omitted when they have their defaults."""

    _id: str
    created_at: Timestamp
    time_limit: float | None
    source: str | None
    weights: list[float] = field(default_factory=list)
    scoring: Scoring = Scoring.ALL
    case_sensitive: bool = False
    wildcards: bool = False


class RoundWithAssignments(RoundResource):
    """A round with its assignments, the answers to them, and its questions with their keys."""

    assignments: list[AssignmentRow]
    questions: list[QuestionResource]


class QuestionStatsRow(QuestionStats):
    """The statistics of a question in a meeting."""

    question: str


class StudentStatsRow(Struct):
    """The statistics of a student in a meeting; `accuracy` in percent, None without responses."""

    student_id: str
    name: str
    responses: int
    correct: int
    accuracy: float | None
    total_points: Points


class MeetingStats(Struct):
    """The response of `GET /meetings/{m}/stats`."""

    meeting_id: str
    rounds: int
    responses: int
    correct: int
    accuracy: float | None
    mean_response_time: float | None
    round: RoundStats | None
    questions: list[QuestionStatsRow]
    students: list[StudentStatsRow]


def meeting_resource(meeting: Meeting) -> MeetingResource:
    """Return a meeting as a REST resource."""
    return MeetingResource(
        _id=meeting.id,
        created_at=to_timestamp(meeting.created_at),
        locked=meeting.locked,
        title=meeting.title,
        class_name=meeting.class_name,
        archived=meeting.archived,
    )


def participant_resource(student: Student, counts: tuple[int, int]) -> ParticipantResource:
    """Return a participant as a REST resource.

    Args:
        student: The student.
        counts: The number of their responses in the meeting, and of the correct ones.
    """
    responses, correct = counts
    return ParticipantResource(
        student_id=student.id,
        meeting_id=student.meeting_id,
        name=student.name,
        joined_at=to_timestamp(student.joined_at),
        status=student.presence,
        total_points=student.total_points,
        streak=student.streak,
        responses=responses,
        correct=correct,
    )


def round_resource(quiz_round: Round) -> RoundResource:
    """Return a round as a REST resource."""
    closed = quiz_round.closed_at
    return RoundResource(
        _id=quiz_round.id,
        meeting_id=quiz_round.meeting_id,
        number=quiz_round.number,
        state=quiz_round.state,
        opened_at=to_timestamp(quiz_round.opened_at),
        deadline=to_timestamp(quiz_round.deadline),
        closed_at=to_timestamp(closed) if closed else None,
        reason=quiz_round.reason,
        filters=quiz_round.filters,
        draw_seed=quiz_round.draw_seed,
        distinct=quiz_round.distinct,
        reveal=quiz_round.reveal,
        points_for=quiz_round.points_for,
        warnings=list(quiz_round.warnings),
        counts=quiz_round.counts,
    )


def response_resource(identifier: str, response: Response) -> ResponseResource:
    """Return a response as a REST resource."""
    return ResponseResource(
        _id=identifier,
        student_id=response.student_id,
        question_id=response.question_id,
        answer=answer_out(response.answer),
        correct=response.correct,
        timestamp=to_timestamp(response.timestamp),
        response_time=response.response_time,
        meeting_id=response.meeting_id,
        round_id=response.round_id,
        points=response.points,
        client_response_time=response.client_response_time,
    )


def question_resource(question: Question) -> QuestionResource:
    """Return a question as a REST resource, including its key."""
    return QuestionResource(
        **keyed_fields(question),
        _id=question.id,
        created_at=to_timestamp(question.created_at),
        weights=list(question.weights),
        scoring=question.scoring,
        case_sensitive=question.case_sensitive,
        wildcards=question.wildcards,
        time_limit=question.time_limit,
        source=question.source,
    )
