"""The student's form for joining a meeting."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Button, Input, Static

from livequiz.client.join_entry import FIELDS, JoinEntry
from livequiz.client.server_search import Finder
from livequiz.domain.errors import Code, QuizError
from livequiz.tui.base import plain
from livequiz.tui.student.nearby import Nearby
from livequiz.tui.widgets.fields import Field, JoinButton, LineInput
from livequiz.tui.widgets.footer import Footer

LABELS = {
    "url": ("Server", "http://192.168.1.20:5000"),
    "meeting_id": ("Meeting", "the code your teacher shows you"),
    "student_id": ("Your id", "S001"),
    "name": ("Your name", "Alice Johnson"),
    "code": ("Rejoin code", "only to come back to your place"),
}
BRAND = "[$hue-1]▲[/] [$hue-2]◆[/] [$hue-3]●[/] [$hue-4]■[/]  LiveQuiz"
TAKEN = "This id is taken. If it is yours, type the rejoin code that you were shown."
WAITABLE = {Code.NOT_FOUND, Code.UNAVAILABLE, Code.RATE_LIMITED}


class JoinScreen(Screen[None]):
    """The form's fields, each with its validation error beside it.

    Args:
        entry: The initial values.
        finder: Discovers servers on this network; None if the server is given, as for a guest.
        notice: Why the form is shown again, as a sentence; empty at first.
    """

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
        """The form is complete and valid."""

        def __init__(self, entry: JoinEntry) -> None:
            super().__init__()
            self.entry = entry

    class Stopped(Message):
        """The student cancelled the wait."""

    def __init__(self, entry: JoinEntry, finder: Finder | None, notice: str = "") -> None:
        super().__init__()
        self._entry = entry
        self._fields = FIELDS if finder is not None else (*FIELDS[1:], "code")
        self._finder = finder
        self._server_known = bool(entry.url)  # or was once; then don't fill it in
        self._notice = notice
        self._blamed: dict[str, str] = {}  # field -> the invalid value
        self.trying = False

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="page", can_focus=False), Vertical(id="form"):
            yield Static(BRAND, id="heading")
            yield Static(plain(self._notice or "Join your class"), id="notice")
            for field in self._fields:
                yield from self._row(field)
            with Horizontal(id="buttons"):
                yield JoinButton("Join", id="join")
            yield Static("", id="status")
        yield Footer()

    def _row(self, field: str) -> ComposeResult:
        label, example = LABELS[field]
        with Horizontal(classes="row"):
            yield Static(label, classes="label")
            yield Field(getattr(self._entry, field), example, field, self.advance)
            if field == "url" and self._finder is not None:
                yield Nearby(self._finder)
        yield Static("", id=f"{field}-wrong", classes="wrong")

    def on_mount(self) -> None:
        self.set_class(bool(self._notice), "-notice")
        first = next(iter(self._entry.missing), None)
        self.query_one(f"#{first}" if first else "#join").focus()

    @property
    def entry(self) -> JoinEntry:
        """The form's current values."""
        typed = {field: self.query_one(f"#{field}", Input).value for field in self._fields}
        return replace(self._entry, **{field: value.strip() for field, value in typed.items()})

    def waiting(self, sentence: str) -> None:
        """Show that a join is in progress, and what it waits for."""
        self._entry = self.entry
        self._try(True)
        self._say(sentence)

    def refuse(self, error: QuizError) -> bool:
        """Show an error; return whether an automatic retry makes sense."""
        again = error.code in WAITABLE
        self._try(again)
        if error.code is Code.CONFLICT and "code" in self._fields:
            error = QuizError(error.code, TAKEN, "code")
        field = "url" if error.code is Code.UNAVAILABLE else error.field
        if error.code is Code.NOT_FOUND:
            meeting = self.entry.split().meeting_id.upper()
            self._say(f"There is no meeting {meeting} yet. Check the code, or wait: retrying.")
        elif field in self._fields:
            self._blame(field, error.message, focus=not again)
            self._say("Trying again." if again else "")
        else:
            self._say(error.message)
        return again

    def action_join(self) -> None:
        for field in self._fields:
            self._blame(field, "", focus=False)
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
        """Fill in the next server on this network, replacing the field's value."""
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
        """Fill in the server if there is only one and the student has not entered an address."""
        box = self.query_one("#url", Input)
        if self._server_known or box.value:
            return
        box.value = self.query_one(Nearby).only_one
        if box.has_focus:
            box.select_all()  # so that typing replaces it

    @on(Button.Pressed, "#join")
    def _join_pressed(self) -> None:
        self.action_join()

    def advance(self, field: LineInput) -> None:
        """Move on from a field: to the next empty one, or join if there is none.

        The focus moves at once, so that the next key goes where it belongs.
        """
        following = self._fields[self._fields.index(field.id or "") + 1 :]
        missing = self.entry.missing
        empty = [name for name in following if name in missing]
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
        if (
            self._blamed.get(field) != event.value
        ):  # otherwise this is the change that caused the error
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
        self.set_class(trying, "-trying")
        self.refresh_bindings()

    def _blame(self, field: str, why: str, *, focus: bool) -> None:
        box = self.query_one(f"#{field}", Input)
        self._blamed[field] = box.value
        self.query_one(f"#{field}-wrong", Static).update(plain(f"! {why}" if why else ""))
        box.set_class(bool(why), "-wrong")
        if focus:
            self.set_focus(box)

    def _say(self, sentence: str) -> None:
        self.query_one("#status", Static).update(plain(sentence))
