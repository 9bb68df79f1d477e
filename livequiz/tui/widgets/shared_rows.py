"""Two panes that scroll independently, so that neither pushes the other off the screen."""

from __future__ import annotations

from textual.containers import VerticalScroll
from textual.geometry import Size


class SharedRows(VerticalScroll, can_focus=False, inherit_bindings=False):
    """One of two siblings, each as tall as its content as long as both fit.

    Where they don't, each gets half of the rows, the second one an odd one too, and scrolls.
    The screen binds the keys: focus is in one part, and both have to be read.
    """

    DEFAULT_CSS = """
    SharedRows { height: auto; }
    """

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return this pane's share of its container's rows."""
        others = [part for part in self.siblings if isinstance(part, SharedRows)]
        taken = sum(part._needed(container, viewport, width) for part in others)
        half = (container.height + (not self.first_child)) // 2
        share = max(half, container.height - taken)
        return min(share, self._needed(container, viewport, width))

    def _needed(self, container: Size, viewport: Size, width: int) -> int:
        return super().get_content_height(container, viewport, width)

    def turn_page(self, pages: int) -> bool:
        """Scroll down by pages, or up if negative; return False if already at the end."""
        y = min(max(0, self.scroll_offset.y + pages * self.size.height), self.max_scroll_y)
        moves = y != self.scroll_offset.y
        self.scroll_to(y=y, animate=False)
        return moves
