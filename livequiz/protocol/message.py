"""The base class of all messages."""

from __future__ import annotations

from msgspec import Struct


class Message(Struct, omit_defaults=True):
    """The base class of all messages."""
