"""How to join: the largest thing on the dashboard before the first round."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from livequiz.tui.base import plain, say
from livequiz.tui.instructor import words
from livequiz.tui.instructor.board import Board
from livequiz.tui.widgets.big_code import BigCode


class Lobby(Vertical):
    """What students type, the meeting's code, and what to do next.

    Args:
        board: What is drawn.
        url: What students have to type.
    """

    DEFAULT_CSS = """
    Lobby { height: 1fr; align: center middle; padding: 0 2; }
    Lobby Static { width: 1fr; text-align: center; }
    Lobby #invitation { color: $muted; }
    Lobby #command { text-style: bold; margin: 0 0 1 0; }
    Lobby #here-count { text-style: bold; margin: 1 0 0 0; }
    Lobby #next-step { color: $muted; }
    """

    def __init__(self, board: Board, url: str) -> None:
        super().__init__(id="lobby")
        self._board = board
        self._url = url

    def compose(self) -> ComposeResult:
        yield Static("Students type", id="invitation", markup=False)
        yield Static(plain(words.join_command(self._url, self._board)), id="command")
        yield BigCode(self._board.meeting_id)
        yield Static("", id="here-count", markup=False)
        yield Static("", id="next-step", markup=False)

    def show(self) -> None:
        """Draw the board as it is now."""
        self.query_one(BigCode).show(self._board.meeting_id)
        say(self.query_one("#here-count", Static), words.here(self._board))
        say(self.query_one("#next-step", Static), words.next_step(self._board))
