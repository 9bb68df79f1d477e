"""What a dashboard is told of a meeting as a whole, when it joins or comes back.

The same rules as for the other messages hold: see `livequiz.protocol.messages`.
"""

from __future__ import annotations

import msgspec

from livequiz.domain.model import (
    AssignmentStatus,
    CloseReason,
    Difficulty,
    Presence,
    QuestionType,
    Reveal,
    RoundState,
)
from livequiz.protocol.answers import KeyOut, Stored
from livequiz.protocol.fields import Points, Timestamp
from livequiz.protocol.messages import (
    InstructorJoined,
    Message,
    QuestionStats,
    RoundStats,
    RoundSummary,
)


class StudentRow(Message):
    """One student of a snapshot; `question_types` only if their client can't show every type."""

    student_id: str
    name: str
    status: Presence
    joined_at: Timestamp
    total_points: Points
    streak: int
    time_factor: float
    question_types: list[QuestionType] | None = None


class AssignmentRow(Message):
    """One assignment of a snapshot, with its response when there is one."""

    student_id: str
    name: str
    question_id: str
    status: AssignmentStatus
    answer: Stored | None = None
    correct: bool | None = None
    response_time: float | None = None
    points: Points | None = None
    timestamp: Timestamp | None = None


class QuestionDetail(Message):
    """A question with its key, for instructors alone."""

    question_id: str
    question: str
    options: list[str]
    correct: KeyOut
    type: QuestionType
    points: Points
    topics: list[str]
    difficulty: Difficulty | None
    explanation: str | None
    stats: QuestionStats


class RoundDetail(Message):
    """The newest round of a snapshot."""

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


class Snapshot(Message):
    """Everything that a dashboard shows, in one piece: the answer to a join or a reconnect."""

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
    unreadable: list[str] = msgspec.field(default_factory=list)  # documents, and why


class InstructorJoinedAck(InstructorJoined):
    """The ack of `join_instructor`."""

    snapshot: Snapshot
