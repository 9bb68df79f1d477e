"""What the benchmark checks while it measures, and that the checks are able to fail."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from bson import ObjectId

from livequiz.bench import history, samples, scenarios
from livequiz.bench.classes import Answered, Asked, MeasuredClass
from livequiz.bench.history import History
from livequiz.bench.subject import Subject
from livequiz.domain.errors import QuizError
from tests.conftest import RunningServer


async def rows_of(group: MeasuredClass, collection: str, **query: object) -> list[dict[str, Any]]:
    """Return what MongoDB has, oldest first."""
    return [
        row async for row in group.stored.rounds.database[collection].find(query).sort("_id", 1)
    ]


async def answered(group: MeasuredClass) -> tuple[Asked, Answered, dict[str, str]]:
    """Play a round; return it, its answers, and what each student was asked."""
    asked = await group.ask()
    answers = await group.answer(asked, group.students)
    got = {student: question.question_id for student, question in asked.questions.items()}
    return asked, answers, got


async def test_every_acknowledged_answer_is_found_in_mongodb(group: MeasuredClass) -> None:
    asked, answers, got = await answered(group)
    assert not answers.refused
    assert len(answers.latencies) == len(answers.shown) == len(group.students)
    stored = await group.stored.rounds.database["responses"].count_documents({})
    assert stored == len(group.students)
    await group.stored.check_answers(asked.since, got)


async def test_an_acknowledged_answer_that_is_not_stored_ends_the_benchmark(
    group: MeasuredClass,
) -> None:
    asked, _, got = await answered(group)
    await group.stored.rounds.database["responses"].delete_one({"student_id": "S00003"})
    with pytest.raises(QuizError, match="1 acknowledged answers are not stored: S00003"):
        await group.stored.check_answers(asked.since, got)


async def test_an_answer_that_is_stored_twice_ends_the_benchmark(group: MeasuredClass) -> None:
    asked, _, got = await answered(group)
    responses = group.stored.rounds.database["responses"]
    twin = await responses.find_one({"student_id": "S00003"}, {"_id": 0})
    assert twin is not None
    await responses.insert_one({**twin, "round_id": ObjectId()})
    with pytest.raises(QuizError, match="1 answers are stored more than once: S00003"):
        await group.stored.check_answers(asked.since, got)


async def test_the_answers_of_an_earlier_round_do_not_stand_in_for_this_one(
    group: MeasuredClass,
) -> None:
    _, _, got = await answered(group)
    await group.finish(complete=True)
    asked = await group.ask()
    with pytest.raises(QuizError, match="8 acknowledged answers are not stored"):
        await group.stored.check_answers(asked.since, got)


async def test_a_question_that_two_students_got_ends_the_benchmark(group: MeasuredClass) -> None:
    asked, _, got = await answered(group)
    got["S00000"] = got["S00001"]
    with pytest.raises(QuizError, match="1 questions went to more than one student"):
        await group.stored.check_questions("TEST", asked.since, got)


async def test_a_question_that_is_not_the_stored_one_ends_the_benchmark(
    group: MeasuredClass,
) -> None:
    asked, _, got = await answered(group)
    assignments = group.stored.rounds.database["student_questions"]
    await assignments.update_one({"student_id": "S00002"}, {"$set": {"question_id": ObjectId()}})
    with pytest.raises(QuizError, match="1 students' questions are not what is stored: S00002"):
        await group.stored.check_questions("TEST", asked.since, got)


async def test_a_bank_without_a_question_for_everybody_ends_the_benchmark(
    server: RunningServer, group: MeasuredClass
) -> None:
    bank = server.store._database["questions"]
    keep = (await bank.distinct("_id"))[: len(group.students) - 1]
    await bank.delete_many({"_id": {"$nin": keep}})
    with pytest.raises(QuizError, match="went to more than one student"):
        await group.ask()


async def test_answers_at_the_deadline_and_a_reconnect_wave_are_measured(
    group: MeasuredClass, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scenarios, "DEADLINE_ROUND", 1.5)
    tokens = {student.student_id: student.resume_token for student in group.students}
    taken = dict([*await scenarios.deadline(group), *await scenarios.reconnect(group)])
    measured = {samples.DEADLINE_P95, samples.REJECTED, samples.RECONNECT, samples.RETRIES}
    assert taken.keys() == measured
    assert taken[samples.REJECTED] == taken[samples.RETRIES] == 0
    people = await rows_of(group, "participants")
    assert [row["status"] for row in people] == ["active"] * len(group.students)
    assert tokens == {student.student_id: student.resume_token for student in group.students}


async def test_a_round_that_only_some_answer_is_closed(group: MeasuredClass) -> None:
    taken = dict(await scenarios.steady(group, seconds=0.02))  # 5 answers of 8
    assert taken.keys() >= {samples.STEADY_P50, samples.STEADY_P99}
    (quiz_round,) = await rows_of(group, "rounds")
    assert (quiz_round["state"], quiz_round["reason"]) == ("closed", "instructor")
    assert quiz_round["counts"]["answered"] == 5


async def test_a_meeting_with_a_history_goes_on_where_it_ended(
    group: MeasuredClass, subject: Subject
) -> None:
    aged = dataclasses.replace(subject, meeting="AGED")
    await history.write(aged, History(rounds=3, students=4))
    later = MeasuredClass(aged, 4, group.stored)
    await later.join()
    asked = await later.ask()
    rows = await rows_of(group, "student_questions", meeting_id="AGED")
    seen = [(row["student_id"], row["question_id"]) for row in rows]
    assert len(set(seen)) == len(seen) == 16  # nobody got a question that its history holds
    numbers = [row["number"] for row in await rows_of(group, "rounds", meeting_id="AGED")]
    assert numbers == [1, 2, 3, 4]
    assert len(asked.questions) == 4
    later.leave()


async def test_who_can_not_come_back_ends_the_benchmark(group: MeasuredClass) -> None:
    for student in group.students:
        student.resume_token = "another"
    with pytest.raises(QuizError, match="A join was refused"):
        await group.rejoin()
