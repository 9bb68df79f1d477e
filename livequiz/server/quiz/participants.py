"""Participants of a meeting: joins, removals, bans, and the meeting's lock."""

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
    Way,
)
from livequiz.domain.text import clean_name
from livequiz.protocol import events, messages
from livequiz.protocol.requests import JoinStudent
from livequiz.server.background import Tasks
from livequiz.server.cache.batching import BatchLoader
from livequiz.server.cache.meetings import MeetingCache, not_open
from livequiz.server.quiz.notifier import Notifier
from livequiz.server.quiz.reconciliation import removed, replaced
from livequiz.server.quiz.roster import Roster
from livequiz.server.quiz.seats import HeldSeat, Seats

MOST_TRIES = 100  # of one join; each lost a race against another join or a release
TOKEN_BYTES = 16  # 128 random bits
OWN_TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")  # the same 128 bits, in base64url
GUEST_TOKEN = re.compile(r"guest\.[A-Za-z0-9_-]{22}")


@dataclass(frozen=True, slots=True)
class Admission:
    """A join that was stored."""

    meeting: Meeting
    seat: HeldSeat
    resume_token: str
    rejoined: bool

    @property
    def student(self) -> Student:
        """The student who joined."""
        return self.seat.student


class Participants:
    """The use cases of joining and leaving a meeting.

    Args:
        store: Stores the participants.
        meetings: Caches the meetings.
        seats: The students connected to this server.
        notifier: Sends messages to students and instructors.
        tasks: Runs the batched reads.
        now: The clock: aware UTC.
        node_id: This server's id, stored with the seats that it holds.
        open_ids: Let anyone take any id, for clients that keep no token.
        open_meetings: Let a student's join open a meeting.
        roster: The students who may join, with their names; None lets anyone join.
    """

    def __init__(
        self,
        store: Store,
        meetings: MeetingCache,
        seats: Seats,
        notifier: Notifier,
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
        self._notifier = notifier
        self._now = now
        self._node_id = node_id
        self._open_ids = open_ids
        self._open_meetings = open_meetings
        self._roster = roster
        # Hashes of tokens that may be stored although the students never received them.
        self._unheard: set[str] = set()
        # Thundering herd: after a restart, a whole lecture hall rejoins at once.
        self._stored = BatchLoader(store.participants.meetings_of, tasks, "meetings-of-joins")
        self._seats = BatchLoader(store.participants.seats, tasks, "seats-of-joins")

    async def join(
        self,
        request: JoinStudent,
        socket_id: str,
        may_use_new_id: Callable[[], bool] = lambda: True,
        connected: Callable[[], bool] = lambda: True,
        way: Way | None = None,
    ) -> Admission:
        """Let a student join or rejoin. An older connection of theirs is notified and closed.

        Args:
            request: The student and the meeting.
            socket_id: The id of the student's connection.
            may_use_new_id: Returns whether the connection may take an id that nobody has had.
            connected: Returns whether the connection is still open; a closed one gets no seat.
            way: How the student takes part.

        Raises:
            QuizError: `not_found`, `locked`, `forbidden` (banned, or not on the roster),
                `conflict` if the id belongs to someone else, `rate_limited`, `not_joined` if the
                connection has ended, or `unavailable` if every attempt lost a race.
        """
        name = self._name(request)
        meeting, seat = await self._seat(request)
        if seat is None and not may_use_new_id():
            message = "Too many student ids were tried from here. Please wait, then use your own."
            raise QuizError(Code.RATE_LIMITED, message, "student_id")
        token = self._token(request, seat)
        async with self._held.turn((meeting.id, request.student_id)):
            for _ in range(MOST_TRIES):
                if not connected():
                    raise QuizError(Code.NOT_JOINED, "This connection has ended.")
                student = self._student(meeting.id, request, name, seat, way)
                if await self._take(student, seat, token, socket_id):
                    version = seat.next_version if seat else 1
                    held = HeldSeat(student, socket_id, version)
                    older = self._held.take(held)
                    break
                # Lost a race against another join or a release, here or on another server.
                meeting, seat = await self._seat(request)
                token = self._token(request, seat)
            else:
                message = "You can't join with this id right now. Please try again."
                raise QuizError(Code.UNAVAILABLE, message, "student_id")
        if older is not None and older.socket_id != socket_id:
            await self._notifier.drop_student(older, replaced())
        return Admission(meeting, held, token, rejoined=seat is not None)

    async def _seat(self, request: JoinStudent) -> tuple[Meeting, Seat | None]:
        """Return the meeting, and the student's seat in it if there is one.

        The order avoids a race: a ban is stored before the seat is freed, and the seat is read
        before the ban. So a join that finds the seat free also finds the ban.
        """
        seat = await self._seats.load((request.meeting_id, request.student_id))
        meeting = await self._meeting(request.meeting_id)
        _admit(meeting, request.student_id, seat)
        return meeting, seat

    def _student(
        self,
        meeting_id: str,
        request: JoinStudent,
        name: str,
        seat: Seat | None,
        way: Way | None,
    ) -> Student:
        known = seat.student if seat is not None else None
        return replace(
            known or Student(request.student_id, meeting_id, name, Presence.ACTIVE, self._now()),
            name=name,
            presence=Presence.ACTIVE,
            question_types=types_shown(request.question_types),
            way=way,
        )

    async def _take(self, student: Student, seat: Seat | None, token: str, socket_id: str) -> bool:
        """Compare-and-set: store a join and return True if the seat is still as it was read."""
        new, bound = token_hash(token), seat.resume_token_hash if seat else None
        if bound is None or not hmac.compare_digest(new, bound):
            self._unheard.add(new)
        # If the reply is lost, the stored join may hold a seat for nobody.
        with self._meetings.distrust_unless_done():
            taken = await self._store.participants.take_seat(
                student, new, socket_id, node_id=self._node_id, now=self._now(), expected=seat
            )
        self._unheard.discard(new)
        return taken

    async def remove(self, meeting_id: str, student_id: str, *, ban: bool) -> None:
        """Remove a student and free their id; `ban` also keeps the id from joining again.

        Without `ban`, an id that is already banned has its ban lifted instead.

        Raises:
            QuizError: `not_found` if no student has that id.
        """
        if not ban and await self._let_in(meeting_id, student_id):
            return
        async with self._held.turn((meeting_id, student_id)):
            student = await self._release(meeting_id, student_id, ban=ban)
            held = self._held.get((meeting_id, student_id))
            if held is not None and self._held.give_up(held):
                await self._notifier.drop_student(held, removed(ban=ban))
            await self.tell_left(student, "banned" if ban else "removed")

    async def _release(self, meeting_id: str, student_id: str, *, ban: bool) -> Student:
        while True:
            seat = await self._store.participants.seat(meeting_id, student_id)
            if seat is None:
                message = f"No student in this meeting has the id {student_id}."
                raise QuizError(Code.NOT_FOUND, message, "student_id")
            if ban:
                await self._store.participants.ban(meeting_id, student_id)
            if await self._store.participants.release(seat, self._now()):
                return seat.student

    async def _let_in(self, meeting_id: str, student_id: str) -> bool:
        """Lift a ban and notify the instructors; return False if there was none."""
        meeting = await self._store.participants.lift_ban(meeting_id, student_id)
        if meeting is None:
            return False
        message = messages.MeetingUpdated(
            meeting_id=meeting_id, locked=meeting.locked, banned=sorted(meeting.banned)
        )
        await self._notifier.to_instructors(meeting_id, events.MEETING_UPDATED, message)
        return True

    async def lock(self, meeting_id: str, locked: bool) -> messages.MeetingUpdated:
        """Lock a meeting so that nobody new can join, or unlock it."""
        meeting = await self._meetings.get(meeting_id)
        async with meeting.lock:
            await self._store.participants.set_locked(meeting_id, locked)
            meeting.told = replace(meeting.told, locked=locked)
        message = messages.MeetingUpdated(meeting_id=meeting_id, locked=locked)
        await self._notifier.to_instructors(meeting_id, events.MEETING_UPDATED, message)
        return message

    async def open_meeting(self, meeting_id: str) -> Meeting:
        """Return a meeting; open it if it is new."""
        return await self._store.participants.open_meeting(meeting_id, self._now())

    async def holds(self, meeting_id: str, student_id: str, token: str) -> bool:
        """Return whether a resume token is the one that a student id is bound to."""
        seat = await self._store.participants.seat(meeting_id, student_id)
        return seat is not None and _matches(token, seat.resume_token_hash)

    def _name(self, request: JoinStudent) -> str:
        """Return the student's display name; a roster overrides the name that they typed."""
        if self._roster is not None:
            return self._roster.name_of(request.student_id)
        return clean_name(request.name)

    async def _meeting(self, meeting_id: str) -> Meeting:
        meeting = await self._stored.load(meeting_id)
        if meeting is None:
            if not self._open_meetings:
                raise not_open(meeting_id)
            meeting = await self.open_meeting(meeting_id)
        return meeting

    def _token(self, request: JoinStudent, seat: Seat | None) -> str:
        """Return the resume token that the id is bound to from now on."""
        proposed = request.resume_token
        if seat is None and proposed and OWN_TOKEN.fullmatch(proposed):
            return proposed  # lets them retry if the reply to this join is lost
        bound = seat.resume_token_hash if seat else None
        if bound is None or bound in self._unheard or self._open_ids:
            if proposed and GUEST_TOKEN.fullmatch(proposed):
                return proposed  # guests can keep no other: see `client.guest`
            return secrets.token_urlsafe(TOKEN_BYTES)
        if proposed and _matches(proposed, bound):
            return proposed
        raise _in_use(request.student_id)

    async def tell_left(self, student: Student, reason: str) -> None:
        """Notify the instructors that a student is no longer connected."""
        await self._notifier.to_instructors(
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
    """Return the question types that a client can show; types unknown here are ignored."""
    if named is None:
        return ORIGINAL_TYPES
    return frozenset(kind for kind in QuestionType if kind in named)


def token_hash(token: str) -> str:
    """Return the hash of a token to store. Tokens are random, so a hash without salt is enough."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _matches(token: str, stored: str | None) -> bool:
    return stored is not None and hmac.compare_digest(token_hash(token), stored)


def _admit(meeting: Meeting, student_id: str, seat: Seat | None) -> None:
    if student_id in meeting.banned:
        message = "This id is banned from the meeting. Please talk to your teacher."
        raise QuizError(Code.FORBIDDEN, message, "student_id")
    # A lock also covers ids freed by a removal: they can't be taken until it is lifted.
    if meeting.locked and (seat is None or seat.resume_token_hash is None):
        message = "This meeting is locked. Ask your teacher to unlock it."
        raise QuizError(Code.LOCKED, message, "meeting_id")


def _in_use(student_id: str) -> QuizError:
    message = (
        f"The id {student_id} is in use by someone else. "
        "If it is yours, ask your teacher to release it."
    )
    return QuizError(Code.CONFLICT, message, "student_id")
