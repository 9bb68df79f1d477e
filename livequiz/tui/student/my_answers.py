"""A student's own answers: a list of rounds, and the question of the chosen one."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from livequiz.domain.text import one_line
from livequiz.protocol.practice import OwnHistory, PastAnswer
from livequiz.tui.base import BaseApp, Dialog, plain, size_classes
from livequiz.tui.student.waiting import outcome
from livequiz.tui.widgets.connection import TopBar
from livequiz.tui.widgets.footer import Footer
from livequiz.tui.widgets.list_chooser import Chooser
from livequiz.tui.widgets.question_view import QuestionView
from livequiz.tui.widgets.rich_text import outline

ROUND = 9  # columns
VERDICT = 13  # columns
TONES = {"row--right": "$success bold", "row--wrong": "$error bold", "row--none": "$muted bold"}


class Rounds(Chooser):
    """The list of rounds; pages are turned in what the chosen one shows."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "choose(-1)", "Choose", key_display="↑↓"),
        Binding("down", "choose(1)", "Choose", show=False),
        Binding("pagedown,space", "screen.page(1)", "Scroll", key_display="PgUp/PgDn"),
        Binding("pageup", "screen.page(-1)", "Scroll", show=False),
    ]


class MyAnswers(Dialog[None]):
    """What a student was asked, what they answered and what was right.

    Args:
        history: Newest round first; at least one.
    """

    AUTO_FOCUS = "Rounds"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,h,q", "dismiss", "Back", key_display="Esc"),
        Binding("ctrl+p", "app.command_palette", "Commands", show=False, priority=True),
    ]
    app: BaseApp

    def __init__(self, history: OwnHistory) -> None:
        super().__init__()
        self._items = {str(item.round_number): item for item in history.items}
        self._left_out = history.left_out

    def compose(self) -> ComposeResult:
        self.add_class(*size_classes(self.app.size))
        yield TopBar(self._heading(), clock=self.app.clock)
        with Container(id="page"):
            yield Rounds()
            yield VerticalScroll(id="detail", can_focus=False)
        yield Footer()

    def on_mount(self) -> None:
        self.query_one(Rounds).show([*self._items], self._line)
        self._show()

    def action_page(self, pages: int) -> None:
        detail = self.query_one("#detail")
        detail.scroll_relative(y=pages * detail.size.height, animate=False)

    @on(Chooser.Chose)
    def _show(self) -> None:
        """Show the question of the chosen round."""
        key = self.query_one(Rounds).selected
        detail = self.query_one("#detail")
        if key is None or self.dismissed:
            return
        item = self._items[key]
        detail.remove_children()
        detail.mount(Static(_verdict(item), classes="verdict"), QuestionView(item))
        detail.scroll_home(animate=False)

    def _heading(self) -> str:
        answered = [item for item in self._items.values() if item.your_answer is not None]
        right = sum(item.correct for item in answered)
        heading = f"My answers   {right} of {len(answered)} right"
        return heading + (f"   {self._left_out} older ones left out" if self._left_out else "")

    def _line(self, key: str, room: int) -> Content:
        item = self._items[key]
        words, tone = outcome(item.your_answer is not None, item.correct, item.earned)
        text = plain(one_line(outline(item.question)), keep="")
        return Content.assemble(
            (f" {f'Round {key}':<{ROUND}}", "$muted"),
            (f"{words:<{VERDICT}}", TONES[tone]),
            text.truncate(max(10, room - ROUND - VERDICT - 2), ellipsis=True),
        )


def _verdict(item: PastAnswer) -> Content:
    words, tone = outcome(item.your_answer is not None, item.correct, item.earned)
    if item.earned and not item.correct:
        words += f": {item.earned:g} of {item.points:g}"
    seconds = "" if item.response_time is None else f"{item.response_time:.1f} s"
    facts = [f"Round {item.round_number}", seconds, item.topic or ""]
    return Content.assemble(
        (words, TONES[tone]),
        (f"   {plain('   '.join(filter(None, facts)), keep='').plain}", "$muted"),
    )
