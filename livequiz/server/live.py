"""The open round of a meeting, held in memory so that an answer costs one write and no read.

Everything here is a copy of what MongoDB holds and can be read again from it at any time.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from livequiz.domain.model import (
    Assignment,
    AssignmentStatus,
    Counts,
    Question,
    Response,
    Reveal,
    Round,
    RoundState,
    Student,
)
from livequiz.domain.statistics import Tally
from livequiz.domain.timing import own_deadline
from livequiz.server.past import Past


@dataclass(slots=True)
class Score:
    """A student's running score in a meeting."""

    points: float = 0
    streak: int = 0

    def add(self, response: Response) -> None:
        """Count one more response."""
        self.points = round(self.points + response.points, 2)
        self.streak = self.streak + 1 if response.correct else 0


@dataclass(slots=True)
class LiveRound:
    """A round with its assignments, questions, responses and running statistics."""

    round: Round
    assignments: dict[str, Assignment]  # by student id
    questions: dict[str, Question]
    names: dict[str, str]  # by student id
    by_question: dict[str, Tally]  # over the whole meeting, this round included
    scores: dict[str, Score]  # by student id
    responses: dict[str, Response] = field(default_factory=dict)  # by student id
    tally: Tally = field(default_factory=Tally)
    accepting: bool = True
    made_up: datetime | None = None  # until when its deadlines make up for stalls
    factors: dict[str, float] = field(default_factory=dict)  # of students with more time
    in_doubt: set[str] = field(default_factory=set)  # students whose answer may be stored
    unsaved: set[str] = field(default_factory=set)  # students whose score MongoDB may not have
    holders: Counter[str] = field(init=False)  # students who hold a question, by its id
    limited: set[str] = field(init=False)  # students whose question ends before the round
    first_end: datetime = field(init=False)  # the first deadline of a student
    waiting_for: set[str] = field(init=False)  # students who are here and have not answered

    def __post_init__(self) -> None:
        self.holders = Counter(a.question_id for a in self.assignments.values())
        self.limited = {s for s, assignment in self.assignments.items() if assignment.early}
        self.waiting_for = self.assignments.keys() - self.responses.keys()
        self.first_end = self._first_end()

    @property
    def counts(self) -> Counts:
        """How far the round is."""
        return Counts(len(self.assignments), self.tally.responses, self.tally.correct)

    @property
    def complete(self) -> bool:
        """Whether everybody who is still here has answered, and somebody has."""
        return bool(self.responses) and not self.waiting_for

    def remaining(self, now: datetime) -> float:
        """Seconds until the deadline, never below 0."""
        return max(0.0, (self.round.deadline - now).total_seconds())

    def record(self, response: Response) -> bool:
        """Count a response that was stored; a second one of the same student changes nothing.

        Returns:
            Whether it was counted.
        """
        if response.student_id in self.responses or response.student_id not in self.assignments:
            return False
        self.responses[response.student_id] = response
        self.waiting_for.discard(response.student_id)
        self.unsaved.add(response.student_id)
        self.tally = self.tally.add(response)
        earlier = self.by_question.get(response.question_id, Tally())
        self.by_question[response.question_id] = earlier.add(response)
        self.scores.setdefault(response.student_id, Score()).add(response)
        return True

    def left(self, student_ids: Iterable[str]) -> None:
        """No longer wait for students: their absence does not hold the round open."""
        self.waiting_for.difference_update(student_ids)

    def came_back(self, student_id: str) -> None:
        """Wait for a student again, if it has a question that it has not answered."""
        if student_id in self.assignments and student_id not in self.responses:
            self.waiting_for.add(student_id)

    def own_deadlines(self, deadline: datetime) -> dict[str, datetime]:
        """Return the deadlines of students who have one of their own, for that of the round."""
        return {
            student: own_deadline(
                assignment.sent_time, deadline, self.factors.get(student, 1.0), assignment.early
            )
            for student in self.factors.keys() | self.limited
            if (assignment := self.assignments.get(student)) is not None
        }

    def move(self, deadline: datetime) -> None:
        """Move the deadline of the round, and with it those of all assignments."""
        self.round = replace(self.round, deadline=deadline)
        own = self.own_deadlines(deadline)
        self.assignments = {
            student: replace(assignment, deadline=own.get(student, deadline))
            for student, assignment in self.assignments.items()
        }
        self.first_end = self._first_end()

    @property
    def ends(self) -> datetime:
        """The last deadline of a student that the round waits for.

        It is the round's own or a later one, unless questions have time limits of their own.
        """
        if self.limited:
            waiting = (self.assignments[s].deadline for s in self.waiting_for)
            return max(waiting, default=self.round.deadline)
        slow = (s for s in self.factors if s in self.waiting_for)
        return max([self.round.deadline, *(self.assignments[s].deadline for s in slow)])

    def next_end(self, after: datetime) -> datetime:
        """Return when the round may be over, by what is known at a moment.

        That is the first deadline after it of a student that the round waits for.
        """
        if after < self.round.deadline and not self.limited:
            return self.round.deadline
        waiting = (self.assignments[s].deadline for s in self.waiting_for)
        return min((moment for moment in waiting if moment > after), default=self.ends)

    def _first_end(self) -> datetime:
        own = (self.assignments[student].deadline for student in self.limited)
        return min(own, default=self.round.deadline)

    @property
    def extra_time(self) -> float:
        """Seconds that the round may go on after its deadline, for who has more time."""
        return max(0.0, (self.ends - self.round.deadline).total_seconds())

    def assign(self, assignment: Assignment, student: Student) -> None:
        """Take in a late joiner."""
        self.assignments[student.id] = assignment
        self.waiting_for.add(student.id)
        if assignment.early:
            self.limited.add(student.id)
            self.first_end = min(self.first_end, assignment.deadline)
        self.holders[assignment.question_id] += 1
        self.names[student.id] = student.name
        self.scores[student.id] = Score(student.total_points, student.streak)
        self.factors.update(factors([student]))

    def withholds(self, assignment: Assignment) -> bool:
        """Whether the verdict on an assignment waits for the end of the round.

        It does where a late joiner shares the question with somebody, though the draw was
        distinct: the first to answer could pass the key on. It does for every late joiner: one
        person under many names could otherwise collect the keys of a bank within a round.
        """
        # Not `accepting`: a close that fails opens the round again, for others to answer.
        if self.round.state is RoundState.CLOSED:
            return False
        if self.round.reveal is Reveal.AFTER_ROUND:
            return True
        late = assignment.sent_time > self.round.opened_at
        return self.round.distinct and (late or self.holders[assignment.question_id] > 1)

    def unanswered(self) -> list[str]:
        """Return the ids of the students without a response, in the order of assignment."""
        return [student for student in self.assignments if student not in self.responses]

    def ended_streaks(self) -> dict[str, Score]:
        """Return the scores of who let the round pass and had a streak: it ends with the round."""
        scores = {student: self.scores[student] for student in self.unanswered()}
        return {s: Score(score.points) for s, score in scores.items() if score.streak}

    def status(self, student_id: str) -> AssignmentStatus:
        """Return what has become of a student's assignment."""
        if student_id in self.responses:
            return AssignmentStatus.ANSWERED
        closed = self.round.state is RoundState.CLOSED
        return AssignmentStatus.EXPIRED if closed else AssignmentStatus.SENT


def factors(students: Iterable[Student]) -> dict[str, float]:
    """Return the time factors of the students who have more time, by their ids."""
    return {student.id: student.time_factor for student in students if student.time_factor != 1}


@dataclass(slots=True)
class LiveMeeting:
    """What a process remembers of a meeting between two requests."""

    id: str
    # Triggers, closes and late joins of one meeting happen one after another.
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    latest: LiveRound | None = None  # the newest round, open or closed
    past: Past | None = None  # the rounds before it, as far as they are kept
    loaded: bool = False
    locked: bool = False

    @property
    def open(self) -> LiveRound | None:
        """The round that takes answers, if there is one."""
        return self.latest if self.latest is not None and self.latest.accepting else None
