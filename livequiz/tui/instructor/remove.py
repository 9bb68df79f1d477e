"""Asks before a student is sent out."""

from __future__ import annotations

from typing import ClassVar, Literal

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Footer, Static

from livequiz.tui.base import Dialog, with_id

Choice = Literal["remove", "ban"]


class RemoveDialog(Dialog[Choice | None]):
    """Dismissed with what to do with the student, or with None.

    Args:
        name: The student's name.
        student_id: And id: others may have the same name.
    """

    DEFAULT_CSS = """
    RemoveDialog { align: center middle; background: $background 60%; }
    RemoveDialog #box { width: 70; max-width: 94%; height: auto; padding: 1 3; }
    RemoveDialog #box { background: $surface; border: round $warning; }
    RemoveDialog #question { text-style: bold; margin: 0 0 1 0; }
    RemoveDialog #note { color: $muted; margin: 0 0 1 0; }
    RemoveDialog #buttons { height: 3; align: center middle; }
    RemoveDialog Button { margin: 0 1; }
    """
    AUTO_FOCUS = "#keep"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "choose('remove')", "Remove"),
        Binding("b", "choose('ban')", "Ban"),
        Binding("escape,n", "choose('')", "Keep", key_display="Esc"),
        Binding("left,right,up,down", "app.focus_next", show=False),
    ]

    def __init__(self, name: str, student_id: str) -> None:
        super().__init__()
        self._who = with_id(name, student_id)

    def compose(self) -> ComposeResult:
        with Vertical(id="box"):
            question = Content.assemble("Remove ", self._who, " from this meeting?")
            yield Static(question, id="question")
            yield Static(
                "Removing frees the id: anybody can join with it, unless the meeting is locked. "
                "Banning keeps the id out, until x in Here lets it in again.",
                id="note",
            )
            with Horizontal(id="buttons"):
                yield Button("Keep", id="keep")
                yield Button("Remove", id="remove")
                yield Button("Ban", id="ban")
        yield Footer(show_command_palette=False)

    def action_choose(self, choice: str) -> None:
        self.dismiss("remove" if choice == "remove" else "ban" if choice == "ban" else None)

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        self.action_choose(event.button.id or "")
