"""The roster: a list of students and how each is doing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Static

from livequiz.tui.base import plain, say
from livequiz.tui.widgets.list_chooser import Chooser

ANSWERED, RIGHT = 9, 8  # columns of the numbers
NUMBERS = f"{'answered':>{ANSWERED}}{'right':>{RIGHT}}"
SHORTEST_NAME = 8  # columns reserved for the name, however long the id is


@dataclass(frozen=True, slots=True)
class Listed:
    """One line: a symbol, the name, a note; quietly the id and how; then numbers.

    A line that stands for several people has no id.
    """

    key: str
    symbol: str
    name: str
    note: str = ""
    way: str = ""  # how they take part
    answered: str = ""  # in how many rounds, of how many
    right: str = ""  # how many of the answers


class Roster(Vertical):
    """A list of people."""

    DEFAULT_CSS = """
    Roster { height: 1fr; }
    Roster .roster-title { height: 1; padding: 0 1; }
    Roster .roster-title Static { width: auto; color: $muted; text-style: bold; }
    Roster .roster-title .roster-count { width: 1fr; }
    Roster:focus-within .roster-title Static { color: $foreground; }
    Roster Chooser { height: 1fr; background: $background; scrollbar-size-vertical: 1; }
    Roster Chooser > .lines--chosen { background: $background; }
    Roster.-choosing Chooser > .lines--chosen { background: $panel; }
    Roster Chooser:focus > .lines--chosen {
        background: $panel; color: $foreground; text-style: bold;
    }
    """

    def compose(self) -> ComposeResult:
        with Horizontal(classes="roster-title"):
            yield Static("Here", classes="roster-count", markup=False)
            yield Static("", classes="roster-numbers", markup=False)
        yield Chooser()

    @property
    def names(self) -> Chooser:
        """The list, which takes the focus."""
        return self.query_one(Chooser)

    @property
    def selected(self) -> str | None:
        """The key of the selected line."""
        return self.names.selected

    def show(
        self,
        title: str,
        people: Sequence[str],
        listed: Callable[[str], Listed],
        *,
        numbers: bool = True,
    ) -> None:
        """Show people, keeping the selection.

        Args:
            title: The heading.
            people: Their keys.
            listed: Returns the line for a key.
            numbers: Whether there is room for the numbers; there are none before the first round.
        """
        say(self.query_one(".roster-count", Static), title)
        say(self.query_one(".roster-numbers", Static), NUMBERS if numbers else "")
        self.names.show(people, lambda key, room: _line(listed(key), room, numbers))


def _line(person: Listed, room: int, numbers: bool) -> Content:
    after = f"{person.answered:>{ANSWERED}}{person.right:>{RIGHT}} " if numbers else " "
    return Content.assemble(_person(person, max(1, room - len(after))), after)


def _person(person: Listed, room: int) -> Content:
    """Return who it is, shortening the name rather than the id: only ids are unique."""
    before = Content.assemble(" ", (f"{person.symbol} ", "bold"))
    after = Content.assemble(
        f" {person.note}" if person.note else "",
        (f"  {plain(person.key, keep='')}" if person.key else "", "$muted"),
    )
    left = room - before.cell_length - after.cell_length
    name = plain(person.name, keep="").truncate(max(SHORTEST_NAME, left), ellipsis=True)
    way = Content.styled(f"  {person.way}" if person.way else "", "$muted")
    if name.cell_length + way.cell_length <= left:  # no name is shortened for it
        after = Content.assemble(after, way)
    line = Content.assemble(before, name, after)
    return line.truncate(room, ellipsis=True, pad=True)
