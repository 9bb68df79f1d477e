"""A question with all answers to it so far: to look at, to edit, to retire."""

from __future__ import annotations

from string import ascii_uppercase
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from livequiz.protocol.bank import KeyedQuestion, keyed_fields
from livequiz.protocol.figures import QuestionRecord
from livequiz.protocol.questions import to_draft
from livequiz.tui.base import Dialog, plain
from livequiz.tui.widgets.footer import Footer
from livequiz.tui.widgets.question_view import QuestionView


class QuestionRecordScreen(Dialog[str | None]):
    """Shows a question; dismissed with `edit` or `retire`, or with None.

    Args:
        record: The question and the answers to it.
    """

    CSS_PATH = "question_record.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("e", "dismiss('edit')", "Edit"),
        Binding("d", "dismiss('retire')", "Retire"),
        Binding("escape,enter,space,q", "dismiss(None)", "Back", key_display="Esc"),
    ]

    def __init__(self, record: QuestionRecord) -> None:
        super().__init__()
        self._record = record

    def compose(self) -> ComposeResult:
        record = self._record
        question = KeyedQuestion(**keyed_fields(to_draft(record.question)))
        with VerticalScroll(id="box", classes="-reading"):
            yield QuestionView(question, facts=options(record))
            yield Static(plain(history(record), keep=""), id="history")
            for flag in record.flags:
                yield Static(plain(f"! {flag}", keep=""), classes="flag")
        yield Footer()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        changes = parameters and parameters[0] in {"edit", "retire"}
        return not (changes and self._record.retired)


def history(record: QuestionRecord) -> str:
    """Return what came of a question so far, in sentences."""
    retired = " It is retired: nobody will get it." if record.retired else ""
    if record.accuracy is None or record.last_answered is None:
        return f"Nobody has answered it yet.{retired}"
    students = "1 student" if record.responses == 1 else f"{record.responses} students"
    meetings = "1 meeting" if record.meetings == 1 else f"{record.meetings} meetings"
    time = "" if record.mean_time is None else f", {record.mean_time:.1f} s on average"
    return (
        f"{students} in {meetings}, last on {record.last_answered[:10]}: {record.accuracy:.0f} % "
        f"right (probably {record.low:.0f} to {record.high:.0f} %){time}.{retired}"
    )


def options(record: QuestionRecord) -> str:
    """Return how often each option was chosen."""
    if not sum(record.options):
        return ""
    counts = (f"{ascii_uppercase[n]} {count}" for n, count in enumerate(record.options))
    return f"Chosen: {'   '.join(counts)}"
