"""A question of plain mode: its time, said now and then, and its answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine

from livequiz.plain.wording import time_left
from livequiz.protocol.answers import Stored
from livequiz.protocol.messages import NewQuestion

ANNOUNCED = (60, 30, 10, 5)  # seconds left


class Round:
    """A question, its time and its answer."""

    def __init__(self, question: NewQuestion, say: Callable[[str], None]) -> None:
        self.question = question
        self.sent: Stored | None = None
        self.lost = False  # whether an answer was sent and not stored
        self.leaving = False  # whether `quit` was typed once
        self.interrupts = False  # practice, and nothing has been typed since
        self.over = False  # whether its verdict has been said
        self._doubted = False
        self._say = say
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()
        self._ends = self._began + question.remaining
        self._timers: list[asyncio.TimerHandle] = []
        self._saving: asyncio.Task[None] | None = None
        self._announce()

    @property
    def left(self) -> float:
        """The seconds that are left."""
        return max(0.0, self._ends - self._loop.time())

    @property
    def spent(self) -> float:
        """The seconds since the question came."""
        return self._loop.time() - self._began

    @property
    def saving(self) -> bool:
        """Whether an answer is on its way."""
        return self._saving is not None and not self._saving.done()

    def current(self) -> NewQuestion:
        """Return the question with the time that is left now."""
        self.question.remaining = self.left
        return self.question

    def doubt(self) -> None:
        """Say, once for each answer, that nobody knows yet whether it was stored."""
        if not self._doubted:
            self._doubted = True
            self._say("Your answer may have been stored; checking.")

    def send(self, answer: Stored, submission: Coroutine[None, None, None]) -> None:
        """Take an answer, and send it in the background."""
        self.sent, self.lost, self._doubted = answer, False, False
        self._saving = asyncio.create_task(submission)

    async def saved(self, patience: float) -> bool:
        """Wait some seconds for an answer that is on its way; return whether none is any more."""
        if self._saving is not None:
            await asyncio.wait({self._saving}, timeout=patience)
        return not self.saving

    def renew(self, question: NewQuestion) -> None:
        """Take the remaining time anew after a reconnect."""
        self.question = question
        self.extend(question.remaining)

    def extend(self, remaining: float) -> None:
        """Go on with another remaining time."""
        self._ends = self._loop.time() + remaining
        self._announce()

    def stop(self) -> None:
        """End the announcements."""
        self.over = True
        for timer in self._timers:
            timer.cancel()

    def _announce(self) -> None:
        for timer in self._timers:
            timer.cancel()
        self._timers = [
            self._loop.call_at(self._ends - seconds, self._tell, seconds)
            for seconds in ANNOUNCED
            if self.left > seconds + 2
        ]

    def _tell(self, seconds: int) -> None:
        if self.sent is None:
            self._say(f"{time_left(seconds)}.")
