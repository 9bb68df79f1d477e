"""Work for many at once: what shares a call, and what waits for whom."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence

import pytest

from livequiz.domain.errors import Code, QuizError
from livequiz.server.background import Tasks
from livequiz.server.cache.batching import BatchLoader, BatchQueue
from tests.patience import patient

AN_HOUR = 3600.0


class Work:
    """Calls that end when the test says so."""

    def __init__(self) -> None:
        self.calls: list[list[int]] = []
        self.begun: asyncio.Queue[None] = asyncio.Queue()
        self.go = asyncio.Semaphore(0)
        self.error: QuizError | None = None

    async def __call__(self, items: Sequence[int]) -> None:
        self.calls.append(list(items))
        self.begun.put_nowait(None)
        await self.go.acquire()
        if self.error is not None:
            raise self.error

    def end(self, calls: int = 1) -> None:
        for _ in range(calls):
            self.go.release()


async def test_what_comes_during_a_call_shares_the_next() -> None:
    work = Work()
    batches = BatchQueue(work, Tasks(), "work")
    batches.add([1])
    await work.begun.get()
    batches.add([2])
    batches.add([3, 4])
    work.end(2)
    await batches.drain()
    assert work.calls == [[1], [2, 3, 4]]


async def test_a_call_takes_no_more_than_it_may() -> None:
    work = Work()
    batches = BatchQueue(work, Tasks(), "work", most=2)
    batches.add(range(5))
    work.end(3)
    await batches.drain()
    assert work.calls == [[0, 1], [2, 3], [4]]


async def test_a_call_that_fails_stops_none_after_it() -> None:
    work = Work()
    batches = BatchQueue(work, Tasks(), "work", most=1)
    work.error = QuizError(Code.UNAVAILABLE, "Away.")
    batches.add([1, 2])
    work.end(2)
    await batches.drain()
    batches.add([3])
    work.end()
    await batches.drain()
    assert work.calls == [[1], [2], [3]]


async def test_work_that_can_wait_does_until_it_is_wanted() -> None:
    work = Work()
    batches = BatchQueue(work, Tasks(), "work", pause=AN_HOUR)
    for number in range(10):
        batches.add([number])
        await asyncio.sleep(0)
    assert work.calls == []
    work.end()
    await batches.drain()
    assert work.calls == [list(range(10))]


async def test_a_drain_does_not_wait_for_what_comes_after_it() -> None:
    # Else the answers of one class would keep the round of another from ending.
    work = Work()
    batches = BatchQueue(work, Tasks(), "work")
    batches.add([1])
    await work.begun.get()
    drained = asyncio.create_task(batches.drain())
    await asyncio.sleep(0)
    batches.add([2])
    work.end()
    await asyncio.wait_for(drained, patient(5))
    await work.begun.get()
    assert work.calls == [[1], [2]]
    work.end()
    await batches.drain()


async def test_who_asks_during_a_call_is_answered_by_the_next() -> None:
    truth = {"key": 1}
    begun: asyncio.Queue[None] = asyncio.Queue()
    go = asyncio.Semaphore(0)
    asked: list[set[str]] = []

    async def ask(keys: Collection[str]) -> dict[str, int]:
        asked.append(set(keys))
        found = {key: truth[key] for key in keys if key in truth}
        begun.put_nowait(None)
        await go.acquire()
        return found

    inquiry = BatchLoader(ask, Tasks(), "ask")
    first = asyncio.create_task(inquiry.load("key"))
    await begun.get()
    truth["key"] = 2
    later = [asyncio.create_task(inquiry.load(key)) for key in ("key", "key", "nothing")]
    await asyncio.sleep(0)
    go.release()
    go.release()
    assert await first == 1
    assert await asyncio.gather(*later) == [2, 2, None]
    assert asked == [{"key"}, {"key", "nothing"}]


async def test_everybody_who_asked_hears_of_a_failure() -> None:
    async def ask(_: Collection[str]) -> dict[str, int]:
        raise QuizError(Code.UNAVAILABLE, "Away.")

    inquiry = BatchLoader(ask, Tasks(), "ask")
    for answer in await asyncio.gather(
        *(inquiry.load(key) for key in "ab"), return_exceptions=True
    ):
        with pytest.raises(QuizError):
            raise answer  # type: ignore[misc]
