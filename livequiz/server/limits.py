"""Limits that keep one client or address from degrading the server for the others."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from livequiz.domain.token_bucket import Rate
from livequiz.protocol import events

INSTRUCTOR_SHARE = 16  # instructors receive updates about every student
MESSAGE_SIZE = 1024  # bytes; a long message costs one more for each of these
KIB = 1024
LARGEST_FRAME = 64 * KIB  # bytes of a WebSocket message or a polling request
LARGEST_EVENT = 2 * KIB  # bytes of a Socket.IO packet; these events may be larger:
LARGEST_EVENTS = {events.SUBMIT_ANSWER: 8 * KIB, events.PRACTICE_ANSWER: 8 * KIB}
LARGEST_OF_INSTRUCTORS = {  # up to 1,000 ids, or a whole question
    events.TRIGGER_QUESTIONS: 28 * KIB,
    events.PREVIEW_ROUND: 28 * KIB,
    events.EDIT_QUESTION: 28 * KIB,
}
# These read a student's whole history; each counts as so many messages.
DEAR_EVENTS = {events.GET_HISTORY: 10.0, events.GET_PRACTICE: 10.0, events.PRACTICE_ANSWER: 10.0}
NO_RATE = Rate(math.inf, 0)


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much may wait to be sent to one connection before it is dropped as a slow consumer.

    Attributes:
        messages: Number of messages.
        size: Bytes, or characters: outgoing text is ASCII.
    """

    messages: float
    size: float

    def times(self, factor: float) -> Bounds:
        """Return these bounds multiplied by a factor."""
        return Bounds(self.messages * factor, self.size * factor)


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of a server; `docs/decisions/0002-limits.md` explains the defaults.

    Attributes:
        events: Messages per connection; each further `MESSAGE_SIZE` bytes count as another message.
        before_join: Messages per address, over all of its unjoined connections. A successful join
            refunds what its connection was charged.
        http: HTTP requests per address, except long-polling and requests with a valid token.
        flood_tolerance: Messages over the `events` rate before the connection is dropped.
        connects: New connections per address. A successful join refunds most of the cost.
        failures: Wrong meeting codes and tokens per address, before it is locked out.
        lock_out: Seconds without another failure until a lock-out ends, at most.
        guesses: Attempts that are checked per locked-out address; successful ones are free.
        new_ids: New student ids that one connection may join under.
        newcomers: New student ids per address, over all of its connections.
        connections: Open connections in total.
        unjoined: Open connections per address that have not joined.
        join_within: Seconds within which a connection must join.
        outgoing: Send bounds of a student's connection; an instructor's are larger by a factor of
            `INSTRUCTOR_SHARE`.
        requests: Concurrent HTTP requests of one long-polling connection.
        addresses: Number of addresses to remember.
        addresses_guessing: The failures and guesses of all addresses without a successful join,
            together, are limited to this multiple of one address's.
    """

    events: Rate = Rate(300, 50)
    before_join: Rate = Rate(300, 50)
    http: Rate = Rate(300, 50)
    flood_tolerance: float = 300
    connects: Rate = Rate(8_000, 100)
    failures: Rate = Rate(100, 1)
    lock_out: float = 60.0
    guesses: Rate = Rate(500, 20)
    new_ids: float = 20
    newcomers: Rate = Rate(8_000, 2)
    connections: float = 20_000
    unjoined: float = 6_000
    join_within: float = 10.0
    outgoing: Bounds = Bounds(500, 256 * 1024)
    requests: float = 4
    addresses: int = 10_000
    addresses_guessing: float = 5

    @property
    def enforced(self) -> bool:
        """Whether anything is limited."""
        return self != Limits.none()

    @property
    def everywhere(self) -> Limits:
        """The limits shared by all addresses that nobody has joined from."""
        times = self.addresses_guessing
        return replace(self, failures=self.failures.times(times), guesses=self.guesses.times(times))

    @classmethod
    def none(cls) -> Limits:
        """Return limits that are all off, for benchmarks and debugging."""
        return cls(
            events=NO_RATE,
            before_join=NO_RATE,
            http=NO_RATE,
            flood_tolerance=math.inf,
            connects=NO_RATE,
            failures=NO_RATE,
            guesses=NO_RATE,
            new_ids=math.inf,
            newcomers=NO_RATE,
            connections=math.inf,
            unjoined=math.inf,
            join_within=math.inf,
            outgoing=Bounds(math.inf, math.inf),
            requests=math.inf,
        )
