"""Reads past WebSocket messages that are too large, as bytes come: no sockets, no aiohttp.

Whatever stands before a WebSocket's reader sees frames (RFC 6455, section 5.2) cut anywhere. A
message that fits goes on as it came; of one that does not, only the head is kept, and what goes on
in its place is a short message that says so. Framing that is wrong goes on too: the reader judges.
"""

from __future__ import annotations

import struct
from collections.abc import Callable

FIN = MASKED = 0x80
RESERVED = 0x70
CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
KNOWN = {CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG}
LARGEST_CONTROL = 125  # bytes
HEAD = 512  # bytes that are kept of a message that is dropped
FRAGMENT = (
    1024  # bytes that a control frame or a fragment counts for, besides what is dropped of it
)


class Sieve:
    """What is between one client and its reader.

    Args:
        limit: Bytes; a message that fits has fewer.
        most: Bytes; a message with more is the reader's to refuse, which ends the connection.
        stand_in: Returns the text that goes on for one that is too large. It is given the first
            bytes of a text, up to `HEAD`, or nothing of what is no text.
        heard: Is called for each `limit` bytes that came and are no message to anybody, so that
            they can be counted.
    """

    __slots__ = (
        "_final",
        "_heard",
        "_idle",
        "_judged",
        "_kept",
        "_key",
        "_left",
        "_limit",
        "_most",
        "_opcode",
        "_passing",
        "_size",
        "_stand_in",
        "_tail",
        "_unheard",
    )

    def __init__(
        self,
        limit: int,
        most: int,
        stand_in: Callable[[bytes], bytes],
        heard: Callable[[], object],
    ) -> None:
        self._limit = limit
        self._most = most
        self._stand_in = stand_in
        self._heard = heard
        self._unheard = 0  # bytes
        self._idle = True  # nothing is begun: no header, no frame, no message
        self._judged = False  # the reader has got what it can only refuse
        self._tail = b""  # a header of which more is to come
        # The frame that is being read:
        self._left = 0  # bytes to come of its payload
        self._passing = self._final = True
        self._key = b""  # what the next bytes are masked with
        # The message of which there was a part, or which is too large:
        self._opcode = CONTINUATION  # if there is none
        self._size = 0
        self._kept = bytearray()  # the whole of it while it fits, then its head

    @property
    def held(self) -> int:
        """How many bytes are kept here."""
        return len(self._tail) + len(self._kept)

    def feed(self, data: bytes) -> bytes:
        """Return what the reader gets of the bytes that came."""
        if self._judged or (self._idle and self._is_one_whole_text(data)):
            return data
        if self._tail:
            data, self._tail = self._tail + data, b""
        passed = []
        at, end = 0, len(data)
        while at < end:
            if not self._left:
                header = _header(data, at)
                if header is None:
                    self._tail = data[at:]
                    break
                first, self._left, self._key, begin = header
                passed.append(self._begin(first, data[at:begin]))
                at = begin
                if self._judged:
                    passed.append(data[at:])
                    break
            stop = min(end, at + self._left)
            self._left -= stop - at
            passed.append(self._payload(data[at:stop]))
            at = stop
        self._idle = not (self._left or self._tail or self._opcode)
        return b"".join(passed)

    def _is_one_whole_text(self, data: bytes) -> bool:
        """Whether the bytes are what nearly all are, so that they need no second look."""
        size = len(data)
        if size < 8 or data[0] != FIN | TEXT:
            return False
        if (second := data[1]) < MASKED | 126:
            return second == MASKED | (size - 6) and size < 132 and size - 6 < self._limit
        length = size - 8
        return second == MASKED | 126 and data[2] << 8 | data[3] == length < self._limit

    def _begin(self, first: int, header: bytes) -> bytes:
        """Begin a frame; return what goes on of its header."""
        opcode, length = first & 0x0F, self._left
        self._passing, self._final = True, bool(first & FIN)
        if first & RESERVED or not self._may_come(opcode):
            return self._let_judge(header)
        if opcode >= CLOSE:
            self._count(FRAGMENT)
            return header
        if self._size + length > self._most:
            return self._let_judge(struct.pack("!BBQ", FIN | TEXT, 127, self._most + 1))
        if opcode and self._final and length < self._limit:
            return header
        self._passing = False
        self._opcode = opcode or self._opcode
        self._size += length
        if self._size >= self._limit:
            del self._kept[HEAD:]
        self._count(FRAGMENT)
        return b""

    def _may_come(self, opcode: int) -> bool:
        """Whether a frame is right where it stands."""
        if opcode >= CLOSE:
            return opcode in KNOWN and self._final and self._left <= LARGEST_CONTROL
        return opcode in KNOWN and bool(opcode) != bool(self._opcode)

    def _payload(self, data: bytes) -> bytes:
        """Take a part of a payload, perhaps its last; return what goes on."""
        if self._passing:
            return data
        fits = self._size < self._limit
        room = (self._limit if fits else HEAD) - len(self._kept)
        if room > 0:
            self._kept += _unmasked(data[:room], self._key)
        turn = len(data) % 4
        self._key = self._key[turn:] + self._key[:turn]
        if not fits:
            self._count(len(data))
        return self._message() if self._final and not self._left else b""

    def _message(self) -> bytes:
        """End a message that did not go on as it came; return what does."""
        opcode, kept = self._opcode, bytes(self._kept)
        fits = self._size < self._limit
        self._opcode, self._size = CONTINUATION, 0
        self._kept.clear()
        if fits:
            return _frame(opcode, kept)
        return _frame(TEXT, self._stand_in(kept if opcode == TEXT else b""))

    def _let_judge(self, header: bytes) -> bytes:
        """Let everything through from here on."""
        self._judged = True
        self._kept.clear()
        # The reader knows nothing of a message that is open here.
        return _frame(TEXT, b" ", final=False) + header if self._opcode else header

    def _count(self, size: int) -> None:
        self._unheard += size
        while self._unheard >= self._limit:
            self._unheard -= self._limit
            self._heard()


def _header(data: bytes, at: int) -> tuple[int, int, bytes, int] | None:
    """Read the header of a frame.

    Returns:
        Its first byte, the length of the payload, the masking key (empty if there is none) and
        where the payload begins. None if the header is not all there.
    """
    begin = at + 2
    if len(data) < begin:
        return None
    length, masked = data[at + 1] & 0x7F, data[at + 1] & MASKED
    if length > 125:
        begin += 2 if length == 126 else 8
        length = int.from_bytes(data[at + 2 : begin], "big")
    end = begin + 4 if masked else begin
    if len(data) < end:
        return None
    return data[at], length, data[begin:end], end


def _unmasked(payload: bytes, key: bytes) -> bytes:
    size = len(payload)
    mask = int.from_bytes((key * (size // 4 + 1))[:size], "big")
    return (int.from_bytes(payload, "big") ^ mask).to_bytes(size, "big")


def _frame(opcode: int, payload: bytes, *, final: bool = True) -> bytes:
    """Return a frame as of a client, whose key is zero."""
    first, size = (FIN if final else 0) | opcode, len(payload)
    if size < 126:
        return struct.pack("!BB4x", first, MASKED | size) + payload
    if size < 65_536:
        return struct.pack("!BBH4x", first, MASKED | 126, size) + payload
    return struct.pack("!BBQ4x", first, MASKED | 127, size) + payload
