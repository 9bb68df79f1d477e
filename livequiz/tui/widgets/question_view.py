"""A question that was asked: text, options and key, explanation; for teachers, or afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from string import ascii_uppercase

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from livequiz.domain.answering import Shown
from livequiz.domain.key_wording import answer_in_words, key_in_words
from livequiz.protocol.answers import Stored, key_from, option_indexes
from livequiz.protocol.bank import KeyedQuestion
from livequiz.protocol.practice import PastAnswer
from livequiz.tui.base import plain
from livequiz.tui.widgets.rich_text import RichText, inline


class QuestionView(VerticalScroll):
    """A question, and optionally an answer to it.

    Args:
        question: The question with its key; a student's own has their answer too.
        answer: A student's answer, in the question's own order.
        facts: Further facts, on one line.
    """

    DEFAULT_CSS = """
    QuestionView { height: auto; }
    QuestionView #question { margin: 0 0 1 0; }
    QuestionView #question .prose { text-style: bold; }
    QuestionView .key { color: $success; text-style: bold; }
    QuestionView #explanation { margin: 1 0 0 0; color: $secondary; }
    QuestionView #facts { margin: 1 0 0 0; color: $muted; }
    """

    def __init__(
        self, question: KeyedQuestion | PastAnswer, answer: Stored | None = None, facts: str = ""
    ) -> None:
        super().__init__(can_focus=False)
        self._question = question
        self._answer: Stored | Shown | None = answer
        self._facts = facts
        if isinstance(question, PastAnswer):
            self._answer = question.your_answer
            self._right, self._key = option_indexes(question.correct_answer), question.correct_text
            self._chosen = self._typed = "your answer"
        else:
            key = key_from(question.type, question.correct)
            self._right = key if isinstance(key, tuple) else (key,)
            self._key = None if question.options else key_in_words(question.type, key, ())
            self._chosen, self._typed = "chosen", "typed"

    def compose(self) -> ComposeResult:
        question = self._question
        yield RichText(question.question, id="question")
        if question.options:
            yield from self._options(self._right, option_indexes(self._answer))
        else:
            words = Content.assemble("✓ ", plain(self._key or ""), "   <- right answer")
            yield Static(words, classes="key")
            if isinstance(self._answer, float | str):
                typed = plain(answer_in_words(self._answer, ()))
                yield Static(Content.assemble("  ", typed, f"   <- {self._typed}"))
        if question.explanation:
            yield RichText(question.explanation, id="explanation")
        if self._facts:
            yield Static(plain(self._facts, keep=""), id="facts")

    def _options(self, right: Sequence[object], chosen: Sequence[object]) -> ComposeResult:
        for place, option in enumerate(self._question.options):
            notes = [
                "right answer" if place in right else "",
                self._chosen if place in chosen else "",
            ]
            note = ", ".join(filter(None, notes))
            line = Content.assemble(
                f"{'✓' if place in right else ' '} {ascii_uppercase[place]}  ",
                inline(option),
                f"   <- {note}" if note else "",
            )
            yield Static(line, classes="key" if place in right else "")
