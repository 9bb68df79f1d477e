"""A round that closes: what is stored in it by then counts, and nothing else ever is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from livequiz.db.store import Store
from livequiz.server.quiz import service
from livequiz.server.quiz.service import Policy
from tests.conftest import TOKEN, RunningServer
from tests.helpers import RawClient, bank, documents
from tests.patience import PATIENCE

TEST = {"meeting_id": "TEST"}
PAIR = tuple[RunningServer, RunningServer]


@pytest.fixture
async def second_store(mongo_url: str, store: Store) -> AsyncIterator[Store]:
    """The same database, as another process opens it."""
    other = Store(mongo_url, store._database.name)
    await other.prepare()
    yield other
    other.close()


@pytest.fixture
async def pair(store: Store, second_store: Store, policy: Policy) -> AsyncIterator[PAIR]:
    first, second = RunningServer(store, policy), RunningServer(second_store, policy)
    await first.start()
    await second.start()
    yield first, second
    await first.close()
    await second.close()


@pytest.fixture
async def class_of_two_servers(pair: PAIR) -> AsyncIterator[tuple[RawClient, list[RawClient]]]:
    """A teacher on the first server, and five students on the second, in an open round."""
    first, second = pair
    await first.import_questions(bank(6))
    teacher = await RawClient(first.url).open()
    await teacher.teach(TOKEN)
    students = [await RawClient(second.url).open() for _ in range(5)]
    for number, student in enumerate(students):
        await student.join(f"S{number}")
    await teacher.trigger(duration=60)
    yield teacher, students
    await asyncio.gather(*(client.close() for client in [teacher, *students]))


def look_no_more(server: RunningServer) -> None:
    """Keep a server from hearing of what others do, as in the second between two looks."""
    server.service.cluster.look = asyncio.Event().wait  # type: ignore[assignment, method-assign]


async def next_look(server: RunningServer) -> None:
    """Return when a server has looked once more at what others did."""
    looked, look = asyncio.Event(), server.service.cluster.look

    async def look_and_tell() -> None:
        await look()
        looked.set()

    server.service.cluster.look = look_and_tell  # type: ignore[method-assign]
    await asyncio.wait_for(looked.wait(), PATIENCE)


async def the_round(server: RunningServer) -> dict[str, Any]:
    (found,) = await documents(server.store, "rounds")
    return found


async def test_a_round_that_one_server_closed_takes_no_answer_on_another(
    pair: PAIR, class_of_two_servers: tuple[RawClient, list[RawClient]]
) -> None:
    first, second = pair
    teacher, students = class_of_two_servers
    questions = [await student.next("NEW_QUESTION") for student in students]
    look_no_more(second)
    await teacher.ok("close_round", TEST)  # from now on the key is known
    acks = [
        await student.answer(f"S{number}", questions[number], 1)
        for number, student in enumerate(students)
    ]
    assert [ack["ok"] for ack in acks] == [False] * 5
    assert {ack["error"]["code"] for ack in acks} == {"too_late"}
    assert await documents(first.store, "responses") == []
    assert (await the_round(first))["counts"]["answered"] == 0


async def test_answers_of_another_server_are_in_the_counts_of_a_round_that_closes(
    pair: PAIR, class_of_two_servers: tuple[RawClient, list[RawClient]]
) -> None:
    first, _ = pair
    teacher, students = class_of_two_servers
    look_no_more(first)
    for number, student in enumerate(students[:3]):
        question = await student.next("NEW_QUESTION")
        assert (await student.answer(f"S{number}", question, number % 2))["ok"]
    closed = await teacher.ok("close_round", TEST)
    stats = closed["summary"]["stats"]
    assert (stats["answered"], stats["correct"]) == (3, 1)
    assert closed["summary"]["unanswered"] == ["S3", "S4"]
    assert (await the_round(first))["counts"] == {"assigned": 5, "answered": 3, "correct": 1}


async def test_answers_that_race_with_the_close_are_counted_or_refused(
    pair: PAIR, class_of_two_servers: tuple[RawClient, list[RawClient]]
) -> None:
    first, _ = pair
    teacher, students = class_of_two_servers
    for _ in range(6):
        questions = [await student.next("NEW_QUESTION") for student in students]
        acks = asyncio.gather(
            *(
                student.answer(f"S{number}", questions[number], 1)
                for number, student in enumerate(students)
            )
        )
        await teacher.call("close_round", TEST)
        met = sum(ack["ok"] for ack in await acks)
        rounds = await documents(first.store, "rounds", {"state": "closed"})
        newest = rounds[-1]
        stored = await documents(first.store, "responses", {"round_id": newest["_id"]})
        assert newest["counts"]["answered"] == len(stored) == met
        await teacher.trigger(duration=60, allow_repeats=True)


async def test_a_server_that_finds_a_round_closed_tells_so_without_waiting_for_a_look(
    pair: PAIR,
    class_of_two_servers: tuple[RawClient, list[RawClient]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    teacher, students = class_of_two_servers
    question = await students[0].next("NEW_QUESTION")
    monkeypatch.setattr(service, "LOOK_AROUND", 600.0)
    pair[1].service.meetings.distrust_began.set()  # one more look, at once
    await next_look(pair[1])
    await teacher.ok("close_round", TEST)
    await students[0].answer("S0", question, 1)
    result = (await students[0].next("round_closed"))["result"]
    assert (result["correct"], result["your_answer"]) == (False, None)
