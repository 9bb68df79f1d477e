"""How long a report takes, by phase, and how much memory `livequiz results` needs.

    python -m benchmarks.results                            # 1,000 students, 50 rounds
    python -m benchmarks.results --students 200 --rounds 20 --repeat 5

A lesson is made up and stored in a private MongoDB. The phases run in this process. The command
runs for each format, as a process of its own that starts MongoDB itself. The processor's time is
beside the clock, which a busy machine changes less. Ratios are to what openpyxl takes to write the
same workbook cell by cell, measured in the same run.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import openpyxl

from livequiz.db.opening import open_store
from livequiz.domain.ability import fit
from livequiz.domain.item_analysis import Attempt, analyse
from livequiz.results.build import build
from livequiz.results.formats import ReportFormat, write
from livequiz.results.lesson import Lesson, gather
from livequiz.results.store_source import StoreSource
from tests.results.rasch_class import MEETING, START, RaschClass, store_lesson

R = TypeVar("R")
BY_CELL = "xlsx, by openpyxl alone"
QUESTIONS = 300


class Stopwatch:
    """Seconds by phase: on the clock, and of the processor."""

    def __init__(self) -> None:
        self.took: dict[str, list[tuple[float, float]]] = {}

    def time(self, phase: str, work: Callable[[], R]) -> R:
        """Run work, and note how long it took."""
        clock, processor = time.perf_counter(), time.process_time()
        result = work()
        took = time.perf_counter() - clock, time.process_time() - processor
        self.took.setdefault(phase, []).append(took)
        return result

    def show(self) -> None:
        """Print the medians."""
        medians = {
            phase: [statistics.median(column) for column in zip(*runs, strict=True)]
            for phase, runs in self.took.items()
        }
        reference = medians[BY_CELL][1]
        for phase, (clock, processor) in medians.items():
            print(  # noqa: T201
                f"{phase:<28} {clock:6.2f} s   CPU {processor:6.2f} s {processor / reference:5.2f}x"
            )


def measure(lesson: Lesson, stopwatch: Stopwatch) -> None:
    """Time everything that happens after a lesson was read."""
    attempts = [
        Attempt(r.student_id, r.question_id, float(r.correct), r.response_time, r.answer)
        for played in lesson.rounds
        for r in played.responses
    ]
    stopwatch.time("  item analysis alone", lambda: analyse(attempts, lesson.questions))
    answers = [(a.student, a.question_id, a.share or 0.0) for a in attempts]
    stopwatch.time("  Rasch model alone", lambda: fit(answers))
    report = stopwatch.time("build the report", lambda: build(lesson, START))
    for kind in ReportFormat:
        stopwatch.time(f"write {kind}", partial(write, report, kind))
    content = write(report, ReportFormat.XLSX)
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
    sheets = {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book.worksheets}
    stopwatch.time(BY_CELL, lambda: _cell_by_cell(sheets))


def _cell_by_cell(sheets: dict[str, list[tuple[Any, ...]]]) -> None:
    book: Any = openpyxl.Workbook(write_only=True)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(io.BytesIO())


def run_command(folder: Path, kind: ReportFormat) -> tuple[float, float, float, float]:
    """Return what `livequiz results` takes.

    Args:
        folder: The data folder.
        kind: The format of the file.

    Returns:
        The seconds on the clock and of the processor, the peak of its memory and the file's size
        in MiB.
    """
    file = folder / f"results.{kind}"
    command = ["-m", "livequiz", "results", MEETING.id, "-o", str(file), "--force"]
    began = time.perf_counter()
    arguments = [sys.executable, *command, "--data-dir", str(folder)]
    process = os.spawnv(os.P_NOWAIT, sys.executable, arguments)  # noqa: S606
    _, status, usage = os.wait4(process, 0)
    if status:
        raise SystemExit("`livequiz results` failed.")
    took = time.perf_counter() - began
    size = file.stat().st_size / 2**20
    return took, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, size


async def _store(folder: Path, lesson: Lesson) -> None:
    async with open_store(folder, None) as (store, _):
        await store_lesson(store, lesson)


async def _read(folder: Path) -> tuple[Lesson, float]:
    async with open_store(folder, None) as (store, _):
        began = time.perf_counter()
        lesson = await gather(StoreSource(store), [MEETING.id])
        return lesson, time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--students", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    stopwatch = Stopwatch()
    played = RaschClass(options.students, QUESTIONS, absent=0.05).lesson(options.rounds)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        asyncio.run(_store(folder, played))
        for _ in range(options.repeat):
            lesson, seconds = asyncio.run(_read(folder))
            print(f"read from MongoDB in {seconds:.2f} s")  # noqa: T201
            measure(lesson, stopwatch)
        runs = {
            kind: [run_command(folder, kind) for _ in range(options.repeat)]
            for kind in ReportFormat
        }
    stopwatch.show()
    for kind, taken in runs.items():
        clock, processor, memory, size = map(statistics.median, zip(*taken, strict=True))
        command = f"livequiz results -o x.{kind}"
        print(  # noqa: T201
            f"{command:<28} {clock:6.2f} s   CPU {processor:6.2f} s   {memory:4.0f} MiB"
            f"   file {size:.1f} MiB"
        )


if __name__ == "__main__":
    main()
