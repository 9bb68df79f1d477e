"""An instructor's session: every instructor event as a typed call."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

from livequiz.client.event_types import INSTRUCTOR_EVENTS
from livequiz.client.guest import Guest
from livequiz.client.session import Session
from livequiz.domain.model import Difficulty, DrawRule, NamesAs, PointsFor, Reveal
from livequiz.protocol import events
from livequiz.protocol.bank import BankPage, BankQuestion
from livequiz.protocol.figures import (
    EditQuestion,
    Figures,
    GetFigures,
    OfQuestion,
    QuestionChanged,
    QuestionRecord,
    Scope,
)
from livequiz.protocol.message import Message
from livequiz.protocol.messages import (
    MeetingUpdated,
    Preview,
    QuestionsSent,
    RoundClosed,
    RoundExtended,
)
from livequiz.protocol.questions import QuestionIn
from livequiz.protocol.requests import (
    ExtendRound,
    JoinInstructor,
    ListQuestions,
    LockMeeting,
    OfMeeting,
    PreviewRound,
    RemoveStudent,
    SetStudent,
    ShowLeaderboard,
    ShowResults,
    TriggerQuestions,
)
from livequiz.protocol.snapshot import InstructorJoinedAck, Snapshot


class InstructorSession(Session):
    """A session that joins a meeting as an instructor, and rejoins after each reconnect.

    Args:
        url: The server's URL.
        tls_ca: The certificates of a private CA to trust for `https://`, PEM.
        guest: On whose behalf to connect, through the server's Unix socket.
    """

    def __init__(self, url: str, *, tls_ca: Path | None = None, guest: Guest | None = None) -> None:
        super().__init__(url, INSTRUCTOR_EVENTS, "livequiz-instructor", tls_ca=tls_ca, guest=guest)
        self._request: JoinInstructor | None = None

    @property
    def meeting_id(self) -> str:
        """The code of the joined meeting."""
        return self._request.meeting_id if self._request is not None else ""

    async def join(self, instructor_id: str, meeting_id: str, token: str) -> Snapshot:
        """Join a meeting; opens it if it is new.

        Raises:
            QuizError: `unauthorized` for a wrong token, or another reason.
        """
        # Codes are case-insensitive, and the server replies with the upper-case form.
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
        """Return the snapshot, everything a dashboard shows."""
        request = OfMeeting(self.meeting_id)
        return await self.call(events.GET_SNAPSHOT, request, Snapshot)

    async def bank(self) -> AsyncIterator[list[BankQuestion]]:
        """Yield the questions of the bank page by page, oldest first."""
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
        """Return what `trigger` would do with these filters, without doing it."""
        request = PreviewRound(
            meeting_id=self.meeting_id,
            topics=topics,
            difficulty=difficulty,
            allow_repeats=allow_repeats,
            question_ids=question_ids,
        )
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
        points_for: PointsFor | None = None,
        draw_rules: list[DrawRule] | None = None,
    ) -> QuestionsSent:
        """Open a round: send each connected student a question.

        Args:
            duration: Seconds for everybody; if None, each question's own time limit, or 60.
            topics: Use questions with any of these topics; all questions if None.
            difficulty: Use only this difficulty; all if None.
            shuffle_options: Show each student the options in their own order.
            allow_repeats: Let students get questions that they have already seen.
            draw_seed: Makes the draw reproducible.
            reveal: When students see the right answer; the server's default if None.
            question_ids: Use only these questions, at most 1,000; all if None.
            points_for: What its points depend on; the server's default if None.
            draw_rules: What its draw prefers; the server's default if None.
        """
        request = TriggerQuestions(
            meeting_id=self.meeting_id,
            duration=duration,
            topics=topics,
            difficulty=difficulty,
            shuffle_options=shuffle_options,
            allow_repeats=allow_repeats,
            draw_seed=draw_seed,
            reveal=reveal,
            question_ids=question_ids,
            points_for=points_for,
            draw_rules=draw_rules,
        )
        return await self.call(events.TRIGGER_QUESTIONS, request, QuestionsSent, timeout=30)

    async def close_round(self) -> RoundClosed:
        """Close the open round now."""
        return await self.call(events.CLOSE_ROUND, OfMeeting(self.meeting_id), RoundClosed)

    async def extend_round(self, seconds: float) -> RoundExtended:
        """Extend the open round by some seconds."""
        request = ExtendRound(self.meeting_id, seconds)
        return await self.call(events.EXTEND_ROUND, request, RoundExtended)

    async def remove_student(self, student_id: str, *, ban: bool = False) -> None:
        """Remove a student and free their id; with `ban`, also ban the id.

        Without `ban`, an existing ban is lifted.
        """
        request = RemoveStudent(self.meeting_id, student_id, ban)
        await self.call(events.REMOVE_STUDENT, request, Message)

    async def set_time_factor(self, student_id: str, factor: float) -> MeetingUpdated:
        """Give a student 1 to 4 times the usual time from now on."""
        request = SetStudent(self.meeting_id, student_id, factor)
        return await self.call(events.SET_STUDENT, request, MeetingUpdated)

    async def show_results(
        self, round_id: str | None = None, *, shown: bool = True
    ) -> MeetingUpdated:
        """Show the results of the newest round on projectors, or hide them.

        With a round's id, the server refuses if that is not the newest.
        """
        request = ShowResults(self.meeting_id, shown, round_id)
        return await self.call(events.SHOW_RESULTS, request, MeetingUpdated)

    async def figures(self, scope: Scope) -> Figures:
        """Return the figures of all rounds before the newest."""
        return await self.call(events.GET_FIGURES, GetFigures(self.meeting_id, scope), Figures)

    async def question(self, question_id: str) -> QuestionRecord:
        """Return a question with all answers to it."""
        request = OfQuestion(self.meeting_id, question_id)
        return await self.call(events.GET_QUESTION, request, QuestionRecord)

    async def edit_question(self, question_id: str, question: QuestionIn) -> QuestionChanged:
        """Store a new version of a question."""
        request = EditQuestion(self.meeting_id, question_id, question)
        return await self.call(events.EDIT_QUESTION, request, QuestionChanged)

    async def retire_question(self, question_id: str) -> QuestionChanged:
        """Take a question out of the bank."""
        request = OfQuestion(self.meeting_id, question_id)
        return await self.call(events.RETIRE_QUESTION, request, QuestionChanged)

    async def show_leaderboard(
        self,
        round_id: str | None = None,
        *,
        shown: bool = True,
        top: int = 5,
        names: NamesAs = NamesAs.NAMES,
    ) -> MeetingUpdated:
        """Show the class the leaderboard after the newest round, or take it away.

        Args:
            round_id: The server refuses if that is not the newest round.
            shown: Whether it is shown.
            top: The number of places; 0 shows each student only their own and its neighbours.
            names: What is shown of the names.
        """
        request = ShowLeaderboard(self.meeting_id, shown, round_id, top, names)
        return await self.call(events.SHOW_LEADERBOARD, request, MeetingUpdated)

    async def lock(self, locked: bool) -> MeetingUpdated:
        """Lock the meeting, so that nobody new can join, or unlock it."""
        request = LockMeeting(self.meeting_id, locked)
        return await self.call(events.LOCK_MEETING, request, MeetingUpdated)
