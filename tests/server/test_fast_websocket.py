"""The fast path: what is written past the library's queues arrives whole, once and in order."""

from __future__ import annotations

import asyncio
import json
import logging
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from livequiz.protocol.websocket import text_frame
from livequiz.server.app import FAST_SOCKETS, SOCKETIO
from livequiz.server.transport.fast_sockets import EVENT, FastSocket, FastSockets
from tests.conftest import Connect, RunningServer
from tests.helpers import RawClient, bank
from tests.patience import PATIENCE
from tests.server.bare import Bare, bare, eventually, hangs_up, http, left_behind, stand_still

CLASS = 30


def sockets(server: RunningServer) -> FastSockets:
    return server.app[FAST_SOCKETS]


@pytest.fixture(autouse=True)
def fast(server: RunningServer) -> None:
    if not server.fast:
        pytest.skip("this run is without the fast path")


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with http() as session:
        yield session


async def hello(session: aiohttp.ClientSession, server: RunningServer) -> tuple[Bare, str]:
    """Return a connection that has been greeted, and its id."""
    socket = await bare(session, server)
    packet = await socket.receive_str(timeout=PATIENCE)
    return socket, json.loads(packet.removeprefix("0"))["sid"]


@pytest.mark.parametrize("size", [0, 1, 124, 125, 126, 127, 65_535, 65_536, 200_000])
async def test_a_frame_of_any_size_arrives(
    server: RunningServer, session: aiohttp.ClientSession, size: int
) -> None:
    socket, sid = await hello(session, server)
    assert sockets(server).send(sid, text_frame(b"x" * size))
    assert await socket.receive_str(timeout=PATIENCE) == "x" * size


async def test_what_goes_both_ways_arrives_in_order(
    server: RunningServer, connect: Connect
) -> None:
    client = await connect()
    sio = server.app[SOCKETIO]
    ((sid, connection),) = sio.manager.get_participants("/", None)
    for number in range(0, 300, 3):
        await sio.emit("count", number, to=sid)
        for next_one in (number + 1, number + 2):
            sockets(server).send(connection, text_frame(EVENT + b'["count",%d]' % next_one))
        if number % 60 == 0:
            await asyncio.sleep(0)
    assert [await client.next("count") for _ in range(300)] == list(range(300))


async def test_a_polling_client_and_a_websocket_are_sent_the_same(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    await server.import_questions(bank(3))
    students = [await join("S001"), await join("S002", transport="polling")]
    await teacher.trigger(duration=60)
    questions = [await student.next("NEW_QUESTION") for student in students]
    for student_id, student, question in zip(("S001", "S002"), students, questions, strict=True):
        assert (await student.answer(student_id, question, 1))["ok"] is True
    closed = [await student.next("round_closed") for student in students]
    assert questions[0].keys() == questions[1].keys()
    assert closed[0].keys() == closed[1].keys()


async def test_a_round_sends_each_student_one_frame(
    server: RunningServer, teacher: RawClient, join: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    await server.import_questions(bank(CLASS))
    students = [await join(f"S{number}") for number in range(CLASS)]
    for student in students:  # which is told a moment after the last one has joined
        while (await student.next("presence_updated"))["here"] != CLASS:
            pass
    frames: Counter[str] = Counter()
    writes: Counter[str] = Counter()
    write, flush = FastSocket.write, FastSocket.flush

    def counted_write(self: FastSocket, data: bytes) -> None:
        frames[self.sid] += 1
        write(self, data)

    def counted_flush(self: FastSocket) -> None:
        writes[self.sid] += 1
        flush(self)

    monkeypatch.setattr(FastSocket, "write", counted_write)
    monkeypatch.setattr(FastSocket, "flush", counted_flush)
    await teacher.trigger(duration=60)
    for student in students:
        await student.next("NEW_QUESTION")
    ids = {c for s, c in server.app[SOCKETIO].manager.get_participants("/", "students:TEST")}
    assert {frames[sid] for sid in ids} == {writes[sid] for sid in ids} == {1}


async def test_an_answers_result_and_its_ack_go_in_one_write(
    server: RunningServer, teacher: RawClient, join: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    await server.import_questions(bank(3))
    student, _ = await join("S001"), await join("S002")
    await teacher.trigger(duration=60)
    question = await student.next("NEW_QUESTION")
    ((_, connection),) = server.app[SOCKETIO].manager.get_participants("/", "student:TEST:S001")
    sent: list[bytes] = []
    flush = FastSocket.flush

    def kept(self: FastSocket) -> None:
        if self.sid == connection and self._out:
            sent.append(self._out)
        flush(self)

    monkeypatch.setattr(FastSocket, "flush", kept)
    await student.answer("S001", question, 1)
    (both,) = (data for data in sent if b"answer_result" in data)
    assert b'[{"ok":true,' in both


async def test_who_goes_in_mid_send_harms_nobody(
    server: RunningServer, teacher: RawClient, join: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    await server.import_questions(bank(CLASS))
    students = [await join(f"S{number}") for number in range(CLASS)]
    trigger = asyncio.create_task(teacher.trigger(duration=60))
    await asyncio.gather(*(student.drop() for student in students[::2]))
    await trigger
    for student in students[1::2]:
        assert await student.next("NEW_QUESTION")
    await eventually(lambda: left_behind(server)["engine.io"] == 1 + CLASS // 2)
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


async def test_who_answers_pings_stays_and_who_does_not_is_dropped(
    server: RunningServer, session: aiohttp.ClientSession
) -> None:
    eio = server.app[SOCKETIO].eio
    eio.ping_interval = eio.ping_timeout = 0.2
    (alive, _), (silent, _) = await hello(session, server), await hello(session, server)
    pings = 0
    async with asyncio.timeout(PATIENCE):
        while pings < 5:
            assert await alive.receive_str() == "2"
            await alive.send_str("3")
            pings += 1
    assert await silent.receive_str(timeout=PATIENCE) == "2"
    assert await silent.receive_str(timeout=PATIENCE) == "1"
    await hangs_up(silent)
    assert left_behind(server)["engine.io"] == 1


async def test_nobody_is_dropped_because_the_machine_stood_still(
    server: RunningServer, session: aiohttp.ClientSession
) -> None:
    eio = server.app[SOCKETIO].eio
    eio.ping_interval = eio.ping_timeout = 0.3
    alive, _ = await hello(session, server)
    pinged = asyncio.Event()
    fast = sockets(server)
    send = fast.send

    def noted(sid: str, frames: bytes) -> bool:
        pinged.set()
        return send(sid, frames)

    fast.send = noted  # type: ignore[method-assign]
    async with asyncio.timeout(PATIENCE):
        for _ in range(3):
            await pinged.wait()
            pinged.clear()
            stand_still(1.0)
            assert await alive.receive_str() == "2"
            await alive.send_str("3")
    assert left_behind(server)["engine.io"] == 1


async def test_a_goodbye_ends_the_connection_and_leaves_nothing(
    server: RunningServer, session: aiohttp.ClientSession
) -> None:
    socket, _ = await hello(session, server)
    await socket.send_str("40{}")
    await eventually(lambda: left_behind(server)["sessions"] == 1)
    await socket.send_str("1")
    await hangs_up(socket)
    await eventually(lambda: not any(left_behind(server).values()))


async def test_a_browser_that_offers_compression_gets_none(server: RunningServer) -> None:
    async with http() as session:
        url = f"{server.url}/socket.io/?EIO=4&transport=websocket"
        async with session.ws_connect(url, compress=15) as socket:
            assert socket.compress == 0


async def test_the_fast_path_can_be_left_out(server: RunningServer, store: Any) -> None:
    plain = RunningServer(store, server.policy, fast=False)
    await plain.start()
    assert FAST_SOCKETS not in plain.app
    await plain.close()
