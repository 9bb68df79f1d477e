"""A box to tick, whose state is told by its shape: `[x]` or `[ ]`."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Checkbox

from livequiz.tui.base import plain


class Mark(Checkbox):
    """A checkbox that reads without colour.

    Args:
        label: What it is for; any text.
        value: Whether it is ticked.
        topic: What it stands for in a list of such boxes.
    """

    DEFAULT_CSS = """
    Mark { width: auto; height: 1; background: transparent; padding: 0; }
    Mark:focus { text-style: bold; background: $panel; }
    """

    def __init__(
        self,
        label: str,
        value: bool = False,
        *,
        topic: str = "",
        id: str | None = None,  # noqa: A002
    ) -> None:
        super().__init__(plain(label, keep=""), value, id=id, compact=True)
        self.topic = topic

    @property
    def _button(self) -> Content:
        return Content("[x] " if self.value else "[ ] ")
