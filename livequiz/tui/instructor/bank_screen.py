"""The question bank screen: list, search, filter, preview and send questions."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any, ClassVar

from msgspec import structs
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Input, Select, Static

from livequiz.domain.errors import QuizError
from livequiz.domain.model import Difficulty, QuestionType
from livequiz.domain.text import one_line
from livequiz.domain.typed_answers import plain_text
from livequiz.protocol.bank import BankQuestion
from livequiz.protocol.fields import MOST_CHOSEN
from livequiz.protocol.requests import RoundRequest
from livequiz.tui.base import BaseApp, Dialog, plain, size_classes
from livequiz.tui.instructor.send import Ask
from livequiz.tui.instructor.settings import IMPORT, describe, restriction
from livequiz.tui.widgets.choice import Choice
from livequiz.tui.widgets.fields import LineInput
from livequiz.tui.widgets.footer import Footer
from livequiz.tui.widgets.list_chooser import Chooser
from livequiz.tui.widgets.question_view import QuestionView

TYPES = {
    QuestionType.SINGLE: "one of several",
    QuestionType.TRUE_FALSE: "true or false",
    QuestionType.MULTIPLE: "several",
    QuestionType.NUMERIC: "number",
    QuestionType.SHORT_TEXT: "text",
}
NOTHING_FITS = "No question matches. Change the search or the filters above."
PAUSE = 0.3  # seconds; debounces the request to the server while someone types
TOPIC = 14  # columns
LEVEL = 6  # columns

Pages = Callable[[], AsyncIterator[list[BankQuestion]]]


class Questions(Chooser):
    """The list of questions, with a footer entry for the key that opens one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Open", key_display="Enter"),
    ]


class BankScreen(Dialog[RoundRequest | None]):
    """The bank; dismissed with the settings to send a round with, or None.

    Args:
        settings: Those of the last round; topics and difficulty are preselected.
        topics: The bank's topics.
        pages: Reads the bank page by page.
        ask: Asks the server to preview a round with given settings.
    """

    CSS_PATH = "bank_screen.tcss"
    AUTO_FOCUS = "Chooser"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "search", "Search", key_display="/"),
        Binding("tab", "app.focus_next", "Filters", key_display="Tab"),
        Binding("s", "send", "Send these"),
        Binding("escape,b", "back", "Back", key_display="Esc"),
    ]
    app: BaseApp

    def __init__(self, settings: RoundRequest, topics: list[str], pages: Pages, ask: Ask) -> None:
        super().__init__()
        self._settings = settings
        self._topics = topics
        self._pages = pages
        self._ask = ask
        self._bank: dict[str, BankQuestion] = {}
        self._texts: dict[str, str] = {}  # the searchable text, by question id
        self._complete = False

    def compose(self) -> ComposeResult:
        self.add_class(*size_classes(self.app.size))
        kept = self._settings
        topics = kept.topics or []
        topic = topics[0] if len(topics) == 1 and topics[0] in self._topics else None
        with Vertical(id="head"):
            yield Static("Loading the question bank ...", id="count", markup=False)
            yield Static("", id="round", markup=False)
            with Horizontal(id="filters"):
                yield LineInput(placeholder="/ search", id="search", compact=True)
                yield Choice([(name, name) for name in self._topics], "any topic", topic, "topic")
                levels = [(level.value, level) for level in Difficulty]
                yield Choice(levels, "any difficulty", kept.difficulty, "difficulty")
                kinds = [(words, kind) for kind, words in TYPES.items()]
                yield Choice(kinds, "any type", None, "type")
        with Horizontal(id="page"):
            yield Questions()
            yield VerticalScroll(id="preview", can_focus=False)
        yield Footer()

    def on_mount(self) -> None:
        # Not a coroutine object: Python warns about one that is never awaited.
        read: Any = self._read
        self.run_worker(read, "bank", "bank")
        self._foresee()

    # --- the selection -----------------------------------------------------------------------

    @property
    def settings(self) -> RoundRequest:
        """The settings for a round of the questions in the filtered list."""
        topic = self.query_one("#topic", Choice).selection
        return structs.replace(
            self._settings,
            topics=None if topic is None else [topic],
            difficulty=self.query_one("#difficulty", Choice).selection,
            question_ids=sorted(self.query_one(Chooser).keys) or None if self._picks else None,
        )

    @property
    def _picks(self) -> bool:
        """Whether a filter is set that the server doesn't support: search words, or a type."""
        typed = self.query_one("#search", Input).value.strip()
        return bool(typed) or self.query_one("#type", Choice).selection is not None

    def _left(self) -> list[str]:
        """Return the ids of the questions that match the filters and the search."""
        topic = self.query_one("#topic", Choice).selection
        level = self.query_one("#difficulty", Choice).selection
        kind = self.query_one("#type", Choice).selection
        words = [plain_text(word) for word in self.query_one("#search", Input).value.split()]
        return [
            key
            for key, question in self._bank.items()
            if (topic is None or topic in question.topics)
            and level in {None, question.difficulty}
            and kind in {None, question.type}
            and all(word in self._texts[key] for word in words)
        ]

    # --- display -----------------------------------------------------------------------------

    async def _read(self) -> None:
        try:
            async for page in self._pages():
                for question in page:
                    self._bank[question.question_id] = question
                    words = [question.question, *question.options, *question.topics]
                    searched = plain_text("\n".join([*words, question.explanation or ""]))
                    self._texts[question.question_id] = searched
                self._list()
        except QuizError as error:
            self._count(error.message)
            return
        self._complete = True
        self._offer_topics()
        self._list()
        self._foresee()

    def _offer_topics(self) -> None:
        """Offer the bank's current topics as filters; some may be newer than the dashboard."""
        topics = sorted({topic for question in self._bank.values() for topic in question.topics})
        if topics and topics != self._topics and not self.dismissed and self.is_attached:
            self._topics = topics
            choice = self.query_one("#topic", Choice)
            kept = choice.selection
            with self.prevent(Select.Changed):
                choice.set_options([(name, name) for name in topics])
                if kept in topics:
                    choice.value = kept

    @on(Input.Changed)
    @on(Select.Changed)
    def _filter(self) -> None:
        self._list()
        self._foresee()

    def _foresee(self) -> None:
        """Preview a round of the filtered list, once typing has paused."""

        async def ask() -> None:
            await asyncio.sleep(PAUSE if self._picks else 0)
            settings = self.settings
            only = restriction(settings)
            words, possible = self._unfit, False
            if not words:
                try:
                    words, possible = describe(await self._ask(settings))
                except QuizError as error:
                    words = error.message
            if not self.dismissed and self.is_attached:
                said = f"A round now ({only[6:] if only else 'all questions'}): "
                line = self.query_one("#round", Static)
                line.update(plain(said + words.replace("\n", " "), keep=""))
                line.set_class(not possible, "-impossible")

        later: Any = ask
        self.run_worker(later, "round", "round", exclusive=True)

    @property
    def _unfit(self) -> str:
        """Why the filtered list can't be sent; empty if it can."""
        left = len(self.query_one(Chooser).keys)
        if not self._picks:
            return ""
        if not self._complete:
            return "The bank is still loading."
        if not left:
            return "No question matches."
        return (
            f"You can send at most {MOST_CHOSEN} at once: narrow the search."
            if left > MOST_CHOSEN
            else ""
        )

    def _list(self) -> None:
        if self.dismissed or not self.is_attached:
            return
        found = self._left()
        bank = len(self._bank)
        chooser = self.query_one(Chooser)
        chooser.say_instead(plain(NOTHING_FITS if bank and self._complete else "", keep=""))
        chooser.show(found, self._line)
        if not bank and self._complete:
            self._count(f"The question bank is empty. Add questions with {IMPORT}")
        else:
            reading = "" if self._complete else " so far"
            self._count(f"{len(found)} of {bank} questions{reading}")
        self._preview()

    def _count(self, sentence: str) -> None:
        self.query_one("#count", Static).update(plain(sentence, keep=""))

    def _line(self, key: str, room: int) -> Content:
        question = self._bank[key]
        topic = plain(question.topics[0] if question.topics else "", keep="")
        level = question.difficulty.value if question.difficulty else ""
        text = plain(one_line(question.question), keep="")
        space = max(10, room - TOPIC - LEVEL - 6)
        return Content.assemble(
            " ",
            text.truncate(space, ellipsis=True, pad=True),
            "  ",
            topic.truncate(TOPIC, ellipsis=True, pad=True).stylize("$muted"),
            "  ",
            Content.styled(level.ljust(LEVEL), "$muted"),
        )

    @on(Chooser.Chose)
    def _preview(self) -> None:
        """Show the selected question beside the list if there is room."""
        key = self.query_one(Chooser).selected
        pane = self.query_one("#preview")
        if not pane.display:
            return
        pane.remove_children()
        if key is not None:
            pane.mount(_view(self._bank[key]))

    @on(Chooser.Opened)
    def _open(self, event: Chooser.Opened) -> None:
        event.stop()
        self.app.push_screen(QuestionScreen(self._bank[event.key]))

    # --- actions -----------------------------------------------------------------------------

    def action_search(self) -> None:
        self.query_one("#search").focus()

    @on(Input.Submitted)
    def action_list(self) -> None:
        self.query_one(Chooser).focus()

    def action_send(self) -> None:
        if self._unfit:
            self._foresee()
        else:
            self.dismiss(self.settings)

    def action_back(self) -> None:
        """Go back from a field to the list, or from the list to the dashboard."""
        search = self.query_one("#search", Input)
        if search.has_focus:
            search.value = ""
            self.action_list()
        else:
            self.dismiss(None)


class QuestionScreen(Dialog[None]):
    """One question of the bank, shown over the list."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,space,q", "dismiss", "Back", key_display="Esc"),
    ]

    def __init__(self, question: BankQuestion) -> None:
        super().__init__()
        self._question = question

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="box", classes="-reading"):
            yield _view(self._question)
        yield Footer()


def _view(question: BankQuestion) -> QuestionView:
    facts = [
        ", ".join(question.topics),
        question.difficulty.value if question.difficulty else "",
        TYPES[question.type],
        f"{question.points} point{'s' * (question.points != 1)}",
        f"{question.time_limit:g} s" if question.time_limit else "",
        question.source or "",
    ]
    return QuestionView(question, facts="   ".join(filter(None, facts)))
