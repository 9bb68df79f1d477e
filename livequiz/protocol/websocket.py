"""Encodes text frames of the WebSocket protocol (RFC 6455, section 5.2)."""

from __future__ import annotations

import struct

FINAL_TEXT = 0x81
_MASKED = 0x80


def text_frame(payload: bytes, mask: bytes = b"") -> bytes:
    """Return an unfragmented text frame.

    Args:
        payload: The payload, already masked if it needs to be.
        mask: The four-byte masking key of a client; a server's frames have none.
    """
    size, flag = len(payload), _MASKED if mask else 0
    if size < 126:
        return bytes((FINAL_TEXT, flag | size)) + mask + payload
    if size < 65_536:
        return struct.pack("!BBH", FINAL_TEXT, flag | 126, size) + mask + payload
    return struct.pack("!BBQ", FINAL_TEXT, flag | 127, size) + mask + payload
