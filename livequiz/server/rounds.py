"""Rounds: previewed, opened, joined late, extended and closed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from livequiz.db.store import Store
from livequiz.domain.errors import Code, QuizError
from livequiz.domain.model import Assignment, CloseReason, RoundState
from livequiz.protocol import events, messages
from livequiz.protocol.requests import PreviewRound, TriggerQuestions
from livequiz.server import render
from livequiz.server.answers import Answers
from livequiz.server.deadlines import Deadlines
from livequiz.server.drawing import Drawing, already_open
from livequiz.server.live import LiveRound
from livequiz.server.loading import Meetings
from livequiz.server.outbox import Outbox, Parcel
from livequiz.server.reconciling import Reconciling
from livequiz.server.seats import HeldSeat, Seats

FRESH = timedelta(seconds=0.2)  # for which the time that is left may be told as it was


class Rounds:
    """The use cases of a round.

    Args:
        store: Where rounds are kept.
        meetings: What is open now.
        outbox: Reaches students and instructors.
        now: The clock: aware UTC.
        drawing: Who gets which question.
        deadlines: When a round is due.
        seats: Who is connected here, and was sent which question.
        reconciling: Knows who is connected elsewhere by now.
    """

    def __init__(
        self,
        store: Store,
        meetings: Meetings,
        outbox: Outbox,
        drawing: Drawing,
        deadlines: Deadlines,
        *,
        seats: Seats,
        reconciling: Reconciling,
        now: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._meetings = meetings
        self._outbox = outbox
        self._now = now
        self._drawing = drawing
        self._deadlines = deadlines
        self._seats = seats
        self._reconciling = reconciling
        self.answers: Answers  # they close rounds, so the service hands them over when it has them

    async def preview(self, meeting_id: str, request: PreviewRound) -> messages.Preview:
        """Return what a trigger with these filters would do, without doing it."""
        return await self._drawing.preview(meeting_id, request)

    async def trigger(self, meeting_id: str, request: TriggerQuestions) -> messages.QuestionsSent:
        """Open a round: draw, store, then send each student its question.

        Raises:
            QuizError: `conflict` if a round is open, `no_students` or `no_questions`.
        """
        meeting = await self._meetings.get(meeting_id)
        async with meeting.lock:
            if meeting.open is not None:
                raise already_open()
            if meeting.latest is not None:
                await self.answers.settle(meeting.latest)
            live = await self._drawing.new_round(meeting, request)
            # What students will be sent is made ready while MongoDB writes.
            with self._meetings.doubtful_unless_done():
                opened, questions = await asyncio.gather(
                    self._store.rounds.open_round(live.round, list(live.assignments.values())),
                    self._pack(live),
                )
                if not opened:
                    raise already_open()  # another server was faster
            meeting.latest = live
            self._deadlines.watch(live)
        if self._now() - live.round.opened_at > FRESH:
            questions = await self._pack(live)  # for the time that is left
        return await self.announce(live, questions)

    async def announce(
        self, live: LiveRound, questions: Sequence[tuple[str, Parcel]] | None = None
    ) -> messages.QuestionsSent:
        """Send an open round: to each student its question, to instructors who got which."""
        meeting_id = live.round.meeting_id
        if not self._reconciling.alone:
            await self._end_replaced(meeting_id)
        fresh = (
            (student_id, question)
            for student_id, question in questions or await self._pack(live)
            # Whoever joined a moment ago may have been sent it already.
            if self._seats.asks(meeting_id, student_id, live.round.id)
        )
        await self._outbox.to_each_student(meeting_id, fresh)
        sent = render.questions_sent(live, live.assignments.values())
        await self._outbox.to_instructors(meeting_id, events.QUESTIONS_SENT, sent)
        return sent

    async def announce_late(self, live: LiveRound, assignment: Assignment) -> None:
        """Tell the instructors of a student that joined an open round."""
        sent = render.questions_sent(live, [assignment], late=True)
        await self._outbox.to_instructors(live.round.meeting_id, events.QUESTIONS_SENT, sent)

    async def close(
        self, meeting_id: str, reason: CloseReason, round_id: str | None = None
    ) -> messages.RoundClosed:
        """Close the open round and tell everybody.

        Args:
            meeting_id: Whose round.
            reason: Why it ends.
            round_id: Close this round only.

        Raises:
            QuizError: `no_round` if none is open.
        """
        live = await self._close_open(meeting_id, reason, round_id)
        if live is None:
            raise QuizError(Code.NO_ROUND, "No round is open.")
        return render.round_closed(live)

    async def close_due(self, meeting_id: str) -> None:
        """Close the open round if its deadline and the grace are over."""
        live = (await self._meetings.get(meeting_id)).open
        if live is None:
            return
        if not self._deadlines.over(live, self._now()):
            self._deadlines.watch(live, at_least=0.1)
            return
        await self._close_open(meeting_id, CloseReason.TIME, live.round.id)

    async def close_if_complete(self, meeting_id: str) -> None:
        """Close the open round if everybody who is here has answered, or has no time left."""
        live = (await self._meetings.get(meeting_id)).open
        if live is not None and live.complete:
            await self._close_open(meeting_id, CloseReason.COMPLETE, live.round.id)
        elif live is not None:
            await self.close_due(meeting_id)

    async def _end_replaced(self, meeting_id: str) -> bool:
        """End connections whose seats were taken on other servers; return whether that is known."""
        try:
            await self._reconciling.meeting(meeting_id)
        except QuizError:
            return False
        return True

    async def welcome(self, seat: HeldSeat) -> None:
        """Send a student who joined their open question, and draw one if they have none yet."""
        student = seat.student
        meeting = await self._meetings.get(student.meeting_id)
        # Even if no round is open yet: one that is being drawn has read its roster already.
        async with meeting.lock:
            live = meeting.open
            if live is None or seat.lost:
                return
            live.came_back(student.id)
            assignment = live.assignments.get(student.id)
            late = assignment is None
            if assignment is None:
                assignment = await self._drawing.assign_late(meeting, live, student)
            if assignment is None or student.id in live.responses:
                return
        if seat.asks(live.round.id):
            question = render.new_question(live, assignment, self._now())
            await self._outbox.to_student(*seat.key, events.NEW_QUESTION, question)
        if late:
            await self.announce_late(live, assignment)

    async def resume(self, *, alone: bool) -> None:
        """Take up every round that was open when the last server ended.

        Args:
            alone: Whether no other server may be about to open one.
        """
        if alone:
            await self._store.rounds.drop_unborn()
        for quiz_round in await self._store.rounds.open_rounds():
            await self._meetings.usable(quiz_round.meeting_id)

    async def _pack(self, live: LiveRound) -> list[tuple[str, Parcel]]:
        now = self._now()
        questions = (
            (student_id, render.new_question(live, assignment, now))
            for student_id, assignment in list(live.assignments.items())
        )
        return await self._outbox.pack(events.NEW_QUESTION, questions)

    async def _close_open(
        self, meeting_id: str, reason: CloseReason, round_id: str | None
    ) -> LiveRound | None:
        """Close the open round, if it is that one, and return it."""
        meeting = await self._meetings.get(meeting_id)
        async with meeting.lock:
            live = meeting.open
            if live is None or (round_id is not None and live.round.id != round_id):
                return None
            await self._close(live, reason)
        await self.announce_close(live)
        return live

    async def _close(self, live: LiveRound, reason: CloseReason) -> None:
        """Take no more answers, let the accepted ones be stored, then close in MongoDB.

        Verdicts that are withheld stay so until MongoDB has stored the close.
        """
        live.accepting = False
        self._deadlines.forget(live)
        try:
            with self._meetings.doubtful_unless_done():
                await self.answers.drain()
                now = self._now()
                ended = live.ended_streaks()
                # Before the round is closed, so that a closed one has all that belongs to it.
                await self.answers.save(live, ended)
                counts = await self._store.rounds.close(live.round.id, reason, now)
                if counts != live.counts and await self._refresh(live):
                    return
        except BaseException:
            live.accepting = True
            self._deadlines.watch(live)
            raise
        live.scores.update(ended)
        live.round = replace(
            live.round,
            state=RoundState.CLOSED,
            reason=reason,
            closed_at=now,
            counts=counts or live.counts,
        )

    async def _refresh(self, live: LiveRound) -> bool:
        """Read a closed round: other servers stored answers, let students in or closed it.

        Returns:
            Whether it can be read.
        """
        closed = await self._store.rounds.get(live.round.meeting_id, live.round.id)
        if closed is not None:
            await self._meetings.refresh(live, closed)
            self.answers.follow_up(live)
        return closed is not None

    async def announce_close(self, live: LiveRound) -> None:
        """Tell everybody how a closed round went."""
        meeting_id = live.round.meeting_id
        # Results show keys: who sits at another server may not have heard there of the close yet.
        sure = await self._end_replaced(meeting_id)
        results = ((s, render.student_closed(live, s, sure=sure)) for s in list(live.assignments))
        closed = await self._outbox.pack(events.ROUND_CLOSED, results)
        await self._outbox.to_each_student(meeting_id, closed)
        await self._outbox.to_instructors(
            meeting_id, events.ROUND_CLOSED, render.round_closed(live)
        )
