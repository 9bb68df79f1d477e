"""Figures of a class, as lines of text and bars under headings; some of the lines can be opened."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from livequiz.tui.base import say
from livequiz.tui.widgets.list_chooser import Chooser

DrawLine = Callable[[int], Content]  # width in columns -> line


class FiguresPane(Vertical):
    """A list of lines; a line's key says what it is about, as `figures.lines` has it."""

    DEFAULT_CSS = """
    FiguresPane { height: 1fr; }
    FiguresPane .pane-title { color: $muted; text-style: bold; height: 1; padding: 0 1; }
    FiguresPane:focus-within .pane-title { color: $foreground; }
    FiguresPane Chooser { height: 1fr; padding: 0 1; background: $background; }
    FiguresPane Chooser { scrollbar-size-vertical: 1; }
    FiguresPane Chooser > .lines--chosen { background: $background; }
    FiguresPane Chooser:focus > .lines--chosen { background: $panel; }
    """

    def compose(self) -> ComposeResult:
        yield Static("", classes="pane-title", markup=False)
        yield Chooser()

    @property
    def list(self) -> Chooser:
        """The lines, which take the focus."""
        return self.query_one(Chooser)

    def show(self, title: str, lines: Mapping[str, DrawLine]) -> None:
        """Show lines under a title, by key."""
        say(self.query_one(".pane-title", Static), title)
        self.list.show(list(lines), lambda key, room: lines[key](room))
