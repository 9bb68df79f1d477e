"""A checkbox that shows its state by shape: `[x]` or `[ ]`."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Checkbox

from livequiz.tui.base import plain


class Mark(Checkbox):
    """A checkbox that is readable without colour.

    Args:
        label: The label; untrusted text.
        value: Whether it is checked.
        topic: The topic that it stands for in a list of checkboxes.
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
