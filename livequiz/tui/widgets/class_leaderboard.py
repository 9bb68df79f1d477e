"""A leaderboard for the whole class, as large as it fits."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from livequiz.client.leaderboard_wording import (
    EACH_THEIR_OWN,
    has_moves,
    move_sign,
    points_in_words,
)
from livequiz.protocol.leaderboard import Leaderboard, Place
from livequiz.tui.base import plain, say
from livequiz.tui.widgets.big_code import FONT, large_letters
from livequiz.tui.widgets.place_rows import PlaceRows

FONTS = (FONT, "pagga")  # 5 and 3 rows high
FIRST = 3  # ranks that are large if not all are
LABEL = 10  # columns of "points", and of a move below it
MOVE = 16  # columns of a large move
WIDE = 120  # columns from which there is room for that
SHORT_NAME = 16  # columns
MOST_BLANK = 3  # rows between places
ARROWS = {
    "▲": ("  ▄  ", " ▄█▄ ", "▀▀▀▀▀"),
    "▼": ("▄▄▄▄▄", " ▀█▀ ", "  ▀  "),
    "=": ("▄▄▄▄", "▄▄▄▄", "    "),
}


class ClassLeaderboard(Vertical):
    """All places in large letters if they fit; otherwise the first ones, and the rest below."""

    DEFAULT_CSS = """
    ClassLeaderboard { height: auto; display: none; }
    ClassLeaderboard .title { text-style: bold; color: $primary; margin: 0 0 1 0; }
    ClassLeaderboard .large { text-wrap: nowrap; text-style: bold; }
    ClassLeaderboard PlaceRows { margin: 1 0 0 0; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._board: Leaderboard | None = None

    def compose(self) -> ComposeResult:
        yield Static("", classes="title", markup=False)
        yield Static("", classes="large", markup=False)
        yield PlaceRows()

    def show(self, board: Leaderboard | None) -> bool:
        """Show a leaderboard; None takes it away. Return whether another one is shown now."""
        if board == self._board:
            return False
        self._board = board
        self.display = board is not None
        self._draw()
        return board is not None

    def on_resize(self) -> None:
        self._draw()

    def _draw(self) -> None:
        board, width = self._board, self.size.width
        if board is None or not width:
            return
        students = "1 student" if board.of == 1 else f"{board.of} students"
        say(self.query_one(".title", Static), f"Leaderboard   {students}")
        large, rows = self.query_one(".large", Static), self.query_one(PlaceRows)
        large.display = True
        if not board.places:
            large.update(_sentence(width))
            rows.show(())
            return
        height = self.app.size.height - 5  # without the title, the margins and the footer
        font, count = _layout(board.places, width, height)
        moves = has_moves(board.places)
        large.display = bool(count)
        spare = height // count - len(large_letters("1", font)) if count == len(board.places) else 1
        blank = max(1, min(MOST_BLANK, spare))
        large.update(_large_rows(board.places[:count], font, width, moves=moves, blank=blank))
        rows.show(board.places[count:])


def _layout(places: Sequence[Place], width: int, height: int) -> tuple[str, int]:
    """Return a font, and how many of the places to show in it."""
    ranks = [place.rank for place in places]
    counts = [len(places), *(sum(rank <= last for rank in ranks) for last in range(FIRST, 0, -1))]
    for count in dict.fromkeys(counts):  # never one of a tie without the others
        rest = min(len(places) - count, FIRST)
        for names_too in (True, False):
            for font in FONTS:
                rows = count * (len(large_letters("1", font)) + 1) - 1
                fits = rows + (rest and rest + 1) <= height
                if fits and _names_fit(places[:count], font, width, large=names_too):
                    return font, count
    return FONTS[-1], 0


def _names_fit(places: Sequence[Place], font: str, width: int, *, large: bool) -> bool:
    left = _room_for_names(places, font, width)
    if not large:
        return left >= SHORT_NAME
    return all(0 < _width(place.name, font) <= left for place in places)


def _room_for_names(places: Sequence[Place], font: str, width: int) -> int:
    numbers = [f"{place.rank}" for place in places], [f"{place.points:g}" for place in places]
    others = sum(max(_width(number, font) for number in column) for column in numbers)
    return width - others - 2 * _gap(font) - LABEL - (MOVE if width >= WIDE else 0)


def _gap(font: str) -> int:
    """Return the columns between a rank, a name, and the points."""
    return len(large_letters("1", font))


def _width(text: str, font: str) -> int:
    """Return the columns of a text in large letters; 0 if it can't be written in them."""
    rows = large_letters(text, font)
    return len(rows[0]) if len(rows) == len(large_letters("1", font)) else 0


def _large_rows(
    places: Sequence[Place], font: str, width: int, *, moves: bool, blank: int
) -> Content:
    if not places:
        return Content("")
    left = _room_for_names(places, font, width)
    height, gap = len(large_letters("1", font)), " " * _gap(font)
    if _names_fit(places, font, width, large=True):
        names = [large_letters(place.name, font) for place in places]
    else:  # none of them in large letters: it is no merit to have a short name
        names = [_in_the_middle(plain(place.name, keep="").plain, height, left) for place in places]
    ranks = [large_letters(f"{place.rank}", font) for place in places]
    points = [large_letters(f"{place.points:g}", font) for place in places]
    columns = [max(cell_len(block[0]) for block in blocks) for blocks in (ranks, names, points)]
    lines: list[Content] = []
    for place, rank, name, score in zip(places, ranks, names, points, strict=True):
        labels = _labels(place, height, moves=moves, large=width >= WIDE)
        for row in range(height):
            parts = [
                (_right(rank[row], columns[0]) + gap, "$muted"),
                (set_cell_size(name[row], columns[1]) + gap, ""),
                (_right(score[row], columns[2]), "$primary"),
                (f"  {labels[row]}", "$muted"),
            ]
            # No-break spaces: a row must not lose those at its beginning.
            lines.append(Content.assemble(*((t.replace(" ", "\u00a0"), s) for t, s in parts)))
        lines += [Content("")] * blank
    return Content("\n").join(lines[:-blank])


def _in_the_middle(text: str, height: int, width: int) -> tuple[str, ...]:
    """Return rows with a text in the middle one, cut to this many columns."""
    short = text if cell_len(text) <= width else set_cell_size(text, max(0, width - 1)) + "…"
    blank = " " * cell_len(short)
    return tuple(short if row == height // 2 else blank for row in range(height))


def _labels(place: Place, height: int, *, moves: bool, large: bool) -> list[str]:
    """Return what stands beside the points: their noun, and the move."""
    noun = points_in_words(place.points).partition(" ")[2]
    labels = [f"{noun if row == height // 2 else '':<{LABEL - 2}}" for row in range(height)]
    if moves and not large:
        labels[height // 2 + 1] = move_sign(place.move)
    elif moves:
        sign, _, number = move_sign(place.move).partition(" ")
        drawn = ARROWS.get(sign) or large_letters(sign, FONTS[-1])
        digits = large_letters(number, FONTS[-1]) or [""] * len(drawn)
        for row, (one, other) in enumerate(zip(drawn, digits, strict=True), height // 2 - 1):
            labels[row] += f"{one}  {other}"
    return labels


def _right(text: str, width: int) -> str:
    return " " * (width - cell_len(text)) + text


def _sentence(width: int) -> Content:
    """Return the sentence for a class in which each student sees only their own place."""
    words = EACH_THEIR_OWN.split()
    for font in FONTS:
        for lines in (1, 2, 3):
            step = -(-len(words) // lines)
            parts = [" ".join(words[at : at + step]) for at in range(0, len(words), step)]
            blocks = [large_letters(part, font) for part in parts]
            if all(block and len(block[0]) <= width for block in blocks):
                return plain("\n\n".join("\n".join(block) for block in blocks))
    return Content(EACH_THEIR_OWN)
