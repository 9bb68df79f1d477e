"""What plain mode says: questions, verdicts and times as lines of text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from livequiz.client.practice import PracticeRun
from livequiz.client.record import Record
from livequiz.client.verdict_wording import Verdict, of_practice
from livequiz.domain.answering import Shown
from livequiz.domain.key_wording import letter, number_in_words
from livequiz.domain.model import QuestionType
from livequiz.protocol.answers import option_indexes
from livequiz.protocol.messages import NewQuestion
from livequiz.protocol.practice import AskedQuestion, PastAnswer

SIGNS = "✓✗◐●○ "  # of a verdict's title: words say the same
HELP = """\
While a question is open, type your answer and press Enter. It counts at once.
  b, or 2, or an option's text   choose an option; a c chooses several, where several can be right
  time?    how much time is left
  repeat   the question again
While you wait:
  score    your points and your answers so far
  history  your earlier questions, with the right answers and why
  practise the questions that you missed, again; stop ends it
Always:
  help     these lines
  quit     leave the class
To answer with one of these words, put it in quotation marks: "help"."""
_GAPS = {
    "    ": ", ",
    "   ": ", ",
    ".  ": ". ",
    "  ": ": ",
}  # wide spaces on a screen, marks in a sentence
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
    yield from _asked(question)


def practice_lines(run: PracticeRun) -> Iterator[str]:
    """Yield the question to practise now, its options, and how to answer."""
    yield f"{_in_words(run.title)}."
    yield from _asked(run.current)


def _asked(question: NewQuestion | AskedQuestion) -> Iterator[str]:
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
    title, detail = verdict.title.strip(SIGNS), _in_words(verdict.detail)
    yield f"{title}. {detail}".rstrip(". ") + "."
    if verdict.explanation:
        yield verdict.explanation


def past_lines(item: PastAnswer) -> Iterator[str]:
    """Yield an earlier question, what was answered, what is right, and why."""
    yield f"Question {item.round_number}: {' '.join(item.question.split())}"
    title, *more = verdict_lines(of_practice(item, item))
    if item.your_answer is None:
        yield "You gave no answer" + title.removeprefix("Incorrect")
    else:
        yield f"Your answer: {said(item.your_answer, item.options)}."
        yield title
    yield from more


def said(answer: Shown, options: Sequence[str]) -> str:
    """Return an answer in words: letters and texts of options, or what was typed."""
    if not options:
        return number_in_words(answer) if isinstance(answer, float) else f"{answer}"
    places = [place for place in option_indexes(answer) if isinstance(place, int)]
    return "; ".join(f"{letter(place)}, {options[place]}" for place in places)


def _in_words(text: str) -> str:
    """Return a line of a screen with marks in the place of its gaps."""
    for gap, mark in _GAPS.items():
        text = text.replace(gap, mark)
    return text


def score_lines(record: Record) -> Iterator[str]:
    """Yield a student's points, and the questions of each round so far, oldest first."""
    points = "1 point" if record.total_points == 1 else f"{record.total_points:g} points"
    yield f"{points}; {record.right} of {record.judged} answers right."
    for item in reversed(record.history):
        outcome = "no answer"
        if item.answered:
            outcome = {True: "correct", False: "incorrect", None: "stored"}[item.correct]
        yield f"Question {item.round_number}: {outcome}. {' '.join(item.question.split())}"
