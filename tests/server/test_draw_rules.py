"""`draw_rules` of a round: one of each topic, cover the bank, carry over what was missed."""

from __future__ import annotations

from collections import Counter

import pytest

from livequiz.domain.model import DrawRule
from livequiz.server.quiz.service import Policy
from tests.conftest import TOKEN, Connect, RunningServer
from tests.helpers import Json, RawClient, bank, documents

TOPICS = ("maths", "art", "history")


def by_topics(size: int) -> list[Json]:
    """Return questions of the three topics in turn."""
    return [{**q, "topics": [TOPICS[n % 3]]} for n, q in enumerate(bank(size))]


async def close(teacher: RawClient) -> None:
    await teacher.ok("close_round", {"meeting_id": "TEST"})


async def test_each_student_has_every_topic_before_one_comes_again(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    await server.import_questions(by_topics(24))
    students = [await join(f"S00{n}") for n in range(4)]
    had: list[list[str]] = [[] for _ in students]
    for _ in range(6):
        sent = await teacher.trigger(duration=60, draw_rules=["per_topic"])
        assert (sent["distinct"], sent["warnings"]) == (True, [])
        for topics, student in zip(had, students, strict=True):
            topics.append((await student.next("NEW_QUESTION"))["topic"])
        await close(teacher)
    for topics in had:
        assert sorted(topics[:3]) == sorted(topics[3:]) == sorted(TOPICS)


async def test_only_chosen_topics_count(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    both = [{**q, "topics": ["all", TOPICS[n % 3]]} for n, q in enumerate(bank(12))]
    await server.import_questions(both)
    await join("S001")
    had = []
    for _ in range(4):
        sent = await teacher.trigger(topics=["art", "history"], draw_rules=["per_topic"])
        (row,) = await documents(
            server.store, "questions", {"question": sent["assignments"][0]["question"]}
        )
        had.append(row["topics"][1])
        await close(teacher)
    assert sorted(had[:2]) == sorted(had[2:]) == ["art", "history"]


async def test_the_class_covers_all_questions_before_one_comes_again(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    await server.import_questions(bank(9))
    for n in range(3):
        await join(f"S00{n}")
    asked: Counter[str] = Counter()
    for times in (1, 2):
        for _ in range(3):
            sent = await teacher.trigger(draw_rules=["cover"])
            asked.update(row["question_id"] for row in sent["assignments"])
            await close(teacher)
        assert set(asked.values()) == {times}
        assert len(asked) == 9


async def test_what_a_student_missed_comes_back_to_them_after_growing_gaps(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    await server.import_questions(bank(40))
    students = {name: await join(name) for name in ("S001", "S002", "S003")}
    asked: dict[str, list[str]] = {name: [] for name in students}
    # S001 answers the first one wrong, and then knows it; S002 says nothing, then is wrong, then
    # knows it; S003 is always right.
    answers: dict[tuple[str, int], int | None] = {("S001", 1): 0, ("S002", 1): None, ("S002", 4): 0}
    for number in range(1, 11):
        sent = await teacher.trigger(draw_rules=["carry_over"])
        assert sent["distinct"] is True
        for name, student in students.items():
            question = await student.next("NEW_QUESTION")
            asked[name].append(question["question_id"])
            answer = answers.get((name, number), 1)
            if answer is not None:
                await student.answer(name, question, answer)
        if number == 1:  # the others end when everybody has answered
            await close(teacher)
        await teacher.next("round_closed")
    came = {
        name: [n for n, one in enumerate(mine, 1) if one == mine[0]] for name, mine in asked.items()
    }
    assert came == {"S001": [1, 4], "S002": [1, 4, 9], "S003": [1]}
    assert [len(set(mine)) for mine in asked.values()] == [9, 8, 10]


@pytest.mark.parametrize(
    ("request_has", "stored"),
    [({}, ["cover"]), ({"draw_rules": []}, None), ({"draw_rules": ["carry_over"]}, ["carry_over"])],
)
async def test_a_round_may_say_otherwise_than_the_server(
    server: RunningServer, connect: Connect, request_has: Json, stored: list[str] | None
) -> None:
    await server.stop()
    server.policy = Policy(TOKEN, draw_rules=(DrawRule.COVER,))
    await server.start()
    await server.import_questions(bank(3))
    teacher, student = await connect(), await connect()
    await teacher.teach(TOKEN)
    await student.join("S001")
    await teacher.trigger(**request_has)
    (document,) = await documents(server.store, "rounds")
    assert document["filters"].get("draw_rules") == stored


async def test_a_wrong_rule_is_refused_with_those_that_there_are(
    server: RunningServer, teacher: RawClient
) -> None:
    request = {"meeting_id": "TEST", "draw_rules": ["cover", "luck"]}
    refusal = await teacher.refused("trigger_questions", request)
    assert refusal["code"] == "bad_request"
    assert "per_topic, cover or carry_over" in refusal["message"]


async def test_a_late_joiner_gets_what_the_rules_prefer(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    await server.import_questions(by_topics(18))
    await join("S001")
    had, asked = [], []
    for _ in range(6):
        await teacher.trigger(duration=60, draw_rules=["per_topic", "carry_over"])
        late = await join("LATE", name="Late", resume_token="guest." + "a" * 22)
        question = await late.next("NEW_QUESTION")
        had.append(question["topic"])
        asked.append(question["question_id"])
        await close(teacher)
        await late.ok("leave", {})
    assert sorted(had[:3]) == sorted(TOPICS)
    assert asked[3] == asked[0]  # never answered, and due after two other rounds


async def test_a_late_joiner_of_a_balanced_round_gets_a_question_about_as_hard(
    server: RunningServer, connect: Connect
) -> None:
    await server.stop()
    server.policy = Policy(TOKEN, balance=True)
    await server.start()
    levels = ("easy", "hard")
    await server.import_questions(
        [{**q, "difficulty": levels[n % 2]} for n, q in enumerate(bank(60))]
    )
    teacher = await connect()
    await teacher.teach(TOKEN)
    for n in range(2):
        await (await connect()).join(f"S00{n}")
    compared = 0
    for number in range(6):
        sent = await teacher.trigger(duration=60)
        late = await connect()
        await late.join(f"LATE{number}")
        asked = [row["question_id"] for row in sent["assignments"]]
        asked.append((await late.next("NEW_QUESTION"))["question_id"])
        found = await server.store.questions.get_many(asked)
        *at_first, then = [found[one].difficulty for one in asked]
        if len(set(at_first)) == 1:
            compared += 1
            assert then == at_first[0]
        await close(teacher)
        await late.ok("leave", {})
    assert compared
