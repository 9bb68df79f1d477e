"""Reads a meeting's newest round back from MongoDB, after a restart or for the first time."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from livequiz.db.store import Store
from livequiz.domain.errors import Code, QuizError
from livequiz.domain.model import Assignment, Response, Round, RoundState
from livequiz.domain.statistics import tally, tally_by_question
from livequiz.server.live import LiveMeeting, LiveRound, Score, factors


class Meetings:
    """The meetings that this process has had to do with."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[str, LiveMeeting] = {}
        self.found_open: Callable[[LiveRound], None] = lambda _: None  # sees that it is closed

    async def get(self, meeting_id: str) -> LiveMeeting:
        """Return a meeting with its newest round.

        Raises:
            QuizError: `not_found` if nobody has opened it.
        """
        meeting = self._known.get(meeting_id)
        if meeting is None:
            stored = await self._store.people.meeting(meeting_id)
            if stored is None:
                raise not_open(meeting_id)
            fresh = LiveMeeting(meeting_id, locked=stored.locked)
            meeting = self._known.setdefault(meeting_id, fresh)
        if not meeting.loaded:
            async with meeting.lock:
                if not meeting.loaded:
                    meeting.latest = await load(self._store, meeting_id)
                    meeting.loaded = True
                    if meeting.open is not None:
                        self.found_open(meeting.open)
        return meeting

    def known(self) -> list[LiveMeeting]:
        """Return the meetings that this process has had to do with."""
        return list(self._known.values())


def not_open(meeting_id: str) -> QuizError:
    """Return the error for a code that nobody has opened."""
    message = f"There is no meeting {meeting_id} here yet. Check the code with your teacher."
    return QuizError(Code.NOT_FOUND, message, "meeting_id")


async def load(store: Store, meeting_id: str) -> LiveRound | None:
    """Return a meeting's newest round as MongoDB has it, or None before the first."""
    quiz_round = await store.rounds.newest(meeting_id)
    if quiz_round is None:
        return None
    live = await load_round(store, quiz_round)
    everything = await store.rounds.meeting_responses(meeting_id)
    history = await store.rounds.assignments_of_meeting(meeting_id)
    live.by_question = tally_by_question(everything)
    live.scores = scores(history, everything, unfinished=quiz_round.id if live.accepting else None)
    return live


async def load_round(store: Store, quiz_round: Round) -> LiveRound:
    """Return a round as MongoDB has it, with statistics of its own responses alone."""
    assignments = await store.rounds.assignments(quiz_round.id)
    responses = await store.rounds.responses(quiz_round.id)
    students = await store.people.students(quiz_round.meeting_id)
    live = LiveRound(
        round=quiz_round,
        assignments={assignment.student_id: assignment for assignment in assignments},
        questions=await store.questions.get_many({a.question_id for a in assignments}),
        names={student.id: student.name for student in students},
        by_question=tally_by_question(responses),
        scores={},
        responses={response.student_id: response for response in responses},
        tally=tally(responses),
        accepting=quiz_round.state is RoundState.OPEN,
        factors=factors(students),
    )
    # A crash may have come between the round's deadline and those of its assignments.
    live.move(quiz_round.deadline)
    return live


def scores(
    assignments: Iterable[Assignment], responses: Iterable[Response], *, unfinished: str | None
) -> dict[str, Score]:
    """Return each student's points and streak; a question that it let pass ends a streak.

    Args:
        assignments: Oldest first.
        responses: In any order.
        unfinished: The id of a round that is open: what it has not answered there, it still may.
    """
    answers = {(response.round_id, response.student_id): response for response in responses}
    result: dict[str, Score] = {}
    for assignment in assignments:
        score = result.setdefault(assignment.student_id, Score())
        response = answers.get((assignment.round_id, assignment.student_id))
        if response is not None:
            score.points += response.points
            score.streak = score.streak + 1 if response.correct else 0
        elif assignment.round_id != unfinished:
            score.streak = 0
    return result
