"""The waiting room, between questions: the student's results so far."""

from __future__ import annotations

from typing import ClassVar

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal, Vertical, VerticalScroll
from textual.message import Message
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

from livequiz.client.leaderboard_wording import place_sentence
from livequiz.client.record import Record
from livequiz.protocol.leaderboard import Leaderboard
from livequiz.protocol.messages import HistoryItem
from livequiz.tui.base import BaseApp, plain, size_classes
from livequiz.tui.widgets.connection import TopBar
from livequiz.tui.widgets.footer import Footer
from livequiz.tui.widgets.place_rows import PlaceRows
from livequiz.tui.widgets.rich_text import outline


class RoundRow(Widget):
    """A past round: its number, the verdict, the time, the question, the right answer.

    One widget draws all of it: a waiting room keeps its rows, a class by SSH shares a process, and
    with a widget for each cell every round was slower than the last.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {"row--muted", "row--none", "row--right", "row--wrong"}

    def __init__(self, item: HistoryItem) -> None:
        super().__init__()
        self.item = item
        self._narrow = False

    def on_mount(self) -> None:
        self._narrow = self._is_narrow()

    def on_resize(self) -> None:
        if self._narrow != self._is_narrow():
            self._narrow = not self._narrow
            self.refresh(layout=True)

    def _is_narrow(self) -> bool:
        return "-narrow" in size_classes(self.app.size)

    def show(self, item: HistoryItem) -> None:
        """Show the round's result."""
        if item != self.item:
            self.item = item
            self.refresh(layout=True)

    def render(self) -> Table:
        item = self.item
        muted = self.get_component_rich_style("row--muted", partial=True)
        words, tone = outcome(item.answered, item.correct)
        what = Text(plain(outline(item.question)).plain)
        if item.correct_option and not item.correct:
            key = plain(f"Right answer: {item.correct_option}").plain
            what.append("\n" + key, style=muted)
        spent = "" if item.response_time is None else f"{item.response_time:.1f} s"
        table = Table.grid(expand=True)
        table.add_column(width=10, style=muted)
        table.add_column(width=13, style=self.get_component_rich_style(tone, partial=True))
        if not self._narrow:
            table.add_column(width=7, justify="right", style=muted)
            table.add_column(width=3)
        table.add_column(ratio=1)
        times = () if self._narrow else (spent, "")
        table.add_row(f"Round {item.round_number}", words, *times, what)
        return table


class WaitingRoom(Screen[None]):
    """The screen between questions.

    Args:
        meeting_id: The meeting's code.
        name: The student's name; untrusted text.
        code: The rejoin code of a guest.
    """

    AUTO_FOCUS = "#history"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("h", "wish('answers')", "My answers"),
        Binding("p", "wish('practice')", "Practise"),
        Binding("question_mark", "app.switch_keys", "Keys", key_display="?"),
        Binding("q,ctrl+q", "app.quit", "Quit", key_display="q"),
        Binding("ctrl+p", "app.command_palette", "Commands", key_display="^p", priority=True),
    ]
    app: BaseApp

    class Wished(Message):
        """The student wants to see their `answers`, or some `practice`."""

        def __init__(self, what: str) -> None:
            super().__init__()
            self.what = what

    def __init__(self, meeting_id: str, name: str, code: str = "") -> None:
        super().__init__()
        self._meeting_id = meeting_id
        self._student = name
        self._code = code
        self._offered: set[str] = set()  # what may be wished for

    def compose(self) -> ComposeResult:
        self.add_class(*size_classes(self.app.size))
        yield TopBar(f"{self._meeting_id}   {self._student}", clock=self.app.clock)
        with Container(id="middle"), Vertical(id="page"):
            with Vertical(id="welcome"):
                yield Static(plain(f"You are in, {self._student}.", keep=""), id="in")
                yield Static("Waiting for the next question", id="next")
                yield Static("", id="note", markup=False)
                if self._code:
                    words = f"If you have to connect again, your rejoin code is {self._code}."
                    yield Static(words, id="rejoin", markup=False)
            with Horizontal(id="facts"):
                yield Static("", id="here", markup=False)
                yield Static("", id="score", markup=False)
            yield Static("", id="place", markup=False)
            with VerticalScroll(id="history"):
                yield PlaceRows()
        yield Footer()

    def here(self, students: int) -> None:
        """Show the number of students in the class."""
        self.query_one("#here", Static).update(f"{students} here")

    def say(self, sentence: str) -> None:
        """Say what came of a wish; nothing if empty."""
        note = self.query_one("#note", Static)
        note.update(sentence)
        note.display = bool(sentence)

    def action_wish(self, what: str) -> None:
        self.post_message(self.Wished(what))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return action != "wish" or parameters[0] in self._offered

    def show(self, record: Record, *, practice: bool = False) -> None:
        """Show the results; rows stay in place, new ones are added on top.

        Args:
            record: The results.
            practice: Whether the student may practise what they missed.
        """
        offers = {"answers": bool(record.history), "practice": practice and record.missed}
        self._offered = {what for what, offered in offers.items() if offered}
        self.refresh_bindings()
        self.query_one("#score", Static).update(_score(record))
        history = self.query_one("#history", VerticalScroll)
        rows = {row.item.round_number: row for row in history.query(RoundRow)}
        for item in reversed(record.history):
            row = rows.get(item.round_number)
            if row is not None:
                row.show(item)
            else:
                history.mount(RoundRow(item), after=0)  # below the leaderboard

    def show_leaderboard(self, board: Leaderboard | None) -> None:
        """Show the leaderboard above the results; None, or one without places, takes it away."""
        shown = board if board is not None and board.of else None
        place, history = self.query_one("#place", Static), self.query_one("#history")
        place.display = shown is not None
        if shown is not None:
            words = plain(f"Leaderboard   {place_sentence(shown, self._student)}", keep="")
            place.update(words.stylize("$primary", 0, len("Leaderboard")))
            history.scroll_home(animate=False)
        self.query_one(PlaceRows).show(shown.places if shown is not None else ())


def _score(record: Record) -> str:
    if not record.history:
        return ""
    points = "1 point" if record.total_points == 1 else f"{record.total_points:g} points"
    # A verdict that is still to come decides over the streak.
    pending = any(item.answered and item.correct is None for item in record.history)
    streak = "" if pending else f"streak {record.streak}     "
    return f"{record.right} of {record.judged} right     {streak}{points}"


def outcome(answered: bool, correct: bool | None, earned: float = 0) -> tuple[str, str]:
    """Return a round's verdict and its style class."""
    if not answered:
        return "– no answer", "row--none"
    if correct is None:
        return "● stored", "row--none"
    if earned and not correct:
        return "◐ partly", "row--wrong"
    return ("✓ right", "row--right") if correct else ("✗ wrong", "row--wrong")
