"""Places of a leaderboard, a line each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.table import Table
from textual.widget import Widget

from livequiz.client.leaderboard_wording import has_moves, move_sign, points_in_words
from livequiz.protocol.leaderboard import Place
from livequiz.tui.base import plain_text


class PlaceRows(Widget):
    """Rank, name, points and move of each place; the student's own says so.

    One widget draws all of it, as a class by SSH shares a process.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {"places--muted", "places--own"}
    DEFAULT_CSS = """
    PlaceRows { height: auto; display: none; }
    PlaceRows > .places--muted { color: $muted; }
    PlaceRows > .places--own { text-style: bold; background: $panel; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._places: Sequence[Place] = ()

    def show(self, places: Sequence[Place]) -> None:
        """Show these places; nothing if there are none."""
        self.display = bool(places)
        if places != self._places:
            self._places = places
            self.refresh(layout=True)

    def render(self) -> Table:
        muted = self.get_component_rich_style("places--muted", partial=True)
        own = self.get_component_rich_style("places--own", partial=True)
        moves = has_moves(self._places)
        table = Table.grid(padding=(0, 3, 0, 0))
        table.add_column(justify="right", no_wrap=True, style=muted)
        table.add_column()  # the only one that wraps
        table.add_column(justify="right", no_wrap=True)
        table.add_column(no_wrap=True, style=muted)
        for place in self._places:
            name = plain_text(f"{place.name} (you)" if place.own else place.name)
            move = move_sign(place.move) if moves else ""
            cells = f"{place.rank}", name, points_in_words(place.points), move
            table.add_row(*cells, style=own if place.own else "")
        return table
