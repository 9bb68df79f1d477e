"""Erases meetings and persons."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from motor.motor_asyncio import AsyncIOMotorDatabase

from livequiz.db.client import Document, guarded, guarded_write
from livequiz.domain.client_types import NAMES_STUDENTS

_OF_STUDENTS = ("participants", "student_questions", "responses")


class ErasureStore:
    """Deletes what belongs to a meeting or a student, in all collections.

    Servers keep copies in memory, so none may use the database meanwhile.
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
        naming = {"$regex": re.escape(NAMES_STUDENTS)}
        unnamed = await self._database["rounds"].update_many(
            {"meeting_id": {"$in": list(meetings)}}, {"$pull": {"warnings": naming}}
        )
        found["warnings"] = unnamed.modified_count
        return {what: count for what, count in found.items() if count}

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


def _of(student_id: str, meeting_ids: Collection[str]) -> Mapping[str, Any]:
    if meeting_ids:
        return {"student_id": student_id, "meeting_id": {"$in": list(meeting_ids)}}
    return {"student_id": student_id}
