"""Who is here, and how each of them does."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from livequiz.tui.base import plain


class Roster(VerticalScroll):
    """A list of (symbol, word, name)."""

    DEFAULT_CSS = """
    Roster { height: 1fr; padding: 0 1; scrollbar-size-vertical: 1; }
    Roster .roster-title { color: $muted; text-style: bold; height: 1; }
    Roster .roster-names { height: auto; text-wrap: nowrap; text-overflow: ellipsis; }
    """

    def compose(self) -> ComposeResult:
        yield Static("Here", classes="roster-title", markup=False)
        yield Static("", classes="roster-names", markup=False)

    def show(self, title: str, people: Sequence[tuple[str, str]]) -> None:
        """Show people, each with a short word on what it does."""
        self.query_one(".roster-title", Static).update(plain(title))
        lines = [
            Content.assemble((f"{word:<8}", "bold"), plain(name, keep="")) for word, name in people
        ]
        self.query_one(".roster-names", Static).update(Content("\n").join(lines))
