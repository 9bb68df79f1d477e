"""What a class may see, in full screen: how to join, the time, and what came of a round."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from livequiz.client.address import join_commands, page_address
from livequiz.domain.statistics import Tally
from livequiz.tui.base import Dialog, plain, say
from livequiz.tui.instructor import labels
from livequiz.tui.instructor.board import Board
from livequiz.tui.widgets.big_code import BigCode
from livequiz.tui.widgets.countdown import LAST_SECONDS, clock_face
from livequiz.tui.widgets.footer import Footer
from livequiz.tui.widgets.qr_code import QrCode
from livequiz.tui.widgets.rich_text import RichText
from livequiz.tui.widgets.stat_figure import Figure

REPAINT = 0.2  # seconds
BAR = 20  # columns of a bar of 100 %
STATES = ("-joining", "-asking", "-over", "-results")


class Projector(Dialog[None]):
    """Shows a board without names, and nothing of right or wrong before the teacher asks for it.

    Args:
        board: The state to show.
        url: The address that students type.
        left: Returns the seconds that are left in the open round.
        joining: Whether to show only how to join, for latecomers.
    """

    CSS_PATH = "projector.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,p,q,space", "dismiss", "Back", key_display="Esc"),
        Binding("enter", "results", "Results", key_display="Enter"),
        Binding("j", "joining", "How to join"),
    ]

    def __init__(
        self, board: Board, url: str, left: Callable[[], float], *, joining: bool = False
    ) -> None:
        super().__init__()
        self._board = board
        self._url = url
        self._left = left
        self._results_of = ""  # the round whose results are shown
        self._joining = self._only_joining = joining  # also while there is a round
        self._filled_for = ""  # the round whose results have been written

    def compose(self) -> ComposeResult:
        with Vertical(id="joining"):
            with Horizontal(id="page"):
                yield QrCode(id="qr")
                with Vertical(id="ways"):
                    yield Static("Open in any browser", classes="label", markup=False)
                    yield Static("", id="address", markup=False)
                    yield Static("Meeting code", classes="label", markup=False)
                    yield BigCode(self._board.meeting_id)
                    yield Static("", id="here", markup=False)
            yield Static("Or type in a terminal", classes="label", markup=False)
            yield Static("", id="commands", markup=False)
        with Vertical(id="asking"):
            yield BigCode(scaled=True, id="time")
            with Horizontal(id="answered"):
                yield Figure("answered")
        with Vertical(id="over"):
            yield Static("", id="closed", markup=False)
            yield Static("", id="answers", markup=False)
        with VerticalScroll(id="results"):
            yield Static("", id="total", markup=False)
            yield Static("", id="topics")
            yield Static("", id="hardest-title", markup=False)
            yield RichText(id="hardest")
            yield RichText(id="explanation")
        yield Footer()

    def on_mount(self) -> None:
        self.query_one(QrCode).show(page_address(self._url, self._board.meeting_id))
        self._show()
        self.set_interval(REPAINT, self._show)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        quiz = self._board.round
        if action == "results":
            over = quiz is not None and not quiz.open and self._state != "-results"
            return over and not self._only_joining
        return quiz is not None or self._only_joining if action == "joining" else True

    def action_results(self) -> None:
        """Show the results of the round that has ended."""
        if self._board.round is not None:
            self._results_of, self._joining = self._board.round.round_id, False
            self._show()

    def action_joining(self) -> None:
        """Show how to join, or what was there before."""
        if self._only_joining:
            self.dismiss()
            return
        self._joining = not self._joining
        self._show()

    @property
    def _state(self) -> str:
        quiz = self._board.round
        if quiz is None or self._joining:
            return "-joining"
        if quiz.open:
            return "-asking"
        return "-results" if self._results_of == quiz.round_id else "-over"

    def _show(self) -> None:
        state = self._state
        if not self.has_class(state):
            self.remove_class(*STATES)
            self.add_class(state)
            self.refresh_bindings()
        if state == "-joining":
            self._show_joining()
        elif state == "-asking":
            left = self._left()
            self.set_class(left <= LAST_SECONDS, "-last")
            self.query_one("#time", BigCode).show(clock_face(left))
            stats = self._board.round_stats
            self.query_one(Figure).show(f"{stats.answered}", f"of {stats.assigned} answered")
        elif state == "-over" and self._board.round is not None:
            say(self.query_one("#closed", Static), f"Round {self._board.round.number} is over")
            say(self.query_one("#answers", Static), _answered(self._board))
        elif self._filled_for != self._results_of:
            self._filled_for = self._results_of
            self._show_results()

    def _show_joining(self) -> None:
        board = self._board
        commands = join_commands(self._url, board.meeting_id, board.ssh_port)
        say(self.query_one("#address", Static), page_address(self._url, board.meeting_id))
        say(self.query_one("#commands", Static), "\n".join(commands))
        say(self.query_one("#here", Static), labels.here(board))

    def _show_results(self) -> None:
        board, stats = self._board, self._board.round_stats
        right = "" if stats.accuracy is None else f"   {stats.accuracy:g} % right"
        say(self.query_one("#total", Static), f"{_answered(board)}{right}")
        self.query_one("#topics", Static).update(_topics(board))
        summary = board.round.summary if board.round is not None else None
        hardest = summary.hardest if summary is not None else None
        title, question, explanation = "", "", ""
        if hardest is not None:
            title = f"The hardest question: {hardest.correct} of {hardest.responses} right"
            question = hardest.question
            detail = board.details.get(hardest.question_id)
            explanation = (detail.explanation or "") if detail is not None else ""
        say(self.query_one("#hardest-title", Static), title)
        self.query_one("#hardest", RichText).show(question)
        self.query_one("#explanation", RichText).show(explanation)


def by_topic(board: Board) -> dict[str, Tally]:
    """Return the answers of the round for each topic, the hardest first."""
    tallies: dict[str, Tally] = {}
    for row in board.rows.values():
        detail = board.details.get(row.question_id)
        if row.arrived and detail is not None:
            topic = detail.topics[0] if detail.topics else "other"
            one = Tally(1, int(bool(row.correct)), row.seconds or 0.0)
            tallies[topic] = tallies.get(topic, Tally()) + one
    return dict(sorted(tallies.items(), key=lambda item: item[1].accuracy or 0))


def _topics(board: Board) -> Content:
    tallies = by_topic(board)
    width = max(map(len, tallies), default=0)
    lines = []
    for topic, tally in tallies.items():
        share = tally.correct / tally.responses
        full = round(BAR * share)
        counts = f"  {share:4.0%}   {tally.correct} of {tally.responses}"
        lines.append(
            Content.assemble(
                plain(f"{topic:<{width}}  ", keep=""),
                ("█" * full, "$primary"),
                ("░" * (BAR - full), "$rule"),
                counts.replace(" ", "\u00a0"),
            )
        )
    return Content("\n").join(lines)


def _answered(board: Board) -> str:
    stats = board.round_stats
    return f"{stats.answered} of {stats.assigned} answered"
