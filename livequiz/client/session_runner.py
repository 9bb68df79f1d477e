"""Runs a student's session: joins with the form's values and delivers events."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from livequiz.client import remembered
from livequiz.client.event_types import Event, JoinRefused
from livequiz.client.guest import Guest
from livequiz.client.join_entry import JoinEntry
from livequiz.client.remembered import Remembered
from livequiz.domain.errors import Code, QuizError
from livequiz.domain.model import Way
from livequiz.protocol.answers import Stored
from livequiz.protocol.message import Message
from livequiz.protocol.messages import AnswerResult, Joined, Removed
from livequiz.protocol.requests import Request

if TYPE_CHECKING:
    from livequiz.client.student import StudentSession

M = TypeVar("M", bound=Message)

RETRY = 3.0  # seconds between attempts to join a meeting that is not open yet

Deliver = Callable[[Joined | Event], Awaitable[None]]
Refuse = Callable[[QuizError], bool]


class SessionRunner:
    """One student's session with the server.

    Args:
        deliver: Called with the join's reply, then with each event in order.
        refuse: Called with the error of a failed join; returns whether to retry.
        tls_ca: A private CA to trust for `https://`, PEM.
        guest: On whose behalf to connect. Nothing of a guest's is remembered on this host.
        way: How a student takes part who is no guest.
    """

    def __init__(
        self,
        deliver: Deliver,
        refuse: Refuse,
        tls_ca: Path | None = None,
        guest: Guest | None = None,
        way: Way = Way.TERMINAL,
    ) -> None:
        self._deliver = deliver
        self._refuse = refuse
        self._tls_ca = tls_ca
        self._guest = guest
        self._way = way if guest is None else Way.SSH
        self._session: StudentSession | None = None

    async def run(self, entry: JoinEntry) -> None:
        """Join, then deliver events until the server or the caller ends the session."""
        session_type = await asyncio.to_thread(load)
        again, task = True, asyncio.current_task()
        # A cancellation can be lost in the library, which catches it while it disconnects.
        while again and not (task is not None and task.cancelling()):
            # A new connection for each attempt: the server drops those that don't join.
            session = self._session = session_type(
                entry.url, tls_ca=self._tls_ca, guest=self._guest, way=self._way
            )
            try:
                again = await self._enter(session, entry)
            finally:
                await session.close()
            if again:
                await asyncio.sleep(RETRY)

    async def _enter(self, session: StudentSession, entry: JoinEntry) -> bool:
        """Join and stay until the session ends; return whether to retry later."""
        try:
            joined = await _join(session, entry, self._guest)
        except QuizError as error:
            return self._refuse(error)
        await self._deliver(joined)
        await self._listen(session)
        return False

    async def answer(
        self,
        question_id: str,
        round_id: str,
        answer: Stored,
        *,
        spent: float,
        doubted: Callable[[], None],
    ) -> AnswerResult:
        """Submit an answer; retry until the server accepts or rejects it.

        `doubted` is called when the answer may have been stored without an acknowledgement.

        Raises:
            QuizError: Why it was not stored.
        """
        return await self._open.answer(question_id, round_id, answer, spent=spent, doubted=doubted)

    async def call(self, event: str, request: Request, reply: type[M]) -> M:
        """Send an event once and return its ack.

        Raises:
            QuizError: The server's error, or `unavailable`.
        """
        return await self._open.call(event, request, reply)

    @property
    def _open(self) -> StudentSession:
        if self._session is None:
            raise QuizError(Code.UNAVAILABLE, "The server can't be reached right now.")
        return self._session

    async def leave(self) -> None:
        """Tell the server that the student leaves, if it can be reached."""
        if self._session is not None:
            with contextlib.suppress(QuizError):
                await self._session.leave()

    async def _listen(self, session: StudentSession) -> None:
        async for event in session.events():
            await self._deliver(event)
            if isinstance(event, JoinRefused):
                return
            if isinstance(event, Removed) and event.reason != "shutdown":
                return


def load() -> type[StudentSession]:
    """Import the client library; run in a thread so that the form can paint meanwhile."""
    from livequiz.client.student import StudentSession  # noqa: PLC0415 - as long as the rest

    return StudentSession


async def _join(session: StudentSession, entry: JoinEntry, guest: Guest | None) -> Joined:
    if guest is not None:
        await session.open()
        token = guest.token(entry.meeting_id, entry.student_id, entry.code)
        return await session.join(entry.student_id, entry.meeting_id, entry.name, token)
    # Saved before it is sent: if the reply is lost, the student can still resume this id.
    token = await asyncio.to_thread(_token, entry)
    await session.open()
    joined = await session.join(entry.student_id, entry.meeting_id, entry.name, token)

    def remember(memory: Remembered) -> None:
        memory.url, memory.meeting = entry.url, entry.meeting_id
        memory.student_id, memory.name = entry.student_id, entry.name
        memory.keep_token(entry.url, entry.meeting_id, entry.student_id, joined.resume_token)

    await asyncio.to_thread(remembered.change, remember)
    return joined


def _token(entry: JoinEntry) -> str:
    """Return the stored resume token for an id, or create one."""
    place = entry.url, entry.meeting_id, entry.student_id
    if known := remembered.load().token(*place):
        return known
    from livequiz.client.student import new_token  # noqa: PLC0415 - as long as the rest

    token = new_token()
    remembered.change(lambda memory: memory.keep_token(*place, token))
    return token
