"""A student's connection: join, answer, leave."""

from __future__ import annotations

import asyncio
import math
import random
import secrets
from collections.abc import Callable
from pathlib import Path

from livequiz.client.event_types import STUDENT_EVENTS
from livequiz.client.session import CALL_TIMEOUT, Session
from livequiz.domain.errors import Code, QuizError
from livequiz.domain.model import ALL_TYPES
from livequiz.protocol import events
from livequiz.protocol.answers import Stored
from livequiz.protocol.messages import AnswerResult, Joined, Message
from livequiz.protocol.requests import JoinStudent, Leave, SubmitAnswer

# What says nothing about the answer: it may be stored yet. The connection may be back already
# while the join that follows it is still on its way.
TRY_AGAIN = {Code.UNAVAILABLE, Code.RATE_LIMITED, Code.NOT_JOINED}
FIRST_PAUSE, LONGEST_PAUSE = 0.25, 2.0  # seconds between two tries


def new_token() -> str:
    """Return a resume token for an id that nobody has yet: 128 random bits in base64url."""
    return secrets.token_urlsafe(16)


class StudentSession(Session):
    """A session that joins a meeting as a student, again after each reconnect.

    Args:
        url: Where the server is.
        tls_ca: A private authority to trust with `https://`, PEM.
    """

    def __init__(self, url: str, *, tls_ca: Path | None = None) -> None:
        super().__init__(url, STUDENT_EVENTS, "livequiz-student", tls_ca=tls_ca)
        # Not in the join: an older server refuses one with a field that it does not know.
        self._auth["question_types"] = sorted(ALL_TYPES)
        self.joined: Joined | None = None
        self._request: JoinStudent | None = None
        self._token = new_token()

    async def join(
        self, student_id: str, meeting_id: str, name: str, resume_token: str | None = None
    ) -> Joined:
        """Join a meeting.

        Args:
            student_id: Who, to the class.
            meeting_id: The code that the instructor shows.
            name: Who, to people.
            resume_token: What an earlier join of this id answered, or a `new_token()` that was
                kept before it was used: a join whose answer is lost can be repeated with it.
                None takes one that this session made.

        Raises:
            QuizError: Why not.
        """
        self._request = JoinStudent(student_id, meeting_id, name, resume_token or self._token)
        joined = await self._join()
        self._rejoin = self._join
        self._ready.set()
        return joined

    async def _join(self) -> Joined:
        assert self._request is not None  # noqa: S101
        self.joined = await self.call(events.JOIN_STUDENT, self._request, Joined)
        self._request.resume_token = self.joined.resume_token
        return self.joined

    async def answer(
        self,
        question_id: str,
        round_id: str,
        answer: Stored,
        *,
        spent: float,
        patience: float | None = None,
        doubted: Callable[[], None] = lambda: None,
    ) -> AnswerResult:
        """Submit an answer, again and again until the server decides: it counts once.

        Args:
            question_id: Of the question that is answered.
            round_id: Of the round that it came with.
            answer: 0-based place of the option as shown, a list of places, a number or a text.
            spent: Seconds that the student thought, by this client's clock.
            patience: Seconds to go on trying while the answer can't be stored; None tries for
                ever, because a server that was away gives the time back.
            doubted: Is called when the answer may have been stored though nothing said so; the
                tries that follow find out.

        Raises:
            QuizError: Why it was refused; `unavailable` if it could not be stored in time, or
                `in_doubt` if nobody knows.
        """
        if self.joined is None:
            raise QuizError(Code.NOT_JOINED, "Join a meeting first.")
        request = SubmitAnswer(self.joined.student_id, question_id, answer, spent, round_id)
        loop = asyncio.get_running_loop()
        give_up = math.inf if patience is None else loop.time() + patience
        pause = FIRST_PAUSE
        while True:
            try:
                return await self.call(events.SUBMIT_ANSWER, request, AnswerResult, CALL_TIMEOUT)
            except QuizError as error:
                if error.in_doubt:
                    doubted()
                left = give_up - loop.time()
                if error.code not in TRY_AGAIN or left <= 0:
                    raise
                await asyncio.sleep(pause * random.uniform(0.5, 1.0))
                pause = min(LONGEST_PAUSE, pause * 2)
                await self.joined_again(left)
                if self.over:
                    raise

    async def leave(self) -> None:
        """Leave the meeting; the id stays this student's."""
        self._rejoin = None
        await self.call(events.LEAVE, Leave(), Message, timeout=2)
