"""Rules 1 and 2 over the wire: who gets which question."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from itertools import pairwise

import pytest

from tests.conftest import TOKEN, Connect, RunningServer
from tests.helpers import Json, RawClient, bank, documents, shares, stored


def given(sent: Json) -> dict[str, str]:
    """Return the question's text by student id."""
    return {row["student_id"]: row["question"] for row in sent["assignments"]}


async def a_class(join: Connect, size: int) -> dict[str, RawClient]:
    names = [f"S{number:03d}" for number in range(1, size + 1)]
    return dict(zip(names, await asyncio.gather(*map(join, names)), strict=True))


async def test_every_student_of_a_round_gets_a_question_of_its_own(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    await server.import_questions(bank(30))
    students = await a_class(join, 30)
    sent = await teacher.trigger(duration=60)
    assert (sent["count"], sent["distinct"], sent["warnings"]) == (30, True, [])
    assert shares(sent["assignments"]) == [1] * 30
    for student_id, student in students.items():
        question = await student.next("NEW_QUESTION")
        assert question["question"] == given(sent)[student_id]
    stored = await documents(server.store, "student_questions")
    assert {(row["student_id"], str(row["question_id"])) for row in stored} == {
        (row["student_id"], row["question_id"]) for row in sent["assignments"]
    }


async def test_too_few_questions_are_spread_evenly_and_said(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    await server.import_questions(bank(25))
    students = await a_class(join, 30)
    sent = await teacher.trigger(duration=60)
    assert (sent["count"], sent["distinct"]) == (30, False)
    assert shares(sent["assignments"]) == [1] * 20 + [2] * 5
    assert len(sent["warnings"]) == 1
    assert "5 more questions" in sent["warnings"][0]
    (stored,) = await documents(server.store, "rounds")
    assert (stored["distinct"], stored["reveal"]) == (False, "after_round")
    for student in students.values():
        await student.next("NEW_QUESTION")


async def test_a_shared_question_hides_the_verdict_until_the_round_is_closed(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    await server.import_questions(bank(1, explanation="Because."))
    students = await a_class(join, 2)
    await teacher.trigger(duration=60)
    questions = {name: await student.next("NEW_QUESTION") for name, student in students.items()}
    for name, choice in (("S001", 1), ("S002", 0)):
        for duplicate in (False, True):
            result = await students[name].answer(name, questions[name], choice)
            assert result["duplicate"] is duplicate
            if name == "S001":  # the round ends with the answer of the other
                hidden = ("correct", "correct_answer", "points")
                assert [result[field] for field in hidden] == [None] * 3
                assert (result["total_points"], result["streak"]) == (0, 0)
                assert "explanation" not in result
            assert result["your_answer"] == choice
            if name == "S002":
                break
    closed = await students["S001"].next("round_closed")
    shown = closed["result"]
    assert (shown["correct"], shown["correct_answer"], shown["points"]) == (True, 1, 1)
    assert (shown["total_points"], shown["streak"]) == (1, 1)
    assert shown["explanation"] == "Because."
    assert (await students["S002"].next("round_closed"))["result"]["correct"] is False


async def test_a_student_that_comes_back_does_not_learn_the_hidden_verdict(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    await server.import_questions(bank(1))
    students = await a_class(join, 3)
    await teacher.trigger(duration=60)
    token = (await students["S001"].next("joined"))["resume_token"]
    await students["S001"].answer("S001", await students["S001"].next("NEW_QUESTION"), 1)
    score = {"student_id": "S001", "total_points": 1, "streak": 1}
    await stored(server.store, "participants", score)
    again = await join("S001", resume_token=token)
    joined = await again.next("joined")
    assert (joined["total_points"], joined["streak"]) == (0, 0)


async def test_the_instructor_decides_when_the_verdict_is_revealed(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    await server.import_questions(bank(2))
    students = await a_class(join, 2)
    for reveal, verdict in (("after_round", None), ("at_once", True)):
        await teacher.trigger(duration=60, reveal=reveal)
        question = await students["S001"].next("NEW_QUESTION")
        result = await students["S001"].answer("S001", question, 1)
        assert result["correct"] is verdict
        await teacher.ok("close_round", {"meeting_id": "TEST"})


async def test_who_shares_a_question_with_a_late_joiner_waits_for_the_verdict(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    await server.import_questions(bank(2))
    students = await a_class(join, 2)
    await teacher.trigger(duration=60)
    questions = {name: await student.next("NEW_QUESTION") for name, student in students.items()}
    first = await students["S001"].answer("S001", questions["S001"], 1)
    assert first["correct"] is True  # nobody shares it yet
    late = await join("LATE")
    shared = await late.next("NEW_QUESTION")
    # The one whose key nobody has seen, and then nobody sees it before the end.
    assert shared["question_id"] == questions["S002"]["question_id"]
    result = await students["S002"].answer("S002", questions["S002"], 1)
    assert (result["correct"], result["correct_answer"]) == (None, None)
    await late.answer("LATE", shared, 0)
    assert (await late.next("round_closed"))["result"]["correct_answer"] == 1
    assert (await students["S002"].next("round_closed"))["result"]["correct"] is True


async def test_a_late_joiner_waits_for_its_verdict(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    # Seventy names, one after the other, once collected the keys of the whole bank in 4 seconds.
    await server.import_questions(bank(9))
    await a_class(join, 2)
    await teacher.trigger(duration=60)
    late = await join("LATE")
    result = await late.answer("LATE", await late.next("NEW_QUESTION"), 1)
    assert (result["correct"], result["correct_answer"], result["points"]) == (None, None, None)
    await teacher.ok("close_round", {"meeting_id": "TEST"})
    assert (await late.next("round_closed"))["result"]["correct"] is True


async def test_nobody_sees_a_question_twice_until_all_were_seen(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    # As many students as questions: whatever the rounds before gave, a distinct draw is left.
    await server.import_questions(bank(6))
    await a_class(join, 6)
    seen: defaultdict[str, list[str]] = defaultdict(list)
    for _ in range(6):
        sent = await teacher.trigger(duration=60)
        assert (sent["distinct"], sent["warnings"]) == (True, [])
        for student_id, question in given(sent).items():
            seen[student_id].append(question)
        await teacher.ok("close_round", {"meeting_id": "TEST"})
    for questions in seen.values():
        assert sorted(questions) == sorted(question["question"] for question in bank(6))
    again = await teacher.trigger(duration=60)
    assert again["distinct"] is True
    assert "already seen every matching question" in again["warnings"][0]


async def test_what_was_seen_longest_ago_comes_first_again(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    await server.import_questions(bank(4))
    await join("S001")
    rounds = []
    for _ in range(8):
        rounds.append(given(await teacher.trigger(duration=60))["S001"])
        await teacher.ok("close_round", {"meeting_id": "TEST"})
    assert rounds[4:] == rounds[:4]


async def test_allow_repeats_turns_the_rule_off(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    await server.import_questions(bank(2))
    await join("S001")
    rounds = []
    for seed in range(20):
        sent = await teacher.trigger(duration=60, allow_repeats=True, draw_seed=seed)
        rounds.append(given(sent)["S001"])
        assert sent["warnings"] == []
        await teacher.ok("close_round", {"meeting_id": "TEST"})
    pairs = set(pairwise(rounds))
    assert len(pairs) == 4  # each of the two came after itself, too


async def test_the_same_seed_gives_the_same_draw(
    server: RunningServer, teacher: RawClient, join: Connect, connect: Connect
) -> None:
    await server.import_questions(bank(12))
    twin = await connect()
    await twin.teach(TOKEN, meeting_id="TWIN")
    names = [f"S{number:03d}" for number in range(1, 9)]
    for name in names:
        await join(name)
    for name in reversed(names):  # who came first must not matter
        await join(name, meeting_id="TWIN")
    first = await teacher.trigger(duration=60, draw_seed=42, shuffle_options=True)
    second = await twin.trigger(meeting_id="TWIN", draw_seed=42, shuffle_options=True)
    assert first["draw_seed"] == second["draw_seed"] == 42
    assert given(first) == given(second)
    stored = await documents(server.store, "student_questions")
    orders: dict[str, list[list[int]]] = defaultdict(list)
    for row in stored:
        orders[row["student_id"]].append(row["option_order"])
    assert all(order == other for order, other in orders.values())


async def test_the_seed_of_a_draw_that_had_none_repeats_it(
    server: RunningServer, teacher: RawClient, join: Connect, connect: Connect
) -> None:
    await server.import_questions(bank(12))
    twin = await connect()
    await twin.teach(TOKEN, meeting_id="TWIN")
    for name in ("S001", "S002", "S003"):
        await join(name)
        await join(name, meeting_id="TWIN")
    first = await teacher.trigger(duration=60)
    second = await twin.trigger(meeting_id="TWIN", draw_seed=first["draw_seed"])
    assert given(first) == given(second)


async def test_filters_choose_the_questions(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    maths = [{**q, "question": f"Maths {q['question']}"} for q in bank(2, topics=["maths"])]
    hard = [{**q, "question": f"Hard {q['question']}"} for q in bank(2, difficulty="hard")]
    await server.import_questions([*bank(5), *maths, *hard])
    await a_class(join, 2)
    for filters, start in (
        ({"topics": ["maths", "art"]}, "Maths"),
        ({"difficulty": "hard"}, "Hard"),
    ):
        sent = await teacher.trigger(duration=60, **filters)
        assert all(text.startswith(start) for text in given(sent).values())
        assert sent["distinct"] is True
        await teacher.ok("close_round", {"meeting_id": "TEST"})
    both = {"meeting_id": "TEST", "topics": ["maths"], "difficulty": "hard"}
    assert (await teacher.refused("trigger_questions", both))["code"] == "no_questions"
    assert len(await documents(server.store, "rounds")) == 2


async def test_a_round_needs_students_and_questions(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    request = {"meeting_id": "TEST"}
    await server.import_questions(bank(1))
    assert (await teacher.refused("trigger_questions", request))["code"] == "no_students"
    student = await join("S001")
    await student.ok("leave", {})
    assert (await teacher.refused("trigger_questions", request))["code"] == "no_students"
    assert await documents(server.store, "rounds") == []
    assert await documents(server.store, "student_questions") == []


async def test_of_chosen_questions_alone_the_round_and_late_joiners_get_one(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    await server.import_questions(bank(20))
    chosen = [str(d["_id"]) for d in await documents(server.store, "questions")][3:6]
    students = [await join("S001"), await join("S002")]
    request = {"meeting_id": "TEST", "question_ids": chosen}
    preview = await teacher.ok("preview_round", request)
    assert (preview["matching"], preview["sharing"]) == (3, 0)
    await teacher.trigger(question_ids=chosen)
    got = {(await student.next("NEW_QUESTION"))["question_id"] for student in students}
    late = (await (await join("LATE")).next("NEW_QUESTION"))["question_id"]
    assert got | {late} == set(chosen)
    (stored,) = await documents(server.store, "rounds")
    assert sorted(map(str, stored["filters"]["question_ids"])) == sorted(chosen)


async def test_chosen_questions_of_a_bank_that_is_not_kept_in_memory(
    server: RunningServer, teacher: RawClient, join: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("livequiz.server.cache.questions.MOST_LISTED", 5)
    await server.import_questions(bank(20))
    (chosen, *_) = [str(d["_id"]) for d in await documents(server.store, "questions")]
    student = await join("S001")
    await teacher.trigger(question_ids=[chosen])
    assert (await student.next("NEW_QUESTION"))["question_id"] == chosen


async def test_chosen_questions_that_are_not_there_are_none(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    await server.import_questions(bank(2))
    await join("S001")
    refusal = await teacher.refused(
        "trigger_questions", {"meeting_id": "TEST", "question_ids": ["a" * 24]}
    )
    assert refusal["code"] == "no_questions"
