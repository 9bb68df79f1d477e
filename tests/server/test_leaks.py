"""Connections that fail or break leave nothing behind, whatever the database does."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from livequiz.db.private_mongod import PrivateMongod
from livequiz.db.store import Store
from livequiz.server.app import SOCKETIO
from livequiz.server.limits import Limits
from livequiz.server.quiz.service import Policy
from livequiz.server.socketio import events
from tests.conftest import TOKEN, Connect, RunningServer
from tests.db.mongod_help import pid_of
from tests.freezing import freeze
from tests.helpers import RawClient
from tests.patience import PATIENCE
from tests.server.bare import bare, eventually, http, left_behind, nothing_is_left, poll

MANY = 30


@pytest.fixture
async def mongod(tmp_path: Path) -> AsyncIterator[PrivateMongod]:
    """A MongoDB of this test's own, to freeze."""
    mongod = await PrivateMongod.start(tmp_path)
    yield mongod
    await mongod.stop()


@pytest.fixture
async def store(mongod: PrivateMongod) -> AsyncIterator[Store]:
    store = Store(mongod.uri)
    await store.prepare()
    yield store
    store.close()


@pytest.fixture
def policy() -> Policy:
    return Policy(TOKEN, limits=Limits(join_within=2.0))


async def test_joins_and_breaks_while_the_database_is_frozen_leave_nothing(
    mongod: PrivateMongod, server: RunningServer, teacher: RawClient, connect: Connect
) -> None:
    students = []
    for number in range(MANY):
        students.append(await connect())
        await students[-1].join(f"S{number}")
    assert left_behind(server)["rooms"] > MANY
    freeze(pid_of(mongod))
    try:
        newcomers = [await connect(kind) for kind in ("websocket", "polling") for _ in range(5)]
        for number, newcomer in enumerate(newcomers):
            request = {"student_id": f"N{number}", "meeting_id": "TEST", "name": "New"}
            await newcomer.send("join_student", request)
        broken = [*students, teacher, *(n for n in newcomers if n._transport == "websocket")]
        await asyncio.gather(*(client.drop() for client in broken))
        await nothing_is_left(server)
    finally:
        os.kill(pid_of(mongod), signal.SIGCONT)


async def test_whatever_fails_in_a_connect_is_a_refusal_with_a_reason(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(**_: object) -> None:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(events, "Connected", fails)
    async with http() as session:
        socket = await bare(session, server)
        await socket.send_str("40{}")
        while not (refusal := await socket.receive_str()).startswith("44"):
            pass
        assert json.loads(refusal[2:]) == {"message": "unavailable"}
        url = await poll(session, server)
        async with session.post(url, data="40{}"), session.get(url) as response:
            assert await response.text() == refusal
    await nothing_is_left(server)


async def test_refused_handshakes_leave_nothing(server: RunningServer) -> None:
    for auth in ("text", {"token": 1}, {"token": "x" * 300}):
        assert await RawClient(server.url, auth=auth).refusal() == "bad_request"
    async with http() as session:
        url = await poll(session, server)
        async with session.post(url, data='40"text"'), session.get(url) as response:
            assert await response.text() == '44{"message":"bad_request"}'
    await nothing_is_left(server)


async def test_connections_that_break_at_any_moment_leave_nothing(server: RunningServer) -> None:
    joined = (
        "40{}",
        f'42["join_instructor",{{"instructor_id":"x","meeting_id":"T","token":"{TOKEN}"}}]',
        '42["trigger_questions",{"meeting_id":"T"}]',
    )
    beginnings = (
        joined,
        (),
        ("40{}",),
        ("40{}", "41"),
        ("40{}", "40{}", "41", "40{}"),
        ("40/other,{}", "41/other,"),
        ('42["leave",{}]', "40{}"),
        ("1",),
        ("40{}", "1"),
        ("40{}", "5", "6", "2", "3"),
        ("40{}", '42["disconnect"]', '42["connect",{},{}]'),
    )
    async with http() as session:
        for beginning in beginnings:
            socket = await bare(session, server)
            for frame in beginning:
                await socket.send_str(frame)
            connection = socket._response.connection
            assert connection is not None
            assert connection.transport is not None
            connection.transport.abort()
            if beginning is not joined:  # only pings tell that somebody no longer polls
                url = await poll(session, server)
                for frame in beginning:
                    async with session.post(url, data=frame):
                        pass
    await nothing_is_left(server)
    assert "/" not in server.app[SOCKETIO].manager.rooms


async def test_a_student_who_goes_while_it_joins_is_not_taken_for_present(
    server: RunningServer, teacher: RawClient, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_seat, seated, gone = server.store.participants.take_seat, asyncio.Event(), asyncio.Event()

    async def slow(*args: object, **named: object) -> bool:
        taken = await take_seat(*args, **named)  # type: ignore[arg-type]
        seated.set()
        await gone.wait()
        return taken

    monkeypatch.setattr(server.store.participants, "take_seat", slow)
    client = await connect()
    request = {"student_id": "S001", "meeting_id": "TEST", "name": "Hasty"}
    await client.send("join_student", request)
    await asyncio.wait_for(seated.wait(), PATIENCE)
    await client.drop()
    await eventually(lambda: left_behind(server)["sessions"] == 1)
    gone.set()
    assert (await teacher.next("student_left"))["student_id"] == "S001"
    assert await server.store.participants.count_active("TEST") == 0
    rooms = server.app[SOCKETIO].manager.rooms["/"]
    assert not [room for room in rooms if room and room.startswith("student")]
