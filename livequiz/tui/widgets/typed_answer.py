"""A line to type an answer into: a number or a few words."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static

from livequiz.client.typed_number import typed_number
from livequiz.domain.answering import Shown
from livequiz.domain.key_wording import answer_in_words
from livequiz.domain.typed_answers import LONGEST_TEXT
from livequiz.protocol.answers import Stored
from livequiz.tui.base import plain
from livequiz.tui.widgets.answer_options import OptionOutcome
from livequiz.tui.widgets.fields import LineInput


class Field(LineInput):
    """A line whose keys the footer tells; letters are text here."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Submit", key_display="Enter"),
        # Else the field would take them to scroll its one line.
        Binding("pagedown", "screen.page(1)", "Scroll", key_display="PgUp/PgDn"),
        Binding("pageup", "screen.page(-1)", "Scroll", show=False),
        Binding("ctrl+q", "app.quit", "Quit", key_display="^q"),
    ]


class TypedAnswer(Widget):
    """A field for an answer, and a row below it for the verdict.

    Args:
        number: Whether a number is asked for.
    """

    DEFAULT_CSS = """
    TypedAnswer { height: auto; width: 1fr; }
    TypedAnswer Input { width: 1fr; max-width: 60; margin: 0 1; }
    TypedAnswer #fate { height: auto; width: 1fr; max-width: 60; padding: 0 2; text-style: bold; }
    """

    class Chosen(Message):
        """Something else is in the field."""

    class Entered(Message):
        """Enter was pressed in the field."""

    def __init__(self, *, number: bool) -> None:
        super().__init__()
        self._number = number
        hint = "a number" if number else "your answer"
        self._input = Field(placeholder=hint, max_length=LONGEST_TEXT, select_on_focus=False)
        self._locked = False

    def compose(self) -> ComposeResult:
        yield self._input
        yield Static("", id="fate", markup=False)

    @property
    def answer(self) -> Stored | None:
        """What would be submitted now: a number, or a text; None if there is none."""
        text = " ".join(self._input.value.split())
        if not self._number:
            return text or None
        try:
            return typed_number(text)
        except ValueError:
            return None

    @property
    def missing(self) -> str:
        """What to do before there is anything to submit."""
        if not self._number:
            return "Type your answer first."
        try:
            typed_number(self._input.value.strip())
        except ValueError as error:
            return str(error)
        return ""

    @property
    def invitation(self) -> str:
        """What can be done that is not plain to see."""
        return ""

    @property
    def locked(self) -> bool:
        """Whether nothing can be typed."""
        return self._locked

    @locked.setter
    def locked(self, locked: bool) -> None:
        self._locked = self._input.disabled = locked

    def focus(self, scroll_visible: bool = True) -> TypedAnswer:
        """Let keys go to the field."""
        self._input.focus(scroll_visible)
        return self

    def restore(self, answer: Stored) -> None:
        """Put back what was typed before."""
        self._input.value = answer_in_words(answer, ()) if isinstance(answer, float | str) else ""

    def unlock(self) -> None:
        """Let an answer be typed again; what was typed stays."""
        self.locked = False
        self.query_one("#fate", Static).update("")
        self.focus()

    def reveal(self, right: Shown | None, chosen: Shown | None) -> None:
        """Say what became of the answer; no more typing.

        Args:
            right: What is right, which the verdict tells; None while it is not known.
            chosen: The answer that is stored, None if none is.
        """
        del right
        self.locked = True
        if isinstance(chosen, int | float | str):
            words = f"{answer_in_words(chosen, ()) if isinstance(chosen, float) else chosen}"
            self._input.value = words
            fate = OptionOutcome.WRONG  # "your answer", whatever it was worth
        else:
            fate = OptionOutcome.NOT_STORED if self.answer is not None else OptionOutcome.OTHER
        self.query_one("#fate", Static).update(plain(fate.value))

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Chosen())

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Entered())
