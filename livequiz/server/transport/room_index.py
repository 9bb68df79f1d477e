"""A room manager with an index by connection, so that a disconnect need not scan all rooms.

For each disconnect the library scans every room, and each connection has rooms of its own: if a
lecture hall's Wi-Fi drops, the cost is quadratic.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from socketio.async_manager import AsyncManager


class RoomIndex(AsyncManager):  # type: ignore[misc]
    """A single-process client manager that indexes rooms by connection."""

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
        # It has left all of its rooms; hide the others, so that the library does not scan them.
        rooms, self.rooms = self.rooms, {namespace: {}}
        try:
            super().basic_disconnect(sid, namespace, **named)
        finally:
            self.rooms = rooms

    def members(self, room: str) -> Iterable[tuple[str, str]]:
        """Return the members of a room in the main namespace: pairs of Socket.IO and Engine.IO ids.

        This is a live view: copy it before you await anything.
        """
        found = self.rooms.get("/", {}).get(room)
        return () if found is None else found.items()

    def get_rooms(self, sid: str, namespace: str) -> list[str]:
        return [room for room in self._rooms_of.get((namespace, sid), ()) if room is not None]
