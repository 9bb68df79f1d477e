"""Heartbeat of the fast path: one task for all connections; python-engineio has one for each."""

from __future__ import annotations

import asyncio
from typing import Any

from livequiz.protocol.websocket import text_frame
from livequiz.server.transport.fast_sockets import FastSockets

PING_INTERVAL = 10  # seconds from the connect or the last pong to the next ping
PING_TIMEOUT = 10  # seconds within which a client must answer a ping
PING = "2"  # of Engine.IO
LATE = 0.5  # seconds of delay that count as a standstill
BEAT = 0.1  # seconds between checks for connections that are due for a ping


class Heartbeat:
    """Pings connections, and closes those that exceed the ping timeout.

    Args:
        eio: The Engine.IO server, for its ping interval and ping timeout.
        sockets: The connections to ping.
    """

    def __init__(self, eio: Any, sockets: FastSockets) -> None:
        self._eio = eio
        self._sockets = sockets
        # By id: when the next ping is due, and when the ping timeout ends; each soonest first.
        self._due: dict[str, float] = {}
        self._pinged: dict[str, float] = {}
        self._beating: asyncio.Task[None] | None = None

    def start(self, sid: str) -> None:
        """Schedule the next ping of a connection, one interval from now."""
        self._pinged.pop(sid, None)
        self._due[sid] = asyncio.get_running_loop().time() + self._eio.ping_interval
        if self._beating is None:
            self._beating = self._sockets.tasks.spawn(self._beat(), "pings")

    def answered(self, sid: str) -> None:
        """Handle a pong; an unsolicited one is ignored."""
        if sid in self._pinged:
            self.start(sid)

    def forget(self, sid: str) -> None:
        """Stop pinging a connection."""
        self._due.pop(sid, None)
        self._pinged.pop(sid, None)

    async def _beat(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._sockets:
                asleep = loop.time()
                await asyncio.sleep(BEAT)
                if (late := loop.time() - asleep - BEAT) > LATE:
                    # This process stood still: pongs that came meanwhile have to be read first.
                    self._pinged = {sid: end + late for sid, end in self._pinged.items()}
                for sid in _over(self._pinged, loop.time()):
                    if (socket := self._sockets.get(sid)) is not None:
                        await socket.close(reason=self._eio.reason.PING_TIMEOUT)
                for sid in _over(self._due, loop.time()):
                    self._pinged[sid] = loop.time() + self._eio.ping_timeout
                    self._sockets.send(sid, text_frame(PING.encode()))
        finally:
            self._beating = None


def _over(times: dict[str, float], now: float) -> list[str]:
    """Remove and return the ids that are due; `times` is ordered, soonest first."""
    found = []
    for sid, moment in times.items():
        if moment > now:
            break
        found.append(sid)
    for sid in found:
        del times[sid]
    return found
