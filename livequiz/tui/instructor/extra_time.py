"""Asks how much more time a student gets."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Footer, Static

from livequiz.tui.base import Dialog, with_id

FACTORS = (1.0, 1.25, 1.5, 2.0, 3.0, 4.0)


class ExtraTimeDialog(Dialog[float | None]):
    """Dismissed with a factor, or with None.

    Args:
        name: The student's name.
        student_id: And id: others may have the same name.
        factor: What it has now.
    """

    DEFAULT_CSS = """
    ExtraTimeDialog { align: center middle; background: $background 60%; }
    ExtraTimeDialog #box { width: 70; max-width: 94%; height: auto; padding: 1 3; }
    ExtraTimeDialog #box { background: $surface; border: round $primary; }
    ExtraTimeDialog #question { text-style: bold; margin: 0 0 1 0; }
    ExtraTimeDialog #note { color: $muted; margin: 0 0 1 0; }
    ExtraTimeDialog #buttons { height: 3; align: center middle; }
    ExtraTimeDialog Button { margin: 0 1 0 0; min-width: 8; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "As it was", key_display="Esc"),
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
            question = Content.assemble("How much time does ", self._who, " get?")
            yield Static(question, id="question")
            yield Static(
                "For this meeting, open question included. No other student sees it.", id="note"
            )
            with Horizontal(id="buttons"):
                for place, factor in enumerate(FACTORS):
                    yield Button(f"×{factor:g}", id=f"factor-{place}")
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        nearest = min(FACTORS, key=lambda factor: abs(factor - self._factor))
        self.query_one(f"#factor-{FACTORS.index(nearest)}").focus()

    def action_leave(self) -> None:
        self.dismiss(None)

    @on(Button.Pressed)
    def _chosen(self, event: Button.Pressed) -> None:
        self.dismiss(FACTORS[int((event.button.id or "").removeprefix("factor-"))])
