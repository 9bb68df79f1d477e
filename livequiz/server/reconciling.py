"""Compares who is connected here with what MongoDB says, and acts on every difference."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from livequiz.db.participants import Seat
from livequiz.db.store import Store
from livequiz.protocol import messages
from livequiz.server.departures import Departures
from livequiz.server.outbox import Outbox
from livequiz.server.seats import HeldSeat, Seats


class Reconciling:
    """Ends connections whose seat is taken elsewhere, and departures that nobody stored.

    Args:
        store: The truth.
        seats: Who is connected here.
        departures: Where ghosts go.
        outbox: Reaches who is replaced.
        node_id: This server.
        now: The clock: aware UTC.
    """

    def __init__(
        self,
        store: Store,
        seats: Seats,
        departures: Departures,
        outbox: Outbox,
        *,
        node_id: str,
        now: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._seats = seats
        self._departures = departures
        self._outbox = outbox
        self._node_id = node_id
        self._now = now
        self.alone = True  # as far as it was known a moment ago

    async def all_meetings(self) -> None:
        """Look at everybody who is connected here."""
        for meeting_id in self._seats.meetings():
            await self.meeting(meeting_id)

    async def meeting(self, meeting_id: str) -> None:
        """Look at a meeting: one query, however many are connected.

        Raises:
            QuizError: `unavailable`.
        """
        ids = self._seats.of_meeting(meeting_id).keys()
        if not ids:
            return
        back: list[HeldSeat] = []
        for stored in await self._store.people.lost_seats(meeting_id, self._node_id, ids):
            held = self._seats.get(stored.key)
            if held is None:
                continue
            if stored.version > held.version:
                await self._end(held, stored)
            elif stored.version == held.version:
                back.append(held)  # this server was taken for ended
        await self._return(back)

    async def _end(self, held: HeldSeat, stored: Seat) -> None:
        if self._seats.give_up(held):
            await self._outbox.drop_student(held, replaced() if stored.socket_id else removed())

    async def _return(self, back: list[HeldSeat]) -> None:
        if not back:
            return
        versions = {held.key: held.version for held in back}
        await self._store.people.return_to_seats(versions, self._now())
        for held in back:
            if held.lost and self._seats.get(held.key) is None:
                self._departures.add(held, left=False)  # it went meanwhile

    async def ghosts(self) -> None:
        """Store the departure of who counts as connected here and is not.

        Raises:
            QuizError: `unavailable`.
        """
        for stored in await self._store.people.ghosts(self._node_id, self._seats.sockets()):
            held = self._seats.get(stored.key)
            newer = held is not None and held.version >= stored.version
            if not newer and not self._seats.changing(stored.key):
                ghost = HeldSeat(stored.student, stored.socket_id or "", stored.version)
                self._departures.add(ghost, left=False)


def replaced() -> messages.Removed:
    """Return what the older of two connections is told."""
    return messages.Removed(
        reason="replaced", message="You joined from another place, so this one was closed."
    )


def removed(*, ban: bool = False) -> messages.Removed:
    """Return what a student is told whom the teacher sent out."""
    message = "Your teacher has removed you from this meeting"
    message += " for good." if ban else ". You can join again."
    return messages.Removed(reason="banned" if ban else "removed", message=message)
