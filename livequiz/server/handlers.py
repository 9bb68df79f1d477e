"""Every event that a client may send: decode, one call of the service, encode. No rules here."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import partial
from typing import Any

from livequiz.domain.errors import Code, QuizError
from livequiz.domain.model import CloseReason
from livequiz.domain.showing import listed_types
from livequiz.protocol import events, requests
from livequiz.protocol.bank import BankPage, bank_page
from livequiz.protocol.fields import to_timestamp
from livequiz.protocol.messages import (
    AnswerResult,
    InstructorJoined,
    Joined,
    MeetingUpdated,
    Message,
    Preview,
    QuestionsSent,
    RoundClosed,
    RoundExtended,
    StudentJoined,
    TimeSynced,
)
from livequiz.protocol.snapshot import InstructorJoinedAck, Snapshot
from livequiz.server.delivery import Delivery
from livequiz.server.gate import Connection
from livequiz.server.peers import Peer
from livequiz.server.people import Admission
from livequiz.server.rooms import Rooms
from livequiz.server.seats import HeldSeat
from livequiz.server.service import QuizService

Call = Callable[[Peer, Any], Coroutine[Any, Any, Message | None]]


@dataclass(frozen=True, slots=True)
class Handler:
    """What an event is decoded as, and what is called with it."""

    request: type[requests.Request]
    call: Call


def in_turn(call: Call) -> Call:
    """Return the same, but one after another for each connection."""

    async def inner(peer: Peer, request: Any) -> Message | None:
        async with peer.turn:
            return await call(peer, request)

    return inner


class Handlers:
    """The handlers of all events, by name in `table`.

    Args:
        service: The use cases.
        delivery: Answers by named event, beside the ack.
        rooms: Puts connections into rooms.
        newcomer: Whether a connection may join under an id that nobody had before.
    """

    def __init__(
        self,
        service: QuizService,
        delivery: Delivery,
        rooms: Rooms,
        newcomer: Callable[[Connection], bool] = lambda _: True,
    ) -> None:
        self._service = service
        self._delivery = delivery
        self._rooms = rooms
        self._newcomer = newcomer
        self.table: dict[str, Handler] = {
            events.JOIN_STUDENT: Handler(requests.JoinStudent, in_turn(self.join_student)),
            events.SUBMIT_ANSWER: Handler(requests.SubmitAnswer, self.submit_answer),
            events.LEAVE: Handler(requests.Leave, in_turn(self.leave)),
            events.TIME_SYNC: Handler(requests.TimeSync, self.time_sync),
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
        }

    async def join_student(self, peer: Peer, request: requests.JoinStudent) -> Joined:
        """Bind the connection to a student, then send what it has open."""
        request.meeting_id = request.meeting_id.upper()
        request.resume_token = request.resume_token or peer.resume_token
        if request.question_types is None:
            request.question_types = peer.question_types
        if peer.instructor is not None:
            raise QuizError(Code.FORBIDDEN, "This connection is an instructor's.")
        newcomer = partial(self._newcomer, peer.connection)
        connected = partial(self._rooms.connected, peer.sid)
        admission = await self._service.people.join(request, peer.sid, newcomer, connected)
        student = admission.student
        before, peer.seat = peer.seat, admission.seat
        if before is not None and not before.lost:  # they had joined as somebody else
            await self._depart(before, left=True)
        try:
            joined = await self._let_in(admission)
        except QuizError:
            await self.gone(peer, left=False)  # nobody was told that they joined
            raise
        await self._delivery.to_socket(peer.sid, events.JOINED, joined)
        news = StudentJoined(
            student_id=student.id,
            name=student.name,
            meeting_id=student.meeting_id,
            rejoined=admission.rejoined,
            question_types=listed_types(student),
        )
        await self._delivery.to_instructors(student.meeting_id, events.STUDENT_JOINED, news)
        self._service.class_size.changed(student.meeting_id)
        await self._service.rounds.welcome(admission.seat)
        return joined

    async def _let_in(self, admission: Admission) -> Joined:
        """Return what a student is told who joined, and let the connection hear what follows."""
        student = admission.student
        points, streak = await self._service.views.hidden_points(student)
        joined = Joined(
            success=True,
            student_id=student.id,
            meeting_id=student.meeting_id,
            socket_id=admission.seat.socket_id,
            resume_token=admission.resume_token,
            server_time=to_timestamp(self._service.now()),
            round=await self._service.views.open_round(student.meeting_id),
            name=student.name,
            total_points=points,
            streak=streak,
            history=await self._service.views.history(student) if admission.rejoined else [],
        )
        await self._rooms.enter_student(admission.seat)
        return joined

    async def submit_answer(self, peer: Peer, request: requests.SubmitAnswer) -> AnswerResult:
        """Take an answer; the time is that of its arrival."""
        now = self._service.now()
        meeting_id, _ = peer.as_student(request.student_id)
        result = await self._service.answers.answer(meeting_id, request, now)
        await self._delivery.to_socket(peer.sid, events.ANSWER_RESULT, result)
        return result

    async def leave(self, peer: Peer, _: requests.Leave) -> None:
        """Unbind the connection."""
        await self.gone(peer, left=True)

    async def time_sync(self, _: Peer, request: requests.TimeSync) -> TimeSynced:
        """Tell the server's time."""
        return TimeSynced(
            client_time=request.client_time, server_time=to_timestamp(self._service.now())
        )

    async def join_instructor(
        self, peer: Peer, request: requests.JoinInstructor
    ) -> InstructorJoinedAck:
        """Bind the connection to an instructor, and open the meeting if it is new."""
        self._service.require_instructor(request.token or peer.token)
        await self.gone(peer, left=True)
        meeting = await self._service.people.open_meeting(request.meeting_id.upper())
        await self._rooms.enter_instructor(peer.sid, meeting.id, batch=request.batch)
        peer.instructor = (meeting.id, request.instructor_id)
        joined = InstructorJoined(
            success=True, instructor_id=request.instructor_id, meeting_id=meeting.id
        )
        await self._delivery.to_socket(peer.sid, events.INSTRUCTOR_JOINED, joined)
        return InstructorJoinedAck(
            success=True,
            instructor_id=request.instructor_id,
            meeting_id=meeting.id,
            snapshot=await self._service.views.snapshot(meeting.id),
        )

    async def list_questions(self, peer: Peer, request: requests.ListQuestions) -> BankPage:
        """Return a page of the bank."""
        peer.as_instructor(request.meeting_id)
        questions = self._service.store.questions
        return bank_page(await questions.page(request.after, request.limit), request.limit)

    async def preview_round(self, peer: Peer, request: requests.PreviewRound) -> Preview:
        """Say what a trigger would do."""
        meeting_id = peer.as_instructor(request.meeting_id)
        return await self._service.rounds.preview(meeting_id, request)

    async def trigger_questions(
        self, peer: Peer, request: requests.TriggerQuestions
    ) -> QuestionsSent:
        """Open a round."""
        meeting_id = peer.as_instructor(request.meeting_id)
        return await self._service.rounds.trigger(meeting_id, request)

    async def close_round(self, peer: Peer, request: requests.OfMeeting) -> RoundClosed:
        """Close the open round."""
        meeting_id = peer.as_instructor(request.meeting_id)
        return await self._service.rounds.close(meeting_id, CloseReason.INSTRUCTOR)

    async def extend_round(self, peer: Peer, request: requests.ExtendRound) -> RoundExtended:
        """Give the open round more time."""
        meeting_id = peer.as_instructor(request.meeting_id)
        return await self._service.deadlines.extend(meeting_id, request.seconds)

    async def remove_student(self, peer: Peer, request: requests.RemoveStudent) -> None:
        """Send a student out."""
        meeting_id = peer.as_instructor(request.meeting_id)
        await self._service.remove_student(meeting_id, request.student_id, ban=request.ban)

    async def lock_meeting(self, peer: Peer, request: requests.LockMeeting) -> MeetingUpdated:
        """Lock or unlock."""
        meeting_id = peer.as_instructor(request.meeting_id)
        return await self._service.people.lock(meeting_id, request.locked)

    async def set_student(self, peer: Peer, request: requests.SetStudent) -> MeetingUpdated:
        """Give a student more time than the others."""
        meeting_id = peer.as_instructor(request.meeting_id)
        return await self._service.deadlines.set_time_factor(
            meeting_id, request.student_id, request.time_factor
        )

    async def get_snapshot(self, peer: Peer, request: requests.OfMeeting) -> Snapshot:
        """Return everything that a dashboard shows."""
        meeting_id = peer.as_instructor(request.meeting_id)
        return await self._service.views.snapshot(meeting_id)

    async def gone(self, peer: Peer, *, left: bool) -> None:
        """Note that a connection no longer stands for its student, if it stood for one."""
        seat, peer.seat = peer.seat, None
        if seat is not None and not seat.lost:
            await self._depart(seat, left=left)

    async def _depart(self, seat: HeldSeat, *, left: bool) -> None:
        if left:
            await self._rooms.exit_student(seat)
        await self._service.student_gone(seat, left=left)
