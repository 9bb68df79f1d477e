"""The options of a question, to choose one from by letter, digit, arrows or mouse."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from string import ascii_uppercase
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from livequiz.domain.answering import Shown
from livequiz.domain.key_wording import letter
from livequiz.protocol.answers import Stored, option_indexes
from livequiz.tui.widgets.rich_text import inline

SHAPES = "▲◆●■"
GAP = "   "  # between an option's text and what became of it
LEAST = 2  # columns in which every text can be wrapped
LETTER_WIDTH = 5  # columns, for the shape and the letter
ROOMY = 40  # columns from which on what became of an option gets a row of its own


class OptionOutcome(StrEnum):
    """What became of an option, in words."""

    OTHER = ""
    RIGHT = "✓ right answer"
    RIGHT_AND_CHOSEN = "✓ right answer, your answer"
    WRONG = "your answer"
    STORED = "your answer, stored"
    NOT_STORED = "chosen, but not stored"


_MARKS = {
    OptionOutcome.OTHER: "",
    OptionOutcome.RIGHT: "✓",
    OptionOutcome.RIGHT_AND_CHOSEN: "✓",
    OptionOutcome.WRONG: "✗",
    OptionOutcome.STORED: "●",
    OptionOutcome.NOT_STORED: "○",
}
_LOOKS = {  # of the letter with its mark, and of the text
    OptionOutcome.RIGHT: ("bold $success", "bold $success"),
    OptionOutcome.RIGHT_AND_CHOSEN: ("bold $success", "bold $success"),
    OptionOutcome.WRONG: ("bold $error", "$error"),
    OptionOutcome.STORED: ("", ""),
    None: ("", ""),  # while it can be chosen
    OptionOutcome.OTHER: ("bold $muted", "$muted"),
    OptionOutcome.NOT_STORED: ("bold $muted", "$muted"),
}


class AnswerOption(Widget):
    """One option: a mark when chosen, its shape and letter, its text and what became of it.

    Where that needs a row of its own, the row is there from the start: nothing moves later.
    A narrow screen has no rows to spare; there the mark and the colour have to do.

    One widget, because a class shows hundreds of them in the moment of a trigger.

    Args:
        index: Its 0-based place.
        text: Its text; any text.
        mark_width: Columns for the mark.
    """

    DEFAULT_CSS = """
    AnswerOption { height: auto; width: 1fr; padding: 0 1; pointer: pointer; }
    AnswerOption:hover { background: $surface; }
    AnswerOption.-chosen { background: $panel; }
    """

    class Clicked(Message):
        """The mouse chose this option."""

        def __init__(self, index: int) -> None:
            super().__init__()
            self.index = index

    def __init__(self, index: int, text: str, mark_width: int) -> None:
        super().__init__()
        self.index = index
        self._shape = SHAPES[index % len(SHAPES)]
        self._words = inline(text)
        self._mark, self._mark_width = "", mark_width
        self._outcome: OptionOutcome | None = None  # None while it can be chosen

    def on_click(self) -> None:
        self.post_message(self.Clicked(self.index))

    def show(self, text: str) -> None:
        """Show another text."""
        self._words = inline(text)
        self.refresh(layout=True)

    def choose(self, chosen: bool, mark: str | None = None) -> None:
        """Show whether it is chosen; with another mark than that of a single choice."""
        self._mark, self._outcome = ("❯" if chosen else "") if mark is None else mark, None
        self.set_class(chosen, "-chosen")
        self.refresh()

    def reveal(self, fate: OptionOutcome, tick: str = "") -> None:
        """Say in words, and in the option's looks, what became of it."""
        self._mark, self._outcome = f"{_MARKS[fate] or ' ' * bool(tick)}{tick}", fate
        self.refresh()

    def get_content_width(self, container: Size, viewport: Size) -> int:
        return container.width

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        text_width = width - self._mark_width - LETTER_WIDTH
        return max(len(self._rows(text_width, outcome)) for outcome in OptionOutcome)

    def render(self) -> Content:
        name, text = _LOOKS[self._outcome]
        if self.has_class("-chosen"):
            text = f"bold {text}"
        hue = f"bold $hue-{self.index % len(SHAPES) + 1}"
        letter_look = f"{self._shape} {letter(self.index)}".ljust(LETTER_WIDTH)
        first = Content.assemble(
            (self._mark.ljust(self._mark_width), name or "bold $primary"),
            (letter_look, name or hue),
        )
        margin = Content.styled(" " * first.cell_length, "bold")  # apart: SVG trims leading spaces
        text_width = self.content_size.width - first.cell_length
        rows = self._rows(text_width, self._outcome or OptionOutcome.OTHER)
        return Content("\n").join(
            Content.assemble(first if number == 0 else margin, row.stylize_before(text))
            for number, row in enumerate(rows)
        )

    def _rows(self, width: int, outcome: OptionOutcome) -> list[Content]:
        rows = self._words.wrap(max(width, LEAST))
        note = Content.styled(outcome.value, "bold")
        if rows[-1].cell_length + len(GAP) + note.cell_length <= width:
            rows[-1] = Content.assemble(rows[-1], GAP, note)
        elif note and width >= ROOMY:
            rows.append(note)
        return rows


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

    MARK_WIDTH = 3  # columns
    TICKS: ClassVar[tuple[str, str]] = ("", "")  # what stands before an option, and one chosen

    chosen: reactive[int | None] = reactive(None, init=False)

    class Chosen(Message):
        """Another option was chosen."""

        def __init__(self, index: int) -> None:
            super().__init__()
            self.index = index

    def __init__(self, options: Sequence[str]) -> None:
        super().__init__()
        last = letter(len(options) - 1)
        self._bindings.bind("a", "choose(0)", "Choose", key_display=f"A-{last} ↑↓")
        self._options = [
            AnswerOption(index, text, self.MARK_WIDTH) for index, text in enumerate(options)
        ]
        self._texts = options
        self.locked = False

    def compose(self) -> ComposeResult:
        yield from self._options

    def show(self, texts: Sequence[str]) -> bool:
        """Offer other options, none of which is chosen; False if it isn't the same number."""
        if len(texts) != len(self._options):
            return False
        self._texts = texts
        for option, text in zip(self._options, texts, strict=True):
            option.show(text)
        self._choose_none()
        self.unlock()
        return True

    def _choose_none(self) -> None:
        self.set_reactive(AnswerOptions.chosen, None)

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

    def choose(self, index: int) -> None:
        """Choose the option at a 0-based place; nothing happens if there is none, or it's over."""
        if not self.locked and 0 <= index < len(self._options):
            self.chosen = index
            self._options[index].scroll_visible(animate=False)

    def reveal(self, right: Shown | None, chosen: Shown | None) -> None:
        """Mark what became of each option; no more choosing.

        Args:
            right: The 0-based place, or places, of what is right; None while it is not known.
            chosen: That of the answer that is stored, None if none is.
        """
        self.locked = True
        ticked = option_indexes(self.answer if chosen is None else chosen)
        for option in self._options:
            outcome = self._outcome(option.index, right, chosen)
            option.reveal(outcome, self.TICKS[option.index in ticked])

    def _outcome(self, index: int, right: Shown | None, chosen: Shown | None) -> OptionOutcome:
        if index in option_indexes(right):
            return (
                OptionOutcome.RIGHT_AND_CHOSEN
                if index in option_indexes(chosen)
                else OptionOutcome.RIGHT
            )
        if index in option_indexes(chosen):
            return OptionOutcome.STORED if right is None else OptionOutcome.WRONG
        lost = chosen is None and index in option_indexes(self.answer)
        return OptionOutcome.NOT_STORED if lost else OptionOutcome.OTHER

    def unlock(self) -> None:
        """Let an option be chosen again; what was chosen stays."""
        self.locked = False
        for option in self._options:
            option.choose(option.index == self.chosen)

    def watch_chosen(self, chosen: int | None) -> None:
        for option in self._options:
            option.choose(option.index == chosen)
        if chosen is not None:
            self.post_message(self.Chosen(chosen))

    def action_choose(self, index: int) -> None:
        self.choose(index)

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
        index = self._index_of(event.character or "")
        if not self.locked and index is not None and index < len(self._options):
            event.stop()
            event.prevent_default()
            self.choose(index)

    def _index_of(self, character: str) -> int | None:
        """Return what a key chooses; of two options also the one that begins with that letter."""
        index = index_of(character)
        if len(self._texts) != 2 or (index is not None and index < 2) or not character.isalpha():
            return index
        firsts = [text[:1].casefold() for text in self._texts]
        return firsts.index(character) if firsts.count(character) == 1 else index

    def on_answer_option_clicked(self, event: AnswerOption.Clicked) -> None:
        event.stop()
        self.choose(event.index)


def index_of(character: str) -> int | None:
    """Return the 0-based place that a letter or a digit from 1 on names, if it names one."""
    if len(character) != 1:
        return None
    if character in "123456789":
        return int(character) - 1
    index = ascii_uppercase.find(character.upper())
    return index if index >= 0 else None
