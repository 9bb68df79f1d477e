"""A meeting's history as draws need it, in memory so that a trigger doesn't read it again."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from operator import itemgetter

from livequiz.db.history import Assigned
from livequiz.domain.model import Assignment, Round


@dataclass(slots=True)
class SeenQuestions:
    """A meeting's closed rounds, and the questions that each student got in them.

    Attributes:
        numbers: Round numbers by round id, oldest first.
        seen: Question ids by student id, oldest first.
        size: The total number of entries in `seen`, over all students.
    """

    numbers: dict[str, int] = field(default_factory=dict)
    seen: dict[str, list[str]] = field(default_factory=dict)
    size: int = 0

    @classmethod
    def of(cls, numbers: Mapping[str, int], assigned: Mapping[str, Assigned]) -> SeenQuestions:
        """Return what students were assigned in these rounds, or before rounds existed."""
        past = cls(dict(numbers))
        order: dict[str | None, int] = {None: 0}
        order.update(numbers.items())
        for student_id, got in assigned.items():
            pairs = zip(got.round_ids, got.question_ids, strict=True)
            mine = [
                (order[round_id], question) for round_id, question in pairs if round_id in order
            ]
            for _, question_id in sorted(mine, key=itemgetter(0)):
                past._see(student_id, question_id)
        return past

    def add(self, closed: Round, assignments: Iterable[Assignment]) -> None:
        """Add the next closed round; idempotent."""
        if closed.id not in self.numbers:
            self.numbers[closed.id] = closed.number
            self.add_late(assignments)

    def add_late(self, assignments: Iterable[Assignment]) -> None:
        """Add late assignments that were still unknown when their round was added."""
        for assignment in assignments:
            self._see(assignment.student_id, assignment.question_id)

    def _see(self, student_id: str, question_id: str) -> None:
        # Interned: each id is stored once, and each student who saw it costs an 8-byte reference.
        self.seen.setdefault(student_id, []).append(sys.intern(question_id))
        self.size += 1
