"""What each student has seen: in this meeting, in the lessons of their class, or ever."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from livequiz.db.store import Store
from livequiz.domain.model import NeverTwice
from livequiz.server.cache.live_round import LiveMeeting
from livequiz.server.cache.meetings import MeetingCache

SeenByStudent = Mapping[str, Sequence[str]]  # question ids by student id, oldest first


class SeenBefore:
    """Knows which questions students got, as far back as the operator wants.

    Args:
        store: Reads earlier meetings, once for each meeting.
        meetings: Knows the rounds of the meeting itself.
        scope: How far back to look.
    """

    def __init__(self, store: Store, meetings: MeetingCache, scope: NeverTwice) -> None:
        self._store = store
        self._meetings = meetings
        self._scope = scope
        self._earlier: dict[str, SeenByStudent] = {}  # by meeting

    async def of(self, meeting: LiveMeeting) -> SeenByStudent:
        """Return the questions that students have seen before the next round of a meeting."""
        here = (await self._meetings.past(meeting)).seen
        earlier = await self._before(meeting.id)
        if not earlier:
            return here
        return {s: [*earlier.get(s, ()), *here.get(s, ())] for s in earlier.keys() | here.keys()}

    async def _before(self, meeting_id: str) -> SeenByStudent:
        if self._scope is NeverTwice.MEETING:
            return {}
        if meeting_id not in self._earlier:
            class_name = None
            if self._scope is NeverTwice.CLASS:
                meeting = await self._store.participants.meeting(meeting_id)
                class_name = meeting.class_name if meeting else ""
            # Without a class there are no other lessons of it.
            self._earlier[meeting_id] = (
                {}
                if class_name == ""
                else await self._store.history.seen_elsewhere(meeting_id, class_name)
            )
        return self._earlier[meeting_id]
