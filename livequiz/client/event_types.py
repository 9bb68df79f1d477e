"""What a session tells those who listen to it: apart from it, because it takes long to import."""

from __future__ import annotations

from dataclasses import dataclass

from livequiz.domain.errors import QuizError
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
