"""Fields of one line that no paste can submit; those of a join form, and its button."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.widgets import Button, Input

from livequiz.domain.text import is_hostile, without_escapes

_ESCAPE = re.compile(r"\^(?=[\[\]OPX_^])")
PASTED_WITHIN = 0.05  # seconds between two keys that no hand pressed


class LineInput(Input):
    """An input that takes the first line of what is pasted, and leaves Enter to the person.

    A terminal without bracketed paste delivers a paste as keys, a newline as Enter. So Enter waits
    until nothing follows it; if something does, the rest of the paste is dropped.
    """

    _last_key = -math.inf  # when it was pressed
    _at_once = False  # whether the newest key came right behind another
    _pasting = False  # whether keys are what follows the first line of a paste
    _submit: Callable[[], object] | None = None  # waits for something to follow Enter
    _burst = ""  # the characters of the keys that came right behind each other
    _before_burst = ("", 0)  # what the field held before them, and where the cursor was

    def when_quiet(self, submit: Callable[[], object]) -> None:
        """Submit now, or soon if Enter came right behind other keys and nothing follows it."""
        if self._at_once:
            self._submit = submit
            self.set_timer(PASTED_WITHIN, self._nothing_followed)
        else:
            submit()

    def _nothing_followed(self) -> None:
        submit, self._submit = self._submit, None
        if submit is not None:
            submit()

    def entered(self) -> None:
        """Do what Enter does in this field."""
        self.when_quiet(lambda: self.post_message(self.Submitted(self, self.value)))

    async def _on_key(self, event: events.Key) -> None:
        self._at_once = event.time - self._last_key < PASTED_WITHIN
        self._last_key = event.time
        if not self._at_once:
            self._burst, self._before_burst = "", (self.value, self.cursor_position)
        self._burst += event.character or ""
        if self._at_once and self._submit is not None:
            self._submit = None
            self._pasting = True
        self._nothing_followed()
        self._pasting &= self._at_once
        if not self._pasting and event.key != "enter":
            await super()._on_key(event)
            return
        # Here and not by a binding: keys that were typed ahead are in this field's queue already.
        event.stop().prevent_default()
        if not self._pasting:
            self.entered()

    def _on_paste(self, event: events.Paste) -> None:
        text = event.text
        if event.time - self._last_key < PASTED_WITHIN and self._burst.startswith("^"):
            # From the first escape sequence on, Textual 8 lets go of a paste as keys, with ^ for
            # ESC, and of what stands before it as the paste, which comes last.
            self._submit = None
            self._pasting = False
            self.value, self.cursor_position = self._before_burst
            text += _ESCAPE.sub("\x1b", self._burst)
            self._burst = ""
        # A key that was pressed into the clipboard's text is no part of it.
        lines = without_escapes(text).splitlines()
        event.text = next((line for line in lines if line.strip()), "")
        super()._on_paste(event)
        event.prevent_default()

    def validate_value(self, value: str) -> str:
        """Drop what steers a terminal: an input shows what it holds."""
        return "".join(character for character in value if not is_hostile(character))


class Field(LineInput):
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
        enter: Callable[[LineInput], None],
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
            return
        await super()._on_key(event)

    def entered(self) -> None:
        self._enter(self)


class JoinButton(Button):
    """The button that says in the footer what presses it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "press", "Join", key_display="Enter"),
        Binding("down", "app.focus_next", "Field", key_display="↑↓"),
        Binding("up", "app.focus_previous", "Field", show=False),
    ]
