"""The roster: a list of students and how each is doing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from livequiz.tui.base import plain, say
from livequiz.tui.widgets.list_chooser import Chooser

SHORTEST_NAME = 8  # columns reserved for the name, however long the id is


@dataclass(frozen=True, slots=True)
class Listed:
    """One line: a word on what the person does, the name, a note; quietly the id and how.

    A line that stands for several people has no id.
    """

    key: str
    word: str
    name: str
    note: str = ""
    way: str = ""  # how they take part


class Roster(Vertical):
    """A list of people."""

    DEFAULT_CSS = """
    Roster { height: 1fr; }
    Roster .roster-title { color: $muted; text-style: bold; height: 1; padding: 0 1; }
    Roster:focus-within .roster-title { color: $foreground; }
    Roster Chooser { height: 1fr; background: $background; scrollbar-size-vertical: 1; }
    Roster Chooser > .lines--chosen { background: $background; }
    Roster.-choosing Chooser > .lines--chosen { background: $panel; }
    Roster Chooser:focus > .lines--chosen {
        background: $panel; color: $foreground; text-style: bold;
    }
    """

    def compose(self) -> ComposeResult:
        yield Static("Here", classes="roster-title", markup=False)
        yield Chooser()

    @property
    def names(self) -> Chooser:
        """The list, which takes the focus."""
        return self.query_one(Chooser)

    @property
    def selected(self) -> str | None:
        """The key of the selected line."""
        return self.names.selected

    def show(self, title: str, people: Sequence[str], listed: Callable[[str], Listed]) -> None:
        """Show people, keeping the selection.

        Args:
            title: The heading.
            people: Their keys.
            listed: Returns the line for a key.
        """
        say(self.query_one(".roster-title", Static), title)
        self.names.show(people, lambda key, room: _line(listed(key), room))


def _line(person: Listed, room: int) -> Content:
    """Return a line, shortening the name rather than the id: only ids are unique."""
    before = Content.assemble(" ", (f"{person.word:<8}", "bold"))
    after = Content.assemble(
        f" {person.note}" if person.note else "",
        (f"  {plain(person.key, keep='')}" if person.key else "", "$muted"),
    )
    left = room - 1 - before.cell_length - after.cell_length
    name = plain(person.name, keep="").truncate(max(SHORTEST_NAME, left), ellipsis=True)
    way = Content.styled(f"  {person.way}" if person.way else "", "$muted")
    if name.cell_length + way.cell_length <= left:  # no name is shortened for it
        after = Content.assemble(after, way)
    return Content.assemble(before, name, after).truncate(max(1, room - 1), ellipsis=True)
