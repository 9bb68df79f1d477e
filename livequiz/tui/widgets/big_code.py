"""A meeting's code in letters large enough to read from the back row."""

from __future__ import annotations

from textual.widgets import Static

from livequiz.tui.base import plain

FONT = "ansi_regular"


class BigCode(Static):
    """Shows the code in large letters if they fit, otherwise as plain text."""

    DEFAULT_CSS = """
    BigCode { height: auto; width: 1fr; content-align: center middle; text-align: center; }
    BigCode { color: $primary; text-style: bold; }
    """

    def __init__(self, code: str = "") -> None:
        super().__init__(markup=False)
        self._code = code

    def show(self, code: str) -> None:
        """Show a code."""
        if code != self._code:
            self._code = code
            self._draw()

    def on_resize(self) -> None:
        self._draw()

    def _draw(self) -> None:
        large = _large(self._code)
        width = max((len(line) for line in large), default=0)
        fits = bool(large) and width <= self.size.width
        self.update(plain("\n".join(large) if fits else self._code))


def _large(code: str) -> list[str]:
    """Return the rows of a code in large letters, all of the same length."""
    from pyfiglet import figlet_format  # noqa: PLC0415 - its fonts take a while to load

    if not code or not code.isascii():
        return []
    rows = [row.rstrip() for row in figlet_format(code, font=FONT, width=500).splitlines()]
    rows = [row for row in rows if row]
    width = max((len(row) for row in rows), default=0)
    # No-break spaces: centring would trim ordinary ones row by row.
    return [row.ljust(width).replace(" ", "\u00a0") for row in rows]
