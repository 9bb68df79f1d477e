"""How to join, over the dashboard: late students are the rule."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from livequiz.tui.base import Dialog
from livequiz.tui.instructor.board import Board
from livequiz.tui.instructor.lobby import Lobby
from livequiz.tui.widgets.footer import Footer


class HowToJoin(Dialog[None]):
    """What students type, and the meeting's code in letters for the back row.

    Args:
        board: The state to show.
        url: The address that students type.
    """

    CSS_PATH = "how_to_join.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,space,j,q", "dismiss", "Back", key_display="Esc"),
    ]

    def __init__(self, board: Board, url: str) -> None:
        super().__init__()
        self._lobby = Lobby(board, url)

    def compose(self) -> ComposeResult:
        yield self._lobby
        yield Footer()

    def on_mount(self) -> None:
        self._lobby.show()
        self.set_interval(1, self._lobby.show)  # how many are here
