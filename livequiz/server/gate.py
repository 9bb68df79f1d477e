"""Who may connect, how long a connection may stay without joining, and how much it may send."""

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

from livequiz.domain.buckets import Bucket
from livequiz.server.frames import fitting
from livequiz.server.limits import MESSAGE_SIZE, Limits
from livequiz.server.sources import Source, Sources
from livequiz.server.wires import Wires

log = logging.getLogger(__name__)

MUTED_FOR = 3.0  # seconds for which nothing is read from who floods, until they are hung up on
GOODBYE = 0.5  # seconds in which a connection that is sent away can read why
FREE_MESSAGES = 5  # of a connection that has not joined, for which its address is not charged
STRANGERS_FACTOR = 10.0  # how much more a message costs once its address has sent too many
LONGEST_BEAT = 1.0  # seconds between two looks for connections that joined nothing

_too_fast: ContextVar[bool] = ContextVar("too_fast", default=False)


@dataclass(slots=True, eq=False)
class Connection:
    """One Engine.IO connection, whatever it speaks and whether it speaks at all."""

    sid: str
    address: str | None
    source: Source
    since: float  # seconds; since when it has not joined
    events: Bucket
    transport: asyncio.Transport | None  # of its WebSocket
    joined: bool = False
    instructor: bool = False
    before_join: int = 0  # messages while it had joined nothing
    owed: float = 0.0  # what those cost its address
    paid_back: bool = False
    dismissed: bool = False
    joining: bool = False  # a join is under way
    requests: int = 0  # HTTP requests under way
    new_ids: int = 0  # student ids that it was the first to join under


CONNECTION = web.RequestKey("connection", Connection)
ENVIRON = "livequiz.connection"


class Gate:
    """Lets connections in, watches them, and drops them.

    Args:
        limits: What they may do.
        wires: How to hang up.
        now: A clock in seconds that never goes back.
    """

    def __init__(
        self, limits: Limits, wires: Wires, now: Callable[[], float] = time.monotonic
    ) -> None:
        self.limits = limits
        self.now = now
        self.sources = Sources(limits)
        self.dropped: Counter[str] = Counter()  # by reason
        self._wires = wires
        self._open: dict[str, Connection] = {}
        self._unjoined: dict[str, Connection] = {}  # the longest wait first
        wires.overflowed = self._overflowed
        wires.listen(self)

    def __len__(self) -> int:
        return len(self._open)

    def source(self, request: web.Request) -> Source:
        """Return the address that a request came from."""
        return self.sources.get(request.remote, self.now())

    def get(self, sid: str) -> Connection | None:
        """Return an open connection."""
        return self._open.get(sid)

    def behind(self, environ: MutableMapping[str, Any]) -> Connection:
        """Return the connection of a request; one that nothing is kept of if it is not known."""
        found: Connection | None = environ.get(ENVIRON)
        now = self.now()
        source = self.sources.get(None, now)
        return found or Connection("", None, source, now, Bucket(self.limits.events, now), None)

    # --- coming --------------------------------------------------------------------------------

    def admits(self, request: web.Request) -> bool:
        """Whether another connection may be opened; it is counted."""
        full = len(self._open) >= self.limits.connections and not self._unjoined
        return not full and self.source(request).connects(self.now())

    def opened(self, sid: str, environ: MutableMapping[str, Any]) -> None:
        """Note a new connection. It takes the place of the oldest ones that did not join."""
        request: web.Request = environ["aiohttp.request"]
        now = self.now()
        connection = Connection(
            sid,
            request.remote,
            self.source(request),
            now,
            Bucket(self.limits.events, now),
            request.transport if is_websocket(request) else None,
        )
        environ[ENVIRON] = request[CONNECTION] = connection
        self._open[sid] = connection
        self._wait_for_join(connection)
        if len(connection.source.unjoined) > self.limits.unjoined:
            self._drop_oldest(connection.source.unjoined, "too many from its address")
        if len(self._open) > self.limits.connections:
            self._drop_oldest(self._unjoined, "the server is full")

    def settle(self, connection: Connection, *, joined: bool, instructor: bool) -> None:
        """Note whether a connection is in a meeting now."""
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
                self._wires.widen(connection.sid)
        elif connection.joined and not joined and connection.sid in self._open:
            connection.joined = False
            connection.since = self.now()
            self._wait_for_join(connection)

    def newcomer(self, connection: Connection) -> bool:
        """Whether a connection may be the first to join under an id, which is then counted.

        Each of them is a row on the dashboard for good, if only of somebody who is away.
        """
        connection.new_ids += 1
        few = connection.new_ids <= self.limits.new_ids
        return few and connection.source.brings_newcomer(self.now())

    # --- staying -------------------------------------------------------------------------------

    def received(self, sid: str, data: str | bytes) -> str | bytes | None:
        """Count a message; return what to handle of it. One that is over the limit is refused."""
        connection = self._open.get(sid)
        if connection is None or connection.dismissed:
            return None
        fits = self._spend(connection, len(data))
        _too_fast.set(not fits)
        if connection.dismissed or sid not in self._open:
            return None
        if isinstance(data, str):
            taken = fitting(data, instructor=connection.instructor)
            # An event may wait for its ack.
            return taken if fits or taken.startswith("2") else None
        return data if fits else None

    def frame(self, sid: str) -> bool:
        """Count what is no message, such as a pong or a poll; return whether to handle it."""
        connection = self._open.get(sid)
        return connection is not None and (self._spend(connection) or sid in self._open)

    def _spend(self, connection: Connection, size: int = 0) -> bool:
        """Whether a connection may send one more; one that goes on nevertheless is dropped.

        Args:
            connection: Whose message it is.
            size: Characters of it: a long one costs as much as several.
        """
        limits, now = self.limits, self.now()
        cost = 1.0 + size // MESSAGE_SIZE
        welcome = connection.joined or self._may_join(connection, cost)
        if not welcome:
            cost *= STRANGERS_FACTOR
        if connection.events.owe(limits.events, now, limits.insistence, cost) and welcome:
            return True
        if connection.events.level(limits.events, now) <= -limits.insistence:
            self.mute(connection, "too many messages")
        return False

    def _may_join(self, connection: Connection, cost: float) -> bool:
        """Whether a connection that joined nothing may send one more, for all of its address."""
        connection.before_join += 1
        if connection.before_join <= FREE_MESSAGES:
            return True
        connection.owed += cost
        return connection.source.spends(cost, self.now())

    async def run(self) -> None:
        """Drop what joins nothing, until cancelled."""
        beat = min(LONGEST_BEAT, self.limits.join_within / 10)
        while True:
            await asyncio.sleep(beat)
            due = self.now() - self.limits.join_within
            while (oldest := next(iter(self._unjoined.values()), None)) and oldest.since <= due:
                self.drop(oldest, "it joined nothing")

    # --- going ---------------------------------------------------------------------------------

    def closed(self, sid: str) -> None:
        """Forget a connection."""
        if (connection := self._open.pop(sid, None)) is not None:
            self._unjoined.pop(sid, None)
            connection.source.unjoined.pop(sid, None)
            # An upgrade that never came about may hang on it still.
            if connection.transport is not None and not self._wires.upgraded(sid):
                connection.transport.abort()

    def drop(self, connection: Connection, reason: str) -> None:
        """Hang up."""
        if connection.sid in self._open:
            self.closed(connection.sid)
            self.dropped[reason] += 1
            log.info("Dropped a connection of %s: %s", connection.address, reason)
            self._wires.end(connection.sid, connection.transport)

    def mute(self, connection: Connection, reason: str) -> None:
        """Read nothing more from a connection, and hang up a while later.

        Who floods comes back at once when they are hung up on, and a handshake costs more than the
        messages that it ends.
        """
        if connection.dismissed:
            return
        if connection.transport is None:
            self.drop(connection, reason)
            return
        connection.dismissed = True
        with contextlib.suppress(RuntimeError):  # it ends anyway
            connection.transport.pause_reading()
        asyncio.get_running_loop().call_later(MUTED_FOR, self.drop, connection, reason)

    def dismiss(self, connection: Connection, reason: str) -> None:
        """Hear no more from a connection, and hang up once it could read the last answer."""
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

    def _overflowed(self, sid: str) -> None:
        if (connection := self._open.get(sid)) is not None:
            self.drop(connection, "it does not read")


def too_fast() -> bool:
    """Whether the message that is being handled was over the limit of its connection."""
    return _too_fast.get()


def is_websocket(request: web.Request) -> bool:
    """Whether a request asks for a WebSocket."""
    return request.headers.get("Upgrade", "").lower() == "websocket"
