"""Connections that join nothing are dropped, and a class behind the same address is not."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import aiohttp
import pytest

from livequiz.domain.token_bucket import Rate
from livequiz.server.app import SESSIONS
from livequiz.server.limits import Limits
from livequiz.server.quiz.service import Policy
from tests.conftest import TOKEN, Connect, RunningServer
from tests.helpers import RawClient
from tests.patience import patient
from tests.server.bare import (
    bare,
    engine,
    eventually,
    hangs_up,
    http,
    left_behind,
    nothing_is_left,
    poll,
    registry,
    stand_still,
)

SILENT = 300
CLASS = 300


async def says_nothing(session: aiohttp.ClientSession, server: RunningServer) -> None:
    await hangs_up(await bare(session, server))


async def connects_and_joins_nothing(session: aiohttp.ClientSession, server: RunningServer) -> None:
    socket = await bare(session, server)
    await socket.send_str("40{}")
    await hangs_up(socket)


async def is_refused_by_every_namespace(
    session: aiohttp.ClientSession, server: RunningServer
) -> None:
    socket = await bare(session, server)
    await socket.send_str("40/admin,{}")
    await socket.send_str('40{"token":1}')
    await hangs_up(socket)


async def joins_and_disconnects_from_the_namespace_alone(
    session: aiohttp.ClientSession, server: RunningServer
) -> None:
    socket = await bare(session, server)
    await socket.send_str("40{}")
    await socket.send_str(
        f'42["join_instructor",{{"instructor_id":"x","meeting_id":"TEST","token":"{TOKEN}"}}]'
    )
    await eventually(lambda: not registry(server)._unjoined)
    await socket.send_str("41")
    await hangs_up(socket)


async def polls_once(session: aiohttp.ClientSession, server: RunningServer) -> None:
    await poll(session, server)
    await eventually(lambda: not len(registry(server)))


async def polls_on_and_joins_nothing(session: aiohttp.ClientSession, server: RunningServer) -> None:
    url = await poll(session, server)
    async with session.post(url, data="40{}"):
        pass
    status = 200
    while status == 200:
        async with session.get(url) as response:
            status = response.status


async def never_ends_its_upgrade(session: aiohttp.ClientSession, server: RunningServer) -> None:
    url = (await poll(session, server)).replace("polling", "websocket")
    await hangs_up(await session.ws_connect(url))


@pytest.mark.parametrize(
    "client",
    [
        says_nothing,
        connects_and_joins_nothing,
        is_refused_by_every_namespace,
        joins_and_disconnects_from_the_namespace_alone,
        polls_once,
        polls_on_and_joins_nothing,
        never_ends_its_upgrade,
    ],
)
class TestWithLittlePatience:
    @pytest.fixture
    def policy(self) -> Policy:
        return Policy(TOKEN, limits=Limits(join_within=0.5))

    async def test_a_client_that_joins_nothing_is_dropped(
        self,
        server: RunningServer,
        client: Callable[[aiohttp.ClientSession, RunningServer], Awaitable[None]],
    ) -> None:
        async with http() as session:
            await client(session, server)
        await nothing_is_left(server)
        assert registry(server).dropped["it did not join a meeting"] == 1


class TestACrowd:
    @pytest.fixture
    def policy(self) -> Policy:
        return Policy(TOKEN, limits=Limits(join_within=patient(10)))

    async def test_a_class_joins_while_hundreds_from_its_address_say_nothing(
        self, server: RunningServer, teacher: RawClient
    ) -> None:
        async with http() as session:
            silent = [asyncio.create_task(says_nothing(session, server)) for _ in range(SILENT)]
            joining = [server.student(f"S{number}") for number in range(CLASS)]
            students = await asyncio.gather(*joining)
            await asyncio.gather(*silent)
        assert all(student.connected for student in students)
        assert registry(server).dropped["it did not join a meeting"] == SILENT
        assert left_behind(server)["engine.io"] == CLASS + 1
        count = await server.store.participants.count_active("TEST")
        assert count == CLASS


class TestFewPlaces:
    @pytest.fixture
    def policy(self) -> Policy:
        return Policy(TOKEN, limits=Limits(unjoined=3, connections=6))

    async def test_the_flood_of_an_address_drops_its_own_oldest_and_the_newest_can_join(
        self, server: RunningServer, teacher: RawClient, join: Connect
    ) -> None:
        async with http() as session:
            sockets = [await bare(session, server) for _ in range(20)]
            assert len(registry(server)) == 3 + 1
            await asyncio.gather(*map(hangs_up, sockets[:-3]))
            await join("S001")
            assert registry(server).dropped["too many connections from its address"] == 20 - 3 + 1

    async def test_a_full_server_keeps_who_joined_and_refuses_the_rest(
        self, server: RunningServer, teacher: RawClient, join: Connect
    ) -> None:
        students = [await join(f"S{number}") for number in range(5)]
        async with http() as session:
            with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
                await bare(session, server)
            assert refusal.value.status == 503
            await students.pop().close()
            await eventually(lambda: len(registry(server)) == 5)
            idle = await bare(session, server)
            await join("S9")  # takes the place of the one that joined nothing
            await hangs_up(idle)
        for student in students:
            await student.ok("time_sync", {})


class TestFewConnects:
    @pytest.fixture
    def policy(self) -> Policy:
        return Policy(TOKEN, limits=Limits(connects=Rate(20, 0)))

    async def test_connects_that_lead_to_nothing_run_out_and_joins_do_not(
        self, server: RunningServer, teacher: RawClient, join: Connect
    ) -> None:
        for number in range(100):
            await (await join(f"S{number}")).close()
        statuses = []
        async with http() as session:
            for _ in range(30):
                async with session.get(engine(server, "polling")) as reply:
                    statuses.append(reply.status)
        assert set(statuses) == {200, 503}
        assert statuses == sorted(statuses)
        assert statuses.count(200) == 9  # of 20: a join costs a tenth, the teacher's too


class TestWhereTheMachineStandsStill:
    @pytest.fixture
    def policy(self) -> Policy:
        return Policy(TOKEN, limits=Limits(join_within=1.0))

    async def test_who_has_sent_their_join_is_not_dropped(self, server: RunningServer) -> None:
        async with http() as session:
            socket = await bare(session, server)
            await socket.send_str("40{}")
            await eventually(lambda: len(server.app[SESSIONS]) == 1)
            await socket.send_str(
                f'42["join_instructor",{{"instructor_id":"x","meeting_id":"TEST","token":"{TOKEN}"}}]'
            )
            stand_still(3.0)
            await eventually(lambda: not registry(server)._unjoined)
            assert len(registry(server)) == 1
