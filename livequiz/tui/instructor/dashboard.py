"""The dashboard: join instructions before the first round, then the table, figures and lists."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input

from livequiz.tui.base import Clock, plain
from livequiz.tui.instructor import figures, labels
from livequiz.tui.instructor.board import Board
from livequiz.tui.instructor.folding_screen import FoldingScreen, Views
from livequiz.tui.instructor.lobby import Lobby
from livequiz.tui.instructor.notices import News
from livequiz.tui.instructor.projection import projection_of
from livequiz.tui.instructor.response_rows import ORDERS, matches, shown
from livequiz.tui.projector.screen import Projector
from livequiz.tui.widgets.connection import TopBar
from livequiz.tui.widgets.countdown import Countdown
from livequiz.tui.widgets.fields import LineInput
from livequiz.tui.widgets.figures_pane import FiguresPane
from livequiz.tui.widgets.footer import Footer
from livequiz.tui.widgets.list_chooser import Chooser
from livequiz.tui.widgets.response_table import ResponseTable, Shown
from livequiz.tui.widgets.roster import Roster
from livequiz.tui.widgets.stat_figure import Figure

MANY = 1_000  # rows; from here on the count has four digits
REPAINT = 0.1  # seconds between repaints: batches the changes of a burst of answers
HOLD = 2.0  # seconds after `s` in an open round
SORT_AGAIN = 1.0  # seconds between sorts while the table is kept sorted


class Dashboard(FoldingScreen):
    """Shows a board; `changed` tells it which rows to redraw.

    Args:
        board: The state to show.
        url: The address that students type.
        clock: Measures durations, in seconds.
        carry_out: Runs a command, such as `send`; at once and not by a message, so that the next
            key goes to the dialog that it opens.
    """

    CSS_PATH = "dashboard.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        # At once, so that keys typed right after it go to the dialog.
        Binding("s", "want('send')", "Send", priority=True),
        Binding("c", "want('close')", "Close"),
        Binding("c", "no_round", show=False),
        Binding("e", "want('extend')", "+30 s"),
        Binding("e", "no_round", show=False),
        Binding("x", "want('remove')", "Remove"),
        Binding("l", "want('lock')", "Lock", show=False),
        Binding("b", "want('bank')", "Bank"),
        Binding("t", "want('time')", "Extra time", show=False),
        Binding("j", "project(True)", "Join info", show=False),
        Binding("p", "project(False)", "Projector", show=False),
        Binding("a", "want('results')", "Show results", show=False),
        Binding("a", "no_results", show=False),
        Binding("f", "figures", "Other figures", show=False),
        Binding("u", "want('summary')", "Summary", show=False),
        Binding("u", "no_results", show=False),
        Binding("o", "want('leaderboard')", "Leaderboard", show=False),
        Binding("v", "want('export')", "Save results", show=False),
        Binding("slash", "filter", "Filter", key_display="/"),
        Binding("r", "sort", "Sort", show=False),
        Binding("question_mark", "app.switch_keys", "Keys", key_display="?"),
        Binding("q", "app.quit", "Quit"),
        Binding("escape", "clear_filter", "No filter", show=False),
        Binding("ctrl+p", "app.command_palette", "Commands", show=False, priority=True),
    ]

    class Opened(Message):
        """The instructor opened a student's row."""

        def __init__(self, student_id: str) -> None:
            super().__init__()
            self.student_id = student_id

    class QuestionOpened(Message):
        """The instructor opened a question of the figures."""

        def __init__(self, question_id: str) -> None:
            super().__init__()
            self.question_id = question_id

    def __init__(
        self, board: Board, url: str, clock: Clock, carry_out: Callable[[str], None]
    ) -> None:
        super().__init__()
        self._carry_out = carry_out
        self._board = board
        self._url = url
        self._clock = clock
        self._changed_rows: set[str] = set()
        self._stale = False
        self._more_rows = False
        self._wanted = ""  # the filter's words
        self._unfolded = False  # whether those who left are listed
        self._waiting: bool | None = None  # for the first round; None until first drawn
        self._order = next(iter(ORDERS))
        self._sorted_at = 0.0
        self._hold_until = 0.0  # clock time until which Enter opens nothing

    def compose(self) -> ComposeResult:
        yield TopBar(clock=self._clock)
        with Horizontal(id="numbers"):
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
                yield FiguresPane()
        yield LineInput(placeholder="part of a name, question or verdict", id="filter")
        yield Footer()

    def on_mount(self) -> None:
        self.query_one("#filter").display = False
        self.see("responses")
        self.reload()
        self.set_interval(REPAINT, self._repaint)
        self.set_interval(1, self.query_one(Roster).names.redraw)  # how long somebody is away

    def action_project(self, joining: bool) -> None:
        """Show only what the class may see, in full screen."""
        countdown = self.query_one(Countdown)
        self.app.push_screen(
            Projector(
                lambda: projection_of(self._board, self._url, countdown.left),
                lambda: self.action_want("show results"),
                joining=joining,
            )
        )

    # --- updates from the app ----------------------------------------------------------------

    def reload(self) -> None:
        """Redraw everything, after a new round or a snapshot."""
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
        """Show a notice above the table until the next one."""
        self.query_one(News).say(sentence, urgent=urgent)

    def refuse(self, sentence: str) -> None:
        """Show an error until `withdraw` or the next notice."""
        self.query_one(News).refuse(sentence)

    def withdraw(self, sentence: str | None = None) -> None:
        """Clear the error if it is this one; without an argument, clear any."""
        for news in self.query(News):  # a timer may fire while the screen is closing
            news.withdraw(sentence)

    def database(self, away: float | None) -> None:
        """Show that MongoDB has not answered for some seconds; with None, clear that notice."""
        self.query_one(News).database(away)

    @property
    def selected(self) -> str | None:
        """The id of the student selected in the roster if it has the focus, else in the table."""
        table, roster = self.query_one(ResponseTable), self.query_one(Roster)
        if self.sees("here") and (roster.names.has_focus or table.selected is None):
            return roster.selected if roster.selected != labels.LEFT else None
        return table.selected if self.sees("responses") else None

    def pane(self, view: str) -> Widget | None:
        """Return the widget in a view that takes the focus; None if there is none."""
        if view == "figures":
            return self.query_one(FiguresPane).list
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
        self.query_one(TopBar).entitle(plain(labels.title(board), keep=""))
        for figure, (value, label) in labels.figures(board).items():
            self.query_one(f"#{figure}", Figure).show(value, label)
        if self._waiting:
            self.query_one(Lobby).show()
        self._list_people()
        self._show_figures()

    def _show_figures(self) -> None:
        board = self._board
        lines = figures.lines(board, board.scope, board.figures)
        self.query_one(FiguresPane).show(figures.title(board.scope), lines)

    def _list_people(self) -> None:
        board = self._board
        unfolded = self._unfolded or bool(self._wanted)
        people = [
            key
            for key in labels.people(board, unfolded=unfolded)
            if labels.matches_filter(board, key, self._wanted)
        ]
        make = partial(labels.listed, board, unfolded=unfolded)
        presence = labels.presence(board)
        self.query_one(Roster).show(presence, people, make, numbers=not self._waiting)

    def _wait(self, waiting: bool) -> None:
        """Switch to the lobby, or from it to the table, and focus the table."""
        if waiting is not self._waiting:
            self._waiting = waiting
            self.set_class(waiting, "-lobby")
            self.query_one(Views).lobby(waiting)
            self.refresh_bindings()
            if isinstance(
                self.focused, Input
            ):  # otherwise the rest of the typing would trigger key bindings
                self.see("responses")
            else:
                self.action_view("responses")

    def _sort(self) -> None:
        self._sorted_at = self._clock()
        self.query_one(ResponseTable).reorder(ORDERS[self._order](self._board))

    def _keep_sorted(self) -> None:
        """Sort again, but only if the chosen sort order depends on answers."""
        by_choice = self._order != next(iter(ORDERS))
        if by_choice and self._board.open and self._clock() - self._sorted_at >= SORT_AGAIN:
            self._sort()

    # --- the instructor's actions ------------------------------------------------------------

    def action_want(self, what: str) -> None:
        if what == "send" and self._board.open:
            self._hold_until = self._clock() + HOLD
        self._carry_out(what)

    def action_figures(self) -> None:
        """Show the figures, or those of other rounds."""
        if self.sees("figures"):
            self.action_want("figures")
        else:
            self.action_view("figures")

    def action_no_round(self) -> None:
        """Explain why these keys are disabled."""
        self.refuse("No round is open. Press s to send one.")

    def action_no_results(self) -> None:
        """Explain why there are no results to show."""
        self.refuse("There are no results to show yet: they come when a round is over.")

    def action_sort(self) -> None:
        names = list(ORDERS)
        self._order = names[(names.index(self._order) + 1) % len(names)]
        self._sort()
        self.say(f"Sorted: {self._order}.")

    def action_filter(self) -> None:
        """Open the filter field; the lists then show only matching students."""
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
        board = self._board
        allowed: dict[tuple[object, ...], bool | None] = {
            ("want", "close"): board.open or None,
            ("want", "extend"): board.open or None,
            ("want", "results"): (board.round is not None and not board.open) or None,
            ("sort",): bool(board.rows) or None,
            ("lobby",): self._waiting,
            ("view", "responses"): not self._waiting,
            ("view", "figures"): bool(board.rows),
            ("figures",): bool(board.rows) or None,
            ("want", "summary"): (board.round is not None and not board.open) or None,
        }
        return allowed.get((action, *parameters), True)

    @on(Input.Changed, "#filter")
    def _filter(self, event: Input.Changed) -> None:
        self._wanted = event.value
        nobody = labels.nobody_fits(event.value)
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
            return  # it was meant for the dialog, and the answer key would be on the projector
        if event.key.startswith(figures.QUESTION):
            self.post_message(self.QuestionOpened(event.key.split(":")[-1]))
            return
        if event.key == labels.LEFT:
            self._unfolded = not self._unfolded
            self._list_people()
            if self._unfolded:  # they appear below this line, which may be the last visible one
                names = self.query_one(Roster).names
                names.scroll_to(y=names.cursor_index, animate=False, immediate=True)
            return
        student_id = event.key.removeprefix(figures.STUDENT)
        if student_id in self._board.people:
            self.post_message(self.Opened(student_id))


def _shown(board: Board, student_id: str) -> Shown | None:
    row = board.rows.get(student_id)
    return None if row is None else shown(board, row)
