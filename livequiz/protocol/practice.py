"""A student's own history, and practice: what they were asked, and what was right.

The conventions of students' messages in `livequiz.protocol.messages` apply.
"""

from __future__ import annotations

from livequiz.domain.answering import Shown
from livequiz.domain.model import QuestionType
from livequiz.protocol.fields import Points
from livequiz.protocol.message import Message


class AskedQuestion(Message):
    """A question as one student was asked it, without its key."""

    question_id: str
    question: str
    options: list[str]
    type: QuestionType
    round_number: int
    points: Points
    topic: str | None = None


class PastAnswer(AskedQuestion, kw_only=True):
    """A question of an earlier round, with what the student answered and what was right.

    `your_answer` is null if they did not answer. `earned` is what the answer earned in its round.
    """

    your_answer: Shown | None
    correct: bool
    earned: Points
    correct_answer: Shown
    correct_text: str | None = None
    explanation: str | None = None
    response_time: float | None = None


class OwnHistory(Message):
    """The ack of `get_history`: newest round first; `left_out` older ones had no room."""

    items: list[PastAnswer]
    left_out: int = 0


class PracticeQuestions(Message):
    """The ack of `get_practice`: what the student missed, newest round first, without keys."""

    questions: list[AskedQuestion]


class PracticeResult(Message):
    """The ack of `practice_answer`; `earned` is what the answer would have earned."""

    question_id: str
    your_answer: Shown
    correct: bool
    earned: Points
    correct_answer: Shown
    correct_text: str | None = None
    explanation: str | None = None
