"""A yes-or-no confirmation dialog."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingsMap, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Static

from livequiz.tui.base import Dialog, plain
from livequiz.tui.widgets.footer import Footer


class Confirm(Dialog[bool]):
    """Dismissed with whether the user confirmed. The safe answer has the focus.

    Args:
        question: The question; untrusted text.
        yes: The label of the confirming button.
        no: The label of the cancelling button.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,right,up,down", "app.focus_next", "Move", show=False),
    ]

    AUTO_FOCUS = "#no"

    def __init__(self, question: str, *, yes: str = "Yes", no: str = "No") -> None:
        super().__init__()
        self._question, self._yes, self._no = plain(question), plain(yes), plain(no)
        # The footer uses the buttons' words, which differ from dialog to dialog.
        keys = [Binding("y", "dismiss(True)", yes), Binding("n,escape", "dismiss(False)", no)]
        self._bindings = BindingsMap.merge([BindingsMap(keys), self._bindings])

    def compose(self) -> ComposeResult:
        with Vertical(id="box"):
            yield Static(self._question, id="question")
            with Horizontal(id="buttons"):
                yield Button(self._no, id="no")
                yield Button(self._yes, id="yes")
        yield Footer()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id == "yes")
