"""Background tasks end when the server does."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from livequiz.process import cancellation
from livequiz.server.background import Tasks
from tests.patience import patient


async def test_a_task_that_missed_its_cancellation_is_cancelled_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cancellation, "AGAIN", 0.01)
    missed = 0

    async def deaf() -> None:
        nonlocal missed
        while missed < 2:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                missed += 1
        await asyncio.sleep(60)

    running = Tasks()
    task = running.spawn(deaf(), "deaf")
    await asyncio.sleep(0)
    await asyncio.wait_for(running.cancel(), patient(20))
    assert missed == 2
    assert task.cancelled()


async def test_who_ends_the_tasks_is_not_ended_itself() -> None:
    running = Tasks()
    others = [running.spawn(asyncio.sleep(60), "other") for _ in range(3)]

    async def end() -> str:
        await running.cancel()
        return "ended"

    assert await running.spawn(end(), "end") == "ended"
    for other in others:
        with contextlib.suppress(asyncio.CancelledError):
            await other
        assert other.cancelled()
