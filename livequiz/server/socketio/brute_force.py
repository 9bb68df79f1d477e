"""Brute-force protection for meeting codes and tokens that does not slow down those who know them.

An address with too many failures is locked out: its wrong attempts all get the same error, and
their connections are closed. Right attempts still succeed, because a whole class may share the
address. To keep guessing slow, only a limited rate of attempts is checked during a lock-out.
Secrets too long to guess are always checked. See `docs/decisions/0002-limits.md`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from livequiz.domain.errors import Code, QuizError
from livequiz.protocol import events
from livequiz.protocol.requests import JoinStudent, Request
from livequiz.server.quiz.service import QuizService
from livequiz.server.socketio.session import ConnectionSession
from livequiz.server.transport.client_addresses import ClientAddress
from livequiz.server.transport.connections import ConnectionRegistry

STRONG = 16  # characters; too long to find by brute force
WRONG = {
    events.JOIN_STUDENT: {Code.NOT_FOUND, Code.CONFLICT},
    events.JOIN_INSTRUCTOR: {Code.UNAUTHORIZED},
}
# Errors that reveal that a code is right, although the join is refused.
TELLING = {Code.LOCKED, Code.FORBIDDEN}


@dataclass(slots=True)
class Attempt:
    """One attempt with a code or token; `checked` is false if it must not even be checked."""

    source: ClientAddress
    judge: BruteForceGuard
    locked_out: bool
    charged: tuple[ClientAddress, ...] = ()  # the addresses charged for it
    checked: bool = True

    def right(self) -> None:
        """Refund the attempt: it was not a guess."""
        for source in self.charged:
            source.guessed_right()

    def wrong(self) -> bool:
        """Count a failure; return whether to hide the reason because of a lock-out."""
        self.judge.failed(self.source)
        return self.locked_out


class BruteForceGuard:
    """Checks whether joins and tokens may be tried, and counts failures.

    Args:
        registry: Provides the limits and the clock, and closes connections.
        service: Checks the secrets.
    """

    def __init__(self, registry: ConnectionRegistry, service: QuizService) -> None:
        self._registry = registry
        self._service = service
        self._strong = len(service.policy.instructor_token) >= STRONG
        # Shared by all addresses, so that a distributed attack is not much faster.
        self._everywhere = ClientAddress(registry.limits.everywhere, registry.now())

    def is_instructor(self, token: str | None) -> bool:
        """Whether a token is the instructor's, and too long to find by brute force."""
        return self._strong and self._service.is_instructor(token)

    def failed(self, source: ClientAddress) -> None:
        """Count a failed attempt."""
        now = self._registry.now()
        source.failed(now)
        if not source.has_joined:
            self._everywhere.failed(now)

    def begin(self, source: ClientAddress) -> Attempt:
        """Start an attempt with a token sent to the REST API."""
        return self._begin(source, strong=self._strong)

    @asynccontextmanager
    async def watched(
        self, session: ConnectionSession, event: str, request: Request
    ) -> AsyncIterator[None]:
        """Count a join as right or wrong, by the outcome of the block; other events pass.

        Raises:
            QuizError: `rate_limited` if the join must not be checked, or its result must be hidden.
        """
        if event not in WRONG:
            yield
            return
        if session.connection.joining:
            # Concurrent joins would all start before the first failure is counted.
            raise QuizError(
                Code.RATE_LIMITED, "Your last attempt to join is not answered yet; wait for it."
            )
        session.connection.joining = True
        try:
            attempt = await self._joining(session, event, request)
            try:
                yield
            except QuizError as error:
                raise self._judged(session, attempt, event, error) from None
            attempt.right()
        finally:
            session.connection.joining = False

    async def _joining(self, session: ConnectionSession, event: str, request: Request) -> Attempt:
        strong = event == events.JOIN_INSTRUCTOR and self._strong
        attempt = self._begin(session.connection.source, strong=strong)
        if not attempt.checked and not await self._resumes(session, request):
            self._registry.dismiss(session.connection, "it guessed")
            raise locked_out()
        return attempt

    def _judged(
        self, session: ConnectionSession, attempt: Attempt, event: str, error: QuizError
    ) -> QuizError:
        if error.code in WRONG[event]:
            hidden = attempt.wrong()
        else:
            hidden = attempt.locked_out and error.code in TELLING and not session.joined
        if not hidden:
            return error
        self._registry.dismiss(session.connection, "it guessed")
        return locked_out()

    def _begin(self, source: ClientAddress, *, strong: bool) -> Attempt:
        now = self._registry.now()
        # Once a join from an address succeeded, failures elsewhere don't affect it.
        known = (source,) if source.has_joined else (source, self._everywhere)
        suspects = tuple(each for each in known if each.locked_out(now))
        attempt = Attempt(source, self, bool(suspects))
        if suspects and not strong:
            attempt.checked = all(each.guesses(now) for each in suspects)
            attempt.charged = suspects if attempt.checked else ()
        return attempt

    async def _resumes(self, session: ConnectionSession, request: Request) -> bool:
        """Whether the request is from a student who proves with a token that they joined before."""
        if not isinstance(request, JoinStudent):
            return False
        token = request.resume_token or session.resume_token
        meeting_id, student_id = request.meeting_id.upper(), request.student_id
        return bool(token) and await self._service.participants.holds(
            meeting_id, student_id, token or ""
        )


def locked_out() -> QuizError:
    """Return an error that gives nothing away, except to wait."""
    message = (
        "Too many wrong attempts came from your network, and this one was wrong, too, or came "
        "too soon. Check what you typed, wait a minute, and try again."
    )
    return QuizError(Code.RATE_LIMITED, message)
