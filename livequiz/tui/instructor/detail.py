"""One row opened: the whole question, its options and key, the answer, the explanation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Footer, Static

from livequiz.domain.wording import answer_in_words, key_in_words
from livequiz.protocol.answers import key_from
from livequiz.protocol.snapshot import QuestionDetail
from livequiz.tui.base import Dialog, plain, with_id
from livequiz.tui.instructor.board import Row
from livequiz.tui.instructor.rows import LETTERS
from livequiz.tui.widgets.rich_text import RichText, inline


class DetailScreen(Dialog[None]):
    """A question with one student's answer.

    Args:
        row: Whose.
        verdict: In words.
        question: With its key; None while it is not known yet.
    """

    DEFAULT_CSS = """
    DetailScreen { align: center middle; background: $background 60%; }
    DetailScreen #box { width: 90; max-width: 94%; height: auto; max-height: 90%; padding: 1 3; }
    DetailScreen #box { background: $surface; border: round $primary; }
    DetailScreen #who { color: $muted; margin: 0 0 1 0; }
    DetailScreen #question { margin: 0 0 1 0; }
    DetailScreen #question .prose { text-style: bold; }
    DetailScreen .key { color: $success; text-style: bold; }
    DetailScreen #explanation { margin: 1 0 0 0; color: $secondary; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,space,q", "dismiss", "Back", key_display="Esc"),
    ]

    def __init__(self, row: Row, verdict: str, question: QuestionDetail | None) -> None:
        super().__init__()
        self._row = row
        self._verdict = verdict
        self._question = question

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="box"):
            yield Static(self._who(), id="who")
            if self._question is None:
                yield Static("The question is on its way; open the row again.", markup=False)
            else:
                yield from self._whole(self._question)
        yield Footer(show_command_palette=False)

    def _who(self) -> Content:
        seconds = "" if self._row.seconds is None else f"{self._row.seconds:.1f} s"
        parts = [
            with_id(self._row.name, self._row.student_id),
            Content.styled(self._verdict, "bold"),
        ]
        return Content("   ").join([*parts, Content(seconds)])

    def _whole(self, question: QuestionDetail) -> ComposeResult:
        yield RichText(question.question, id="question")
        key = key_from(question.type, question.correct)
        if question.options:
            yield from self._options(question, _places(key), _places(self._row.answer))
        else:
            words = key_in_words(question.type, key, ())
            yield Static(Content.assemble("✓ ", plain(words), "   <- right answer"), classes="key")
            if isinstance(self._row.answer, float | str):
                answer = answer_in_words(self._row.answer, ())
                yield Static(Content.assemble("  ", plain(answer), "   <- typed"))
        if question.explanation:
            yield RichText(question.explanation, id="explanation")

    def _options(
        self, question: QuestionDetail, right: Sequence[object], chosen: Sequence[object]
    ) -> ComposeResult:
        for place, option in enumerate(question.options):
            notes = [
                "right answer" if place in right else "",
                "chosen" if place in chosen else "",
            ]
            note = ", ".join(filter(None, notes))
            line = Content.assemble(
                f"{'✓' if place in right else ' '} {LETTERS[place % 26]}  ",
                inline(option),
                f"   <- {note}" if note else "",
            )
            yield Static(line, classes="key" if place in right else "")


def _places(answer: object) -> Sequence[object]:
    if isinstance(answer, list | tuple):
        return answer
    return () if answer is None else (answer,)
