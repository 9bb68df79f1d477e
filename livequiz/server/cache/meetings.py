"""Meeting cache: loads each meeting from MongoDB once, and later only what is new."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping

from livequiz.db.history import Answered, Assigned
from livequiz.db.store import Store
from livequiz.domain.errors import Code, QuizError
from livequiz.domain.model import Assignment, Question, Round, RoundState, Student
from livequiz.domain.statistics import Tally, tally, tally_by_question
from livequiz.server.cache.history import ClosedRounds
from livequiz.server.cache.live_round import LiveMeeting, LiveRound, Score, factors

MOST_SEEN = 2_000_000  # entries of `ClosedRounds` cached over all meetings, 8 bytes each
DOUBT = 20.0  # seconds; longer than a write may take
MOST_ROUNDS = 10_000  # of a meeting, read at once


class MeetingCache:
    """Caches the meetings that this process has served.

    Args:
        store: The source of truth.
        loaded: Called with the newest round of a meeting when the meeting is first loaded.
    """

    def __init__(self, store: Store, loaded: Callable[[LiveRound], Awaitable[None]]) -> None:
        self._store = store
        self._loaded = loaded
        self._known: dict[str, LiveMeeting] = {}
        self.distrust_began = asyncio.Event()
        self._distrusted_until = 0.0

    def distrust(self) -> None:
        """Mark the cache as possibly stale, for instance because a write's reply was lost."""
        self._distrusted_until = time.monotonic() + DOUBT
        self.distrust_began.set()

    @contextlib.contextmanager
    def distrust_unless_done(self) -> Iterator[None]:
        """Distrust the cache if the block fails: its write may have been stored all the same."""
        try:
            yield
        except BaseException:
            self.distrust()
            raise

    @property
    def distrusted(self) -> bool:
        """Whether the cache was distrusted recently: a write in doubt may still be under way."""
        return time.monotonic() < self._distrusted_until

    async def get(self, meeting_id: str) -> LiveMeeting:
        """Return a meeting with its newest round, loaded on first use.

        Raises:
            QuizError: `not_found` if the meeting has not been opened.
        """
        meeting = self._known.get(meeting_id)
        if meeting is None:
            stored = await self._store.participants.meeting(meeting_id)
            if stored is None:
                raise not_open(meeting_id)
            meeting = self._known.setdefault(meeting_id, LiveMeeting(meeting_id, stored))
        if not meeting.loaded:
            async with meeting.lock:
                if not meeting.loaded:
                    await load(self._store, meeting)
                    if meeting.latest is not None:
                        await self._loaded(meeting.latest)
        return meeting

    async def usable(self, meeting_id: str) -> LiveMeeting | None:
        """Return a meeting, or None if it can't be loaded from its documents.

        Raises:
            QuizError: `unavailable`.
        """
        try:
            return await self.get(meeting_id)
        except QuizError as error:
            if error.code is Code.UNAVAILABLE:
                raise
            return None

    async def unload(self, meeting_id: str) -> None:
        """Drop the copy of a meeting's rounds, unless one is open; its next use reads them."""
        meeting = self._known.get(meeting_id)
        if meeting is not None:
            async with meeting.lock:
                if meeting.open is None:
                    meeting.latest = meeting.past = None
                    meeting.loaded = False

    def known(self) -> list[LiveMeeting]:
        """Return the cached meetings."""
        return list(self._known.values())

    async def past(self, meeting: LiveMeeting) -> ClosedRounds:
        """Return a meeting's closed rounds, including the latest once it is closed."""
        while meeting.past is None:
            latest = meeting.latest
            past = await _read_past(self._store, meeting.id, latest)
            if meeting.latest is latest:
                meeting.past = past
        latest = meeting.latest
        if latest is not None and latest.closed:
            meeting.past.add(latest.round, latest.assignments.values(), latest.responses)
        self._known[meeting.id] = self._known.pop(meeting.id)  # LRU: evicted last
        self._forget_some(but=meeting)
        return meeting.past

    def _forget_some(self, but: LiveMeeting) -> None:
        """Evict histories, least recently used first, down to `MOST_SEEN` entries."""
        size = sum(meeting.past.size for meeting in self._known.values() if meeting.past)
        for meeting in self._known.values():
            if size > MOST_SEEN and meeting.past is not None and meeting is not but:
                size -= meeting.past.size
                meeting.past = None

    async def catch_up(self, meeting: LiveMeeting, newest: Round) -> None:
        """Add other servers' closed rounds and late joiners. The caller holds the meeting's lock.

        Args:
            meeting: The cached meeting.
            newest: Its newest stored round.
        """
        known = meeting.latest
        if known is None or known.round.id != newest.id:
            await self.go_on(meeting, newest)
        elif newest.counts.assigned > len(known.assignments):
            late = await self.take_in_late(known)
            if meeting.past is not None and known.round.id in meeting.past.numbers:
                meeting.past.add_late(late, known.responses)

    async def go_on(self, meeting: LiveMeeting, newest: Round) -> None:
        """Move on to another server's newer round. The caller holds the meeting's lock."""
        past = await self.past(meeting)
        by_question: dict[str, Tally] = {}
        first = 0
        if (known := meeting.latest) is not None:
            by_question, first = known.by_question, known.round.number
            if known.accepting:
                closed = await self._store.rounds.get(meeting.id, known.round.id)
                await self.refresh(known, closed or known.round)
                past.add(known.round, known.assignments.values(), known.responses)
            elif known.round.id in past.numbers:
                # A late join on another server may have been missed when the round was closed.
                past.add_late(await self.take_in_late(known), known.responses)
        for missed in await self._store.rounds.page(meeting.id, first, MOST_ROUNDS):
            if missed.number < newest.number:
                responses = await self._store.rounds.responses(missed.id)
                answers = {response.student_id: response for response in responses}
                past.add(missed, await self._store.rounds.assignments(missed.id), answers)
                by_question = _together(by_question, tally_by_question(responses))
        live = await load_round(self._store, newest)
        live.by_question = _together(by_question, live.by_question)
        meeting.latest = live

    async def refresh(self, live: LiveRound, closed: Round) -> None:
        """Reload a round that was closed elsewhere. The caller holds the meeting's lock."""
        await self.take_in_late(live)
        responses = await self._store.rounds.responses(live.round.id)
        live.accepting = False
        for response in responses:
            live.record(response)
        live.scores.update(live.ended_streaks())
        live.round = closed

    async def take_in_late(self, live: LiveRound) -> list[Assignment]:
        """Add students who joined a round late on another server; return their assignments."""
        stored = await self._store.rounds.assignments(live.round.id)
        late = [found for found in stored if found.student_id not in live.assignments]
        if late:
            everybody = await self._store.participants.students(live.round.meeting_id)
            students = {student.id: student for student in everybody}
            live.questions |= await self._store.questions.get_many({a.question_id for a in late})
            late = [
                a for a in _usable(self._store, late, live.questions) if a.student_id in students
            ]
            for assignment in late:
                live.assign(assignment, students[assignment.student_id])
        return late


def not_open(meeting_id: str) -> QuizError:
    """Return the error for a meeting that has not been opened."""
    message = (
        f"There is no meeting {meeting_id} on this server yet. Check the code with your teacher."
    )
    return QuizError(Code.NOT_FOUND, message, "meeting_id")


async def load(store: Store, meeting: LiveMeeting) -> None:
    """Load a meeting's newest round, its scores and statistics, and its history."""
    newest = await store.rounds.newest(meeting.id)
    assigned = await store.history.assigned(meeting.id)
    numbers = await store.history.round_numbers(meeting.id)
    answered = await store.history.answered(meeting.id)
    if newest is not None:
        live = await load_round(store, newest)
        tallies = await store.history.tallies(meeting.id, newest.id)
        live.by_question = _together(tallies, live.by_question)
        unfinished = newest.id if live.accepting else None
        counted = {**numbers, newest.id: newest.number}
        # In a thread, because a long history would block the event loop.
        true = await asyncio.to_thread(scores, assigned, answered, counted, unfinished)
        # After a crash, stored scores may lag behind the responses that they are derived from.
        live.unsaved |= {
            student_id
            for student_id, score in true.items()
            if student_id in live.assignments and live.scores.get(student_id) != score
        }
        live.scores |= true
        meeting.latest = live
        numbers.pop(newest.id, None)
    meeting.past = await asyncio.to_thread(ClosedRounds.of, numbers, assigned, answered)
    meeting.loaded = True


async def _read_past(store: Store, meeting_id: str, latest: LiveRound | None) -> ClosedRounds:
    """Reload an evicted history: the rounds before the latest."""
    numbers = await store.history.round_numbers(meeting_id)
    if latest is not None:
        numbers = {found: n for found, n in numbers.items() if n < latest.round.number}
    assigned = await store.history.assigned(meeting_id)
    answered = await store.history.answered(meeting_id)
    return await asyncio.to_thread(ClosedRounds.of, numbers, assigned, answered)


async def load_round(store: Store, quiz_round: Round) -> LiveRound:
    """Return a round loaded from MongoDB, with statistics of only its own responses."""
    stored = await store.rounds.assignments(quiz_round.id)
    questions = await store.questions.get_many({a.question_id for a in stored})
    assignments = {a.student_id: a for a in _usable(store, stored, questions)}
    responses = [
        response
        for response in await store.rounds.responses(quiz_round.id)
        if response.student_id in assignments
    ]
    students = await store.participants.students(quiz_round.meeting_id)
    live = LiveRound(
        round=quiz_round,
        assignments=assignments,
        questions=questions,
        # The id stands in for the name of a student who can't be read.
        names={i: i for i in assignments} | {student.id: student.name for student in students},
        by_question=tally_by_question(responses),
        scores={},
        responses={response.student_id: response for response in responses},
        tally=tally(responses),
        accepting=quiz_round.state is RoundState.OPEN,
        factors=factors(students),
    )
    for student in students:
        _take_score(live, student)
    # A crash may have moved the round's deadline without those of its assignments.
    live.move(quiz_round.deadline)
    return live


def _usable(
    store: Store, assignments: Iterable[Assignment], questions: Mapping[str, Question]
) -> list[Assignment]:
    """Return the assignments whose questions exist; note the others as unreadable."""
    usable = []
    for assignment in assignments:
        if assignment.question_id in questions:
            usable.append(assignment)
        else:
            reason = f"a round of {assignment.meeting_id} asked it, and it is not there"
            store.unreadable.note(
                "questions", assignment.question_id, reason, assignment.meeting_id
            )
    return usable


def _take_score(live: LiveRound, student: Student) -> None:
    """Load a student's stored score, and bring it up to date with the round."""
    score = live.scores[student.id] = Score(student.total_points, student.streak)
    assignment, response = live.assignments.get(student.id), live.responses.get(student.id)
    if response is None or assignment is None:
        if assignment is not None and not live.accepting:
            score.streak = 0
        return
    if student.scored_round != live.round.id:
        score.add(response)
        live.unsaved.add(student.id)


def scores(
    assigned: Mapping[str, Assigned],
    answered: Mapping[str, Mapping[str, Answered]],
    numbers: Mapping[str, int],
    unfinished: str | None,
) -> dict[str, Score]:
    """Return each student's points and streak; a question they did not answer ends a streak.

    Args:
        assigned: Assignments by student id.
        answered: Answers by student id, then by round id.
        numbers: Numbers of the rounds that count, by round id.
        unfinished: The id of the open round, if any: students may still answer in it.
    """
    result = {}
    for student_id, got in assigned.items():
        answers = answered.get(student_id, {})
        score = result[student_id] = Score(
            round(sum(answer.points for answer in answers.values()), 2)
        )
        mine = [(numbers[found], found) for found in got.round_ids if found and found in numbers]
        for _, round_id in sorted(mine, reverse=True):
            answer = answers.get(round_id)
            if answer is not None and answer.correct:
                score.streak += 1
            elif answer is not None or round_id != unfinished:
                break
    return result


def _together(first: Mapping[str, Tally], second: Mapping[str, Tally]) -> dict[str, Tally]:
    """Return the sums of two sets of tallies, by question id."""
    return {q: first.get(q, Tally()) + second.get(q, Tally()) for q in {**first, **second}}
