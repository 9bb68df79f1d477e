"""The dialog that confirms the removal of a student."""

from __future__ import annotations

from typing import ClassVar, Literal

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Static

from livequiz.tui.base import Dialog, with_id
from livequiz.tui.widgets.footer import Footer

Choice = Literal["remove", "ban"]


class RemoveDialog(Dialog[Choice | None]):
    """Remove or ban; dismissed with the choice, or with None.

    Args:
        name: The student's name.
        student_id: The student's id; names are not unique.
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
        with Vertical(id="box", classes="-warning"):
            question = Content.assemble("Remove ", self._who, " from this meeting?")
            yield Static(question, id="question")
            yield Static(
                "Remove frees the id: anyone can join with it, unless the meeting is locked. "
                "Ban keeps the id out until you lift the ban with x in the Here list.",
                id="note",
            )
            with Horizontal(id="buttons"):
                yield Button("Keep", id="keep")
                yield Button("Remove", id="remove")
                yield Button("Ban", id="ban")
        yield Footer()

    def action_choose(self, choice: str) -> None:
        self.dismiss("remove" if choice == "remove" else "ban" if choice == "ban" else None)

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        self.action_choose(event.button.id or "")
