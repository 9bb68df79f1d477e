"""Event bus: use cases publish what happened, and handlers react to it.

It avoids circular dependencies: `Rounds` depends on `Answers`, and `Answers` publishes
`RoundComplete` to have a round closed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from livequiz.domain.model import Student
from livequiz.server.cache.live_round import LiveRound

E = TypeVar("E")


@dataclass(frozen=True, slots=True)
class RoundLoaded:
    """A round was loaded from MongoDB; an earlier server may have left it open."""

    live: LiveRound


@dataclass(frozen=True, slots=True)
class RoundDue:
    """A round's deadline may have passed."""

    meeting_id: str


@dataclass(frozen=True, slots=True)
class RoundComplete:
    """Every student present may have answered or run out of time."""

    meeting_id: str


@dataclass(frozen=True, slots=True)
class StudentGone:
    """A student is no longer connected; `reason` is that of the `student_left` event."""

    student: Student
    reason: str


@dataclass(frozen=True, slots=True)
class AnswersNotExpected:
    """Rounds don't have to wait for these students any longer."""

    meeting_id: str
    student_ids: Collection[str]


@dataclass(frozen=True, slots=True)
class DatabaseAway:
    """MongoDB has not responded for this many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class StallEnded:
    """The server or MongoDB has recovered from a stall.

    Attributes:
        length: How long it lasted; zero if too short to count, negative if the clock was set back.
        since: When it began.
    """

    length: timedelta
    since: datetime


class EventBus:
    """Dispatches each event to the handlers of its type, in order of subscription."""

    def __init__(self) -> None:
        self._handlers: defaultdict[type, list[Callable[[Any], Awaitable[object]]]]
        self._handlers = defaultdict(list)

    def subscribe(self, kind: type[E], handler: Callable[[E], Awaitable[object]]) -> None:
        """Register an async handler for events of a type."""
        self._handlers[kind].append(handler)

    async def publish(self, event: object) -> None:
        """Dispatch an event; return once every handler has finished.

        Raises:
            QuizError: Raised by the first handler that fails; later handlers are not called.
        """
        for handler in self._handlers[type(event)]:
            await handler(event)
