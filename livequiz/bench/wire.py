"""A raw Socket.IO connection: an `asyncio.Protocol` without a task or a queue."""

from __future__ import annotations

import asyncio
import socket
import struct
import time
from typing import cast
from urllib.parse import urlsplit

from livequiz.bench.frames import FrameError, FrameReader, frame, handshake
from livequiz.domain.errors import Code, QuizError

_PONG = frame(b"3")
_CONNECT = frame(b"40{}")
_HEADERS_END = b"\r\n\r\n"
# Close with RST: otherwise thousands of ports would stay in TIME_WAIT for a minute.
_NO_LINGER = struct.pack("ii", 1, 0)


class Wire(asyncio.Protocol):
    """A Socket.IO connection, ready once the server has accepted the namespace.

    Override `received` and `ended`; they must not block.
    """

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._read = FrameReader()
        self._head: bytes | None = b""  # the incomplete response to the upgrade request
        self._ready: asyncio.Future[None] | None = None
        self.lost: str | None = None  # why the connection ended, if unexpectedly

    async def open(self, url: str, timeout: float = 30.0) -> None:
        """Connect.

        Args:
            url: The server's `http://` URL.
            timeout: In seconds.

        Raises:
            QuizError: `unavailable` if it is not connected in time.
        """
        where = urlsplit(url)
        host, port = where.hostname or "127.0.0.1", where.port or 80
        loop = asyncio.get_running_loop()
        self._read, self._head, self.lost = FrameReader(), b"", None
        self._ready = loop.create_future()
        try:
            async with asyncio.timeout(timeout):
                transport, _ = await loop.create_connection(lambda: self, host, port)
                transport.write(handshake(host, port))
                await self._ready
        except (OSError, TimeoutError, FrameError) as error:
            self.drop()
            reason = str(error) or type(error).__name__
            raise QuizError(Code.UNAVAILABLE, f"No connection to {url}: {reason}") from None

    def drop(self) -> None:
        """Abort the connection, without a close handshake."""
        transport, self._transport = self._transport, None
        if transport is not None:
            transport.abort()

    def send(self, data: bytes) -> None:
        """Send frames."""
        assert self._transport is not None  # noqa: S101
        self._transport.write(data)

    def received(self, packet: bytes, at: float) -> None:
        """Handle a Socket.IO packet with its Engine.IO type; `at` is in `perf_counter` seconds."""

    def ended(self) -> None:
        """Called when the connection was lost; override to handle it."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Store the transport."""
        self._transport = cast(
            asyncio.Transport, transport
        )  # other loops have classes of their own
        connection = transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)

    def data_received(self, data: bytes) -> None:
        """Pass every complete packet to `received`."""
        at = time.perf_counter()
        try:
            if self._head is not None:
                data = self._upgraded(self._head + data)
            for packet in self._read.feed(data):
                if packet == b"2":
                    self.send(_PONG)
                elif packet.startswith(b"0"):
                    self.send(_CONNECT)
                elif packet.startswith(b"40"):
                    self._settle(None)
                elif packet.startswith((b"41", b"44")):
                    raise FrameError(packet.decode())
                else:
                    self.received(packet, at)
        except FrameError as error:
            self._end(error)

    def connection_lost(self, exc: Exception | None) -> None:
        """Record why the connection ended, unless `drop` ended it."""
        if self._transport is not None:
            self._end(FrameError(str(exc) if exc else "the server closed it"))

    def _upgraded(self, head: bytes) -> bytes:
        """Return the bytes after the upgrade response; empty while it is incomplete."""
        self._head = head
        end = head.find(_HEADERS_END)
        if end < 0:
            return b""
        if not head.startswith(b"HTTP/1.1 101"):
            raise FrameError(head.split(b"\r\n")[0].decode(errors="replace"))
        self._head = None
        return head[end + len(_HEADERS_END) :]

    def _end(self, error: FrameError) -> None:
        self.lost = str(error)
        self._settle(error)
        self.drop()
        self.ended()

    def _settle(self, error: FrameError | None) -> None:
        if self._ready is None or self._ready.done():
            return
        if error is None:
            self._ready.set_result(None)
        else:
            self._ready.set_exception(error)
