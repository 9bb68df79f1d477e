"""A client that answers pings and never reads: little waits for it, and then it is dropped."""

from __future__ import annotations

import asyncio
import socket

import aiohttp
import pytest

from livequiz.server.app import SOCKETIO
from livequiz.server.limits import Bounds, Limits
from livequiz.server.quiz.service import Policy
from livequiz.server.transport.engineio_hooks import Outgoing
from livequiz.server.transport.fast_sockets import FastSocket
from tests.conftest import TOKEN, Connect, RunningServer
from tests.helpers import Json, RawClient
from tests.patience import PATIENCE
from tests.server.bare import eventually, left_behind, registry

BOUNDS = Bounds(messages=30, size=1_000_000)
ROUNDS = 400
# Each letter takes six bytes on the wire: about 100 KB in all.
LONG: list[Json] = [
    {
        "question": f"{number} " + "é" * 3_900,
        "options": [f"{place}" + "é" * 490 for place in range(26)],
        "correct": 1,
    }
    for number in range(3)
]


def stop_reading(client: RawClient) -> None:
    transport = client._sio.eio.ws._response.connection.transport
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    transport.pause_reading()


async def answer_pings(client: RawClient) -> None:
    """Say all the time that it lives, as a client does that is too slow or that means ill."""
    while True:
        await client._sio.eio.ws.send_str("3")
        await asyncio.sleep(0.1)


async def play_round(server: RunningServer, teacher: RawClient, reader: RawClient) -> None:
    await teacher.trigger(duration=60, allow_repeats=True)
    question = await reader.next("NEW_QUESTION")
    assert (await reader.answer("S001", question, 1))["ok"] is True
    await teacher.call("close_round", {"meeting_id": "TEST"})  # if it is not complete


class TestNarrow:
    @pytest.fixture
    def policy(self) -> Policy:
        return Policy(TOKEN, limits=Limits(outgoing=BOUNDS))

    async def test_who_never_reads_is_dropped_and_the_others_are_served(
        self, server: RunningServer, teacher: RawClient, join: Connect
    ) -> None:
        await server.import_questions(LONG)
        reader, silent = await join("S001"), await join("S002")
        stop_reading(silent)
        pings = asyncio.create_task(answer_pings(silent))
        buffer = buffers(server)[await eio_sid(server, "S002")]
        most = 0
        for _ in range(ROUNDS):
            await play_round(server, teacher, reader)
            most = max(most, buffer.size)
            if registry(server).dropped:
                break
        assert registry(server).dropped == {"it reads too slowly": 1}
        assert BOUNDS.size / 2 < most <= BOUNDS.size + 200_000
        assert (await teacher.next("student_left"))["student_id"] == "S002"
        await play_round(server, teacher, reader)
        await eventually(lambda: left_behind(server)["engine.io"] == 2)
        pings.cancel()
        await silent.drop()

    async def test_a_session_that_posts_and_never_polls_is_dropped(
        self, server: RunningServer, teacher: RawClient, join: Connect
    ) -> None:
        silent = await join("S002", transport="polling")
        silent._sio.eio.read_loop_task.cancel()
        sid = await eio_sid(server, "S002")
        url = f"{server.url}/socket.io/?EIO=4&transport=polling&sid={sid}"
        async with aiohttp.ClientSession() as session, asyncio.timeout(PATIENCE):
            while not registry(server).dropped:
                async with session.post(url, data='42["time_sync",{}]\x1e3'):
                    pass
                async with session.post(url, data='420["time_sync",{}]\x1e3'):
                    pass
        assert registry(server).dropped == {"it reads too slowly": 1}
        await eventually(lambda: left_behind(server)["engine.io"] == 1)
        await teacher.ok("get_snapshot", {"meeting_id": "TEST"})


async def test_an_instructor_who_reads_slowly_may_have_more_waiting_than_a_student(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    await join("S001")
    instructors = next(iter(server.app[SOCKETIO].manager.get_participants("/", "instructors:TEST")))
    student = buffers(server)[await eio_sid(server, "S001")]
    assert buffers(server)[instructors[1]].bounds == student.bounds.times(16)


def test_a_queue_counts_what_waits_and_keeps_nothing_once_it_overflowed() -> None:
    dropped: list[str] = []
    queue = Outgoing(Bounds(messages=3, size=100), dropped.append)
    queue.sid = "it"
    for _ in range(50):
        queue.put_nowait(Message("x" * 60))
        assert queue.get_nowait().data == "x" * 60
    assert (queue.qsize(), queue.size, dropped) == (0, 0, [])
    queue.put_nowait(Message("x" * 5_000))  # one alone may be of any size
    assert dropped == []
    for _ in range(50):
        queue.put_nowait(Message("x"))
    assert dropped == ["it"]
    assert (queue.qsize(), queue.size) == (2, 5_001)
    queue.put_nowait(None)  # the end gets through
    assert queue.qsize() == 3


class Message:
    """What the library puts into a queue, as far as the queue looks at it."""

    def __init__(self, data: str) -> None:
        self.data = data


def buffers(server: RunningServer) -> dict[str, Outgoing | FastSocket]:
    """Return where what is sent to each connection waits."""
    sockets = server.app[SOCKETIO].eio.sockets
    return {sid: getattr(one, "queue", one) for sid, one in sockets.items()}


async def eio_sid(server: RunningServer, student_id: str) -> str:
    room = server.app[SOCKETIO].manager.get_participants("/", f"student:TEST:{student_id}")
    ((_, sid),) = room
    return str(sid)
