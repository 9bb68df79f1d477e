"""Single-line fields that a paste can't submit; the fields and button of a join form."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import Button, Input

from livequiz.domain.text import is_hostile, without_escapes

_ESCAPE = re.compile(r"\^(?=[\[\]OPX_^])")
PASTED_WITHIN = 0.05  # seconds between keys: faster than anyone types
# Keys that edit, such as Backspace, and what they do.
_EDITING = {
    key: binding.action
    for binding in Binding.make_bindings(Input.BINDINGS)
    for key in binding.key.split(",")
    if key != "enter"
}


_MOVES: dict[str, Callable[[Screen[object]], object]] = {
    "down": Screen.focus_next,
    "tab": Screen.focus_next,
    "up": Screen.focus_previous,
    "shift+tab": Screen.focus_previous,
}


class LineInput(Input):
    """An input that takes only the first line of a paste and never submits because of one.

    A terminal without bracketed paste delivers a paste as keys, a newline as Enter. So Enter waits
    until nothing follows it; if something does, the rest of the paste is dropped.
    """

    _last_key = -math.inf  # time of the last key press
    _at_once = False  # whether the newest key came right after another
    _pasting = False  # whether the keys now belong to the dropped rest of a paste
    _submit: Callable[[], object] | None = None  # pending submit, cancelled if a key follows Enter
    _burst = ""  # the characters of the current burst of keys
    _before_burst = ("", 0)  # the value and cursor position before the burst

    def when_quiet(self, submit: Callable[[], object]) -> None:
        """Submit now; if Enter came right after other keys, wait until no key follows it."""
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
        """Handle Enter in this field."""
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
        if not self._pasting and event.key in _EDITING:
            # A binding would run only after the characters that are already in the queue.
            event.stop().prevent_default()
            await self.run_action(_EDITING[event.key])
            return
        if not self._pasting and event.key != "enter":
            await super()._on_key(event)
            return
        # Here and not by a binding: keys typed ahead are already in this field's queue.
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
        # Remove escape sequences of keys pressed during the paste.
        lines = without_escapes(text).splitlines()
        event.text = next((line for line in lines if line.strip()), "")
        super()._on_paste(event)
        event.prevent_default()

    def validate_value(self, value: str) -> str:
        """Remove terminal control characters from the value."""
        return "".join(character for character in value if not is_hostile(character))


class Field(LineInput):
    """A field with a footer entry for the key that moves on from it.

    Args:
        value: The initial value.
        example: The placeholder.
        name: The widget's id: the field's name on the wire.
        enter: Called with the field when Enter is pressed; may move the focus.
        password: Whether to mask the value.
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
        elif event.key in _MOVES:
            # At once, for the same reason: the binding would run after them.
            event.stop().prevent_default()
            _MOVES[event.key](self.screen)
        else:
            await super()._on_key(event)

    def entered(self) -> None:
        self._enter(self)


class JoinButton(Button):
    """A join button with a footer entry for the key that presses it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "press", "Join", key_display="Enter"),
        Binding("down", "app.focus_next", "Field", key_display="↑↓"),
        Binding("up", "app.focus_previous", "Field", show=False),
    ]
