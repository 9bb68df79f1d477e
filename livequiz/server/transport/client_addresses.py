"""Rate limits per client address.

The address is that of the TCP connection. Headers like `X-Forwarded-For` are ignored, because any
client can forge them, except on the Unix socket: only this server's own workers can reach it, and
they speak for people at other machines.
"""

from __future__ import annotations

import ipaddress

from aiohttp import web

from livequiz.client.guest import ON_BEHALF_OF
from livequiz.domain.token_bucket import Bucket
from livequiz.server.limits import Limits

IPV6_PREFIX = 64  # bits; one subscriber usually has the whole /64
JOIN_REFUND = 0.9  # a reconnect wave costs a tenth, but a join loop still costs something


class ClientAddress:
    """The token buckets of one address. A whole school may share it (NAT).

    Args:
        limits: The limits for one address.
        now: Seconds of a monotonic clock.
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
        self.has_joined = False  # whether any join from this address has succeeded
        self._connects = Bucket(limits.connects, now)
        self._failures = Bucket(limits.failures, now)
        self._guesses = Bucket(limits.guesses, now)
        self._newcomers = Bucket(limits.newcomers, now)
        self._requests = Bucket(limits.http, now)
        self._unjoined = Bucket(limits.before_join, now)
        # Ids of connections that have not joined, oldest first; a dict, because sets are unordered.
        self.unjoined: dict[str, None] = {}

    def connects(self, now: float) -> bool:
        """Count a new connection; return whether it is within the limit."""
        return self._connects.take(self._limits.connects, now)

    def spend_stranger_budget(self, cost: float, now: float) -> bool:
        """Charge a message sent before a join; return whether it is within the limit."""
        return self._unjoined.take_with_debt(self._limits.before_join, now, 0, cost)

    def settle(self, cost: float) -> None:
        """Refund what a connection's messages cost before it joined."""
        self._unjoined.give_back(self._limits.before_join, cost)

    def takes_request(self, now: float) -> bool:
        """Count an HTTP request; return whether it is within the limit."""
        return self._requests.take(self._limits.http, now)

    def asked_rightly(self) -> None:
        """Refund a request that had a valid token."""
        self._requests.give_back(self._limits.http)

    def spends_new_id(self, now: float) -> bool:
        """Count a join under a new student id; return whether it is within the limit."""
        return self._newcomers.take(self._limits.newcomers, now)

    def joined(self) -> None:
        """Refund most of the cost of a connection that has now joined."""
        self.has_joined = True
        self._connects.give_back(self._limits.connects, JOIN_REFUND)

    def failed(self, now: float) -> None:
        """Count a wrong code or token. More failures during a lock-out extend it."""
        most = self._limits.lock_out * self._limits.failures.per_second
        self._failures.take_with_debt(self._limits.failures, now, most)

    def locked_out(self, now: float) -> bool:
        """Whether too many attempts failed, so that further attempts are restricted."""
        return self._failures.level(self._limits.failures, now) < 1

    def guesses(self, now: float) -> bool:
        """Count an attempt during a lock-out; return whether it may still be checked."""
        return self._guesses.take(self._limits.guesses, now)

    def guessed_right(self) -> None:
        """Refund an attempt that succeeded: it was not a guess."""
        self._guesses.give_back(self._limits.guesses)


class ClientAddresses:
    """The most recently seen addresses (an LRU cache).

    Args:
        limits: How many addresses to remember, and the limits for each.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._known: dict[str, ClientAddress] = {}

    def __len__(self) -> int:
        return len(self._known)

    def get(self, address: str | None, now: float) -> ClientAddress:
        """Return the state of an address; a new one evicts the least recently seen."""
        key = network(address)
        source = self._known.pop(key, None)
        if source is None:
            source = ClientAddress(self._limits, now)
            if len(self._known) >= self._limits.addresses:
                del self._known[next(iter(self._known))]
        self._known[key] = source
        return source


def address_of(request: web.BaseRequest) -> str | None:
    """Return the network address that a request came from, or None if it is gone already."""
    if request.remote == "":  # a peer on the Unix socket has no address of its own
        return request.headers.get(ON_BEHALF_OF)
    return request.remote


def network(address: str | None) -> str:
    """Return the key for an address: an IPv4 address itself, or the /64 network of an IPv6 one."""
    try:
        parsed = ipaddress.ip_address((address or "").partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, IPV6_PREFIX), strict=False))
