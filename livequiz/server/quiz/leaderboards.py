"""Leaderboards: nobody sees one before the teacher shows it, and never in an open round."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import replace

from livequiz.db.documents import leaderboard_document
from livequiz.db.store import Store
from livequiz.domain.errors import Code, QuizError
from livequiz.domain.leaderboard import shown_names, standings
from livequiz.domain.model import LeaderboardView, Meeting, RoundState, Student
from livequiz.protocol import events
from livequiz.protocol.fields import LARGEST_SEED
from livequiz.protocol.leaderboard import Leaderboard, LeaderboardShown, Place
from livequiz.protocol.messages import MeetingUpdated
from livequiz.protocol.requests import ShowLeaderboard
from livequiz.server.cache.live_round import LiveRound
from livequiz.server.cache.meetings import MeetingCache, not_open
from livequiz.server.quiz.notifier import Notifier

Ranking = dict[str, Place]  # by student id, the first first


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
        self._rankings: dict[str, tuple[LeaderboardView, Ranking]] = {}  # by meeting id

    async def show(self, meeting_id: str, request: ShowLeaderboard) -> MeetingUpdated:
        """Show the leaderboard after the newest round, or take it away; students hear of it.

        Raises:
            QuizError: `conflict` if that round is open, is another one than `round_id`, or there
                is none; or if nobody has any points; `not_found`.
        """
        meeting = await self._store.participants.meeting(meeting_id)
        if meeting is None:
            raise not_open(meeting_id)
        live = (await self._meetings.get(meeting_id)).latest
        if request.shown and (live is None or live.round.state is not RoundState.CLOSED):
            why = "There is no leaderboard to show yet: close the round first."
            raise QuizError(Code.CONFLICT, why)
        if live is not None and request.round_id not in {None, live.round.id}:
            raise QuizError(Code.CONFLICT, "Another round has begun meanwhile.", "round_id")
        before = meeting.leaderboard
        seed = before.seed if before else self._entropy.randint(0, LARGEST_SEED)
        round_id = live.round.id if live and request.shown else ""
        view = LeaderboardView(round_id, request.top, request.names, seed)
        meeting = replace(meeting, leaderboard=view)
        self._rankings.pop(meeting_id, None)
        ranking = await self._ranking(meeting, live)
        if request.shown and not any(place.points > 0 for place in ranking.values()):
            raise QuizError(Code.CONFLICT, "Nobody has any points yet.")
        await self._store.participants.set_setting(
            meeting_id, "leaderboard", leaderboard_document(view)
        )
        await self._tell_students(meeting, ranking)
        message = MeetingUpdated(
            meeting_id=meeting_id,
            locked=meeting.locked,
            leaderboard=_shown(view, ranking),
        )
        await self._notifier.to_instructors(meeting_id, events.MEETING_UPDATED, message)
        return message

    async def for_class(self, meeting: Meeting, live: LiveRound) -> Leaderboard | None:
        """Return what projectors show of the leaderboard; None if it is not shown."""
        view = meeting.leaderboard
        ranking = await self._ranking(meeting, live)
        if view is None or not ranking:
            return None
        return Leaderboard(view.round_id, _first(ranking, view.top), len(ranking))

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
        return _seen_by(student.id, view, ranking) if view and ranking else None

    async def _tell_students(self, meeting: Meeting, ranking: Ranking) -> None:
        view = meeting.leaderboard
        assert view is not None  # noqa: S101
        students = await self._store.participants.active_students(meeting.id)
        boards = ((student.id, _seen_by(student.id, view, ranking)) for student in students)
        packed = await self._notifier.pack(events.LEADERBOARD, boards)
        await self._notifier.to_each_student(meeting.id, packed)

    async def _ranking(self, meeting: Meeting, live: LiveRound | None) -> Ranking:
        """Return everybody's place if the leaderboard is shown after this round; else nobody's.

        Projectors ask for it once a second, so it is kept: after a round, points stay as they are.
        """
        view = meeting.leaderboard
        if view is None or live is None or view.round_id != live.round.id:
            return {}
        known = self._rankings.get(meeting.id)
        if known is None or known[0] != view:
            known = self._rankings[meeting.id] = (view, await self._rank(meeting, view, live))
        return known[1]

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
        return {
            each.student_id: Place(each.rank, shown[each.student_id], each.points, each.move)
            for each in standings(points, before)
        }


def _shown(view: LeaderboardView, ranking: Ranking) -> LeaderboardShown:
    return LeaderboardShown(
        round_id=view.round_id if ranking else "",
        places=_first(ranking, view.top),
        of=len(ranking),
        top=view.top,
        names=view.names_as,
    )


def _first(ranking: Ranking, top: int) -> list[Place]:
    """Return the places up to a rank, ties included, but never twice as many."""
    places = [place for place in ranking.values() if place.rank <= top]
    return places[: 2 * top]


def _seen_by(student_id: str, view: LeaderboardView, ranking: Ranking) -> Leaderboard:
    places = _first(ranking, view.top)
    own = ranking.get(student_id)
    if own is not None and not view.top:
        ids = list(ranking)
        index = ids.index(student_id)
        places = [ranking[each] for each in ids[max(0, index - 1) : index + 2]]
    elif own is not None and own not in places:
        places.append(own)
    marked: Iterable[Place] = (_own(place) if place is own else place for place in places)
    return Leaderboard(view.round_id, list(marked), len(ranking))


def _own(place: Place) -> Place:
    return Place(place.rank, place.name, place.points, place.move, own=True)
