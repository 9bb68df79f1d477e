"""A process that stands still for a while, as on a machine that sleeps or whose disk hangs."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from livequiz.db.open_rounds import Key, Session
from livequiz.db.store import Store
from livequiz.domain.model import Response
from tests.patience import PATIENCE


def freeze(pid: int) -> None:
    """Stop a process, and wait until all of its threads stand still."""
    os.kill(pid, signal.SIGSTOP)
    give_up = time.monotonic() + PATIENCE
    while not _stands_still(pid):
        assert time.monotonic() < give_up, "it does not stand still"
        time.sleep(0.01)  # a busy machine takes its time


def _stands_still(pid: int) -> bool:
    threads = Path(f"/proc/{pid}/task").iterdir()
    try:
        return all("State:\tT" in (thread / "status").read_text() for thread in threads)
    except FileNotFoundError:  # one has just ended
        return False


async def mongod_of(store: Store) -> int:
    """Return the process id of the mongod behind a store."""
    return int((await store._client.admin.command("serverStatus"))["pid"])


@asynccontextmanager
async def frozen_at_a_commit(store: Store) -> AsyncIterator[None]:
    """Freeze mongod between the next insert of responses and its commit, while the block runs."""
    writer, pid = store._open_rounds, await mongod_of(store)
    insert = writer._insert

    def insert_and_freeze(waiting: dict[Key, Response], session: Session) -> bool:
        writer._insert = insert  # type: ignore[method-assign]
        inserted = insert(waiting, session)
        freeze(pid)
        return inserted

    writer._insert = insert_and_freeze  # type: ignore[method-assign]
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


@asynccontextmanager
async def frozen(store: Store) -> AsyncIterator[None]:
    """Freeze the mongod behind a store while the block runs."""
    pid = await mongod_of(store)
    await asyncio.to_thread(freeze, pid)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)
