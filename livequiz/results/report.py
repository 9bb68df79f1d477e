"""The report on a lesson, as written to JSON: `docs/results.schema.json` is made from it.

Shares and accuracies are percentages from 0 to 100, durations are seconds, times are UTC. A figure
that needs more answers than there are is null.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Final, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

SCHEMA: Final = "livequiz.results/1"
ADJUSTED = (
    "Adjusted allows for how hard each student's questions were: the share of all questions here "
    "that the student would be expected to solve. It is left out with fewer than five answers."
)

Count = Annotated[int, Meta(ge=0)]
Number = Annotated[int, Meta(ge=1)]
Percent = Annotated[float, Meta(ge=0, le=100)]
Points = Annotated[float, Meta(ge=0)]
Seconds = Annotated[float, Meta(ge=0)]
Correlation = Annotated[float, Meta(ge=-100, le=100)]


class MeetingLine(Struct):
    """A meeting."""

    meeting_id: str
    title: str
    created_at: datetime
    rounds: Count
    students: Count
    assigned: Count
    answered: Count
    correct: Count
    accuracy: Percent | None


class RoundLine(Struct):
    """A round; `mean_time` is the mean response time."""

    meeting_id: str
    round: Number
    opened_at: datetime
    closed_at: datetime | None
    assigned: Count
    answered: Count
    correct: Count
    accuracy: Percent | None
    mean_time: Seconds | None


class StudentLine(Struct):
    """A student over all rounds.

    The same id in two classes is two students. `possible` is what the questions that they had were
    worth. `adjusted` is the percentage of all questions that they would be expected to solve; null
    with fewer than five answers. `group` is left out without a class list that has groups.
    """

    student_id: str
    name: str
    class_name: str
    assigned: Count
    answered: Count
    correct: Count
    accuracy: Percent | None
    points: Points
    possible: Points
    adjusted: Percent | None
    mean_time: Seconds | None
    group: str | UnsetType = UNSET


class OptionLine(Struct):
    """An option; shares of the answers, and of the top and the bottom 27 % of the students."""

    text: str
    right: bool
    chosen: Count
    share: Percent
    rest_score: float | None
    upper: Percent | None
    lower: Percent | None


class QuestionLine(Struct):
    """A question with its item analysis, which `docs/statistics.md` explains.

    `flags` are sentences about what the teacher might look at. `missing` says why figures are null,
    those of the options too.
    """

    question_id: str
    question: str
    type: str
    topics: list[str]
    difficulty: str | None
    key: str
    explanation: str | None
    n: Count
    no_answer: Count
    facility: Percent | None
    facility_low: Percent | None
    facility_high: Percent | None
    mean_time: Seconds | None
    median_time: Seconds | None
    discrimination: Correlation | None
    efficiency: float | None
    options: list[OptionLine]
    flags: list[str]
    missing: str


class TopicLine(Struct):
    """The answers to the questions whose first topic this is."""

    topic: str
    questions: Count
    answered: Count
    correct: Count
    accuracy: Percent | None


class ResponseLine(Struct):
    """A question that a student had, with the answer if there is one.

    `share` is what the answer earned of the question, however the round counted points.
    """

    meeting_id: str
    round: Number
    student_id: str
    name: str
    class_name: str
    question_id: str
    question: str
    topic: str
    answered: bool
    answer: str | None
    key: str
    correct: bool
    share: Percent | None
    points: Points
    possible: Points
    response_time: Seconds | None
    answered_at: datetime | None


class Report(Struct):
    """What a lesson left behind: one meeting, one round of it, or several meetings.

    Topics and questions come with the hardest first, rounds and responses in the order of time.
    """

    schema: Literal["livequiz.results/1"]
    title: str
    made_at: datetime
    anonymous: bool
    meetings: list[MeetingLine]
    rounds: list[RoundLine]
    students: list[StudentLine]
    questions: list[QuestionLine]
    topics: list[TopicLine]
    responses: list[ResponseLine]

    def set_groups(self, groups: Mapping[str, str]) -> None:
        """Note the students' groups, by student id."""
        for line in self.students:
            line.group = groups.get(line.student_id, "")

    @property
    def has_groups(self) -> bool:
        """Whether any student belongs to a group."""
        return any(line.group for line in self.students)
