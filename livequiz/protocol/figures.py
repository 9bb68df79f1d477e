"""The figures of a class and the record of a question, for dashboards.

The conventions of `livequiz.protocol.messages` apply.
"""

from __future__ import annotations

from enum import StrEnum

from livequiz.domain.model import Difficulty
from livequiz.protocol.fields import MeetingId, ObjectIdStr, Timestamp
from livequiz.protocol.message import Message
from livequiz.protocol.questions import QuestionIn
from livequiz.protocol.requests import Request


class Scope(StrEnum):
    """Over which rounds figures are added up."""

    MEETING = "meeting"
    EVER = "ever"  # all meetings


class GetFigures(Request):
    """`get_figures`"""

    meeting_id: MeetingId
    scope: Scope = Scope.MEETING


class TopicFigures(Message):
    """The answers to questions of a topic (their first one) and a difficulty."""

    topic: str
    difficulty: Difficulty | None
    responses: int
    correct: int


class QuestionFigures(Message):
    """The answers to a question."""

    question_id: str
    question: str
    responses: int
    correct: int


class Figures(Message):
    """The ack of `get_figures`: all rounds but the newest, whose answers a dashboard has itself.

    `questions` are those of the newest round, and the most difficult ones. `times` counts response
    times up to each of `domain.statistics.TIMES`, and those beyond.
    """

    scope: Scope
    round_id: str | None
    topics: list[TopicFigures]
    questions: list[QuestionFigures]
    times: list[int]


class OfQuestion(Request):
    """`get_question`, `retire_question`"""

    meeting_id: MeetingId
    question_id: ObjectIdStr


class EditQuestion(Request):
    """`edit_question`"""

    meeting_id: MeetingId
    question_id: ObjectIdStr
    question: QuestionIn


class QuestionRecord(Message):
    """The ack of `get_question`: a question as it can be edited, and all answers to it so far.

    `responses` counts the students who answered, and all figures are for each one's first answer.
    `accuracy`, `low` and `high` (95 % confidence) are percentages of the points, `mean_time` is in
    seconds; null before the first answer. `options` counts how often each was chosen, `flags` are
    sentences about what stands out.
    """

    question_id: str
    question: QuestionIn
    retired: bool
    responses: int
    meetings: int
    last_answered: Timestamp | None
    accuracy: float | None
    low: float | None
    high: float | None
    mean_time: float | None
    options: list[int]
    flags: list[str]


class QuestionChanged(Message):
    """The ack of `edit_question` and `retire_question`.

    `question_id` is another one than before if the question is graded differently now, or is worth
    other points: then it is a new question, and the old one is retired with its answers.
    """

    question_id: str
