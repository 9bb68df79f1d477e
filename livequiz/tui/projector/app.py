"""The projector's app: shows what the server says that the class may see."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import Protocol

from msgspec import structs

from livequiz.domain.errors import Code, QuizError
from livequiz.protocol.projection import Projection
from livequiz.tui.base import BaseApp, Clock
from livequiz.tui.projector.screen import Projector

EVERY = 1.0  # seconds between two questions to the server
AFTER_REFUSAL = 3.0


class Source(Protocol):
    """Says what the class may see."""

    async def projection(self) -> Projection: ...


class ProjectorApp(BaseApp):
    """A projector that only reads.

    Args:
        source: Asked once a second.
        first: What it said first.
        clock: Measures durations, in seconds.
    """

    TITLE = "LiveQuiz"

    def __init__(self, source: Source, first: Projection, clock: Clock = monotonic) -> None:
        super().__init__(clock)
        self._source = source
        self._said, self._said_at = first, clock()

    async def on_mount(self) -> None:
        screen = Projector(self._now)
        await self.push_screen(screen, lambda _: self.exit())
        self.run_worker(self._follow(screen), "follow", "follow")

    async def _follow(self, screen: Projector) -> None:
        while not screen.dismissed:
            pause, notice = EVERY, ""
            try:
                self._said, self._said_at = await self._source.projection(), self.clock()
            except QuizError as error:
                if error.code is Code.UNAUTHORIZED:  # the server has another token now
                    self.exit(return_code=1, message=error.message)
                    return
                pause, notice = AFTER_REFUSAL, error.message
            if not screen.dismissed:
                screen.notice(notice)
            await asyncio.sleep(pause)

    def _now(self) -> Projection:
        """Return what the server said, with the time that has passed since."""
        quiz = self._said.round
        if quiz is None or not quiz.open:
            return self._said
        left = max(0.0, quiz.remaining - (self.clock() - self._said_at))
        return structs.replace(self._said, round=structs.replace(quiz, remaining=left))
