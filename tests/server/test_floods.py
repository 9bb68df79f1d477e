"""Floods of one client: it is slowed down, then dropped, and the others are served."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import logging
import tracemalloc
from dataclasses import replace

import pytest

from livequiz.domain.token_bucket import Rate
from livequiz.server.limits import Limits
from livequiz.server.quiz.service import Policy
from tests.conftest import TOKEN, Connect, RunningServer
from tests.helpers import Json, RawClient, bank
from tests.patience import PATIENCE
from tests.server.bare import (
    Bare,
    bare,
    engine,
    hangs_up,
    http,
    left_behind,
    nothing_is_left,
    poll,
    registry,
)

EVENT = '["time_sync",{}]'
LINES_A_SOCKET = 3


@pytest.fixture
def policy() -> Policy:
    return Policy(TOKEN, limits=Limits(events=Rate(50, 0), flood_tolerance=30))


async def acks(socket: Bare, count: int) -> list[dict[str, object]]:
    """Return so many acks, in the order of arrival."""
    found: list[dict[str, object]] = []
    async with asyncio.timeout(PATIENCE):
        while len(found) < count:
            frame = await socket.receive_str()
            if frame.startswith("43"):
                found.append(json.loads(frame[frame.index("[") :])[0])
    return found


async def test_the_limit_is_met_to_the_message_and_what_is_over_it_is_refused(
    server: RunningServer,
) -> None:
    async with http() as session:
        socket = await bare(session, server)
        await socket.send_str("40{}")  # is a message, too
        for number in range(60):
            await socket.send_str(f"42{number}{EVENT}")
        answers = await acks(socket, 60)
    assert [answer["ok"] for answer in answers] == [True] * 49 + [False] * 11
    assert all(a["error"]["code"] == "rate_limited" for a in answers[49:])  # type: ignore[index]


@pytest.mark.parametrize(
    "frame",
    [
        f"421{EVENT}",
        '421["no such event"]',
        '42["connect"]',
        '42["disconnect"]',
        "40{}",
        "40/other,{}",
        "430[]",
        "4",
        "4x",
        '451-["join_student",{"_placeholder":true,"num":0}]',
    ],
)
async def test_who_goes_on_is_dropped_and_fills_no_log(
    server: RunningServer, caplog: pytest.LogCaptureFixture, frame: str
) -> None:
    async with http() as session:
        socket = await bare(session, server)
        await socket.send_str("40{}")
        for _ in range(80):
            await socket.send_str(frame)
        await hangs_up(socket)
    await nothing_is_left(server)
    assert registry(server).dropped == {"too many messages": 1}
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []
    ours = [record for record in caplog.records if record.name.startswith("livequiz")]
    assert len(ours) <= LINES_A_SOCKET


async def test_what_is_dear_to_serve_counts_as_ten_messages(
    teacher: RawClient, connect: Connect
) -> None:
    student = await connect()
    await student.join("S001")  # two messages, with the connect
    answers = [await student.call("get_history", {}) for _ in range(6)]
    assert [answer["ok"] for answer in answers] == [True] * 5 + [False]  # the fifth in debt
    assert answers[5]["error"]["code"] == "rate_limited"


@pytest.mark.parametrize("frame", ["2", "3", "5", "6"])
@pytest.mark.parametrize("upgraded", [False, True])
async def test_who_floods_with_what_is_no_message_is_dropped(
    server: RunningServer, teacher: RawClient, frame: str, upgraded: bool
) -> None:
    async with http() as session:
        if upgraded:
            url = await poll(session, server)
            socket = await session.ws_connect(url.replace("polling", "websocket"))
            await socket.send_str("2probe")
            await socket.send_str("5")
        else:
            socket = await bare(session, server)
        with contextlib.suppress(ConnectionError):
            for _ in range(100):
                await socket.send_str(frame)
        await hangs_up(socket)
    assert registry(server).dropped == {"too many messages": 1}
    await teacher.ok("get_snapshot", {"meeting_id": "TEST"})


async def test_a_flood_over_long_polling_is_dropped(server: RunningServer) -> None:
    async with http() as session:
        url = await poll(session, server)
        statuses = []
        async with asyncio.timeout(PATIENCE):
            while 400 not in statuses:
                packets = "\x1e".join(["40{}", *[f"42{EVENT}"] * 15])
                async with session.post(url, data=packets) as response:
                    statuses.append(response.status)
    assert len(statuses) < 10
    await nothing_is_left(server)


@pytest.mark.parametrize("garbage", ["", "x", "\x00", "bA", "é", "9", "-1"])
async def test_a_frame_that_nobody_can_read_is_one_line_and_leaves_nothing(
    server: RunningServer, caplog: pytest.LogCaptureFixture, garbage: str
) -> None:
    async with http() as session:
        socket = await bare(session, server)
        await socket.send_str("40{}")
        await socket.send_str(garbage)
        await socket.close()
        await nothing_is_left(server)
        url = await poll(session, server)
        upgrade = await session.ws_connect(url.replace("polling", "websocket"))
        await upgrade.send_str(garbage)
        await hangs_up(upgrade)
        async with session.post(url, data="1"):
            pass  # the session was not upgraded, and goes on until it says goodbye
        await nothing_is_left(server)
    loud = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert len(loud) <= 2
    assert not any(record.exc_info for record in loud)


class TestWithDefaults:
    @pytest.fixture
    def policy(self) -> Policy:
        return Policy(TOKEN)

    async def test_others_are_served_during_a_flood(
        self, server: RunningServer, teacher: RawClient, join: Connect, connect: Connect
    ) -> None:
        await server.import_questions(bank(30))
        students = [await join(f"S{number}") for number in range(20)]
        flood = await connect()

        async def send() -> None:
            for _ in range(1_000):
                await flood.send("submit_answer_ws", {"student_id": "S1", "answer": 1})

        flooding = asyncio.create_task(send())
        await teacher.trigger(duration=60)
        for number, student in enumerate(students):
            question = await student.next("NEW_QUESTION")
            assert (await student.answer(f"S{number}", question, 1))["ok"] is True
        assert (await teacher.next("round_closed"))["reason"] == "complete"
        await flood.ended()
        await asyncio.wait({flooding}, timeout=PATIENCE)
        flooding.cancel()
        assert registry(server).dropped == {"too many messages": 1}

    async def test_a_client_can_not_park_attachments(
        self, server: RunningServer, connect: Connect
    ) -> None:
        chunk = b"\x00" * 60_000
        place = '{"_placeholder":true,"num":0}'
        async with http() as session:
            sockets = [await bare(session, server) for _ in range(4)]
            for socket in sockets:
                await socket.send_str("40{}")
            gc.collect()
            tracemalloc.start()
            try:
                before, _ = tracemalloc.get_traced_memory()
                for _ in range(110):  # 26 MB
                    for number, socket in enumerate(sockets):
                        with contextlib.suppress(ConnectionError):
                            await socket.send_str(f'45500-{number}["join_student",{place}]')
                            await socket.send_bytes(chunk)
                for socket in sockets:
                    await hangs_up(socket)
                gc.collect()
                after, _ = tracemalloc.get_traced_memory()
            finally:
                tracemalloc.stop()
            assert left_behind(server)["attachments"] == 0
            assert after - before < 2_000_000

    async def test_a_session_has_few_requests_at_a_time(self, server: RunningServer) -> None:
        async with http() as session:
            url = await poll(session, server)
            waiting = [asyncio.create_task(session.get(url)) for _ in range(20)]
            done, rest = await asyncio.wait(
                waiting, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED
            )
            while len(done) < 16:
                more, rest = await asyncio.wait(
                    rest, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED
                )
                assert more
                done |= more
            assert {task.result().status for task in done} == {429}
            for task in rest:
                task.cancel()

    async def test_a_session_is_upgraded_once_at_a_time(self, server: RunningServer) -> None:
        async with http() as session:
            url = (await poll(session, server)).replace("polling", "websocket")
            first = await session.ws_connect(url)
            async with session.get(url, headers=UPGRADE) as second:
                assert second.status == 429
            await first.send_str("2probe")
            assert await first.receive_str(timeout=PATIENCE) == "3probe"

    async def test_a_session_that_ends_takes_its_upgrade_along(self, server: RunningServer) -> None:
        async with http() as session:
            url = await poll(session, server)
            upgrade = await session.ws_connect(url.replace("polling", "websocket"))
            async with session.post(url, data="1"):
                pass
            await hangs_up(upgrade)
        await nothing_is_left(server)

    async def test_a_handshake_that_is_no_websocket_leaves_nothing(
        self, server: RunningServer
    ) -> None:
        async with (
            http() as session,
            session.get(engine(server, "websocket"), headers={"Upgrade": "websocket"}) as answer,
        ):
            assert answer.status == 400
        await nothing_is_left(server)


UPGRADE = {
    "Connection": "upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "MDEyMzQ1Njc4OWFiY2RlZg==",
}


class TestManyIds:
    @pytest.fixture
    def policy(self) -> Policy:
        return Policy(TOKEN, limits=replace(Limits(), new_ids=3, newcomers=Rate(5, 0)))

    async def test_a_connection_may_be_new_under_few_ids(
        self, teacher: RawClient, connect: Connect
    ) -> None:
        """One that joined under thousands buried the class, and the teacher could not join."""
        ghost = await connect()
        for number in range(3):
            await ghost.join(f"G{number}")
        error = await ghost.refused("join_student", joining("G3"))
        assert (error["code"], error["field"]) == ("rate_limited", "student_id")
        snapshot = await teacher.ok("get_snapshot", {"meeting_id": "TEST"})
        assert len(snapshot["students"]) == 3

    async def test_an_address_may_bring_so_many_newcomers_and_all_who_come_back(
        self, teacher: RawClient, connect: Connect
    ) -> None:
        tokens = [(await (await connect()).join(f"S{n}"))["resume_token"] for n in range(5)]
        error = await (await connect()).refused("join_student", joining("S5"))
        assert error["code"] == "rate_limited"
        for number, token in enumerate(tokens):
            back = await (await connect()).ok(
                "join_student", {**joining(f"S{number}"), "resume_token": token}
            )
            assert back["student_id"] == f"S{number}"


def joining(student_id: str) -> Json:
    return {"student_id": student_id, "meeting_id": "TEST", "name": student_id}
