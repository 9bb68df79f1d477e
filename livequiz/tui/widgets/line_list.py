"""A virtual list: it renders only the visible lines, so thousands cost as much as forty."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.content import Content
from textual.events import Resize
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.visual import Visual

MakeLine = Callable[[str, int], Content]  # (key, width in columns) -> line


class Lines(ScrollView, can_focus=True):
    """One line per key, rendered when visible and repainted only if it changed."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"lines--chosen"}
    DEFAULT_CSS = "Lines { overflow-x: hidden; }"

    def __init__(self) -> None:
        super().__init__()
        self.keys: Sequence[str] = ()
        self._instead = Content()
        self._make: MakeLine = lambda key, _: Content(key)
        self._drawn: dict[int, Content] = {}  # the content last drawn, by line index

    def show(self, keys: Sequence[str], make: MakeLine) -> None:
        """Show a line for each key.

        Args:
            keys: The keys of the lines; unique strings.
            make: Returns the line for a key.
        """
        self._make = make
        if keys == self.keys:
            self.redraw()
            return
        self.keys = keys
        self._drawn.clear()
        self._measure()
        self.refresh()

    def say_instead(self, sentence: Content) -> None:
        """Set the placeholder shown while the list is empty."""
        if sentence.plain != self._instead.plain:
            self._instead = sentence
            self.refresh()

    def redraw(self) -> None:
        """Redraw the visible lines that changed."""
        top = self.scroll_offset.y
        for place in range(top, min(top + self.size.height, len(self.keys))):
            drawn = self._drawn.get(place)
            line = self._make(self.keys[place], self._room)
            if drawn is None or (drawn.plain, drawn.spans) != (line.plain, line.spans):
                self.refresh_line(place)

    def on_resize(self, _event: Resize) -> None:
        self._drawn.clear()
        self._measure()

    def render_line(self, y: int) -> Strip:
        place, room = self.scroll_offset.y + y, self._room
        if not self.keys and self._instead:
            said = Visual.to_strips(self, self._instead, room, None, self.visual_style, pad=True)
            return said[y] if y < len(said) else Strip.blank(room, self.visual_style.rich_style)
        if place >= len(self.keys):
            return Strip.blank(room, self.visual_style.rich_style)
        line = self._drawn[place] = self._make(self.keys[place], room)
        chosen = place == self.chosen
        style = self.get_visual_style("lines--chosen") if chosen else self.visual_style
        return Visual.to_strips(self, line, room, 1, style, pad=True)[0]

    @property
    def chosen(self) -> int | None:
        """The index of the highlighted line, or None."""
        return None

    @property
    def _room(self) -> int:
        return self.scrollable_content_region.width

    def _measure(self) -> None:
        self.virtual_size = Size(self._room, len(self.keys))
