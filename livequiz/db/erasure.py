"""Erases meetings and persons."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from motor.motor_asyncio import AsyncIOMotorDatabase

from livequiz.db.client import Document, guarded, guarded_write

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
        """Erase a student: seats, tokens, questions, answers, bans, and warnings that name them.

        Args:
            student_id: The id.
            meeting_ids: Only in these meetings; in all if empty.
            pseudonym: If given, questions and answers stay, as those of this id.

        Returns:
            What was erased or, with a pseudonym, kept without a name: the number of documents by
            collection; collections without any are left out.
        """
        query = _of(student_id, meeting_ids)
        names = set((await self.names_of(student_id, meeting_ids)).values())
        found: dict[str, int] = {}
        for collection in _OF_STUDENTS:
            if pseudonym is None or collection == "participants":
                found[collection] = (
                    await self._database[collection].delete_many(query)
                ).deleted_count
            else:
                change = {"$set": {"student_id": pseudonym}}
                result = await self._database[collection].update_many(query, change)
                found[collection] = result.modified_count
        meetings = {"_id": {"$in": list(meeting_ids)}} if meeting_ids else {}
        lifted = await self._database["meetings"].update_many(
            meetings, {"$pull": {"settings.banned": student_id}}
        )
        found["bans"] = lifted.modified_count
        found["warnings"] = await self._remove_warnings(meeting_ids, {student_id, *names} - {""})
        return {what: count for what, count in found.items() if count}

    async def _remove_warnings(self, meeting_ids: Collection[str], words: Collection[str]) -> int:
        """Remove the warnings of rounds that contain one of the words."""
        rounds = self._database["rounds"]
        query: Document = {"warnings": {"$ne": []}}
        if meeting_ids:
            query["meeting_id"] = {"$in": list(meeting_ids)}
        changed = 0
        async for found in rounds.find(query, {"warnings": 1}):
            kept = [text for text in found["warnings"] if not any(word in text for word in words)]
            if kept != found["warnings"]:
                await rounds.update_one({"_id": found["_id"]}, {"$set": {"warnings": kept}})
                changed += 1
        return changed

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
