"""The dialog that sets a student's extra time."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Static

from livequiz.tui.base import Dialog, with_id
from livequiz.tui.widgets.footer import Footer

FACTORS = (1.0, 1.25, 1.5, 2.0, 3.0, 4.0)


class ExtraTimeDialog(Dialog[float | None]):
    """Sets the time factor; dismissed with it, or with None.

    Args:
        name: The student's name.
        student_id: The student's id; names are not unique.
        factor: The current factor.
    """

    CSS_PATH = "extra_time.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Cancel", key_display="Esc"),
        Binding("enter", "press", "Choose", key_display="Enter"),
        Binding("right,down", "app.focus_next", "Next", key_display="←→"),
        Binding("left,up", "app.focus_previous", show=False),
    ]

    def __init__(self, name: str, student_id: str, factor: float) -> None:
        super().__init__()
        self._who = with_id(name, student_id)
        self._factor = factor

    def compose(self) -> ComposeResult:
        with Vertical(id="box"):
            question = Content.assemble("How much time should ", self._who, " get?")
            yield Static(question, id="question")
            yield Static(
                "For this meeting, including the open question. Other students don't see it.",
                id="note",
            )
            with Horizontal(id="buttons"):
                for place, factor in enumerate(FACTORS):
                    yield Button(f"×{factor:g}", id=f"factor-{place}")
        yield Footer()

    def on_mount(self) -> None:
        nearest = min(FACTORS, key=lambda factor: abs(factor - self._factor))
        self.query_one(f"#factor-{FACTORS.index(nearest)}").focus()

    def action_leave(self) -> None:
        self.dismiss(None)

    @on(Button.Pressed)
    def _chosen(self, event: Button.Pressed) -> None:
        self.dismiss(FACTORS[int((event.button.id or "").removeprefix("factor-"))])
