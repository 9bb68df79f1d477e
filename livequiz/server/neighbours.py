"""What MongoDB holds and this process does not: the work of other servers, and lost replies.

It is read from there, and told to who is here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

from livequiz.db.store import Store
from livequiz.domain.model import Round, RoundState, Student
from livequiz.server.answers import Answers
from livequiz.server.deadlines import Deadlines
from livequiz.server.live import LiveMeeting, LiveRound
from livequiz.server.loading import Meetings
from livequiz.server.reconciling import Reconciling
from livequiz.server.rounds import Rounds


class Neighbours:
    """Keeps this server's copy of open rounds what MongoDB says, if it is not alone or in doubt.

    Args:
        store: The truth.
        node_id: This server.
        meetings: This server's copies.
        reconciling: Compares who is connected here with what is stored.
        rounds: Announces what others opened and closed.
        deadlines: Announces what others moved.
        answers: Takes in what others stored.
        gone: Is called with each student whose server has ended.
        now: The clock: aware UTC.
    """

    def __init__(
        self,
        store: Store,
        node_id: str,
        meetings: Meetings,
        reconciling: Reconciling,
        *,
        rounds: Rounds,
        deadlines: Deadlines,
        answers: Answers,
        gone: Callable[[Student], Awaitable[None]],
        now: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._node_id = node_id
        self._meetings = meetings
        self._reconciling = reconciling
        self._others: set[str] = set()
        self._rounds = rounds
        self._deadlines = deadlines
        self._answers = answers
        self._gone = gone
        self._now = now

    async def look(self) -> None:
        """Look once; cheap where this server is alone and sure of itself.

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
        if self._meetings.doubtful:
            await self._sweep()
            await self._reconciling.ghosts()
        elif not others:
            return
        await self._reconciling.all_meetings()
        await self._look_at_rounds()

    def know(self, others: set[str]) -> None:
        """Note which other servers there are. A join may be stored after its server has ended."""
        if self._others - others:
            self._meetings.doubt()
        self._others = others
        self._reconciling.alone = not others

    async def _sweep(self) -> None:
        """Nobody is connected to a server that has ended."""
        servers = [self._node_id, *self._others]
        for student in await self._store.people.leave_all_but(servers, self._now()):
            await self._gone(student)

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
                return  # it was closed here, a moment ago
            closed = await self._store.rounds.get(meeting.id, live.round.id)
            if closed is None or closed.state is RoundState.OPEN:
                return  # it was opened a moment ago
            self._deadlines.forget(live)
            await self._meetings.refresh(live, closed)
        await self._rounds.announce_close(live)

    async def _compare(self, meeting: LiveMeeting, live: LiveRound, found: Round) -> None:
        """Take over what another server did in a round that both know."""
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
