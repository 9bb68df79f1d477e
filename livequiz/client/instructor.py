"""An instructor's connection: every instructor event as a typed call."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

from livequiz.client.event_types import INSTRUCTOR_EVENTS
from livequiz.client.session import Session
from livequiz.domain.model import Difficulty, Reveal
from livequiz.protocol import events
from livequiz.protocol.bank import BankPage, BankQuestion
from livequiz.protocol.messages import (
    MeetingUpdated,
    Message,
    Preview,
    QuestionsSent,
    RoundClosed,
    RoundExtended,
)
from livequiz.protocol.requests import (
    ExtendRound,
    JoinInstructor,
    ListQuestions,
    LockMeeting,
    OfMeeting,
    PreviewRound,
    RemoveStudent,
    SetStudent,
    TriggerQuestions,
)
from livequiz.protocol.snapshot import InstructorJoinedAck, Snapshot


class InstructorSession(Session):
    """A session that joins a meeting as its instructor, again after each reconnect.

    Args:
        url: Where the server is.
        tls_ca: A private authority to trust with `https://`, PEM.
    """

    def __init__(self, url: str, *, tls_ca: Path | None = None) -> None:
        super().__init__(url, INSTRUCTOR_EVENTS, "livequiz-instructor", tls_ca=tls_ca)
        self._request: JoinInstructor | None = None

    @property
    def meeting_id(self) -> str:
        """The meeting that was joined."""
        return self._request.meeting_id if self._request is not None else ""

    async def join(self, instructor_id: str, meeting_id: str, token: str) -> Snapshot:
        """Join, or open, a meeting.

        Raises:
            QuizError: `unauthorized` for a wrong token, or why else not.
        """
        # Codes are compared upper-cased; this is the form that the server answers with.
        request = JoinInstructor(instructor_id, meeting_id.upper(), token, batch=True)
        self._request = request
        snapshot = await self._join()
        self._rejoin = self._join
        self._ready.set()
        return snapshot

    async def _join(self) -> Snapshot:
        assert self._request is not None  # noqa: S101
        ack = await self.call(events.JOIN_INSTRUCTOR, self._request, InstructorJoinedAck)
        return ack.snapshot

    async def snapshot(self) -> Snapshot:
        """Return everything that a dashboard shows."""
        request = OfMeeting(self.meeting_id)
        return await self.call(events.GET_SNAPSHOT, request, Snapshot)

    async def bank(self) -> AsyncIterator[list[BankQuestion]]:
        """Yield the questions of the bank, oldest first, some at a time."""
        after = None
        while True:
            request = ListQuestions(self.meeting_id, after)
            page = await self.call(events.LIST_QUESTIONS, request, BankPage)
            yield page.questions
            after = page.next
            if after is None:
                return

    async def preview(
        self,
        *,
        topics: list[str] | None = None,
        difficulty: Difficulty | None = None,
        allow_repeats: bool = False,
        question_ids: list[str] | None = None,
    ) -> Preview:
        """Return what a trigger with these filters would do."""
        request = PreviewRound(self.meeting_id, topics, difficulty, allow_repeats, question_ids)
        return await self.call(events.PREVIEW_ROUND, request, Preview)

    async def trigger(
        self,
        *,
        duration: float | None = None,
        topics: list[str] | None = None,
        difficulty: Difficulty | None = None,
        shuffle_options: bool = False,
        allow_repeats: bool = False,
        draw_seed: int | None = None,
        reveal: Reveal | None = None,
        question_ids: list[str] | None = None,
    ) -> QuestionsSent:
        """Send every student that is here a question.

        Args:
            duration: Seconds for everybody; each question's own time limit if None, 60 without one.
            topics: Any of these; all if None.
            difficulty: Only this one; all if None.
            shuffle_options: Show each student the options in an order of its own.
            allow_repeats: Let students get what they have seen.
            draw_seed: Makes the draw repeatable.
            reveal: When students see the right answer; the server's default if None.
            question_ids: Only these, up to 1,000; all if None.
        """
        request = TriggerQuestions(
            self.meeting_id,
            duration,
            topics,
            difficulty,
            shuffle_options,
            allow_repeats,
            draw_seed,
            reveal,
            question_ids,
        )
        return await self.call(events.TRIGGER_QUESTIONS, request, QuestionsSent, timeout=30)

    async def close_round(self) -> RoundClosed:
        """Close the open round now."""
        return await self.call(events.CLOSE_ROUND, OfMeeting(self.meeting_id), RoundClosed)

    async def extend_round(self, seconds: float) -> RoundExtended:
        """Give the open round that many more seconds."""
        request = ExtendRound(self.meeting_id, seconds)
        return await self.call(events.EXTEND_ROUND, request, RoundExtended)

    async def remove_student(self, student_id: str, *, ban: bool = False) -> None:
        """Send a student out and free its id; with `ban` the id can't come back.

        Without it, an id that was banned may come back.
        """
        request = RemoveStudent(self.meeting_id, student_id, ban)
        await self.call(events.REMOVE_STUDENT, request, Message)

    async def set_time_factor(self, student_id: str, factor: float) -> MeetingUpdated:
        """Give a student 1 to 4 times the time of the others, from now on."""
        request = SetStudent(self.meeting_id, student_id, factor)
        return await self.call(events.SET_STUDENT, request, MeetingUpdated)

    async def lock(self, locked: bool) -> MeetingUpdated:
        """Lock the meeting against students who have not joined it yet, or unlock it."""
        request = LockMeeting(self.meeting_id, locked)
        return await self.call(events.LOCK_MEETING, request, MeetingUpdated)
