"""Queries on meetings and the students in them."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo import ReturnDocument, UpdateOne
from pymongo.errors import BulkWriteError, DuplicateKeyError

from livequiz.db.client import BATCH, Document, guarded, guarded_write
from livequiz.db.documents import to_meeting, to_student
from livequiz.db.schema import SCHEMA_VERSION, require_known
from livequiz.db.unreadable import Unreadable, required
from livequiz.domain.model import ALL_TYPES, Meeting, Presence, Student

log = logging.getLogger(__name__)

STUDENT_FIELDS = {
    **dict.fromkeys(
        (
            *("student_id", "meeting_id", "name", "status", "joined_at"),
            *("total_points", "streak", "time_factor", "scored_round"),
        ),
        1,
    ),
    # One value in place of a list that would be the same for everybody: decoding those, and the
    # garbage collector's look at them, would take as long as all the rest.
    "question_types": {
        "$cond": [{"$eq": ["$question_types", sorted(ALL_TYPES)]}, True, "$question_types"]
    },
}


@dataclass(frozen=True, slots=True)
class Seat:
    """What identifies a participant: the hash of its resume token and its last socket.

    Attributes:
        version: How many times the seat was taken or freed; 0 if nobody counted yet.
    """

    student: Student
    resume_token_hash: str | None
    socket_id: str | None
    version: int = 0

    @property
    def next_version(self) -> int:
        """The version once it is taken or released."""
        return max(0, self.version) + 1

    @property
    def key(self) -> SeatKey:
        """Whose seat it is."""
        return self.student.meeting_id, self.student.id


ODD_VERSION = -1  # of a seat whose version was stored by hand and is no number
SeatKey = tuple[str, str]  # (meeting id, student id)


class ParticipantStore:
    """The `meetings` and `participants` collections."""

    def __init__(self, database: AsyncIOMotorDatabase[Document], unreadable: Unreadable) -> None:
        self._unreadable = unreadable
        self._meetings = database["meetings"]
        self._participants = database["participants"]

    @guarded_write
    async def open_meeting(self, meeting_id: str, now: datetime) -> Meeting:
        """Return the meeting, made now if it is new."""
        fresh = {
            "created_at": now,
            "locked": False,
            "settings": {},
            "schema_version": SCHEMA_VERSION,
        }
        document = await self._meetings.find_one_and_update(
            {"_id": meeting_id},
            {"$setOnInsert": fresh},
            upsert=True,
            return_document=ReturnDocument.AFTER,
        )
        return required(self._meeting(document), meeting_id)

    @guarded
    async def meeting(self, meeting_id: str) -> Meeting | None:
        """Return a meeting, or None if there is none under that code."""
        document = await self._meetings.find_one({"_id": meeting_id})
        return required(self._meeting(document), meeting_id) if document else None

    @guarded
    async def meetings_of(self, meeting_ids: Collection[str]) -> dict[str, Meeting]:
        """Return meetings by id; unknown ids are left out."""
        cursor = self._meetings.find({"_id": {"$in": list(meeting_ids)}})
        found = self._unreadable.read("meetings", to_meeting, await cursor.to_list(None))
        return {meeting.id: meeting for meeting in found}

    @guarded
    async def meetings(self, after: Meeting | None, limit: int) -> list[Meeting]:
        """Return up to `limit` meetings, oldest first, after that one."""
        cursor = self._meetings.find(_younger_than(after) if after else {})
        cursor = cursor.sort([("created_at", 1), ("_id", 1)]).limit(limit)
        return self._unreadable.read("meetings", to_meeting, await cursor.to_list(None))

    @guarded_write
    async def set_locked(self, meeting_id: str, locked: bool) -> None:
        """Lock a meeting against new students, or unlock it."""
        await self._meetings.update_one({"_id": meeting_id}, {"$set": {"locked": locked}})

    @guarded_write
    async def ban(self, meeting_id: str, student_id: str) -> None:
        """Keep an id out of a meeting for good."""
        await self._meetings.update_one(
            {"_id": meeting_id}, {"$addToSet": {"settings.banned": student_id}}
        )

    @guarded_write
    async def lift_ban(self, meeting_id: str, student_id: str) -> Meeting | None:
        """Let an id in again; return the meeting then, or None if the id was not kept out."""
        document = await self._meetings.find_one_and_update(
            {"_id": meeting_id, "settings.banned": student_id},
            {"$pull": {"settings.banned": student_id}},
            return_document=ReturnDocument.AFTER,
        )
        return self._meeting(document)

    @guarded
    async def seat(self, meeting_id: str, student_id: str) -> Seat | None:
        """Return who holds a student id in a meeting."""
        return (await self.seats({(meeting_id, student_id)})).get((meeting_id, student_id))

    @guarded
    async def seats(self, keys: Collection[SeatKey]) -> dict[SeatKey, Seat]:
        """Return who holds student ids; what nobody holds is left out."""
        found: dict[SeatKey, Seat] = {}
        for meeting_id in {meeting_id for meeting_id, _ in keys}:
            student_ids = [student_id for meeting, student_id in keys if meeting == meeting_id]
            query = {"student_id": {"$in": student_ids}, "meeting_id": meeting_id}
            cursor = self._participants.find(query, batch_size=BATCH)
            for document in await cursor.to_list(None):
                seat = self._seat(document)
                found[meeting_id, seat.student.id] = seat
        return found

    @guarded_write
    async def take_seat(
        self,
        student: Student,
        token_hash: str,
        socket_id: str,
        *,
        node_id: str,
        now: datetime,
        expected: Seat | None,
    ) -> bool:
        """Store a join, by compare-and-set.

        Args:
            student: Who joins, and as what it is to be stored.
            token_hash: Of the resume token that binds the id from now on.
            socket_id: The connection that it joined with.
            node_id: The server that has the connection.
            now: When.
            expected: The seat as it was read; None if nobody had the id. Its version rises by 1.

        Returns:
            Whether the seat was still as expected; if not, somebody else was faster.
        """
        version = expected.version if expected else 0
        query = _held(student.meeting_id, student.id, version)
        query["resume_token_hash"] = expected.resume_token_hash if expected else None
        changes = {
            "name": student.name,
            "socket_id": socket_id,
            "node_id": node_id,
            "status": Presence.ACTIVE.value,
            "resume_token_hash": token_hash,
            "seat_version": expected.next_version if expected else 1,
            "last_seen": now,
            "question_types": sorted(student.question_types),
        }
        fresh = {
            "joined_at": student.joined_at,
            "total_points": 0,
            "streak": 0,
            "time_factor": 1.0,
            "scored_round": None,
        }
        try:
            result = await self._participants.update_one(
                query, {"$set": changes, "$setOnInsert": fresh}, upsert=expected is None
            )
        except DuplicateKeyError:
            return False
        return bool(result.matched_count or result.upserted_id)

    @guarded_write
    async def leave_seats(
        self, versions: Mapping[SeatKey, int], now: datetime
    ) -> Collection[SeatKey]:
        """Store that connections ended; return the seats that nobody has taken since."""
        if await self._set_presence(versions, Presence.INACTIVE, now) == len(versions):
            return versions.keys()
        seats = await self.seats(versions.keys())
        return {
            key
            for key, seat in seats.items()
            if seat.version == versions[key] and seat.student.presence is Presence.INACTIVE
        }

    @guarded_write
    async def return_to_seats(self, versions: Mapping[SeatKey, int], now: datetime) -> None:
        """Store that connections are alive after all, as far as nobody took their seats."""
        await self._set_presence(versions, Presence.ACTIVE, now)

    async def _set_presence(
        self, versions: Mapping[SeatKey, int], presence: Presence, now: datetime
    ) -> int:
        """Return how many of the seats are still the same."""
        change = {"$set": {"status": presence.value, "last_seen": now}}
        updates = [UpdateOne(_held(*key, version), change) for key, version in versions.items()]
        try:
            return (await self._participants.bulk_write(updates, ordered=False)).matched_count
        except BulkWriteError as error:  # the others are done, and trying again would not help
            log.warning("Participants that can't be stored: %s", error.details["writeErrors"])
            return 0

    @guarded_write
    async def release(self, seat: Seat, now: datetime) -> bool:
        """Free an id: the next join of it needs no token. Return whether it was as expected."""
        result = await self._participants.update_one(
            _held(*seat.key, seat.version),
            {
                "$set": {
                    "resume_token_hash": None,
                    "status": Presence.INACTIVE.value,
                    "socket_id": None,
                    "seat_version": seat.next_version,
                    "last_seen": now,
                }
            },
        )
        return bool(result.matched_count)

    @guarded
    async def lost_seats(self, meeting_id: str, node_id: str, ids: Collection[str]) -> list[Seat]:
        """Return those of a meeting's seats which are not a server's any more, or inactive."""
        query = {
            "student_id": {"$in": list(ids)},
            "meeting_id": meeting_id,
            "$or": [{"node_id": {"$ne": node_id}}, {"status": {"$ne": Presence.ACTIVE.value}}],
        }
        cursor = self._participants.find(query, batch_size=BATCH)
        return [self._seat(document) for document in await cursor.to_list(None)]

    @guarded
    async def ghosts(self, node_id: str, socket_ids: Collection[str]) -> list[Seat]:
        """Return who counts as connected to a server, but not on one of these connections."""
        query = {
            "node_id": node_id,
            "status": Presence.ACTIVE.value,
            "socket_id": {"$nin": list(socket_ids)},
        }
        cursor = self._participants.find(query, batch_size=BATCH)
        return [self._seat(document) for document in await cursor.to_list(None)]

    @guarded_write
    async def set_time_factor(
        self, meeting_id: str, student_id: str, factor: float
    ) -> Student | None:
        """Store how much more time a student gets; None if nobody has that id."""
        document = await self._participants.find_one_and_update(
            {"student_id": student_id, "meeting_id": meeting_id},
            {"$set": {"time_factor": factor}},
            return_document=ReturnDocument.AFTER,
        )
        return self._who(document)

    @guarded
    async def leave_node(self, node_id: str, now: datetime) -> list[Student]:
        """Store that nobody is connected to a server any more; return who was."""
        return await self._leave({"node_id": node_id, "status": Presence.ACTIVE.value}, now)

    @guarded
    async def leave_all_but(self, node_ids: Collection[str], now: datetime) -> list[Student]:
        """Store that nobody is connected but to these servers; return who was."""
        query = {"status": Presence.ACTIVE.value, "node_id": {"$nin": list(node_ids)}}
        return await self._leave(query, now)

    async def _leave(self, query: Document, now: datetime) -> list[Student]:
        left = await self._participants.find(query, batch_size=BATCH).to_list(None)
        inactive = {"status": Presence.INACTIVE.value, "last_seen": now}
        await self._participants.update_many(query, {"$set": inactive})
        return self._students(left)

    @guarded
    async def students(self, meeting_id: str) -> list[Student]:
        """Return everybody who ever joined a meeting, by the time of joining."""
        cursor = self._participants.find({"meeting_id": meeting_id}, batch_size=BATCH)
        found = self._students(await cursor.to_list(None))
        return sorted(found, key=lambda student: (student.joined_at, student.id))

    @guarded
    async def active_students(self, meeting_id: str) -> list[Student]:
        """Return who is connected, by the time of joining."""
        query = {"meeting_id": meeting_id, "status": Presence.ACTIVE.value}
        cursor = self._participants.find(query, STUDENT_FIELDS, batch_size=BATCH)
        found = self._students(await cursor.to_list(None))
        return sorted(found, key=lambda student: (student.joined_at, student.id))

    @guarded
    async def count_active(self, meeting_id: str) -> int:
        """Return how many students of a meeting are connected."""
        query = {"meeting_id": meeting_id, "status": Presence.ACTIVE.value}
        return int(await self._participants.count_documents(query))

    @guarded_write
    async def set_scores(
        self,
        meeting_id: str,
        round_id: str,
        scores: Mapping[str, tuple[float, int]],
        unless_scored: Collection[str] = (),
    ) -> None:
        """Store the total points and the streak of students.

        Args:
            meeting_id: Where.
            round_id: The round that is the last one in them.
            scores: Points and streak by student id.
            unless_scored: Those of them whose score stays if it has that round in it already.
        """
        if not scores:
            return
        updates = []
        for student_id, (points, streak) in scores.items():
            query: Document = {"student_id": student_id, "meeting_id": meeting_id}
            if student_id in unless_scored:
                query["scored_round"] = {"$ne": round_id}
            score = {"total_points": points, "streak": streak, "scored_round": round_id}
            updates.append(UpdateOne(query, {"$set": score}))
        await self._participants.bulk_write(updates, ordered=False)

    def _meeting(self, document: Document | None) -> Meeting | None:
        if document is not None:
            require_known(document.get("schema_version"))
        return self._unreadable.read_one("meetings", to_meeting, document)

    def _students(self, documents: Iterable[Document]) -> list[Student]:
        return self._unreadable.read("participants", to_student, documents)

    def _who(self, document: Document | None) -> Student | None:
        """Return whom a document is about, even if no more than that can be read of it."""
        if document is None:
            return None
        return self._unreadable.read_one("participants", to_student, document) or Student(
            id=document["student_id"],
            meeting_id=document["meeting_id"],
            name=document["student_id"],
            presence=Presence.INACTIVE,
            joined_at=datetime.min.replace(tzinfo=UTC),
        )

    def _seat(self, document: Document) -> Seat:
        # A join writes most of a document anew, so that one that can't be read may be mended.
        student = self._who(document)
        assert student is not None  # noqa: S101
        token_hash = document.get("resume_token_hash")
        if not isinstance(token_hash, str | None):
            token_hash = ""  # no token has that; until the id is released, it is in use
        version = document.get("seat_version") or 0
        if not isinstance(version, int):
            version = ODD_VERSION
        return Seat(student, token_hash, document.get("socket_id"), version)


def _held(meeting_id: str, student_id: str, version: int) -> Document:
    """Return what finds a seat as long as nobody takes or frees it; 0 is that of no version."""
    key = {"student_id": student_id, "meeting_id": meeting_id}
    if version == ODD_VERSION:
        return {**key, "seat_version": {"$exists": True, "$not": {"$type": "number"}}}
    return {**key, "seat_version": version or None}


def _younger_than(meeting: Meeting) -> Document:
    same_moment = {"created_at": meeting.created_at, "_id": {"$gt": meeting.id}}
    return {"$or": [{"created_at": {"$gt": meeting.created_at}}, same_moment]}
