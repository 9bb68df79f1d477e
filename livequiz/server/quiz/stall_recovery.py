"""Stall recovery: notifies instructors, syncs with MongoDB and extends deadlines."""

from __future__ import annotations

import logging

from livequiz.db.store import Store
from livequiz.protocol import events
from livequiz.protocol.messages import MeetingUpdated
from livequiz.server.cache.live_round import LiveMeeting
from livequiz.server.cache.meetings import MeetingCache
from livequiz.server.quiz.answers import Answers
from livequiz.server.quiz.cluster import ClusterSync
from livequiz.server.quiz.deadlines import Deadlines
from livequiz.server.quiz.event_bus import DatabaseAway, StallEnded
from livequiz.server.quiz.notifier import Notifier

log = logging.getLogger(__name__)


class StallRecovery:
    """Handles outages of MongoDB and recovers from stalls of the server.

    Args:
        store: Returns the responses stored meanwhile.
        meetings: Caches the open rounds.
        notifier: Sends messages to instructors.
        deadlines: Extended by the length of the stall.
        answers: Counts the responses stored meanwhile.
        cluster: Syncs what other servers did.
    """

    def __init__(
        self,
        store: Store,
        meetings: MeetingCache,
        notifier: Notifier,
        *,
        deadlines: Deadlines,
        answers: Answers,
        cluster: ClusterSync,
    ) -> None:
        self._meetings = meetings
        self._notifier = notifier
        self._deadlines = deadlines
        self._store = store
        self._answers = answers
        self._cluster = cluster

    async def database_away(self, event: DatabaseAway) -> None:
        """Notify every instructor that MongoDB is not responding."""
        log.warning("MongoDB is not responding")
        for meeting in self._meetings.known():
            await self._tell(meeting, away=event.seconds)

    async def recovered(self, event: StallEnded) -> None:
        """Compensate for a stall, and notify every instructor that it is over."""
        stall = event.length
        log.warning("Serving again after a stall of %.1f s", stall.total_seconds())
        # Writes may have succeeded although their replies were lost.
        self._meetings.distrust()
        await self._cluster.look()
        for meeting in self._meetings.known():
            moved = False
            if (live := meeting.open) is not None:
                stored = await self._store.rounds.responses(live.round.id)
                self._answers.take_in(live, stored)
                if stall:
                    moved = await self._deadlines.compensate_for_stall(live, stall, event.since)
            await self._tell(meeting, moved=stall.total_seconds() if moved else None)

    async def _tell(
        self,
        meeting: LiveMeeting,
        *,
        away: float | None = None,
        moved: float | None = None,
    ) -> None:
        message = MeetingUpdated(
            meeting_id=meeting.id,
            locked=meeting.told.locked,
            database_away=away,
            moved=moved,
        )
        await self._notifier.to_instructors(meeting.id, events.MEETING_UPDATED, message)
