"""Letters and digits large enough to read from the back row."""

from __future__ import annotations

from functools import cache

from textual.widgets import Static

from livequiz.tui.base import plain

FONT = "ansi_regular"


class BigCode(Static):
    """Shows a word in large letters if they fit, otherwise as plain text.

    Args:
        code: The word.
        scaled: Whether the letters grow with the widget, instead of having one size.
    """

    DEFAULT_CSS = """
    BigCode { height: auto; width: 1fr; content-align: center middle; text-align: center; }
    BigCode { color: $primary; text-style: bold; }
    """

    def __init__(self, code: str = "", *, scaled: bool = False, id: str | None = None) -> None:  # noqa: A002
        super().__init__(markup=False, id=id)
        self._code = code
        self._scaled = scaled

    def show(self, code: str) -> None:
        """Show a word."""
        if code != self._code:
            self._code = code
            self._draw()

    def on_resize(self) -> None:
        self._draw()

    def _draw(self) -> None:
        large = large_letters(self._code)
        width = max((len(line) for line in large), default=0)
        fits = bool(large) and width <= self.size.width
        if fits and self._scaled:
            times = max(1, min(self.size.width // width, self.size.height // len(large)))
            large = tuple("".join(c * times for c in row) for row in large for _ in range(times))
        self.update(plain("\n".join(large) if fits else self._code))


@cache
def large_letters(code: str, font: str = FONT) -> tuple[str, ...]:
    """Return the rows of a word in large letters, all of the same length; none if it has others."""
    from pyfiglet import figlet_format  # noqa: PLC0415 - its fonts take a while to load

    if not code or not code.isascii():
        return ()
    drawn = figlet_format(code, font=font, width=500).replace("░", " ")
    rows = [row.rstrip() for row in drawn.splitlines()]
    rows = [row for row in rows if row]
    width = max((len(row) for row in rows), default=0)
    # No-break spaces: centring would trim ordinary ones row by row.
    return tuple(row.ljust(width).replace(" ", "\u00a0") for row in rows)
