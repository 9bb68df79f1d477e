"""Deadlines that move: more time for all, for one student, or because the server stalled."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from livequiz.db.store import Store
from livequiz.domain.errors import Code, QuizError
from livequiz.domain.model import Student
from livequiz.protocol import events, messages
from livequiz.server import render
from livequiz.server.live import LiveRound
from livequiz.server.loading import Meetings
from livequiz.server.outbox import Outbox
from livequiz.server.timers import Timers


class Deadlines:
    """Moves deadlines, and sets the alarm that closes a round.

    Args:
        store: Where deadlines are kept.
        meetings: What is open now.
        outbox: Reaches students and instructors.
        timers: Wake up when a round is due.
        grace: Seconds after a deadline in which answers still count.
        now: The clock: aware UTC.
    """

    def __init__(
        self,
        store: Store,
        meetings: Meetings,
        outbox: Outbox,
        timers: Timers,
        *,
        grace: float,
        now: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._meetings = meetings
        self._outbox = outbox
        self._timers = timers
        self._grace = timedelta(seconds=grace)
        self._now = now
        self.stalled: Callable[[datetime], timedelta] = lambda _: timedelta()

    def watch(self, live: LiveRound, *, at_least: float = 0.0) -> None:
        """Wake up when the round may be due: at its deadline, or at a student's own.

        Args:
            live: An open round.
            at_least: Seconds to wait in any case.
        """
        now = self._now()
        due = live.next_end(now - self._grace) + self._grace
        self._timers.set(live.round.meeting_id, max(at_least, (due - now).total_seconds()))

    def forget(self, live: LiveRound) -> None:
        """Wake up no more for a round: it is being closed."""
        self._timers.cancel(live.round.meeting_id)

    def over(self, live: LiveRound, now: datetime) -> bool:
        """Whether nobody can answer any more; while the server stalls, time stands still."""
        return now >= live.ends + self._grace + self.stalled(now)

    async def extend(self, meeting_id: str, seconds: float) -> messages.RoundExtended:
        """Give everybody more time.

        Raises:
            QuizError: `no_round` if none is open.
        """
        meeting = await self._meetings.get(meeting_id)
        async with meeting.lock:
            live = meeting.open
            if live is None or not await self._move(live, timedelta(seconds=seconds)):
                raise QuizError(Code.NO_ROUND, "No round is open.")
        return await self.announce(live)

    async def make_up(self, live: LiveRound, stall: timedelta, since: datetime) -> bool:
        """Move an open round's deadlines by the time in which the server could not serve.

        Args:
            live: The round.
            stall: For how long.
            since: When it began; a deadline that had passed by then stays where it is.

        Returns:
            Whether they moved.
        """
        meeting = await self._meetings.get(live.round.meeting_id)
        async with meeting.lock:
            if meeting.open is not live or live.ends <= since:
                return False
            now = self._now()
            done = live.made_up
            left = now - done if done is not None and done > since else stall
            if not await self._move(live, min(left, now - live.round.opened_at)):
                return False
            live.made_up = now
        await self.announce(live)
        return True

    async def set_time_factor(
        self, meeting_id: str, student_id: str, factor: float
    ) -> messages.MeetingUpdated:
        """Give one student more time from now on, in the open round too.

        Raises:
            QuizError: `not_found` if nobody has that id.
        """
        meeting = await self._meetings.get(meeting_id)
        async with meeting.lock:
            student = await self._store.people.set_time_factor(meeting_id, student_id, factor)
            if student is None:
                message = f"No student in this meeting has the id {student_id}."
                raise QuizError(Code.NOT_FOUND, message, "student_id")
            live = meeting.open
            moved = live is not None and await self._move_one(live, student)
        if live is not None and moved:
            await self._tell_one(live, student_id)
        update = messages.MeetingUpdated(
            meeting_id=meeting_id,
            locked=meeting.locked,
            student_id=student_id,
            time_factor=factor,
        )
        await self._outbox.to_instructors(meeting_id, events.MEETING_UPDATED, update)
        return update

    async def _move(self, live: LiveRound, by: timedelta) -> bool:
        """Move all deadlines, if the stored one still is what this process believes."""
        deadline = live.round.deadline + by
        own = live.own_deadlines(deadline)
        with self._meetings.doubtful_unless_done():
            before = live.round.deadline
            moved = await self._store.rounds.move(live.round.id, before, deadline, own)
        if not moved:
            self._meetings.doubt()
            return False
        live.move(deadline)
        self.watch(live)
        return True

    async def _move_one(self, live: LiveRound, student: Student) -> bool:
        live.factors[student.id] = student.time_factor
        if student.id not in live.assignments or student.id in live.responses:
            return False
        deadline = live.own_deadlines(live.round.deadline)[student.id]
        with self._meetings.doubtful_unless_done():
            await self._store.rounds.move_one(live.round.id, student.id, deadline)
        live.move(live.round.deadline)
        self.watch(live)
        return True

    async def announce(self, live: LiveRound) -> messages.RoundExtended:
        """Tell everybody of moved deadlines."""
        meeting_id = live.round.meeting_id
        message = render.extended(live, self._now())
        if live.factors or live.limited:
            for student_id in live.assignments:
                await self._tell_student(live, student_id)
        else:
            await self._outbox.to_students(meeting_id, events.ROUND_EXTENDED, message)
        await self._outbox.to_instructors(meeting_id, events.ROUND_EXTENDED, message)
        return message

    async def _tell_one(self, live: LiveRound, student_id: str) -> None:
        await self._tell_student(live, student_id)
        message = render.extended(live, self._now())
        await self._outbox.to_instructors(live.round.meeting_id, events.ROUND_EXTENDED, message)

    async def _tell_student(self, live: LiveRound, student_id: str) -> None:
        message = render.extended_for(live, student_id, self._now())
        await self._outbox.to_student(
            live.round.meeting_id, student_id, events.ROUND_EXTENDED, message
        )
