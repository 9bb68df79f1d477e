"""The dashboard: how to join before a round; the table, the figures and the lists from then on."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Footer, Input

from livequiz.tui.base import Clock, plain
from livequiz.tui.instructor import words
from livequiz.tui.instructor.board import Board
from livequiz.tui.instructor.lobby import Lobby
from livequiz.tui.instructor.news import News
from livequiz.tui.instructor.rows import ORDERS, matches, shown
from livequiz.tui.instructor.views import FoldingScreen, Views
from livequiz.tui.widgets.chooser import Chooser
from livequiz.tui.widgets.connection import TopBar
from livequiz.tui.widgets.countdown import Countdown
from livequiz.tui.widgets.fields import LineInput
from livequiz.tui.widgets.figure import Figure
from livequiz.tui.widgets.question_bars import QuestionBars
from livequiz.tui.widgets.response_table import ResponseTable, Shown
from livequiz.tui.widgets.roster import Roster

MANY = 1_000  # rows: their number takes four digits
REPAINT = 0.1  # seconds between two repaints, however many answers come
HOLD = 2.0  # seconds after `s` in an open round
SORT_AGAIN = 1.0  # seconds between two sorts of a table that is kept sorted


class Dashboard(FoldingScreen):
    """Draws a board; what changes it comes through `changed`.

    Args:
        board: What is drawn.
        url: What students have to type.
        clock: Where durations are measured, in seconds.
    """

    CSS_PATH = "dashboard.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "want('send')", "Send"),
        Binding("c", "want('close')", "Close"),
        Binding("c", "no_round", show=False),
        Binding("e", "want('extend')", "+30 s"),
        Binding("e", "no_round", show=False),
        Binding("x", "want('remove')", "Remove"),
        Binding("l", "want('lock')", "Lock", show=False),
        Binding("b", "want('bank')", "Bank"),
        Binding("t", "want('time')", "Extra time", show=False),
        Binding("slash", "filter", "Filter", key_display="/"),
        Binding("r", "sort", "Sort", show=False),
        Binding("question_mark", "app.switch_keys", "Keys", key_display="?"),
        Binding("q", "app.quit", "Quit"),
        Binding("escape", "clear_filter", "No filter", show=False),
        Binding("ctrl+p", "app.command_palette", "Commands", show=False, priority=True),
    ]

    class Wanted(Message):
        """The instructor wants something done: send, close, extend, remove, lock, time, bank."""

        def __init__(self, what: str) -> None:
            super().__init__()
            self.what = what

    class Opened(Message):
        """The instructor opens a student's row."""

        def __init__(self, student_id: str) -> None:
            super().__init__()
            self.student_id = student_id

    def __init__(self, board: Board, url: str, clock: Clock) -> None:
        super().__init__()
        self._board = board
        self._url = url
        self._clock = clock
        self._changed_rows: set[str] = set()
        self._stale = False
        self._more_rows = False
        self._wanted = ""  # the filter's words
        self._unfolded = False  # whether those who left are listed
        self._waiting: bool | None = None  # for the first round; None before the first drawing
        self._order = next(iter(ORDERS))
        self._sorted_at = 0.0
        self._hold_until = 0.0  # by the clock, until when Enter opens nothing

    def compose(self) -> ComposeResult:
        yield TopBar(clock=self._clock)
        with Horizontal(id="figures"):
            yield Figure("answered", id="answered")
            yield Figure("right", id="right")
            yield Countdown(large=True, clock=self._clock)
        yield News(self._clock)
        yield Views()
        with Horizontal(id="page"):
            with Vertical(id="main"):
                yield Lobby(self._board, self._url)
                yield ResponseTable()
            with Vertical(id="side"):
                yield Roster()
                yield QuestionBars()
        yield LineInput(placeholder="words of a name, a question, a verdict", id="filter")
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        self.query_one("#filter").display = False
        self.see("responses")
        self.reload()
        self.set_interval(REPAINT, self._repaint)

    # --- what the app tells ------------------------------------------------------------------

    def reload(self) -> None:
        """Draw everything anew: another round, or a snapshot."""
        self._fill()
        self._draw()

    def changed(self, rows: frozenset[str], *, more: bool = False) -> None:
        """Draw these rows, and everything that is counted, at the next repaint.

        Args:
            rows: Ids of students.
            more: Whether there are rows among them that were not there before.
        """
        self._changed_rows |= rows
        self._more_rows |= more
        self._stale = True

    def online(self) -> None:
        for bar in self.query(TopBar):
            bar.online()

    def offline(self) -> None:
        for bar in self.query(TopBar):
            bar.offline()

    def say(self, sentence: str, *, urgent: bool = False) -> None:
        """Show a sentence above the table until the next one."""
        self.query_one(News).say(sentence, urgent=urgent)

    def refuse(self, sentence: str) -> None:
        """Say why something was not done, until `withdraw` or the next sentence."""
        self.query_one(News).refuse(sentence)

    def withdraw(self, sentence: str | None = None) -> None:
        """No longer show a refusal: this one, or whichever there is."""
        for news in self.query(News):  # a timer may come when the screen is on its way out
            news.withdraw(sentence)

    def database(self, away: float | None) -> None:
        """Say that MongoDB does not answer, for so many seconds; or no longer, if None."""
        self.query_one(News).database(away)

    @property
    def selected(self) -> str | None:
        """The id of the student that is chosen in the list that has the focus, or is shown."""
        table, roster = self.query_one(ResponseTable), self.query_one(Roster)
        if self.sees("here") and (roster.names.has_focus or table.selected is None):
            return roster.selected if roster.selected != words.LEFT else None
        return table.selected if self.sees("responses") else None

    def pane(self, view: str) -> Widget | None:
        """Return what has the focus in a view; None if nothing has."""
        if view == "questions":
            return self.query_one(QuestionBars).lines
        if view == "here" or (self._waiting and not self.folded):
            return self.query_one(Roster).names
        return None if self._waiting else self.query_one(ResponseTable).rows

    # --- drawing -----------------------------------------------------------------------------

    def _repaint(self) -> None:
        if self._more_rows:
            self.reload()
        elif self._stale:
            self.query_one(ResponseTable).change(self._changed_rows)
            self._draw()
        self._keep_sorted()

    def _fill(self) -> None:
        board, order = self._board, ORDERS[self._order](self._board)
        keys = [key for key, row in board.rows.items() if matches(board, row, self._wanted)]
        keys.sort(key=order)
        self.query_one(ResponseTable).show(keys, partial(_shown, board))
        self._sorted_at = self._clock()
        self._more_rows = False
        self.query_one(Roster).set_class(not keys, "-choosing")

    def _draw(self) -> None:
        board = self._board
        self._stale = False
        self._changed_rows.clear()
        self._wait(not board.rows)
        self.set_class(board.open, "-open")
        self.set_class(len(board.rows) >= MANY, "-many")
        self.query_one(TopBar).entitle(plain(words.title(board), keep=""))
        for figure, (value, label) in words.figures(board).items():
            self.query_one(f"#{figure}", Figure).show(value, label)
        if self._waiting:
            self.query_one(Lobby).show()
        self._list_people()
        questions = list(board.texts)
        self.query_one(QuestionBars).show(questions, partial(words.question_line, board))

    def _list_people(self) -> None:
        board = self._board
        unfolded = self._unfolded or bool(self._wanted)
        people = [
            key
            for key in words.people(board, unfolded=unfolded)
            if words.sought(board, key, self._wanted)
        ]
        make = partial(words.listed, board, unfolded=unfolded)
        self.query_one(Roster).show(words.presence(board), people, make)

    def _wait(self, waiting: bool) -> None:
        """Change to the lobby, or from it to the table, which then has the focus."""
        if waiting is not self._waiting:
            self._waiting = waiting
            self.set_class(waiting, "-lobby")
            self.query_one(Views).lobby(waiting)
            if isinstance(self.focused, Input):  # else what is being typed would act as keys
                self.see("responses")
            else:
                self.action_view("responses")

    def _sort(self) -> None:
        self._sorted_at = self._clock()
        self.query_one(ResponseTable).reorder(ORDERS[self._order](self._board))

    def _keep_sorted(self) -> None:
        """Sort again only where the reader chose an order that answers change."""
        by_choice = self._order != next(iter(ORDERS))
        if by_choice and self._board.open and self._clock() - self._sorted_at >= SORT_AGAIN:
            self._sort()

    # --- what the instructor does ------------------------------------------------------------

    def action_want(self, what: str) -> None:
        if what == "send" and self._board.open:
            self._hold_until = self._clock() + HOLD
        self.post_message(self.Wanted(what))

    def action_no_round(self) -> None:
        """Say why these keys are dim."""
        self.refuse("No round is open: s sends one.")

    def action_sort(self) -> None:
        names = list(ORDERS)
        self._order = names[(names.index(self._order) + 1) % len(names)]
        self._sort()
        self.say(f"Sorted: {self._order}.")

    def action_filter(self) -> None:
        """Ask for words; the lists then have only the students that they fit."""
        in_here = self._waiting or self.query_one(Roster).names.has_focus
        self.action_view("here" if in_here else "responses")
        field = self.query_one("#filter", Input)
        field.display = True
        self.call_after_refresh(field.focus)

    def action_clear_filter(self) -> None:
        field = self.query_one("#filter", Input)
        field.value, field.display = "", False
        if field.has_focus:
            self.focus_view()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "want" and parameters in {("close",), ("extend",)}:
            return True if self._board.open else None
        if action == "sort":
            return True if self._board.rows else None
        if action == "view" and parameters == ("questions",):
            return bool(self._board.rows)
        return True

    @on(Input.Changed, "#filter")
    def _filter(self, event: Input.Changed) -> None:
        self._wanted = event.value
        nobody = words.nobody_fits(event.value)
        self.query_one(ResponseTable).rows.say_instead(nobody)
        self.query_one(Roster).names.say_instead(nobody)
        self._fill()
        self._list_people()

    @on(Input.Submitted, "#filter")
    def _filtered(self) -> None:
        self.query_one("#filter").display = bool(self._wanted)
        self.focus_view()

    @on(Chooser.Opened)
    def _open(self, event: Chooser.Opened) -> None:
        if self._clock() < self._hold_until:
            return  # it was meant for the dialog, and the key would be on the projector
        if event.key == words.LEFT:
            self._unfolded = not self._unfolded
            self._list_people()
            if self._unfolded:  # they come below the line, which may be the last in sight
                names = self.query_one(Roster).names
                names.scroll_to(y=names.place, animate=False, immediate=True)
            return
        self.post_message(self.Opened(event.key))


def _shown(board: Board, student_id: str) -> Shown | None:
    row = board.rows.get(student_id)
    return None if row is None else shown(board, row)
