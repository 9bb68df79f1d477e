"""Rule 9 over the wire: a server that ends in the middle of a round, and the next one."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from livequiz.client.event_types import ConnectionBack
from livequiz.protocol.messages import NewQuestion, RoundClosed, StudentRoundClosed
from livequiz.server.quiz.service import Policy
from tests.conftest import TOKEN, Connect, RunningServer
from tests.helpers import RawClient, bank, documents, next_of, stored
from tests.patience import PATIENCE

TEST = {"meeting_id": "TEST"}


async def test_clients_go_on_with_the_open_question_and_its_remaining_time(
    server: RunningServer,
) -> None:
    await server.import_questions(bank(2))
    teacher = await server.instructor()
    students = {name: await server.student(name) for name in ("S001", "S002")}
    await teacher.trigger(duration=60)
    before = {name: await next_of(student, NewQuestion) for name, student in students.items()}
    await students["S001"].answer(
        before["S001"].question_id, before["S001"].round_id, 1, spent=1, patience=5
    )
    await server.stop()
    await server.start()

    back = await next_of(teacher, ConnectionBack)
    assert back.joined.round is not None
    again = await next_of(students["S002"], NewQuestion)
    assert again.question_id == before["S002"].question_id
    assert again.sent_time == before["S002"].sent_time
    assert again.deadline == before["S002"].deadline
    assert 0 < again.remaining < before["S002"].remaining
    repeated = await students["S001"].answer(
        before["S001"].question_id, before["S001"].round_id, 0, spent=1, patience=5
    )
    assert (repeated.duplicate, repeated.correct, repeated.total_points) == (True, True, 1)
    await students["S002"].answer(again.question_id, again.round_id, 0, spent=1, patience=5)
    closed = await next_of(teacher, RoundClosed)
    assert closed.reason == "complete"
    assert (closed.summary.stats.answered, closed.summary.stats.correct) == (2, 1)
    ending = await next_of(students["S001"], StudentRoundClosed)
    assert ending.result is not None
    assert ending.result.correct is True


async def test_the_timer_of_an_open_round_goes_on(
    server: RunningServer, teacher: RawClient, join: Connect, connect: Connect
) -> None:
    await server.import_questions(bank(1))
    await join("S001")
    await teacher.trigger(duration=5)
    await server.stop()
    await server.start()
    teacher = await connect()
    snapshot = (await teacher.teach(TOKEN))["snapshot"]
    assert snapshot["round"]["state"] == "open"
    assert 0 < snapshot["round"]["remaining"] < 5
    assert (await teacher.next("round_closed"))["reason"] == "time"


async def test_a_round_that_ended_while_no_server_ran_is_closed(
    server: RunningServer, teacher: RawClient, join: Connect, connect: Connect
) -> None:
    await server.import_questions(bank(2))
    students = {name: await join(name) for name in ("S001", "S002")}
    token = (await students["S002"].next("joined"))["resume_token"]
    await teacher.trigger(duration=60)
    question = await students["S001"].next("NEW_QUESTION")
    await students["S001"].answer("S001", question, 1)
    unanswered = await students["S002"].next("NEW_QUESTION")
    await server.stop()
    overdue = {"$set": {"deadline": datetime.now(UTC) - timedelta(seconds=30)}}
    for collection in ("rounds", "student_questions"):
        await server.store._database[collection].update_many({}, overdue)
    await server.start()

    student = await connect()
    await student.join("S002", resume_token=token)
    late = await student.answer("S002", unanswered, 1)
    assert late["error"]["code"] == "too_late"
    (stored,) = await documents(server.store, "rounds")
    async with asyncio.timeout(PATIENCE):
        while stored["state"] == "open":
            (stored,) = await documents(server.store, "rounds")
    assert (stored["state"], stored["reason"]) == ("closed", "time")
    assert stored["counts"] == {"assigned": 2, "answered": 1, "correct": 1}
    rows = await documents(server.store, "student_questions")
    assert sorted(row["status"] for row in rows) == ["answered", "expired"]
    assert len(await documents(server.store, "responses")) == 1
    await student.ok("time_sync", {})
    teacher = await connect()
    await teacher.teach(TOKEN)
    await teacher.trigger(duration=60)  # nothing stands in the way of the next one


async def test_shuffled_options_stay_in_the_order_in_which_they_were_shown(
    server: RunningServer, teacher: RawClient, join: Connect, connect: Connect
) -> None:
    await server.import_questions(bank(1))
    student = await join("S001")
    token = (await student.next("joined"))["resume_token"]
    await teacher.trigger(duration=60, shuffle_options=True, draw_seed=2)
    before = await student.next("NEW_QUESTION")
    assert before["options"] != ["a", "b", "c", "d"]
    await server.stop()
    await server.start()
    student = await connect()
    await student.join("S001", resume_token=token)
    again = await student.next("NEW_QUESTION")
    assert again["options"] == before["options"]
    result = await student.answer("S001", again, again["options"].index("b"))
    assert result["correct"] is True


async def test_history_no_repeats_and_scores_outlive_a_server(
    server: RunningServer, teacher: RawClient, join: Connect, connect: Connect
) -> None:
    await server.import_questions(bank(3))
    student = await join("S001")
    token = (await student.next("joined"))["resume_token"]
    seen = []
    for number in (1, 2, 3):
        sent = await teacher.trigger(duration=60)
        assert sent["round_number"] == number
        question = await student.next("NEW_QUESTION")
        seen.append(question["question"])
        result = await student.answer("S001", question, 1)
        assert (result["total_points"], result["streak"]) == (number, number)
        await teacher.next("round_closed")
        await server.stop()
        await server.start()
        teacher, student = await connect(), await connect()
        await teacher.teach(TOKEN)
        joined = await student.join("S001", resume_token=token)
        assert len(joined["history"]) == number
    assert len(set(seen)) == 3


async def test_points_that_were_not_written_in_time_are_written_when_the_round_ends(
    server: RunningServer, teacher: RawClient, join: Connect, connect: Connect
) -> None:
    # They are stored after the ack, so a server that is killed leaves them behind the responses.
    await server.import_questions(bank(3))
    students = {name: await join(name) for name in ("S001", "S002")}
    token = (await students["S001"].next("joined"))["resume_token"]
    await teacher.trigger(duration=60)
    await students["S001"].answer("S001", await students["S001"].next("NEW_QUESTION"), 1)
    await server.stop()
    lost = {"$set": {"total_points": 0, "streak": 0}}
    await server.store._database["participants"].update_many({}, lost)
    await server.start()
    teacher = await connect()
    await teacher.teach(TOKEN)
    await teacher.ok("close_round", TEST)
    joined = await (await connect()).join("S001", resume_token=token)
    assert (joined["total_points"], joined["streak"]) == (1, 1)


async def lose_what_followed(server: RunningServer) -> None:
    """Leave the database as a server does that is killed right after its acks."""
    database = server.store._database
    before = {"$set": {"total_points": 0, "streak": 0, "scored_round": None}}
    await database["participants"].update_many({}, before)
    await database["student_questions"].update_many({}, {"$set": {"status": "sent"}})


async def test_what_followed_from_answers_is_made_again_from_the_responses(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    # Statuses and scores are stored after the ack, and not one by one.
    await server.import_questions(bank(3))
    students = {name: await join(name) for name in ("S001", "S002", "S003")}
    await teacher.trigger(duration=60)
    for name, choice in (("S001", 1), ("S002", 0)):
        await students[name].answer(name, await students[name].next("NEW_QUESTION"), choice)
    await server.stop()
    await lose_what_followed(server)
    await server.start()
    right = {"student_id": "S001", "total_points": 1, "streak": 1}
    await stored(server.store, "participants", right)
    # A wrong answer leaves no trace in the score.
    for name, status in (("S001", "answered"), ("S002", "answered"), ("S003", "sent")):
        await stored(server.store, "student_questions", {"student_id": name, "status": status})


async def test_the_scores_of_a_round_that_was_closed_are_made_again_too(
    server: RunningServer, teacher: RawClient, join: Connect, connect: Connect
) -> None:
    await server.import_questions(bank(6))
    students = {name: await join(name) for name in ("S001", "S002")}
    token = (await students["S001"].next("joined"))["resume_token"]
    for _ in range(2):
        await teacher.trigger(duration=60)
        for name, choice in (("S001", 1), ("S002", 0)):
            await students[name].answer(name, await students[name].next("NEW_QUESTION"), choice)
        await students["S001"].next("round_closed")
    await server.stop()
    await lose_what_followed(server)
    await server.start()
    teacher, student = await connect(), await connect()
    await teacher.teach(TOKEN)
    joined = await student.join("S001", resume_token=token)
    assert (joined["total_points"], joined["streak"]) == (2, 2)
    await teacher.trigger(duration=60)
    result = await student.answer("S001", await student.next("NEW_QUESTION"), 1)
    assert (result["total_points"], result["streak"]) == (3, 3)
    await stored(server.store, "participants", {"student_id": "S001", "total_points": 3})


async def test_nobody_is_connected_to_a_server_that_starts(
    server: RunningServer, join: Connect, connect: Connect
) -> None:
    await join("S001")
    await server.stop()
    await server.store._database["participants"].update_many({}, {"$set": {"status": "active"}})
    await server.start()
    teacher = await connect()
    snapshot = (await teacher.teach(TOKEN))["snapshot"]
    assert [row["status"] for row in snapshot["students"]] == ["inactive"]
    assert (await teacher.refused("trigger_questions", TEST))["code"] == "no_students"


async def test_assignments_of_a_round_that_was_never_opened_are_forgotten(
    server: RunningServer, teacher: RawClient, join: Connect, connect: Connect
) -> None:
    # What a server leaves that is killed between the two writes of a trigger.
    await server.import_questions(bank(1))
    student = await join("S001")
    token = (await student.next("joined"))["resume_token"]
    await teacher.trigger(duration=60)
    await server.stop()
    await server.store._database["rounds"].delete_many({})
    await server.start()
    assert await documents(server.store, "student_questions") == []
    teacher, student = await connect(), await connect()
    await teacher.teach(TOKEN)
    await student.join("S001", resume_token=token)
    assert (await teacher.trigger(duration=60))["warnings"] == []


class TestShortPatience:
    @pytest.fixture
    def policy(self) -> Policy:
        return Policy(TOKEN, away=0.2)

    async def test_who_does_not_come_back_after_a_restart_does_not_hold_the_round(
        self, server: RunningServer, teacher: RawClient, join: Connect, connect: Connect
    ) -> None:
        await server.import_questions(bank(2))
        students = {name: await join(name) for name in ("S001", "S002")}
        token = (await students["S001"].next("joined"))["resume_token"]
        await teacher.trigger(duration=60)
        question = await students["S001"].next("NEW_QUESTION")
        await server.stop()
        await server.start()
        teacher, student = await connect(), await connect()
        await teacher.teach(TOKEN)
        await student.join("S001", resume_token=token)
        await student.answer("S001", question, 1)
        closed = await teacher.next("round_closed")
        assert (closed["reason"], closed["summary"]["unanswered"]) == ("complete", ["S002"])

    async def test_a_round_to_which_nobody_came_back_goes_on(
        self, server: RunningServer, teacher: RawClient, join: Connect, connect: Connect
    ) -> None:
        """It was closed as complete, although most had not answered."""
        await server.import_questions(bank(2))
        students = {name: await join(name) for name in ("S001", "S002")}
        await teacher.trigger(duration=60)
        question = await students["S001"].next("NEW_QUESTION")
        await students["S001"].answer("S001", question, 1)
        await server.stop()
        await asyncio.gather(*(student.close() for student in students.values()))
        await server.start()
        teacher = await connect()
        await teacher.teach(TOKEN)
        await asyncio.sleep(5 * 0.2)
        snapshot = await teacher.ok("get_snapshot", TEST)
        assert snapshot["round"]["state"] == "open"
