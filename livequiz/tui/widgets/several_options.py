"""The options of a question of which any number can be ticked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.reactive import reactive

from livequiz.protocol.answers import Stored
from livequiz.tui.widgets.answer_options import AnswerOptions


class SeveralOptions(AnswerOptions):
    """Options to tick and untick by letter, digit or mouse, or with arrows and Space."""

    MARK_WIDTH = 6
    TICKS = ("[ ]", "[x]")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "tick", "Tick", key_display="Space"),
    ]

    ticked: reactive[frozenset[int]] = reactive(frozenset(), init=False)

    def __init__(self, options: Sequence[str]) -> None:
        super().__init__(options)
        self._at: int | None = None  # where the arrows are

    def on_mount(self) -> None:
        self._show()

    def _choose_none(self) -> None:
        self._at = None
        self.set_reactive(SeveralOptions.ticked, frozenset())

    @property
    def answer(self) -> Stored | None:
        """The 0-based places of what is ticked, in order."""
        return sorted(self.ticked) or None

    @property
    def missing(self) -> str:
        """What to do before there is anything to submit."""
        return "Tick the right options first: one or more."

    @property
    def invitation(self) -> str:
        """What can be done that is not plain to see."""
        return "Tick all the right options: one or more."

    def restore(self, answer: Stored) -> None:
        """Tick what was ticked before."""
        if isinstance(answer, list):
            self.ticked = frozenset(answer)

    def choose(self, index: int) -> None:
        """Tick the option at a 0-based place, or take its tick away."""
        if not self.locked and 0 <= index < len(self._options):
            self._go_to(index)
            self.ticked = self.ticked ^ {index}

    def unlock(self) -> None:
        """Let options be ticked again; what was ticked stays."""
        self.locked = False
        self._show()

    def watch_ticked(self) -> None:
        self._show()
        self.post_message(self.Chosen(self._at or 0))

    def action_tick(self) -> None:
        if self._at is None:
            self._go_to(0)
        else:
            self.choose(self._at)

    def action_move(self, columns: int, rows: int) -> None:
        """Move to another option, from nowhere to the first or to the last one."""
        if self._at is None:
            self._go_to(0 if columns + rows > 0 else len(self._options) - 1)
        else:
            self._go_to(self._at + columns + rows * self._columns)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return not (self.locked and action in {"choose", "move", "tick"})

    def _go_to(self, index: int) -> None:
        if 0 <= index < len(self._options):
            self._at = index
            self._options[index].scroll_visible(animate=False)
            self._show()

    def _show(self) -> None:
        for option in self._options:
            cursor = "❯" if option.index == self._at else " "
            ticked = option.index in self.ticked
            option.choose(ticked, cursor + self.TICKS[ticked])
