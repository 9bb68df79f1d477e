"""Notices when the server could not serve: paused, asleep, its clock set, MongoDB away."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from livequiz.domain.errors import QuizError

BEAT = 0.5  # seconds between two looks
PATIENCE = 1.0  # seconds in which MongoDB has to answer a look
STALL = timedelta(seconds=2)  # what counts; less is the noise of a busy machine


class Watch:
    """Looks twice a second whether MongoDB answers, and how late the look itself comes.

    Args:
        now: The clock: aware UTC.
        beat: Is called with seconds, in which it has to write to MongoDB.
        away: Is called when MongoDB stops answering, with the seconds since it last did.
        recovered: Is called after a stall, with its length and its beginning. The length is
            negative if the clock was set back.
    """

    def __init__(
        self,
        now: Callable[[], datetime],
        *,
        beat: Callable[[float], Awaitable[None]],
        away: Callable[[float], Awaitable[None]],
        recovered: Callable[[timedelta, datetime], Awaitable[None]],
    ) -> None:
        self._now = now
        self._beat = beat
        self._away = away
        self._recovered = recovered
        self._well = now()  # when all was well for the last time
        self.away_since: datetime | None = None

    def stalled(self, now: datetime) -> timedelta:
        """Return for how long the server could not serve, up to now; zero if all is well."""
        gap = self._gap(now)
        return gap if gap > STALL else timedelta()

    async def run(self) -> None:
        """Look, until cancelled."""
        self._well = self._now()
        while True:
            await asyncio.sleep(BEAT)
            await self.look()

    async def look(self) -> None:
        """Look once."""
        try:
            await self._beat(PATIENCE)
        except QuizError:
            if self.away_since is None:
                self.away_since = self._well
                await self._away((self._now() - self._well).total_seconds())
            return
        since, gap = self._well, self._gap(self._now())
        if self.away_since is not None or abs(gap) > STALL:
            try:
                await self._recovered(gap if abs(gap) > STALL else timedelta(), since)
            except QuizError:
                return  # it went away again; the next look finds the longer stall
        self.away_since = None
        self._well = self._now()

    def _gap(self, now: datetime) -> timedelta:
        return now - self._well - timedelta(seconds=BEAT)
