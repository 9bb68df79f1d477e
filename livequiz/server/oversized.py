"""Messages that are too large: read past, and answered, on a connection that goes on.

What is too large becomes a short message of the same event, with the same number of its ack, which
is then refused like any other bad request. A client that writes such a message itself is told the
same.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from aiohttp import web
from engineio.payload import Payload

from livequiz.domain.errors import Code, QuizError
from livequiz.server.frames import UNREADABLE
from livequiz.server.sieve import HEAD, Sieve

LARGEST_READ = 16 * 1024 * 1024  # bytes; a message above it ends its connection
MOST_PACKETS = int(Payload.max_decode_packets)  # in one polling request
_MARK = "(too large)"  # the only argument of an event whose own was too large
_SEPARATOR = b"\x1e"  # between the packets of one polling request

# Engine.IO's "message", then Socket.IO: CONNECT or an event, a namespace, the number of an ack.
_CONNECT = re.compile(r"40(/[^,]*,)?")
_EVENT = re.compile(
    r'4[25](?:[0-9]+-)?((?:/[^,]*,)?[0-9]{0,100}(?![0-9]))(?:\[("(?:[^"\\]|\\.)*"))?'
)


def stand_in(head: bytes) -> bytes:
    """Return the packet that is handled in the place of one that is too large.

    Args:
        head: The first bytes of its text.
    """
    text = head.decode("utf-8", "ignore")
    if found := _CONNECT.match(text):
        return f'40{found[1] or ""}"{_MARK}"'.encode()
    if found := _EVENT.match(text):
        name = found[2] or f'"{UNREADABLE}"'
        return f'42{found[1]}[{name},"{_MARK}"]'.encode()
    return f'42["{UNREADABLE}","{_MARK}"]'.encode()


def refusal(arguments: tuple[object, ...]) -> QuizError | None:
    """Return the error of an event if these are the arguments of one that was too large."""
    if arguments != (_MARK,):
        return None
    return QuizError(Code.BAD_REQUEST, "That is too much at once. Please send less than 64 KB.")


class Body:
    """The packets of one polling request, taken as the bytes come.

    Args:
        limit: Bytes; a packet is too large if it has more together with those that fit before it.
        heard: Is called for each so many bytes more.

    Attributes:
        size: Bytes that came.
    """

    def __init__(self, limit: int, heard: Callable[[], object]) -> None:
        self.size = 0
        self._limit = self._room = limit
        self._heard = heard
        self._packets: list[bytes] = []
        self._packet = bytearray()
        self._fits = True

    def feed(self, data: bytes) -> None:
        """Take the next bytes."""
        before, self.size = self.size, self.size + len(data)
        for _ in range(before // self._limit, self.size // self._limit):
            self._heard()
        for number, part in enumerate(data.split(_SEPARATOR, MOST_PACKETS + 1)):
            if number:
                self._end()
            self._fits = self._fits and len(self._packet) + len(part) <= self._room
            self._packet += part if self._fits else part[:HEAD]
            if not self._fits:
                del self._packet[HEAD:]

    def content(self) -> bytes:
        """Return the body, with a stand-in for each packet that is too large."""
        self._end()
        return _SEPARATOR.join(self._packets)

    def _end(self) -> None:
        if len(self._packets) <= MOST_PACKETS:  # one more, which gets them refused
            packet = bytes(self._packet)
            self._packets.append(packet if self._fits else stand_in(packet))
            self._room -= len(packet) if self._fits else 0
        self._packet.clear()
        self._fits = True


class WebSocket(web.WebSocketResponse):
    """A WebSocket on which a message that is too large arrives as its stand-in.

    The only place that leans on the insides of aiohttp 3.14: where another version is made
    differently, such a message ends its connection.

    Args:
        limit: Bytes; a message has to have fewer.
        heard: Is called for each so many bytes that were read past.
        options: Those of aiohttp.
    """

    def __init__(self, limit: int, heard: Callable[[], object], **options: Any) -> None:
        # Compression takes a connection from 32 to 127 KB, and would hide how large a message is.
        super().__init__(compress=False, max_msg_size=limit, **options)
        self._sieve = Sieve(limit, LARGEST_READ, stand_in, heard)

    def _post_start(self, request: Any, protocol: Any, writer: Any) -> None:
        wire = request.protocol
        if not (hasattr(wire, "_message_tail") and hasattr(wire, "_payload_parser")):
            super()._post_start(request, protocol, writer)
            return
        early, wire._message_tail = wire._message_tail, b""  # frames right behind the handshake
        super()._post_start(request, protocol, writer)
        wire._payload_parser = _Sieved(wire._payload_parser, self._sieve)
        if early:
            wire._payload_parser.feed_data(early)


class _Sieved:
    """A reader of aiohttp behind a sieve."""

    __slots__ = ("_reader", "_sieve")

    def __init__(self, reader: Any, sieve: Sieve) -> None:
        self._reader = reader
        self._sieve = sieve

    def feed_data(self, data: bytes) -> tuple[bool, bytes]:
        passed = self._sieve.feed(data)
        if not passed:
            return False, b""
        result: tuple[bool, bytes] = self._reader.feed_data(passed)
        return result

    def feed_eof(self) -> None:
        self._reader.feed_eof()
