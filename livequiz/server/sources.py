"""The addresses that clients come from, and what each of them may still do.

An address is that of the TCP connection. What a client says of itself, such as
`X-Forwarded-For`, is not looked at: anybody can write anything there.
"""

from __future__ import annotations

import ipaddress

from livequiz.domain.buckets import Bucket
from livequiz.server.limits import Limits

IPV6_PREFIX = 64  # bits; one subscriber has all of the addresses behind them
JOIN_REFUND = 0.9  # a reconnect wave costs an address a tenth, and a loop of joins not nothing


class Source:
    """One address; a whole school may be behind it.

    Args:
        limits: What it may do.
        now: Seconds.
    """

    __slots__ = (
        "_connects",
        "_failures",
        "_guesses",
        "_limits",
        "_newcomers",
        "_requests",
        "_unjoined",
        "has_joined",
        "unjoined",
    )

    def __init__(self, limits: Limits, now: float) -> None:
        self._limits = limits
        self.has_joined = False  # whether a join from here succeeded
        self._connects = Bucket(limits.connects, now)
        self._failures = Bucket(limits.failures, now)
        self._guesses = Bucket(limits.guesses, now)
        self._newcomers = Bucket(limits.newcomers, now)
        self._requests = Bucket(limits.http, now)
        self._unjoined = Bucket(limits.before_join, now)
        # The connections that have joined nothing, oldest first: a dict, as sets have no order.
        self.unjoined: dict[str, None] = {}

    def connects(self, now: float) -> bool:
        """Whether it may open another connection, which is then counted."""
        return self._connects.take(self._limits.connects, now)

    def spends(self, cost: float, now: float) -> bool:
        """Whether a connection that joined nothing may send a message, which is then counted."""
        return self._unjoined.owe(self._limits.before_join, now, 0, cost)

    def settle(self, cost: float) -> None:
        """Give back what the messages of a connection cost that has now joined."""
        self._unjoined.give_back(self._limits.before_join, cost)

    def asks(self, now: float) -> bool:
        """Whether it may send another HTTP request, which is then counted."""
        return self._requests.take(self._limits.http, now)

    def asked_rightly(self) -> None:
        """Give back a request that came with a right token."""
        self._requests.give_back(self._limits.http)

    def brings_newcomer(self, now: float) -> bool:
        """Whether it may join under another id that is new, which is then counted."""
        return self._newcomers.take(self._limits.newcomers, now)

    def joined(self) -> None:
        """Give back most of what a connection cost that has now joined."""
        self.has_joined = True
        self._connects.give_back(self._limits.connects, JOIN_REFUND)

    def failed(self, now: float) -> None:
        """Count a wrong code or token. Going on while locked out makes the lock-out last."""
        most = self._limits.lock_out * self._limits.failures.per_second
        self._failures.owe(self._limits.failures, now, most)

    def locked_out(self, now: float) -> bool:
        """Whether so many of its tries were wrong that the next ones are slowed down."""
        return self._failures.level(self._limits.failures, now) < 1

    def guesses(self, now: float) -> bool:
        """Whether a try is checked although the address is locked out; it is then counted."""
        return self._guesses.take(self._limits.guesses, now)

    def guessed_right(self) -> None:
        """Give a try back that was right, since it was none."""
        self._guesses.give_back(self._limits.guesses)


class Sources:
    """The addresses that were heard of last.

    Args:
        limits: How many are remembered, and what each may do.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._known: dict[str, Source] = {}

    def __len__(self) -> int:
        return len(self._known)

    def get(self, address: str | None, now: float) -> Source:
        """Return an address; the one that was silent for longest is forgotten for a new one."""
        key = network(address)
        source = self._known.pop(key, None)
        if source is None:
            source = Source(self._limits, now)
            if len(self._known) >= self._limits.addresses:
                del self._known[next(iter(self._known))]
        self._known[key] = source
        return source


def network(address: str | None) -> str:
    """Return what stands for an address: itself, or the network of an IPv6 subscriber."""
    try:
        parsed = ipaddress.ip_address((address or "").partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, IPV6_PREFIX), strict=False))
