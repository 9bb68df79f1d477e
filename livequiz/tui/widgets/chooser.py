"""Lines of which one is chosen, by key or by mouse."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.events import Click
from textual.message import Message
from textual.reactive import reactive

from livequiz.tui.widgets.lines import Lines, MakeLine


class Chooser(Lines):
    """The choice stays with its key while lines come, go and move."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "choose(-1)", "Choose", show=False),
        Binding("down,j", "choose(1)", "Choose", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("home", "choose_end(0)", show=False),
        Binding("end", "choose_end(-1)", show=False),
        Binding("enter", "open", "Open", show=False, key_display="Enter"),
    ]

    # Of the chosen line, 0-based; the two lines that look different are drawn, and no others.
    place: reactive[int] = reactive(0, repaint=False)

    class Opened(Message):
        """The chosen line is opened."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    class Chose(Message):
        """Another line is chosen."""

    @property
    def chosen(self) -> int | None:
        return self.place if self.keys else None

    @property
    def selected(self) -> str | None:
        """The key of the chosen line; None where there is no line."""
        return self.keys[self.place] if self.keys else None

    def show(self, keys: Sequence[str], make: MakeLine) -> None:
        selected = self.selected
        if keys != self.keys:
            place = keys.index(selected) if selected in keys else 0
            self.set_reactive(Chooser.place, place)  # what is in sight stays in sight
        super().show(keys, make)

    def validate_place(self, place: int) -> int:
        return max(0, min(place, len(self.keys) - 1))

    def watch_place(self, old: int, new: int) -> None:
        self.refresh_line(old)
        self.refresh_line(new)
        self.post_message(self.Chose())
        top, height = self.scroll_offset.y, self.scrollable_content_region.height
        if not top <= new < top + height:
            y = new if new < top else new - height + 1
            self.scroll_to(y=y, animate=False, immediate=True)

    def action_choose(self, step: int) -> None:
        self.place += step

    def action_page(self, step: int) -> None:
        self.place += step * self.scrollable_content_region.height

    def action_choose_end(self, end: int) -> None:
        self.place = end % max(1, len(self.keys))

    def action_open(self) -> None:
        if self.selected is not None:
            self.post_message(self.Opened(self.selected))

    def on_click(self, event: Click) -> None:
        place = self.scroll_offset.y + event.y
        if place < len(self.keys):
            self.place = place
            self.action_open()
