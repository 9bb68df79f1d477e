"""What a session tells those who listen to it: apart from it, because it takes long to import."""

from __future__ import annotations

from dataclasses import dataclass

from livequiz.domain.errors import QuizError
from livequiz.protocol import events
from livequiz.protocol.messages import (
    AnswerResult,
    AnswerUpdate,
    AnswerUpdates,
    Joined,
    MeetingUpdated,
    Message,
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
    """The connection dropped; the client goes on trying to get it back."""

    reason: str


@dataclass(frozen=True, slots=True)
class ConnectionBack:
    """The connection is back, and joined again: `joined` is what the join answered."""

    joined: Joined | Snapshot


@dataclass(frozen=True, slots=True)
class JoinRefused:
    """The connection is back, but the server does not let this client in again."""

    error: QuizError


Event = (
    NewQuestion
    | AnswerResult
    | StudentRoundClosed
    | RoundExtended
    | Removed
    | PresenceUpdated
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

# What each side of a session takes, by its name on the wire.
STUDENT_EVENTS: dict[str, type[Message]] = {
    events.NEW_QUESTION: NewQuestion,
    events.ROUND_CLOSED: StudentRoundClosed,
    events.ROUND_EXTENDED: RoundExtended,
    events.REMOVED: Removed,
    events.PRESENCE_UPDATED: PresenceUpdated,
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
