"""Health monitor: detects process pauses, machine sleep, clock changes and MongoDB outages."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from livequiz.domain.errors import QuizError
from livequiz.server.quiz.event_bus import DatabaseAway, EventBus, StallEnded

BEAT = 0.5  # seconds between heartbeats
PATIENCE = 1.0  # timeout of a heartbeat's write, in seconds
STALL = timedelta(seconds=2)  # shorter delays are normal on a busy machine


class HealthMonitor:
    """Heartbeat: writes to MongoDB twice a second, and measures how late each beat is.

    Args:
        now: The clock: aware UTC.
        bus: Receives `DatabaseAway` and `StallEnded`.
        beat: Writes a heartbeat to MongoDB, within a timeout in seconds.
    """

    def __init__(
        self,
        now: Callable[[], datetime],
        bus: EventBus,
        *,
        beat: Callable[[float], Awaitable[None]],
    ) -> None:
        self._now = now
        self._beat = beat
        self._bus = bus
        self._well = now()  # the last time that all was well
        self.away_since: datetime | None = None

    def stalled(self, now: datetime) -> timedelta:
        """Return how long the server has been stalled, up to now; zero if all is well."""
        gap = self._gap(now)
        return gap if gap > STALL else timedelta()

    async def run(self) -> None:
        """Send heartbeats until cancelled."""
        self._well = self._now()
        while True:
            await asyncio.sleep(BEAT)
            await self.look()

    async def look(self) -> None:
        """Send one heartbeat, and publish what it shows."""
        try:
            await self._beat(PATIENCE)
        except QuizError:
            if self.away_since is None:
                self.away_since = self._well
                seconds = (self._now() - self._well).total_seconds()
                await self._bus.publish(DatabaseAway(seconds))
            return
        since, gap = self._well, self._gap(self._now())
        if self.away_since is not None or abs(gap) > STALL:
            try:
                length = gap if abs(gap) > STALL else timedelta()
                await self._bus.publish(StallEnded(length, since))
            except QuizError:
                return  # MongoDB is away again; the next beat measures the longer stall
        self.away_since = None
        self._well = self._now()

    def _gap(self, now: datetime) -> timedelta:
        return now - self._well - timedelta(seconds=BEAT)
