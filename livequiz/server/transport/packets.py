"""Tolerant parsing of Socket.IO packets.

For a frame that it can't parse, python-socketio logs a traceback and sends no ack. Here such a
frame becomes an unknown event, so that it is refused like any other bad request.
"""

from __future__ import annotations

import json
import re
from typing import Any

from socketio import packet

from livequiz.domain.errors import Code, QuizError
from livequiz.server.limits import LARGEST_EVENT, LARGEST_EVENTS, LARGEST_OF_INSTRUCTORS

_TOO_LARGE = "(too large)"  # replaces the arguments of an oversized event
_HEAD = 200  # characters within which to look for an event's name
# Socket.IO: the packet type (CONNECT or event), a namespace, an ack id, the event's name.
_CONNECT = re.compile(r"0(?:/[^,]*,)?")
_EVENT = re.compile(
    r'[25](?:[0-9]{1,9}-)?((?:/[^,]*,)?[0-9]{0,19})(?![0-9])(?:\[("(?:[^"\\]|\\.)*"))?'
)
UNREADABLE = "(unreadable)"
LONGEST_INTEGER = 30  # digits; no field accepts more
_LONG_INTEGER = re.compile(rf"[0-9]{{{LONGEST_INTEGER + 1}}}")
_WITHOUT_EVENT = frozenset({packet.CONNECT, packet.DISCONNECT, packet.ACK})


def without_oversized(data: str, *, instructor: bool) -> str:
    """Return a Socket.IO packet, or a stand-in if it is larger than its event may be.

    The stand-in has the same event name and ack id, so that it is refused like any other bad
    request. Only the beginning of an oversized packet is parsed.

    Args:
        data: The packet.
        instructor: Whether the sender is an instructor.
    """
    if len(data) * 4 <= LARGEST_EVENT:  # a character has at most 4 bytes in UTF-8
        return data
    found = _EVENT.match(data[:_HEAD])
    event = found[2][1:-1] if found and found[2] else ""
    largest = LARGEST_EVENTS.get(event, LARGEST_EVENT)
    if instructor:
        largest = LARGEST_OF_INSTRUCTORS.get(event, largest)
    if len(data) <= largest and (data.isascii() or len(data.encode()) <= largest):
        return data
    return stand_in(data)


def stand_in(data: str) -> str:
    """Return a short packet to be refused in place of one that is not parsed in full."""
    if (connect := _CONNECT.match(data[:_HEAD])) is not None:
        return f'{connect[0]}"{_TOO_LARGE}"'
    found = _EVENT.match(data[:_HEAD])
    name = found[2] if found and found[2] else f'"{UNREADABLE}"'
    return f'2{found[1] if found else ""}[{name},"{_TOO_LARGE}"]'


def oversize_error(arguments: tuple[object, ...]) -> QuizError | None:
    """Return the error for an event if its arguments mark it as an oversized event's stand-in."""
    if arguments != (_TOO_LARGE,):
        return None
    return QuizError(Code.BAD_REQUEST, "That is too large. Please send less at once.")


class TolerantJson:
    """JSON that accepts NaN and integers of any length; the field's type is checked later."""

    dumps = staticmethod(json.dumps)

    @staticmethod
    def loads(text: str) -> Any:
        if _LONG_INTEGER.search(text) is None:
            return json.loads(text)  # parse_int is slow: a Python call per integer
        return json.loads(text, parse_int=_number)


class TolerantPacket(packet.Packet):  # type: ignore[misc]
    """A packet that can be decoded from any frame."""

    json = TolerantJson
    packet_type: int
    data: Any

    def __init__(self, *args: Any, encoded_packet: str | bytes | None = None, **named: Any) -> None:
        super().__init__(*args, encoded_packet=encoded_packet, **named)
        if encoded_packet is not None and not encoded_packet:
            self.decode(encoded_packet)  # the library would not decode an empty frame

    def decode(self, encoded_packet: str | bytes) -> int:
        """Decode a frame; return the number of attachments, which is 0: no request has any."""
        if isinstance(encoded_packet, bytes):
            self.packet_type, self.data = packet.ACK, []  # an attachment; not expected, so ignored
            return 0
        try:
            super().decode(encoded_packet)
        except (ValueError, RecursionError):
            self.packet_type, self.data = packet.EVENT, None
        if self.packet_type not in _WITHOUT_EVENT:
            self.packet_type = packet.EVENT
            if not _is_event(self.data):
                self.data = [UNREADABLE]
        return 0


def _is_event(data: object) -> bool:
    return isinstance(data, list) and bool(data) and isinstance(data[0], str)


def _number(digits: str) -> float:
    return int(digits) if len(digits) <= LONGEST_INTEGER else float(digits)
