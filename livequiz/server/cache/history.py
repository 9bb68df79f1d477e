"""A meeting's history as draws need it, in memory so that a trigger doesn't read it again."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from operator import itemgetter

from livequiz.db.history import Answered, Assigned
from livequiz.domain.model import Assignment, Response, Round
from livequiz.domain.progress import Progress


@dataclass(slots=True)
class ClosedRounds:
    """A meeting's closed rounds, the questions that each student got in them, and what they did.

    Attributes:
        numbers: Round numbers by round id, oldest first.
        seen: Question ids by student id, oldest first.
        progress: By student id.
        size: The total number of entries in `seen`, over all students.
    """

    numbers: dict[str, int] = field(default_factory=dict)
    seen: dict[str, list[str]] = field(default_factory=dict)
    progress: dict[str, Progress] = field(default_factory=dict)
    size: int = 0

    @classmethod
    def of(
        cls,
        numbers: Mapping[str, int],
        assigned: Mapping[str, Assigned],
        answered: Mapping[str, Mapping[str, Answered]],
    ) -> ClosedRounds:
        """Return what students were assigned in these rounds, or before rounds existed.

        Args:
            numbers: Round numbers by round id, oldest first.
            assigned: Assignments by student id.
            answered: Answers by student id, then by round id.
        """
        past = cls(dict(numbers))
        order: dict[str | None, int] = {None: 0}
        order.update(numbers.items())
        for student_id, got in assigned.items():
            pairs = zip(got.round_ids, got.question_ids, strict=True)
            mine = [
                (order[round_id], question, round_id)
                for round_id, question in pairs
                if round_id in order
            ]
            answers = answered.get(student_id, {})
            for _, question_id, round_id in sorted(mine, key=itemgetter(0)):
                answer = answers.get(round_id) if round_id else None
                past._see(student_id, question_id, answer.correct if answer else None)
        return past

    def add(
        self, closed: Round, assignments: Iterable[Assignment], responses: Mapping[str, Response]
    ) -> None:
        """Add the next closed round; idempotent.

        Args:
            closed: The round.
            assignments: Who had which question.
            responses: By student id.
        """
        if closed.id not in self.numbers:
            self.numbers[closed.id] = closed.number
            self.add_late(assignments, responses)

    def add_late(
        self, assignments: Iterable[Assignment], responses: Mapping[str, Response]
    ) -> None:
        """Add late assignments that were still unknown when their round was added."""
        for assignment in assignments:
            response = responses.get(assignment.student_id)
            correct = response.correct if response else None
            self._see(assignment.student_id, assignment.question_id, correct)

    def _see(self, student_id: str, question_id: str, correct: bool | None) -> None:
        # Interned: each id is stored once, and each student who saw it costs an 8-byte reference.
        self.seen.setdefault(student_id, []).append(sys.intern(question_id))
        self.progress[student_id] = self.progress.get(student_id, Progress()).add(correct)
        self.size += 1
