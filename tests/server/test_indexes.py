"""Every query on the paths of a lesson is answered from an index, and none sorts in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from livequiz.db.store import Store
from livequiz.server.quiz.service import Policy
from tests.conftest import TOKEN, RunningServer
from tests.helpers import Json, RawClient, bank
from tests.server.commands import Listener, name_of
from tests.server.hall import live_through

TEST = {"meeting_id": "TEST"}

# What `explain` takes of a command; the rest is the driver's.
PARTS = {
    "find": ("filter", "projection", "sort", "limit", "hint"),
    "aggregate": ("pipeline", "cursor", "hint"),
    "distinct": ("key", "query"),
    "findAndModify": ("query", "update", "sort", "fields", "new", "upsert"),
    "update": ("updates",),
    "delete": ("deletes",),
}
WITHOUT_A_PLAN = {"insert", "getMore", "commitTransaction", "abortTransaction"}
SLOW = {"COLLSCAN", "SORT"}


@pytest.fixture
def store(listened_store: Store) -> Store:
    return listened_store


@pytest.fixture
def policy() -> Policy:
    return Policy(TOKEN, away=0.1)


@pytest.fixture
async def second(store: Store, policy: Policy) -> AsyncIterator[RunningServer]:
    """Another server on the same database."""
    running = RunningServer(store, policy)
    yield running
    await running.close()


def statements(command: Json) -> Iterator[Json]:
    """Yield a command as `explain` takes it, which is one statement at a time."""
    verb, collection = next(iter(command.items()))
    wanted = {verb: collection, **{part: command[part] for part in PARTS[verb] if part in command}}
    for several in ("updates", "deletes"):
        for statement in command.get(several, ()):
            yield {verb: collection, several: [statement]}
    if verb not in {"update", "delete"}:
        yield wanted


def stages(plan: Any) -> Iterator[str]:
    """Yield the stages of the plan that MongoDB chose."""
    if isinstance(plan, dict):
        if isinstance(plan.get("stage"), str):
            yield plan["stage"]
        for name, part in plan.items():
            if name == "$sort":
                yield "SORT"
            if name != "rejectedPlans":
                yield from stages(part)
    elif isinstance(plan, list):
        for part in plan:
            yield from stages(part)


def is_of_metadata(command: Json) -> bool:
    """Whether it reads counters, which MongoDB keeps in memory, and no document."""
    return "$collStats" in command.get("pipeline", [{}])[0]


async def lesson(first: RunningServer, second: RunningServer) -> None:
    """Do everything that happens in a lesson, on two servers at once."""
    clients: list[RawClient] = []

    async def connect(server: RunningServer) -> RawClient:
        clients.append(RawClient(server.url))
        return await clients[-1].open()

    teacher = await connect(first)
    await teacher.teach(TOKEN)
    students = {name: await connect(first) for name in ("S0000", "S0001", "S0002")}
    tokens = {name: (await s.join(name))["resume_token"] for name, s in students.items()}
    await live_through(first, "TEST", 3, rounds=25)
    await first.stop()
    await first.start()
    await second.start()
    teacher, observer = await connect(first), await connect(second)
    await teacher.teach(TOKEN)
    await observer.teach(TOKEN)
    students = {name: await connect(first) for name in tokens}
    for name, student in students.items():
        await student.join(name, resume_token=tokens[name])
    await teacher.ok("preview_round", {**TEST, "topics": ["maths"], "difficulty": "easy"})
    sent = await teacher.trigger(duration=60, topics=["maths"])
    questions = {name: await student.next("NEW_QUESTION") for name, student in students.items()}
    await observer.next("questions_sent")
    for name in ("S0000", "S0001"):
        await students[name].answer(name, questions[name], 1)
    await students["S0000"].answer("S0000", questions["S0000"], 1)
    late = await connect(second)
    await late.join("LATE")
    await late.answer("LATE", await late.next("NEW_QUESTION"), 0)
    await teacher.next("questions_sent")
    await teacher.ok("extend_round", {**TEST, "seconds": 10})
    await teacher.ok("set_student", {**TEST, "student_id": "S0002", "time_factor": 2})
    await students["S0001"].drop()
    await teacher.next("student_left")
    await teacher.ok("close_round", TEST)
    await observer.next("round_closed")
    await teacher.ok("get_snapshot", TEST)
    await teacher.trigger(duration=60, draw_seed=1)
    old = {**questions["S0000"], "round_id": sent["round_id"]}
    await students["S0000"].answer("S0000", old, 1, round_id=sent["round_id"])
    await students["S0002"].ok("leave", {})
    await teacher.ok("remove_student", {**TEST, "student_id": "S0002"})
    await teacher.ok("lock_meeting", {**TEST, "locked": True})
    await teacher.ok("close_round", TEST)
    await asyncio.gather(*(client.close() for client in clients))


async def test_every_query_of_a_lesson_is_answered_from_an_index(
    server: RunningServer, second: RunningServer, listener: Listener
) -> None:
    await server.import_questions(bank(40, topics=["maths"], difficulty="easy"))
    with listener.record() as asked:
        await lesson(server, second)
    kinds = {name for name in asked.names if name.split()[0] not in WITHOUT_A_PLAN}
    assert kinds >= {
        *("find questions", "find participants", "find rounds", "find responses"),
        *("find student_questions", "find meetings", "update participants", "update rounds"),
        *("update student_questions", "aggregate responses", "aggregate student_questions"),
        *("distinct student_questions", "findAndModify participants", "findAndModify meetings"),
    }
    database = server.store._database
    slow = []
    for command in asked.commands:
        if name_of(command).split()[0] in WITHOUT_A_PLAN or is_of_metadata(command):
            continue
        for statement in statements(command):
            plan = await database.command({"explain": statement, "verbosity": "queryPlanner"})
            if bad := SLOW.intersection(stages(plan)):
                slow.append((bad, statement))
    assert not slow
