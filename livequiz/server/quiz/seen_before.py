"""What each student has seen: in this meeting, in the lessons of their class, or ever."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from time import monotonic

from livequiz.db.store import Store
from livequiz.domain.model import NeverTwice
from livequiz.domain.preferences import Attempt
from livequiz.server.cache.live_round import LiveMeeting
from livequiz.server.cache.meetings import MeetingCache

SeenByStudent = Mapping[str, Sequence[str]]  # question ids by student id, oldest first


KEPT_FOR = 600.0  # seconds, for what was seen in other meetings


class SeenBefore:
    """Knows which questions students got, as far back as the operator wants.

    Args:
        store: Reads other meetings, once for each student in ten minutes.
        meetings: Knows the rounds of the meeting itself.
        scope: How far back to look.
    """

    def __init__(self, store: Store, meetings: MeetingCache, scope: NeverTwice) -> None:
        self._store = store
        self._meetings = meetings
        self.scope = scope
        # By meeting and class: when it was begun, and what was seen by student id.
        self._elsewhere: dict[tuple[str, str], tuple[float, dict[str, list[str]]]] = {}

    async def of(self, meeting: LiveMeeting, student_ids: Collection[str]) -> SeenByStudent:
        """Return the questions that students have seen before the next round of a meeting.

        Args:
            meeting: The meeting.
            student_ids: Those who take part; the result may contain others.
        """
        here = (await self._meetings.past(meeting)).seen
        if self.scope is NeverTwice.MEETING:
            return here
        elsewhere = await self._in_other_meetings(meeting.id, student_ids)
        both = {s: [*elsewhere.get(s, ()), *here.get(s, ())] for s in student_ids}
        return {**here, **both}

    async def attempts(
        self, meeting: LiveMeeting, student_ids: Collection[str]
    ) -> Mapping[str, Sequence[Attempt]]:
        """Return what students got in the closed rounds of a meeting, and how they answered."""
        numbers = (await self._meetings.past(meeting)).numbers
        return await self._store.history.attempts(student_ids, numbers)

    async def _in_other_meetings(
        self, meeting_id: str, student_ids: Collection[str]
    ) -> SeenByStudent:
        class_name = await class_looked_at(self._store, meeting_id, self.scope)
        if class_name == "":
            return {}
        key = meeting_id, class_name or ""
        begun, known = self._elsewhere.get(key, (0.0, {}))
        if monotonic() > begun + KEPT_FOR:
            self._elsewhere = {key: (monotonic(), known := {})}
        if missing := [student for student in student_ids if student not in known]:
            found = await self._store.history.seen_elsewhere(meeting_id, class_name, missing)
            known |= {student: found.get(student, []) for student in missing}
        return known


async def class_looked_at(store: Store, meeting_id: str, scope: NeverTwice) -> str | None:
    """Return the class whose other meetings count; None for all, "" for none."""
    if scope is NeverTwice.EVER:
        return None
    meeting = await store.participants.meeting(meeting_id) if scope is NeverTwice.CLASS else None
    # Without a class, no other meeting is known to be of the same one.
    return meeting.class_name if meeting else ""
