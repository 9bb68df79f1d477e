"""Group commit: the responses of the last few milliseconds go to MongoDB in one write."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

from livequiz.db.open_rounds import Outcome
from livequiz.domain.errors import QuizError
from livequiz.domain.model import Response
from livequiz.server.batches import Batches
from livequiz.server.live import LiveRound
from livequiz.server.tasks import Tasks

Stored = Callable[[LiveRound, list[Response]], None]


class _Waiting(NamedTuple):
    live: LiveRound
    response: Response
    outcome: asyncio.Future[Outcome]


class Committer:
    """Collects responses and stores them in batches.

    Args:
        write: Stores responses durably and says of each what became of it.
        stored: Is called with the new responses of a batch, for each round, before their authors
            hear of it. It may not wait for anything: the next batch does.
        tasks: Where the writing runs.
    """

    def __init__(
        self,
        write: Callable[[Sequence[Response]], Awaitable[list[Outcome]]],
        stored: Stored,
        tasks: Tasks,
    ) -> None:
        self._write = write
        self._stored = stored
        self._batches = Batches(self._commit, tasks, "commit-responses")

    async def add(self, live: LiveRound, response: Response) -> Outcome:
        """Store a response, together with whatever else arrives meanwhile.

        Raises:
            QuizError: `unavailable` if the database did not acknowledge it.
        """
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._batches.add([_Waiting(live, response, future)])
        return await future

    async def drain(self) -> None:
        """Return once all that waits by now is stored, or refused."""
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
