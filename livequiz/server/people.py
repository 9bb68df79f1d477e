"""Who is in a meeting: joins, leaves, removals, the lock."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from livequiz.db.participants import Seat
from livequiz.db.store import Store
from livequiz.domain.errors import Code, QuizError
from livequiz.domain.model import (
    ALL_TYPES,
    ORIGINAL_TYPES,
    Meeting,
    Presence,
    QuestionType,
    Student,
)
from livequiz.domain.text import clean_name
from livequiz.protocol import events, messages
from livequiz.protocol.requests import JoinStudent
from livequiz.server.batches import Inquiry
from livequiz.server.loading import Meetings, not_open
from livequiz.server.outbox import Outbox
from livequiz.server.roster import Roster
from livequiz.server.tasks import Tasks

TOKEN_BYTES = 16  # 128 random bits
OWN_TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")  # as many, in base64url


@dataclass(frozen=True, slots=True)
class Admission:
    """A join that was stored."""

    student: Student
    resume_token: str
    rejoined: bool


class People:
    """The use cases of presence.

    Args:
        store: Where participants are kept.
        meetings: What is open now.
        outbox: Reaches students and instructors.
        tasks: Where the questions of many are asked together.
        now: The clock: aware UTC.
        node_id: This server, which has the connections.
        open_ids: Let anybody take any id, for clients that keep no token.
        open_meetings: Let a student's join open a meeting.
        roster: Who may join, and under which names; None lets anybody join.
    """

    def __init__(
        self,
        store: Store,
        meetings: Meetings,
        outbox: Outbox,
        tasks: Tasks,
        *,
        now: Callable[[], datetime],
        node_id: str,
        open_ids: bool = False,
        open_meetings: bool = False,
        roster: Roster | None = None,
    ) -> None:
        self._store = store
        self._meetings = meetings
        self._outbox = outbox
        self._now = now
        self._node_id = node_id
        self._open_ids = open_ids
        self._open_meetings = open_meetings
        self._roster = roster
        # Hashes of tokens that may be stored although their students never got them.
        self._unheard: set[str] = set()
        # A lecture hall that comes back after a restart asks all at once.
        self._stored = Inquiry(store.people.meetings_of, tasks, "meetings-of-joins")
        self._seats = Inquiry(store.people.seats, tasks, "seats-of-joins")

    async def join(
        self,
        request: JoinStudent,
        socket_id: str,
        newcomer: Callable[[], bool] = lambda: True,
    ) -> Admission:
        """Let a student in, or back in.

        Args:
            request: Who wants in, and where.
            socket_id: On which connection.
            newcomer: Whether that connection may take an id that nobody had before.

        Raises:
            QuizError: `not_found`, `locked`, `forbidden` (banned, or not on the roster),
                `conflict` if the id belongs to somebody else, or `rate_limited`.
        """
        name = self._name(request)
        meeting = await self._meeting(request.meeting_id)
        seat = await self._seats.about((meeting.id, request.student_id))
        _admit(meeting, request.student_id, seat)
        if seat is None and not newcomer():
            message = "Too many student ids were used from here. Please wait, and use your own."
            raise QuizError(Code.RATE_LIMITED, message, "student_id")
        token = self._token(request, seat)
        student = Student(
            id=request.student_id,
            meeting_id=meeting.id,
            name=name,
            presence=Presence.ACTIVE,
            joined_at=seat.student.joined_at if seat else self._now(),
            total_points=seat.student.total_points if seat else 0,
            streak=seat.student.streak if seat else 0,
            time_factor=seat.student.time_factor if seat else 1.0,
            question_types=types_shown(request.question_types),
        )
        expected = seat.resume_token_hash if seat else None
        if expected is None or not hmac.compare_digest(token_hash(token), expected):
            self._unheard.add(token_hash(token))
        taken = await self._store.people.take_seat(
            student,
            token_hash(token),
            socket_id,
            node_id=self._node_id,
            now=self._now(),
            expected_hash=expected,
        )
        self._unheard.discard(token_hash(token))
        if not taken:
            if seat is None and await self.holds(meeting.id, student.id, token):
                # Its own first join, on a connection that was lost since, was faster.
                return await self.join(request, socket_id)
            raise _in_use(request.student_id)
        if seat is not None and seat.student.presence is Presence.ACTIVE:
            await self._outbox.drop_student(meeting.id, student.id, _replaced(), keep=socket_id)
        return Admission(student, token, rejoined=seat is not None)

    async def leave(self, meeting_id: str, student_id: str, socket_id: str, reason: str) -> bool:
        """Store that a connection ended; false if a newer one of the same student lives."""
        left = await self._store.people.leave(meeting_id, student_id, socket_id, self._now())
        if left is None:
            return False
        await self.tell_left(left, reason)
        return True

    async def remove(self, meeting_id: str, student_id: str, *, ban: bool) -> None:
        """Send a student out and free its id; a banned id can't come back.

        One that was banned before, and now is not, can.

        Raises:
            QuizError: `not_found` if nobody has that id.
        """
        if not ban and await self._let_in(meeting_id, student_id):
            return
        student = await self._store.people.release(meeting_id, student_id, self._now())
        if student is None:
            message = f"No student in this meeting has the id {student_id}."
            raise QuizError(Code.NOT_FOUND, message, "student_id")
        if ban:
            await self._store.people.ban(meeting_id, student_id)
        reason = "banned" if ban else "removed"
        message = "Your teacher has removed you from this meeting"
        message += " for good." if ban else ". You can join again."
        await self._outbox.drop_student(
            meeting_id, student_id, messages.Removed(reason=reason, message=message)
        )
        await self.tell_left(student, reason)

    async def _let_in(self, meeting_id: str, student_id: str) -> bool:
        """Lift a ban and tell the instructors; false if there was none."""
        meeting = await self._store.people.lift_ban(meeting_id, student_id)
        if meeting is None:
            return False
        message = messages.MeetingUpdated(
            meeting_id=meeting_id, locked=meeting.locked, banned=sorted(meeting.banned)
        )
        await self._outbox.to_instructors(meeting_id, events.MEETING_UPDATED, message)
        return True

    async def lock(self, meeting_id: str, locked: bool) -> messages.MeetingUpdated:
        """Lock a meeting against students who have not joined it yet, or unlock it."""
        await self._store.people.set_locked(meeting_id, locked)
        (await self._meetings.get(meeting_id)).locked = locked
        message = messages.MeetingUpdated(meeting_id=meeting_id, locked=locked)
        await self._outbox.to_instructors(meeting_id, events.MEETING_UPDATED, message)
        return message

    async def open_meeting(self, meeting_id: str) -> Meeting:
        """Return a meeting, opened now if it is new."""
        return await self._store.people.open_meeting(meeting_id, self._now())

    async def holds(self, meeting_id: str, student_id: str, token: str) -> bool:
        """Whether a resume token is the one that a student id is bound to."""
        seat = await self._store.people.seat(meeting_id, student_id)
        return seat is not None and _matches(token, seat.resume_token_hash)

    def _name(self, request: JoinStudent) -> str:
        """Return the name that others read: the roster's, whatever was typed."""
        if self._roster is not None:
            return self._roster.name_of(request.student_id)
        return clean_name(request.name)

    async def _meeting(self, meeting_id: str) -> Meeting:
        meeting = await self._stored.about(meeting_id)
        if meeting is None:
            if not self._open_meetings:
                raise not_open(meeting_id)
            meeting = await self.open_meeting(meeting_id)
        return meeting

    def _token(self, request: JoinStudent, seat: Seat | None) -> str:
        """Return the token that binds the id from now on."""
        proposed = request.resume_token
        if seat is None and proposed and OWN_TOKEN.fullmatch(proposed):
            return proposed  # so that it can ask again if it never hears of this join
        bound = seat.resume_token_hash if seat else None
        if bound is None or bound in self._unheard or self._open_ids:
            return secrets.token_urlsafe(TOKEN_BYTES)
        if proposed and _matches(proposed, bound):
            return proposed
        raise _in_use(request.student_id)

    async def tell_left(self, student: Student, reason: str) -> None:
        """Tell the instructors that a student is no longer connected."""
        await self._outbox.to_instructors(
            student.meeting_id,
            events.STUDENT_LEFT,
            messages.StudentLeft(
                student_id=student.id,
                name=student.name,
                meeting_id=student.meeting_id,
                reason=reason,
            ),
        )


def types_shown(named: Collection[str] | None) -> frozenset[QuestionType]:
    """Return what a client can show, by the names that it gives; it may know more than we do."""
    if named is None:
        return ORIGINAL_TYPES
    return ALL_TYPES.intersection(named)


def token_hash(token: str) -> str:
    """Return what is stored of a token; it is random, so that a plain hash is enough."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _matches(token: str, stored: str | None) -> bool:
    return stored is not None and hmac.compare_digest(token_hash(token), stored)


def _admit(meeting: Meeting, student_id: str, seat: Seat | None) -> None:
    if student_id in meeting.banned:
        message = "This id was removed from the meeting for good. Please talk to your teacher."
        raise QuizError(Code.FORBIDDEN, message, "student_id")
    # Who was removed gives a free id to nobody either, until the meeting is unlocked.
    if meeting.locked and (seat is None or seat.resume_token_hash is None):
        message = "This meeting is locked. Ask your teacher to unlock it."
        raise QuizError(Code.LOCKED, message, "meeting_id")


def _in_use(student_id: str) -> QuizError:
    message = (
        f"The id {student_id} is in use by someone else. "
        "If it is yours, ask your teacher to release it."
    )
    return QuizError(Code.CONFLICT, message, "student_id")


def _replaced() -> messages.Removed:
    return messages.Removed(
        reason="replaced", message="You joined from another place, so this one was closed."
    )
