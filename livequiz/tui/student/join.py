"""The form with which a student joins a meeting."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Button, Footer, Input, Static

from livequiz.client.nearby import Finder
from livequiz.domain.errors import Code, QuizError
from livequiz.tui.base import plain
from livequiz.tui.student.form import FIELDS, Entry
from livequiz.tui.student.nearby import Nearby
from livequiz.tui.widgets.fields import Field, JoinButton, LineInput

LABELS = {
    "url": ("Server", "http://192.168.1.20:5000"),
    "meeting_id": ("Meeting", "the code that your teacher shows"),
    "student_id": ("Your id", "S001"),
    "name": ("Your name", "Alice Johnson"),
}
BRAND = "[$hue-1]▲[/] [$hue-2]◆[/] [$hue-3]●[/] [$hue-4]■[/]  LiveQuiz"
WAITABLE = {Code.NOT_FOUND, Code.UNAVAILABLE, Code.RATE_LIMITED}


class JoinScreen(Screen[None]):
    """Fields, each with the reason why it can't be right beside it.

    Args:
        entry: What is known already.
        finder: What looks for servers on this network.
        notice: Why the form is shown again, in a sentence; empty at first.
    """

    CSS_PATH = "join.tcss"
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "app.focus_previous", "Field", show=False),
        Binding("down", "app.focus_next", "Field", show=False),
        Binding("escape", "stop", "Stop"),
        Binding("ctrl+n", "next_server", "Server", key_display="^n"),
        Binding("ctrl+q", "app.quit", "Quit", key_display="^q", priority=True),
        Binding("ctrl+p", "app.command_palette", "Commands", key_display="^p", priority=True),
    ]

    class Wanted(Message):
        """The form is filled in, and can be right."""

        def __init__(self, entry: Entry) -> None:
            super().__init__()
            self.entry = entry

    class Stopped(Message):
        """The student no longer wants to wait."""

    def __init__(self, entry: Entry, finder: Finder, notice: str = "") -> None:
        super().__init__()
        self._entry = entry
        self._finder = finder
        self._server_known = bool(entry.url)  # or was once: then nobody wants it filled in
        self._notice = notice
        self._blamed: dict[str, str] = {}  # field -> the value that could not be right
        self.trying = False

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="page", can_focus=False), Vertical(id="form"):
            yield Static(BRAND, id="heading")
            yield Static(plain(self._notice or "Join your class"), id="notice")
            for field in FIELDS:
                yield from self._row(field)
            with Horizontal(id="buttons"):
                yield JoinButton("Join", id="join")
            yield Static("", id="status")
        yield Footer(show_command_palette=False)

    def _row(self, field: str) -> ComposeResult:
        label, example = LABELS[field]
        with Horizontal(classes="row"):
            yield Static(label, classes="label")
            yield Field(getattr(self._entry, field), example, field, self.advance)
            if field == "url":
                yield Nearby(self._finder)
        yield Static("", id=f"{field}-wrong", classes="wrong")

    def on_mount(self) -> None:
        self.set_class(bool(self._notice), "-notice")
        first = next(iter(self._entry.missing), None)
        self.query_one(f"#{first}" if first else "#join").focus()

    @property
    def entry(self) -> Entry:
        """What the form holds now."""
        return Entry(
            **{field: self.query_one(f"#{field}", Input).value.strip() for field in FIELDS}
        )

    def waiting(self, sentence: str) -> None:
        """Say that something is being tried, and what."""
        self._try(True)
        self._say(sentence)

    def refuse(self, error: QuizError) -> bool:
        """Say why it did not work; return whether it makes sense to try again by itself."""
        again = error.code in WAITABLE
        self._try(again)
        field = "url" if error.code is Code.UNAVAILABLE else error.field
        if error.code is Code.NOT_FOUND:
            meeting = self.entry.meeting_id.upper()
            self._say(f"There is no meeting {meeting} yet. Check the code, or wait: trying again.")
        elif field in FIELDS:
            self._blame(field, error.message, focus=not again)
            self._say("Trying again." if again else "")
        else:
            self._say(error.message)
        return again

    def action_join(self) -> None:
        self._clear()
        try:
            entry = self.entry.checked()
        except QuizError as error:
            self.refuse(error)
            return
        self.waiting("Joining")
        self.post_message(self.Wanted(entry))

    def action_stop(self) -> None:
        self._stop("Press Join to try again.")

    def action_next_server(self) -> None:
        """Take the next server of this network, whatever the field holds."""
        box = self.query_one("#url", Input)
        box.value = self.query_one(Nearby).after(box.value) or box.value

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "next_server":
            nearby = self.query(Nearby)  # empty while the form is being built
            return bool(nearby and nearby.first().after(self.query_one("#url", Input).value))
        return self.trying if action == "stop" else True

    @on(Nearby.Changed)
    def _other_servers(self) -> None:
        self.refresh_bindings()

    @on(Nearby.Settled)
    def _fill_in_server(self) -> None:
        """Fill the only server in, unless somebody gave one or begins to."""
        box = self.query_one("#url", Input)
        if self._server_known or box.value:
            return
        box.value = self.query_one(Nearby).only_one
        if box.has_focus:
            box.select_all()  # whoever types at this moment replaces it

    @on(Button.Pressed, "#join")
    def _join_pressed(self) -> None:
        self.action_join()

    def advance(self, field: LineInput) -> None:
        """Move on from a field: to the next one that is empty, and to joining when none is.

        The focus moves at once, so that the next key goes where it belongs.
        """
        following = FIELDS[FIELDS.index(field.id or "") + 1 :]
        empty = [name for name in following if not getattr(self.entry, name)]
        if field.value.strip() and empty:
            self.set_focus(self.query_one(f"#{empty[0]}"))
        else:
            field.when_quiet(self.action_join)

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        field = event.input.id or ""
        if field == "url":
            self._server_known |= bool(event.value)
            self.refresh_bindings()
        if self._blamed.get(field) != event.value:  # else it is the change that led to the blame
            self._blame(field, "", focus=False)
        if self.trying and self.entry != self._entry:
            self._stop("")

    def _stop(self, sentence: str) -> None:
        if self.trying:
            self._try(False)
            self._say(sentence)
            self.post_message(self.Stopped())

    def _try(self, trying: bool) -> None:
        self.trying = trying
        if trying:
            self._entry = self.entry
        self.set_class(trying, "-trying")
        self.refresh_bindings()

    def _clear(self) -> None:
        for field in FIELDS:
            self._blame(field, "", focus=False)

    def _blame(self, field: str, why: str, *, focus: bool) -> None:
        box = self.query_one(f"#{field}", Input)
        self._blamed[field] = box.value
        self.query_one(f"#{field}-wrong", Static).update(plain(f"! {why}" if why else ""))
        box.set_class(bool(why), "-wrong")
        if focus:
            self.set_focus(box)

    def _say(self, sentence: str) -> None:
        self.query_one("#status", Static).update(plain(sentence))
