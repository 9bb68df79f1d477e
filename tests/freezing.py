"""A process that stands still for a while, as on a machine that sleeps or whose disk hangs."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

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
async def frozen(store: Store) -> AsyncIterator[None]:
    """Freeze the mongod behind a store while the block runs."""
    pid = int((await store._client.admin.command("serverStatus"))["pid"])
    await freeze(pid)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)
