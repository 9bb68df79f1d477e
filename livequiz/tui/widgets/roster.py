"""Who is here, and how each of them does: a list to go through by key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList, Static

from livequiz.tui.base import plain


@dataclass(frozen=True, slots=True)
class Listed:
    """One line: a word on what the person does, the name, a note; the id quietly after them."""

    key: str
    word: str
    name: str
    note: str = ""


class Names(OptionList):
    """The lines, one of which is chosen. Nothing but its place is an option's identity."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "cursor_down", show=False),
        Binding("k", "cursor_up", show=False),
    ]

    def __init__(self) -> None:
        super().__init__(markup=False)


class Roster(Vertical):
    """A list of people; the choice stays with its person while lines move."""

    DEFAULT_CSS = """
    Roster { height: 1fr; }
    Roster .roster-title { color: $muted; text-style: bold; height: 1; padding: 0 1; }
    Roster:focus-within .roster-title { color: $foreground; }
    Roster Names { height: 1fr; background: $background; border: none; padding: 0; }
    Roster Names { text-wrap: nowrap; text-overflow: ellipsis; scrollbar-size-vertical: 1; }
    Roster Names:focus { background-tint: $foreground 0%; border: none; }
    Roster Names > .option-list--option { padding: 0 1; }
    Roster Names > .option-list--option-highlighted { background: $background; }
    Roster.-choosing Names > .option-list--option-highlighted { background: $panel; }
    Roster Names:focus > .option-list--option-highlighted {
        background: $panel; color: $foreground; text-style: bold;
    }
    """

    class Opened(Message):
        """A person's line is opened."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    def __init__(self) -> None:
        super().__init__()
        self._people: Sequence[Listed] = ()

    def compose(self) -> ComposeResult:
        yield Static("Here", classes="roster-title", markup=False)
        yield Names()

    @property
    def names(self) -> Names:
        """The list itself, which takes the focus."""
        return self.query_one(Names)

    @property
    def selected(self) -> str | None:
        """The key of the chosen person."""
        place = self.names.highlighted
        return None if place is None else self._people[place].key

    def show(self, title: str, people: Sequence[Listed]) -> None:
        """Show people; who was chosen still is."""
        self.query_one(".roster-title", Static).update(plain(title))
        keys = [person.key for person in self._people]
        if keys == [person.key for person in people]:
            self._change(people)
        else:
            self._refill(people)

    def _change(self, people: Sequence[Listed]) -> None:
        for place, (old, new) in enumerate(zip(self._people, people, strict=True)):
            if old != new:
                self.names.replace_option_prompt_at_index(place, _line(new))
        self._people = people

    def _refill(self, people: Sequence[Listed]) -> None:
        names, chosen, top = self.names, self.selected, self.names.scroll_y
        self._people = people
        names.set_options(_line(person) for person in people)
        keys = [person.key for person in people]
        names.highlighted = keys.index(chosen) if chosen in keys else 0
        names.scroll_to(y=top, animate=False, immediate=True)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.post_message(self.Opened(self._people[event.option_index].key))


def _line(person: Listed) -> Content:
    return Content.assemble(
        (f"{person.word:<8}", "bold"),
        plain(person.name, keep=""),
        f" {person.note}" if person.note else "",
        (f"  {plain(person.key, keep='')}", "$muted"),
    )
