"""Which connections are in which rooms, without a walk through all rooms when one ends.

The library looks into every room for each connection that ends; every student has two rooms of
its own, so that a lecture hall whose Wi-Fi drops cost the square of its size.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from socketio.async_manager import AsyncManager


class Manager(AsyncManager):  # type: ignore[misc]
    """The client manager of one process, which knows the rooms of each connection."""

    rooms: dict[str, dict[str | None, Any]]

    def __init__(self) -> None:
        super().__init__()
        self._rooms_of: defaultdict[tuple[str, str], dict[str | None, None]] = defaultdict(dict)

    def basic_enter_room(
        self, sid: str, namespace: str, room: str | None, eio_sid: str | None = None
    ) -> None:
        super().basic_enter_room(sid, namespace, room, eio_sid)
        self._rooms_of[namespace, sid][room] = None

    def basic_leave_room(self, sid: str, namespace: str, room: str | None) -> None:
        super().basic_leave_room(sid, namespace, room)
        if (rooms := self._rooms_of.get((namespace, sid))) is not None:
            rooms.pop(room, None)
            if not rooms:
                del self._rooms_of[namespace, sid]

    def basic_disconnect(self, sid: str, namespace: str, **named: Any) -> None:
        for room in list(self._rooms_of.get((namespace, sid), ())):
            self.basic_leave_room(sid, namespace, room)
        # It is in no room any more; the rest of what the library does needs to find none.
        rooms, self.rooms = self.rooms, {namespace: {}}
        try:
            super().basic_disconnect(sid, namespace, **named)
        finally:
            self.rooms = rooms

    def members(self, room: str) -> Iterable[tuple[str, str]]:
        """Return who is in a room of the main namespace: connections, and their Engine.IO ids.

        Nothing is copied; whoever lets others have a turn meanwhile has to do that.
        """
        found = self.rooms.get("/", {}).get(room)
        return () if found is None else found.items()

    def get_rooms(self, sid: str, namespace: str) -> list[str]:
        return [room for room in self._rooms_of.get((namespace, sid), ()) if room is not None]
