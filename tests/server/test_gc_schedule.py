"""When garbage is collected: never by Python's own clock, and not in the middle of a round."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator

import pytest

from livequiz.protocol.requests import TriggerQuestions
from livequiz.server.host import gc_schedule
from livequiz.server.host.gc_schedule import DUE, OVERDUE, collect_when_quiet, is_due
from tests.conftest import RunningServer
from tests.helpers import bank
from tests.patience import patient
from tests.server.hall import fill


class Node:
    """Refers to itself, so that only a full collection ends it once it is old."""

    ended = 0

    def __init__(self) -> None:
        self.myself = self

    def __del__(self) -> None:
        Node.ended += 1


@pytest.fixture
def full_collections() -> Iterator[list[int]]:
    seen: list[int] = []

    def note(phase: str, info: dict[str, int]) -> None:
        if phase == "start" and info["generation"] == 2:
            seen.append(1)

    gc.callbacks.append(note)
    yield seen
    gc.callbacks.remove(note)


def test_it_waits_for_a_quiet_moment_but_not_for_ever() -> None:
    assert not is_due(DUE - 1, lambda: True)
    assert is_due(DUE, lambda: True)
    assert not is_due(OVERDUE - 1, lambda: False)
    assert is_due(OVERDUE, lambda: False)


async def test_nothing_looks_at_everything_while_a_round_is_open(
    monkeypatch: pytest.MonkeyPatch, full_collections: list[int]
) -> None:
    monkeypatch.setattr(gc_schedule, "LOOK", 0.01)
    monkeypatch.setattr(gc_schedule, "YOUNG", 100)
    monkeypatch.setattr(gc_schedule, "MIDDLE", 1)
    monkeypatch.setattr(gc_schedule, "OVERDUE", 10**9)
    quiet, looked = False, asyncio.Event()

    def is_quiet() -> bool:
        looked.set()
        return quiet

    task = asyncio.create_task(collect_when_quiet(is_quiet))
    await asyncio.sleep(0)  # until it has begun
    full_collections.clear()
    Node.ended = 0
    Node()
    kept = [[i] for i in range(100_000)]  # by default Python would look at all of it several times
    assert gc.get_count()[2] > DUE
    looked.clear()
    await asyncio.wait_for(looked.wait(), patient(10))
    assert not full_collections
    quiet = True
    async with asyncio.timeout(patient(10)):
        while not full_collections:  # noqa: ASYNC110
            await asyncio.sleep(0.01)  # an event can't be set from inside of a collection
    assert Node.ended == 1
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert len(kept) == 100_000


async def test_python_collects_as_before_when_the_server_has_stopped() -> None:
    before = gc.get_threshold(), gc.get_freeze_count()
    task = asyncio.create_task(collect_when_quiet(lambda: True))
    await asyncio.sleep(0)
    assert gc.get_threshold() != before[0]
    assert gc.get_freeze_count() > 10_000
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert (gc.get_threshold(), gc.get_freeze_count()) == before


async def test_it_is_quiet_when_no_round_is_open(server: RunningServer) -> None:
    await server.import_questions(bank(5))
    await fill(server, "TEST", 3)
    assert server.service.quiet()
    await server.service.rounds.trigger("TEST", TriggerQuestions(meeting_id="TEST"))
    assert not server.service.quiet()
