"""A list in which one line is selected, by key or mouse."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.events import Click
from textual.message import Message
from textual.reactive import reactive

from livequiz.tui.widgets.line_list import Lines, MakeLine


class Chooser(Lines):
    """The selection follows its key while lines are added, removed and reordered."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "choose(-1)", "Choose", show=False),
        Binding("down", "choose(1)", "Choose", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("home", "choose_end(0)", show=False),
        Binding("end", "choose_end(-1)", show=False),
        Binding("enter", "open", "Open", show=False, key_display="Enter"),
    ]

    # Of the chosen line, 0-based; the two lines that look different are drawn, and no others.
    cursor_index: reactive[int] = reactive(0, repaint=False)

    class Opened(Message):
        """The selected line was opened."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    class Chose(Message):
        """The selection changed."""

    @property
    def chosen(self) -> int | None:
        return self.cursor_index if self.keys else None

    @property
    def selected(self) -> str | None:
        """The key of the selected line; None if the list is empty."""
        return self.keys[self.cursor_index] if self.keys else None

    def show(self, keys: Sequence[str], make: MakeLine) -> None:
        selected = self.selected
        if keys != self.keys:
            cursor_index = keys.index(selected) if selected in keys else 0
            self.set_reactive(Chooser.cursor_index, cursor_index)  # what is in sight stays in sight
        super().show(keys, make)

    def validate_cursor_index(self, cursor_index: int) -> int:
        return max(0, min(cursor_index, len(self.keys) - 1))

    def watch_cursor_index(self, old: int, new: int) -> None:
        self.refresh_line(old)
        self.refresh_line(new)
        self.post_message(self.Chose())
        top, height = self.scroll_offset.y, self.scrollable_content_region.height
        if not top <= new < top + height:
            y = new if new < top else new - height + 1
            self.scroll_to(y=y, animate=False, immediate=True)

    def action_choose(self, step: int) -> None:
        self.cursor_index += step

    def action_page(self, step: int) -> None:
        self.cursor_index += step * self.scrollable_content_region.height

    def action_choose_end(self, end: int) -> None:
        self.cursor_index = end % max(1, len(self.keys))

    def action_open(self) -> None:
        if self.selected is not None:
            self.post_message(self.Opened(self.selected))

    def on_click(self, event: Click) -> None:
        cursor_index = self.scroll_offset.y + event.y
        if cursor_index < len(self.keys):
            self.cursor_index = cursor_index
            self.action_open()
