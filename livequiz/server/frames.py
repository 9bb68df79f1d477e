"""Socket.IO packets as clients send them, whether they are right or not.

For a frame that it can't read, python-socketio logs a traceback and sends no ack. Here it becomes
an event that nobody knows, so that it is refused like any other bad request.
"""

from __future__ import annotations

import json
import re
from typing import Any

from socketio import packet

from livequiz.domain.errors import Code, QuizError
from livequiz.protocol import events

KIB = 1024
LARGEST_EVENT = 2 * KIB  # bytes of a Socket.IO packet; of some events it is more:
LARGEST_EVENTS = {events.SUBMIT_ANSWER: 8 * KIB}
LARGEST_OF_INSTRUCTORS = {  # up to 1,000 ids
    events.TRIGGER_QUESTIONS: 28 * KIB,
    events.PREVIEW_ROUND: 28 * KIB,
}
_TOO_LARGE = "(too large)"  # the only argument of an event whose own was too large
_HEAD = 200  # characters in which the name of an event stands
# Socket.IO: CONNECT or an event, a namespace, the number of an ack, the event's name.
_CONNECT = re.compile(r"0(?:/[^,]*,)?")
_EVENT = re.compile(
    r'[25](?:[0-9]{1,9}-)?((?:/[^,]*,)?[0-9]{0,19})(?![0-9])(?:\[("(?:[^"\\]|\\.)*"))?'
)
UNREADABLE = "(unreadable)"
LONGEST_INTEGER = 30  # digits; no field holds more
_LONG_INTEGER = re.compile(rf"[0-9]{{{LONGEST_INTEGER + 1}}}")
_WITHOUT_EVENT = frozenset({packet.CONNECT, packet.DISCONNECT, packet.ACK})


def fitting(data: str, *, instructor: bool) -> str:
    """Return a Socket.IO packet, or what stands in for one that is larger than its event may be.

    The stand-in is the same event with the same number of its ack, so that it is refused like any
    other bad request; nothing of the packet but its beginning is looked at.

    Args:
        data: The packet.
        instructor: Whether an instructor sends it.
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
    """Return a short packet that is refused as another one would be, which is not read."""
    if (connect := _CONNECT.match(data[:_HEAD])) is not None:
        return f'{connect[0]}"{_TOO_LARGE}"'
    found = _EVENT.match(data[:_HEAD])
    name = found[2] if found and found[2] else f'"{UNREADABLE}"'
    return f'2{found[1] if found else ""}[{name},"{_TOO_LARGE}"]'


def refusal(arguments: tuple[object, ...]) -> QuizError | None:
    """Return the error of an event if these are the arguments of one that was too large."""
    if arguments != (_TOO_LARGE,):
        return None
    return QuizError(Code.BAD_REQUEST, "That is too large. Please send less at once.")


class TolerantJson:
    """JSON in which NaN and an integer of any length are numbers: the field's type decides."""

    dumps = staticmethod(json.dumps)

    @staticmethod
    def loads(text: str) -> Any:
        if _LONG_INTEGER.search(text) is None:
            return json.loads(text)  # a call for each integer would cost more than all the rest
        return json.loads(text, parse_int=_number)


class Frame(packet.Packet):  # type: ignore[misc]
    """A packet that decodes from anything."""

    json = TolerantJson
    packet_type: int
    data: Any

    def __init__(self, *args: Any, encoded_packet: str | bytes | None = None, **named: Any) -> None:
        super().__init__(*args, encoded_packet=encoded_packet, **named)
        if encoded_packet is not None and not encoded_packet:
            self.decode(encoded_packet)  # the library takes an empty frame for none

    def decode(self, encoded_packet: str | bytes) -> int:
        """Read a frame; return how many attachments follow, which is none: no request has any."""
        if isinstance(encoded_packet, bytes):
            self.packet_type, self.data = packet.ACK, []  # an attachment; nobody waits for it
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
