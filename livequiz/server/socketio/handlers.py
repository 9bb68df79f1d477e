"""Handlers of the client events: each calls a use case and sends its results.

The rules are in `server.quiz`; an import contract forbids importing `db` here.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import partial
from typing import Any

from livequiz.domain.client_types import listed_types
from livequiz.domain.errors import Code, QuizError
from livequiz.domain.model import CloseReason, Student
from livequiz.protocol import events, figures, requests
from livequiz.protocol.bank import BankPage, bank_page
from livequiz.protocol.fields import to_timestamp
from livequiz.protocol.message import Message
from livequiz.protocol.messages import (
    AnswerResult,
    InstructorJoined,
    Joined,
    MeetingUpdated,
    Preview,
    QuestionsSent,
    RoundClosed,
    RoundExtended,
    StudentJoined,
    TimeSynced,
)
from livequiz.protocol.practice import OwnHistory, PracticeQuestions, PracticeResult
from livequiz.protocol.snapshot import InstructorJoinedAck, Snapshot
from livequiz.server.quiz.participants import Admission
from livequiz.server.quiz.seats import HeldSeat
from livequiz.server.quiz.service import QuizService
from livequiz.server.socketio.emitter import Emitter
from livequiz.server.socketio.rooms import Rooms
from livequiz.server.socketio.session import ConnectionSession
from livequiz.server.transport.connections import Connection

Call = Callable[[ConnectionSession, Any], Coroutine[Any, Any, Message | None]]


@dataclass(frozen=True, slots=True)
class Handler:
    """An event's request type and handler."""

    request: type[requests.Request]
    call: Call


def in_turn(call: Call) -> Call:
    """Return a handler that runs one call at a time per connection."""

    async def inner(session: ConnectionSession, request: Any) -> Message | None:
        async with session.turn:
            return await call(session, request)

    return inner


class Handlers:
    """The handlers of all events, by event name in `table`.

    Args:
        service: The use cases.
        emitter: Sends named events, besides the ack.
        rooms: Adds connections to rooms.
        may_use_new_id: Rate limit: whether a connection may join under a new student id.
    """

    def __init__(
        self,
        service: QuizService,
        emitter: Emitter,
        rooms: Rooms,
        may_use_new_id: Callable[[Connection], bool] = lambda _: True,
    ) -> None:
        self._service = service
        self._emitter = emitter
        self._rooms = rooms
        self._may_use_new_id = may_use_new_id
        self.table: dict[str, Handler] = {
            events.JOIN_STUDENT: Handler(requests.JoinStudent, in_turn(self.join_student)),
            events.SUBMIT_ANSWER: Handler(requests.SubmitAnswer, self.submit_answer),
            events.LEAVE: Handler(requests.Leave, in_turn(self.leave)),
            events.TIME_SYNC: Handler(requests.TimeSync, self.time_sync),
            events.GET_HISTORY: Handler(requests.GetHistory, self.get_history),
            events.GET_PRACTICE: Handler(requests.GetPractice, self.get_practice),
            events.PRACTICE_ANSWER: Handler(requests.PracticeAnswer, self.practice_answer),
            events.JOIN_INSTRUCTOR: Handler(requests.JoinInstructor, in_turn(self.join_instructor)),
            events.LIST_QUESTIONS: Handler(requests.ListQuestions, self.list_questions),
            events.PREVIEW_ROUND: Handler(requests.PreviewRound, self.preview_round),
            events.TRIGGER_QUESTIONS: Handler(requests.TriggerQuestions, self.trigger_questions),
            events.CLOSE_ROUND: Handler(requests.OfMeeting, self.close_round),
            events.EXTEND_ROUND: Handler(requests.ExtendRound, self.extend_round),
            events.REMOVE_STUDENT: Handler(requests.RemoveStudent, self.remove_student),
            events.LOCK_MEETING: Handler(requests.LockMeeting, self.lock_meeting),
            events.SET_STUDENT: Handler(requests.SetStudent, self.set_student),
            events.GET_SNAPSHOT: Handler(requests.OfMeeting, self.get_snapshot),
            events.SHOW_RESULTS: Handler(requests.ShowResults, self.show_results),
            events.GET_FIGURES: Handler(figures.GetFigures, self.get_figures),
            events.GET_QUESTION: Handler(figures.OfQuestion, self.get_question),
            events.EDIT_QUESTION: Handler(figures.EditQuestion, self.edit_question),
            events.RETIRE_QUESTION: Handler(figures.OfQuestion, self.retire_question),
            events.SHOW_LEADERBOARD: Handler(requests.ShowLeaderboard, self.show_leaderboard),
        }

    async def join_student(
        self, session: ConnectionSession, request: requests.JoinStudent
    ) -> Joined:
        """Bind the connection to a student, then send their open question."""
        request.meeting_id = request.meeting_id.upper()
        request.resume_token = request.resume_token or session.resume_token
        if request.question_types is None:
            request.question_types = session.question_types
        if session.instructor is not None:
            raise QuizError(Code.FORBIDDEN, "This connection belongs to an instructor.")
        may_use_new_id = partial(self._may_use_new_id, session.connection)
        connected = partial(self._rooms.connected, session.sid)
        admission = await self._service.participants.join(
            request, session.sid, may_use_new_id, connected, session.way
        )
        student = admission.student
        before, session.seat = session.seat, admission.seat
        if before is not None and not before.lost:  # this connection had joined as another student
            await self._depart(before, left=True)
        try:
            joined = await self._let_in(admission)
        except QuizError:
            await self.unbind(session, left=False)  # nobody was notified of the join yet
            raise
        await self._emitter.to_socket(session.sid, events.JOINED, joined)
        news = StudentJoined(
            student_id=student.id,
            name=student.name,
            meeting_id=student.meeting_id,
            rejoined=admission.rejoined,
            question_types=listed_types(student),
            way=student.way,
        )
        await self._emitter.to_instructors(student.meeting_id, events.STUDENT_JOINED, news)
        self._service.presence.changed(student.meeting_id)
        await self._service.rounds.deliver_open_question(admission.seat)
        return joined

    async def _let_in(self, admission: Admission) -> Joined:
        """Return the reply to a join, and add the connection to the student's rooms."""
        student = admission.student
        points, streak = await self._service.queries.visible_score(student)
        joined = Joined(
            success=True,
            student_id=student.id,
            meeting_id=student.meeting_id,
            socket_id=admission.seat.socket_id,
            resume_token=admission.resume_token,
            server_time=to_timestamp(self._service.now()),
            round=await self._service.queries.open_round(student.meeting_id),
            name=student.name,
            total_points=points,
            streak=streak,
            history=await self._service.queries.history(student) if admission.rejoined else [],
            leaderboard=await self._service.leaderboards.for_student(admission.meeting, student),
            practice=self._service.practice.allowed,
        )
        await self._rooms.enter_student(admission.seat)
        return joined

    async def submit_answer(
        self, session: ConnectionSession, request: requests.SubmitAnswer
    ) -> AnswerResult:
        """Accept an answer; it counts from its time of arrival."""
        now = self._service.now()
        meeting_id, _ = session.as_student(request.student_id)
        result = await self._service.answers.answer(meeting_id, request, now)
        await self._emitter.to_socket(session.sid, events.ANSWER_RESULT, result)
        return result

    async def leave(self, session: ConnectionSession, _: requests.Leave) -> None:
        """Unbind the connection from its student."""
        await self.unbind(session, left=True)

    async def time_sync(self, _: ConnectionSession, request: requests.TimeSync) -> TimeSynced:
        """Return the server's time, so that the client can correct its clock skew."""
        return TimeSynced(
            client_time=request.client_time, server_time=to_timestamp(self._service.now())
        )

    async def get_history(self, session: ConnectionSession, _: requests.GetHistory) -> OwnHistory:
        """Return the student's earlier rounds, with the keys."""
        return await self._service.practice.history(_student(session))

    async def get_practice(
        self, session: ConnectionSession, _: requests.GetPractice
    ) -> PracticeQuestions:
        """Return the questions that the student missed."""
        return await self._service.practice.questions(_student(session))

    async def practice_answer(
        self, session: ConnectionSession, request: requests.PracticeAnswer
    ) -> PracticeResult:
        """Grade an answer that is stored nowhere."""
        return await self._service.practice.answer(_student(session), request)

    async def join_instructor(
        self, session: ConnectionSession, request: requests.JoinInstructor
    ) -> InstructorJoinedAck:
        """Bind the connection to an instructor, and create the meeting if it is new."""
        self._service.require_instructor(request.token or session.token)
        await self.unbind(session, left=True)
        meeting = await self._service.participants.open_meeting(request.meeting_id.upper())
        await self._rooms.enter_instructor(session.sid, meeting.id, batch=request.batch)
        session.instructor = (meeting.id, request.instructor_id)
        joined = InstructorJoined(
            success=True, instructor_id=request.instructor_id, meeting_id=meeting.id
        )
        await self._emitter.to_socket(session.sid, events.INSTRUCTOR_JOINED, joined)
        return InstructorJoinedAck(
            success=True,
            instructor_id=request.instructor_id,
            meeting_id=meeting.id,
            snapshot=await self._service.queries.snapshot(meeting.id),
        )

    async def list_questions(
        self, session: ConnectionSession, request: requests.ListQuestions
    ) -> BankPage:
        """Return a page of the question bank."""
        session.as_instructor(request.meeting_id)
        questions = self._service.store.questions
        return bank_page(await questions.page(request.after, request.limit), request.limit)

    async def preview_round(
        self, session: ConnectionSession, request: requests.PreviewRound
    ) -> Preview:
        """Return what a trigger would do (dry run)."""
        meeting_id = session.as_instructor(request.meeting_id)
        return await self._service.rounds.preview(meeting_id, request)

    async def trigger_questions(
        self, session: ConnectionSession, request: requests.TriggerQuestions
    ) -> QuestionsSent:
        """Open a round."""
        meeting_id = session.as_instructor(request.meeting_id)
        return await self._service.rounds.trigger(meeting_id, request)

    async def close_round(
        self, session: ConnectionSession, request: requests.OfMeeting
    ) -> RoundClosed:
        """Close the open round."""
        meeting_id = session.as_instructor(request.meeting_id)
        return await self._service.rounds.close(meeting_id, CloseReason.INSTRUCTOR)

    async def extend_round(
        self, session: ConnectionSession, request: requests.ExtendRound
    ) -> RoundExtended:
        """Give the open round more time."""
        meeting_id = session.as_instructor(request.meeting_id)
        return await self._service.deadlines.extend(meeting_id, request.seconds)

    async def remove_student(
        self, session: ConnectionSession, request: requests.RemoveStudent
    ) -> None:
        """Remove a student, or ban them."""
        meeting_id = session.as_instructor(request.meeting_id)
        await self._service.remove_student(meeting_id, request.student_id, ban=request.ban)

    async def lock_meeting(
        self, session: ConnectionSession, request: requests.LockMeeting
    ) -> MeetingUpdated:
        """Lock or unlock the meeting."""
        meeting_id = session.as_instructor(request.meeting_id)
        return await self._service.participants.lock(meeting_id, request.locked)

    async def set_student(
        self, session: ConnectionSession, request: requests.SetStudent
    ) -> MeetingUpdated:
        """Set a student's time factor."""
        meeting_id = session.as_instructor(request.meeting_id)
        return await self._service.deadlines.set_time_factor(
            meeting_id, request.student_id, request.time_factor
        )

    async def get_snapshot(
        self, session: ConnectionSession, request: requests.OfMeeting
    ) -> Snapshot:
        """Return the state of a meeting, for a dashboard."""
        meeting_id = session.as_instructor(request.meeting_id)
        return await self._service.queries.snapshot(meeting_id)

    async def show_results(
        self, session: ConnectionSession, request: requests.ShowResults
    ) -> MeetingUpdated:
        """Show the results of the newest round on projectors, or hide them."""
        meeting_id = session.as_instructor(request.meeting_id)
        return await self._service.projection.show_results(
            meeting_id, request.round_id, shown=request.shown
        )

    async def get_figures(
        self, session: ConnectionSession, request: figures.GetFigures
    ) -> figures.Figures:
        """Return the figures of all rounds before the newest."""
        meeting_id = session.as_instructor(request.meeting_id)
        return await self._service.figures.of(meeting_id, request.scope)

    async def get_question(
        self, session: ConnectionSession, request: figures.OfQuestion
    ) -> figures.QuestionRecord:
        """Return a question with all answers to it."""
        session.as_instructor(request.meeting_id)
        return await self._service.question_records.of(request.question_id)

    async def edit_question(
        self, session: ConnectionSession, request: figures.EditQuestion
    ) -> figures.QuestionChanged:
        """Store a new version of a question."""
        session.as_instructor(request.meeting_id)
        return await self._service.question_records.edit(request.question_id, request.question)

    async def retire_question(
        self, session: ConnectionSession, request: figures.OfQuestion
    ) -> figures.QuestionChanged:
        """Take a question out of the bank."""
        session.as_instructor(request.meeting_id)
        return await self._service.question_records.retire(request.question_id)

    async def show_leaderboard(
        self, session: ConnectionSession, request: requests.ShowLeaderboard
    ) -> MeetingUpdated:
        """Show the class the leaderboard after the newest round, or take it away."""
        meeting_id = session.as_instructor(request.meeting_id)
        return await self._service.leaderboards.show(meeting_id, request)

    async def unbind(self, session: ConnectionSession, *, left: bool) -> None:
        """Unbind a connection from its student, if it has one."""
        seat, session.seat = session.seat, None
        if seat is not None and not seat.lost:
            await self._depart(seat, left=left)

    async def _depart(self, seat: HeldSeat, *, left: bool) -> None:
        if left:
            await self._rooms.exit_student(seat)
        await self._service.student_gone(seat, left=left)


def _student(session: ConnectionSession) -> Student:
    """Return the student who has joined.

    Raises:
        QuizError: `not_joined`.
    """
    session.as_student()
    assert session.seat is not None  # noqa: S101
    return session.seat.student
