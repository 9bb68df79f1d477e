"""Leases of the servers on this database, renewed by heartbeats and timed by MongoDB's clock."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import pymongo
from motor.motor_asyncio import AsyncIOMotorDatabase

from livequiz.db.client import Document, guarded

R = TypeVar("R")

LEASE = 10  # seconds without a heartbeat after which a server counts as dead


class NodeStore:
    """The `nodes` collection: one document for each server, `{_id, seen_at}`."""

    def __init__(self, database: AsyncIOMotorDatabase[Document]) -> None:
        self._nodes = database["nodes"]
        # Health checks need their own threads: all of Motor's may be blocked waiting for MongoDB.
        self._blocking = database.delegate
        self._threads = ThreadPoolExecutor(2, "livequiz-health")

    @guarded
    async def ping(self, patience: float) -> None:
        """Return once MongoDB answers; fail after `patience` seconds."""
        await self._aside(patience, lambda: self._blocking.command("ping"))

    @guarded
    async def beat(self, node_id: str, patience: float) -> bool:
        """Store a heartbeat, which renews the server's lease.

        Args:
            node_id: This server.
            patience: The timeout in seconds.

        Returns:
            Whether the server was unknown: new, or removed by others as dead.
        """
        sign = [{"$set": {"seen_at": "$$NOW"}}]
        result = await self._aside(
            patience,
            lambda: self._blocking["nodes"].update_one({"_id": node_id}, sign, upsert=True),
        )
        return result.upserted_id is not None

    async def _aside(self, patience: float, work: Callable[[], R]) -> R:
        """Run work outside Motor's thread pool, with a timeout."""

        def within() -> R:
            with pymongo.timeout(patience):
                return work()

        return await asyncio.get_running_loop().run_in_executor(self._threads, within)

    @guarded
    async def others(self, node_id: str) -> list[str]:
        """Return the other registered servers: running, or ended without a clean shutdown."""
        return list(await self._nodes.distinct("_id", {"_id": {"$ne": node_id}}))

    @guarded
    async def ended(self, node_id: str) -> list[str]:
        """Return the other servers whose lease has expired."""
        limit = {"$dateSubtract": {"startDate": "$$NOW", "unit": "second", "amount": LEASE}}
        query = {"_id": {"$ne": node_id}, "$expr": {"$lt": ["$seen_at", limit]}}
        # Not `distinct`, which does not support `$$NOW`.
        return [document["_id"] async for document in self._nodes.find(query, {"_id": 1})]

    @guarded
    async def forget(self, node_id: str) -> None:
        """Remove a server that has ended."""
        await self._nodes.delete_one({"_id": node_id})
