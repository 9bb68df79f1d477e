"""A large number, readable from a distance, with its label."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Digits, Static

from livequiz.tui.base import say


class Figure(Horizontal):
    """Large digits with a label beside them.

    Args:
        label: The label.
    """

    DEFAULT_CSS = """
    Figure { width: auto; height: 3; padding: 0 2 0 0; }
    Figure Digits { width: auto; height: 3; text-style: bold; }
    Figure Static { width: auto; height: 3; padding: 1 0 0 1; color: $muted; }
    """

    def __init__(self, label: str, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._label = label

    def compose(self) -> ComposeResult:
        yield Digits("-")
        yield Static(self._label, markup=False)

    def show(self, value: str, label: str | None = None) -> None:
        """Show a number, and a new label if one is given."""
        self.query_one(Digits).update(value)
        if label is not None:
            say(self.query_one(Static), label)
