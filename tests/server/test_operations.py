"""What a use case costs MongoDB: as many operations for a hall as for a handful of students."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from livequiz.db.store import Store
from livequiz.domain.model import CloseReason, Reveal
from livequiz.protocol.requests import JoinStudent
from livequiz.server.quiz import assignment, health, queries
from livequiz.server.quiz.service import Policy
from tests.conftest import TOKEN, RunningServer
from tests.helpers import bank, documents
from tests.server.commands import Asked, Listener
from tests.server.hall import answer, fill, live_through, names, trigger

TRIGGER = {
    "find participants": 1,
    "find rounds": 1,
    "aggregate questions": 1,  # has anybody written to the bank?
    "insert student_questions": 2,  # side by side, however many there are
    "update permits": 1,  # to store answers in the round
    "insert rounds": 1,
}


@pytest.fixture
def store(listened_store: Store) -> Store:
    return listened_store


@pytest.fixture
def policy() -> Policy:
    return Policy(TOKEN, open_ids=True)


@pytest.fixture(autouse=True)
def no_stalls(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that stands still for a moment has the server ask for more."""
    monkeypatch.setattr(health, "STALL", timedelta(hours=1))
    monkeypatch.setattr(queries, "HISTORY_LOOK", 3_600.0)
    monkeypatch.setattr(assignment, "LATE_LOOK", 3_600.0)


async def warm(server: RunningServer, size: int) -> None:
    """Let the server have every question of a bank in its memory."""
    await server.import_questions(bank(size))
    await fill(server, "WARM", size)
    assert (await trigger(server, "WARM")).round.distinct


async def test_a_trigger_costs_as_much_for_200_students_as_for_5(
    server: RunningServer, listener: Listener
) -> None:
    await warm(server, 200)
    for size in (5, 200):
        meeting = f"M{size}"
        await fill(server, meeting, size)
        await server.service.meetings.get(meeting)
        for number in (1, 2):
            with listener.record() as asked:
                live = await trigger(server, meeting)
            assert len(live.assignments) == size
            assert live.round.number == number
            assert asked.names == TRIGGER
            await server.service.rounds.close(meeting, CloseReason.INSTRUCTOR)


async def test_a_bank_that_is_new_to_the_server_costs_two_operations_more(
    server: RunningServer, listener: Listener
) -> None:
    await server.import_questions(bank(300))
    await fill(server, "TEST", 200)
    await server.service.meetings.get("TEST")
    with listener.record() as asked:
        await trigger(server, "TEST")
    assert asked.names == {**TRIGGER, "aggregate questions": 2, "find questions": 1}


async def test_a_thousand_answers_at_once_share_a_few_writes(
    server: RunningServer, listener: Listener
) -> None:
    await server.import_questions(bank(1_000))
    await fill(server, "TEST", 1_001)
    live = await trigger(server, "TEST", reveal=Reveal.AT_ONCE)
    some = names(1_000)
    with listener.record() as asked:
        right = await asyncio.gather(*(answer(server, live, name) for name in some))
        await server.service.answers.drain()
    assert all(right)
    assert len(asked.commands) <= 50
    assert asked.documents == 0  # nothing is read, and nothing aggregated
    assert asked.names.keys() == {
        "update permits",
        "insert responses",
        "commitTransaction 1",
        "update student_questions",
        "update participants",
    }
    stored = await documents(server.store, "responses")
    assert sorted(row["student_id"] for row in stored) == some
    rows = await documents(server.store, "student_questions", {"status": "answered"})
    assert sorted(row["student_id"] for row in rows) == some
    scores = await documents(server.store, "participants", {"total_points": 1, "streak": 1})
    assert sorted(row["student_id"] for row in scores) == some


async def test_answers_that_come_while_a_write_is_under_way_share_the_next(
    server: RunningServer, listener: Listener
) -> None:
    await server.import_questions(bank(300))
    await fill(server, "TEST", 301)
    live = await trigger(server, "TEST", reveal=Reveal.AT_ONCE)
    waiting: list[asyncio.Task[bool]] = []
    with listener.record() as asked:
        for place, name in enumerate(names(300)):
            waiting.append(asyncio.create_task(answer(server, live, name)))
            if place % 10 == 0:
                await asyncio.sleep(0)
        await asyncio.gather(*waiting)
        await server.service.answers.drain()
    assert 1 <= asked.names["insert responses"] <= 15
    # The scores of a burst share a write, however many writes the responses took.
    assert 1 <= asked.names["update participants"] <= 2


async def play(server: RunningServer, listener: Listener, meeting: str, size: int) -> list[Asked]:
    """Play a round; return what its parts asked for."""
    everybody = names(size)
    parts: list[Asked] = []
    with listener.record() as asked:
        live = await trigger(server, meeting, allow_repeats=False)
    parts.append(asked)
    with listener.record() as asked:
        await asyncio.gather(*(answer(server, live, name) for name in everybody[1:]))
        await server.service.answers.drain()
    parts.append(asked)
    with listener.record() as asked:
        await server.service.rounds.close(meeting, CloseReason.INSTRUCTOR)
    parts.append(asked)
    return parts


async def test_a_long_history_costs_nothing(server: RunningServer, listener: Listener) -> None:
    await warm(server, 200)
    for meeting in ("NEW", "OLD"):
        await fill(server, meeting, 20)
    await live_through(server, "NEW", 20, rounds=1)
    await live_through(server, "OLD", 20, rounds=100)
    for meeting in ("NEW", "OLD"):
        await server.service.queries.snapshot(meeting)  # a teacher opens it
    new = [await play(server, listener, "NEW", 20) for _ in range(2)]
    old = [await play(server, listener, "OLD", 20) for _ in range(2)]
    live = (await server.service.meetings.get("OLD")).latest
    assert live is not None
    assert live.round.number == 102
    assert live.scores[names(20)[1]].points == 102  # nobody forgot it
    for fresh, aged in zip(new, old, strict=True):
        assert [asked.names for asked in aged] == [asked.names for asked in fresh]
        assert [asked.documents for asked in aged] == [asked.documents for asked in fresh]


async def test_what_a_student_saw_a_hundred_rounds_ago_still_counts(
    server: RunningServer, listener: Listener
) -> None:
    await server.import_questions(bank(103))
    await fill(server, "TEST", 2)
    await live_through(server, "TEST", 2, rounds=100)
    await server.service.meetings.get("TEST")
    seen = {row["question_id"] for row in await documents(server.store, "student_questions")}
    for _ in range(2):
        with listener.record() as asked:
            live = await trigger(server, "TEST")
        assert asked.documents < 110  # one round, two students, and a bank
        for name, assigned in live.assignments.items():
            mine = await documents(server.store, "student_questions", {"student_id": name})
            assert [str(row["question_id"]) for row in mine].count(assigned.question_id) == 1
        await server.service.rounds.close("TEST", CloseReason.INSTRUCTOR)
    assert len(seen) == 101


async def join(server: RunningServer, meeting: str, name: str) -> int:
    """Do what the server does when a student comes back; return the length of its history."""
    service = server.service
    request = JoinStudent(student_id=name, meeting_id=meeting, name=name)
    admission = await service.participants.join(request, f"new-socket-of-{name}")
    student = admission.student
    await service.queries.visible_score(student)
    await service.queries.open_round(meeting)
    history = await service.queries.history(student)
    await service.rounds.deliver_open_question(admission.seat)
    return len(history)


async def test_a_join_costs_the_same_after_20_rounds_and_after_100(
    server: RunningServer, listener: Listener
) -> None:
    await warm(server, 200)
    costs = []
    for meeting, rounds in (("YOUNG", 20), ("OLD", 100)):
        await fill(server, meeting, 20)
        await live_through(server, meeting, 20, rounds)
        await server.service.meetings.get(meeting)
        assert await join(server, meeting, names(20)[0]) == 20
        with listener.record() as asked:
            assert await join(server, meeting, names(20)[1]) == 20
        costs.append(asked)
    young, old = costs
    assert old.names == young.names
    assert old.documents == young.documents


async def test_a_wave_of_joins_shares_its_reads(server: RunningServer, listener: Listener) -> None:
    await warm(server, 200)
    await fill(server, "TEST", 100)
    await live_through(server, "TEST", 100, rounds=5)
    await server.service.meetings.get("TEST")
    with listener.record() as asked:
        histories = await asyncio.gather(*(join(server, "TEST", name) for name in names(100)))
    assert histories == [5] * 100
    reads = sum(count for name, count in asked.names.items() if name.startswith("find"))
    assert 1 <= reads <= 40
