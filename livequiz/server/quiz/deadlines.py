"""Deadlines: extended for everyone, for one student, or to compensate for a server stall."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from livequiz.db.store import Store
from livequiz.domain.errors import Code, QuizError
from livequiz.domain.model import Student
from livequiz.domain.timing import last_moment
from livequiz.protocol import events, messages
from livequiz.server.cache.live_round import LiveRound
from livequiz.server.cache.meetings import MeetingCache
from livequiz.server.quiz import presenters
from livequiz.server.quiz.notifier import Notifier
from livequiz.server.quiz.round_timers import RoundTimers


class Deadlines:
    """Moves deadlines, and sets the timer that closes a round.

    Args:
        store: Stores the deadlines.
        meetings: Caches the open rounds.
        notifier: Announces new deadlines to students and instructors.
        timers: Fire when a round is due.
        grace: Seconds after a deadline in which answers still count.
        stalled: Returns how long the server has been stalled, up to now.
        now: The clock: aware UTC.
    """

    def __init__(
        self,
        store: Store,
        meetings: MeetingCache,
        notifier: Notifier,
        timers: RoundTimers,
        *,
        grace: float,
        stalled: Callable[[datetime], timedelta],
        now: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._meetings = meetings
        self._notifier = notifier
        self._timers = timers
        self._grace = timedelta(seconds=grace)
        self._now = now
        self._stalled = stalled

    def watch(self, live: LiveRound, *, at_least: float = 0.0) -> None:
        """Set the timer for when the round may be due: its deadline, or a student's own.

        Args:
            live: An open round.
            at_least: Minimum delay in seconds.
        """
        now = self._now()
        due = live.next_end(now - self._grace) + self._grace
        self._timers.set(live.round.meeting_id, max(at_least, (due - now).total_seconds()))

    def forget(self, live: LiveRound) -> None:
        """Cancel the timer of a round that is being closed."""
        self._timers.cancel(live.round.meeting_id)

    def over(self, live: LiveRound, now: datetime) -> bool:
        """Return whether nobody can answer any more; a server stall doesn't count as time."""
        return now >= last_moment(live.ends, self._grace, self._stalled(now))

    async def extend(self, meeting_id: str, seconds: float) -> messages.RoundExtended:
        """Give everyone more time.

        Raises:
            QuizError: `no_round` if none is open.
        """
        meeting = await self._meetings.get(meeting_id)
        async with meeting.lock:
            live = meeting.open
            if live is None or not await self._move(live, timedelta(seconds=seconds)):
                raise QuizError(Code.NO_ROUND, "No round is open.")
        return await self.announce(live)

    async def compensate_for_stall(
        self, live: LiveRound, stall: timedelta, since: datetime
    ) -> bool:
        """Extend an open round's deadlines by the length of a server stall.

        Args:
            live: The round.
            stall: The length of the stall; negative if the clock was set back.
            since: When the stall began. A round that was over by then is left alone.

        Returns:
            Whether the deadlines moved.
        """
        meeting = await self._meetings.get(live.round.meeting_id)
        async with meeting.lock:
            if meeting.open is not live or live.ends <= since:
                return False
            now = self._now()
            done = live.made_up_until
            left = now - done if done is not None and done > since else stall
            if not await self._move(live, min(left, now - live.round.opened_at)):
                return False
            live.made_up_until = now
        await self.announce(live)
        return True

    async def set_time_factor(
        self, meeting_id: str, student_id: str, factor: float
    ) -> messages.MeetingUpdated:
        """Set a student's time factor, for the open round and from now on.

        Raises:
            QuizError: `not_found` if no student has that id.
        """
        meeting = await self._meetings.get(meeting_id)
        async with meeting.lock:
            student = await self._store.participants.set_time_factor(meeting_id, student_id, factor)
            if student is None:
                message = f"No student in this meeting has the id {student_id}."
                raise QuizError(Code.NOT_FOUND, message, "student_id")
            live = meeting.open
            moved = live is not None and await self._move_one(live, student)
        if live is not None and moved:
            await self._tell_one(live, student_id)
        update = messages.MeetingUpdated(
            meeting_id=meeting_id,
            locked=meeting.told.locked,
            student_id=student_id,
            time_factor=factor,
        )
        await self._notifier.to_instructors(meeting_id, events.MEETING_UPDATED, update)
        return update

    async def _move(self, live: LiveRound, by: timedelta) -> bool:
        """Compare-and-set: move all deadlines if the stored one is still the one known here."""
        deadline = live.round.deadline + by
        own = live.own_deadlines(deadline)
        with self._meetings.distrust_unless_done():
            before = live.round.deadline
            moved = await self._store.rounds.move(live.round.id, before, deadline, own)
        if not moved:
            self._meetings.distrust()
            return False
        live.move(deadline)
        self.watch(live)
        return True

    async def _move_one(self, live: LiveRound, student: Student) -> bool:
        live.factors[student.id] = student.time_factor
        if student.id not in live.assignments or student.id in live.responses:
            return False
        deadline = live.own_deadlines(live.round.deadline)[student.id]
        with self._meetings.distrust_unless_done():
            await self._store.rounds.move_one(live.round.id, student.id, deadline)
        live.move(live.round.deadline)
        self.watch(live)
        return True

    async def announce(self, live: LiveRound) -> messages.RoundExtended:
        """Send the new deadlines to all students and instructors."""
        meeting_id = live.round.meeting_id
        message = presenters.extended(live, self._now())
        if live.factors or live.limited:
            for student_id in live.assignments:
                await self._tell_student(live, student_id)
        else:
            await self._notifier.to_students(meeting_id, events.ROUND_EXTENDED, message)
        await self._notifier.to_instructors(meeting_id, events.ROUND_EXTENDED, message)
        return message

    async def _tell_one(self, live: LiveRound, student_id: str) -> None:
        await self._tell_student(live, student_id)
        message = presenters.extended(live, self._now())
        await self._notifier.to_instructors(live.round.meeting_id, events.ROUND_EXTENDED, message)

    async def _tell_student(self, live: LiveRound, student_id: str) -> None:
        message = presenters.extended_for(live, student_id, self._now())
        await self._notifier.to_student(
            live.round.meeting_id, student_id, events.ROUND_EXTENDED, message
        )
