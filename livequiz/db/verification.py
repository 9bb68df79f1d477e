"""Reads stored assignments and responses directly, to verify a server from outside."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from motor.motor_asyncio import AsyncIOMotorDatabase

from livequiz.db.client import connect, guarded

TIMEOUT_MS = 60_000  # for queries over whole collections


class StoredRounds:
    """The stored assignments and responses.

    Args:
        database: The driver's database object.
    """

    def __init__(self, database: AsyncIOMotorDatabase[dict[str, Any]]) -> None:
        self.database = database

    @guarded
    async def assignments(self, meeting_id: str, since: datetime) -> dict[str, str]:
        """Return question ids by student id, for assignments sent in a meeting since a time."""
        cursor = self.database["student_questions"].find(
            {"meeting_id": meeting_id, "sent_time": {"$gte": since}},
            {"student_id": 1, "question_id": 1},
        )
        return {row["student_id"]: str(row["question_id"]) async for row in cursor}

    @guarded
    async def responses(self, since: datetime) -> Counter[tuple[str, str]]:
        """Count the responses since a time, by student id and question id."""
        cursor = self.database["responses"].find(
            {"timestamp": {"$gte": since}}, {"student_id": 1, "question_id": 1}
        )
        return Counter([(row["student_id"], str(row["question_id"])) async for row in cursor])

    @guarded
    async def version(self) -> str:
        """Return the version of the MongoDB server."""
        return str((await self.database.client.server_info())["version"])


@contextlib.asynccontextmanager
async def stored_rounds(url: str, database: str) -> AsyncIterator[StoredRounds]:
    """Connect to a database for the duration of the block.

    Args:
        url: A MongoDB URL.
        database: The name of the database.
    """
    client = connect(url, timeout_ms=TIMEOUT_MS)
    try:
        yield StoredRounds(client[database])
    finally:
        client.close()
