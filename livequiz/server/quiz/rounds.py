"""Rounds: preview, trigger, late joins and close."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from livequiz.db.store import Store
from livequiz.domain.errors import Code, QuizError
from livequiz.domain.model import Assignment, CloseReason, RoundState
from livequiz.protocol import events, messages
from livequiz.protocol.requests import RoundFilters, RoundRequest
from livequiz.server.cache.live_round import LiveRound
from livequiz.server.cache.meetings import MeetingCache
from livequiz.server.quiz import presenters
from livequiz.server.quiz.answers import Answers
from livequiz.server.quiz.assignment import RoundAssigner, already_open
from livequiz.server.quiz.deadlines import Deadlines
from livequiz.server.quiz.notifier import EncodedMessage, Notifier
from livequiz.server.quiz.reconciliation import SeatReconciler
from livequiz.server.quiz.seats import HeldSeat, Seats

FRESH = timedelta(seconds=0.2)  # encoded questions older than this get a new `remaining`


class Rounds:
    """The use cases of a round.

    Args:
        store: Stores the rounds.
        meetings: Caches the open rounds.
        notifier: Sends messages to students and instructors.
        now: The clock: aware UTC.
        assigner: Draws the questions.
        deadlines: Tracks when a round is due.
        answers: Stores pending answers and scores before a round is closed.
        seats: The students connected here, and the round whose question each was sent last.
        reconciler: Ends connections whose seat was taken on another server.
    """

    def __init__(
        self,
        store: Store,
        meetings: MeetingCache,
        notifier: Notifier,
        *,
        assigner: RoundAssigner,
        deadlines: Deadlines,
        answers: Answers,
        seats: Seats,
        reconciler: SeatReconciler,
        now: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._meetings = meetings
        self._notifier = notifier
        self._now = now
        self._assigner = assigner
        self._deadlines = deadlines
        self._answers = answers
        self._seats = seats
        self._reconciler = reconciler

    async def preview(self, meeting_id: str, request: RoundFilters) -> messages.Preview:
        """Return a preview of a round with these filters, without opening it."""
        return await self._assigner.preview(meeting_id, request)

    async def trigger(self, meeting_id: str, request: RoundRequest) -> messages.QuestionsSent:
        """Open a round: draw the questions, store the round, then send each student theirs.

        Raises:
            QuizError: `conflict` if a round is open, `no_students` or `no_questions`.
        """
        meeting = await self._meetings.get(meeting_id)
        async with meeting.lock:
            if meeting.open is not None:
                raise already_open()
            if meeting.latest is not None:
                await self._answers.settle(meeting.latest)
            live = await self._assigner.new_round(meeting, request)
            # Encode the questions while MongoDB writes.
            with self._meetings.distrust_unless_done():
                opened, questions = await asyncio.gather(
                    self._store.rounds.open_round(live.round, list(live.assignments.values())),
                    self._pack(live),
                )
                if not opened:
                    raise already_open()  # another server opened one first
            meeting.latest = live
            self._deadlines.watch(live)
        if self._now() - live.round.opened_at > FRESH:
            questions = await self._pack(live)  # to update the time left
        return await self.announce(live, questions)

    async def announce(
        self, live: LiveRound, questions: Sequence[tuple[str, EncodedMessage]] | None = None
    ) -> messages.QuestionsSent:
        """Announce an open round: send students their questions, and instructors all of them."""
        meeting_id = live.round.meeting_id
        if not self._reconciler.alone:
            await self._end_replaced(meeting_id)
        fresh = (
            (student_id, question)
            for student_id, question in questions or await self._pack(live)
            # A student who has just joined may already have been sent theirs.
            if self._seats.claim_question(meeting_id, student_id, live.round.id)
        )
        await self._notifier.to_each_student(meeting_id, fresh)
        sent = presenters.questions_sent(live, live.assignments.values())
        await self._notifier.to_instructors(meeting_id, events.QUESTIONS_SENT, sent)
        return sent

    async def announce_late(self, live: LiveRound, assignment: Assignment) -> None:
        """Notify the instructors of a student who joined an open round."""
        sent = presenters.questions_sent(live, [assignment], late=True)
        await self._notifier.to_instructors(live.round.meeting_id, events.QUESTIONS_SENT, sent)

    async def _announce_left_out(self, live: LiveRound, warning: str) -> None:
        sent = presenters.questions_sent(live, [], late=True)
        sent.warnings = [warning]
        await self._notifier.to_instructors(live.round.meeting_id, events.QUESTIONS_SENT, sent)

    async def close(
        self, meeting_id: str, reason: CloseReason, round_id: str | None = None
    ) -> messages.RoundClosed:
        """Close the open round and announce its results.

        Args:
            meeting_id: The round's meeting.
            reason: Why the round ends.
            round_id: If given, close only the round with this id.

        Raises:
            QuizError: `no_round` if no such round is open.
        """
        live = await self._close_open(meeting_id, reason, round_id)
        if live is None:
            raise QuizError(Code.NO_ROUND, "No round is open.")
        return presenters.round_closed(live)

    async def close_due(self, meeting_id: str) -> None:
        """Close the open round if its deadline and grace period have passed."""
        live = (await self._meetings.get(meeting_id)).open
        if live is None:
            return
        if not self._deadlines.over(live, self._now()):
            self._deadlines.watch(live, at_least=0.1)
            return
        await self._close_open(meeting_id, CloseReason.TIME, live.round.id)

    async def close_if_complete(self, meeting_id: str) -> None:
        """Close the open round if every student present has answered or run out of time."""
        live = (await self._meetings.get(meeting_id)).open
        if live is not None and live.complete:
            await self._close_open(meeting_id, CloseReason.COMPLETE, live.round.id)
        elif live is not None:
            await self.close_due(meeting_id)

    async def _end_replaced(self, meeting_id: str) -> bool:
        """End connections whose seats were taken on other servers; False if MongoDB is away."""
        try:
            await self._reconciler.meeting(meeting_id)
        except QuizError:
            return False
        return True

    async def deliver_open_question(self, seat: HeldSeat) -> None:
        """Send a student who has joined their open question; draw one if they have none yet."""
        student = seat.student
        meeting = await self._meetings.get(student.meeting_id)
        # Take the lock even if no round is open: one being drawn may have missed this student.
        async with meeting.lock:
            live = meeting.open
            if live is None or seat.lost:
                return
            live.came_back(student.id)
            assignment = live.assignments.get(student.id)
            late = assignment is None
            try:
                if assignment is None:
                    assignment = await self._assigner.assign_late(meeting, live, student)
            except QuizError as error:
                if error.code is not Code.NO_QUESTIONS:
                    raise
                await self._announce_left_out(live, error.message)
            if assignment is None or student.id in live.responses:
                return
        if seat.claim_question(live.round.id):
            question = presenters.new_question(live, assignment, self._now())
            await self._notifier.to_student(*seat.key, events.NEW_QUESTION, question)
        if late:
            await self.announce_late(live, assignment)

    async def resume(self, *, alone: bool) -> None:
        """Load every round that was open when the last server ended.

        Args:
            alone: Whether no other server is running; one might be about to open a round.
        """
        if alone:
            await self._store.rounds.delete_orphaned_assignments()
        for quiz_round in await self._store.rounds.open_rounds():
            await self._meetings.usable(quiz_round.meeting_id)

    async def _pack(self, live: LiveRound) -> list[tuple[str, EncodedMessage]]:
        now = self._now()
        questions = (
            (student_id, presenters.new_question(live, assignment, now))
            for student_id, assignment in list(live.assignments.items())
        )
        return await self._notifier.pack(events.NEW_QUESTION, questions)

    async def _close_open(
        self, meeting_id: str, reason: CloseReason, round_id: str | None
    ) -> LiveRound | None:
        """Close and return the open round, or return None if there is none with that id."""
        meeting = await self._meetings.get(meeting_id)
        async with meeting.lock:
            live = meeting.open
            if live is None or (round_id is not None and live.round.id != round_id):
                return None
            await self._close(live, reason)
        await self.announce_close(live)
        return live

    async def _close(self, live: LiveRound, reason: CloseReason) -> None:
        """Stop accepting answers, store those already accepted, then close in MongoDB.

        Withheld verdicts stay withheld until MongoDB has stored the close.
        """
        live.accepting = False
        self._deadlines.forget(live)
        try:
            with self._meetings.distrust_unless_done():
                await self._answers.drain()
                now = self._now()
                ended = live.ended_streaks()
                # Saved before the close, so that a closed round is always complete.
                await self._answers.save(live, ended)
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
        """Reload a closed round: other servers may have added to it, or have closed it.

        Returns:
            Whether the round was found.
        """
        closed = await self._store.rounds.get(live.round.meeting_id, live.round.id)
        if closed is not None:
            await self._meetings.refresh(live, closed)
            self._answers.follow_up(live)
        return closed is not None

    async def announce_close(self, live: LiveRound) -> None:
        """Send the results of a closed round to its students, and the summary to instructors."""
        meeting_id = live.round.meeting_id
        # Results show keys. A student who has moved to another server may not have seen the close
        # there yet.
        close_stored = await self._end_replaced(meeting_id)
        results = (
            (s, presenters.student_closed(live, s, close_stored=close_stored))
            for s in list(live.assignments)
        )
        closed = await self._notifier.pack(events.ROUND_CLOSED, results)
        await self._notifier.to_each_student(meeting_id, closed)
        await self._notifier.to_instructors(
            meeting_id, events.ROUND_CLOSED, presenters.round_closed(live)
        )
