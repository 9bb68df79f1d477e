"""The row of keys at the bottom of every screen."""

from __future__ import annotations

from textual import events
from textual.app import RenderResult
from textual.binding import Binding
from textual.content import Content
from textual.screen import Screen
from textual.widget import Widget


class Footer(Widget):
    """The keys of a screen from its first frame on; a click on one presses it.

    One widget for all keys: Textual's own footer makes new widgets for every key whenever one of
    them changes, which cost half of what it takes to show a question.
    """

    DEFAULT_CSS = """
    Footer { dock: bottom; height: 1; padding: 0 1; }
    Footer { background: $footer-background; color: $footer-description-foreground; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._row = Content("")
        self._keys: list[tuple[int, str]] = []  # where each ends, and what to press

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._changed)
        self._changed(self.screen)

    def render(self) -> RenderResult:
        return self._row

    def on_click(self, event: events.Click) -> None:
        place = event.get_content_offset(self)
        pressed = next((key for end, key in self._keys if place and place.x < end), None)
        if pressed is not None:
            self.app.simulate_key(pressed)

    def _changed(self, screen: Screen[object]) -> None:
        """Show the keys that do something now, the first of those that do the same."""
        shown: dict[str, tuple[Binding, bool]] = {}
        for _, binding, enabled, _ in screen.active_bindings.values():
            if binding.show:
                shown.setdefault(binding.action, (binding, enabled))
        row, keys = Content(""), []
        for binding, enabled in shown.values():
            key = f" {self.app.get_key_display(binding)} ", "bold $footer-key-foreground"
            part = Content.assemble(key, f"{binding.description}  ")
            row += part if enabled else part.stylize("dim")
            keys.append((row.cell_length, binding.key))
        if row != self._row or keys != self._keys:
            self._row, self._keys = row, keys
            self.refresh()
