"""The messages about the question bank, for instructors: keys included.

The conventions of `livequiz.protocol.messages` apply.
"""

from __future__ import annotations

from typing import Any

from livequiz.domain.model import Difficulty, Draft, Question, QuestionType
from livequiz.protocol.answers import KeyOut, key_out
from livequiz.protocol.fields import Points
from livequiz.protocol.message import Message


class KeyedQuestion(Message):
    """The common fields of every view of a question with its key; for instructors only."""

    question: str
    options: list[str]
    correct: KeyOut
    type: QuestionType
    points: Points
    topics: list[str]
    difficulty: Difficulty | None
    explanation: str | None


class BankQuestion(KeyedQuestion, kw_only=True):
    """A question in the bank; `time_limit` is in seconds."""

    question_id: str
    time_limit: float | None
    source: str | None


class BankPage(Message):
    """The ack of `list_questions`, oldest first; `next` is the next `after`, null at the end."""

    questions: list[BankQuestion]
    next: str | None


def bank_page(questions: list[Question], limit: int) -> BankPage:
    """Return a page of at most `limit` questions."""
    more = len(questions) == limit
    return BankPage([_bank_question(q) for q in questions], questions[-1].id if more else None)


def keyed_fields(question: Draft) -> dict[str, Any]:
    """Return the fields of a `KeyedQuestion` by name."""
    return {
        "question": question.text,
        "options": list(question.options),
        "correct": key_out(question.correct),
        "type": question.type,
        "points": question.points,
        "topics": list(question.topics),
        "difficulty": question.difficulty,
        "explanation": question.explanation,
    }


def _bank_question(question: Question) -> BankQuestion:
    return BankQuestion(
        **keyed_fields(question),
        question_id=question.id,
        time_limit=question.time_limit,
        source=question.source,
    )
