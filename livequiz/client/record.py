"""A student's results in this meeting, for the waiting room."""

from __future__ import annotations

from dataclasses import dataclass, replace

from msgspec.structs import replace as replace_struct

from livequiz.domain.key_wording import JOINED
from livequiz.protocol.answers import option_indexes
from livequiz.protocol.messages import AnswerResult, HistoryItem, Joined, NewQuestion
from livequiz.protocol.practice import AskedQuestion, PastAnswer, PracticeResult


@dataclass(frozen=True, slots=True)
class Record:
    """The rounds, newest first, and their results."""

    history: tuple[HistoryItem, ...] = ()
    total_points: float = 0
    streak: int = 0

    @classmethod
    def from_joined(cls, joined: Joined) -> Record:
        """Return the server's record."""
        return cls(_newest_first(joined.history), joined.total_points, joined.streak)

    def renewed(self, joined: Joined) -> Record:
        """Return the server's record, plus rounds that it does not list yet (the open one)."""
        newer = Record.from_joined(joined)
        unlisted = [item for item in self.history if newer.round(item.round_number) is None]
        return replace(newer, history=_newest_first([*newer.history, *unlisted]))

    @property
    def judged(self) -> int:
        """The number of rounds with an answer and a known verdict."""
        return sum(item.answered and item.correct is not None for item in self.history)

    @property
    def right(self) -> int:
        return sum(item.correct is True for item in self.history)

    @property
    def missed(self) -> bool:
        """Whether there is a round whose question was not answered right."""
        return any(item.correct is False for item in self.history)

    def round(self, number: int) -> HistoryItem | None:
        """Return a round's entry, or None."""
        return next((item for item in self.history if item.round_number == number), None)

    def with_result(self, question: NewQuestion, result: AnswerResult) -> Record:
        """Return the record with a result added, replacing an older one of the same round."""
        others = [i for i in self.history if i.round_number != question.round_number]
        history = _newest_first([*others, _item(question, result)])
        return replace(
            self, history=history, total_points=result.total_points, streak=result.streak
        )

    def with_closing(self, number: int, result: AnswerResult) -> Record:
        """Return the record after the end of a round answered before this client joined."""
        history = tuple(
            replace_struct(item, correct=result.correct) if item.round_number == number else item
            for item in self.history
        )
        return replace(
            self, history=history, total_points=result.total_points, streak=result.streak
        )


def reveals(before: HistoryItem | None, result: AnswerResult | None) -> bool:
    """Whether the end of a round reveals the verdict on an answer that was only stored so far."""
    kept_back = before is not None and before.answered and before.correct is None
    return kept_back and result is not None and result.correct is not None


def _newest_first(items: list[HistoryItem]) -> tuple[HistoryItem, ...]:
    return tuple(sorted(items, key=lambda item: item.round_number, reverse=True))


def _item(question: NewQuestion, result: AnswerResult) -> HistoryItem:
    return HistoryItem(
        round_number=question.round_number,
        question=question.question,
        correct=result.correct,
        answered=result.your_answer is not None,
        response_time=result.response_time,
        correct_option=right_text(question, result),
    )


def right_text(
    question: NewQuestion | AskedQuestion, result: AnswerResult | PracticeResult | PastAnswer
) -> str | None:
    """Return the right answer in words; None while it is not revealed."""
    if result.correct_text is not None or result.correct_answer is None:
        return result.correct_text
    places = option_indexes(result.correct_answer)
    texts = [
        question.options[p] for p in places if isinstance(p, int) and p < len(question.options)
    ]
    return JOINED.join(texts) or None
