"""The live response table: a row for each assignment, changed in place as answers come."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.events import Resize
from textual.widgets import DataTable

from livequiz.tui.base import plain_text

HIGHLIGHT = 1.2  # seconds for which a row that changed stands out
FIXED = {"verdict": 9, "student": 20, "question": 0, "answer": 18, "time": 7}
HEADINGS = {
    "verdict": "",
    "student": "Student",
    "question": "Question",
    "answer": "Answer",
    "time": "Time",
}
NARROW = {"verdict": 9, "student": 16, "question": 0, "answer": 12, "time": 7}


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

    def on_mount(self) -> None:
        for key, heading in HEADINGS.items():
            self.add_column(heading, key=key, width=max(FIXED[key], 10))
        self._fit(self.size.width)

    def on_resize(self, event: Resize) -> None:
        self._fit(event.size.width)

    def fill(self, rows: Iterable[Shown]) -> None:
        """Start over with these rows."""
        selected = self.selected
        self.clear()
        for row in rows:
            self.add_row(*_cells(row), key=row.student_id)
        self.select(selected)

    def change(self, row: Shown) -> None:
        """Change one row in place, and let it stand out for a moment."""
        if row.student_id not in self.rows:
            return
        self._paint(row, highlight=True)
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

    def _fit(self, width: int) -> None:
        """Give the question the room that the other columns leave."""
        widths = NARROW if width < 84 else FIXED
        # Each column has a column of padding on both sides; the rest is the scroll bar's.
        room = width - sum(widths.values()) - 2 * len(widths) - 4
        for key, column in self.columns.items():
            column.auto_width = False
            column.width = widths[str(key.value)] or max(10, room)
        self._require_update_dimensions = True
        self.refresh(layout=True)


def _cells(row: Shown) -> list[Text]:
    cells = []
    for text in (row.verdict, row.name, row.question, row.answer, row.time):
        cell = Cell(plain_text(text).plain, no_wrap=True, overflow="ellipsis")
        cell.student_id = row.student_id
        cells.append(cell)
    cells[-1].justify = "right"
    return list(cells)
