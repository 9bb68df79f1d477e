"""A drop-down list."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Generic, TypeVar

from textual.binding import Binding, BindingType
from textual.widgets import OptionList, Select

Value = TypeVar("Value")


class Choice(Select[Value], Generic[Value]):
    """A drop-down list; Enter and space open it and select an option.

    Args:
        options: Labels and their values.
        none: The label for no choice.
        value: The selected value; None for no choice.
        name: The widget's id.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "open_or_choose", "Choose", key_display="Enter"),
    ]

    def __init__(
        self, options: Iterable[tuple[str, Value]], none: str, value: Value | None, name: str
    ) -> None:
        super().__init__(
            options,
            prompt=none,
            value=Select.NULL if value is None else value,
            type_to_search=False,  # it would capture the space key
            id=name,
            compact=True,
        )

    def action_open_or_choose(self) -> None:
        if self.expanded:
            self.query_one(OptionList).action_select()
        else:
            self.action_show_overlay()
