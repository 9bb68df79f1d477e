"""Group commit: the responses of the last few milliseconds go to MongoDB in one write.

It clocks itself: a flush starts as soon as the one before is back, so a lone answer waits for
nothing and a burst shares a few writes.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from livequiz.domain.errors import QuizError
from livequiz.domain.model import Response
from livequiz.server.tasks import Tasks

log = logging.getLogger(__name__)
Waiting = tuple[Response, "asyncio.Future[bool]"]

LARGEST_BATCH = 2_000  # responses in one write


class Committer:
    """Collects responses and stores them in batches.

    Args:
        write: Stores responses durably and says for each whether it was new.
        stored: Is called with the new responses of each batch, after their authors know.
        tasks: Where the flushing runs.
    """

    def __init__(
        self,
        write: Callable[[Sequence[Response]], Awaitable[list[bool]]],
        stored: Callable[[Sequence[Response]], Awaitable[None]],
        tasks: Tasks,
    ) -> None:
        self._write = write
        self._stored = stored
        self._tasks = tasks
        self._waiting: list[Waiting] = []
        self._flushing: asyncio.Task[None] | None = None

    async def add(self, response: Response) -> bool:
        """Store a response, together with whatever else arrives meanwhile.

        Returns:
            Whether it was new; false if the student has a response in that round already.

        Raises:
            QuizError: `unavailable` if the database did not acknowledge it.
        """
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((response, future))
        if self._flushing is None:
            self._flushing = self._tasks.spawn(self._flush(), "commit-responses")
        return await future

    async def drain(self) -> None:
        """Return once nothing waits to be stored."""
        while self._flushing is not None:
            await asyncio.wait({self._flushing})

    async def _flush(self) -> None:
        try:
            while self._waiting:
                batch = self._waiting[:LARGEST_BATCH]
                del self._waiting[:LARGEST_BATCH]
                await self._commit(batch)
        finally:
            self._flushing = None

    async def _commit(self, batch: list[Waiting]) -> None:
        responses = [response for response, _ in batch]
        try:
            new = await self._write(responses)
        except QuizError as error:
            for _, future in batch:
                if not future.done():
                    future.set_exception(error)
            return
        for (_, future), is_new in zip(batch, new, strict=True):
            if not future.done():
                future.set_result(is_new)
        fresh = [response for response, is_new in zip(responses, new, strict=True) if is_new]
        if fresh:
            await self._follow(fresh)

    async def _follow(self, fresh: Sequence[Response]) -> None:
        try:
            await self._stored(fresh)
        except QuizError as error:
            # The responses are safe, and those that wait have to be stored all the same.
            log.warning("What follows from %d responses is not stored yet: %s", len(fresh), error)
