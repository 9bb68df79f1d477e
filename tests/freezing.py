"""A process that stands still for a while, as on a machine that sleeps or whose disk hangs."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from livequiz.db.store import Store
from tests.helpers import PATIENCE


async def freeze(pid: int) -> None:
    """Stop a process, and wait until all of its threads stand still."""
    os.kill(pid, signal.SIGSTOP)
    threads = list(Path(f"/proc/{pid}/task").iterdir())
    async with asyncio.timeout(PATIENCE):
        while not all("State:\tT" in (t / "status").read_text() for t in threads):  # noqa: ASYNC110
            await asyncio.sleep(0.01)  # a busy machine takes its time


@asynccontextmanager
async def frozen_at_a_commit(store: Store) -> AsyncIterator[None]:
    """Freeze mongod between the next insert of responses and its commit, while the block runs."""
    writer = store._open_rounds
    insert = writer._insert
    async with AsyncExitStack() as until_the_end:

        async def insert_and_freeze(*args: Any) -> bool:
            writer._insert = insert  # type: ignore[method-assign]
            inserted = await insert(*args)
            await until_the_end.enter_async_context(frozen(store))
            return inserted

        writer._insert = insert_and_freeze  # type: ignore[method-assign]
        yield


@asynccontextmanager
async def frozen(store: Store) -> AsyncIterator[None]:
    """Freeze the mongod behind a store while the block runs."""
    pid = int((await store._client.admin.command("serverStatus"))["pid"])
    await freeze(pid)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)
