"""Who goes while MongoDB is away: kept, stored as soon as it is back, and in nobody's way."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import aiohttp
import pytest

from livequiz.client.student import new_token
from livequiz.db.private_mongod import PrivateMongod
from livequiz.db.store import Store
from livequiz.server.limits import Limits
from livequiz.server.quiz.service import Policy
from tests.conftest import TOKEN, Connect, RunningServer
from tests.db.mongod_help import pid_of
from tests.freezing import freeze
from tests.helpers import Json, RawClient, bank, documents, stored
from tests.patience import PATIENCE
from tests.server.bare import eventually
from tests.server.commands import Listener

TEST: Json = {"meeting_id": "TEST"}
CROWD = 120  # with ten threads, of which each is held for 5 s, they last for a minute


@pytest.fixture
async def mongod(tmp_path: Path) -> AsyncIterator[PrivateMongod]:
    """A MongoDB of this test's own, to freeze."""
    mongod = await PrivateMongod.start(tmp_path)
    yield mongod
    await mongod.stop()


@pytest.fixture
async def store(mongod: PrivateMongod, listener: Listener) -> AsyncIterator[Store]:
    store = Store(mongod.uri, listeners=[listener])
    await store.prepare()
    yield store
    store.close()


@pytest.fixture
def policy() -> Policy:
    return Policy(TOKEN, away=0.2, limits=Limits.none())


@contextmanager
def frozen(mongod: PrivateMongod) -> Iterator[None]:
    freeze(pid_of(mongod))
    try:
        yield
    finally:
        os.kill(pid_of(mongod), signal.SIGCONT)


async def told(teacher: RawClient, *, away: bool) -> None:
    """Return once the teacher has heard whether MongoDB answers."""
    while ((await teacher.next("meeting_updated")).get("database_away") is not None) is not away:
        pass


async def failed(caplog: pytest.LogCaptureFixture) -> None:
    """Return once the first try to store a departure has failed."""
    await eventually(lambda: any("in leave_seats" in r.getMessage() for r in caplog.records))


async def active(store: Store) -> set[str]:
    rows = await documents(store, "participants", {"status": "active"})
    return {row["student_id"] for row in rows}


async def becomes(store: Store, wanted: set[str]) -> None:
    async with asyncio.timeout(PATIENCE):
        while await active(store) != wanted:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def test_who_drops_while_the_database_is_away_is_away_when_it_is_back(
    mongod: PrivateMongod,
    server: RunningServer,
    teacher: RawClient,
    join: Connect,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await server.import_questions(bank(10))
    students = {f"S{number}": await join(f"S{number}") for number in range(10)}
    staying = {name for name in students if int(name[1:]) < 5}
    with frozen(mongod):
        for name in students.keys() - staying:
            await students[name].drop()
        await told(teacher, away=True)
        await failed(caplog)
    await becomes(server.store, staying)
    sent = await teacher.trigger(duration=60)
    assert {row["student_id"] for row in sent["assignments"]} == staying
    for name in staying:
        question = await students[name].next("NEW_QUESTION")
        await students[name].answer(name, question, 1)
    assert (await teacher.next("round_closed"))["reason"] == "complete"


async def test_a_round_does_not_wait_for_who_dropped_while_the_database_was_away(
    mongod: PrivateMongod,
    server: RunningServer,
    teacher: RawClient,
    join: Connect,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await server.import_questions(bank(4))
    students = {name: await join(name) for name in ("S001", "S002")}
    await teacher.trigger(duration=600)
    question = await students["S001"].next("NEW_QUESTION")
    await students["S001"].answer("S001", question, 1)
    with frozen(mongod):
        await students["S002"].drop()
        await told(teacher, away=True)
        await failed(caplog)
    closed = await teacher.next("round_closed")
    assert (closed["reason"], closed["summary"]["unanswered"]) == ("complete", ["S002"])


async def test_who_leaves_while_the_database_is_away_is_away_when_it_is_back(
    mongod: PrivateMongod, server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    student = await join("S001")
    with frozen(mongod):
        await student.ok("leave", {})  # it is kept
        await student.refused("submit_answer_ws", {**TEST, "student_id": "S001"})
    await becomes(server.store, set())
    assert (await teacher.next("student_left"))["reason"] == "left"


async def test_a_join_whose_reply_is_lost_leaves_no_ghost(
    mongod: PrivateMongod, server: RunningServer, teacher: RawClient, connect: Connect
) -> None:
    student = await connect()
    request = {**TEST, "student_id": "S001", "name": "Alice", "resume_token": new_token()}
    take_seat = server.store.participants.take_seat

    async def unheard(*args: object, **named: object) -> bool:
        freeze(pid_of(mongod))
        try:
            return await take_seat(*args, **named)  # type: ignore[arg-type]
        finally:
            os.kill(pid_of(mongod), signal.SIGCONT)

    server.store.participants.take_seat = unheard  # type: ignore[method-assign]
    assert (await student.refused("join_student", request))["code"] == "unavailable"
    server.store.participants.take_seat = take_seat  # type: ignore[method-assign]
    # MongoDB goes on, and does what it was asked for; but that connection has not joined.
    await stored(server.store, "participants", {"student_id": "S001"})
    await becomes(server.store, set())
    await student.ok("join_student", request)
    await becomes(server.store, {"S001"})


async def test_a_crowd_that_drops_while_the_database_is_away_holds_up_nobody(
    mongod: PrivateMongod, server: RunningServer, teacher: RawClient, connect: Connect
) -> None:
    await server.import_questions(bank(4))
    crowd = [await connect() for _ in range(CROWD)]
    await asyncio.gather(*(client.join(f"S{number}") for number, client in enumerate(crowd)))
    staying, *dropping = crowd
    await teacher.trigger(duration=600, allow_repeats=True)
    question = await staying.next("NEW_QUESTION")
    with frozen(mongod):
        await asyncio.gather(*(client.drop() for client in dropping))
        async with aiohttp.ClientSession() as session:
            async with asyncio.timeout(PATIENCE):
                async with session.get(f"{server.url}/readyz") as response:
                    assert response.status == 503
        await told(teacher, away=True)
        # As soon as the driver gives up, and not after everybody who dropped.
        ack = await staying.answer("S0", question, 1)
        assert ack["error"]["code"] == "unavailable"
    await told(teacher, away=False)
    await becomes(server.store, {"S0"})


async def test_a_crowd_that_drops_shares_its_writes(
    server: RunningServer, teacher: RawClient, connect: Connect, listener: Listener
) -> None:
    crowd = [await connect() for _ in range(CROWD)]
    await asyncio.gather(*(client.join(f"S{number}") for number, client in enumerate(crowd)))
    with listener.record() as asked:
        await asyncio.gather(*(client.drop() for client in crowd))
        left = {(await teacher.next("student_left"))["student_id"] for _ in crowd}
    assert len(left) == CROWD
    assert await active(server.store) == set()
    writes = sum(n for name, n in asked.names.items() if "participants" in name)
    assert 1 <= writes < CROWD / 2


async def test_readiness_is_asked_once_for_many_who_want_to_know(
    mongod: PrivateMongod, server: RunningServer
) -> None:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def status() -> int:
            async with session.get(f"{server.url}/readyz") as response:
                return response.status

        with frozen(mongod):
            async with asyncio.timeout(PATIENCE):  # one after another they would take a minute
                assert set(await asyncio.gather(*(status() for _ in range(60)))) == {503}
        async with asyncio.timeout(PATIENCE):
            while await status() != 200:  # noqa: ASYNC110
                await asyncio.sleep(0.1)
