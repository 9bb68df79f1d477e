"""Work that is done for many at once.

It clocks itself: a call starts as soon as the one before is back, so a lone item waits for nothing
and a burst shares a few calls.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from typing import Generic, TypeVar

from livequiz.domain.errors import QuizError
from livequiz.server.tasks import Tasks

log = logging.getLogger(__name__)
T = TypeVar("T")
K = TypeVar("K")
V = TypeVar("V")

LARGEST_BATCH = 2_000  # items in one call


class Batches(Generic[T]):
    """Collects items, and hands over all that came during one call with the next.

    Args:
        work: Is called with items in the order of their coming. Where it fails, later items are
            handed over all the same.
        tasks: Where the calls run.
        name: Of the task.
        pause: Seconds before each call in which more may come; for work that can wait.
        most: Items in one call.
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
        """Take items; nothing waits for their call here."""
        before = len(self._waiting)
        self._waiting += items
        self._added += len(self._waiting) - before
        if self._waiting and not self._running:
            self._running = True
            self._tasks.spawn(self._run(), self._name)

    async def drain(self) -> None:
        """Return once the calls for all that was added before are back."""
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


class Inquiry(Generic[K, V]):
    """Asks one thing for many at once: who asks during one call is answered by the next.

    So every answer is from after its question, as if everybody had asked alone.

    Args:
        ask: Returns what it found for keys, each of them once; what is not there is None.
        tasks: Where the calls run.
        name: Of the task.
        most: Keys in one call.
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
        self._batches = Batches(self._answer, tasks, name, most=most)

    async def about(self, key: K) -> V | None:
        """Return what there is for a key.

        Raises:
            QuizError: What the call raises.
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
