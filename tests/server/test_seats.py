"""A seat has one connection: whatever joins race, and on however many servers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from livequiz.client.student import new_token
from livequiz.db.store import Store
from livequiz.server.quiz.service import Policy
from tests.conftest import TOKEN, Connect, RunningServer
from tests.helpers import Json, RawClient, bank, documents, stored
from tests.patience import PATIENCE
from tests.server.bare import eventually
from tests.server.commands import Listener

TEST = {"meeting_id": "TEST"}
AT_ONCE = 4


def mine(token: str, student_id: str = "S001") -> Json:
    return {**TEST, "student_id": student_id, "name": "Alice", "resume_token": token}


async def tries(client: RawClient, request: Json) -> None:
    """Join; a newer connection may end this one before it hears of it."""
    answering = asyncio.create_task(client.call("join_student", request))
    ending = asyncio.create_task(client.ended())
    await asyncio.wait({answering, ending}, return_when=asyncio.FIRST_COMPLETED)
    for task in (answering, ending):
        task.cancel()
    await asyncio.gather(answering, ending, return_exceptions=True)


async def only_one_left(clients: list[RawClient]) -> RawClient:
    """Return the one connection that stays once all others have ended."""
    await eventually(lambda: sum(not client._gone.is_set() for client in clients) == 1)
    (one,) = (client for client in clients if not client._gone.is_set())
    await one.call("time_sync", {})
    assert not one._gone.is_set()
    return one


async def is_active(server: RunningServer, client: RawClient, student_id: str = "S001") -> None:
    row = {"student_id": student_id, "status": "active", "socket_id": client._sio.get_sid()}
    await stored(server.store, "participants", row)


# --- one server --------------------------------------------------------------------------------


@pytest.mark.parametrize("known", [True, False], ids=["known", "first join"])
async def test_of_connections_that_join_at_once_with_one_token_one_stays(
    server: RunningServer, teacher: RawClient, connect: Connect, known: bool
) -> None:
    await server.import_questions(bank(8))
    for trial in range(4):
        token, student_id = new_token(), f"S{trial}"
        if known:
            first = await connect()
            await first.ok("join_student", mine(token, student_id))
            await first.drop()
        clients = [await connect() for _ in range(AT_ONCE)]
        await asyncio.gather(*(tries(client, mine(token, student_id)) for client in clients))
        winner = await only_one_left(clients)
        await is_active(server, winner, student_id)
        sent = await teacher.trigger(duration=60)
        assert student_id in {row["student_id"] for row in sent["assignments"]}
        question = await winner.next("NEW_QUESTION")
        assert question["round_id"] == sent["round_id"]
        await winner.nothing_more("NEW_QUESTION")
        for loser in clients:
            if loser is not winner:
                assert "NEW_QUESTION" not in dict(loser.log)
        await teacher.ok("close_round", TEST)


async def test_connections_that_join_an_open_round_at_once_get_one_question_between_them(
    server: RunningServer, teacher: RawClient, connect: Connect, join: Connect
) -> None:
    await server.import_questions(bank(4))
    await join("S002")
    await teacher.trigger(duration=60)
    token = new_token()
    clients = [await connect() for _ in range(AT_ONCE)]
    await asyncio.gather(*(tries(client, mine(token)) for client in clients))
    winner = await only_one_left(clients)
    await winner.next("NEW_QUESTION")
    await winner.nothing_more("NEW_QUESTION")
    await is_active(server, winner)


async def test_a_join_whose_connection_dropped_midway_does_not_unseat_its_retry(
    server: RunningServer, teacher: RawClient, connect: Connect
) -> None:
    await server.import_questions(bank(4))
    for trial in range(8):
        token, student_id = new_token(), f"S{trial}"
        first, retry = await connect(), await connect()
        await first.send("join_student", mine(token, student_id))
        await asyncio.gather(
            first.drop(), retry.ok("join_student", mine(token, student_id)), return_exceptions=True
        )
        await retry.call("time_sync", {})
        await is_active(server, retry, student_id)
        await retry.drop()
        await stored(server.store, "participants", {"student_id": student_id, "status": "inactive"})


async def test_who_was_replaced_answers_no_more_although_it_is_connected_still(
    server: RunningServer, teacher: RawClient, connect: Connect
) -> None:
    await server.import_questions(bank(4))
    token = new_token()
    older, newer = await connect(), await connect()
    await older.ok("join_student", mine(token))
    await teacher.trigger(duration=60)
    question = await older.next("NEW_QUESTION")
    _, answer = await asyncio.gather(
        newer.ok("join_student", mine(token)),
        asyncio.wait_for(_ack_or_end(older, question), PATIENCE),
    )
    await older.ended()
    await is_active(server, newer)
    # Whoever was first; an ack may be lost with its connection, but is never wrong.
    kept = len(await documents(server.store, "responses"))
    assert (answer, kept) in {("ok", 1), ("not_joined", 0), ("ended", 0), ("ended", 1)}


async def _ack_or_end(client: RawClient, question: Json) -> str:
    answering = asyncio.create_task(client.answer("S001", question, 1))
    ending = asyncio.create_task(client.ended())
    done, _ = await asyncio.wait({answering, ending}, return_when=asyncio.FIRST_COMPLETED)
    for task in (answering, ending):
        task.cancel()
    if answering not in done:
        return "ended"
    ack = answering.result()
    return "ok" if ack["ok"] else str(ack["error"]["code"])


async def test_a_join_beside_a_release_or_a_ban_is_seated_or_out_and_never_half(
    server: RunningServer, teacher: RawClient, connect: Connect
) -> None:
    token = new_token()
    for trial in range(8):
        student_id, ban = f"S{trial}", bool(trial % 2)
        first, again = await connect(), await connect()
        await first.ok("join_student", mine(token, student_id))
        removal = {**TEST, "student_id": student_id, "ban": ban}
        await asyncio.gather(
            tries(again, mine(token, student_id)), teacher.ok("remove_student", removal)
        )
        await first.ended()
        # Both have their answers, and what is stored is what they were told.
        (row,) = await documents(server.store, "participants", {"student_id": student_id})
        seated = row["status"] == "active"
        assert seated is await _joined(again, student_id)
        assert not (ban and seated)


async def _joined(client: RawClient, student_id: str) -> bool:
    """Whether the server knows a connection as that student."""
    request = {"student_id": student_id, "question_id": "0" * 24, "answer": 0}
    if client._gone.is_set():
        return False
    ack = await client.call("submit_answer_ws", request)
    return bool(ack["error"]["code"] != "not_joined")


# --- two servers -------------------------------------------------------------------------------


@pytest.fixture
async def pair(store: Store, policy: Policy) -> AsyncIterator[tuple[RunningServer, RunningServer]]:
    first, second = RunningServer(store, policy), RunningServer(store, policy)
    await first.start()
    await second.start()
    yield first, second
    await first.close()
    await second.close()


class Doors:
    """Opens clients of several servers, and closes them."""

    def __init__(self) -> None:
        self.clients: list[RawClient] = []

    async def to(self, server: RunningServer) -> RawClient:
        self.clients.append(RawClient(server.url))
        return await self.clients[-1].open()


@pytest.fixture
async def doors() -> AsyncIterator[Doors]:
    doors = Doors()
    yield doors
    await asyncio.gather(*(client.close() for client in doors.clients))


async def test_a_seat_that_is_taken_on_another_server_ends_the_connection_here(
    pair: tuple[RunningServer, RunningServer], doors: Doors
) -> None:
    first, second = pair
    await first.import_questions(bank(4))
    teacher = await doors.to(first)
    await teacher.teach(TOKEN)
    token = new_token()
    older, newer = await doors.to(first), await doors.to(second)
    await older.ok("join_student", mine(token))
    await newer.ok("join_student", mine(token))
    assert (await older.next("removed"))["reason"] == "replaced"
    await older.ended()
    await teacher.nothing_more("student_left")
    sent = await teacher.trigger(duration=60)
    assert sent["count"] == 1
    question = await newer.next("NEW_QUESTION")
    assert (await newer.answer("S001", question, 1))["correct"] is True
    await is_active(second, newer)


async def test_who_sits_on_another_server_is_sent_nothing_here_before_the_next_look(
    pair: tuple[RunningServer, RunningServer], doors: Doors
) -> None:
    first, second = pair
    await first.import_questions(bank(4))
    teacher = await doors.to(first)
    await teacher.teach(TOKEN)
    token = new_token()
    older, other = await doors.to(first), await doors.to(first)
    await older.ok("join_student", mine(token))
    await other.join("S002")
    sent = await teacher.trigger(duration=60)
    await older.next("NEW_QUESTION")
    await eventually(lambda: bool(first.service.cluster._others))
    first.service.cluster.look = asyncio.Event().wait  # type: ignore[assignment, method-assign]
    newer = await doors.to(second)
    await newer.ok("join_student", mine(token))
    await teacher.ok("close_round", TEST)
    assert (await older.next("removed"))["reason"] == "replaced"
    await older.ended()
    heard = [event for event, _ in older.log]
    assert "round_closed" not in heard  # which shows the key
    assert (await other.next("round_closed"))["round_id"] == sent["round_id"]
    # Nor a question of the next round.
    third = await doors.to(second)
    await third.ok("join_student", mine(new_token(), "S003"))
    token = new_token()
    on_first, on_second = await doors.to(first), await doors.to(second)
    await on_first.ok("join_student", mine(token, "S004"))
    await on_second.ok("join_student", mine(token, "S004"))
    await newer.next("round_closed")
    await teacher.trigger(duration=60)
    await on_second.next("NEW_QUESTION")
    await on_first.ended()
    assert "NEW_QUESTION" not in dict(on_first.log)


async def test_an_id_that_is_released_on_another_server_ends_the_connection_here(
    pair: tuple[RunningServer, RunningServer], doors: Doors
) -> None:
    first, second = pair
    teacher = await doors.to(second)
    await teacher.teach(TOKEN)
    student = await doors.to(first)
    await student.join("S001")
    await teacher.ok("remove_student", {**TEST, "student_id": "S001"})
    assert (await student.next("removed"))["reason"] == "removed"
    await student.ended()


async def test_of_joins_on_two_servers_at_once_one_stays(
    pair: tuple[RunningServer, RunningServer], doors: Doors
) -> None:
    first, _ = pair
    await first.import_questions(bank(4))
    teacher = await doors.to(first)
    await teacher.teach(TOKEN)
    token = new_token()
    for _ in range(3):
        clients = [await doors.to(server) for server in (*pair, *pair)]
        await asyncio.gather(*(tries(client, mine(token)) for client in clients))
        winner = await only_one_left(clients)
        await is_active(first, winner)
        sent = await teacher.trigger(duration=60)
        assert sent["count"] == 1
        # Its server may not have heard yet that the round before is over.
        while (await winner.next("NEW_QUESTION"))["round_id"] != sent["round_id"]:
            pass
        await winner.nothing_more("NEW_QUESTION")
        await teacher.ok("close_round", TEST)
        await winner.drop()
        await stored(first.store, "participants", {"status": "inactive"})


async def test_a_student_who_was_stored_by_a_server_that_ended_meanwhile_is_away(
    pair: tuple[RunningServer, RunningServer], doors: Doors
) -> None:
    # A join that is under way while its server stops may be stored after all else.
    first, second = pair
    teacher = await doors.to(first)
    await teacher.teach(TOKEN)
    await (await doors.to(second)).join("S001")
    node = second.service.node_id
    await eventually(lambda: node in first.service.cluster._others)
    await second.stop()
    await first.store._database["participants"].update_one(
        {"student_id": "S001"}, {"$set": {"status": "active", "node_id": node}}
    )
    await stored(first.store, "participants", {"student_id": "S001", "status": "inactive"})


class TestCost:
    @pytest.fixture
    def store(self, listened_store: Store) -> Store:
        return listened_store

    async def test_who_still_sits_here_is_asked_once_for_a_whole_class(
        self, server: RunningServer, teacher: RawClient, join: Connect, listener: Listener
    ) -> None:
        await server.import_questions(bank(40))
        await asyncio.gather(*(join(f"S{number}") for number in range(40)))
        await teacher.trigger(duration=60)
        with listener.record() as asked:
            await teacher.ok("close_round", TEST)
        assert asked.names["find participants"] == 1
        assert asked.documents <= 1  # the round

    async def test_a_join_costs_one_write(
        self, server: RunningServer, teacher: RawClient, connect: Connect, listener: Listener
    ) -> None:
        student, token = await connect(), new_token()
        for _ in range(2):
            with listener.record() as asked:
                await student.ok("join_student", mine(token))
            assert asked.names["update participants"] == 1
            assert asked.names["find participants"] == 1
