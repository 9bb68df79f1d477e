"""What a class may see, in full screen: how to join, the time, and what came of a round."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from livequiz.domain.statistics import TELLING
from livequiz.protocol.projection import ProjectedRound, Projection, Results, TopicResult
from livequiz.tui.base import Dialog, plain, say
from livequiz.tui.widgets.big_code import BigCode
from livequiz.tui.widgets.class_leaderboard import ClassLeaderboard
from livequiz.tui.widgets.countdown import LAST_SECONDS, clock_face
from livequiz.tui.widgets.footer import Footer
from livequiz.tui.widgets.qr_code import QrCode
from livequiz.tui.widgets.rich_text import RichText
from livequiz.tui.widgets.stat_figure import Figure

REPAINT = 0.2  # seconds
BAR = 20  # columns of a bar of 100 %
STATES = ("-joining", "-asking", "-over", "-results")


class Projector(Dialog[None]):
    """Shows a meeting without names, and nothing of right or wrong before the teacher asks for it.

    Args:
        projection: Returns what to show now.
        show_results: Asks for the results of the round that is over; None: only others can.
        joining: Whether to show only how to join, for latecomers.
    """

    CSS_PATH = "screen.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,p,q,space", "dismiss", "Close", key_display="Esc"),
        Binding("enter", "results", "Results", key_display="Enter"),
        Binding("j", "joining", "How to join"),
    ]

    def __init__(
        self,
        projection: Callable[[], Projection],
        show_results: Callable[[], None] | None = None,
        *,
        joining: bool = False,
    ) -> None:
        super().__init__()
        self._projection = projection
        self._now = projection()
        self._ask_for_results = show_results
        self._joining = self._only_joining = joining  # also while there is a round
        # What has been written: of which round, how many answered, and the results.
        self._filled: tuple[str, str, Results | None] | None = None
        self._news: object = None  # the round, and what of it is to be seen

    def compose(self) -> ComposeResult:
        with Vertical(id="joining"):
            with Horizontal(id="page"):
                yield QrCode(id="qr")
                with Vertical(id="ways"):
                    yield Static("Open in any browser", classes="label", markup=False)
                    yield Static("", id="address", markup=False)
                    yield Static("Meeting code", classes="label", markup=False)
                    yield BigCode(self._now.meeting_id)
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
            yield ClassLeaderboard()
            with Vertical(id="figures"):
                yield Static("", id="total", markup=False)
                yield Static("", id="topics")
                yield Static("", id="hardest-title", markup=False)
                yield RichText(id="hardest")
                yield RichText(id="explanation")
        yield Static("", id="notice", markup=False)
        yield Footer()

    def on_mount(self) -> None:
        if self._now.address is not None:
            self.query_one(QrCode).show(self._now.address)
        self._show()
        self.set_interval(REPAINT, self._show)

    def notice(self, sentence: str) -> None:
        """Show a sentence below everything else; "" removes it."""
        say(self.query_one("#notice", Static), sentence)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        quiz = self._now.round
        if action == "results":
            over = quiz is not None and not quiz.open and (self._joining or quiz.results is None)
            return over and not self._only_joining and self._ask_for_results is not None
        return quiz is not None or self._only_joining if action == "joining" else True

    def action_results(self) -> None:
        """Show the results of the round that has ended."""
        quiz = self._now.round
        if self._ask_for_results is not None and quiz is not None and quiz.results is None:
            self._ask_for_results()
        self._joining = False
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
        quiz = self._now.round
        if quiz is None or self._joining:
            return "-joining"
        if quiz.open:
            return "-asking"
        return "-results" if quiz.results or quiz.leaderboard else "-over"

    def _show(self) -> None:
        self._now = self._projection()
        quiz = self._now.round
        news = quiz and (quiz.round_id, quiz.results is None, quiz.leaderboard is None)
        if news != self._news:  # something else is to be seen now
            self._news, self._joining = news, self._only_joining
            self.refresh_bindings()
        state = self._state
        if not self.has_class(state):
            self.remove_class(*STATES)
            self.add_class(state)
            self.refresh_bindings()
        if state == "-joining" or quiz is None:
            self._show_joining()
        elif state == "-asking":
            self.set_class(quiz.remaining <= LAST_SECONDS, "-last")
            self.query_one("#time", BigCode).show(clock_face(quiz.remaining))
            self.query_one(Figure).show(f"{quiz.answered}", f"of {quiz.assigned} answered")
        elif state == "-over":
            say(self.query_one("#closed", Static), f"Round {quiz.number} is over")
            say(self.query_one("#answers", Static), _answered(quiz))
        else:
            self._show_outcome(quiz)

    def _show_joining(self) -> None:
        say(self.query_one("#address", Static), self._now.address or "")
        say(self.query_one("#commands", Static), "\n".join(self._now.commands))
        say(self.query_one("#here", Static), students_here(self._now.here))

    def _show_outcome(self, quiz: ProjectedRound) -> None:
        """Show the leaderboard, the results below it, or both; what is new comes into view."""
        board, figures = self.query_one(ClassLeaderboard), self.query_one("#figures")
        if board.show(quiz.leaderboard):
            self.query_one("#results").scroll_home(animate=False)
        figures.display = quiz.results is not None
        figures.set_class(quiz.leaderboard is not None, "-below")
        filled = quiz.round_id, _answered(quiz), quiz.results
        if quiz.results is not None and filled != self._filled:
            self._show_results(quiz, quiz.results)
            if (self._filled is None or self._filled[2] is None) and quiz.leaderboard:
                self.call_after_refresh(figures.scroll_visible, animate=False, top=True)
        self._filled = filled

    def _show_results(self, quiz: ProjectedRound, results: Results) -> None:
        right = "" if results.accuracy is None else f"   {results.accuracy:g} % right"
        say(self.query_one("#total", Static), f"{_answered(quiz)}{right}")
        self.query_one("#topics", Static).update(_bars(results.topics))
        hardest = results.hardest
        title, question, explanation = "", "", ""
        if hardest is not None:
            # One response is no measure, and whose it was is nobody's business.
            title, question = "One to talk about", hardest.question
            if hardest.responses >= TELLING:
                title = f"The hardest question: {hardest.correct} of {hardest.responses} right"
            explanation = hardest.explanation or ""
        say(self.query_one("#hardest-title", Static), title)
        self.query_one("#hardest", RichText).show(question)
        self.query_one("#explanation", RichText).show(explanation)


def students_here(count: int) -> str:
    """Return the number of connected students, as a sentence."""
    if not count:
        return "Nobody is here yet"
    return "1 student is here" if count == 1 else f"{count} students are here"


def _bars(topics: list[TopicResult]) -> Content:
    width = max((cell_len(each.topic) for each in topics), default=0)
    lines = []
    for each in topics:
        share = each.correct / each.responses
        full = round(BAR * share)
        counts = f"  {share:4.0%}   {each.correct} of {each.responses}"
        lines.append(
            Content.assemble(
                plain(each.topic, keep="").truncate(width + 2, pad=True),
                ("█" * full, "$primary"),
                ("░" * (BAR - full), "$rule"),
                counts.replace(" ", "\u00a0"),
            )
        )
    return Content("\n").join(lines)


def _answered(quiz: ProjectedRound) -> str:
    return f"{quiz.answered} of {quiz.assigned} answered"
