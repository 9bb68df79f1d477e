"""The fields of a join form, and its button."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.widgets import Button, Input

from livequiz.domain.text import is_hostile


class Field(Input):
    """A field that says in the footer what moves on from it.

    Args:
        value: What is known already.
        example: What it could be.
        name: Its id, as the wire names it.
        enter: Called with the field when Enter is pressed; may move the focus.
        password: Whether dots stand for what is typed.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Next, join", key_display="Enter"),
        Binding("down", "app.focus_next", "Field", key_display="↑↓"),
        Binding("up", "app.focus_previous", "Field", show=False),
    ]

    def __init__(
        self,
        value: str,
        example: str,
        name: str,
        enter: Callable[[Input], None],
        *,
        password: bool = False,
    ) -> None:
        super().__init__(value, placeholder=example, id=name, compact=True, password=password)
        self._enter = enter

    async def _on_key(self, event: events.Key) -> None:
        # Keys that were typed ahead wait in this field's queue when Enter moves the focus on.
        if self.screen.focused is not self:
            event.stop().prevent_default()
            self.app.post_message(events.Key(event.key, event.character))
        elif event.key == "enter":
            event.stop().prevent_default()
            self._enter(self)
        else:
            await super()._on_key(event)

    def validate_value(self, value: str) -> str:
        """Drop what steers a terminal: it comes with a paste, and an input shows what it holds."""
        return "".join(character for character in value if not is_hostile(character))


class JoinButton(Button):
    """The button that says in the footer what presses it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "press", "Join", key_display="Enter"),
        Binding("down", "app.focus_next", "Field", key_display="↑↓"),
        Binding("up", "app.focus_previous", "Field", show=False),
    ]
