"""How to join: the largest thing on the dashboard before the first round."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from livequiz.client.address import join_commands, page_address
from livequiz.tui.base import say
from livequiz.tui.instructor import labels
from livequiz.tui.instructor.board import Board
from livequiz.tui.projector.screen import students_here
from livequiz.tui.widgets.big_code import BigCode


class Lobby(Vertical):
    """The page's address, the join commands, the meeting's code, and what to do next.

    Args:
        board: The state to show.
        url: The address that students type.
    """

    def __init__(self, board: Board, url: str) -> None:
        super().__init__(id="lobby")
        self._board = board
        self._url = url

    def compose(self) -> ComposeResult:
        yield Static("Students open", classes="invitation", markup=False)
        yield Static("", id="address", markup=False)
        yield Static("or type", classes="invitation", markup=False)
        yield Static("", id="command", markup=False)
        yield BigCode(self._board.meeting_id)
        yield Static("", id="here-count", markup=False)
        yield Static("", id="next-step", markup=False)

    def show(self) -> None:
        """Update the lobby from the board."""
        board = self._board
        commands = join_commands(self._url, board.meeting_id, board.ssh_port)
        say(self.query_one("#address", Static), page_address(self._url, board.meeting_id))
        say(self.query_one("#command", Static), "\n".join(commands))
        self.query_one(BigCode).show(self._board.meeting_id)
        say(self.query_one("#here-count", Static), students_here(board.here))
        say(self.query_one("#next-step", Static), labels.next_step(self._board))
