"""Seat reconciliation: compares the seats held here with MongoDB and resolves differences."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from livequiz.db.store import Store
from livequiz.protocol import messages
from livequiz.server.quiz.departures import Departures
from livequiz.server.quiz.notifier import Notifier
from livequiz.server.quiz.seats import HeldSeat, Seats


class SeatReconciler:
    """Ends connections whose seat was taken elsewhere, and stores departures that were missed.

    Args:
        store: The source of truth.
        seats: The seats held by connections here.
        departures: Stores the departures of ghosts.
        notifier: Notifies and closes replaced connections.
        node_id: This server's id.
        now: The clock: aware UTC.
    """

    def __init__(
        self,
        store: Store,
        seats: Seats,
        departures: Departures,
        notifier: Notifier,
        *,
        node_id: str,
        now: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._seats = seats
        self._departures = departures
        self._notifier = notifier
        self._node_id = node_id
        self._now = now
        self.alone = True  # whether no other server ran at the last look

    async def all_meetings(self) -> None:
        """Reconcile all seats held here."""
        for meeting_id in self._seats.meetings():
            await self.meeting(meeting_id)

    async def meeting(self, meeting_id: str) -> None:
        """Reconcile a meeting's seats with one query, regardless of their number.

        Raises:
            QuizError: `unavailable`.
        """
        ids = self._seats.of_meeting(meeting_id).keys()
        if not ids:
            return
        back: list[HeldSeat] = []
        for stored in await self._store.participants.lost_seats(meeting_id, self._node_id, ids):
            held = self._seats.get(stored.key)
            if held is None:
                continue
            if stored.version > held.version:
                if self._seats.give_up(held):
                    why = replaced() if stored.socket_id else removed()
                    await self._notifier.drop_student(held, why)
            elif stored.version == held.version:
                back.append(held)  # this server's lease had expired
        await self._return(back)

    async def _return(self, back: list[HeldSeat]) -> None:
        if not back:
            return
        versions = {held.key: held.version for held in back}
        await self._store.participants.return_to_seats(versions, self._now())
        for held in back:
            if held.lost and self._seats.get(held.key) is None:
                self._departures.add(held, left=False)  # the student has left meanwhile

    async def ghosts(self) -> None:
        """Store the departure of ghosts: students stored as connected here who are not.

        Raises:
            QuizError: `unavailable`.
        """
        for stored in await self._store.participants.ghosts(self._node_id, self._seats.sockets()):
            held = self._seats.get(stored.key)
            newer = held is not None and held.version >= stored.version
            if not newer and not self._seats.changing(stored.key):
                ghost = HeldSeat(stored.student, stored.socket_id or "", stored.version)
                self._departures.add(ghost, left=False)


def replaced() -> messages.Removed:
    """Return the message for the older of a student's two connections."""
    return messages.Removed(
        reason="replaced", message="You joined from somewhere else, so this connection was closed."
    )


def removed(*, ban: bool = False) -> messages.Removed:
    """Return the message for a student whom the teacher has removed or banned."""
    message = "Your teacher has removed you from this meeting"
    message += " for good." if ban else ". You can join again."
    return messages.Removed(reason="banned" if ban else "removed", message=message)
