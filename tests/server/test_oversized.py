"""Messages that are too large: read past and refused, on a connection that goes on."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import gzip
import json
import tracemalloc
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from livequiz.domain.buckets import Rate
from livequiz.server.app import LARGEST_FRAME, SOCKETIO
from livequiz.server.limits import Limits
from livequiz.server.oversized import LARGEST_READ
from livequiz.server.service import Policy
from tests.conftest import TOKEN, RunningServer
from tests.helpers import PATIENCE, contents
from tests.octets import BINARY, CONTINUATION, PING, PONG, TEXT, Octets, frame, masked, octets
from tests.server.bare import gate, http, nothing_is_left, poll

MEGABYTE = 1_000_000
KEY = b"abcd"


def join(number: int, student_id: str, size: int) -> bytes:
    """Return a join that would be met, followed by white space until it has that size."""
    fields = f'"student_id":"{student_id}","meeting_id":"TEST","name":"A"'
    return f'42{number}["join_student",{{{fields}}}]'.encode().ljust(size)


def sync(number: int, size: int) -> bytes:
    """Return a request that is always met, of that size."""
    return f'42{number}["time_sync",{{}}]'.encode().ljust(size)


@pytest.fixture
async def socket(server: RunningServer) -> AsyncIterator[Octets]:
    """A connection that was let in, on which every byte is ours."""
    async with octets(server.port) as socket:
        await socket.send(frame(TEXT, b"40{}"))
        await socket.text("40")
        yield socket


async def goes_on(socket: Octets, number: int = 999) -> None:
    await socket.send(frame(TEXT, sync(number, 0)))
    assert (await socket.ack(number))["ok"] is True


async def is_refused(socket: Octets, number: int, event: str = "join_student") -> None:
    answer = await socket.ack(number)
    assert answer["ok"] is False
    assert (answer["error"]["code"], answer["error"]["event"]) == ("bad_request", event)
    assert "too much" in answer["error"]["message"]


def fragments(payload: bytes, *sizes: int) -> list[bytes]:
    """Return a message in fragments of those sizes, and what is left over in a last one."""
    parts = []
    for size in sizes:
        parts.append(frame(CONTINUATION if parts else TEXT, payload[:size], final=False))
        payload = payload[size:]
    return [*parts, frame(CONTINUATION, payload)]


async def test_the_limit_is_met_to_the_byte(
    server: RunningServer, teacher: Any, socket: Octets
) -> None:
    await socket.send(frame(TEXT, join(1, "S1", LARGEST_FRAME - 1)))
    assert (await socket.ack(1))["ok"] is True
    before = await contents(server.store)
    for number, size in enumerate((LARGEST_FRAME, LARGEST_FRAME + 1, MEGABYTE), start=2):
        await socket.send(frame(TEXT, join(number, "S2", size)))
        await is_refused(socket, number)
        await goes_on(socket)
    assert await contents(server.store) == before


@pytest.mark.parametrize(
    "sizes",
    [
        [100, 100],
        [LARGEST_FRAME - 1, 0],
        [LARGEST_FRAME],
        [0, LARGEST_FRAME - 1],
        [1, 2, 3, 4] * 10,
        [40_000] * 10,
    ],
)
@pytest.mark.parametrize("size", [LARGEST_FRAME - 1, LARGEST_FRAME, MEGABYTE])
async def test_fragments_count_together_and_what_is_too_large_is_not_performed(
    server: RunningServer, teacher: Any, socket: Octets, sizes: list[int], size: int
) -> None:
    """Its first fragments alone are a whole join, and small enough."""
    before = await contents(server.store)
    for part in fragments(join(1, "S1", size), *sizes):
        await socket.send(part)
    if size < LARGEST_FRAME:
        assert (await socket.ack(1))["student_id"] == "S1"
    else:
        await is_refused(socket, 1)
        assert await contents(server.store) == before
    await goes_on(socket)


async def test_pings_between_fragments_are_answered(teacher: Any, socket: Octets) -> None:
    for number, part in enumerate(fragments(join(1, "S1", MEGABYTE), 10, 60_000, 70_000)):
        await socket.send(part)
        if number < 3:
            await socket.send(frame(PING, b"%d" % number))
            while (answer := await socket.next())[0] != PONG:
                pass
            assert answer[1] == b"%d" % number
    await is_refused(socket, 1)
    await goes_on(socket)


async def test_a_header_may_come_in_any_two_parts(teacher: Any, socket: Octets) -> None:
    message = frame(TEXT, join(1, "S1", LARGEST_FRAME))
    for place in range(1, 16):
        await socket.send(message[:place])
        await asyncio.sleep(0)
        await socket.send(message[place:])
        await is_refused(socket, 1)
    await goes_on(socket)


@pytest.mark.parametrize(
    ("opcode", "head", "event"),
    [
        (TEXT, b'42["join_student",', "join_student"),
        (TEXT, b'42["nobody knows",', "nobody knows"),
        (TEXT, b"42", "(unreadable)"),
        (TEXT, b"x", "(unreadable)"),
        (TEXT, b"3", "(unreadable)"),
        (BINARY, b"", "(unreadable)"),
    ],
)
async def test_what_asks_for_no_ack_gets_the_error(
    socket: Octets, opcode: int, head: bytes, event: str
) -> None:
    await socket.send(frame(opcode, head.ljust(MEGABYTE)))
    error = await socket.event("error")
    assert (error["code"], error["event"]) == ("bad_request", event)
    assert "too much" in error["message"]
    await goes_on(socket)


async def test_a_connection_that_began_as_polling_reads_past_too(server: RunningServer) -> None:
    async with http() as session:
        url = await poll(session, server)
        async with session.post(url, data="40{}"):
            pass
        async with session.get(url):
            pass
        query = "transport=websocket&sid=" + url.rpartition("sid=")[2]
        async with octets(server.port, query) as socket:
            await socket.send(frame(TEXT, b"2probe"))
            await socket.text("3probe")
            await socket.send(frame(TEXT, b"5") + frame(TEXT, join(1, "S1", MEGABYTE)))
            await is_refused(socket, 1)
            await goes_on(socket)


async def test_frames_right_behind_the_handshake_are_read_past(server: RunningServer) -> None:
    for place in (0, 1, 5, 20, 5_000):
        early = frame(TEXT, b"40{}") + frame(TEXT, join(1, "S1", 100_000))
        async with octets(server.port, early=early[:place]) as socket:
            await socket.send(early[place:])
            await is_refused(socket, 1)
            await goes_on(socket)


async def test_a_large_message_that_trickles_in_is_not_held(teacher: Any, socket: Octets) -> None:
    payload = join(1, "S1", LARGEST_FRAME)
    header = frame(TEXT, b"", length_bytes=8)[:2] + LARGEST_READ.to_bytes(8, "big") + KEY
    blank = masked(b" " * LARGEST_FRAME, KEY)
    gc.collect()
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        await socket.send(header + masked(payload, KEY))
        for _ in range(LARGEST_READ // LARGEST_FRAME - 1):
            await socket.send(blank)
        await is_refused(socket, 1)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak - before < 2_000_000
    await goes_on(socket)


@pytest.mark.parametrize("declared", [LARGEST_READ + 1, 2**62, 2**63, 2**64 - 1])
async def test_a_message_above_the_bound_ends_its_connection_before_it_comes(
    server: RunningServer, socket: Octets, declared: int
) -> None:
    await socket.send(b"\x81\xff" + declared.to_bytes(8, "big") + KEY)
    assert await socket.closing_code() == 1009
    await nothing_is_left(server)


async def test_fragments_above_the_bound_end_their_connection(
    server: RunningServer, socket: Octets
) -> None:
    half = LARGEST_READ // 2 + 1
    payload = bytes(half)
    await socket.send(frame(TEXT, payload, final=False, key=None))
    with contextlib.suppress(ConnectionError):
        await socket.send(frame(CONTINUATION, payload, key=None))
    assert await socket.closing_code() in {1009, None}
    await nothing_is_left(server)


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(b"\xc1\x80abcd", id="a reserved bit"),
        pytest.param(b"\x83\x80abcd", id="an opcode that nothing has"),
        pytest.param(b"\x80\x80abcd", id="a continuation of nothing"),
        pytest.param(b"\x09\x80abcd", id="a ping in fragments"),
        pytest.param(b"\x89\xfe\x00\x7eabcd", id="a large ping"),
        pytest.param(
            frame(TEXT, bytes(LARGEST_FRAME), final=False) + frame(TEXT, b"2"),
            id="a message inside of another that is too large",
        ),
    ],
)
async def test_framing_that_is_wrong_ends_its_connection(
    server: RunningServer, socket: Octets, wrong: bytes
) -> None:
    await socket.send(wrong)
    assert await socket.closing_code() == 1002
    await nothing_is_left(server)


@pytest.fixture
def impatient(server: RunningServer) -> None:
    """The server soon gives up who is silent."""
    eio = server.app[SOCKETIO].eio
    eio.ping_interval = eio.ping_timeout = 0.5


@pytest.mark.parametrize("joined", [False, True])
async def test_who_sends_half_a_large_message_and_stops_is_dropped(
    server: RunningServer, impatient: None, teacher: Any, joined: bool
) -> None:
    async with octets(server.port) as socket:
        await socket.send(frame(TEXT, b"40{}"))
        await socket.text("40")
        if joined:
            await socket.send(frame(TEXT, join(1, "S1", 0)))
            assert (await socket.ack(1))["ok"] is True
        await socket.send(frame(TEXT, join(2, "S2", MEGABYTE))[:500_000])
        assert await socket.closing_code() in {1000, None}


class TestPolling:
    @pytest.fixture
    async def session(self) -> AsyncIterator[aiohttp.ClientSession]:
        async with http() as session:
            yield session

    @pytest.fixture
    async def url(self, session: aiohttp.ClientSession, server: RunningServer) -> str:
        url = await poll(session, server)
        assert await post(session, url, b"40{}") == 200
        return url

    async def test_packets_that_fit_are_handled_and_the_others_refused(
        self, teacher: Any, session: aiohttp.ClientSession, url: str
    ) -> None:
        packets = [join(1, "S1", 0), join(2, "S2", MEGABYTE), sync(3, 40_000)]
        packets += [sync(4, 40_000), sync(5, 0)]
        assert await post(session, url, b"\x1e".join(packets)) == 200
        found = await fetched(session, url, 5)
        assert [found[number]["ok"] for number in range(1, 6)] == [True, False, True, False, True]

    async def test_a_body_above_the_bound_ends_its_connection(
        self, server: RunningServer, session: aiohttp.ClientSession, url: str
    ) -> None:
        with contextlib.suppress(aiohttp.ClientConnectionError):  # it is not read to its end
            assert await post(session, url, bytes(LARGEST_READ + 1)) == 400
        await nothing_is_left(server)

    async def test_a_body_that_unpacks_to_more_than_the_bound_ends_its_connection(
        self, server: RunningServer, session: aiohttp.ClientSession, url: str
    ) -> None:
        body = gzip.compress(bytes(LARGEST_READ + LARGEST_FRAME))
        assert await post(session, url, body, {"Content-Encoding": "gzip"}) == 400
        await nothing_is_left(server)

    async def test_a_body_that_stops_in_the_middle_ends_its_connection(
        self, server: RunningServer, impatient: None, session: aiohttp.ClientSession, url: str
    ) -> None:
        async def half() -> AsyncIterator[bytes]:
            yield b"4" * 500_000
            await asyncio.Event().wait()

        assert await post(session, url, half(), {"Content-Length": "1000000"}) == 408
        await nothing_is_left(server)

    async def test_a_body_is_not_held(
        self, teacher: Any, session: aiohttp.ClientSession, url: str
    ) -> None:
        async def trickle() -> AsyncIterator[bytes]:
            yield join(1, "S1", LARGEST_FRAME)
            for _ in range(LARGEST_READ // LARGEST_FRAME - 1):
                yield b" " * LARGEST_FRAME

        gc.collect()
        tracemalloc.start()
        try:
            before, _ = tracemalloc.get_traced_memory()
            headers = {"Content-Length": str(LARGEST_READ)}
            assert await post(session, url, trickle(), headers) == 200
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert peak - before < 2_000_000
        assert (await fetched(session, url, 1))[1]["error"]["code"] == "bad_request"


async def post(session: aiohttp.ClientSession, url: str, body: Any, headers: Any = None) -> int:
    async with asyncio.timeout(PATIENCE), session.post(url, data=body, headers=headers) as reply:
        await reply.read()
        return reply.status


async def fetched(session: aiohttp.ClientSession, url: str, count: int) -> dict[int, Any]:
    """Return so many acks of a polling connection, by their numbers."""
    found: dict[int, Any] = {}
    async with asyncio.timeout(PATIENCE):
        while len(found) < count:
            async with session.get(url) as reply:
                for packet in (await reply.text()).split("\x1e"):
                    if packet.startswith("43"):
                        number, _, data = packet[2:].partition("[")
                        (found[int(number)],) = json.loads("[" + data)
    return found


class TestFloods:
    @pytest.fixture
    def policy(self) -> Policy:
        """What is used up does not come back, however slow this machine is."""
        return Policy(TOKEN, limits=Limits(events=Rate(300, 0)))

    @pytest.mark.parametrize("parts", [1, 20])
    async def test_one_large_message_after_another_is_a_flood(
        self, server: RunningServer, teacher: Any, socket: Octets, parts: int
    ) -> None:
        payload = join(1, "S1", MEGABYTE)
        sizes = [MEGABYTE // parts] * (parts - 1)
        data = b"".join(fragments(payload, *sizes)) if sizes else frame(TEXT, payload)
        codes = []

        async def listen() -> None:
            with contextlib.suppress(ConnectionError):
                while True:
                    codes.append((await socket.ack(1))["error"]["code"])

        listening = asyncio.create_task(listen())
        with contextlib.suppress(ConnectionError):
            for _ in range(200):
                await socket.send(data)
                await asyncio.sleep(0)
        await asyncio.wait_for(listening, PATIENCE)
        assert set(codes) == {"bad_request", "rate_limited"}
        assert codes == sorted(codes)
        assert len(codes) < 80
        assert gate(server).dropped == {"too many messages": 1}
        await teacher.ok("get_snapshot", {"meeting_id": "TEST"})

    @pytest.mark.parametrize(
        "nothing", [frame(CONTINUATION, b"", final=False), frame(PONG, b""), frame(PING, b"x")]
    )
    async def test_frames_that_are_no_message_are_a_flood_too(
        self, server: RunningServer, socket: Octets, nothing: bytes
    ) -> None:
        await socket.send(frame(TEXT, b"42", final=False))
        with contextlib.suppress(ConnectionError):
            for _ in range(100):
                await socket.send(nothing * 1_000)
        assert await socket.closing_code() is None
        assert gate(server).dropped == {"too many messages": 1}

    async def test_of_a_body_that_is_a_flood_the_rest_is_not_waited_for(
        self, server: RunningServer
    ) -> None:
        async def half() -> AsyncIterator[bytes]:
            for _ in range(LARGEST_READ // LARGEST_FRAME // 2):
                yield b" " * LARGEST_FRAME
            await asyncio.Event().wait()

        async with http() as session:
            url = await poll(session, server)
            for _ in range(2):
                assert await post(session, url, bytes(LARGEST_READ)) == 200
            assert await post(session, url, half(), {"Content-Length": str(LARGEST_READ)}) == 400
        assert gate(server).dropped == {"too many messages": 1}

    async def test_one_large_body_after_another_is_a_flood(self, server: RunningServer) -> None:
        async with http() as session:
            url = await poll(session, server)
            statuses = [await post(session, url, b"40{}")]
            body = join(1, "S1", MEGABYTE)
            while statuses[-1] == 200:
                statuses.append(await post(session, url, body))
        assert statuses[-1] == 400
        assert 15 < len(statuses) < 60
        assert gate(server).dropped == {"too many messages": 1}
        await nothing_is_left(server)
