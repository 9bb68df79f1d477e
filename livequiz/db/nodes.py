"""Which servers work on this database: each says so every moment, by MongoDB's own clock."""

from __future__ import annotations

import pymongo
from motor.motor_asyncio import AsyncIOMotorDatabase

from livequiz.db.client import Document, guarded

LEASE = 10  # seconds without a sign of life after which a server counts as ended


class NodeStore:
    """The `nodes` collection: one document for each server, `{_id, seen_at}`."""

    def __init__(self, database: AsyncIOMotorDatabase[Document]) -> None:
        self._nodes = database["nodes"]

    @guarded
    async def beat(self, node_id: str, patience: float) -> bool:
        """Store a sign of life.

        Args:
            node_id: This server.
            patience: Seconds that it may take.

        Returns:
            Whether this server was unknown, or taken for ended.
        """
        sign = [{"$set": {"seen_at": "$$NOW"}}]
        with pymongo.timeout(patience):
            result = await self._nodes.update_one({"_id": node_id}, sign, upsert=True)
        return result.upserted_id is not None

    @guarded
    async def others(self, node_id: str) -> list[str]:
        """Return the other servers that did not end as they should, alive or not."""
        return list(await self._nodes.distinct("_id", {"_id": {"$ne": node_id}}))

    @guarded
    async def ended(self, node_id: str) -> list[str]:
        """Return the other servers whose lease is over."""
        limit = {"$dateSubtract": {"startDate": "$$NOW", "unit": "second", "amount": LEASE}}
        query = {"_id": {"$ne": node_id}, "$expr": {"$lt": ["$seen_at", limit]}}
        # Not `distinct`, in which `$$NOW` does not exist.
        return [document["_id"] async for document in self._nodes.find(query, {"_id": 1})]

    @guarded
    async def forget(self, node_id: str) -> None:
        """Remove a server that has ended."""
        await self._nodes.delete_one({"_id": node_id})
