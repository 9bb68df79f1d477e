"""The snapshot of a meeting that a dashboard gets when it joins or reconnects.

The conventions of `livequiz.protocol.messages` apply.
"""

from __future__ import annotations

import msgspec

from livequiz.domain.model import (
    AssignmentStatus,
    CloseReason,
    PointsFor,
    Presence,
    QuestionType,
    Reveal,
    RoundState,
    Way,
)
from livequiz.protocol.answers import Stored
from livequiz.protocol.bank import KeyedQuestion
from livequiz.protocol.fields import Points, Timestamp
from livequiz.protocol.leaderboard import LeaderboardShown
from livequiz.protocol.message import Message
from livequiz.protocol.messages import InstructorJoined, QuestionStats, RoundStats, RoundSummary


class StudentRow(Message):
    """A student in a snapshot; has `question_types` only if the client can't show every type.

    `asked` counts the rounds in which they had a question, `answered` and `correct` their answers,
    `missed` the rounds in a row, up to the last closed one, without an answer.
    `practised` is how many questions they have practised.
    """

    student_id: str
    name: str
    status: Presence
    joined_at: Timestamp
    total_points: Points
    streak: int
    time_factor: float
    question_types: list[QuestionType] | None = None
    way: Way | None = None
    asked: int = 0
    answered: int = 0
    correct: int = 0
    missed: int = 0
    away_since: Timestamp | None = None
    practised: int = 0


class AssignmentRow(Message):
    """An assignment in a snapshot, with its response if there is one."""

    student_id: str
    name: str
    question_id: str
    status: AssignmentStatus
    answer: Stored | None = None
    correct: bool | None = None
    response_time: float | None = None
    points: Points | None = None
    timestamp: Timestamp | None = None


class QuestionDetail(KeyedQuestion, kw_only=True):
    """A question of a round."""

    question_id: str
    stats: QuestionStats


class RoundDetail(Message):
    """The newest round in a snapshot."""

    round_id: str
    round_number: int
    state: RoundState
    reason: CloseReason | None
    opened_at: Timestamp
    deadline: Timestamp
    duration: float
    remaining: float
    draw_seed: int
    distinct: bool
    reveal: Reveal
    warnings: list[str]
    stats: RoundStats
    summary: RoundSummary | None
    extra_time: float | None = None
    points_for: PointsFor = PointsFor.ACCURACY


class Snapshot(Message):
    """Everything a dashboard shows, in one message: the reply to a join or a reconnect."""

    meeting_id: str
    locked: bool
    server_time: Timestamp
    bank: int
    topics: list[str]
    students: list[StudentRow]
    round: RoundDetail | None
    assignments: list[AssignmentRow]
    questions: list[QuestionDetail]
    banned: list[str] = msgspec.field(default_factory=list)
    unreadable: list[str] = msgspec.field(default_factory=list)  # each a document and the reason
    ssh_port: int | None = None
    address: str | None = None
    results_of: str | None = None
    leaderboard: LeaderboardShown | None = None


class InstructorJoinedAck(InstructorJoined):
    """The ack of `join_instructor`."""

    snapshot: Snapshot
