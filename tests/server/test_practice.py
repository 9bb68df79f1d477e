"""A student looks back: their own answers with what was right, and practice of what they missed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from livequiz.server.quiz import practice
from livequiz.server.quiz.service import Policy, utc_now
from tests.conftest import PROJECTOR, TOKEN, Connect, RunningServer
from tests.contract import shapes
from tests.contract.shapes import assert_shape
from tests.helpers import Json, RawClient, bank, contents, stored

TEST = {"meeting_id": "TEST"}
MULTIPLE: Json = {
    "question": "Which are even?",
    "type": "multiple",
    "options": ["one", "two", "three", "four"],
    "correct": [1, 3],
    "scoring": "partial",
    "points": 4,
    "explanation": "Halves are whole.",
}
NUMERIC: Json = {
    "question": "What is g?",
    "type": "numeric",
    "correct": {"value": 9.81, "tolerance": 0.01},
}
SHORT_TEXT: Json = {"question": "Gold?", "type": "short_text", "correct": ["Au", "gold"]}


@pytest.fixture
def policy() -> Policy:
    return Policy(TOKEN, PROJECTOR, practice=True)


async def ask(teacher: RawClient, *students: RawClient, **how: Any) -> list[Json]:
    """Open a round; return the students' questions."""
    await teacher.trigger(duration=60, **how)
    return [await student.next("NEW_QUESTION") for student in students]


async def close(teacher: RawClient, *students: RawClient) -> None:
    await teacher.call("close_round", TEST)
    for student in students:
        await student.next("round_closed")


async def miss(teacher: RawClient, student: RawClient, **how: Any) -> Json:
    """Ask a question that the student doesn't answer; return it once its round is over."""
    (question,) = await ask(teacher, student, **how)
    await close(teacher, student)
    return question


async def history(student: RawClient) -> list[Json]:
    ack = await student.ok("get_history", {})
    assert_shape({"items": ack["items"]}, shapes.OWN_HISTORY)
    items: list[Json] = ack["items"]
    return items


async def missed(student: RawClient) -> list[Json]:
    ack = await student.ok("get_practice", {})
    assert_shape({"questions": ack["questions"]}, shapes.PRACTICE)
    questions: list[Json] = ack["questions"]
    return questions


async def practise(student: RawClient, question: Json, answer: object) -> Json:
    request = {"question_id": question["question_id"], "answer": answer}
    ack = await student.ok("practice_answer", request)
    result = {name: value for name, value in ack.items() if name != "ok"}
    assert_shape(result, shapes.PRACTICE_RESULT)
    return result


def without_counts(everything: dict[str, list[Json]]) -> dict[str, list[Json]]:
    """Return what is stored, but for how much was practised."""
    people = [
        {name: value for name, value in person.items() if name != "practised"}
        for person in everything["participants"]
    ]
    return {**everything, "participants": people}


# --- the history -----------------------------------------------------------------------------


async def test_the_history_has_what_was_asked_answered_and_right_and_why(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    await server.import_questions(bank(3, explanation="Because.", topics=["maths"], points=2))
    student = await join("S001")
    (first,) = await ask(teacher, student, shuffle_options=True)
    given = first["options"].index("b")
    await student.answer("S001", first, given)
    await student.next("round_closed")
    second = await miss(teacher, student)
    (third,) = await ask(teacher, student, shuffle_options=True)
    wrong = third["options"].index("d")
    await student.answer("S001", third, wrong)
    await student.next("round_closed")

    newest, unanswered, oldest = await history(student)
    assert [item["round_number"] for item in (newest, unanswered, oldest)] == [3, 2, 1]
    assert (oldest["question_id"], oldest["options"]) == (first["question_id"], first["options"])
    assert (oldest["your_answer"], oldest["correct_answer"]) == (given, given)
    assert (oldest["correct"], oldest["earned"], oldest["points"]) == (True, 2, 2)
    assert (oldest["explanation"], oldest["topic"]) == ("Because.", "maths")
    assert oldest["response_time"] >= 0
    assert unanswered["question"] == second["question"]
    assert (unanswered["your_answer"], unanswered["correct"]) == (None, False)
    assert "response_time" not in unanswered
    assert (newest["your_answer"], newest["correct"], newest["earned"]) == (wrong, False, 0)
    assert newest["options"][newest["correct_answer"]] == "b"


async def test_a_withheld_verdict_stays_out_of_the_history_until_the_round_is_over(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    await server.import_questions(bank(3))
    student, other = await join("S001"), await join("S002")
    question, _ = await ask(teacher, student, other, reveal="after_round")
    await student.answer("S001", question, 0)
    assert await history(student) == []
    assert await missed(student) == []
    await close(teacher, student)
    (item,) = await history(student)
    assert (item["question_id"], item["correct"]) == (question["question_id"], False)


async def test_a_verdict_that_is_out_is_in_the_history_while_the_round_goes_on(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    await server.import_questions(bank(3))
    student, other = await join("S001"), await join("S002")
    question, _ = await ask(teacher, student, other)
    assert await history(student) == []
    await student.answer("S001", question, 0)
    (item,) = await history(student)
    assert (item["question_id"], item["your_answer"]) == (question["question_id"], 0)
    assert await history(other) == []


async def test_a_question_that_is_asked_again_keeps_its_key_until_it_is_answered(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    await server.import_questions(bank(1))
    student, other = await join("S001"), await join("S002")
    await ask(teacher, student, other)
    await close(teacher, student, other)
    assert len(await history(student)) == 1
    (again, _) = await ask(teacher, student, other, allow_repeats=True, reveal="at_once")
    assert await history(student) == []
    error = await student.refused("get_practice", {})
    assert error["code"] == "conflict"
    assert error["message"] == "Answer your question first; then you can practise."
    request = {"question_id": again["question_id"], "answer": 0}
    assert (await student.refused("practice_answer", request))["code"] == "conflict"
    await student.answer("S001", again, 0)
    assert len(await missed(student)) == 1


async def test_a_question_that_is_asked_again_keeps_its_key_until_the_verdict_is_out(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    """Others with the same question were still answering when practice told its key."""
    await server.import_questions(bank(1))
    student, other = await join("S001"), await join("S002")
    await ask(teacher, student, other)
    await close(teacher, student, other)
    (again, _) = await ask(teacher, student, other, allow_repeats=True, reveal="after_round")
    await student.answer("S001", again, 0)
    assert await history(student) == []
    assert await missed(student) == []
    request = {"question_id": again["question_id"], "answer": 0}
    assert (await student.refused("practice_answer", request))["code"] == "forbidden"
    await close(teacher, student, other)
    assert len(await missed(student)) == 1
    assert len(await history(student)) == 2


async def test_an_open_round_is_no_history_for_a_server_that_does_not_know_it(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    """A server that loaded a meeting while another opened a round took its keys for known."""
    await server.import_questions(bank(2))
    student = await join("S001")
    await miss(teacher, student)
    await ask(teacher, student)
    numbers = await server.store.history.round_numbers("TEST")
    assert list(numbers.values()) == [1]


async def test_a_history_that_is_too_long_for_a_message_has_the_newest_rounds(
    server: RunningServer,
    teacher: RawClient,
    join: Connect,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await server.import_questions(bank(4))
    student = await join("S001")
    for _ in range(4):
        await miss(teacher, student)
    monkeypatch.setattr(practice, "MOST_BYTES", 500)
    ack = await student.ok("get_history", {})
    numbers = [item["round_number"] for item in ack["items"]]
    assert numbers == [4, 3][: len(numbers)]
    assert 1 <= len(numbers) == 4 - ack["left_out"] < 4
    monkeypatch.setattr(practice, "MOST_ROUNDS", 1)
    assert [item["round_number"] for item in await history(student)] == [4]


async def test_a_student_has_their_own_history_in_their_own_meeting_only(
    server: RunningServer, teacher: RawClient, join: Connect, connect: Connect
) -> None:
    await server.import_questions(bank(4))
    student, other = await join("S001"), await join("S002")
    await ask(teacher, student, other)
    await close(teacher, student, other)
    (mine,), (theirs,) = await history(student), await history(other)
    assert mine["question_id"] != theirs["question_id"]
    colleague = await connect()
    await colleague.teach(TOKEN, meeting_id="OTHER")
    elsewhere = await connect()
    await elsewhere.join("S001", meeting_id="OTHER")
    assert await history(elsewhere) == []
    assert await missed(elsewhere) == []


# --- practice --------------------------------------------------------------------------------


async def test_practice_has_what_was_wrong_partly_right_or_not_answered_without_keys(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    await server.import_questions([MULTIPLE])
    student = await join("S001")
    (partly,) = await ask(teacher, student)
    await student.answer("S001", partly, [1])
    await server.import_questions(bank(3, explanation="Because."))
    answered = []
    for answer in (0, None, 1):  # wrong, none, right
        (question,) = await ask(teacher, student)
        answered.append(question["question_id"])
        if answer is not None:
            await student.answer("S001", question, answer)
        await teacher.call("close_round", TEST)
    questions = await missed(student)
    expected = [answered[1], answered[0], partly["question_id"]]
    assert [question["question_id"] for question in questions] == expected


async def test_what_was_right_the_last_time_is_not_missed_any_more(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    await server.import_questions(bank(1))
    student = await join("S001")
    await miss(teacher, student)
    assert len(await missed(student)) == 1
    (again,) = await ask(teacher, student, allow_repeats=True)
    await student.answer("S001", again, 1)
    await student.next("round_closed")
    assert await missed(student) == []


async def test_a_shuffled_question_is_practised_in_the_order_in_which_it_was_asked(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    await server.import_questions([MULTIPLE])
    student = await join("S001")
    asked = await miss(teacher, student, shuffle_options=True, draw_seed=5)
    assert asked["options"] != MULTIPLE["options"]
    (question,) = await missed(student)
    assert question["options"] == asked["options"]
    right = sorted(question["options"].index(word) for word in ("two", "four"))
    result = await practise(student, question, right)
    assert (result["correct"], result["earned"], result["correct_answer"]) == (True, 4, right)
    assert result["explanation"] == "Halves are whole."
    partly = await practise(student, question, right[:1])
    assert (partly["correct"], partly["earned"]) == (False, 2)
    assert (partly["your_answer"], partly["correct_answer"]) == (right[:1], right)


@pytest.mark.parametrize(
    "case",
    [
        (NUMERIC, "9,7", "9,81", "9.81 ± 0.01"),
        (SHORT_TEXT, "Ag", "  GOLD ", "Au or gold"),
        ({"question": "So?", "type": "true_false", "correct": True}, 1, 0, None),
    ],
    ids=["numeric", "short_text", "true_false"],
)
async def test_every_type_is_graded_as_in_a_round(
    server: RunningServer,
    teacher: RawClient,
    join: Connect,
    case: tuple[Json, object, object, str | None],
) -> None:
    question, wrong, right, key = case
    await server.import_questions([question])
    student = await join("S001")
    await miss(teacher, student)
    (again,) = await missed(student)
    for answer, correct in ((wrong, False), (right, True), (wrong, False)):
        result = await practise(student, again, answer)
        assert (result["correct"], result.get("correct_text")) == (correct, key)


@pytest.mark.parametrize("answer", [4, -1, "b", [1], [], 1.5])
async def test_an_answer_that_does_not_fit_is_refused_and_not_counted(
    server: RunningServer, teacher: RawClient, join: Connect, answer: object
) -> None:
    await server.import_questions(bank(1))
    student = await join("S001")
    question = await miss(teacher, student)
    request = {"question_id": question["question_id"], "answer": answer}
    error = await student.refused("practice_answer", request)
    assert (error["code"], error["field"]) == ("bad_request", "answer")
    await server.service.practice.drain()
    (person,) = (await contents(server.store))["participants"]
    assert "practised" not in person


async def test_nothing_but_a_count_is_stored_and_told_to_the_teacher(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    await server.import_questions(bank(3))
    student, other = await join("S001"), await join("S002")
    await ask(teacher, student, other)
    await close(teacher, student, other)
    await server.service.answers.drain()
    before = await contents(server.store)
    (question,) = await missed(student)
    results = [await practise(student, question, answer) for answer in (0, 1, 1)]
    assert [result["correct"] for result in results] == [False, True, True]
    news = await teacher.next("meeting_updated")
    while news["practised"] != {"S001": 3}:
        news = await teacher.next("meeting_updated")
    assert_shape(news, shapes.MEETING_UPDATED)
    assert news.keys() == {"meeting_id", "locked", "practised"}
    await stored(server.store, "participants", {"student_id": "S001", "practised": 3})
    assert without_counts(await contents(server.store)) == before
    snapshot = await teacher.ok("get_snapshot", TEST)
    counts = {row["student_id"]: row.get("practised", 0) for row in snapshot["students"]}
    assert counts == {"S001": 3, "S002": 0}
    assert len(await history(student)) == 1
    assert (await missed(student))[0]["question_id"] == question["question_id"]


async def test_a_count_survives_a_stop_of_the_server_and_a_rejoin(
    server: RunningServer, teacher: RawClient, join: Connect, connect: Connect
) -> None:
    await server.import_questions(bank(1))
    student = await join("S001")
    token = (await student.next("joined"))["resume_token"]
    await practise(student, await miss(teacher, student), 1)
    await server.stop()
    await server.start()
    again = await connect()
    await again.join("S001", resume_token=token)
    (question,) = await missed(again)
    await practise(again, question, 0)
    await stored(server.store, "participants", {"student_id": "S001", "practised": 2})


async def test_only_what_this_student_missed_can_be_practised(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    await server.import_questions(bank(4))
    student, other = await join("S001"), await join("S002")
    mine, theirs = await ask(teacher, student, other)
    await student.answer("S001", mine, 1)  # right
    await close(teacher, student, other)
    never = (await server.store.questions.page(None, 10))[-1].id
    for question_id in (mine["question_id"], theirs["question_id"], never, "f" * 24):
        request = {"question_id": question_id, "answer": 0}
        error = await student.refused("practice_answer", request)
        assert (error["code"], error["field"]) == ("forbidden", "question_id")
        assert "correct_answer" not in error
    assert await missed(student) == []


async def test_practice_goes_on_while_others_answer(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    await server.import_questions(bank(6))
    student, other = await join("S001"), await join("S002")
    await ask(teacher, student, other)
    await close(teacher, student, other)
    second, _ = await ask(teacher, student, other)
    assert (await student.refused("get_practice", {}))["code"] == "conflict"
    await student.answer("S001", second, 0)
    newest, oldest = await missed(student)
    assert (newest["round_number"], oldest["round_number"]) == (2, 1)
    for question in (newest, oldest):
        assert (await practise(student, question, 1))["correct"] is True


async def test_what_was_taken_out_of_the_bank_is_in_the_history_and_not_practised(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    await server.import_questions(bank(2))
    student = await join("S001")
    kept, gone = await miss(teacher, student), await miss(teacher, student)
    await server.store.questions.retire([gone["question_id"]], utc_now())
    assert [item["round_number"] for item in await history(student)] == [2, 1]
    assert [q["question_id"] for q in await missed(student)] == [kept["question_id"]]
    request = {"question_id": gone["question_id"], "answer": 0}
    assert (await student.refused("practice_answer", request))["code"] == "not_found"


async def test_a_text_that_was_corrected_since_is_practised_as_it_is_now(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    await server.import_questions(bank(1))
    student = await join("S001")
    asked = await miss(teacher, student)
    (question,) = await server.store.questions.page(None, 1)
    assert await server.store.questions.revise(
        question.id, replace(question, text="Better?"), utc_now()
    )
    (again,) = await missed(student)
    assert (again["question_id"], again["question"]) == (asked["question_id"], "Better?")


async def test_a_client_practises_only_what_it_can_show(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    await server.import_questions([NUMERIC])
    student = await join("S001")
    token = (await student.next("joined"))["resume_token"]
    await miss(teacher, student)
    assert len(await missed(student)) == 1
    old = await join("S001", question_types=["single"], resume_token=token)
    assert await missed(old) == []


async def test_a_join_says_that_practice_is_allowed(join: Connect) -> None:
    student = await join("S001")
    joined = await student.next("joined")
    assert_shape(joined, shapes.JOINED)
    assert joined["practice"] is True


async def test_practice_is_off_unless_the_teacher_allows_it(
    server: RunningServer, connect: Connect
) -> None:
    await server.stop()
    server.policy = Policy(TOKEN)
    await server.start()
    await server.import_questions(bank(1))
    teacher, student = await connect(), await connect()
    await teacher.teach(TOKEN)
    assert "practice" not in await student.join("S001")
    question = await miss(teacher, student)
    request = {"question_id": question["question_id"], "answer": 0}
    for event, fields in (("get_practice", {}), ("practice_answer", request)):
        error = await student.refused(event, fields)
        assert error["code"] == "forbidden"
        assert error["message"] == "Practice is off in this class; your teacher can allow it."
    assert len(await history(student)) == 1


async def test_counts_of_both_servers_add_up(
    server: RunningServer, teacher: RawClient, join: Connect, connect: Connect
) -> None:
    """The count is added to in the database, and never written as a whole."""
    await server.import_questions(bank(1))
    student = await join("S001")
    question = await miss(teacher, student)
    await server.store.participants.add_practised({("TEST", "S001"): 40})
    await practise(student, question, 0)
    await stored(server.store, "participants", {"student_id": "S001", "practised": 41})
