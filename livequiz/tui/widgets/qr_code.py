"""A QR code in half blocks, dark on light whatever the theme: many phones read no other."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from livequiz.client.qr import qr_modules

# Not a space, which is trimmed at the beginning of a row.
_HALVES = {("0", "0"): "\u00a0", ("1", "0"): "▀", ("0", "1"): "▄", ("1", "1"): "█"}


class QrCode(Static):
    """Shows a text as a QR code, two modules to a cell; takes as much space as it needs."""

    # The padding is the quiet zone that a code needs around it.
    DEFAULT_CSS = """
    QrCode { width: auto; height: auto; padding: 1 2; color: #000000; background: #ffffff; }
    """

    def show(self, text: str) -> None:
        """Show a text."""
        self.update(Content("\n".join(qr_rows(text))))


def qr_rows(text: str) -> tuple[str, ...]:
    """Return the rows of a text's QR code."""
    rows = qr_modules(text)
    rows = [*rows, *["0" * len(rows[0])] * (len(rows) % 2)]
    return tuple(
        "".join(_HALVES[pair] for pair in zip(upper, lower, strict=True))
        for upper, lower in zip(rows[::2], rows[1::2], strict=True)
    )
