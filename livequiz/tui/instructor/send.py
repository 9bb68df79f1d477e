"""The send dialog: a round's settings, with a preview of their effect."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, ItemGrid, Vertical
from textual.widgets import Button, Input, Select, Static

from livequiz.domain.errors import QuizError
from livequiz.domain.model import Difficulty, DrawRule, PointsFor, Reveal
from livequiz.protocol.messages import Preview
from livequiz.protocol.requests import RoundRequest
from livequiz.tui.base import Dialog, plain
from livequiz.tui.instructor.settings import describe, restriction
from livequiz.tui.widgets.checkbox import Mark
from livequiz.tui.widgets.choice import Choice
from livequiz.tui.widgets.fields import LineInput
from livequiz.tui.widgets.footer import Footer

LONGEST = 86_400  # seconds
OWN_LIMITS = "empty: each question's own limit (60 s if it has none)"
REVEALS = [("at once", Reveal.AT_ONCE), ("after the round", Reveal.AFTER_ROUND)]
POINTS = [
    ("right answers", PointsFor.ACCURACY),
    ("right and fast", PointsFor.SPEED),
    ("nothing", PointsFor.NOTHING),
]
DRAWS: list[tuple[str, tuple[DrawRule, ...]]] = [
    ("at random", ()),
    ("topics in turn", (DrawRule.PER_TOPIC,)),
    ("cover the bank", (DrawRule.COVER,)),
    ("missed again", (DrawRule.CARRY_OVER,)),
    ("topics, missed", (DrawRule.PER_TOPIC, DrawRule.CARRY_OVER)),
    ("cover, missed", (DrawRule.COVER, DrawRule.CARRY_OVER)),
]

Ask = Callable[[RoundRequest], Awaitable[Preview]]


class SendDialog(Dialog[RoundRequest | None]):
    """Dismissed with the settings to send a round with, or with None.

    Args:
        settings: The settings used last.
        topics: The bank's topics.
        ask: Asks the server to preview a round with given settings.
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

    def __init__(self, settings: RoundRequest, topics: list[str], ask: Ask) -> None:
        super().__init__()
        self._settings = settings
        self._topics = list(topics)
        self._ask = ask
        self._possible: bool | None = None  # None until the first preview
        self._composed = False
        self._eager = False  # whether Enter was pressed before the first preview

    def compose(self) -> ComposeResult:
        settings = self._settings
        with Vertical(id="box", classes="-form"):
            with Horizontal(id="heading"):
                yield Static("Send questions", id="title")
                yield Static("", id="only", markup=False)
            yield Static("Asking the server ...", id="preview", markup=False)
            with Horizontal(classes="row"):
                yield Static("Time (s)", classes="label")
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
                        yield Mark(topic, topic in (settings.topics or ()), topic=topic)
            with Horizontal(classes="row"):
                yield Static("", classes="label")
                yield Mark("Shuffle options", settings.shuffle_options, id="shuffle")
                yield Static("each student sees their own order", classes="note", markup=False)
            with Horizontal(classes="row"):
                yield Static("Draw", classes="label")
                rules = settings.draw_rules
                yield Choice(DRAWS, "default", None if rules is None else tuple(rules), "draw")
                yield Mark("Allow repeats", settings.allow_repeats, id="repeats")
            with Horizontal(classes="row"):
                yield Static("Right answer", classes="label")
                yield Choice(REVEALS, "default", settings.reveal, "reveal")
                yield Static("when to show it to students", classes="note", markup=False)
            with Horizontal(classes="row"):
                yield Static("Points for", classes="label")
                yield Choice(POINTS, "default", settings.points_for, "points")
            with Horizontal(id="buttons"):
                yield Button("Send", id="send", compact=True)
                yield Button("Back", id="back", compact=True)
        yield Footer()

    def on_mount(self) -> None:
        self._composed = True
        self.query_one("#topic-row").display = bool(self._topics)
        self._update_preview()

    @property
    def settings(self) -> RoundRequest:
        """The settings currently in the dialog.

        Raises:
            ValueError: If the seconds are neither empty nor a number from 1 to a day's.
        """
        seconds = self.query_one("#duration", Input).value.strip()
        duration = float(seconds) if seconds else None
        if duration is not None and not 1 <= duration <= LONGEST:
            raise ValueError
        rules = self.query_one("#draw", Choice).selection
        return RoundRequest(
            duration=duration,
            topics=[mark.topic for mark in self.query("#topics Mark").results(Mark) if mark.value]
            or None,
            difficulty=self.query_one("#difficulty", Choice).selection,
            shuffle_options=self.query_one("#shuffle", Mark).value,
            allow_repeats=self.query_one("#repeats", Mark).value,
            reveal=self.query_one("#reveal", Choice).selection,
            points_for=self.query_one("#points", Choice).selection,
            draw_rules=None if rules is None else list(rules),
            question_ids=self._settings.question_ids,
        )

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave Enter to the focused widget where it has another meaning there."""
        focused = self.focused
        if action != "send" or focused is None:
            return True
        in_list = any(isinstance(node, Choice) for node in focused.ancestors_with_self)
        return not in_list and focused.id != "back"

    def action_send(self) -> None:
        self.after_typing(self._send)

    def _send(self) -> None:
        self._eager = self._possible is None
        if not self._composed:  # Enter comes before other keys, also before the fields are there
            return
        settings = self._checked()
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
            # Not a coroutine object: if replaced before it starts, it would never be awaited.
            ask: Any = partial(self._preview, settings)
            self.run_worker(ask, "preview", "preview", exclusive=True)

    def refresh_preview(self) -> None:
        """Refresh the preview after a student joined or left."""
        self._update_preview()

    def _checked(self) -> RoundRequest | None:
        try:
            settings = self.settings
        except ValueError:
            self._note("! type a number from 1 to 86400, or leave it empty", wrong=True)
            return None
        self._note("" if settings.duration else OWN_LIMITS)
        return settings

    def _note(self, text: str, *, wrong: bool = False) -> None:
        note = self.query_one("#seconds-note", Static)
        note.update(text)
        note.set_class(wrong, "-wrong")

    async def _preview(self, settings: RoundRequest) -> None:
        try:
            preview = await self._ask(settings)
            news = describe(preview)
            await self._add_topics(preview.topics)
        except QuizError as error:
            news = error.message, False
        if self._shown:
            self._say(*news)

    async def _add_topics(self, topics: list[str]) -> None:
        """Offer topics that were added to the bank after the dashboard opened."""
        new = [topic for topic in topics if topic not in self._topics]
        if new and self._shown:
            self._topics += new
            await self.query_one("#topics").mount_all(
                Mark(topic, topic in (self._settings.topics or ()), topic=topic) for topic in new
            )
            self.query_one("#topic-row").display = True

    @property
    def _shown(self) -> bool:
        """Whether the dialog is fully mounted; events may arrive before that or after it closed."""
        return self._composed and self.is_current and not self.dismissed

    def _say(self, sentence: str, possible: bool) -> None:
        self._possible = possible
        self.query_one("#preview", Static).update(plain(sentence))
        self.query_one("#preview").set_class(not possible, "-impossible")
        # Not disabled: that would move its focus, and so Enter, to the other button.
        self.query_one("#send", Button).set_class(not possible, "-impossible")
        if self._eager:
            self.action_send()
