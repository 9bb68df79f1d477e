"""One row opened: the whole question, its options and key, the answer, the explanation."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Footer, Static

from livequiz.protocol.snapshot import QuestionDetail
from livequiz.tui.base import Dialog, with_id
from livequiz.tui.instructor.board import Row
from livequiz.tui.widgets.question_view import QuestionView


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
                yield QuestionView(self._question, self._row.answer)
        yield Footer(show_command_palette=False)

    def _who(self) -> Content:
        seconds = "" if self._row.seconds is None else f"{self._row.seconds:.1f} s"
        parts = [
            with_id(self._row.name, self._row.student_id),
            Content.styled(self._verdict, "bold"),
        ]
        points = "" if self._row.points is None else f"{self._row.points:g}"
        if points and self._question is not None:
            points += f" of {self._question.points:g} point{'s' * (self._question.points != 1)}"
        facts = [Content(fact) for fact in (seconds, points) if fact]
        return Content("   ").join([*parts, *facts])
