"""How much of a core the dashboard takes, and how soon it answers a key, while a class answers.

    python -m benchmarks.tui_burst                      # 1,000 rows, then 5,000
    python -m benchmarks.tui_burst --rows 300 --order "newest first" --repeat 9

1,000 answers arrive within a second, as JSON text in messages of 100, ten a second; meanwhile the
down key is pressed every 70 ms. The app runs under Textual's pilot, and every frame is also
turned into a terminal's bytes, as it would be for a person. The latency of a key goes from the
moment when it was to be pressed to the end of the first frame that shows what it did, so that a
loop that stands still is counted for every key that waits. Medians of the repeats.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import statistics
import tempfile
import time
from collections import deque
from dataclasses import dataclass, field

import msgspec
from rich.console import RenderableType
from textual._compositor import CompositorUpdate
from textual.events import Key
from textual.pilot import Pilot
from textual.screen import Screen

from livequiz.protocol.codec import decode
from livequiz.protocol.messages import AnswerUpdates
from livequiz.tui.instructor.app import InstructorApp
from livequiz.tui.instructor.response_rows import ORDERS
from livequiz.tui.widgets.response_table import HIGHLIGHT, ResponseTable
from tests.tui.burst import burst, meeting

ANSWERS = 1_000
MESSAGES = 10  # a second
KEY_EVERY = 0.07  # seconds
KEY_TIMEOUT = 10.0  # seconds


@dataclass(slots=True)
class Measured:
    """One run, in seconds and shares of a core."""

    opened: float = 0.0
    share: float = 0.0
    after: float = 0.0  # the share in the seconds after the burst
    frames: int = 0
    keys: list[float] = field(default_factory=list)


class Watched(InstructorApp):
    """The dashboard, whose frames are counted and rendered to the last byte."""

    frames = 0

    def __init__(self) -> None:
        super().__init__("http://127.0.0.1:5000")
        self.due: deque[float] = deque()  # when each key was due that no frame shows yet
        self.carried_out = 0  # keys that wait for a frame
        self.latencies: list[float] = []

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        super()._display(screen, renderable)
        if isinstance(renderable, CompositorUpdate):
            renderable.render_segments(self.console)
            self.frames += 1
        for _ in range(self.carried_out):
            self.latencies.append(time.perf_counter() - self.due.popleft())
        self.carried_out = 0


async def measure(rows: int, order: str, size: tuple[int, int]) -> Measured:
    app, found = Watched(), Measured()
    snapshot = meeting(rows)
    recorded = [msgspec.json.encode(message) for message in burst(rows, min(ANSWERS, rows))]
    async with app.run_test(size=size) as pilot:
        began = time.perf_counter()
        await app.show(snapshot)
        await _shown(app, pilot, rows)
        found.opened = time.perf_counter() - began
        await pilot.press(*"r" * list(ORDERS).index(order))
        await pilot.press("home")
        await asyncio.sleep(0.5)
        gc.collect()
        app.frames, keys = 0, asyncio.create_task(_press_keys(app, 1.0))
        found.share = await _share(_play(app, recorded))
        found.frames = app.frames
        found.after = await _share(asyncio.sleep(HIGHLIGHT + 0.5))
        await asyncio.wait_for(keys, KEY_TIMEOUT)
        found.keys = app.latencies
        assert app.board.arrivals == min(ANSWERS, rows)  # noqa: S101
    return found


async def _shown(app: Watched, pilot: Pilot[None], rows: int) -> None:
    await pilot.pause()
    while app.screen.query_one(ResponseTable).rows.virtual_size.height < rows:  # noqa: ASYNC110
        await asyncio.sleep(0.001)
    await pilot.pause()


async def _share(work: object) -> float:
    """Return which share of a core is taken while something is awaited."""
    wall, cpu = time.perf_counter(), time.process_time()
    await work  # type: ignore[misc]
    return (time.process_time() - cpu) / (time.perf_counter() - wall)


async def _play(app: Watched, recorded: list[bytes]) -> None:
    begin = time.perf_counter()
    for number, text in enumerate(recorded):
        await asyncio.sleep(begin + number / MESSAGES - time.perf_counter())
        await app.handle(decode(msgspec.json.decode(text), AnswerUpdates))
    await asyncio.sleep(begin + len(recorded) / MESSAGES - time.perf_counter())


async def _press_keys(app: Watched, seconds: float) -> None:
    driver = app._driver
    assert driver is not None  # noqa: S101
    begin = time.perf_counter()
    chooser = app.screen.query_one(ResponseTable).rows
    move = chooser.action_choose

    def watched(step: int) -> None:
        move(step)
        app.carried_out += 1

    chooser.action_choose = watched  # type: ignore[method-assign]
    for number in range(int(seconds / KEY_EVERY)):
        due = begin + (number + 0.5) * KEY_EVERY
        await asyncio.sleep(due - time.perf_counter())
        app.due.append(due)
        key = Key("down", None)
        key.set_sender(app)
        driver.send_message(key)
    while app.due:  # noqa: ASYNC110
        await asyncio.sleep(0.01)


def report(rows: int, order: str, runs: list[Measured]) -> str:
    def median(values: list[float]) -> float:
        return statistics.median(values)

    keys = sorted(latency * 1000 for run in runs for latency in run.keys)
    p99 = keys[min(len(keys) - 1, int(len(keys) * 0.99))]
    return (
        f"{rows:>5} rows, {order:<15} {min(ANSWERS, rows):>5} answers/s  "
        f"CPU {median([run.share for run in runs]):4.0%} of a core, "
        f"afterwards {median([run.after for run in runs]):4.0%}  "
        f"{median([run.frames for run in runs]):4.0f} frames  "
        f"keys p50 {median(keys):4.0f} p99 {p99:4.0f} max {keys[-1]:4.0f} ms (n {len(keys)})  "
        f"opened in {median([run.opened for run in runs]):.2f} s"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, action="append", help="rows in the table")
    parser.add_argument("--order", choices=list(ORDERS), action="append")
    parser.add_argument("--size", default="160x48", help="columns x rows of the terminal")
    parser.add_argument("--repeat", type=int, default=5)
    options = parser.parse_args()
    columns, lines = map(int, options.size.split("x"))
    with tempfile.TemporaryDirectory() as folder:
        os.environ["LIVEQUIZ_STATE_DIR"] = folder
        for rows in options.rows or [1_000, 5_000]:
            for order in options.order or ["as they joined", "newest first"]:
                runs = [
                    asyncio.run(measure(rows, order, (columns, lines)))
                    for _ in range(options.repeat)
                ]
                print(report(rows, order, runs), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
