"""A student's session: join, answer, leave."""

from __future__ import annotations

import asyncio
import math
import random
import secrets
from collections.abc import Callable
from pathlib import Path

from livequiz.client.event_types import STUDENT_EVENTS
from livequiz.client.guest import Guest
from livequiz.client.session import CALL_TIMEOUT, Session
from livequiz.domain.client_types import CLIENTS
from livequiz.domain.errors import Code, QuizError
from livequiz.domain.model import ALL_TYPES, Way
from livequiz.protocol import events
from livequiz.protocol.answers import Stored
from livequiz.protocol.message import Message
from livequiz.protocol.messages import AnswerResult, Joined
from livequiz.protocol.requests import JoinStudent, Leave, SubmitAnswer

# Errors after which the answer can still be stored. `not_joined` is among them because the
# rejoin may still be in progress after a reconnect.
TRY_AGAIN = {Code.UNAVAILABLE, Code.RATE_LIMITED, Code.NOT_JOINED}
FIRST_PAUSE, LONGEST_PAUSE = 0.25, 2.0  # seconds between attempts


def new_token() -> str:
    """Return a resume token for an unclaimed id: 128 random bits in base64url."""
    return secrets.token_urlsafe(16)


class StudentSession(Session):
    """A session that joins a meeting as a student, and rejoins after each reconnect.

    Args:
        url: The server's URL.
        tls_ca: The certificates of a private CA to trust for `https://`, PEM.
        guest: On whose behalf to connect, through the server's Unix socket.
        way: How the student takes part; None if nobody is to see it.
    """

    def __init__(
        self,
        url: str,
        *,
        tls_ca: Path | None = None,
        guest: Guest | None = None,
        way: Way | None = Way.TERMINAL,
    ) -> None:
        name = CLIENTS[way] if way is not None else "livequiz"
        super().__init__(url, STUDENT_EVENTS, name, tls_ca=tls_ca, guest=guest)
        # Not in the join: older servers reject requests with unknown fields.
        self._auth["question_types"] = sorted(ALL_TYPES)
        self.joined: Joined | None = None
        self._request: JoinStudent | None = None
        self._token = new_token()

    async def join(
        self, student_id: str, meeting_id: str, name: str, resume_token: str | None = None
    ) -> Joined:
        """Join a meeting.

        Args:
            student_id: The student's id in the class.
            meeting_id: The code that the instructor shows.
            name: The display name.
            resume_token: The token from an earlier join of this id, or a `new_token()` saved before
                its first use, so that a join whose ack was lost can be retried. None uses one that
                this session generated.

        Raises:
            QuizError: If the join fails.
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
        """Submit an answer, with retries until the server decides; it counts once.

        Args:
            question_id: The question.
            round_id: The round that it belongs to.
            answer: The 0-based index of an option as shown, a list of those, a number or a text.
            spent: The student's response time in seconds, by this client's clock.
            patience: Seconds to keep retrying while the answer can't be stored; None has no limit,
                because the server extends deadlines after an outage.
            doubted: Called when the answer is in doubt: perhaps stored, but not acknowledged. The
                following retries resolve that.

        Raises:
            QuizError: If the answer was refused; `unavailable` if it could not be stored in time,
                with `in_doubt` if it may have been.
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
        """Leave the meeting; the student keeps their id."""
        self._rejoin = None
        await self.call(events.LEAVE, Leave(), Message, timeout=2)
