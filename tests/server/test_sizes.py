"""What a message costs: how large it may be, who may send it, and what is looked at of it."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
from typing import Any

import aiohttp
import pytest

from livequiz.domain.token_bucket import Rate
from livequiz.server.limits import LARGEST_FRAME, Limits
from livequiz.server.quiz.service import Policy
from livequiz.server.transport import packets
from tests.conftest import TOKEN, Connect, RunningServer
from tests.helpers import Json, RawClient, bank, contents
from tests.octets import PING, PONG, TEXT, Octets, frame, octets
from tests.patience import PATIENCE
from tests.server.bare import eventually, http, poll, registry

KIB = 1024
IDS = [f"{number:024x}" for number in range(1_000)]
TRIGGER: Json = {"meeting_id": "TEST", "question_ids": IDS}


def packet(event: str, fields: Json, size: int) -> str:
    """Return an event that wants an ack, followed by white space until it has that size."""
    return f'21["{event}",{json.dumps(fields)}]'.ljust(size)


async def answered(socket: Octets, packet: str) -> Json:
    await socket.send(frame(TEXT, b"4" + packet.encode()))
    return await socket.ack(1)


@pytest.mark.parametrize(
    ("event", "largest"),
    [
        ("join_student", 2 * KIB),
        ("time_sync", 2 * KIB),
        ("no_such_event", 2 * KIB),
        ("submit_answer_ws", 8 * KIB),
        ("practice_answer", 8 * KIB),
        ("trigger_questions", 2 * KIB),
    ],
)
async def test_an_event_that_is_too_large_for_it_is_refused_and_never_decoded(
    server: RunningServer,
    teacher: RawClient,
    monkeypatch: pytest.MonkeyPatch,
    event: str,
    largest: int,
) -> None:
    decoded: list[int] = []
    loads = packets.TolerantJson.loads

    def spy(text: str) -> Any:
        decoded.append(len(text))
        return loads(text)

    monkeypatch.setattr(packets.TolerantJson, "loads", spy)
    before = await contents(server.store)
    async with octets(server.port) as socket:
        await socket.send(frame(TEXT, b"40{}"))
        await socket.text("40")
        for size in (largest + 1, LARGEST_FRAME - 2):
            refused = await answered(socket, packet(event, {}, size))
            assert (refused["error"]["code"], refused["error"]["event"]) == ("bad_request", event)
            assert "too large" in refused["error"]["message"]
        assert max(decoded) < largest
        assert await contents(server.store) == before
        fits = await answered(socket, packet(event, {}, largest))
        assert fits["ok"] or "too large" not in fits["error"]["message"]


async def test_characters_count_by_their_bytes(server: RunningServer, teacher: RawClient) -> None:
    async with octets(server.port) as socket:
        await socket.send(frame(TEXT, b"40{}"))
        await socket.text("40")
        name = "\u00e9" * KIB  # 2 KiB
        event = f'21["join_student",{{"student_id":"S1","meeting_id":"TEST","name":"{name}"}}]'
        assert "too large" in (await answered(socket, event))["error"]["message"]


@pytest.mark.parametrize("transport", ["websocket", "polling"])
async def test_an_instructor_may_send_a_thousand_ids(
    server: RunningServer, connect: Connect, transport: str
) -> None:
    await server.import_questions(bank(3))
    teacher = await connect(transport)
    await teacher.teach(TOKEN)
    student = await connect(transport)
    await student.join("S001")
    assert (await teacher.refused("trigger_questions", TRIGGER))["code"] == "no_questions"
    error = await student.refused("trigger_questions", TRIGGER)
    assert (error["code"], error["event"]) == ("bad_request", "trigger_questions")
    await student.ok("time_sync", {})


async def test_a_frame_above_the_limit_of_the_transport_closes_with_1009(
    server: RunningServer,
) -> None:
    async with octets(server.port) as socket:
        await socket.send(frame(TEXT, b"40{}"))
        await socket.text("40")
        await socket.send(frame(TEXT, b"4" + b"x" * LARGEST_FRAME))
        assert await socket.closing_code() == 1009


async def test_a_polling_request_above_the_limit_is_refused_before_it_is_read(
    server: RunningServer,
) -> None:
    async with http() as session:
        url = await poll(session, server)
        async with session.post(url, data="40{}") as reply:
            assert reply.status == 200
        async with session.post(url, data="4" + "x" * LARGEST_FRAME) as reply:
            assert reply.status == 413
        packed = gzip.compress(b'421["time_sync",{}]')
        async with session.post(url, data=packed, headers={"Content-Encoding": "gzip"}) as reply:
            assert reply.status == 415


class TestBuckets:
    @pytest.fixture
    def policy(self) -> Policy:
        return Policy(TOKEN, limits=Limits(events=Rate(50, 0), before_join=Rate(50, 0)))

    async def test_a_message_is_charged_by_its_bytes(
        self, server: RunningServer, teacher: RawClient, join: Connect
    ) -> None:
        student = await join("S001")
        large = {"student_id": "S001", "question_id": "0" * 24, "answer": "x" * 7 * KIB}
        codes = [(await student.refused("submit_answer_ws", large))["code"] for _ in range(8)]
        assert "rate_limited" in codes, "8 messages of 7 KiB are 64"

    async def test_an_event_above_the_rate_is_acked_and_never_decoded(
        self,
        server: RunningServer,
        teacher: RawClient,
        join: Connect,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """Beside twenty who did so over polling, a class waited 450 ms for its acks."""
        student = await join("S001")
        decoded: list[int] = []
        loads = packets.TolerantJson.loads

        def spy(text: str) -> Any:
            decoded.append(len(text))
            return loads(text)

        monkeypatch.setattr(packets.TolerantJson, "loads", spy)
        large = {"unknown": "x" * KIB}
        errors = [await student.refused("time_sync", large) for _ in range(50)]
        assert (errors[-1]["code"], errors[-1]["event"]) == ("rate_limited", "time_sync")
        read = sum(size > KIB for size in decoded)
        assert read == sum(error["code"] == "bad_request" for error in errors)

    async def test_what_joined_nothing_shares_a_bucket_with_its_address(
        self, server: RunningServer, teacher: RawClient, connect: Connect, join: Connect
    ) -> None:
        student = await join("S001")
        acks: list[Json] = []
        for _ in range(3):
            stranger = await connect()
            acks += [await stranger.call("time_sync", {}) for _ in range(30)]
        assert [ack["ok"] for ack in acks][-20:] == [False] * 20, "each has 50 of its own"
        assert acks[-1]["error"]["code"] == "rate_limited"
        await student.ok("time_sync", {})  # who joined has nothing to do with them

    async def test_a_class_that_joins_spends_nothing(
        self, server: RunningServer, teacher: RawClient, join: Connect
    ) -> None:
        for number in range(60):  # two messages each
            await join(f"S{number:03}")


class RestApi:
    """Requests whose head comes, and whose body does not."""

    def __init__(self, server: RunningServer) -> None:
        self._port = server.port

    async def status(self, path: str, token: str | None, *headers: str) -> int:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        lines = [f"POST /api/v1{path} HTTP/1.1", f"Host: 127.0.0.1:{self._port}", *headers]
        if token is not None:
            lines.append(f"Authorization: Bearer {token}")
        writer.write("\r\n".join([*lines, "", ""]).encode())
        try:
            async with asyncio.timeout(PATIENCE / 4):  # less than a body may take
                return int((await reader.readline()).split()[1])
        finally:
            writer.close()


QUESTIONS, ANSWER = "/questions", "/meetings/TEST/responses"
GZIP = "Content-Encoding: gzip"
RESUME = "x" * 22  # has the form of a resume token


@pytest.mark.parametrize(
    ("path", "token", "headers", "status"),
    [
        (QUESTIONS, None, ("Content-Length: 4000000",), 401),
        (QUESTIONS, "wrong", ("Content-Length: 4000", GZIP), 401),
        (QUESTIONS, TOKEN, ("Content-Length: 5000000",), 413),
        (ANSWER, None, ("Content-Length: 4000",), 401),
        (ANSWER, "no resume token", ("Content-Length: 4000",), 401),
        (ANSWER, RESUME, ("Content-Length: 4097",), 413),
        (ANSWER, RESUME, ("Content-Length: 400", GZIP), 415),
        ("/meetings/TEST/rounds", TOKEN, ("Content-Length: 200000",), 413),
    ],
)
async def test_who_may_ask_and_how_much_is_decided_before_the_body(
    server: RunningServer, path: str, token: str | None, headers: tuple[str, ...], status: int
) -> None:
    assert await RestApi(server).status(path, token, *headers) == status


async def test_an_instructors_body_may_be_packed_and_is_bounded_as_it_is_unpacked(
    server: RunningServer,
) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Encoding": "gzip"}
    url = f"{server.url}/api/v1/questions"
    async with aiohttp.ClientSession(headers=headers) as session:
        for content, status in (
            (json.dumps({"questions": bank(2)}).encode(), 201),
            (b" " * 5_000_000, 413),
        ):
            async with session.post(url, data=gzip.compress(content)) as reply:
                assert reply.status == status
        async with session.post(url, data=b"no gzip") as reply:
            assert reply.status == 400
    assert await server.store.questions.count() == 2


class TestHttpRate:
    @pytest.fixture
    def policy(self) -> Policy:
        return Policy(TOKEN, limits=Limits(http=Rate(5, 0)))

    async def test_requests_of_an_address_are_counted_but_for_those_with_a_right_token(
        self, server: RunningServer, teacher: RawClient
    ) -> None:
        url = f"{server.url}/api/v1/meetings"
        right = {"Authorization": f"Bearer {TOKEN}"}
        async with aiohttp.ClientSession() as session:
            for _ in range(8):
                async with session.get(url, headers=right) as reply:
                    assert reply.status == 200
            statuses = []
            for _ in range(7):
                async with session.get(f"{server.url}/api/v1/openapi.json") as reply:
                    statuses.append(reply.status)
            assert statuses == [200] * 5 + [429] * 2
            assert reply.headers["Retry-After"]
        await teacher.ok("get_snapshot", {"meeting_id": "TEST"})

    async def test_polling_is_not_counted(self, server: RunningServer, connect: Connect) -> None:
        client = await connect("polling")
        for _ in range(10):
            await client.ok("time_sync", {})


async def test_an_error_quotes_at_most_40_characters(teacher: RawClient) -> None:
    wrong = {"meeting_id": "TEST", "x" * 30_000: 1}
    for event, fields in (("trigger_questions", wrong), ("x" * 1_000, {})):
        error = await teacher.refused(event, fields)
        for text in (error["message"], error["event"], error.get("field") or ""):
            assert "x" * 41 not in text


async def test_who_floods_with_pings_of_the_websocket_is_dropped(server: RunningServer) -> None:
    async with octets(server.port) as socket:
        await socket.send(frame(TEXT, b"40{}"))
        await socket.text("40")
        answered = 0
        with contextlib.suppress(ConnectionError):
            for _ in range(2_000):
                await socket.send(frame(PING, b"x"))
                opcode, _ = await socket.next()
                answered += opcode == PONG
        assert answered < 2_000
    await eventually(lambda: bool(registry(server).dropped))
    assert registry(server).dropped.keys() == {"too many messages"}
