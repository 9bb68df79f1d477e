"""Figures of a meeting or of all of them, for dashboards."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import partial

from livequiz.db.store import Store
from livequiz.domain.model import Difficulty
from livequiz.domain.statistics import ENOUGH, NO_TOPIC, TIMES, Tally, tally_by_question
from livequiz.protocol.figures import Figures, QuestionFigures, Scope, TopicFigures
from livequiz.server.cache.live_round import LiveRound
from livequiz.server.cache.meetings import MeetingCache
from livequiz.server.cache.questions import BankCache, BankSnapshot
from livequiz.server.cache.shared_call import SharedCall

MOST_LOW = 50  # questions
LOW = 50.0  # per cent
MOST_KNOWN = 100  # results that are kept


class FiguresView:
    """Adds up the answers in all rounds before the newest.

    Args:
        store: Counts answers of other meetings.
        bank: Knows the questions' topics.
        meetings: Caches the answers of each meeting.
    """

    def __init__(self, store: Store, bank: BankCache, meetings: MeetingCache) -> None:
        self._store = store
        self._bank = bank
        self._meetings = meetings
        # All dashboards of a class ask for the same, once in each round.
        self._known: dict[tuple[str, Scope], SharedCall[Figures]] = {}

    async def of(self, meeting_id: str, scope: Scope) -> Figures:
        """Return the figures before the newest round of a meeting."""
        live = (await self._meetings.get(meeting_id)).latest
        bank = await self._bank.snapshot()
        key = meeting_id, scope
        basis = live.round.id if live else None, len(live.assignments) if live else 0, bank.state
        known = self._known[key] = self._known.pop(key, SharedCall())  # the last one now
        if len(self._known) > MOST_KNOWN:
            del self._known[next(iter(self._known))]
        return await known.get(partial(self._count, meeting_id, scope, live, bank), basis)

    async def _count(
        self, meeting_id: str, scope: Scope, live: LiveRound | None, bank: BankSnapshot
    ) -> Figures:
        within = meeting_id if scope is Scope.MEETING else None
        newest = live.round.id if live else None
        tallies: Mapping[str, Tally]
        if scope is Scope.MEETING:
            tallies = _before(live) if live else {}
        else:
            tallies = await self._store.history.tallies(but=newest)
        times = await self._store.history.response_times(TIMES, within, but=newest)
        questions = await bank.get_many(tallies.keys())
        topics: defaultdict[tuple[str, Difficulty | None], Tally] = defaultdict(Tally)
        for question_id, tally in tallies.items():
            question = questions.get(question_id)
            if question is not None:
                topics[question.topic or NO_TOPIC, question.difficulty] += tally
        enough = [q for q, tally in tallies.items() if tally.responses >= ENOUGH]
        low = [q for q in enough if _share(tallies[q]) < LOW]
        low.sort(key=lambda question_id: _share(tallies[question_id]))
        listed = dict.fromkeys([*low[:MOST_LOW], *(live.questions if live else ())])
        return Figures(
            scope=scope,
            round_id=newest,
            topics=[
                TopicFigures(topic, level, tally.responses, tally.correct)
                for (topic, level), tally in topics.items()
            ],
            questions=[
                QuestionFigures(q, questions[q].text, tallies[q].responses, tallies[q].correct)
                for q in listed
                if q in questions
            ],
            times=times,
        )


def _before(live: LiveRound) -> dict[str, Tally]:
    """Return the tallies of the meeting without its newest round."""
    now = tally_by_question(live.responses.values())
    before = {q: tally - now.get(q, Tally()) for q, tally in live.by_question.items()}
    return {q: tally for q, tally in before.items() if tally.responses}


def _share(tally: Tally) -> float:
    return tally.accuracy or 0.0
