"""Leaderboards: nobody sees one before the teacher shows it, and never in an open round."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import replace
from functools import partial
from itertools import islice, takewhile

from livequiz.db.documents import leaderboard_document
from livequiz.db.store import Store
from livequiz.domain.errors import Code, QuizError
from livequiz.domain.leaderboard import shown_names, standings
from livequiz.domain.model import LeaderboardView, Meeting, Student
from livequiz.protocol import events
from livequiz.protocol.fields import LARGEST_SEED
from livequiz.protocol.leaderboard import Leaderboard, LeaderboardShown, Place
from livequiz.protocol.messages import MeetingUpdated
from livequiz.protocol.requests import ShowLeaderboard
from livequiz.server.cache.live_round import LiveMeeting, LiveRound
from livequiz.server.cache.meetings import MeetingCache, not_open
from livequiz.server.cache.shared_call import SharedCall
from livequiz.server.quiz.notifier import Notifier


class Ranking:
    """Everybody's place, and what of them is shown to all.

    Args:
        places: By student id, the first first.
        top: The last rank that is shown.
    """

    def __init__(self, places: dict[str, Place], top: int) -> None:
        self.places = list(places.values())
        self._index = {student_id: index for index, student_id in enumerate(places)}
        self._top = top
        # With ties, but never twice as many.
        shown = takewhile(lambda place: place.rank <= top, self.places)
        self.first = list(islice(shown, 2 * top))

    def seen_by(self, student_id: str) -> list[Place]:
        """Return the first places and a student's own, or only theirs with the two beside it."""
        index = self._index.get(student_id)
        if index is None:
            return self.first
        own = _own(self.places[index])
        if not self._top:
            return [
                *self.places[max(0, index - 1) : index],
                own,
                *self.places[index + 1 : index + 2],
            ]
        if index < len(self.first):
            return [*self.first[:index], own, *self.first[index + 1 :]]
        return [*self.first, own]


NOBODY = Ranking({}, 0)


class Leaderboards:
    """Shows the leaderboard of a meeting to its class.

    Args:
        store: Knows the students, and keeps how a leaderboard is shown.
        meetings: Caches the rounds.
        notifier: Tells students their places, and instructors what is shown.
        entropy: Generates the seed of a meeting's nicknames.
    """

    def __init__(
        self,
        store: Store,
        meetings: MeetingCache,
        notifier: Notifier,
        entropy: random.Random,
    ) -> None:
        self._store = store
        self._meetings = meetings
        self._notifier = notifier
        self._entropy = entropy
        # By meeting id.
        self._rankings: defaultdict[str, SharedCall[Ranking]] = defaultdict(SharedCall)

    async def show(self, meeting_id: str, request: ShowLeaderboard) -> MeetingUpdated:
        """Show the leaderboard after the newest round, or take it away; students hear of it.

        Raises:
            QuizError: `conflict` if that round is open, is another one than `round_id`, or there
                is none; or if nobody has any points; `not_found`.
        """
        cached = await self._meetings.get(meeting_id)
        async with cached.lock:  # no round is opened meanwhile
            return await self._show(cached, request)

    async def _show(self, cached: LiveMeeting, request: ShowLeaderboard) -> MeetingUpdated:
        meeting_id, live = cached.id, cached.latest
        meeting = await self._store.participants.meeting(meeting_id)
        if meeting is None:
            raise not_open(meeting_id)
        if request.shown and (live is None or not live.closed):
            why = "There is no leaderboard to show yet: close the round first."
            raise QuizError(Code.CONFLICT, why)
        if live is not None and request.round_id not in {None, live.round.id}:
            raise QuizError(Code.CONFLICT, "Another round has begun meanwhile.", "round_id")
        before = meeting.leaderboard
        seed = before.seed if before else self._entropy.randint(0, LARGEST_SEED)
        if request.shown or before is None:
            round_id = live.round.id if live and request.shown else ""
            view = LeaderboardView(round_id, request.top, request.names, seed)
        else:  # how it was shown is kept for the next time
            view = replace(before, round_id="")
        meeting = replace(meeting, leaderboard=view)
        self._rankings.pop(meeting_id, None)  # names may have changed
        ranking = await self._ranking(meeting, live)
        if request.shown and not any(place.points > 0 for place in ranking.places):
            raise QuizError(Code.CONFLICT, "Nobody has any points yet.")
        await self._store.participants.set_setting(
            meeting_id, "leaderboard", leaderboard_document(view)
        )
        cached.told = replace(cached.told, leaderboard=view)
        return await self._announce(meeting, view, ranking)

    async def changed_elsewhere(self, cached: LiveMeeting, meeting: Meeting) -> None:
        """Announce what another server shows. The caller holds the meeting's lock."""
        if meeting.leaderboard is not None:
            ranking = await self._ranking(meeting, cached.latest)
            await self._announce(meeting, meeting.leaderboard, ranking)

    async def for_class(self, meeting: Meeting, live: LiveRound) -> Leaderboard | None:
        """Return what projectors show of the leaderboard; None if it is not shown."""
        view = meeting.leaderboard
        ranking = await self._ranking(meeting, live)
        if view is None or not ranking.places:
            return None
        return Leaderboard(view.round_id, ranking.first, len(ranking.places))

    async def for_instructor(
        self, meeting: Meeting, live: LiveRound | None
    ) -> LeaderboardShown | None:
        """Return how the class sees the leaderboard, or saw it last; None if it never did."""
        view = meeting.leaderboard
        return None if view is None else _shown(view, await self._ranking(meeting, live))

    async def for_student(self, meeting: Meeting, student: Student) -> Leaderboard | None:
        """Return what a student sees of the leaderboard; None if it is not shown."""
        live = (await self._meetings.get(meeting.id)).latest
        ranking = await self._ranking(meeting, live)
        view = meeting.leaderboard
        return _seen_by(student.id, view, ranking) if view and ranking.places else None

    async def _announce(
        self, meeting: Meeting, view: LeaderboardView, ranking: Ranking
    ) -> MeetingUpdated:
        students = await self._store.participants.active_students(meeting.id)
        boards = ((student.id, _seen_by(student.id, view, ranking)) for student in students)
        packed = await self._notifier.pack(events.LEADERBOARD, boards)
        await self._notifier.to_each_student(meeting.id, packed)
        message = MeetingUpdated(
            meeting_id=meeting.id, locked=meeting.locked, leaderboard=_shown(view, ranking)
        )
        await self._notifier.to_instructors(meeting.id, events.MEETING_UPDATED, message)
        return message

    async def _ranking(self, meeting: Meeting, live: LiveRound | None) -> Ranking:
        """Return everybody's place if the leaderboard is shown after this round; else nobody's.

        Projectors ask for it once a second, so it is kept: after a round, points stay as they are.
        """
        view = meeting.leaderboard
        over = live is not None and live.closed
        if view is None or live is None or not over or view.round_id != live.round.id:
            self._rankings.pop(meeting.id, None)
            return NOBODY
        return await self._rankings[meeting.id].get(
            partial(self._rank, meeting, view, live), (view, meeting.banned)
        )

    async def _rank(self, meeting: Meeting, view: LeaderboardView, live: LiveRound) -> Ranking:
        everybody = await self._store.participants.students(meeting.id)
        had = (await self._meetings.past(await self._meetings.get(meeting.id))).seen
        names = {student.id: student.name for student in everybody}
        shown = shown_names(names, view.names_as, view.seed)
        points = {
            student.id: score.points
            if (score := live.scores.get(student.id))
            else student.total_points
            for student in sorted(everybody, key=lambda student: shown[student.id].casefold())
            if student.id in had and student.id not in meeting.banned
        }
        before = {
            student: round(
                each - (answer.points if (answer := live.responses.get(student)) else 0), 2
            )
            for student, each in points.items()
            if len(had[student]) > (student in live.assignments)
        }
        places = {
            each.student_id: Place(each.rank, shown[each.student_id], each.points, each.move)
            for each in standings(points, before)
        }
        return Ranking(places, view.top)


def _shown(view: LeaderboardView, ranking: Ranking) -> LeaderboardShown:
    return LeaderboardShown(
        round_id=view.round_id if ranking.places else "",
        places=ranking.first,
        of=len(ranking.places),
        top=view.top,
        names=view.names_as,
    )


def _seen_by(student_id: str, view: LeaderboardView, ranking: Ranking) -> Leaderboard:
    return Leaderboard(view.round_id, ranking.seen_by(student_id), len(ranking.places))


def _own(place: Place) -> Place:
    return Place(place.rank, place.name, place.points, place.move, own=True)
