"""Slows down who guesses meeting codes and tokens, and nobody who knows them.

An address that failed too often is locked out: its wrong tries are all answered alike and end
their connection. Its right ones are met, since a whole class may be behind the same address. So
that this is no way to guess on, only so many tries of it are checked. What proves itself by a
secret that nobody can guess is checked in any case. `docs/decisions/0002-limits.md` tells more.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from livequiz.domain.errors import Code, QuizError
from livequiz.protocol import events
from livequiz.protocol.requests import JoinStudent, Request
from livequiz.server.gate import Gate
from livequiz.server.peers import Peer
from livequiz.server.service import QuizService
from livequiz.server.sources import Source

STRONG = 16  # characters; a token that long is not found by trying
WRONG = {
    events.JOIN_STUDENT: {Code.NOT_FOUND, Code.CONFLICT},
    events.JOIN_INSTRUCTOR: {Code.UNAUTHORIZED},
}
# What tells that a code is right, though nobody is let in.
TELLING = {Code.LOCKED, Code.FORBIDDEN}


@dataclass(slots=True)
class Attempt:
    """One try to prove something; `checked` is false if it may not even be looked at."""

    source: Source
    judge: Guessing
    locked_out: bool
    charged: tuple[Source, ...] = ()  # whose tries it was taken from
    checked: bool = True

    def right(self) -> None:
        """It was no guess."""
        for source in self.charged:
            source.guessed_right()

    def wrong(self) -> bool:
        """Count it; return whether its address was locked out, and nothing is to be told."""
        self.judge.failed(self.source)
        return self.locked_out


class Guessing:
    """Judges joins and tokens.

    Args:
        gate: Knows the addresses, and the time.
        service: Knows the secrets.
    """

    def __init__(self, gate: Gate, service: QuizService) -> None:
        self._gate = gate
        self._service = service
        self._strong = len(service.policy.instructor_token) >= STRONG
        # All addresses together, so that many of them guess no faster than one.
        self._everywhere = Source(gate.limits.everywhere, gate.now())

    def is_instructor(self, token: str | None) -> bool:
        """Whether a request proves itself by a token that can't be found by trying."""
        return self._strong and self._service.is_instructor(token)

    def failed(self, source: Source) -> None:
        """Count a wrong try."""
        now = self._gate.now()
        source.failed(now)
        if not source.has_joined:
            self._everywhere.failed(now)

    def begin(self, source: Source) -> Attempt:
        """Begin to check an instructor's token."""
        return self._begin(source, strong=self._strong)

    @asynccontextmanager
    async def watched(self, peer: Peer, event: str, request: Request) -> AsyncIterator[None]:
        """Judge an event by what comes of it in the block, if it is a join.

        Raises:
            QuizError: `rate_limited` if it may not be looked at, or is not to be told of.
        """
        if event not in WRONG:
            yield
            return
        if peer.connection.joining:
            # Of many at once, none would have failed yet.
            raise QuizError(Code.RATE_LIMITED, "Wait for the answer to your last join.")
        peer.connection.joining = True
        try:
            attempt = await self._joining(peer, event, request)
            try:
                yield
            except QuizError as error:
                raise self._judged(peer, attempt, event, error) from None
            attempt.right()
        finally:
            peer.connection.joining = False

    async def _joining(self, peer: Peer, event: str, request: Request) -> Attempt:
        strong = event == events.JOIN_INSTRUCTOR and self._strong
        attempt = self._begin(peer.connection.source, strong=strong)
        if not attempt.checked and not await self._resumes(peer, request):
            self._gate.dismiss(peer.connection, "it guessed")
            raise locked_out()
        return attempt

    def _judged(self, peer: Peer, attempt: Attempt, event: str, error: QuizError) -> QuizError:
        if error.code in WRONG[event]:
            hidden = attempt.wrong()
        else:
            hidden = attempt.locked_out and error.code in TELLING and not peer.joined
        if not hidden:
            return error
        self._gate.dismiss(peer.connection, "it guessed")
        return locked_out()

    def _begin(self, source: Source, *, strong: bool) -> Attempt:
        now = self._gate.now()
        # A class that is in has nothing to do with the others.
        known = (source,) if source.has_joined else (source, self._everywhere)
        suspects = tuple(each for each in known if each.locked_out(now))
        attempt = Attempt(source, self, bool(suspects))
        if suspects and not strong:
            attempt.checked = all(each.guesses(now) for each in suspects)
            attempt.charged = suspects if attempt.checked else ()
        return attempt

    async def _resumes(self, peer: Peer, request: Request) -> bool:
        """Whether it is a student who was in that meeting before."""
        if not isinstance(request, JoinStudent):
            return False
        token = request.resume_token or peer.resume_token
        meeting_id, student_id = request.meeting_id.upper(), request.student_id
        return bool(token) and await self._service.people.holds(meeting_id, student_id, token or "")


def locked_out() -> QuizError:
    """Return the error that tells nothing but to wait."""
    message = (
        "Too many wrong tries came from your network, and this one was not right or came too soon. "
        "Check what you typed, wait a minute, and try again."
    )
    return QuizError(Code.RATE_LIMITED, message)
