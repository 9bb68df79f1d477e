"""Retention: erases persons from meetings that nobody has used for some time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from livequiz.db.store import Store
from livequiz.server.cache.meetings import MeetingCache
from livequiz.server.quiz.audit_log import Audit, Entry

log = logging.getLogger(__name__)

SERVER = "(server)"  # in the audit log; can't clash with an id: ids have no parentheses
EVERY = 86_400.0  # seconds between two sweeps
AGAIN = 3_600.0  # seconds after one that failed
LOOK = 5.0  # seconds between looks whether all rounds are closed
PAUSE = 0.02  # seconds between two persons, so that others get their turn at the disk


class Retention:
    """Erases persons from meetings that have not been used for some time, and old log lines.

    Questions and answers stay under random ids, for the statistics of the questions, and so does
    the meeting with its title. Nothing is done while a round is open.

    Args:
        store: Stores everything.
        meetings: This server's copies, which name persons too.
        after: How long a meeting keeps its persons after its newest round.
        quiet: Returns whether no round is open.
        audit: Is told how many persons of which meeting were erased.
        now: The clock: aware UTC.
        drop_logs: Deletes log lines from before a moment.
        erasing: Called before something is erased.
    """

    def __init__(
        self,
        store: Store,
        meetings: MeetingCache,
        *,
        after: timedelta,
        quiet: Callable[[], bool],
        audit: Audit,
        now: Callable[[], datetime],
        drop_logs: Callable[[datetime], None],
        erasing: Callable[[], None],
    ) -> None:
        self._store = store
        self._meetings = meetings
        self._after = after
        self._quiet = quiet
        self._audit = audit
        self._now = now
        self._drop_logs = drop_logs
        self._erasing = erasing

    async def run(self) -> None:
        """Sweep now and then once a day, until cancelled."""
        while True:
            try:
                await self.sweep()
            except Exception:  # whatever it is, the next sweep has to come
                log.exception("Old personal data could not be erased; trying again")
                await asyncio.sleep(AGAIN)
            else:
                await asyncio.sleep(EVERY)

    async def sweep(self) -> None:
        """Erase what is too old. Idempotent; several servers may do it at once.

        Raises:
            QuizError: `unavailable`; what is left is erased by the next sweep.
            OSError: If a log can't be written.
        """
        before = self._now() - self._after
        for meeting_id in await self._store.erasure.unused_since(before):
            self._erasing()
            try:
                await self._erase(meeting_id, before)
            finally:
                await self._meetings.unload(meeting_id)
        await self._until_quiet()
        self._drop_logs(before)

    async def _erase(self, meeting_id: str, before: datetime) -> None:
        erasure = self._store.erasure
        persons = 0
        try:
            for student_id in await erasure.persons(meeting_id):
                await self._until_quiet()
                if await erasure.is_used_since(before, meeting_id):
                    return  # a class has come back to it
                persons += await erasure.make_anonymous(
                    meeting_id, student_id, consistent=self._store.transactions
                )
                await asyncio.sleep(PAUSE)
            await erasure.drop_names(meeting_id)
        finally:
            if persons:
                done = f"Erased {persons} {'person' if persons == 1 else 'persons'}."
                log.info("%s: %s", meeting_id, done)
                self._audit(Entry("", meeting_id, SERVER, "forget", "ok", done))

    async def _until_quiet(self) -> None:
        while not self._quiet():  # noqa: ASYNC110 - once in a while; nothing would set an event
            await asyncio.sleep(LOOK)
