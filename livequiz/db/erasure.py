"""Erases meetings and persons."""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClientSession, AsyncIOMotorDatabase

from livequiz.db.client import Document, guarded, guarded_write
from livequiz.domain.client_types import NAMES_STUDENTS
from livequiz.domain.model import Presence, RoundState

_OF_STUDENTS = ("participants", "student_questions", "responses")
FORGOTTEN = "forgotten-"  # how the ids begin that are given in place of erased ones
_MADE = re.compile(f"{FORGOTTEN}[0-9a-f]+")


def pseudonym() -> str:
    """Return a random id that leads to nobody."""
    return f"{FORGOTTEN}{secrets.token_hex(8)}"


class ErasureStore:
    """Deletes what belongs to a meeting or a student, in all collections.

    Servers keep copies in memory. So none may use the database meanwhile, except for what the
    methods about unused meetings do.
    """

    def __init__(self, database: AsyncIOMotorDatabase[Document]) -> None:
        self._database = database

    @guarded
    async def names_of(self, student_id: str, meeting_ids: Collection[str] = ()) -> dict[str, str]:
        """Return the names under which an id took part, by meeting.

        Args:
            student_id: The id.
            meeting_ids: Only in these meetings; in all if empty.
        """
        query = _of(student_id, meeting_ids)
        cursor = self._database["participants"].find(query, {"meeting_id": 1, "name": 1})
        return {found["meeting_id"]: str(found.get("name", "")) async for found in cursor}

    @guarded_write
    async def forget(
        self, student_id: str, meeting_ids: Collection[str] = (), pseudonym: str | None = None
    ) -> dict[str, int]:
        """Erase a student: seats, tokens, questions, answers, bans.

        So do the warnings of rounds in their meetings that name students, whoever they name.

        Args:
            student_id: The id.
            meeting_ids: Only in these meetings; in all if empty.
            pseudonym: If given, questions and answers stay, as those of this id.

        Returns:
            What was erased or, with a pseudonym, kept without a name: the number of documents by
            collection; collections without any are left out.
        """
        query = _of(student_id, meeting_ids)
        meetings: set[str] = set()
        for collection in _OF_STUDENTS:
            meetings |= set(await self._database[collection].distinct("meeting_id", query))
        found: dict[str, int] = {}
        for collection in _OF_STUDENTS:
            if pseudonym is None or collection == "participants":
                result = await self._database[collection].delete_many(query)
                found[collection] = result.deleted_count
            else:
                change = {"$set": {"student_id": pseudonym}}
                changed = await self._database[collection].update_many(query, change)
                found[collection] = changed.modified_count
        of_meetings = {"_id": {"$in": list(meeting_ids)}} if meeting_ids else {}
        lifted = await self._database["meetings"].update_many(
            of_meetings, {"$pull": {"settings.banned": student_id}}
        )
        found["bans"] = lifted.modified_count
        # Also under names that the student had before: those are known to nobody any more.
        found["warnings"] = await self._drop_warnings({"meeting_id": {"$in": list(meetings)}})
        return {what: count for what, count in found.items() if count}

    async def _drop_warnings(self, query: Mapping[str, Any]) -> int:
        """Delete the warnings that name students; return how many rounds had some."""
        naming = {"$regex": re.escape(NAMES_STUDENTS)}
        result = await self._database["rounds"].update_many(query, {"$pull": {"warnings": naming}})
        return result.modified_count

    @guarded
    async def unused_since(self, moment: datetime) -> list[str]:
        """Return the meetings that name persons and that nobody has used since a moment.

        A meeting is used when it is opened, and by its rounds. One with an open round or with
        somebody connected is in use.
        """
        participants, meetings = self._database["participants"], self._database["meetings"]
        naming = {
            *await participants.distinct("meeting_id"),
            *await meetings.distinct("_id", {"settings.banned.0": {"$exists": True}}),
        }
        naming -= {
            *await self._database["rounds"].distinct("meeting_id", _newer(moment)),
            *await participants.distinct("meeting_id", {"status": Presence.ACTIVE.value}),
            *await meetings.distinct("_id", {"created_at": {"$gte": moment}}),
        }
        # The original LiveQuiz stored neither rounds nor meetings.
        newer = {"meeting_id": {"$in": list(naming)}, "sent_time": {"$gte": moment}}
        naming -= {*await self._database["student_questions"].distinct("meeting_id", newer)}
        return sorted(naming)

    @guarded
    async def is_used_since(self, moment: datetime, meeting_id: str) -> bool:
        """Return whether a meeting has a round that is open, or was opened since a moment."""
        query = {"meeting_id": meeting_id, **_newer(moment)}
        return await self._database["rounds"].find_one(query, {"_id": 1}) is not None

    @guarded
    async def persons(self, meeting_id: str) -> list[str]:
        """Return the ids of all who took part in a meeting, those who have no seat first."""
        query = {"meeting_id": meeting_id}
        seated = set(await self._database["participants"].distinct("student_id", query))
        known: set[str] = set()
        for collection in ("student_questions", "responses"):
            known |= set(await self._database[collection].distinct("student_id", query))
        # With seats last, an interrupted run leaves a meeting that still names persons.
        others = {student_id for student_id in known - seated if not _MADE.fullmatch(student_id)}
        return [*sorted(others), *sorted(seated)]

    @guarded_write
    async def make_anonymous(self, meeting_id: str, student_id: str, *, consistent: bool) -> bool:
        """Erase who took part in a meeting under an id; questions and answers stay, without it.

        Nothing is done while somebody is connected under that id.

        Args:
            meeting_id: The meeting.
            student_id: The id.
            consistent: In one transaction. Then a crash, or another server that does the same,
                can't split the answers of one person between two pseudonyms.

        Returns:
            Whether there was something to erase.
        """
        query = {"student_id": student_id, "meeting_id": meeting_id}

        async def work(session: AsyncIOMotorClientSession | None) -> bool:
            participants = self._database["participants"]
            seat = await participants.find_one(query, {"status": 1}, session=session)
            if seat is not None and seat["status"] == Presence.ACTIVE.value:
                return False
            change = {"$set": {"student_id": pseudonym()}}
            changed = 0
            for collection in ("student_questions", "responses"):
                result = await self._database[collection].update_many(
                    query, change, session=session
                )
                changed += result.modified_count
            unused = {**query, "status": {"$ne": Presence.ACTIVE.value}}  # they may just have come
            gone = await participants.delete_one(unused, session=session)
            return bool(changed or gone.deleted_count)

        if not consistent:
            return await work(None)
        async with await self._database.client.start_session() as session:
            return bool(await session.with_transaction(work))

    @guarded_write
    async def drop_names(self, meeting_id: str) -> None:
        """Erase what else names persons in a meeting: bans, warnings, and a leaderboard."""
        await self._drop_warnings({"meeting_id": meeting_id})
        await self._database["meetings"].update_one(
            {"_id": meeting_id}, {"$unset": {"settings.banned": "", "settings.leaderboard": ""}}
        )

    @guarded_write
    async def delete_meeting(self, meeting_id: str) -> dict[str, int]:
        """Delete a meeting with its rounds, participants, questions asked, and answers.

        Returns:
            The number of documents by collection; collections without any are left out.
        """
        found: dict[str, int] = {}
        for collection in (*_OF_STUDENTS, "rounds"):
            result = await self._database[collection].delete_many({"meeting_id": meeting_id})
            found[collection] = result.deleted_count
        await self._database["meetings"].delete_one({"_id": meeting_id})
        return {what: count for what, count in found.items() if count}


def _newer(moment: datetime) -> Mapping[str, Any]:
    """Return the query for rounds that are open, or were opened since a moment."""
    return {"$or": [{"opened_at": {"$gte": moment}}, {"state": RoundState.OPEN.value}]}


def _of(student_id: str, meeting_ids: Collection[str]) -> Mapping[str, Any]:
    if meeting_ids:
        return {"student_id": student_id, "meeting_id": {"$in": list(meeting_ids)}}
    return {"student_id": student_id}
