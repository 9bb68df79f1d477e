"""A client gets only questions of types that it says it can show."""

from __future__ import annotations

from tests.conftest import Connect, RunningServer
from tests.helpers import Json, RawClient, documents

NUMBER: Json = {"question": "How many?", "type": "numeric", "correct": 5}
WORD: Json = {"question": "What is it called?", "type": "short_text", "correct": "it"}
SINGLE: Json = {"question": "Which?", "options": ["a", "b"], "correct": 1}
LEFT_OUT = (
    "S001 gets no question: their program shows only single-choice and true/false questions, "
    "and none of them match. Choose other filters, or add such questions."
)


async def join_plainly(client: RawClient, student_id: str, **more: object) -> Json:
    """Join as a client of the original does: it says nothing of types."""
    request = {"student_id": student_id, "meeting_id": "TEST", "name": student_id}
    return await client.ok("join_student", {**request, **more})


async def test_who_says_nothing_gets_options_to_choose_one_from_and_the_others_get_the_rest(
    server: RunningServer, teacher: RawClient, connect: Connect, join: Connect
) -> None:
    await server.import_questions([NUMBER, WORD, SINGLE])
    plain = await connect()
    await join_plainly(plain, "S001")
    ours = [await join(student_id) for student_id in ("S002", "S003")]
    preview = await teacher.ok("preview_round", {"meeting_id": "TEST"})
    assert (preview["sharing"], preview["warnings"]) == (0, [])
    assert (await teacher.trigger())["distinct"]
    assert (await plain.next("NEW_QUESTION"))["type"] == "single"
    types = {(await student.next("NEW_QUESTION"))["type"] for student in ours}
    assert types == {"numeric", "short_text"}


async def test_a_handshake_says_the_types_for_every_join_on_its_connection(
    server: RunningServer, teacher: RawClient, connect: Connect
) -> None:
    await server.import_questions([NUMBER])
    newer = ["numeric", "a type of years to come"]
    client = await connect(auth={"question_types": newer})
    await join_plainly(client, "S001")
    await teacher.trigger()
    assert (await client.next("NEW_QUESTION"))["type"] == "numeric"
    (participant,) = await documents(server.store, "participants")
    assert participant["question_types"] == ["numeric"]


async def test_the_teacher_is_told_before_and_after_of_who_gets_nothing(
    server: RunningServer, teacher: RawClient, connect: Connect, join: Connect
) -> None:
    await server.import_questions([NUMBER])
    plain, ours = await connect(), await join("S002")
    await join_plainly(plain, "S001")
    preview = await teacher.ok("preview_round", {"meeting_id": "TEST"})
    assert preview["sharing"] == 0
    assert (preview["left_out"], preview["warnings"]) == (1, [LEFT_OUT])
    sent = await teacher.trigger()
    assert [row["student_id"] for row in sent["assignments"]] == ["S002"]
    assert sent["warnings"] == [LEFT_OUT]
    question = await ours.next("NEW_QUESTION")
    await ours.answer("S002", question, 5)
    assert (await teacher.next("round_closed"))["reason"] == "complete"
    await plain.nothing_more("NEW_QUESTION")


async def test_a_round_that_nobody_could_be_shown_is_not_sent(
    server: RunningServer, teacher: RawClient, connect: Connect
) -> None:
    await server.import_questions([NUMBER])
    await join_plainly(await connect(), "S001")
    error = await teacher.refused("trigger_questions", {"meeting_id": "TEST"})
    assert (error["code"], error["message"]) == ("no_questions", LEFT_OUT)


async def test_a_late_joiner_whose_client_shows_nothing_that_matches_gets_nothing(
    server: RunningServer, teacher: RawClient, connect: Connect, join: Connect
) -> None:
    await server.import_questions([NUMBER, WORD])
    early = await join("S001")
    await teacher.trigger(duration=60)
    first = await early.next("NEW_QUESTION")
    plain = await connect()
    await join_plainly(plain, "S002")
    await plain.nothing_more("NEW_QUESTION")
    late = await (await join("S003")).next("NEW_QUESTION")
    assert {first["type"], late["type"]} == {"numeric", "short_text"}  # one question each


async def test_the_teacher_is_told_at_once_of_a_late_joiner_who_gets_nothing(
    server: RunningServer, teacher: RawClient, connect: Connect, join: Connect
) -> None:
    await server.import_questions([NUMBER])
    await join("S002")
    sent = await teacher.trigger(duration=60)
    await teacher.next("questions_sent")
    await join_plainly(await connect(), "S001")
    late = await teacher.next("questions_sent")
    assert (late["round_id"], late["late"]) == (sent["round_id"], True)
    assert (late["count"], late["assignments"], late["warnings"]) == (0, [], [LEFT_OUT])
    await join("S003")
    late = await teacher.next("questions_sent")
    assert [row["student_id"] for row in late["assignments"]] == ["S003"]
    assert late["warnings"] == []


async def test_a_late_joiner_finds_the_one_question_that_their_client_shows(
    server: RunningServer, teacher: RawClient, connect: Connect, join: Connect
) -> None:
    await server.import_questions([NUMBER, WORD, SINGLE])
    await join("S001")
    await teacher.trigger(duration=60)
    plain = await connect()
    await join_plainly(plain, "S002")
    assert (await plain.next("NEW_QUESTION"))["type"] == "single"


async def test_another_server_knows_what_a_client_can_show(
    server: RunningServer, teacher: RawClient, connect: Connect
) -> None:
    await server.import_questions([NUMBER, SINGLE])
    await join_plainly(await connect(), "S001")
    other = RunningServer(server.store, server.policy)
    await other.start()
    try:
        there = RawClient(other.url)
        await there.open()
        await there.teach(server.token)
        sent = await there.trigger()
        assert [row["question"] for row in sent["assignments"]] == [SINGLE["question"]]
        await there.close()
    finally:
        await other.close()


async def test_a_type_that_is_no_text_is_refused(connect: Connect) -> None:
    client = await connect()
    request = {"student_id": "S001", "meeting_id": "TEST", "name": "A"}
    error = await client.refused("join_student", {**request, "question_types": [1]})
    assert error["code"] == "bad_request"
