"""The way from a filled-in form to a joined session, and what that session tells."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

from livequiz.client.event_types import Event, JoinRefused
from livequiz.domain.errors import Code, QuizError
from livequiz.protocol.answers import Stored
from livequiz.protocol.messages import AnswerResult, Joined, Removed
from livequiz.tui import remembered
from livequiz.tui.remembered import Remembered
from livequiz.tui.student.form import Entry

if TYPE_CHECKING:
    from livequiz.client.student import StudentSession

RETRY = 3.0  # seconds between two tries to join a meeting that is not open yet

Deliver = Callable[[Joined | Event], Awaitable[None]]
Refuse = Callable[[QuizError], bool]


class Link:
    """One student's way to the server.

    Args:
        deliver: Takes what the join answered, and then every event, one after the other.
        refuse: Takes the reason why a join failed, and returns whether to try again.
        tls_ca: A private authority to trust with `https://`, PEM.
    """

    def __init__(self, deliver: Deliver, refuse: Refuse, tls_ca: Path | None = None) -> None:
        self._deliver = deliver
        self._refuse = refuse
        self._tls_ca = tls_ca
        self._session: StudentSession | None = None

    async def run(self, entry: Entry) -> None:
        """Join, and hand events on until the server or the caller ends it."""
        session_type = await asyncio.to_thread(load)
        again = True
        while again:
            # A new connection for each try: the server drops one that joins nothing.
            session = self._session = session_type(entry.url, tls_ca=self._tls_ca)
            try:
                again = await self._enter(session, entry)
            finally:
                await session.close()
            if again:
                await asyncio.sleep(RETRY)

    async def _enter(self, session: StudentSession, entry: Entry) -> bool:
        """Stay as long as it goes; return whether to try again later."""
        try:
            joined = await _join(session, entry)
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
        """Submit an answer; go on trying until the server decides.

        `doubted` is called when it may have been stored though nothing said so.

        Raises:
            QuizError: Why it was not stored.
        """
        if self._session is None:
            raise QuizError(Code.UNAVAILABLE, "The server can't be reached right now.")
        return await self._session.answer(
            question_id, round_id, answer, spent=spent, doubted=doubted
        )

    async def leave(self) -> None:
        """Tell the server that the student goes, if it can be told."""
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
    """Import what it takes to connect; in a thread, because a form is being painted meanwhile."""
    from livequiz.client.student import StudentSession  # noqa: PLC0415 - as long as the rest

    return StudentSession


async def _join(session: StudentSession, entry: Entry) -> Joined:
    # On disk before it is sent: should the answer never come, this id is still this student's.
    token = await asyncio.to_thread(_token, entry)
    await session.open()
    joined = await session.join(entry.student_id, entry.meeting_id, entry.name, token)

    def remember(memory: Remembered) -> None:
        memory.url, memory.meeting = entry.url, entry.meeting_id
        memory.student_id, memory.name = entry.student_id, entry.name
        memory.keep_token(entry.url, entry.meeting_id, entry.student_id, joined.resume_token)

    await asyncio.to_thread(remembered.change, remember)
    return joined


def _token(entry: Entry) -> str:
    """Return the token that an id is or will be bound to."""
    place = entry.url, entry.meeting_id, entry.student_id
    if known := remembered.load().token(*place):
        return known
    from livequiz.client.student import new_token  # noqa: PLC0415 - as long as the rest

    token = new_token()
    remembered.change(lambda memory: memory.keep_token(*place, token))
    return token
