"""Brings the tables of `docs/performance.md` up to date; the text around them stays as it is."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.goals import GOALS
from livequiz.bench.report import cells, measured
from livequiz.bench.run import Results

DOCUMENT = Path(__file__).parent.parent / "docs" / "performance.md"


def write(results: Results, path: Path = DOCUMENT) -> None:
    """Write every table between its markers."""
    path.write_text(filled(path.read_text(encoding="utf-8"), results), encoding="utf-8")


def filled(text: str, results: Results) -> str:
    """Return a document with its tables replaced.

    A table stands between `<!-- bench:NAME -->` and `<!-- /bench -->`.

    Raises:
        KeyError: If there is no table of a name.
    """
    tables = {"machine": _machine, "goals": _goals, "results": _results}
    return re.sub(
        r"(<!-- bench:(\w+) -->\n).*?(<!-- /bench -->)",
        lambda found: f"{found[1]}\n{tables[found[2]](results)}\n{found[3]}",
        text,
        flags=re.DOTALL,
    )


def _machine(results: Results) -> str:
    rows = [["date", f"{datetime.now(UTC):%Y-%m-%d}"], *map(list, results.machine.items())]
    return _table(["", ""], rows)


def _goals(results: Results) -> str:
    head = ["goal", "to reach", "measured", "met"]
    return _table(head, [goal.row(results.taken) for goal in GOALS])


def _results(results: Results) -> str:
    rows = [
        [f"{size:,}", measure.heading, *cells(results, size, measure)]
        for size, measure in measured(results.taken)
    ]
    return _table(["students", "median of", *results.subjects], rows)


def _table(head: list[str], rows: Iterable[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)
