"""Details of a row: the full question, its options and key, the answer, the explanation."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from livequiz.protocol.snapshot import QuestionDetail
from livequiz.tui.base import Dialog, with_id
from livequiz.tui.instructor.board import Row
from livequiz.tui.widgets.footer import Footer
from livequiz.tui.widgets.question_view import QuestionView


class DetailScreen(Dialog[None]):
    """A question and one student's answer to it.

    Args:
        row: The student's row.
        verdict: The verdict, in words.
        question: The question with its key; None until it is fetched.
    """

    CSS_PATH = "detail_screen.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,space,q", "dismiss", "Back", key_display="Esc"),
    ]

    def __init__(self, row: Row, verdict: str, question: QuestionDetail | None) -> None:
        super().__init__()
        self._row = row
        self._verdict = verdict
        self._question = question

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="box", classes="-reading"):
            yield Static(self._who(), id="who")
            if self._question is None:
                yield Static("The question is still loading; open the row again.", markup=False)
            else:
                yield QuestionView(self._question, self._row.answer)
        yield Footer()

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
