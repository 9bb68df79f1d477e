"""The events that a session yields; in their own module, because sessions are slow to import."""

from __future__ import annotations

from dataclasses import dataclass

from livequiz.domain.errors import QuizError
from livequiz.protocol import events
from livequiz.protocol.leaderboard import Leaderboard
from livequiz.protocol.message import Message
from livequiz.protocol.messages import (
    AnswerResult,
    AnswerUpdate,
    AnswerUpdates,
    Joined,
    MeetingUpdated,
    NewQuestion,
    PresenceUpdated,
    QuestionsSent,
    Removed,
    RoundClosed,
    RoundExtended,
    StudentJoined,
    StudentLeft,
    StudentRoundClosed,
)
from livequiz.protocol.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class ConnectionLost:
    """The connection dropped; the client is reconnecting."""

    reason: str


@dataclass(frozen=True, slots=True)
class ConnectionBack:
    """The client has reconnected and joined again; `joined` is the ack of the join."""

    joined: Joined | Snapshot


@dataclass(frozen=True, slots=True)
class JoinRefused:
    """The client has reconnected, but the server refused its join."""

    error: QuizError


Event = (
    NewQuestion
    | AnswerResult
    | StudentRoundClosed
    | RoundExtended
    | Removed
    | PresenceUpdated
    | Leaderboard
    | StudentJoined
    | StudentLeft
    | QuestionsSent
    | AnswerUpdate
    | AnswerUpdates
    | RoundClosed
    | MeetingUpdated
    | ConnectionLost
    | ConnectionBack
    | JoinRefused
)

# The event types of each role, by event name.
STUDENT_EVENTS: dict[str, type[Message]] = {
    events.NEW_QUESTION: NewQuestion,
    events.ROUND_CLOSED: StudentRoundClosed,
    events.ROUND_EXTENDED: RoundExtended,
    events.REMOVED: Removed,
    events.PRESENCE_UPDATED: PresenceUpdated,
    events.LEADERBOARD: Leaderboard,
}
INSTRUCTOR_EVENTS: dict[str, type[Message]] = {
    events.STUDENT_JOINED: StudentJoined,
    events.STUDENT_LEFT: StudentLeft,
    events.QUESTIONS_SENT: QuestionsSent,
    events.ANSWER_UPDATE: AnswerUpdate,
    events.ANSWER_UPDATES: AnswerUpdates,
    events.ROUND_CLOSED: RoundClosed,
    events.ROUND_EXTENDED: RoundExtended,
    events.MEETING_UPDATED: MeetingUpdated,
}
