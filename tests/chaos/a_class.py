"""Students that answer while everything around them fails, and remember what they were told."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

from livequiz.client.event_types import ConnectionBack
from livequiz.client.instructor import InstructorSession
from livequiz.client.student import StudentSession
from livequiz.domain.errors import Code, QuizError
from livequiz.protocol.messages import AnswerResult, NewQuestion, RoundClosed, StudentRoundClosed
from tests.chaos.host import MEETING
from tests.patience import patient

Key = tuple[str, str]  # (round id, student id)


@dataclass
class Told:
    """What the clients of a class were told by the server."""

    acknowledged: dict[Key, AnswerResult] = field(default_factory=dict)
    contradictions: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def note(self, key: Key, result: AnswerResult) -> None:
        """Remember an acknowledgement; a second one has to say the same."""
        first = self.acknowledged.setdefault(key, result)
        for name in ("your_answer", "response_time"):
            if getattr(first, name) != getattr(result, name):
                self.contradictions.append(f"{key}: {name} was {first} and then {result}")
        if first.correct is None:
            self.acknowledged[key] = result
        elif result.correct is not None and first.correct != result.correct:
            self.contradictions.append(f"{key}: the verdict was {first} and then {result}")


class Class:
    """So many students, each with a real connection.

    Args:
        url: Where the server is.
        size: How many.
        rng: Decides who answers what, and when.
    """

    def __init__(self, url: str, size: int, rng: random.Random) -> None:
        self.told = Told()
        self._rng = rng
        self._students = [StudentSession(url) for _ in range(size)]
        self._tasks: set[asyncio.Task[None]] = set()

    async def join(self) -> None:
        """Let everybody in."""
        for number, student in enumerate(self._students):
            await student.open()
            await student.join(f"S{number:04}", MEETING, f"Student {number}")
            self._spawn(self._live(student))

    async def settle(self, patience: float) -> None:
        """Return when every answer that was sent is decided, at the latest after seconds."""
        answering = {task for task in self._tasks if task.get_name() == "answer"}
        if answering:
            await asyncio.wait(answering, timeout=patience)

    async def close(self) -> None:
        """Disconnect everybody."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*(student.close() for student in self._students))

    async def _live(self, student: StudentSession) -> None:
        answered: set[str] = set()
        async for event in student.events():
            if isinstance(event, NewQuestion) and event.round_id not in answered:
                answered.add(event.round_id)
                self._spawn(self._answer(student, event), "answer")
            elif isinstance(event, StudentRoundClosed) and event.result is not None:
                self._closed(student, event)

    async def _answer(self, student: StudentSession, question: NewQuestion) -> None:
        assert student.joined is not None
        await asyncio.sleep(self._rng.uniform(0, question.remaining * 0.8))
        choice = self._rng.randrange(len(question.options))
        try:
            result = await student.answer(
                question.question_id, question.round_id, choice, spent=1.0
            )
        except QuizError as error:
            if error.code is not Code.TOO_LATE:
                self.told.refused.append(f"{error.code}: {error.message}")
            return
        self.told.note((question.round_id, student.joined.student_id), result)

    def _closed(self, student: StudentSession, event: StudentRoundClosed) -> None:
        assert student.joined is not None
        assert event.result is not None
        if event.result.your_answer is not None:
            self.told.note((event.round_id, student.joined.student_id), event.result)

    def _spawn(self, work: Coroutine[Any, Any, None], name: str = "student") -> None:
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


class Teacher:
    """Sends round after round, whatever happens.

    Args:
        url: Where the server is.
        token: The instructor token.
        duration: Seconds for each round.
    """

    def __init__(self, url: str, token: str, duration: float) -> None:
        self._session = InstructorSession(url)
        self._token = token
        self._duration = duration
        self._over = asyncio.Event()
        self._stopped = False
        self.rounds = 0

    async def join(self) -> None:
        await self._session.open()
        await self._session.join("teacher", MEETING, self._token)

    async def teach(self) -> None:
        """Send rounds until told to stop, and return when the last one is closed."""
        listening = asyncio.create_task(self._listen())
        while not self._stopped:
            self._over.clear()
            try:
                await self._session.trigger(duration=self._duration, allow_repeats=True)
                self.rounds += 1
            except QuizError as error:
                if error.code is not Code.CONFLICT:  # else it was opened, and nobody could say so
                    await asyncio.sleep(0.2)
                    continue
            await asyncio.wait_for(self._over.wait(), patient(90))
        listening.cancel()

    def stop(self) -> None:
        """Send no more rounds."""
        self._stopped = True

    async def close(self) -> None:
        await self._session.close()

    async def _listen(self) -> None:
        async for event in self._session.events():
            closed = isinstance(event, RoundClosed)
            if isinstance(event, ConnectionBack):
                newest = getattr(event.joined, "round", None)
                closed = newest is None or newest.state == "closed"
            if closed:
                self._over.set()
