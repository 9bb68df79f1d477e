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
from livequiz.domain.model import ALL_TYPES, Meeting, Presence, SeatKey, Student

log = logging.getLogger(__name__)

STUDENT_FIELDS = {
    **dict.fromkeys(
        (
            *("student_id", "meeting_id", "name", "status", "joined_at"),
            *("total_points", "streak", "time_factor", "scored_round", "way"),
        ),
        1,
    ),
    # One value replaces a list that is the same for nearly everybody: decoding and garbage
    # collecting those lists would take as long as all the rest.
    "question_types": {
        "$cond": [{"$eq": ["$question_types", sorted(ALL_TYPES)]}, True, "$question_types"]
    },
}


@dataclass(frozen=True, slots=True)
class Seat:
    """The holder of a student id: the student, their resume token's hash and their last socket.

    Attributes:
        version: How many times the seat was taken or freed; 0 if that was never counted.
    """

    student: Student
    resume_token_hash: str | None
    socket_id: str | None
    version: int = 0

    @property
    def next_version(self) -> int:
        """The version after the next take or release."""
        return max(0, self.version) + 1

    @property
    def key(self) -> SeatKey:
        """The meeting id and the student id."""
        return self.student.meeting_id, self.student.id


ODD_VERSION = -1  # for a seat whose stored version was edited by hand and is not a number


class ParticipantStore:
    """The `meetings` and `participants` collections."""

    def __init__(self, database: AsyncIOMotorDatabase[Document], unreadable: Unreadable) -> None:
        self._unreadable = unreadable
        self._meetings = database["meetings"]
        self._participants = database["participants"]

    @guarded_write
    async def open_meeting(self, meeting_id: str, now: datetime) -> Meeting:
        """Return the meeting; create it if it is new."""
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
        """Return a meeting, or None if no meeting has that code."""
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
        """Return up to `limit` meetings, oldest first, after the given one."""
        query: Document = {}
        if after is not None:
            same_moment = {"created_at": after.created_at, "_id": {"$gt": after.id}}
            query = {"$or": [{"created_at": {"$gt": after.created_at}}, same_moment]}
        cursor = self._meetings.find(query)
        cursor = cursor.sort([("created_at", 1), ("_id", 1)]).limit(limit)
        return self._unreadable.read("meetings", to_meeting, await cursor.to_list(None))

    @guarded_write
    async def set_locked(self, meeting_id: str, locked: bool) -> None:
        """Lock a meeting against new students, or unlock it."""
        await self._meetings.update_one({"_id": meeting_id}, {"$set": {"locked": locked}})

    @guarded_write
    async def set_setting(self, meeting_id: str, name: str, value: str | bool | Document) -> bool:
        """Store a setting of a meeting; return False if there is no such meeting.

        Args:
            meeting_id: The meeting.
            name: `results_of`, `leaderboard`, `title`, `class` or `archived`, as in
                `docs/protocol.md`.
            value: Its value; "" for none.
        """
        result = await self._meetings.update_one(
            {"_id": meeting_id}, {"$set": {f"settings.{name}": value}}
        )
        return bool(result.matched_count)

    @guarded_write
    async def ban(self, meeting_id: str, student_id: str) -> None:
        """Ban an id from a meeting."""
        await self._meetings.update_one(
            {"_id": meeting_id}, {"$addToSet": {"settings.banned": student_id}}
        )

    @guarded_write
    async def lift_ban(self, meeting_id: str, student_id: str) -> Meeting | None:
        """Lift a ban; return the updated meeting, or None if the id was not banned."""
        document = await self._meetings.find_one_and_update(
            {"_id": meeting_id, "settings.banned": student_id},
            {"$pull": {"settings.banned": student_id}},
            return_document=ReturnDocument.AFTER,
        )
        return self._meeting(document)

    @guarded
    async def seat(self, meeting_id: str, student_id: str) -> Seat | None:
        """Return the seat of a student id in a meeting, or None if nobody holds it."""
        return (await self.seats({(meeting_id, student_id)})).get((meeting_id, student_id))

    @guarded
    async def seats(self, keys: Collection[SeatKey]) -> dict[SeatKey, Seat]:
        """Return the seats of student ids; ids that nobody holds are left out."""
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
        """Store a join with a compare-and-set on the seat.

        Args:
            student: The student to store.
            token_hash: The hash of the resume token that binds the id from now on.
            socket_id: The connection with which they joined.
            node_id: The server that owns the connection.
            now: The current time.
            expected: The seat as read before; None if nobody held the id. Its version rises by 1.

        Returns:
            Whether the seat was still as expected; if not, a concurrent join won.
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
            "way": student.way,
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
        """Mark seats as inactive; return those that nobody has taken since."""
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
        """Mark seats as active again, unless somebody has taken them since."""
        await self._set_presence(versions, Presence.ACTIVE, now)

    async def _set_presence(
        self, versions: Mapping[SeatKey, int], presence: Presence, now: datetime
    ) -> int:
        """Set the presence of seats with unchanged versions; return how many those are."""
        change = {"$set": {"status": presence.value, "last_seen": now}}
        updates = [UpdateOne(_held(*key, version), change) for key, version in versions.items()]
        try:
            return (await self._participants.bulk_write(updates, ordered=False)).matched_count
        except BulkWriteError as error:  # the others were applied, and a retry would not help
            log.warning("Participants that can't be stored: %s", error.details["writeErrors"])
            return 0

    @guarded_write
    async def release(self, seat: Seat, now: datetime) -> bool:
        """Free an id: its next join needs no token. Return whether the seat was unchanged."""
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
        """Return those seats that are inactive or no longer belong to the given server."""
        query = {
            "student_id": {"$in": list(ids)},
            "meeting_id": meeting_id,
            "$or": [{"node_id": {"$ne": node_id}}, {"status": {"$ne": Presence.ACTIVE.value}}],
        }
        cursor = self._participants.find(query, batch_size=BATCH)
        return [self._seat(document) for document in await cursor.to_list(None)]

    @guarded
    async def ghosts(self, node_id: str, socket_ids: Collection[str]) -> list[Seat]:
        """Return a server's active seats whose connection is not among the given ones."""
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
        """Store a student's time factor; return the student, or None if nobody has that id."""
        document = await self._participants.find_one_and_update(
            {"student_id": student_id, "meeting_id": meeting_id},
            {"$set": {"time_factor": factor}},
            return_document=ReturnDocument.AFTER,
        )
        return self._who(document)

    @guarded
    async def leave_node(self, node_id: str, now: datetime) -> list[Student]:
        """Mark everybody on a server as inactive; return who was active."""
        return await self._leave({"node_id": node_id, "status": Presence.ACTIVE.value}, now)

    @guarded
    async def leave_all_but(self, node_ids: Collection[str], now: datetime) -> list[Student]:
        """Mark everybody as inactive who is not on one of these servers; return who was active."""
        query = {"status": Presence.ACTIVE.value, "node_id": {"$nin": list(node_ids)}}
        return await self._leave(query, now)

    async def _leave(self, query: Document, now: datetime) -> list[Student]:
        left = await self._participants.find(query, batch_size=BATCH).to_list(None)
        inactive = {"status": Presence.INACTIVE.value, "last_seen": now}
        await self._participants.update_many(query, {"$set": inactive})
        return self._students(left)

    @guarded
    async def students(self, meeting_id: str) -> list[Student]:
        """Return everybody who ever joined a meeting, in the order of joining."""
        cursor = self._participants.find({"meeting_id": meeting_id}, batch_size=BATCH)
        found = self._students(await cursor.to_list(None))
        return sorted(found, key=lambda student: (student.joined_at, student.id))

    @guarded
    async def active_students(self, meeting_id: str) -> list[Student]:
        """Return the connected students, in the order of joining."""
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
        """Store students' total points and streaks.

        Args:
            meeting_id: The meeting.
            round_id: The last round that the scores include.
            scores: Points and streak by student id.
            unless_scored: The students to skip if their stored score already includes that round.
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

    @guarded_write
    async def add_practised(self, counts: Mapping[SeatKey, int]) -> dict[SeatKey, int]:
        """Count practised questions; return how many each of these students has by now."""
        updates = [
            UpdateOne(
                {"student_id": student_id, "meeting_id": meeting_id}, {"$inc": {"practised": more}}
            )
            for (meeting_id, student_id), more in counts.items()
        ]
        await self._participants.bulk_write(updates, ordered=False)
        return {key: seat.student.practised for key, seat in (await self.seats(counts)).items()}

    def _meeting(self, document: Document | None) -> Meeting | None:
        if document is not None:
            require_known(document.get("schema_version"))
        return self._unreadable.read_one("meetings", to_meeting, document)

    def _students(self, documents: Iterable[Document]) -> list[Student]:
        return self._unreadable.read("participants", to_student, documents)

    def _who(self, document: Document | None) -> Student | None:
        """Return a document's student, as a stub with the ids if the rest can't be read."""
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
        # Unreadable documents count too: a join rewrites most of one, which may repair it.
        student = self._who(document)
        assert student is not None  # noqa: S101
        token_hash = document.get("resume_token_hash")
        if not isinstance(token_hash, str | None):
            token_hash = ""  # matches no token, so the id stays taken until it is released
        version = document.get("seat_version") or 0
        if not isinstance(version, int):
            version = ODD_VERSION
        return Seat(student, token_hash, document.get("socket_id"), version)


def _held(meeting_id: str, student_id: str, version: int) -> Document:
    """Return the compare-and-set query for a seat version; 0 matches a seat without one."""
    key = {"student_id": student_id, "meeting_id": meeting_id}
    if version == ODD_VERSION:
        return {**key, "seat_version": {"$exists": True, "$not": {"$type": "number"}}}
    return {**key, "seat_version": version or None}
