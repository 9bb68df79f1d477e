"""What projectors show: no name and no result before the teacher says so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from livequiz.client.address import join_commands, page_address
from livequiz.client.qr import qr_modules
from livequiz.db.store import Store
from livequiz.domain import statistics
from livequiz.domain.errors import Code, QuizError
from livequiz.domain.model import Meeting
from livequiz.protocol import events
from livequiz.protocol.messages import MeetingUpdated
from livequiz.protocol.projection import (
    HardestQuestion,
    ProjectedRound,
    Projection,
    Results,
    topic_results,
)
from livequiz.server.cache.live_round import LiveMeeting, LiveRound
from livequiz.server.cache.meetings import MeetingCache
from livequiz.server.quiz.leaderboards import Leaderboards
from livequiz.server.quiz.notifier import Notifier
from livequiz.server.quiz.queries import Queries


class ProjectionView:
    """Meetings as the class may see them.

    Args:
        store: Counts who is here, and keeps whose results are shown.
        leaderboards: Knows what the class sees of the leaderboard.
        queries: Finds meetings, and knows how students reach the server.
        meetings: Caches the meetings.
        notifier: Tells instructors what is shown.
        now: The clock: aware UTC.
    """

    def __init__(
        self,
        store: Store,
        queries: Queries,
        meetings: MeetingCache,
        notifier: Notifier,
        leaderboards: Leaderboards,
        *,
        now: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._leaderboards = leaderboards
        self._notifier = notifier
        self._queries = queries
        self._meetings = meetings
        self._now = now

    async def of(self, meeting_id: str) -> Projection:
        """Return what projectors of a meeting show.

        Raises:
            QuizError: `not_found`.
        """
        meeting = await self._queries.meeting(meeting_id)
        live = (await self._meetings.get(meeting_id)).latest
        address, ssh_port = self._queries.address, self._queries.ssh_port
        page = page_address(address, meeting_id) if address else None
        return Projection(
            meeting_id=meeting_id,
            here=await self._store.participants.count_active(meeting_id),
            address=page,
            commands=join_commands(address, meeting_id, ssh_port) if address else [],
            qr=qr_modules(page) if page else [],
            round=await self._round(live, meeting) if live else None,
        )

    async def show_results(
        self, meeting_id: str, round_id: str | None, *, shown: bool
    ) -> MeetingUpdated:
        """Show the results of the newest round, or hide them; instructors hear of it.

        Raises:
            QuizError: `conflict` if that round is open, is another one than `round_id`, or there
                is none.
        """
        cached = await self._meetings.get(meeting_id)
        async with cached.lock:  # no round is opened meanwhile
            return await self._show_results(cached, round_id, shown)

    async def _show_results(
        self, cached: LiveMeeting, round_id: str | None, shown: bool
    ) -> MeetingUpdated:
        meeting_id, live = cached.id, cached.latest
        if shown and (live is None or not live.closed):
            why = "There are no results to show yet: close the round first."
            raise QuizError(Code.CONFLICT, why)
        if live is not None and round_id not in {None, live.round.id}:
            raise QuizError(Code.CONFLICT, "Another round has begun meanwhile.", "round_id")
        results_of = live.round.id if live and shown else ""
        await self._store.participants.set_setting(meeting_id, "results_of", results_of)
        cached.told = replace(cached.told, results_of=results_of)
        message = MeetingUpdated(
            meeting_id=meeting_id, locked=cached.told.locked, results_of=results_of
        )
        await self._notifier.to_instructors(meeting_id, events.MEETING_UPDATED, message)
        return message

    async def _round(self, live: LiveRound, meeting: Meeting) -> ProjectedRound:
        shown = live.closed and meeting.results_of == live.round.id
        return ProjectedRound(
            round_id=live.round.id,
            number=live.round.number,
            open=not live.closed,
            remaining=live.remaining(self._now()) if live.accepting else 0.0,
            assigned=len(live.assignments),
            answered=live.tally.responses,
            results=_results(live) if shown else None,
            leaderboard=await self._leaderboards.for_class(meeting, live) if live.closed else None,
        )


def _results(live: LiveRound) -> Results:
    tallies = statistics.tally_by_question(live.responses.values())
    found = statistics.hardest(tallies, live.questions)
    hardest = None
    if found is not None:
        question, tally = found
        hardest = HardestQuestion(
            question.text, tally.responses, tally.correct, question.explanation
        )
    topics = ((live.questions[key].topics, tally) for key, tally in tallies.items())
    return Results(live.tally.accuracy, topic_results(topics), hardest)
