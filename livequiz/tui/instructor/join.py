"""The instructor's form for opening or joining a meeting."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass, replace
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Button, Input, Static

from livequiz.client.address import complete
from livequiz.domain.errors import Code, QuizError
from livequiz.protocol.codec import decode
from livequiz.protocol.requests import JoinInstructor
from livequiz.tui.base import plain
from livequiz.tui.instructor.local_server import NO_SERVER, Advise, Find, found, is_here
from livequiz.tui.student.join import BRAND
from livequiz.tui.widgets.fields import Field, JoinButton, LineInput
from livequiz.tui.widgets.footer import Footer

LABELS = {
    "url": ("Server", "http://127.0.0.1:5000"),
    "meeting_id": ("Meeting", "the code that `livequiz serve` shows, or a new one"),
    "instructor_id": ("Your id", "teacher"),
    "token": ("Token", "the instructor token that `livequiz serve` shows"),
}


@dataclass(frozen=True, slots=True)
class InstructorEntry:
    """The form's values; empty strings where something is missing."""

    url: str = ""
    meeting_id: str = ""
    instructor_id: str = ""
    token: str = ""

    @property
    def missing(self) -> list[str]:
        """The fields that are empty, in the form's order."""
        return [field for field in LABELS if not getattr(self, field)]

    def checked(self) -> InstructorEntry:
        """Return the entry, validated and normalized for the server.

        Raises:
            QuizError: `bad_request`, with the first invalid field.
        """
        for field in self.missing:
            raise QuizError(Code.BAD_REQUEST, f"Type {LABELS[field][1]}.", field)
        values = asdict(self)
        values["url"] = complete(self.url)
        values["meeting_id"] = self.meeting_id.upper()
        decode({key: values[key] for key in values if key != "url"}, JoinInstructor)
        return InstructorEntry(**values)


class InstructorJoin(Screen[None]):
    """The form's fields, each with its validation error below it.

    Args:
        entry: What is known already.
        find: Looks for the server of this machine, if it is to be looked for.
        given: The fields that were given when the program was started; nothing replaces them.
        advise: Says what to do when that server is not found.
    """

    CSS_PATH = "join.tcss"
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "app.quit", "Quit", key_display="^q", priority=True),
        Binding("ctrl+p", "app.command_palette", "Commands", key_display="^p", priority=True),
    ]

    class Wanted(Message):
        """The form is complete and valid."""

        def __init__(self, entry: InstructorEntry) -> None:
            super().__init__()
            self.entry = entry

    def __init__(
        self,
        entry: InstructorEntry,
        find: Find | None = None,
        given: Collection[str] = (),
        advise: Advise = lambda: NO_SERVER,
    ) -> None:
        super().__init__()
        self._entry = entry
        self._find = find
        self._given = given
        self._advise = advise

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="page", can_focus=False), Vertical(id="form"):
            yield Static(BRAND, id="heading")
            yield Static("Teach a class", id="notice", markup=False)
            for field, (label, example) in LABELS.items():
                with Horizontal(classes="row"):
                    yield Static(label, classes="label", markup=False)
                    value = getattr(self._entry, field)
                    yield Field(value, example, field, self.advance, password=field == "token")
                yield Static("", id=f"{field}-wrong", classes="wrong", markup=False)
            with Horizontal(id="buttons"):
                yield JoinButton("Join", id="join")
            yield Static("", id="status", markup=False)
        yield Footer()

    def on_mount(self) -> None:
        missing = self._entry.missing
        self.query_one(f"#{missing[0]}" if missing else "#join").focus()
        if self._nowhere:
            self.query_one("#status", Static).update(plain(self._advise()))

    @property
    def entry(self) -> InstructorEntry:
        """The form's current values."""
        return InstructorEntry(
            **{field: self.query_one(f"#{field}", Input).value.strip() for field in LABELS}
        )

    def refuse(self, error: QuizError) -> None:
        """Show an error beside the field that it is about."""
        field = "url" if error.code is Code.UNAVAILABLE else error.field
        for name in LABELS:
            why = f"! {error.message}" if name == field else ""
            self.query_one(f"#{name}-wrong", Static).update(plain(why))
        self.query_one("#status", Static).update(plain("" if field in LABELS else error.message))
        if field in LABELS:
            self.query_one(f"#{field}", Input).focus()

    @property
    def _nowhere(self) -> bool:
        """Whether the address is on this machine but no server runs here."""
        url = self.entry.url
        if self._find is None or "url" in self._given or (url and not is_here(url)):
            return False
        return self._find(None) is None

    def _look_again(self) -> None:
        """Fill in what the server on this machine provides by now."""
        if self._find is None:
            return
        values, opened_with = asdict(self.entry), asdict(self._entry)
        untouched = {name for name in LABELS if values[name] == opened_with[name]}
        changes = found(self._find, values, untouched - set(self._given))
        for name, value in changes.items():
            self.query_one(f"#{name}", Input).value = value
        self._entry = replace(self._entry, **changes)

    def action_join(self) -> None:
        self._look_again()
        try:
            if not self.entry.url and self._nowhere:
                raise QuizError(Code.UNAVAILABLE, self._advise())
            entry = self.entry.checked()
        except QuizError as error:
            self.refuse(error)
            return
        self.refuse(QuizError(Code.BAD_REQUEST, "Joining ..."))
        self.post_message(self.Wanted(entry))

    @on(Button.Pressed)
    def _pressed(self) -> None:
        self.action_join()

    def advance(self, field: LineInput) -> None:
        """Move on from a field: to the next empty one, or join if there is none."""
        fields = list(LABELS)
        following = fields[fields.index(field.id or "") + 1 :]
        empty = [name for name in following if not getattr(self.entry, name)]
        if field.value.strip() and empty:
            self.set_focus(self.query_one(f"#{empty[0]}"))
        else:
            field.when_quiet(self.action_join)
