"""What is done about a stall: tell the instructors, move deadlines, look what was stored."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from livequiz.db.store import Store
from livequiz.protocol import events
from livequiz.protocol.messages import MeetingUpdated
from livequiz.server.answers import Answers
from livequiz.server.deadlines import Deadlines
from livequiz.server.live import LiveMeeting, LiveRound
from livequiz.server.loading import Meetings
from livequiz.server.outbox import Outbox

log = logging.getLogger(__name__)


class Recovery:
    """The use cases of a server that could not serve for a while.

    Args:
        meetings: What is open now.
        outbox: Reaches the instructors.
        deadlines: Move by the length of the stall.
        store: What was stored meanwhile.
    """

    def __init__(
        self, meetings: Meetings, outbox: Outbox, deadlines: Deadlines, store: Store
    ) -> None:
        self._meetings = meetings
        self._outbox = outbox
        self._deadlines = deadlines
        self._store = store
        self.answers: Answers
        self.look: Callable[[], Awaitable[None]]

    async def database_away(self, seconds: float) -> None:
        """Tell every instructor that MongoDB does not answer."""
        log.warning("MongoDB does not answer")
        for meeting in self._meetings.known():
            await self._tell(meeting, away=seconds)

    async def recovered(self, stall: timedelta, since: datetime) -> None:
        """Make up for a stall, and tell every instructor that it is over."""
        log.warning("Served again, after a stall of %.1f s", stall.total_seconds())
        # Writes may have been done although nobody heard of it.
        self._meetings.doubt()
        await self.look()
        for meeting in self._meetings.known():
            moved = False
            if (live := meeting.open) is not None:
                await self._take_in(live)
                if stall:
                    moved = await self._deadlines.make_up(live, stall, since)
            await self._tell(meeting, moved=stall.total_seconds() if moved else None)

    async def _take_in(self, live: LiveRound) -> None:
        """Count responses that were stored although nobody heard of it."""
        stored = await self._store.rounds.responses(live.round.id)
        self.answers.take_in(live, stored)

    async def _tell(
        self,
        meeting: LiveMeeting,
        *,
        away: float | None = None,
        moved: float | None = None,
    ) -> None:
        message = MeetingUpdated(
            meeting_id=meeting.id,
            locked=meeting.locked,
            database_away=away,
            moved=moved,
        )
        await self._outbox.to_instructors(meeting.id, events.MEETING_UPDATED, message)
