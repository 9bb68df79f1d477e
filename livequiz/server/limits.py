"""The limits that keep one client, or one address, from bending the server for the others."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from livequiz.domain.buckets import Rate

INSTRUCTOR_SHARE = 16  # an instructor hears of every student
MESSAGE_SIZE = 1024  # bytes for which a message is charged as much as for being one
NO_RATE = Rate(math.inf, 0)


@dataclass(frozen=True, slots=True)
class Bounds:
    """What may wait to be sent to one connection, before it is dropped.

    Attributes:
        messages: How many.
        size: Bytes; what is sent is ASCII.
    """

    messages: float
    size: float

    def times(self, factor: float) -> Bounds:
        """Return bounds that are so much wider."""
        return Bounds(self.messages * factor, self.size * factor)


@dataclass(frozen=True, slots=True)
class Limits:
    """See `docs/decisions/0002-limits.md` for why they are what they are.

    Attributes:
        events: Messages of one connection; each `MESSAGE_SIZE` bytes of one count as one more.
        before_join: The same of one address, in all of its connections that joined nothing. A join
            that succeeds gives back what its connection sent.
        http: HTTP requests of one address, but for those with a right token and long-polling.
        insistence: Messages over that rate until the connection is dropped.
        connects: New connections of one address. A join that succeeds gives most of its own back.
        failures: Wrong meeting codes and tokens of one address, before it is locked out.
        lock_out: Seconds without a further failure until an address is no longer locked out.
        guesses: Tries that an address which is locked out gets checked; a right one is free.
        new_ids: Student ids that one connection may be the first to join under.
        newcomers: The same of one address, in all of its connections.
        connections: Open connections in all.
        unjoined: Open connections of one address that have joined nothing.
        join_within: Seconds in which a connection has to join.
        outgoing: What may wait for one student; an instructor gets `INSTRUCTOR_SHARE` as much.
        requests: HTTP requests of one long-polling connection at the same time.
        addresses: How many addresses are remembered.
        addresses_guessing: So many times the failures and guesses of one address are those of all
            addresses together from which nobody joined.
    """

    events: Rate = Rate(300, 50)
    before_join: Rate = Rate(300, 50)
    http: Rate = Rate(300, 50)
    insistence: float = 300
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
        """Return the limits of all addresses together that nobody joined from."""
        times = self.addresses_guessing
        return replace(self, failures=self.failures.times(times), guesses=self.guesses.times(times))

    @classmethod
    def none(cls) -> Limits:
        """Return limits that limit nothing, for measurements and for finding faults."""
        return cls(
            events=NO_RATE,
            before_join=NO_RATE,
            http=NO_RATE,
            insistence=math.inf,
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
