"""The report on a lesson, as written to JSON: `docs/results.schema.json` is made from it.

Shares and accuracies are percentages from 0 to 100, durations are seconds, times are UTC. A figure
that needs more answers than there are is null.
"""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

SCHEMA = "livequiz.results/1"


class MeetingLine(Struct):
    """A meeting."""

    meeting_id: str
    title: str
    created_at: datetime
    rounds: int
    students: int
    assigned: int
    answered: int
    correct: int
    accuracy: float | None


class RoundLine(Struct):
    """A round; `mean_time` is the mean response time."""

    meeting_id: str
    round: int
    opened_at: datetime
    closed_at: datetime | None
    assigned: int
    answered: int
    correct: int
    accuracy: float | None
    mean_time: float | None


class StudentLine(Struct):
    """A student over all rounds.

    The same id in two classes is two students. `possible` is what the questions that they had were
    worth. `adjusted` is the percentage of all questions that they would be expected to solve; null
    with fewer than five answers.
    """

    student_id: str
    name: str
    class_name: str
    assigned: int
    answered: int
    correct: int
    accuracy: float | None
    points: float
    possible: float
    adjusted: float | None
    mean_time: float | None


class OptionLine(Struct):
    """An option; shares of the answers, and of the top and the bottom 27 % of the students."""

    text: str
    right: bool
    chosen: int
    share: float
    rest_score: float | None
    upper: float | None
    lower: float | None


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
    n: int
    no_answer: int
    facility: float | None
    facility_low: float | None
    facility_high: float | None
    mean_time: float | None
    median_time: float | None
    discrimination: float | None
    efficiency: float | None
    options: list[OptionLine]
    flags: list[str]
    missing: str


class TopicLine(Struct):
    """The answers to the questions whose first topic this is."""

    topic: str
    questions: int
    answered: int
    correct: int
    accuracy: float | None


class ResponseLine(Struct):
    """A question that a student had, with the answer if there is one.

    `share` is what the answer earned of the question, however the round counted points.
    """

    meeting_id: str
    round: int
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
    share: float | None
    points: float
    possible: float
    response_time: float | None
    answered_at: datetime | None


class Report(Struct):
    """What a lesson left behind: one meeting, one round of it, or several meetings.

    Topics and questions come with the hardest first, rounds and responses in the order of time.
    """

    schema: str
    title: str
    made_at: datetime
    anonymous: bool
    meetings: list[MeetingLine]
    rounds: list[RoundLine]
    students: list[StudentLine]
    questions: list[QuestionLine]
    topics: list[TopicLine]
    responses: list[ResponseLine]
