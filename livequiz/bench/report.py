"""Benchmark reports: a table for the terminal, and JSON."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from rich.console import Console
from rich.table import Table

from livequiz.bench.run import Results
from livequiz.bench.samples import MEASURES, Measure, Samples


def figure(value: float | None, measure: Measure) -> str:
    """Return a formatted figure: with separators, and only as many decimals as are significant."""
    return "-" if value is None else f"{value:,.{measure.digits if value < 100 else 0}f}"


def ratio(own: float | None, peer: float | None, measure: Measure) -> str:
    """Return our figure's ratio to a peer's; above 1 means that ours is better."""
    if not own or not peer or not measure.compared:
        return "-"
    times = own / peer if measure.more_is_better else peer / own
    return f"{times:.0f}x" if times >= 10 else f"{times:.1f}x"


def measured(taken: Samples) -> list[tuple[int, Measure]]:
    """Return the sampled measures, by size and then in the order of the measures."""
    sizes = sorted({students for _, students, _ in taken.taken})
    return [
        (size, measure) for size in sizes for measure in MEASURES if size in taken.sizes(measure)
    ]


def cells(results: Results, size: int, measure: Measure) -> list[str]:
    """Return a row's medians: ours first, then each peer's with the ratio."""
    own, *peers = [results.taken.median(name, size, measure) for name in results.subjects]
    beside = [
        f"{figure(value, measure)} ({times})"
        if (times := ratio(own, value, measure)) != "-"
        else figure(value, measure)
        for value in peers
    ]
    return [figure(own, measure), *beside]


def print_table(results: Results) -> None:
    """Print medians to stdout."""
    table = Table()
    table.add_column("Median of", overflow="fold")
    for name in results.subjects:
        table.add_column(name, justify="right")
    last = None
    for size, measure in measured(results.taken):
        if size != last:
            table.add_section()
            table.add_row(f"[bold]{size:,} students[/bold]")
        table.add_row(measure.heading, *cells(results, size, measure))
        last = size
    console = Console(highlight=False)
    console.print(table)
    if len(results.subjects) > 1:
        console.print(f"In brackets: how many times better {results.subjects[0]} is.")
    console.print("; ".join(f"{name} {text}" for name, text in results.machine.items()))


def to_json(results: Results) -> str:
    """Return all results as JSON, including every sample."""
    rows = [
        {
            "server": name,
            "students": size,
            "measure": measure.key,
            "title": measure.title,
            "unit": measure.unit,
            "median": results.taken.median(name, size, measure),
            "samples": results.taken.of(name, size, measure),
        }
        for size, measure in measured(results.taken)
        for name in results.subjects
        if results.taken.of(name, size, measure)
    ]
    document = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": results.machine,
        "results": rows,
    }
    return json.dumps(document, indent=2)
