"""A question to the person at the keyboard, with yes and no."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingsMap, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Footer, Static

from livequiz.tui.base import Dialog, plain


class Confirm(Dialog[bool]):
    """Dismissed with whether it was confirmed. The safe answer has the focus.

    Args:
        question: What is asked; any text.
        yes: What the button says that does it.
        no: What the button says that does nothing.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,right,up,down", "app.focus_next", "Move", show=False),
    ]

    DEFAULT_CSS = """
    Confirm { align: center middle; background: $background 70%; }
    Confirm #box { width: 66; max-width: 90%; height: auto; padding: 1 3; }
    Confirm #box { background: $surface; border: round $primary; }
    Confirm #question { margin: 0 0 1 0; text-align: center; }
    Confirm #buttons { height: 3; width: 1fr; align: center middle; }
    Confirm Button { margin: 0 1; }
    """

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
