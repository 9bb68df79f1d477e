"""Cluster sync: reads what MongoDB has and this process doesn't know of yet.

That is what other servers wrote, and writes whose reply was lost. Clients connected here are
notified of what has changed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from livequiz.db.store import Store
from livequiz.domain.model import LeaderboardView, Meeting, Round, RoundState
from livequiz.protocol import events
from livequiz.protocol.messages import MeetingUpdated
from livequiz.server.cache.live_round import LiveMeeting, LiveRound
from livequiz.server.cache.meetings import MeetingCache
from livequiz.server.quiz.answers import Answers
from livequiz.server.quiz.deadlines import Deadlines
from livequiz.server.quiz.event_bus import AnswersNotExpected, EventBus, StudentGone
from livequiz.server.quiz.leaderboards import Leaderboards
from livequiz.server.quiz.notifier import Notifier
from livequiz.server.quiz.reconciliation import SeatReconciler
from livequiz.server.quiz.rounds import Rounds
from livequiz.server.quiz.seats import Seats


class ClusterSync:
    """Syncs this server's copy of open rounds while there are other servers or writes in doubt.

    Args:
        store: The source of truth.
        meetings: This server's cache.
        bus: Receives `StudentGone` and `AnswersNotExpected` for students whose server has ended.
        node_id: This server's id.
        seats: The students connected here.
        reconciler: Compares those seats with the stored ones.
        rounds: Announces what others opened and closed.
        deadlines: Announces what others moved.
        leaderboards: Announces those that others show.
        notifier: Announces other settings.
        answers: Counts the responses that others stored.
        now: The clock: aware UTC.
    """

    def __init__(
        self,
        store: Store,
        meetings: MeetingCache,
        bus: EventBus,
        *,
        node_id: str,
        seats: Seats,
        reconciler: SeatReconciler,
        rounds: Rounds,
        deadlines: Deadlines,
        leaderboards: Leaderboards,
        notifier: Notifier,
        answers: Answers,
        now: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._node_id = node_id
        self._meetings = meetings
        self._reconciler = reconciler
        self._others: set[str] = set()
        self._rounds = rounds
        self._deadlines = deadlines
        self._leaderboards = leaderboards
        self._notifier = notifier
        self._answers = answers
        self._seats = seats
        self._bus = bus
        self._now = now

    async def look(self) -> None:
        """Sync once; cheap if this is the only server and no write is in doubt.

        Raises:
            QuizError: `unavailable`.
        """
        others = set(await self._store.nodes.others(self._node_id))
        if others:
            for node_id in await self._store.nodes.ended(self._node_id):
                await self._store.nodes.forget(node_id)
                self._others.add(node_id)
                others.discard(node_id)
        self.know(others)
        if self._meetings.distrusted:
            await self._sweep()
            await self._reconciler.ghosts()
        elif not others:
            return
        await self._reconciler.all_meetings()
        await self._look_at_rounds()
        await self._look_at_settings()

    def know(self, others: set[str]) -> None:
        """Record which other servers are running.

        If one is gone, distrust the cache: a join may be stored after its server has ended.
        """
        if self._others - others:
            self._meetings.distrust()
        self._others = others
        self._reconciler.alone = not others

    async def _sweep(self) -> None:
        """Mark students as disconnected if their server has ended."""
        servers = [self._node_id, *self._others]
        for student in await self._store.participants.leave_all_but(servers, self._now()):
            if self._seats.get((student.meeting_id, student.id)) is None:  # else they are back here
                await self._bus.publish(StudentGone(student, "disconnected"))
                await self._bus.publish(AnswersNotExpected(student.meeting_id, [student.id]))

    async def _look_at_rounds(self) -> None:
        stored = {found.meeting_id: found for found in await self._store.rounds.open_rounds()}
        for found in stored.values():
            meeting = await self._meetings.usable(found.meeting_id)
            if meeting is None:
                continue
            live = meeting.latest
            if live is None or live.round.id != found.id:
                await self._opened_elsewhere(meeting, found)
            elif live.accepting:
                await self._compare(meeting, live, found)
        for meeting in self._meetings.known():
            live = meeting.open
            if live is not None and meeting.id not in stored:
                await self._closed_elsewhere(meeting, live)

    async def _opened_elsewhere(self, meeting: LiveMeeting, found: Round) -> None:
        async with meeting.lock:
            if meeting.latest is None or meeting.latest.round.number < found.number:
                await self._meetings.go_on(meeting, found)
            live = meeting.open
        if live is not None:
            self._deadlines.watch(live)
            await self._rounds.announce(live)

    async def _closed_elsewhere(self, meeting: LiveMeeting, live: LiveRound) -> None:
        async with meeting.lock:
            if meeting.open is not live:
                return  # this server has just closed it
            closed = await self._store.rounds.get(meeting.id, live.round.id)
            if closed is None or closed.state is RoundState.OPEN:
                return  # it was opened after the open rounds were read
            self._deadlines.forget(live)
            await self._meetings.refresh(live, closed)
        await self._rounds.announce_close(live)

    async def _look_at_settings(self) -> None:
        """Announce settings that were changed on another server."""
        known = {meeting.id: meeting for meeting in self._meetings.known() if meeting.loaded}
        for found in (await self._store.participants.meetings_of(known)).values():
            meeting = known[found.id]
            if _settings(found) != _settings(meeting.told):
                async with meeting.lock:  # no setting is changed here meanwhile
                    await self._settings_changed(meeting)

    async def _settings_changed(self, meeting: LiveMeeting) -> None:
        told, stored = meeting.told, await self._store.participants.meeting(meeting.id)
        if stored is None:
            return
        if stored.leaderboard != told.leaderboard and not await self._is_over(meeting):
            # The round's close is announced first, by a later look.
            stored = replace(stored, leaderboard=told.leaderboard)
        meeting.told = stored
        if stored.leaderboard != told.leaderboard:
            await self._leaderboards.changed_elsewhere(meeting, stored)
        if (stored.locked, stored.results_of) != (told.locked, told.results_of):
            message = MeetingUpdated(
                meeting_id=meeting.id, locked=stored.locked, results_of=stored.results_of or ""
            )
            await self._notifier.to_instructors(meeting.id, events.MEETING_UPDATED, message)

    async def _is_over(self, meeting: LiveMeeting) -> bool:
        """Return whether a meeting's newest round is closed, and known here to be."""
        newest = await self._store.rounds.newest(meeting.id)
        if newest is None or newest.state is RoundState.OPEN:
            return newest is None
        if meeting.open is None:
            await self._meetings.catch_up(meeting, newest)  # it came and went between two looks
        return meeting.latest is not None and meeting.latest.closed

    async def _compare(self, meeting: LiveMeeting, live: LiveRound, found: Round) -> None:
        """Apply another server's changes to a round that both have open."""
        if found.counts.assigned > len(live.assignments):
            await self._late_joiners(meeting, live)
        if await self._store.rounds.count_responses(found.id) > len(live.responses):
            self._answers.take_in(live, await self._store.rounds.responses(found.id))
        if found.deadline != live.round.deadline:
            live.move(found.deadline)
            self._deadlines.watch(live)
            await self._deadlines.announce(live)

    async def _late_joiners(self, meeting: LiveMeeting, live: LiveRound) -> None:
        async with meeting.lock:
            late = await self._meetings.take_in_late(live)
        for assignment in late:
            await self._rounds.announce_late(live, assignment)


def _settings(meeting: Meeting) -> tuple[bool, str, LeaderboardView | None]:
    return meeting.locked, meeting.results_of or "", meeting.leaderboard
