"""A lecture hall on the dashboard: what is counted is work, not time."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from textual.events import Key
from textual.pilot import Pilot
from textual.widget import Widget
from textual.widgets import Digits

from livequiz.client.instructor import InstructorSession
from livequiz.protocol.messages import AnswerUpdate, AnswerUpdates, QuestionsSent, SentAssignment
from livequiz.protocol.snapshot import Snapshot
from livequiz.tui.instructor import dashboard as dashboard_module
from livequiz.tui.instructor.app import InstructorApp
from livequiz.tui.instructor.dashboard import Dashboard
from livequiz.tui.widgets.countdown import Countdown
from livequiz.tui.widgets.line_list import Lines
from livequiz.tui.widgets.response_table import ResponseTable
from tests.tui.burst import NOW, OPTIONS, ROUND, burst, meeting, question_id
from tests.tui.looking import until, until_shown

SIZE = (160, 48)
STUDENTS = 1_000
LISTS = 3  # the table, who is here, the questions


@pytest.fixture(autouse=True)
def state_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what the app remembers and logs out of the home folder."""
    monkeypatch.setenv("LIVEQUIZ_STATE_DIR", str(tmp_path))


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often things were done, by name."""
    counted: Counter[str] = Counter()

    def count(owner: Any, name: str, only: type[Widget] = Widget) -> None:
        original: Callable[..., Any] = getattr(owner, name)

        def counting(*arguments: Any, **options: Any) -> Any:
            if owner is dashboard_module or isinstance(arguments[0], only):
                counted[name] += 1
            return original(*arguments, **options)

        monkeypatch.setattr(owner, name, counting)

    count(Lines, "render_line")
    count(Lines, "_measure")  # a list gets other keys
    count(ResponseTable, "change")
    count(ResponseTable, "show")
    count(Widget, "set_timer", ResponseTable)
    count(dashboard_module, "shown")
    return counted


@asynccontextmanager
async def opened(
    snapshot: Snapshot, size: tuple[int, int] = SIZE
) -> AsyncIterator[tuple[InstructorApp, Pilot[None]]]:
    app = InstructorApp("http://127.0.0.1:9")
    app._session = InstructorSession("http://127.0.0.1:9")  # which is never there
    async with app.run_test(size=size) as pilot:
        await app.show(snapshot)
        await until(lambda: isinstance(app.screen, Dashboard), "the dashboard")
        await until_shown(app, "Alice Johnson")
        await until(lambda: app.focused is table(app).rows, "the focus")
        await pilot.pause()
        yield app, pilot


def table(app: InstructorApp) -> ResponseTable:
    return app.screen.query_one(ResponseTable)


async def test_a_batch_of_answers_is_drawn_once_and_only_where_it_is_seen(
    calls: Counter[str],
) -> None:
    """Each answer once had a timer, laid out every question and drew the whole table."""
    messages = list(burst(STUDENTS, STUDENTS))

    async def drawn(times: int) -> None:
        await until(lambda: calls["change"] >= times, "a repaint")

    async with opened(meeting(STUDENTS)) as (app, pilot):
        calls.clear()
        for number, message in enumerate(messages, start=1):
            await app.handle(message)
            await drawn(number)
            await pilot.pause()
        assert calls["change"] == len(messages)
        assert calls["set_timer"] == len(messages)
        assert calls["show"] == 0
        assert calls["_measure"] <= 3  # the figures get a line for each new span of times
        # Each answer changes a line in each list, and most of the lines are out of sight.
        assert 0 < calls["render_line"] < LISTS * STUDENTS / 5
        await until_shown(app, f"round 1   {STUDENTS} here")
        assert_told(app, messages)


async def test_batches_that_come_together_are_drawn_together(calls: Counter[str]) -> None:
    messages = list(burst(STUDENTS, STUDENTS, batch=10))
    async with opened(meeting(STUDENTS)) as (app, pilot):
        calls.clear()
        for message in messages:
            await app.handle(message)
        await until(lambda: calls["change"], "a repaint")
        assert calls["change"] == 1
        await pilot.pause()
        assert_told(app, messages)


async def test_a_key_is_answered_while_answers_still_come() -> None:
    """Whoever reads a queue that is never empty never waits, and nobody else gets a turn."""
    session = InstructorSession("http://127.0.0.1:9")
    receive = session._receiver(AnswerUpdate)
    for message in burst(STUDENTS, STUDENTS):
        for update in message.updates:
            await receive(msgspec.to_builtins(update))

    async with opened(meeting(STUDENTS)) as (app, _):

        async def listen() -> None:
            async for event in session.events():
                await app.handle(event)
                if table(app).rows.cursor_index == 1:
                    moved_at.append(app.board.arrivals)

        moved_at: list[int] = []
        listening = asyncio.create_task(listen())
        key = Key("down", None)
        key.set_sender(app)
        assert app._driver is not None
        app._driver.send_message(key)
        await until(lambda: app.board.arrivals == STUDENTS, "all answers")
        assert table(app).rows.cursor_index == 1
        assert moved_at[0] < STUDENTS
        listening.cancel()


async def test_five_thousand_rows_open_as_the_lines_that_are_in_sight(
    calls: Counter[str],
) -> None:
    snapshot = meeting(5_000)
    async with opened(snapshot) as (app, pilot):
        assert len(table(app).rows.keys) == 5_000
        assert 1 <= calls["show"] <= 2  # the first drawing, and one for a layout that came later
        assert 0 < calls["shown"] < 3 * 5_000  # for the widths of the columns
        assert 0 < calls["render_line"] < 5_000
        assert len(app.screen.query("*")) < 100
        calls.clear()
        await pilot.press("end")
        await until_shown(app, "(S5000)")
        assert table(app).selected == snapshot.students[-1].student_id
        assert 0 < calls["render_line"] < LISTS * SIZE[1]


async def test_a_wave_of_latecomers_is_one_new_table(calls: Counter[str]) -> None:
    async with opened(meeting(100)) as (app, _):
        calls.clear()
        for place in range(100, 200):
            await app.handle(_latecomer(place))
        await until(lambda: len(table(app).rows.keys) == 200, "everybody's row")
        assert calls["show"] == 1


def assert_told(app: InstructorApp, messages: list[AnswerUpdates]) -> None:
    """Check that the table says what the updates said, and counts them."""
    for update in (update for message in messages for update in message.updates):
        row = table(app).words(update.student_id)
        assert row is not None
        assert isinstance(update.answer, int)
        assert row.verdict == ("✓ right" if update.correct else "✗ wrong")
        assert row.answer == f"{'ABCD'[update.answer]} {OPTIONS[update.answer]}"
        assert row.time == f"{update.response_time:.1f}s"
    assert app.board.round_stats == messages[-1].stats.round


def _latecomer(place: int) -> QuestionsSent:
    question = question_id(place)
    return QuestionsSent(
        success=True,
        count=1,
        assignments=[SentAssignment(f"L{place}", f"Late {place}", question, f"{place}?")],
        round_id=ROUND,
        round_number=1,
        duration=600,
        deadline=NOW,
        distinct=True,
        draw_seed=1,
        warnings=[],
        late=True,
    )


async def test_the_time_is_whole_beside_numbers_of_four_digits() -> None:
    """At 80 columns the last digit of the time was off the screen."""
    async with opened(meeting(STUDENTS), size=(80, 24)) as (app, _):
        for message in burst(STUDENTS, STUDENTS):
            await app.handle(message)
        await until_shown(app, "right (6")  # and two more digits
        digits = app.screen.query_one(Countdown).query_one(Digits)
        room = app.screen.query_one("#numbers").content_region
        await until(
            lambda: digits.display and room.contains_region(digits.region),
            f"the time within {room}",
        )
