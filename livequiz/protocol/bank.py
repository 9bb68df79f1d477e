"""What an instructor is told of the question bank, keys included.

The same rules as for the other messages hold: see `livequiz.protocol.messages`.
"""

from __future__ import annotations

from livequiz.domain.model import Difficulty, Question, QuestionType
from livequiz.protocol.answers import KeyOut, key_out
from livequiz.protocol.fields import Points
from livequiz.protocol.messages import Message


class BankQuestion(Message):
    """A question of the bank; `time_limit` in seconds."""

    question_id: str
    question: str
    options: list[str]
    correct: KeyOut
    type: QuestionType
    points: Points
    time_limit: float | None
    topics: list[str]
    difficulty: Difficulty | None
    explanation: str | None
    source: str | None


class BankPage(Message):
    """The ack of `list_questions`: oldest first; `next` is what to ask `after`, null at the end."""

    questions: list[BankQuestion]
    next: str | None


def bank_page(questions: list[Question], limit: int) -> BankPage:
    """Return a page of up to `limit` questions."""
    more = len(questions) == limit
    return BankPage([_bank_question(q) for q in questions], questions[-1].id if more else None)


def _bank_question(question: Question) -> BankQuestion:
    return BankQuestion(
        question_id=question.id,
        question=question.text,
        options=list(question.options),
        correct=key_out(question.correct),
        type=question.type,
        points=question.points,
        time_limit=question.time_limit,
        topics=list(question.topics),
        difficulty=question.difficulty,
        explanation=question.explanation,
        source=question.source,
    )
