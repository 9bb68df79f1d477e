"""Batching: callers share a call to MongoDB.

Batches are self-clocking: each call starts as soon as the previous one has returned. A lone item
doesn't wait, and a burst shares a few calls.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from typing import Generic, TypeVar

from livequiz.domain.errors import QuizError
from livequiz.server.background import Tasks

log = logging.getLogger(__name__)
T = TypeVar("T")
K = TypeVar("K")
V = TypeVar("V")

LARGEST_BATCH = 2_000  # items in a call


class BatchQueue(Generic[T]):
    """Queues items: those that arrive during one call are passed to the next.

    Args:
        work: Called with items in order of arrival. A failure is logged, and later items are
            still passed.
        tasks: Runs the calls.
        name: The task's name.
        pause: Seconds to wait for more items before each call, for work that can wait.
        most: The most items in a call.
    """

    def __init__(
        self,
        work: Callable[[Sequence[T]], Awaitable[None]],
        tasks: Tasks,
        name: str,
        *,
        pause: float = 0.0,
        most: int = LARGEST_BATCH,
    ) -> None:
        self._work = work
        self._tasks = tasks
        self._name = name
        self._pause = pause
        self._most = most
        self._waiting: list[T] = []
        self._running = False
        self._added = self._done = 0
        self._hurry, self._turn = asyncio.Event(), asyncio.Event()

    def add(self, items: Iterable[T]) -> None:
        """Queue items, without waiting for their call."""
        before = len(self._waiting)
        self._waiting += items
        self._added += len(self._waiting) - before
        if self._waiting and not self._running:
            self._running = True
            self._tasks.spawn(self._run(), self._name)

    async def drain(self) -> None:
        """Return once the calls for all items added so far have returned."""
        goal = self._added
        while self._running and self._done < goal:
            self._hurry.set()
            await self._turn.wait()

    async def _run(self) -> None:
        try:
            while self._waiting:
                await self._wait_for_more()
                batch = self._waiting[: self._most]
                del self._waiting[: self._most]
                try:
                    await self._work(batch)
                except QuizError as error:
                    log.warning("%s: %d not done: %s", self._name, len(batch), error)
                except Exception:
                    log.exception("%s: %d not done", self._name, len(batch))
                finally:
                    self._end_of_turn(len(batch))
        finally:
            self._running = False

    async def _wait_for_more(self) -> None:
        if self._pause:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._hurry.wait(), self._pause)

    def _end_of_turn(self, size: int) -> None:
        self._done += size
        self._hurry.clear()
        self._turn.set()
        self._turn = asyncio.Event()


class BatchLoader(Generic[K, V]):
    """Loads values by key: loads that arrive during one call share the next.

    So every value is read after its load began, as if it had been loaded alone.

    Args:
        ask: Returns the values found, by key; it is called with distinct keys.
        tasks: Runs the calls.
        name: The task's name.
        most: The most loads in a call.
    """

    def __init__(
        self,
        ask: Callable[[Collection[K]], Awaitable[Mapping[K, V]]],
        tasks: Tasks,
        name: str,
        *,
        most: int = LARGEST_BATCH,
    ) -> None:
        self._ask = ask
        self._batches = BatchQueue(self._answer, tasks, name, most=most)

    async def load(self, key: K) -> V | None:
        """Return the value of a key, or None if there is none.

        Raises:
            QuizError: Raised by the call.
        """
        future: asyncio.Future[V | None] = asyncio.get_running_loop().create_future()
        self._batches.add([(key, future)])
        return await future

    async def _answer(self, asked: Sequence[tuple[K, asyncio.Future[V | None]]]) -> None:
        try:
            found = await self._ask({key for key, _ in asked})
        except Exception as error:
            for _, future in asked:
                if not future.done():
                    future.set_exception(error)
            if isinstance(error, QuizError):
                return
            raise
        for key, future in asked:
            if not future.done():
                future.set_result(found.get(key))
