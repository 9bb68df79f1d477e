"""The bank file formats as a table."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from livequiz.bank.formats import FORMATS


def print_formats() -> None:
    """Print the formats to stdout: name, title, suffixes, and whether export supports them."""
    table = Table()
    for heading in ("--format", "Format", "Files", "Import", "Export"):
        table.add_column(heading)
    for known in FORMATS:
        export = "yes" if known.write else "no"
        table.add_row(known.name, known.title, " ".join(known.suffixes), "yes", export)
    Console(highlight=False).print(table)
