"""Keys pressed at random while much happens: no screen may fall over."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
from collections.abc import Sequence

import pytest
import socketio
from textual.app import App
from textual.pilot import Pilot

from livequiz.tui.student.app import StudentApp
from tests.conftest import Connect, RunningServer
from tests.fuzz.effort import TIMES
from tests.helpers import RawClient, bank
from tests.patience import patient
from tests.tui.at_instructor import dashboard, state_folder
from tests.tui.looking import until_shown

__all__ = ["state_folder"]  # a fixture

SEEDS = round(3 * TIMES)
KEYS = [
    *(["s"] * 4),
    *("enter", "enter", "escape", "escape", "tab", "down", "up", "c", "c", "e", "l", "x", "t"),
    *("1", "2", "3", "slash", "question_mark", "space", "n", "ctrl+u", "5", "o"),
]


async def come_and_go(client: RawClient) -> None:
    """Join under one id and the other in turn, until it is removed."""
    with contextlib.suppress(socketio.exceptions.SocketIOError):
        for number in itertools.count():
            student_id = f"S00{number % 2}"
            joining = {"student_id": student_id, "meeting_id": "TEST", "name": student_id}
            await client.call("join_student", joining)


async def press_at_random(
    app: App[None], pilot: Pilot[None], keys: Sequence[str], chance: random.Random
) -> None:
    for _ in range(150):
        await pilot._wait_for_screen(timeout=patient(10))
        app.simulate_key(chance.choice(keys))
        await asyncio.sleep(chance.choice([0, 0, 0.005, 0.05]))
        assert app.is_running
        assert app._exception is None


@pytest.mark.parametrize("seed", range(SEEDS))
async def test_keys_at_random_break_nothing(
    server: RunningServer, connect: Connect, seed: int
) -> None:
    await server.import_questions(bank(20))
    chance = random.Random(seed)
    async with dashboard(server) as (app, pilot):
        for number in range(3, 8):
            await server.student(f"S{number:03}", f"Student {number}")
        coming = asyncio.create_task(come_and_go(await connect()))
        await press_at_random(app, pilot, KEYS, chance)
        coming.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await coming
        await pilot.pause()
        assert app._exception is None


STUDENT_KEYS = [
    *("a", "b", "c", "d", "enter", "enter", "escape", "escape", "tab", "down", "up", "space"),
    *("question_mark", "n", "1", "2", "pagedown", "ctrl+l"),
]


async def teach(teacher: RawClient, chance: random.Random) -> None:
    """Open, extend and close rounds, as fast as the server answers."""
    while True:
        await teacher.call("trigger_questions", {"meeting_id": "TEST", "allow_repeats": True})
        for _ in range(chance.randrange(3)):
            await asyncio.sleep(0.05)
            await teacher.call("extend_round", {"meeting_id": "TEST", "seconds": 5})
        await asyncio.sleep(chance.choice([0, 0.05, 0.3]))
        await teacher.call("close_round", {"meeting_id": "TEST"})


@pytest.mark.parametrize("seed", range(round(4 * (TIMES - 1))))
async def test_a_students_keys_at_random_break_nothing(
    server: RunningServer, teacher: RawClient, seed: int
) -> None:
    await server.import_questions(bank(20))
    chance = random.Random(seed)
    app = StudentApp(server.url, "TEST", "S001", "Alice")
    async with app.run_test(size=(80, 24)) as pilot:
        await until_shown(app, "You are in")
        teaching = asyncio.create_task(teach(teacher, chance))
        await press_at_random(app, pilot, STUDENT_KEYS, chance)
        teaching.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await teaching
        await pilot.pause()
        assert app._exception is None
