"""What plain mode says: questions, verdicts and times as lines of text."""

from __future__ import annotations

from collections.abc import Iterator

from livequiz.client.record import Record
from livequiz.client.verdict_wording import Verdict
from livequiz.domain.key_wording import letter
from livequiz.domain.model import QuestionType
from livequiz.protocol.messages import NewQuestion

SIGNS = "✓✗◐●○ "  # of a verdict's title: words say the same
HELP = """\
While a question is open, type your answer and press Enter. It counts at once.
  b, or 2, or an option's text   choose an option; a c chooses several, where several can be right
  time?    how much time is left
  repeat   the question again
While you wait:
  score    your points and your answers so far
Always:
  help     these lines
  quit     leave the class
To answer with one of these words, put it in quotation marks: "help"."""
_GAPS = {"    ": ", ", ".  ": ". ", "  ": ": "}  # wide spaces on a screen, marks in a sentence
_ASKS = {
    QuestionType.SINGLE: "Type one letter from A to {last}.",
    QuestionType.TRUE_FALSE: "Type A or B.",
    QuestionType.MULTIPLE: "Several can be right. Type all letters that apply, such as: a c",
    QuestionType.NUMERIC: "Type a number.",
    QuestionType.SHORT_TEXT: "Type your answer.",
}


def question_lines(question: NewQuestion) -> Iterator[str]:
    """Yield a question, its options, and how to answer."""
    facts = [f"Question {question.round_number}"]
    facts += [question.topic] if question.topic else []
    if question.points:
        facts += ["1 point" if question.points == 1 else f"{question.points} points"]
    facts += [time_left(question.remaining)]
    yield f"{', '.join(facts)}."
    yield question.question
    for index, option in enumerate(question.options):
        yield f"{letter(index)}. {option}"
    last = letter(len(question.options) - 1) if question.options else ""
    yield _ASKS[question.type].format(last=last)


def time_left(seconds: float) -> str:
    """Return how much time is left, in words."""
    whole = max(0, round(seconds))
    if whole == 1:
        return "1 second left"
    if whole <= 120:
        return f"{whole} seconds left"
    minutes, rest = divmod(whole, 60)
    return f"{minutes} minutes left" if not rest else f"{minutes} minutes {rest} seconds left"


def verdict_lines(verdict: Verdict) -> Iterator[str]:
    """Yield what became of an answer, in words alone."""
    title, detail = verdict.title.strip(SIGNS), verdict.detail
    for gap, mark in _GAPS.items():
        detail = detail.replace(gap, mark)
    yield f"{title}. {detail}".rstrip(". ") + "."
    if verdict.explanation:
        yield verdict.explanation


def score_lines(record: Record) -> Iterator[str]:
    """Yield a student's points, and the questions of each round so far, oldest first."""
    points = "1 point" if record.total_points == 1 else f"{record.total_points:g} points"
    yield f"{points}; {record.right} of {record.judged} answers right."
    for item in reversed(record.history):
        outcome = "no answer"
        if item.answered:
            outcome = {True: "correct", False: "incorrect", None: "stored"}[item.correct]
        yield f"Question {item.round_number}: {outcome}. {' '.join(item.question.split())}"
