"""Admission, join timeouts and rate limits of Engine.IO connections."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import Counter
from collections.abc import Callable, MutableMapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from livequiz.domain.token_bucket import Bucket
from livequiz.server.limits import DEAR_EVENTS, MESSAGE_SIZE, Limits
from livequiz.server.transport.client_addresses import ClientAddress, ClientAddresses, address_of
from livequiz.server.transport.engineio_hooks import EngineIOHooks
from livequiz.server.transport.packets import stand_in, without_oversized

log = logging.getLogger(__name__)

MUTED_FOR = 3.0  # seconds between muting a flooding connection and closing it
GOODBYE = 0.5  # seconds that a dismissed connection gets to read the reason
FREE_MESSAGES = 5  # short messages before a join that the address is not charged for
STRANGERS_FACTOR = 10.0  # cost multiplier once an address has sent too many messages before joining
LONGEST_BEAT = 1.0  # longest time in seconds between checks for connections that have not joined

_too_fast: ContextVar[bool] = ContextVar("too_fast", default=False)


@dataclass(slots=True, eq=False)
class Connection:
    """One Engine.IO connection, over either transport, even if it never sends anything."""

    sid: str
    address: str | None
    source: ClientAddress
    since: float  # when it opened, or last left a meeting, in seconds
    events: Bucket
    transport: asyncio.Transport | None  # of its WebSocket
    joined: bool = False
    instructor: bool = False
    before_join: int = 0  # messages sent before joining
    owed: float = 0.0  # what its address was charged for them
    paid_back: bool = False
    dismissed: bool = False
    joining: bool = False  # a join is under way
    requests: int = 0  # HTTP requests under way
    new_ids: int = 0  # new student ids that it has joined under


CONNECTION = web.RequestKey("connection", Connection)
ENVIRON = "livequiz.connection"


class ConnectionRegistry:
    """Admits connections, enforces their limits, and drops them.

    Args:
        limits: The limits to enforce.
        hooks: Closes connections.
        now: A monotonic clock, in seconds.
    """

    def __init__(
        self, limits: Limits, hooks: EngineIOHooks, now: Callable[[], float] = time.monotonic
    ) -> None:
        self.limits = limits
        self.now = now
        self.sources = ClientAddresses(limits)
        self.dropped: Counter[str] = Counter()  # by reason
        self._hooks = hooks
        self._open: dict[str, Connection] = {}
        self._unjoined: dict[str, Connection] = {}  # oldest first

    def __len__(self) -> int:
        return len(self._open)

    def source(self, request: web.Request) -> ClientAddress:
        """Return the state of the address that a request came from."""
        return self.sources.get(address_of(request), self.now())

    def get(self, sid: str) -> Connection | None:
        """Return an open connection by its Engine.IO id, or None."""
        return self._open.get(sid)

    def connection_for(self, environ: MutableMapping[str, Any]) -> Connection:
        """Return the request's connection, or an untracked stand-in if it is unknown."""
        found: Connection | None = environ.get(ENVIRON)
        now = self.now()
        source = self.sources.get(None, now)
        return found or Connection("", None, source, now, Bucket(self.limits.events, now), None)

    # --- opening -------------------------------------------------------------------------------

    def admits(self, request: web.Request) -> bool:
        """Count a connection attempt; return whether it may be opened."""
        full = len(self._open) >= self.limits.connections and not self._unjoined
        return not full and self.source(request).connects(self.now())

    def admits_address(self, address: str) -> bool:
        """Count a connection attempt that is no request; return whether it may be opened."""
        return self.sources.get(address, self.now()).connects(self.now())

    def opened(self, sid: str, environ: MutableMapping[str, Any]) -> None:
        """Register a new connection. Over the limit, it evicts the oldest unjoined ones."""
        request: web.Request = environ["aiohttp.request"]
        now = self.now()
        connection = Connection(
            sid,
            address_of(request),
            self.source(request),
            now,
            Bucket(self.limits.events, now),
            request.transport if is_websocket(request) else None,
        )
        environ[ENVIRON] = request[CONNECTION] = connection
        self._open[sid] = connection
        self._wait_for_join(connection)
        if len(connection.source.unjoined) > self.limits.unjoined:
            self._drop_oldest(connection.source.unjoined, "too many connections from its address")
        if len(self._open) > self.limits.connections:
            self._drop_oldest(self._unjoined, "the server is full")

    def settle(self, connection: Connection, *, joined: bool, instructor: bool) -> None:
        """Record whether a connection is in a meeting, and refund its cost when it joins."""
        connection.instructor = instructor
        if joined and not connection.joined:
            connection.joined = True
            connection.source.settle(connection.owed)
            connection.owed = 0.0
            self._unjoined.pop(connection.sid, None)
            connection.source.unjoined.pop(connection.sid, None)
            if not connection.paid_back:
                connection.paid_back = True
                connection.source.joined()
            if instructor:
                self._hooks.widen(connection.sid)
        elif connection.joined and not joined and connection.sid in self._open:
            connection.joined = False
            connection.since = self.now()
            self._wait_for_join(connection)

    def may_use_new_id(self, connection: Connection) -> bool:
        """Count a join under a new student id; return whether it is within the limits.

        Each new id stays on the dashboard as a row, even once the student is away.
        """
        connection.new_ids += 1
        few = connection.new_ids <= self.limits.new_ids
        return few and connection.source.spends_new_id(self.now())

    # --- receiving -----------------------------------------------------------------------------

    def received(self, sid: str, data: str | bytes) -> str | bytes | None:
        """Count a message; return the packet to handle, or None to ignore it.

        An event over the rate limit becomes a stand-in, which is refused with an error.
        """
        connection = self._open.get(sid)
        if connection is None or connection.dismissed:
            return None
        fits = self._spend(connection, 1.0 + len(data) // MESSAGE_SIZE)
        _too_fast.set(not fits)
        if connection.dismissed or sid not in self._open:
            return None
        if isinstance(data, str):
            if fits:
                return without_oversized(data, instructor=connection.instructor)
            # Don't parse the event, but answer it: its sender may be waiting for the ack.
            return stand_in(data) if data.startswith("2") else None
        return data if fits else None

    def frame(self, sid: str) -> bool:
        """Count a frame other than a message, like a pong or poll; return whether to handle it."""
        connection = self._open.get(sid)
        return connection is not None and (self._spend(connection) or sid in self._open)

    def charge(self, connection: Connection, event: str) -> bool:
        """Charge what an event costs beyond its size; return whether it is within the limits."""
        more = DEAR_EVENTS.get(event, 1.0) - 1.0
        return not more or self._spend(connection, more)

    def _spend(self, connection: Connection, cost: float = 1.0) -> bool:
        """Charge a message; return whether it is within the limits. Mutes a flooding connection.

        Args:
            connection: The sender.
            cost: How many messages it counts as: a long one, or one that is dear to serve, counts
                as several.
        """
        limits, now = self.limits, self.now()
        welcome = connection.joined or self._may_join(connection, cost)
        if not welcome:
            cost *= STRANGERS_FACTOR
        if (
            connection.events.take_with_debt(limits.events, now, limits.flood_tolerance, cost)
            and welcome
        ):
            return True
        if connection.events.level(limits.events, now) <= -limits.flood_tolerance:
            self.mute(connection, "too many messages")
        return False

    def _may_join(self, connection: Connection, cost: float) -> bool:
        """Charge a message sent before a join to its address; return whether it is allowed."""
        connection.before_join += 1
        if connection.before_join <= FREE_MESSAGES and cost < 2:
            return True
        connection.owed += cost
        return connection.source.spend_stranger_budget(cost, self.now())

    async def run(self) -> None:
        """Drop connections that don't join in time, until cancelled."""
        beat = min(LONGEST_BEAT, self.limits.join_within / 10)
        while True:
            asleep = self.now()
            await asyncio.sleep(beat)
            if self.now() - asleep > 2 * beat:
                await asyncio.sleep(beat)  # this process stood still: joins that came are met first
            due = self.now() - self.limits.join_within
            while (oldest := next(iter(self._unjoined.values()), None)) and oldest.since <= due:
                self.drop(oldest, "it did not join a meeting")

    # --- closing -------------------------------------------------------------------------------

    def closed(self, sid: str) -> None:
        """Forget a connection."""
        if (connection := self._open.pop(sid, None)) is not None:
            self._unjoined.pop(sid, None)
            connection.source.unjoined.pop(sid, None)
            # A pending upgrade that never completed may still hold the WebSocket open.
            if connection.transport is not None and not self._hooks.upgraded(sid):
                connection.transport.abort()

    def drop(self, connection: Connection, reason: str) -> None:
        """Close a connection and log the reason."""
        if connection.sid in self._open:
            self.closed(connection.sid)
            self.dropped[reason] += 1
            log.info("Closed a connection from %s: %s", connection.address, reason)
            self._hooks.end(connection.sid, connection.transport)

    def mute(self, connection: Connection, reason: str) -> None:
        """Stop reading from a connection, and close it after `MUTED_FOR` seconds.

        A flooding client reconnects as soon as it is disconnected, and a handshake costs more than
        the messages it would stop.
        """
        if connection.dismissed:
            return
        if connection.transport is None:
            self.drop(connection, reason)
            return
        connection.dismissed = True
        with contextlib.suppress(RuntimeError):  # already closing
            connection.transport.pause_reading()
        asyncio.get_running_loop().call_later(MUTED_FOR, self.drop, connection, reason)

    def dismiss(self, connection: Connection, reason: str) -> None:
        """Ignore a connection from now on, and close it once it had time to read the last reply."""
        if not connection.dismissed:
            connection.dismissed = True
            loop = asyncio.get_running_loop()
            loop.call_later(GOODBYE, self.drop, connection, reason)

    def _wait_for_join(self, connection: Connection) -> None:
        self._unjoined[connection.sid] = connection
        connection.source.unjoined[connection.sid] = None

    def _drop_oldest(self, sids: dict[str, Any], reason: str) -> None:
        if (oldest := self._open.get(next(iter(sids), ""))) is not None:
            self.drop(oldest, reason)

    def overflowed(self, sid: str) -> None:
        """Drop a slow consumer: a connection whose send buffer is full."""
        if (connection := self._open.get(sid)) is not None:
            self.drop(connection, "it reads too slowly")


def too_fast() -> bool:
    """Whether the message being handled exceeded its connection's rate limit."""
    return _too_fast.get()


def is_websocket(request: web.Request) -> bool:
    """Whether a request asks for an upgrade to WebSocket."""
    return request.headers.get("Upgrade", "").lower() == "websocket"
