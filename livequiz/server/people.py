"""Who is in a meeting: joins, leaves, removals, the lock."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime

from livequiz.db.participants import Seat
from livequiz.db.store import Store
from livequiz.domain.errors import Code, QuizError
from livequiz.domain.model import (
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
from livequiz.server.reconciling import removed, replaced
from livequiz.server.roster import Roster
from livequiz.server.seats import HeldSeat, Seats
from livequiz.server.tasks import Tasks

MOST_TRIES = 100  # of one join, each of which lost to another join or a release
TOKEN_BYTES = 16  # 128 random bits
OWN_TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")  # as many, in base64url


@dataclass(frozen=True, slots=True)
class Admission:
    """A join that was stored."""

    seat: HeldSeat
    resume_token: str
    rejoined: bool

    @property
    def student(self) -> Student:
        """Who joined."""
        return self.seat.student


class People:
    """The use cases of presence.

    Args:
        store: Where participants are kept.
        meetings: What is open now.
        seats: Who is connected to this server.
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
        seats: Seats,
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
        self._held = seats
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
        connected: Callable[[], bool] = lambda: True,
    ) -> Admission:
        """Let a student in, or back in. An older connection of theirs is told, and closed.

        Args:
            request: Who wants in, and where.
            socket_id: On which connection.
            newcomer: Whether that connection may take an id that nobody had before.
            connected: Whether that connection is alive: one that is not takes no seat.

        Raises:
            QuizError: `not_found`, `locked`, `forbidden` (banned, or not on the roster),
                `conflict` if the id belongs to somebody else, `rate_limited`, or `not_joined`
                if the connection has ended.
        """
        name = self._name(request)
        meeting_id, seat = await self._seat(request)
        if seat is None and not newcomer():
            message = "Too many student ids were used from here. Please wait, and use your own."
            raise QuizError(Code.RATE_LIMITED, message, "student_id")
        token = self._token(request, seat)
        async with self._held.turn((meeting_id, request.student_id)):
            for _ in range(MOST_TRIES):
                if not connected():
                    raise QuizError(Code.NOT_JOINED, "This connection has ended.")
                student = self._student(meeting_id, request, name, seat)
                if await self._take(student, seat, token, socket_id):
                    version = seat.next_version if seat else 1
                    held = HeldSeat(student, socket_id, version)
                    older = self._held.take(held)
                    break
                # Another join or a release came between, here or on another server.
                meeting_id, seat = await self._seat(request)
                token = self._token(request, seat)
            else:
                message = "This id can't be joined under now. Please try again."
                raise QuizError(Code.UNAVAILABLE, message, "student_id")
        if older is not None and older.socket_id != socket_id:
            await self._outbox.drop_student(older, replaced())
        return Admission(held, token, rejoined=seat is not None)

    async def _seat(self, request: JoinStudent) -> tuple[str, Seat | None]:
        """Return the meeting's id, and who has the seat in it.

        The seat is read first, and whoever bans an id frees its seat afterwards: so nobody takes
        a free seat without having seen the ban.
        """
        seat = await self._seats.about((request.meeting_id, request.student_id))
        meeting = await self._meeting(request.meeting_id)
        _admit(meeting, request.student_id, seat)
        return meeting.id, seat

    def _student(
        self, meeting_id: str, request: JoinStudent, name: str, seat: Seat | None
    ) -> Student:
        shown = types_shown(request.question_types)
        if seat is not None:
            return replace(seat.student, name=name, presence=Presence.ACTIVE, question_types=shown)
        return Student(
            id=request.student_id,
            meeting_id=meeting_id,
            name=name,
            presence=Presence.ACTIVE,
            joined_at=self._now(),
            question_types=shown,
        )

    async def _take(self, student: Student, seat: Seat | None, token: str, socket_id: str) -> bool:
        """Store a join if the seat is as it was read; false if it is not."""
        new, bound = token_hash(token), seat.resume_token_hash if seat else None
        if bound is None or not hmac.compare_digest(new, bound):
            self._unheard.add(new)
        # A join that was stored unheard holds a seat for nobody.
        with self._meetings.doubtful_unless_done():
            taken = await self._store.people.take_seat(
                student, new, socket_id, node_id=self._node_id, now=self._now(), expected=seat
            )
        self._unheard.discard(new)
        return taken

    async def remove(self, meeting_id: str, student_id: str, *, ban: bool) -> None:
        """Send a student out and free its id; a banned id can't come back.

        One that was banned before, and now is not, can.

        Raises:
            QuizError: `not_found` if nobody has that id.
        """
        if not ban and await self._let_in(meeting_id, student_id):
            return
        async with self._held.turn((meeting_id, student_id)):
            student = await self._release(meeting_id, student_id, ban=ban)
            held = self._held.get((meeting_id, student_id))
            if held is not None and self._held.give_up(held):
                await self._outbox.drop_student(held, removed(ban=ban))
            await self.tell_left(student, "banned" if ban else "removed")

    async def _release(self, meeting_id: str, student_id: str, *, ban: bool) -> Student:
        while True:
            seat = await self._store.people.seat(meeting_id, student_id)
            if seat is None:
                message = f"No student in this meeting has the id {student_id}."
                raise QuizError(Code.NOT_FOUND, message, "student_id")
            if ban:
                await self._store.people.ban(meeting_id, student_id)
            if await self._store.people.release(seat, self._now()):
                return seat.student

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
    return frozenset(kind for kind in QuestionType if kind in named)


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
