"""A round with every type of question over the wire: sent, answered, graded, stored, shown."""

from __future__ import annotations

import json
from operator import itemgetter
from typing import Any, NamedTuple

import pytest

from tests.conftest import TOKEN, Connect, RunningServer
from tests.helpers import Json, RawClient, documents

MULTIPLE: Json = {"options": ["a", "b", "c", "d"], "correct": [1, 3], "scoring": "partial"}
QUESTIONS: dict[str, Json] = {
    "single": {"options": ["a", "b", "c", "d"], "correct": 1},
    "true_false": {"correct": True},
    "multiple": MULTIPLE,
    "numeric": {"correct": {"value": 9.81, "tolerance": 0.05}},
    "short_text": {"correct": ["Au", "gold"]},
}
RIGHT = {"single": 1, "true_false": 0, "multiple": [1, 3], "numeric": 9.81, "short_text": "Au"}


class Case(NamedTuple):
    """What is answered; what the result says of it; and what is stored."""

    kind: str
    answer: object
    correct: bool
    points: float
    told: Json
    kept: object


CASES = [
    Case("single", 1, True, 4, {"correct_answer": 1, "your_answer": 1}, 1),
    Case("single", 0, False, 0, {"correct_answer": 1, "your_answer": 0}, 0),
    Case("true_false", 0, True, 4, {"correct_answer": 0, "your_answer": 0}, 0),
    Case("multiple", [3, 1], True, 4, {"correct_answer": [1, 3], "your_answer": [1, 3]}, [1, 3]),
    Case("multiple", [1], False, 2, {"correct_answer": [1, 3], "your_answer": [1]}, [1]),
    Case(
        "numeric",
        "9,8",
        True,
        4,
        {"correct_answer": 9.81, "your_answer": 9.8, "correct_text": "9.81 ± 0.05"},
        9.8,
    ),
    Case(
        "numeric",
        10,
        False,
        0,
        {"correct_answer": 9.81, "your_answer": 10.0, "correct_text": "9.81 ± 0.05"},
        10.0,
    ),
    Case(
        "short_text",
        " GOLD ",
        True,
        4,
        {"correct_answer": ["Au", "gold"], "your_answer": "GOLD", "correct_text": "Au or gold"},
        "GOLD",
    ),
]


def question(kind: str, **fields: Any) -> Json:
    return {"question": f"A {kind}?", "type": kind, "points": 4, **QUESTIONS[kind], **fields}


@pytest.mark.parametrize("case", CASES, ids=str)
async def test_an_answer_is_graded_stored_and_told(
    server: RunningServer,
    teacher: RawClient,
    join: Connect,
    case: Case,
) -> None:
    await server.import_questions([question(case.kind)])
    student = await join("S001")
    await teacher.trigger(duration=60)
    sent = await student.next("NEW_QUESTION")
    assert sent["type"] == case.kind
    assert len(sent["options"]) == {"true_false": 2, "numeric": 0, "short_text": 0}.get(
        case.kind, 4
    )
    result = await student.answer("S001", sent, case.answer)
    assert {name: result.get(name) for name in case.told} == case.told
    assert (result["correct"], result["points"], result["total_points"]) == (
        case.correct,
        case.points,
        case.points,
    )
    update = await teacher.next("ANSWER_UPDATE")
    told = (case.kept, case.correct, case.points)
    assert (update["answer"], update["correct"], update["points"]) == told
    (document,) = await documents(server.store, "responses")
    assert (document["answer"], document["correct"], document["points"]) == told
    again = await student.answer("S001", sent, case.answer)
    assert again == {**result, "duplicate": True}


async def test_half_a_point_is_asked_for_stored_and_told(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    await server.import_questions([question("single", points=0.5)])
    student = await join("S001")
    await teacher.trigger(duration=60)
    sent = await student.next("NEW_QUESTION")
    result = await student.answer("S001", sent, 1)
    assert (sent["points"], result["points"], result["total_points"]) == (0.5, 0.5, 0.5)
    (document,) = await documents(server.store, "questions")
    assert document["points"] == 0.5


@pytest.mark.parametrize("kind", QUESTIONS)
async def test_an_answer_of_another_type_is_refused_and_the_right_one_still_counts(
    server: RunningServer, teacher: RawClient, join: Connect, kind: str
) -> None:
    await server.import_questions([question(kind)])
    student = await join("S001")
    await teacher.trigger(duration=60)
    sent = await student.next("NEW_QUESTION")
    refused: list[object] = [None, {}, {"$gt": ""}, [], [[1]], True, "x" * 300, [0, 0], "\u202e"]
    refused += [-1.5, "word"] if kind != "numeric" else ["word"]
    if kind == "short_text":
        refused.remove("word")
    for other in refused:
        error = (await student.answer("S001", sent, other))["error"]
        assert (error["code"], error["field"].split("[")[0]) == ("bad_request", "answer"), other
    assert not await documents(server.store, "responses")
    assert (await student.answer("S001", sent, RIGHT[kind]))["correct"] is True


@pytest.mark.parametrize("kind", QUESTIONS)
async def test_no_key_is_among_what_a_student_gets_before_the_answer(
    server: RunningServer, teacher: RawClient, join: Connect, kind: str
) -> None:
    weighted = {"weights": [0.0, 62.5, 0.0, 37.5]} if kind == "multiple" else {}
    await server.import_questions([question(kind, **weighted)])
    student = await join("S001")
    await teacher.trigger(duration=60)
    await student.next("NEW_QUESTION")
    # Ids are random and times go on: they may hold any word, and any number.
    chance = {"socket_id", "resume_token", "sent_time", "deadline", "server_time", "remaining"}
    chance |= {"question_id", "round_id", "meeting_id"}
    payloads = [payload for _, payload in student.log]
    text = json.dumps([{k: v for k, v in p.items() if k not in chance} for p in payloads])
    secrets = ("correct", "9.81", "0.05", "Au", "gold", "62.5", "weights", "tolerance", "partial")
    for secret in secrets:
        assert secret not in text


async def test_shuffled_choices_are_stored_in_the_questions_own_order(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    await server.import_questions([question("multiple")])
    student = await join("S001")
    await teacher.trigger(duration=60, shuffle_options=True, draw_seed=5)
    sent = await student.next("NEW_QUESTION")
    assert sent["options"] != MULTIPLE["options"]
    places = [place for place, text in enumerate(sent["options"]) if text in "bd"]
    result = await student.answer("S001", sent, places)
    assert (result["correct"], result["correct_answer"]) == (True, places)
    (document,) = await documents(server.store, "responses")
    assert document["answer"] == [1, 3]


async def test_true_and_false_keep_their_places(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    await server.import_questions([question("true_false", question=f"{n}?") for n in range(8)])
    students = [await join(f"S{number:03d}") for number in range(8)]
    await teacher.trigger(duration=60, shuffle_options=True)
    for student in students:
        assert (await student.next("NEW_QUESTION"))["options"] == ["True", "False"]


async def test_answers_of_every_type_are_read_back_after_a_restart(
    server: RunningServer, teacher: RawClient, join: Connect, connect: Connect
) -> None:
    await server.import_questions([question(kind) for kind in QUESTIONS])
    await server.import_questions([question("single", question="One more?")])
    students = {f"S{number:03d}": await join(f"S{number:03d}") for number in range(6)}
    await teacher.trigger(duration=60)
    results: dict[str, Json] = {}
    for name, student in list(students.items())[:5]:
        sent = await student.next("NEW_QUESTION")
        results[name] = await student.answer(name, sent, RIGHT[sent["type"]])
    before = await teacher.ok("get_snapshot", {"meeting_id": "TEST"})
    await server.stop()
    await server.start()
    again = await connect()
    await again.ok("join_instructor", {"meeting_id": "TEST", "instructor_id": "T", "token": TOKEN})
    after = await again.ok("get_snapshot", {"meeting_id": "TEST"})
    for name, key in (("assignments", "student_id"), ("questions", "question_id")):
        assert sorted(after[name], key=itemgetter(key)) == sorted(before[name], key=itemgetter(key))
