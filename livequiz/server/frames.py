"""Socket.IO packets as clients send them, whether they are right or not.

For a frame that it can't read, python-socketio logs a traceback and sends no ack. Here it becomes
an event that nobody knows, so that it is refused like any other bad request.
"""

from __future__ import annotations

import json
from typing import Any

from socketio import packet

UNREADABLE = "(unreadable)"
LONGEST_INTEGER = 30  # digits; no field holds more
_WITHOUT_EVENT = frozenset({packet.CONNECT, packet.DISCONNECT, packet.ACK})


class _Json:
    """JSON in which an integer of any length is a number, and so the field's type decides."""

    dumps = staticmethod(json.dumps)

    @staticmethod
    def loads(text: str) -> Any:
        return json.loads(text, parse_int=_number)


class Frame(packet.Packet):  # type: ignore[misc]
    """A packet that decodes from anything."""

    json = _Json
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
