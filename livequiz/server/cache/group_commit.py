"""Group commit: responses that arrive within a few milliseconds share a write to MongoDB."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

from livequiz.db.open_rounds import Outcome
from livequiz.domain.errors import QuizError
from livequiz.domain.model import Response
from livequiz.server.background import Tasks
from livequiz.server.cache.batching import BatchQueue
from livequiz.server.cache.live_round import LiveRound

Stored = Callable[[LiveRound, list[Response]], None]


class _Waiting(NamedTuple):
    live: LiveRound
    response: Response
    outcome: asyncio.Future[Outcome]


class GroupCommit:
    """Group commit: collects responses and stores them in batches.

    Args:
        write: Stores responses durably and returns the outcome of each.
        stored: Called for each round with a batch's new responses, before their `add` calls
            return. It must not block, because the next batch waits for it.
        tasks: Runs the writes.
    """

    def __init__(
        self,
        write: Callable[[Sequence[Response]], Awaitable[list[Outcome]]],
        stored: Stored,
        tasks: Tasks,
    ) -> None:
        self._write = write
        self._stored = stored
        self._batches = BatchQueue(self._commit, tasks, "commit-responses")

    async def add(self, live: LiveRound, response: Response) -> Outcome:
        """Store a response, batched with others, and return its outcome.

        Raises:
            QuizError: `unavailable` if MongoDB did not acknowledge the write.
        """
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._batches.add([_Waiting(live, response, future)])
        return await future

    async def drain(self) -> None:
        """Return once all pending responses are stored or refused."""
        await self._batches.drain()

    async def _commit(self, batch: Sequence[_Waiting]) -> None:
        try:
            outcomes = await self._write([waiting.response for waiting in batch])
        except QuizError as error:
            for waiting in batch:
                if not waiting.outcome.done():
                    waiting.outcome.set_exception(error)
            return
        fresh: dict[str, tuple[LiveRound, list[Response]]] = {}
        for waiting, outcome in zip(batch, outcomes, strict=True):
            if outcome is Outcome.STORED:
                group = fresh.setdefault(waiting.response.round_id, (waiting.live, []))
                group[1].append(waiting.response)
            if not waiting.outcome.done():
                waiting.outcome.set_result(outcome)
        for live, responses in fresh.values():
            self._stored(live, responses)
