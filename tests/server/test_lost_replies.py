"""Writes that MongoDB did although its reply was lost: nothing stays half known.

The write is the real one, on the real database; only its reply is kept from the server.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from livequiz.db.client import in_doubt
from tests.conftest import Connect, RunningServer
from tests.helpers import Json, RawClient, bank, documents
from tests.server.bare import eventually

TEST: Json = {"meeting_id": "TEST"}
Write = Callable[..., Awaitable[Any]]


@pytest.fixture
def lose(server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> Callable[[Any, str], None]:
    """Lose the reply to the next call of a method that writes."""

    def lose_next(store: Any, name: str) -> None:
        write: Write = getattr(store, name)

        async def lost(*args: Any, **kwargs: Any) -> Any:
            monkeypatch.undo()
            await write(*args, **kwargs)
            raise in_doubt()

        monkeypatch.setattr(store, name, lost)

    return lose_next


async def test_a_round_that_was_opened_unheard_is_taken_up_and_sent(
    server: RunningServer,
    teacher: RawClient,
    join: Connect,
    lose: Callable[[Any, str], None],
) -> None:
    await server.import_questions(bank(4))
    student = await join("S001")
    lose(server.store.rounds, "open_round")
    refused = await teacher.refused("trigger_questions", {**TEST, "duration": 60})
    assert refused["code"] == "unavailable"
    question = await student.next("NEW_QUESTION")
    sent = await teacher.next("questions_sent")
    assert sent["round_id"] == question["round_id"]
    assert (await student.answer("S001", question, 1))["correct"] is True
    assert (await teacher.next("round_closed"))["reason"] == "complete"
    await teacher.trigger(duration=60)
    assert len(await documents(server.store, "rounds")) == 2


async def test_a_round_that_was_closed_unheard_is_closed_for_everybody(
    server: RunningServer,
    teacher: RawClient,
    join: Connect,
    lose: Callable[[Any, str], None],
) -> None:
    await server.import_questions(bank(4))
    student = await join("S001")
    await teacher.trigger(duration=60)
    await student.next("NEW_QUESTION")
    lose(server.store.rounds, "close")
    assert (await teacher.refused("close_round", TEST))["code"] == "unavailable"
    assert (await teacher.next("round_closed"))["reason"] == "instructor"
    await student.next("round_closed")
    await teacher.trigger(duration=60)
    await student.next("NEW_QUESTION")


async def test_a_deadline_that_was_moved_unheard_is_told_and_can_be_moved_again(
    server: RunningServer,
    teacher: RawClient,
    join: Connect,
    lose: Callable[[Any, str], None],
) -> None:
    await server.import_questions(bank(4))
    student = await join("S001")
    await teacher.trigger(duration=30)
    question = await student.next("NEW_QUESTION")
    lose(server.store.rounds, "move")
    refused = await teacher.refused("extend_round", {**TEST, "seconds": 30})
    assert refused["code"] == "unavailable"
    extended = await student.next("round_extended")
    assert extended["deadline"] > question["deadline"]
    again = await teacher.ok("extend_round", {**TEST, "seconds": 30})
    assert again["deadline"] > extended["deadline"]
    (stored,) = await documents(server.store, "rounds")
    snapshot = await teacher.ok("get_snapshot", TEST)
    assert snapshot["round"]["deadline"] == again["deadline"]
    assert stored["deadline"].isoformat()[:19] == again["deadline"][:19]


async def test_an_id_that_was_bound_unheard_can_be_taken_again(
    server: RunningServer,
    teacher: RawClient,
    connect: Connect,
    lose: Callable[[Any, str], None],
) -> None:
    student = await connect()
    lose(server.store.participants, "take_seat")
    asked = {**TEST, "student_id": "S001", "name": "Alice"}
    assert (await student.refused("join_student", asked))["code"] == "unavailable"
    other = await connect()
    joined = await other.ok("join_student", asked)
    assert joined["resume_token"]
    # From now on it is bound as ever.
    assert (await student.refused("join_student", asked))["code"] == "conflict"


async def test_a_rejoin_without_a_reply_frees_nobodys_id(
    server: RunningServer,
    teacher: RawClient,
    connect: Connect,
    lose: Callable[[Any, str], None],
) -> None:
    asked = {**TEST, "student_id": "S001", "name": "Alice"}
    token = (await (await connect()).ok("join_student", asked))["resume_token"]
    lose(server.store.participants, "take_seat")
    mine = {**asked, "resume_token": token}
    assert (await (await connect()).refused("join_student", mine))["code"] == "unavailable"
    assert (await (await connect()).refused("join_student", asked))["code"] == "conflict"
    await (await connect()).ok("join_student", mine)


async def test_a_late_joiner_whose_question_was_stored_unheard_gets_it(
    server: RunningServer,
    teacher: RawClient,
    join: Connect,
    connect: Connect,
    lose: Callable[[Any, str], None],
) -> None:
    await server.import_questions(bank(4))
    await join("S001")
    await teacher.trigger(duration=60)
    late = await connect()
    lose(server.store.rounds, "add_assignment")
    asked = {**TEST, "student_id": "S002", "name": "Bob"}
    assert (await late.refused("join_student", asked))["code"] == "unavailable"
    token = (await late.next("joined"))["resume_token"]
    again = await connect()
    await again.ok("join_student", {**asked, "resume_token": token})
    question = await again.next("NEW_QUESTION")
    stored = await documents(server.store, "student_questions", {"student_id": "S002"})
    assert [str(row["question_id"]) for row in stored] == [question["question_id"]]


async def test_a_server_that_is_sure_again_looks_no_more(
    server: RunningServer, teacher: RawClient
) -> None:
    meetings = server.service.meetings
    meetings.distrust()
    await eventually(lambda: not meetings.distrust_began.is_set())
    assert meetings.distrusted
    meetings._distrusted_until = 0.0
    assert not meetings.distrusted
