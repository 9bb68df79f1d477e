"""`livequiz serve --roster` over the wire: who is let in, and what the others are told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from livequiz.server.quiz.roster import Roster
from livequiz.server.quiz.service import Policy
from tests.conftest import TOKEN, Connect, RunningServer
from tests.helpers import Json, RawClient, bank, contents, documents

pytestmark = pytest.mark.usefixtures("no_traceback")


@pytest.fixture
def policy() -> Policy:
    return Policy(TOKEN, roster=Roster({"S001": "Alice", "S002": "Zo\u00eb"}))


def request(student_id: str, name: str = "Somebody") -> Json:
    return {"student_id": student_id, "meeting_id": "TEST", "name": name}


async def test_a_student_has_the_name_of_the_roster(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    await server.import_questions(bank(1))
    student = await join("S002", "Zorro")
    assert (await student.next("joined"))["name"] == "Zo\u00eb"
    assert (await teacher.next("student_joined"))["name"] == "Zo\u00eb"
    (row,) = (await teacher.trigger())["assignments"]
    assert row["name"] == "Zo\u00eb"
    (stored,) = await documents(server.store, "participants")
    assert stored["name"] == "Zo\u00eb"


async def test_a_typed_name_that_is_wrong_keeps_nobody_out(join: Connect) -> None:
    student = await join("S001", "\x1b[31m")
    assert (await student.next("joined"))["name"] == "Alice"


@pytest.mark.parametrize(
    ("student_id", "sentence"),
    [
        ("S404", "The id S404 is not on the class list; check it, or ask your teacher to add it."),
        (
            "s001",
            "The class list has S001, not s001: "
            "type the id with the same capital and small letters.",
        ),
    ],
)
async def test_who_is_not_on_the_roster_is_refused_and_may_try_again(
    server: RunningServer, teacher: RawClient, connect: Connect, student_id: str, sentence: str
) -> None:
    before = await contents(server.store)
    stranger = await connect()
    error = await stranger.refused("join_student", request(student_id))
    assert (error["code"], error["field"]) == ("forbidden", "student_id")
    assert error["message"] == sentence
    assert await stranger.next("error") == error
    await teacher.nothing_more("student_joined")
    assert await contents(server.store) == before
    assert (await stranger.ok("join_student", request("S001")))["name"] == "Alice"


async def test_an_id_of_the_roster_still_belongs_to_whom_it_was_given_first(
    join: Connect, connect: Connect
) -> None:
    await join("S001")
    thief = await connect()
    assert (await thief.refused("join_student", request("S001")))["code"] == "conflict"


class TestOpenMeetings:
    """`livequiz serve --open-meetings` with a roster."""

    @pytest.fixture
    def policy(self, policy: Policy) -> Policy:
        return replace(policy, open_meetings=True)

    async def test_only_who_is_on_the_roster_opens_a_meeting(
        self, server: RunningServer, connect: Connect
    ) -> None:
        client = await connect()
        await client.refused("join_student", request("S404"))
        assert await documents(server.store, "meetings") == []
        await client.ok("join_student", request("S001"))
        assert len(await documents(server.store, "meetings")) == 1


async def test_a_student_of_before_the_roster_can_not_come_back(
    server: RunningServer, teacher: RawClient, connect: Connect
) -> None:
    server.policy = Policy(TOKEN)
    await server.stop()
    await server.start()
    student = await connect()
    token = (await student.join("S003"))["resume_token"]
    server.policy = Policy(TOKEN, roster=Roster({"S001": "Alice"}))
    await server.stop()
    await server.start()
    again = await connect()
    error = await again.refused("join_student", {**request("S003"), "resume_token": token})
    assert (error["code"], error["field"]) == ("forbidden", "student_id")
