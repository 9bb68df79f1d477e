"""One question in front of everything else: choose, submit, and learn what became of it."""

from __future__ import annotations

import math
from enum import Enum, auto
from typing import ClassVar, assert_never

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.message import Message
from textual.widgets import Static

from livequiz.client.verdict_wording import Verdict, named, of_refusal, of_time
from livequiz.domain.errors import Code, QuizError
from livequiz.domain.model import QuestionType
from livequiz.protocol.answers import Stored
from livequiz.protocol.fields import seconds_between
from livequiz.protocol.messages import NewQuestion, RoundExtended
from livequiz.tui.base import BaseApp, Dialog, plain, size_classes
from livequiz.tui.widgets.answer_options import AnswerOptions
from livequiz.tui.widgets.connection import TopBar
from livequiz.tui.widgets.countdown import Countdown
from livequiz.tui.widgets.footer import Footer
from livequiz.tui.widgets.keys_panel import KeysPanel
from livequiz.tui.widgets.rich_text import RichText, inline
from livequiz.tui.widgets.several_options import SeveralOptions
from livequiz.tui.widgets.shared_rows import SharedRows
from livequiz.tui.widgets.typed_answer import TypedAnswer

# A key that was meant for the screen before must not count on this one.
SETTLE_AT_FIRST = 0.3  # seconds until Enter may submit
SETTLE_VERDICT = 0.7  # seconds until a key may put a verdict away
HUGE = 44  # rows from which on options are drawn as large cards
SCROLL_KEYS = {"up", "down", "pageup", "pagedown", "home", "end"}
FINAL_CODES = {Code.TOO_LATE, Code.NO_ROUND, Code.NOT_FOUND}


class Phase(Enum):
    """How far a question is."""

    CHOOSING = auto()
    SAVING = auto()
    OVER = auto()  # by this terminal's clock; the server has the last word
    JUDGED = auto()


# What stands there before the first question; most have four options.
NOTHING = NewQuestion(
    question_id="",
    question="",
    options=[""] * 4,
    sent_time="",
    round_id="",
    round_number=0,
    type=QuestionType.SINGLE,
    duration=1.0,
    deadline="",
    remaining=0.0,
    server_time="",
    points=1,
)


class QuestionModal(Dialog[None]):
    """The newest question; `ask` shows another one in its place.

    One screen for all of them: making its widgets anew costs most of what a question costs, and
    over SSH a whole class is asked at once in one process.
    """

    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Submit", key_display="Enter"),
        Binding("escape", "back", "Back", key_display="any key"),
        Binding("pagedown", "page(1)", "Scroll", key_display="PgUp/PgDn"),
        Binding("pageup", "page(-1)", "Scroll", show=False),
        Binding("home", "edge(-1)", "Beginning", key_display="Home", show=False),
        Binding("end", "edge(1)", "End", key_display="End", show=False),
        Binding("question_mark", "keys", "Keys", key_display="?"),
        Binding("q", "quit", "Quit"),
        Binding("ctrl+p", "app.command_palette", "Commands", show=False, priority=True),
    ]
    app: BaseApp

    class Submitted(Message):
        """The student submits an answer."""

        def __init__(self, question: NewQuestion, answer: Stored, spent: float) -> None:
            super().__init__()
            self.question = question
            self.answer = answer
            self.spent = spent  # seconds from the question to Enter

    def __init__(self) -> None:
        super().__init__()
        self.question = NOTHING
        self._options = _answer_widget(NOTHING)
        # What scrolls: the text, and the options with the explanation.
        self._parts = SharedRows(id="text"), SharedRows(id="choices")
        self.phase = Phase.JUDGED
        self.lost = False  # whether an answer was sent and not stored
        self._connected = True
        self._doubted = False  # whether the answer may have been stored, and nothing said so yet
        self._shown_at, self._settled_at = 0.0, math.inf
        self._theme = ""  # the one that its widgets were last drawn in

    def compose(self) -> ComposeResult:
        classes = size_classes(self.app.size)
        self.add_class(*classes)
        self.set_class(self.app.size.height >= HUGE, "-huge")
        yield TopBar(clock=self.app.clock)
        with Container(id="middle"), Vertical(id="card"):
            with Container(id="head"):
                yield Countdown(large="-short" not in classes, clock=self.app.clock)
                with Vertical(id="verdict"):
                    yield Static("", id="title", markup=False)
                    yield Static("", id="detail", markup=False)
            with Container(id="body"):
                text, choices = self._parts
                with text:
                    yield RichText(id="question")
                with choices:
                    yield self._options
                    yield RichText(id="explanation")
            yield Static("", id="message", markup=False)
        yield Footer()

    def on_mount(self) -> None:
        for part in self._parts:
            self.watch(part, "show_vertical_scrollbar", self.refresh_bindings, init=False)

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        # While it was put away nothing else can have changed how its widgets look.
        event.refresh_styles = self._theme != self.app.theme

    def on_screen_suspend(self) -> None:
        self._theme = self.app.theme

    async def ask(self, question: NewQuestion, chosen: Stored | None = None) -> None:
        """Show a question in the place of the one before.

        Args:
            question: What the server sent.
            chosen: What was chosen or typed before, when the question is put back.
        """
        await self.rest()
        self.question = question  # what is still said of the one before is for nobody now
        await self.query_one("#question", RichText).show(question.question)
        await self.query_one("#explanation", RichText).show("")
        await self._offer(question)
        self._show_verdict(False)
        self.query_one(TopBar).entitle(plain(self._title(question), keep=""))
        self.query_one("#body").set_class("\n" in question.question, "-lines")
        for part in self._parts:
            part.scroll_home(animate=False)
            part.vertical_scrollbar.position = 0  # a hidden one hears of no scrolling
        self._begin(question, chosen)

    def _begin(self, question: NewQuestion, chosen: Stored | None) -> None:
        """Let the student choose from now on."""
        self.phase, self.dismissed, self._connected = Phase.CHOOSING, False, True
        self.lost = self._doubted = False
        self._shown_at = self.app.clock()
        self._settled_at = self._shown_at + SETTLE_AT_FIRST
        self._start_time(question)
        self._options.focus(scroll_visible=False)  # a long question is read from its beginning
        self._hint()
        if chosen is not None:
            self._options.restore(chosen)

    def _start_time(self, question: NewQuestion) -> None:
        self._countdown.start(question.remaining, question.duration)

    async def rest(self) -> None:
        """Take nothing until the next question, and count nothing down."""
        self.phase, self._settled_at = Phase.JUDGED, math.inf
        for countdown in self.query(Countdown):
            countdown.stop()
        await self.query(KeysPanel).remove()

    async def _offer(self, question: NewQuestion) -> None:
        """Show the question's options, or a field; in the widgets that are there if they fit."""
        before, after = self._options, _answer_widget(question)
        if (
            isinstance(before, AnswerOptions)
            and type(before) is type(after)
            and before.show(question.options)
        ):
            return
        self._options = after
        await self._parts[1].mount(after, before=0)
        await before.remove()

    @property
    def chosen(self) -> Stored | None:
        """What would be submitted: places of options are 0-based."""
        return self._options.answer

    @property
    def unanswered(self) -> bool:
        """Whether leaving now would leave something undone."""
        return self.phase in {Phase.CHOOSING, Phase.SAVING}

    # --- what the app tells -----------------------------------------------------------------

    def again(self, question: NewQuestion) -> None:
        """Take the remaining time anew, and keep what was chosen: a reconnect sent it again."""
        self.question = question
        self._countdown.start(question.remaining, question.duration)
        self._go_on()

    def extend(self, extended: RoundExtended) -> None:
        """Go on with more time."""
        gained = seconds_between(self.question.deadline, extended.deadline)
        self.question.deadline = extended.deadline
        self.question.duration += max(0.0, gained)
        self._countdown.extend(extended.remaining, self.question.duration, gained)
        self._go_on()

    def judge(self, verdict: Verdict) -> None:
        """Show what became of it; from now on any key goes back."""
        self._conclude(Phase.JUDGED, verdict)

    def refuse(self, error: QuizError) -> None:
        """Say that the answer was not stored, and let it be sent again if time is left."""
        if self.phase is Phase.JUDGED:  # the round's end has told it already
            return
        self.lost = True
        if self._countdown.left > 0 and error.code not in FINAL_CODES:
            self._go_on()
            self._say(f"Not stored. {error.message} Press Enter to try again.", "-alert")
        else:
            self.judge(of_refusal(error))

    def doubt(self) -> None:
        """Say that the answer may have been stored; it is sent again, which finds out."""
        self._doubted = True
        self._hint_while_saving()

    def connection(self, connected: bool) -> None:
        """Say what the state of the connection means for the answer."""
        changed, self._connected = connected != self._connected, connected
        if changed and self.unanswered:  # else it would cover what was said to a quick Enter
            self._hint()

    # --- what the student does --------------------------------------------------------------

    def action_submit(self) -> None:
        if self.phase is not Phase.CHOOSING or not self._settled:
            return
        if self.chosen is None:
            self._say(self._options.missing, "-alert")
            return
        self.phase = Phase.SAVING
        self.lost = self._doubted = False
        self._options.locked = True
        self._hint()
        self._submit(self.chosen, self.app.clock() - self._shown_at)

    def _submit(self, answer: Stored, spent: float) -> None:
        self.post_message(self.Submitted(self.question, answer, spent))

    def action_back(self) -> None:
        if not self.unanswered and self._settled:
            self.dismiss()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        unanswered = self.unanswered
        allowed = {
            "submit": self.phase is Phase.CHOOSING,
            "keys": unanswered,
            # With so many options that letter is one of them.
            "quit": unanswered and len(self.question.options) <= ord("q") - ord("a"),
            "back": not unanswered,
            "page": self._scrolls,
            "edge": self._scrolls,
        }
        return allowed.get(action, True)

    def on_resize(self, event: events.Resize) -> None:
        self.set_class(event.size.height >= HUGE, "-huge")
        self._countdown.set_class("-short" not in size_classes(event.size), "-large")
        self.call_after_refresh(lambda: self._show_verdict(not self.unanswered))

    def action_page(self, pages: int) -> None:
        """Read on: the text to its end, then what stands below the options."""
        parts = self._parts if pages > 0 else reversed(self._parts)
        any(part.turn_page(pages) for part in parts)

    def action_edge(self, end: int) -> None:
        """Go to the beginning of the text and of the options, or to their ends."""
        for part in self._parts:
            part.scroll_to(y=part.max_scroll_y if end > 0 else 0, animate=False)

    def action_keys(self) -> None:
        self.app.action_switch_keys()

    async def action_quit(self) -> None:
        await self.app.action_quit()

    async def on_key(self, event: events.Key) -> None:
        """Any key goes back, once nothing can be done here any more."""
        if self.unanswered or (self._scrolls and event.key in SCROLL_KEYS):
            return
        event.stop()
        event.prevent_default()
        await self._put_away(event.key)

    async def _put_away(self, _key: str) -> None:
        self.action_back()

    @on(TypedAnswer.Entered)
    def _entered(self) -> None:
        self.action_submit()

    @on(AnswerOptions.Chosen)
    @on(TypedAnswer.Chosen)
    def _chosen(self) -> None:
        if self.phase is Phase.CHOOSING:
            self._hint()

    @on(Countdown.LastSeconds)
    def _last_seconds(self) -> None:
        if self.phase is Phase.CHOOSING:
            self.app.bell()

    @on(Countdown.Finished)
    def _time_up(self) -> None:
        # While an answer is being saved the server decides whether it came in time. The message may
        # also be of the question before.
        if self.phase is Phase.CHOOSING and self._countdown.left == 0:
            self._conclude(Phase.OVER, of_time(chosen=self.chosen is not None))
        self._hint_while_saving()

    # --- how it looks -----------------------------------------------------------------------

    @property
    def _scrolls(self) -> bool:
        return any(part.show_vertical_scrollbar for part in self._parts)

    @property
    def _countdown(self) -> Countdown:
        return self.query_one(Countdown)

    @property
    def _settled(self) -> bool:
        return self.app.clock() >= self._settled_at

    def _go_on(self) -> None:
        """Let the student choose again, unless an answer is on its way or stored."""
        if self.phase is Phase.CHOOSING or (self.phase is Phase.JUDGED and not self.lost):
            return
        if self.phase is not Phase.SAVING or self.lost:
            self.phase = Phase.CHOOSING
            self._options.unlock()
            self._show_verdict(False)
            self._hint()

    def _conclude(self, phase: Phase, verdict: Verdict) -> None:
        self.phase = phase
        self._settled_at = self.app.clock() + SETTLE_VERDICT
        self._countdown.stop()
        self.query_one("#verdict").set_classes([verdict.tone])
        self._show_verdict(True)
        self.query_one("#title", Static).update(plain(verdict.title))
        detail = inline(verdict.detail).plain  # no style of code could be read on these colours
        self.query_one("#detail", Static).update(plain(detail, keep=""))
        self.query_one("#explanation", RichText).show(verdict.explanation or "")
        self._options.reveal(verdict.right, verdict.chosen)
        self._say(self._way_on, "")

    @property
    def _way_on(self) -> str:
        """What to do once a verdict is shown."""
        return "Press any key to go back."

    def _show_verdict(self, shown: bool) -> None:
        """Show the verdict in the place of the countdown, or the countdown again.

        By `display` and not by a class: that would have all rules looked at for all widgets below,
        for each student of a class by SSH.
        """
        self.query_one("#verdict").display = shown
        self._countdown.display = not shown
        self.query_one(TopBar).display = not (shown and self.has_class("-short"))

    def _hint_while_saving(self) -> None:
        if self.phase is Phase.SAVING:
            self._hint()

    def _hint(self) -> None:
        """Say what comes next; the footer has the keys."""
        if self.phase is Phase.SAVING and self._doubted:
            when = "…" if self._connected else " once the connection is back."
            self._say(f"Your answer may have been stored; checking{when}", "-alert")
        elif self.phase is Phase.SAVING and self._connected:
            self._say("Saving your answer…", "")
        elif self.phase is Phase.SAVING and self._countdown.left == 0:
            self._say(
                "Time is up. Your answer will be sent once the connection is back; "
                "it counts if the server itself was down.",
                "-alert",
            )
        elif self.phase is Phase.SAVING:
            self._say(
                "Not stored yet: will be sent once the connection is back, if time is left.",
                "-alert",
            )
        elif not self._connected:
            self._say(
                "Choose and press Enter: it will be sent once the connection is back.", "-alert"
            )
        elif self.chosen is not None:
            self._say(f"Press Enter to submit {named(self.chosen)}.", "")
        else:
            self._say(self._options.invitation, "")

    def _title(self, question: NewQuestion) -> str:
        facts = [f"Question {question.round_number}"]
        facts += [question.topic] if question.topic else []
        if question.points:
            facts += ["1 point" if question.points == 1 else f"{question.points} points"]
        return "   ".join(facts)

    def _say(self, sentence: str, tone: str) -> None:
        self.refresh_bindings()
        message = self.query_one("#message", Static)
        message.set_class(tone == "-alert", "-alert")
        message.update(plain(sentence))


def _answer_widget(question: NewQuestion) -> AnswerOptions | TypedAnswer:
    widget: AnswerOptions | TypedAnswer
    match question.type:
        case QuestionType.SINGLE | QuestionType.TRUE_FALSE:
            widget = AnswerOptions(question.options)
        case QuestionType.MULTIPLE:
            widget = SeveralOptions(question.options)
        case QuestionType.NUMERIC | QuestionType.SHORT_TEXT:
            widget = TypedAnswer(number=question.type is QuestionType.NUMERIC)
        case _:
            assert_never(question.type)
    widget.set_class(len(question.options) <= 4, "-few")
    widget.set_class(len(question.options) > 6, "-many")
    return widget
