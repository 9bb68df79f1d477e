"""Practice of missed questions: which one is next, and how many were right."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from livequiz.domain.errors import Code
from livequiz.protocol.message import Message
from livequiz.protocol.messages import NewQuestion
from livequiz.protocol.practice import AskedQuestion, PracticeResult
from livequiz.protocol.requests import Request

NOTHING_TO_PRACTISE = "There is nothing to practise right now."
# Errors after which the same answer may be graded later.
TRY_AGAIN = {
    *(Code.UNAVAILABLE, Code.RATE_LIMITED, Code.NOT_JOINED, Code.CONFLICT, Code.BAD_REQUEST),
}

M = TypeVar("M", bound=Message)
Call = Callable[[str, Request, type[M]], Awaitable[M]]


@dataclass(slots=True)
class PracticeRun:
    """A student's way through the questions that they missed.

    Attributes:
        index: The current question, 0-based.
        answered: How many answers were graded.
        right: How many of these were right.
    """

    questions: Sequence[AskedQuestion]
    index: int = 0
    answered: int = 0
    right: int = 0

    @property
    def current(self) -> AskedQuestion:
        """The question to answer now."""
        return self.questions[self.index]

    @property
    def last(self) -> bool:
        """Whether no question follows."""
        return self.index + 1 >= len(self.questions)

    @property
    def title(self) -> str:
        """Which question it is, and its topic."""
        place = f"Practice {self.index + 1} of {len(self.questions)}"
        return f"{place}   {self.current.topic}" if self.current.topic else place

    def count(self, result: PracticeResult) -> None:
        """Count a graded answer."""
        self.answered += 1
        self.right += result.correct

    @property
    def summary(self) -> str:
        """What came of it, as a sentence; empty if nothing was answered."""
        if not self.answered:
            return ""
        questions = "1 question" if self.answered == 1 else f"{self.answered} questions"
        return f"You practised {questions} and got {self.right} right."


def as_new(asked: AskedQuestion) -> NewQuestion:
    """Return a question in the form in which rounds ask one, without any time."""
    return NewQuestion(
        question_id=asked.question_id,
        question=asked.question,
        options=asked.options,
        sent_time="",
        round_id="",
        round_number=asked.round_number,
        type=asked.type,
        duration=0.0,
        deadline="",
        remaining=0.0,
        server_time="",
        points=asked.points,
        topic=asked.topic,
    )
