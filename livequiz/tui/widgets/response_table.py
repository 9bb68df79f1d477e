"""The live response table: a row for each assignment, changed in place as answers come."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from rich.cells import cell_len
from rich.text import Text
from textual.binding import Binding, BindingType
from textual.events import Resize
from textual.widgets import DataTable

from livequiz.tui.base import plain_text

HIGHLIGHT = 1.2  # seconds for which a row that changed stands out
HEADINGS = {
    "verdict": "",
    "student": "Student",
    "question": "Question",
    "answer": "Answer",
    "time": "Time",
}
FIXED = {"verdict": 7, "time": 7}  # columns of text
NARROW = 84  # columns of a table below which names and answers are kept short
LONGEST_NAME, SHORT_NAME = 28, 16
ANSWER, SHORT_ANSWER = 18, 12
SHORTEST_QUESTION = 10


@dataclass(frozen=True, slots=True)
class Shown:
    """The words of one row."""

    student_id: str
    verdict: str
    name: str
    question: str
    answer: str
    time: str


class Cell(Text):
    """A cell that knows whose row it is in, so that rows can be sorted by anything."""

    student_id: str = ""


class ResponseTable(DataTable[Text]):
    """Rows are keyed by student id; what a person typed is only ever the text of a cell."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "select_cursor", "Open", show=False),
        Binding("j", "cursor_down", show=False),
        Binding("k", "cursor_up", show=False),
    ]

    DEFAULT_CSS = """
    ResponseTable { height: 1fr; padding: 0 1; background: $background; }
    ResponseTable > .datatable--header { background: $surface; color: $muted; }
    ResponseTable > .datatable--cursor { background: $surface; color: $foreground; }
    ResponseTable:focus > .datatable--cursor { background: $panel; text-style: bold; }
    """

    def __init__(self) -> None:
        super().__init__(cursor_type="row", zebra_stripes=False, cell_padding=1)
        self._longest = {"student": 10, "question": 10}  # columns that the texts would take

    def on_mount(self) -> None:
        for key, heading in HEADINGS.items():
            self.add_column(heading, key=key, width=10)
        self._fit(self.size.width)

    def on_resize(self, event: Resize) -> None:
        self._fit(event.size.width)

    def fill(self, rows: Iterable[Shown]) -> None:
        """Start over with these rows."""
        selected = self.selected
        self.clear()
        for row in rows:
            self._measure(row)
            self.add_row(*_cells(row), key=row.student_id)
        self.select(selected)
        self._fit(self.size.width)

    def change(self, row: Shown) -> None:
        """Change one row in place, and let it stand out for a moment."""
        if row.student_id not in self.rows:
            return
        self._paint(row, highlight=True)
        if self._measure(row):
            self._fit(self.size.width)
        self.set_timer(HIGHLIGHT, lambda: self._calm(row))

    def reorder(self, order: Callable[[str], Any]) -> None:
        """Sort the rows by a value of their student ids; the cursor stays with its row."""
        selected = self.selected
        self.sort("student", key=lambda cell: order(cell.student_id))
        self.select(selected)

    @property
    def selected(self) -> str | None:
        """The student id of the row under the cursor."""
        if not self.is_valid_row_index(self.cursor_row):
            return None
        return self.coordinate_to_cell_key(self.cursor_coordinate).row_key.value

    def select(self, student_id: str | None) -> None:
        """Move the cursor to a student's row, if there is one."""
        if student_id is not None and student_id in self.rows:
            self.move_cursor(row=self.get_row_index(student_id), scroll=False)

    def _calm(self, row: Shown) -> None:
        if row.student_id in self.rows:
            self._paint(row, highlight=False)

    def _paint(self, row: Shown, *, highlight: bool) -> None:
        for column, cell in zip(HEADINGS, _cells(row), strict=True):
            if highlight and column == "verdict":
                cell.stylize("reverse bold")
            self.update_cell(row.student_id, column, cell)

    def _measure(self, row: Shown) -> bool:
        """Remember how much room a row would take; return whether it is more than any did.

        It never gets less, so that no column moves while somebody types a filter.
        """
        takes = {"student": cell_len(row.name), "question": cell_len(row.question)}
        grown = {key: length for key, length in takes.items() if length > self._longest[key]}
        self._longest |= grown
        return bool(grown)

    def _fit(self, width: int) -> None:
        """Give every column the room that its texts take, and the answers what is left."""
        # Each column has a column of padding on both sides; the rest is the scroll bar's.
        widths = _widths(width - 2 * len(HEADINGS) - 4, self._longest, narrow=width < NARROW)
        for key, column in self.columns.items():
            column.auto_width = False
            column.width = widths[str(key.value)]
        self._require_update_dimensions = True
        self.refresh(layout=True)


def _widths(room: int, longest: dict[str, int], *, narrow: bool) -> dict[str, int]:
    """Return the widths of all columns; they fill the room."""
    student = min(longest["student"], SHORT_NAME if narrow else LONGEST_NAME)
    rest = room - sum(FIXED.values()) - student
    at_most = max(SHORTEST_QUESTION, rest - (SHORT_ANSWER if narrow else ANSWER))
    question = min(longest["question"], at_most)
    answer = max(SHORT_ANSWER, rest - question)
    return {**FIXED, "student": student, "question": question, "answer": answer}


def _cells(row: Shown) -> list[Text]:
    cells = []
    for text in (row.verdict, row.name, row.question, row.answer, row.time):
        cell = Cell(plain_text(text).plain, no_wrap=True, overflow="ellipsis")
        cell.student_id = row.student_id
        cells.append(cell)
    cells[-1].justify = "right"
    return list(cells)
