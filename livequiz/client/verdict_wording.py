"""Verdicts: the result of an answer as a one-word title and a sentence.

The page says the same in `server/page/verdict.js`; a test compares them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from livequiz.client.record import right_text
from livequiz.domain.answering import Shown
from livequiz.domain.errors import QuizError
from livequiz.domain.key_wording import JOINED, answer_in_words, letter
from livequiz.domain.model import CloseReason
from livequiz.protocol.answers import Stored, option_indexes
from livequiz.protocol.messages import AnswerResult, HistoryItem, NewQuestion
from livequiz.protocol.practice import AskedQuestion, PastAnswer, PracticeResult

NOT_SUBMITTED = "Your choice was not submitted."


class Tone(StrEnum):
    """A verdict's style; its words carry the same meaning without colour."""

    RIGHT = "right"
    WRONG = "wrong"
    NEUTRAL = "neutral"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A title, a sentence below it, and the options to mark (0-based indexes)."""

    tone: Tone
    title: str
    detail: str
    right: Shown | None = None
    chosen: Shown | None = None
    explanation: str | None = None


def of_result(question: NewQuestion, result: AnswerResult, chosen: Stored | None = None) -> Verdict:
    """Return the verdict on an answer that the server has stored.

    Args:
        question: What was asked.
        result: What the server has stored.
        chosen: The answer sent now; an earlier one may have been stored instead.
    """
    if result.correct is None:
        tone, title = Tone.NEUTRAL, "● Stored"
        detail = "Your teacher will show the answer after the round."
    elif result.correct:
        tone, title, detail = Tone.RIGHT, "✓ Correct", _praise(result)
    else:
        tone, title = Tone.WRONG, _wrong(result.points, question.points)
        detail = _key(question, result)
    if result.duplicate and _another(chosen, result):
        detail = f"Your first answer counts: {named(result.your_answer)}.  {detail}"
    return Verdict(
        tone, title, detail, result.correct_answer, result.your_answer, result.explanation
    )


def of_practice(question: AskedQuestion, result: PracticeResult | PastAnswer) -> Verdict:
    """Return the verdict on an answer that earns nothing any more; one was given."""
    right, chosen, why = result.correct_answer, result.your_answer, result.explanation
    if result.correct:
        return Verdict(Tone.RIGHT, "✓ Correct", "", right, chosen, why)
    title = _wrong(result.earned, question.points)
    return Verdict(Tone.WRONG, title, _key(question, result), right, chosen, why)


def of_closing(
    question: NewQuestion,
    result: AnswerResult | None,
    reason: CloseReason,
    *,
    lost: bool,
    chosen: bool = False,
) -> Verdict:
    """Return the verdict when a round closes.

    Args:
        question: What was asked.
        result: The server's result for this student; None if they had no question.
        reason: Why the round was closed.
        lost: Whether an answer was sent but, as far as the client knows, not stored.
        chosen: Whether one was chosen or typed.
    """
    if result is not None and result.your_answer is not None:
        return of_result(question, result)
    title = "Time is up" if reason is CloseReason.TIME else "The round is over"
    title = "○ Not stored" if lost else title
    if result is None:
        return Verdict(Tone.NEUTRAL, title, "Wait for your teacher to send the next question.")
    detail = _key(question, result)
    if chosen and not lost:
        detail = f"{NOT_SUBMITTED}  {detail}"
    return Verdict(
        Tone.NEUTRAL, title, detail, right=result.correct_answer, explanation=result.explanation
    )


def of_history(
    question: NewQuestion, item: HistoryItem, chosen: Stored | None, *, lost: bool
) -> Verdict:
    """Return the verdict on a round that ended while the client was offline.

    Args:
        question: What was asked.
        item: The server's record of the round for this student.
        chosen: The answer chosen or typed here.
        lost: Whether it was sent but, as far as the client knows, not stored.
    """
    right, said = _places(question.options, item.correct_option), item.correct_option
    if not item.answered:
        title = "○ Not stored" if lost else "Time is up"
        return Verdict(Tone.NEUTRAL, title, _right(right, said), right=right)
    if item.correct is None:
        detail = "Your teacher will show the answer after the round."
        return Verdict(Tone.NEUTRAL, "● Stored", detail, chosen=_shown(chosen))
    if item.correct:
        return Verdict(Tone.RIGHT, "✓ Correct", "Your answer arrived in time.", right, right)
    return Verdict(Tone.WRONG, "✗ Incorrect", _right(right, said), right, _shown(chosen))


def of_refusal(error: QuizError) -> Verdict:
    """Return the verdict on an answer that the server rejected."""
    return Verdict(Tone.NEUTRAL, "○ Not stored", error.message)


def of_time(*, chosen: bool) -> Verdict:
    """Return the message for when the time runs out, before the server closes the round."""
    detail = NOT_SUBMITTED if chosen else "The answer will appear in a moment."
    return Verdict(Tone.NEUTRAL, "Time is up", detail)


def _wrong(earned: float | None, points: float) -> str:
    return f"◐ Partly right: {earned:g} of {points}" if earned else "✗ Incorrect"


def _key(
    question: NewQuestion | AskedQuestion, result: AnswerResult | PracticeResult | PastAnswer
) -> str:
    places = result.correct_answer if question.options else None
    return _right(places, right_text(question, result))


def _right(places: Shown | None, said: str | None) -> str:
    """Return a sentence with the key: option letters, and the text if it is a single one."""
    if said is None:
        return "Your teacher will show the answer."
    letters = [letter(place) for place in option_indexes(places) if isinstance(place, int)]
    if len(letters) > 1:
        return f"The right answers are {', '.join(letters)}"
    return f"The right answer is {'  '.join([*letters, said])}"


def _another(chosen: Stored | None, result: AnswerResult) -> bool:
    """Whether the stored answer differs from the one sent; a number has several spellings."""
    if chosen is None or isinstance(result.your_answer, float):
        return False
    return _shown(chosen) != result.your_answer


def named(answer: Stored | Shown | None) -> str:
    """Return an answer for use in a sentence: option letters, or the typed text."""
    if isinstance(answer, float | str):
        return answer_in_words(answer, ())
    return ", ".join(letter(place) for place in option_indexes(answer) if isinstance(place, int))


def _shown(answer: Stored | None) -> Shown | None:
    return [*answer] if isinstance(answer, list) else answer


def _places(options: Sequence[str], said: str | None) -> Shown | None:
    """Return the indexes of the options whose joined texts match; None if they don't."""
    if said in options:
        return options.index(said)
    texts = said.split(JOINED) if said else []
    places = [place for place, option in enumerate(options) if option in texts]
    return list(places) if JOINED.join(options[place] for place in places) == said else None


def _praise(result: AnswerResult) -> str:
    points = result.points or 0
    parts = [f"+{points:g} {'point' if points == 1 else 'points'}"] if points else []
    if result.response_time is not None:
        parts.append(f"{result.response_time:.1f} s")
    if result.streak > 1:
        parts.append(f"{result.streak} in a row")
    return "    ".join(parts)
