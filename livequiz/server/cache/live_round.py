"""A meeting's live round, cached so that an answer costs one write and no read.

Everything here is a copy of what MongoDB holds, and can be reloaded at any time.
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
    Meeting,
    Question,
    Response,
    Reveal,
    Round,
    RoundState,
    Student,
)
from livequiz.domain.statistics import Tally
from livequiz.domain.timing import own_deadline
from livequiz.server.cache.history import ClosedRounds


@dataclass(slots=True)
class Score:
    """A student's running score in a meeting."""

    points: float = 0
    streak: int = 0

    def add(self, response: Response) -> None:
        """Add the points of a response, and extend or reset the streak."""
        self.points = round(self.points + response.points, 2)
        self.streak = self.streak + 1 if response.correct else 0


@dataclass(slots=True)
class LiveRound:
    """A round with its assignments, questions, responses and running statistics."""

    round: Round
    assignments: dict[str, Assignment]  # by student id
    questions: dict[str, Question]
    names: dict[str, str]  # by student id
    by_question: dict[str, Tally]  # over the whole meeting, including this round
    scores: dict[str, Score]  # by student id
    responses: dict[str, Response] = field(default_factory=dict)  # by student id
    tally: Tally = field(default_factory=Tally)
    accepting: bool = True
    made_up_until: datetime | None = None  # stalls up to then are compensated
    factors: dict[str, float] = field(default_factory=dict)  # of students with more time
    in_doubt: set[str] = field(default_factory=set)  # students whose write got no reply
    unsaved: set[str] = field(default_factory=set)  # students whose score may not be stored
    holders: Counter[str] = field(init=False)  # number of students, by question id
    limited: set[str] = field(init=False)  # students whose time ends before the round's
    first_end: datetime = field(init=False)  # the earliest deadline of a student
    waiting_for: set[str] = field(init=False)  # students present without an answer

    def __post_init__(self) -> None:
        self.holders = Counter(a.question_id for a in self.assignments.values())
        self.limited = {s for s, assignment in self.assignments.items() if assignment.early}
        self.waiting_for = self.assignments.keys() - self.responses.keys()
        self.first_end = self._first_end()

    @property
    def closed(self) -> bool:
        """Whether its close is stored. A round that only stopped accepting may go on."""
        return self.round.state is RoundState.CLOSED

    @property
    def counts(self) -> Counts:
        """The numbers of assignments, responses and correct responses."""
        return Counts(len(self.assignments), self.tally.responses, self.tally.correct)

    @property
    def complete(self) -> bool:
        """Whether every student present has answered, and at least one student has."""
        return bool(self.responses) and not self.waiting_for

    def remaining(self, now: datetime) -> float:
        """Return the seconds until the deadline, at least 0."""
        return max(0.0, (self.round.deadline - now).total_seconds())

    def record(self, response: Response) -> bool:
        """Count a stored response. Idempotent: a student's second one changes nothing.

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
        """Stop waiting for students who are gone, so that they don't hold the round open."""
        self.waiting_for.difference_update(student_ids)

    def came_back(self, student_id: str) -> None:
        """Wait for a student again if they have a question that they have not answered."""
        if student_id in self.assignments and student_id not in self.responses:
            self.waiting_for.add(student_id)

    def own_deadlines(self, deadline: datetime) -> dict[str, datetime]:
        """Return the deadlines of students who have their own, given the round's deadline."""
        return {
            student: own_deadline(
                assignment.sent_time, deadline, self.factors.get(student, 1.0), assignment.early
            )
            for student in self.factors.keys() | self.limited
            if (assignment := self.assignments.get(student)) is not None
        }

    def move(self, deadline: datetime) -> None:
        """Move the round's deadline, and those of all assignments with it."""
        self.round = replace(self.round, deadline=deadline)
        own = self.own_deadlines(deadline)
        self.assignments = {
            student: replace(assignment, deadline=own.get(student, deadline))
            for student, assignment in self.assignments.items()
        }
        self.first_end = self._first_end()

    @property
    def ends(self) -> datetime:
        """The latest deadline among the students that the round waits for.

        It is at least the round's own, unless questions have their own time limits.
        """
        if self.limited:
            waiting = (self.assignments[s].deadline for s in self.waiting_for)
            return max(waiting, default=self.round.deadline)
        slow = (s for s in self.factors if s in self.waiting_for)
        return max([self.round.deadline, *(self.assignments[s].deadline for s in slow)])

    def next_end(self, after: datetime) -> datetime:
        """Return the next time after a given one at which the round may be over.

        That is the round's deadline. Once it has passed, or if questions have their own time
        limits, it is the next deadline of a student that the round waits for.
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
        """Seconds that the round may last beyond its deadline, for students with more time."""
        return max(0.0, (self.ends - self.round.deadline).total_seconds())

    def assign(self, assignment: Assignment, student: Student) -> None:
        """Add a late joiner's assignment."""
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
        """Return whether the verdict on an assignment is withheld until the round has closed.

        That is so if the round reveals verdicts only afterwards. After a distinct draw, it is also
        so for a question that a late joiner shares, because the first to answer could pass on the
        key, and for every late joiner: one person joining under many names could otherwise
        collect the bank's keys within a round.
        """
        if self.closed:
            return False
        if self.round.reveal is Reveal.AFTER_ROUND:
            return True
        late = assignment.sent_time > self.round.opened_at
        return self.round.distinct and (late or self.holders[assignment.question_id] > 1)

    def unanswered(self) -> list[str]:
        """Return the ids of students without a response, in order of assignment."""
        return [student for student in self.assignments if student not in self.responses]

    def ended_streaks(self) -> dict[str, Score]:
        """Return the reset scores of students who had a streak and did not answer."""
        scores = {student: self.scores[student] for student in self.unanswered()}
        return {s: Score(score.points) for s, score in scores.items() if score.streak}

    def status(self, student_id: str) -> AssignmentStatus:
        """Return the status of a student's assignment."""
        if student_id in self.responses:
            return AssignmentStatus.ANSWERED
        return AssignmentStatus.EXPIRED if self.closed else AssignmentStatus.SENT


def factors(students: Iterable[Student]) -> dict[str, float]:
    """Return the time factors other than 1, by student id."""
    return {student.id: student.time_factor for student in students if student.time_factor != 1}


@dataclass(slots=True)
class LiveMeeting:
    """A meeting's state that this process caches between requests."""

    id: str
    told: Meeting  # with the settings that clients of this server know
    # Serializes the meeting's triggers, closes, late joins and settings.
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    latest: LiveRound | None = None  # the newest round, open or closed
    past: ClosedRounds | None = None  # the closed rounds; None if evicted
    loaded: bool = False

    @property
    def open(self) -> LiveRound | None:
        """The round that accepts answers, if there is one."""
        return self.latest if self.latest is not None and self.latest.accepting else None
