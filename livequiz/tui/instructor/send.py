"""The dialog before a round: what to send, and what that would do, before anything is sent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, ItemGrid, Vertical
from textual.widgets import Button, Footer, Input, Select, Static

from livequiz.domain.errors import QuizError
from livequiz.domain.model import Difficulty, Reveal
from livequiz.protocol.messages import Preview
from livequiz.tui.base import Dialog, plain
from livequiz.tui.instructor.settings import SendSettings, describe, restriction
from livequiz.tui.widgets.choice import Choice
from livequiz.tui.widgets.fields import LineInput
from livequiz.tui.widgets.mark import Mark

LONGEST = 86_400  # seconds
OWN_LIMITS = "empty: each question's own time limit, 60 without one"
REVEALS = [("at once", Reveal.AT_ONCE), ("after the round", Reveal.AFTER_ROUND)]

Ask = Callable[[SendSettings], Awaitable[Preview]]


class SendDialog(Dialog[SendSettings | None]):
    """Dismissed with the settings to send with, or with None.

    Args:
        settings: Those of the last time.
        topics: What the bank has.
        ask: Asks the server what a round with some settings would do.
    """

    CSS_PATH = "send.tcss"
    AUTO_FOCUS = "#duration"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "send", "Send", key_display="Enter", priority=True),
        Binding("escape", "cancel", "Back", key_display="Esc"),
        Binding("tab", "app.focus_next", "Next field", key_display="Tab"),
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
    ]

    def __init__(self, settings: SendSettings, topics: list[str], ask: Ask) -> None:
        super().__init__()
        self._settings = settings
        self._topics = list(topics)
        self._ask = ask
        self._possible: bool | None = None  # None until the server has answered once
        self._composed = False
        self._eager = False  # whether Enter was pressed before that

    def compose(self) -> ComposeResult:
        settings = self._settings
        with Vertical(id="box"):
            with Horizontal(id="heading"):
                yield Static("Send questions", id="title")
                yield Static("", id="only", markup=False)
            yield Static("Asking the server ...", id="preview", markup=False)
            with Horizontal(classes="row"):
                yield Static("Seconds", classes="label")
                seconds = f"{settings.duration:g}" if settings.duration else ""
                yield LineInput(seconds, "own", id="duration", compact=True, type="number")
                yield Static("Difficulty", classes="label second")
                levels = [(level.value, level) for level in Difficulty]
                yield Choice(levels, "any", settings.difficulty, "difficulty")
            yield Static("", id="seconds-note", markup=False)
            with Horizontal(id="topic-row"):
                yield Static("Topics", classes="label", markup=False)
                with ItemGrid(id="topics", min_column_width=20):
                    for topic in self._topics:
                        yield Mark(topic, topic in settings.topics, topic=topic)
            with Horizontal(classes="row"):
                yield Static("", classes="label")
                yield Mark("shuffle options", settings.shuffle_options, id="shuffle")
                yield Static("letters differ from the table's", classes="note", markup=False)
            with Horizontal(classes="row"):
                yield Static("", classes="label")
                yield Mark("repeats allowed", settings.allow_repeats, id="repeats")
            with Horizontal(classes="row"):
                yield Static("Right answer", classes="label")
                yield Choice(REVEALS, "default", settings.reveal, "reveal")
                yield Static("when students see it", classes="note", markup=False)
            with Horizontal(id="buttons"):
                yield Button("Send", id="send", compact=True)
                yield Button("Back", id="back", compact=True)
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        self._composed = True
        self.query_one("#topic-row").display = bool(self._topics)
        self._update_preview()

    @property
    def settings(self) -> SendSettings:
        """What the dialog holds now.

        Raises:
            ValueError: If the seconds are no number from 1 to a day's, and not left out.
        """
        seconds = self.query_one("#duration", Input).value.strip()
        duration = float(seconds) if seconds else None
        if duration is not None and not 1 <= duration <= LONGEST:
            raise ValueError
        return SendSettings(
            duration=duration,
            topics=tuple(
                mark.topic for mark in self.query("#topics Mark").results(Mark) if mark.value
            ),
            difficulty=self.query_one("#difficulty", Choice).selection,
            shuffle_options=self.query_one("#shuffle", Mark).value,
            allow_repeats=self.query_one("#repeats", Mark).value,
            reveal=self.query_one("#reveal", Choice).selection,
            question_ids=self._settings.question_ids,
        )

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave Enter to what has the focus, where it means something else there."""
        focused = self.focused
        if action != "send" or focused is None:
            return True
        in_list = any(isinstance(node, Choice) for node in focused.ancestors_with_self)
        return not in_list and focused.id != "back"

    def action_send(self) -> None:
        settings = self._checked()
        self._eager = self._possible is None
        if settings is not None and self._possible:
            self.dismiss(settings)

    def action_cancel(self) -> None:
        self.dismiss(None)

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        if event.button.id == "send":
            self.action_send()
        else:
            self.dismiss(None)

    @on(Input.Changed)
    @on(Select.Changed)
    @on(Mark.Changed)
    def _update_preview(self) -> None:
        if not self._shown:
            return
        settings = self._checked()
        if settings is not None:
            self.query_one("#only", Static).update(plain(restriction(settings), keep=""))
            # No coroutine: one that is replaced before it began would never be awaited.
            ask: Any = partial(self._preview, settings)
            self.run_worker(ask, "preview", "preview", exclusive=True)

    def refresh_preview(self) -> None:
        """Ask again: somebody came or went."""
        self._update_preview()

    def _checked(self) -> SendSettings | None:
        try:
            settings = self.settings
        except ValueError:
            self._note("! a number from 1 to 86400, or nothing", wrong=True)
            return None
        self._note("" if settings.duration else OWN_LIMITS)
        return settings

    def _note(self, text: str, *, wrong: bool = False) -> None:
        note = self.query_one("#seconds-note", Static)
        note.update(text)
        note.set_class(wrong, "-wrong")

    async def _preview(self, settings: SendSettings) -> None:
        try:
            preview = await self._ask(settings)
            news = describe(preview)
            await self._add_topics(preview.topics)
        except QuizError as error:
            news = error.message, False
        if self._shown:
            self._say(*news)

    async def _add_topics(self, topics: list[str]) -> None:
        """Offer topics of questions that came into the bank after the dashboard."""
        new = [topic for topic in topics if topic not in self._topics]
        if new and self._shown:
            self._topics += new
            await self.query_one("#topics").mount_all(
                Mark(topic, topic in self._settings.topics, topic=topic) for topic in new
            )
            self.query_one("#topic-row").display = True

    @property
    def _shown(self) -> bool:
        """Whether all of it is there: the server's news may come before that, and after it."""
        return self._composed and self.is_current and not self.dismissed

    def _say(self, sentence: str, possible: bool) -> None:
        self._possible = possible
        self.query_one("#preview", Static).update(plain(sentence))
        self.query_one("#preview").set_class(not possible, "-impossible")
        # Not disabled: that would hand its focus, and so Enter, to the other button.
        self.query_one("#send", Button).set_class(not possible, "-impossible")
        if self._eager:
            self.action_send()
