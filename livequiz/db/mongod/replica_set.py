"""Makes a mongod the primary of a single-member replica set, which transactions require."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo.errors import OperationFailure, PyMongoError

from livequiz.db.client import Document, connect
from livequiz.db.mongod import endpoint as mongod_socket

log = logging.getLogger(__name__)

NOT_YET_INITIALIZED = 94  # MongoDB's error code for a replica set without a configuration
TICK = 0.02  # seconds between attempts


async def become_primary(socket: Path) -> None:
    """Wait for a mongod, initiate its replica set if needed, and wait until it accepts writes.

    There is no timeout: the caller has to set one.

    Args:
        socket: The socket on which it listens, or will listen.
    """
    while not await asyncio.to_thread(mongod_socket.answers, socket):  # noqa: ASYNC110 - no event
        await asyncio.sleep(TICK)
    await _on_new_client(socket, _is_configured)
    # A client created before the set was initiated would keep reporting sessions as unsupported.
    await _on_new_client(socket, _is_writable)


async def _on_new_client(
    socket: Path, step: Callable[[AsyncIOMotorDatabase[Document], str], Awaitable[bool]]
) -> None:
    """Repeat a step until it returns that it is done."""
    complaint = ""
    with contextlib.closing(connect(mongod_socket.uri_of(socket))) as client:
        while True:
            try:
                if await step(client.admin, str(socket)):
                    return
            except PyMongoError as error:
                if str(error) != complaint:
                    log.info("MongoDB is not ready yet: %s", error)
                complaint = str(error)
            await asyncio.sleep(TICK)


async def _is_configured(admin: AsyncIOMotorDatabase[Document], host: str) -> bool:
    try:
        config = (await admin.command("replSetGetConfig"))["config"]
    except OperationFailure as error:
        if error.code != NOT_YET_INITIALIZED:
            raise
        member = {"_id": 0, "host": host}
        await admin.command("replSetInitiate", {"_id": "lq", "members": [member]})
        return False
    if [member["host"] for member in config["members"]] == [host]:
        return True
    await _move(admin, config, host)
    return False


async def _move(admin: AsyncIOMotorDatabase[Document], config: dict[str, Any], host: str) -> None:
    """Reconfigure the set with its member's new address; with a stale one it finds no primary."""
    log.info("MongoDB's socket has moved to %s", host)
    config["members"] = [config["members"][0] | {"host": host}]
    config["version"] += 1
    await admin.command("replSetReconfig", config, force=True)


async def _is_writable(admin: AsyncIOMotorDatabase[Document], host: str) -> bool:
    answer = await admin.command("hello")
    return bool(answer["isWritablePrimary"]) and answer.get("me") == host
