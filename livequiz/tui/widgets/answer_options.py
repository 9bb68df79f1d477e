"""The options of a question, to choose one from by letter, digit, arrows or mouse."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from string import ascii_uppercase
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Static

from livequiz.domain.answering import Shown
from livequiz.protocol.answers import Stored, places_of
from livequiz.tui.widgets.rich_text import inline

SHAPES = "▲◆●■"


def letter(place: int) -> str:
    """Return the letter of the option at a 0-based place."""
    return ascii_uppercase[place]


class Fate(StrEnum):
    """What became of an option, in words."""

    OTHER = ""
    RIGHT = "✓ right answer"
    RIGHT_AND_CHOSEN = "✓ right answer, your answer"
    WRONG = "your answer"
    STORED = "your answer, stored"
    NOT_STORED = "chosen, but not stored"


_MARKS = {
    Fate.OTHER: "",
    Fate.RIGHT: "✓",
    Fate.RIGHT_AND_CHOSEN: "✓",
    Fate.WRONG: "✗",
    Fate.STORED: "●",
    Fate.NOT_STORED: "○",
}
_STYLES = {
    "-right": {Fate.RIGHT, Fate.RIGHT_AND_CHOSEN},
    "-wrong": {Fate.WRONG},
    "-other": {Fate.OTHER, Fate.NOT_STORED},
}


class AnswerOption(Widget):
    """One option: a mark when chosen, its shape and letter, its text, and a row for the verdict.

    The verdict's row is there from the start, as space between options: nothing moves later.
    """

    DEFAULT_CSS = """
    AnswerOption { height: auto; width: 1fr; pointer: pointer; }
    AnswerOption .line { height: auto; width: 1fr; padding: 0 1; }
    AnswerOption .mark { width: 3; text-style: bold; color: $primary; }
    AnswerOption .letter { width: 5; text-style: bold; }
    AnswerOption .text { width: 1fr; }
    AnswerOption .note { height: 1; padding: 0 0 0 9; text-style: bold; }
    AnswerOption.-hue-1 .letter { color: $hue-1; }
    AnswerOption.-hue-2 .letter { color: $hue-2; }
    AnswerOption.-hue-3 .letter { color: $hue-3; }
    AnswerOption.-hue-4 .letter { color: $hue-4; }
    AnswerOption:hover .line { background: $surface; }
    AnswerOption.-chosen .line { background: $panel; }
    AnswerOption.-chosen .text { text-style: bold; }
    AnswerOption.-right .letter, AnswerOption.-right .mark { color: $success; }
    AnswerOption.-right .text { color: $success; text-style: bold; }
    AnswerOption.-right .note { color: $success; }
    AnswerOption.-wrong .letter, AnswerOption.-wrong .mark { color: $error; }
    AnswerOption.-wrong .text { color: $error; }
    AnswerOption.-wrong .note { color: $error; }
    AnswerOption.-other .letter, AnswerOption.-other .text { color: $muted; }
    """

    class Clicked(Message):
        """The mouse chose this option."""

        def __init__(self, place: int) -> None:
            super().__init__()
            self.place = place

    def __init__(self, place: int, text: str) -> None:
        super().__init__(classes=f"-hue-{place % len(SHAPES) + 1}")
        self.place = place
        self._shape = SHAPES[place % len(SHAPES)]
        self._text = inline(text)

    def compose(self) -> ComposeResult:
        with Horizontal(classes="line"):
            yield Static("", classes="mark", markup=False)
            yield Static(f"{self._shape} {letter(self.place)}", classes="letter", markup=False)
            yield Static(self._text, classes="text")
        yield Static("", classes="note", markup=False)

    def on_click(self) -> None:
        self.post_message(self.Clicked(self.place))

    def choose(self, chosen: bool, mark: str | None = None) -> None:
        """Show whether it is chosen; with another mark than that of a single choice."""
        self.set_class(chosen, "-chosen")
        self.query_one(".mark", Static).update(("❯" if chosen else "") if mark is None else mark)
        self.query_one(".note", Static).update("")
        self.remove_class(*_STYLES)

    def reveal(self, fate: Fate) -> None:
        """Say in words, and in the option's looks, what became of it."""
        self.query_one(".note", Static).update(fate.value)
        self.query_one(".mark", Static).update(_MARKS[fate])
        for style, fates in _STYLES.items():
            self.set_class(fate in fates, style)


class AnswerOptions(Widget, can_focus=True):
    """Options of which one can be chosen; none is at first.

    Args:
        options: Their texts, in the order in which they are shown; any text.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(0, -1)", "Choose", show=False),
        Binding("down", "move(0, 1)", "Choose", show=False),
        Binding("left", "move(-1, 0)", "Choose", show=False),
        Binding("right", "move(1, 0)", "Choose", show=False),
    ]

    DEFAULT_CSS = """
    AnswerOptions { height: auto; width: 1fr; }
    """

    chosen: reactive[int | None] = reactive(None, init=False)

    class Chosen(Message):
        """Another option was chosen."""

        def __init__(self, place: int) -> None:
            super().__init__()
            self.place = place

    def __init__(self, options: Sequence[str]) -> None:
        super().__init__()
        last = letter(len(options) - 1)
        self._bindings.bind("a", "choose(0)", "Choose", key_display=f"A-{last} ↑↓")
        self._options = [AnswerOption(place, text) for place, text in enumerate(options)]
        self._texts = options
        self.locked = False

    def compose(self) -> ComposeResult:
        yield from self._options

    @property
    def answer(self) -> Stored | None:
        """What would be submitted now: the 0-based place of what is chosen."""
        return self.chosen

    @property
    def missing(self) -> str:
        """What to do before there is anything to submit."""
        return "Choose an answer first."

    @property
    def invitation(self) -> str:
        """What can be done that is not plain to see."""
        return ""

    def restore(self, answer: Stored) -> None:
        """Choose what was chosen before."""
        if isinstance(answer, int):
            self.choose(answer)

    def choose(self, place: int) -> None:
        """Choose the option at a 0-based place; nothing happens if there is none, or it's over."""
        if not self.locked and 0 <= place < len(self._options):
            self.chosen = place
            self._options[place].scroll_visible(animate=False)

    def reveal(self, right: Shown | None, chosen: Shown | None) -> None:
        """Mark what became of each option; no more choosing.

        Args:
            right: The 0-based place, or places, of what is right; None while it is not known.
            chosen: That of the answer that is stored, None if none is.
        """
        self.locked = True
        for option in self._options:
            option.reveal(self._fate(option.place, right, chosen))

    def _fate(self, place: int, right: Shown | None, chosen: Shown | None) -> Fate:
        if place in places_of(right):
            return Fate.RIGHT_AND_CHOSEN if place in places_of(chosen) else Fate.RIGHT
        if place in places_of(chosen):
            return Fate.STORED if right is None else Fate.WRONG
        lost = chosen is None and place in places_of(self.answer)
        return Fate.NOT_STORED if lost else Fate.OTHER

    def unlock(self) -> None:
        """Let an option be chosen again; what was chosen stays."""
        self.locked = False
        for option in self._options:
            option.choose(option.place == self.chosen)

    def watch_chosen(self, chosen: int | None) -> None:
        for option in self._options:
            option.choose(option.place == chosen)
        if chosen is not None:
            self.post_message(self.Chosen(chosen))

    def action_choose(self, place: int) -> None:
        self.choose(place)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return not (self.locked and action in {"choose", "move"})

    def action_move(self, columns: int, rows: int) -> None:
        """Move the choice, from nowhere to the first or to the last option."""
        if self.chosen is None:
            self.choose(0 if columns + rows > 0 else len(self._options) - 1)
        else:
            self.choose(self.chosen + columns + rows * self._columns)

    @property
    def _columns(self) -> int:
        """In how many columns the style sheet has laid the options out."""
        top = self._options[0].region.y
        return max(1, sum(option.region.y == top for option in self._options))

    def on_key(self, event: events.Key) -> None:
        """Take letters and digits, as long as there is such an option."""
        place = self._place_of(event.character or "")
        if not self.locked and place is not None and place < len(self._options):
            event.stop()
            event.prevent_default()
            self.choose(place)

    def _place_of(self, character: str) -> int | None:
        """Return what a key chooses; of two options also the one that begins with that letter."""
        place = place_of(character)
        if len(self._texts) != 2 or (place is not None and place < 2) or not character.isalpha():
            return place
        firsts = [text[:1].casefold() for text in self._texts]
        return firsts.index(character) if firsts.count(character) == 1 else place

    def on_answer_option_clicked(self, event: AnswerOption.Clicked) -> None:
        event.stop()
        self.choose(event.place)


def place_of(character: str) -> int | None:
    """Return the 0-based place that a letter or a digit from 1 on names, if it names one."""
    if len(character) != 1:
        return None
    if character in "123456789":
        return int(character) - 1
    place = ascii_uppercase.find(character.upper())
    return place if place >= 0 else None
