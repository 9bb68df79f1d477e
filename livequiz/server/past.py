"""The past of a meeting as the next draw needs it, so that no trigger reads a meeting's history."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from operator import itemgetter

from livequiz.db.history import Assigned
from livequiz.domain.model import Assignment, Round


@dataclass(slots=True)
class Past:
    """The closed rounds of a meeting, and what each student got in them.

    Attributes:
        numbers: The rounds, oldest first: their numbers by their ids.
        seen: Question ids by student id, oldest first.
        size: How many questions that is, over all students.
    """

    numbers: dict[str, int] = field(default_factory=dict)
    seen: dict[str, list[str]] = field(default_factory=dict)
    size: int = 0

    @classmethod
    def of(cls, numbers: Mapping[str, int], assigned: Mapping[str, Assigned]) -> Past:
        """Return what students got in these rounds, and before there were rounds."""
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
        """Take in the next round; one that is in it already changes nothing."""
        if closed.id not in self.numbers:
            self.numbers[closed.id] = closed.number
            self.add_late(assignments)

    def add_late(self, assignments: Iterable[Assignment]) -> None:
        """Take in assignments that nobody had heard of when their round was taken in."""
        for assignment in assignments:
            self._see(assignment.student_id, assignment.question_id)

    def _see(self, student_id: str, question_id: str) -> None:
        # One string for each question, however many students saw it: 8 bytes for each of them.
        self.seen.setdefault(student_id, []).append(sys.intern(question_id))
        self.size += 1
