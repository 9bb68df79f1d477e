"""Rounds that were played on a real server, drawn again from what it stored."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId

from livequiz.domain.model import DrawRule, NeverTwice, Round
from livequiz.server.quiz.replay import Replay
from livequiz.server.quiz.replay import replay as draw_again
from livequiz.server.quiz.service import Policy
from tests.conftest import TOKEN, Connect, RunningServer
from tests.helpers import Json, RawClient, bank

LEVELS = ("easy", "medium", "hard")


def questions(size: int) -> list[Json]:
    return [
        {**q, "topics": [f"topic {n % 4}"], "difficulty": LEVELS[n % 3]}
        for n, q in enumerate(bank(size))
    ]


async def play(
    server: RunningServer, connect: Connect, rounds: int, students: int = 6, **settings: Any
) -> list[Round]:
    """Play rounds in which some answers are right, some wrong and some missing."""
    teacher = await connect()
    await teacher.teach(TOKEN)
    clients = {f"S00{n}": await connect() for n in range(students)}
    for name, client in clients.items():
        await client.join(name)
    for number in range(rounds):
        await teacher.trigger(duration=60, **settings)
        for n, (name, client) in enumerate(clients.items()):
            question = await client.next("NEW_QUESTION")
            if (number + n) % 3:
                await client.answer(name, question, (number + n) % 2)
        await teacher.ok("close_round", {"meeting_id": "TEST"})
    for client in (teacher, *clients.values()):
        await client.close()
    return await server.store.rounds.page("TEST", 0, 100)


async def replay(server: RunningServer, quiz_round: Round) -> Replay:
    found = await draw_again(server.store, quiz_round)
    assert found.impossible is None
    return found


def same(replayed: Replay) -> bool:
    return not (replayed.others or replayed.changed)


POLICIES = {
    "plain": Policy(TOKEN),
    "rules": Policy(TOKEN, draw_rules=tuple(DrawRule)),
    "balanced": Policy(TOKEN, balance=True),
    "balanced by rules": Policy(TOKEN, balance=True, draw_rules=(DrawRule.PER_TOPIC,)),
    "never twice": Policy(TOKEN, never_twice=NeverTwice.EVER, draw_rules=(DrawRule.COVER,)),
}


@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES)
@pytest.mark.parametrize("size", [5, 30, 200])  # shared questions, a matching, and a sample
async def test_every_round_of_a_lesson_gives_the_same_draw_again(
    server: RunningServer, connect: Connect, policy: Policy, size: int
) -> None:
    server.policy = policy
    await server.stop()
    await server.start()
    await server.import_questions(questions(size))
    others = 0
    for quiz_round in await play(server, connect, 7):
        replayed = await replay(server, quiz_round)
        assert same(replayed), quiz_round.number
        assert (replayed.students, replayed.late, replayed.undone) == (6, [], [])
        other_seed = replace(quiz_round, draw_seed=quiz_round.draw_seed + 1)
        others += (await replay(server, other_seed)).others
    assert others  # the seed decides, as far as the rules leave a choice


async def test_ease_is_estimated_from_the_answers_that_counted_then(
    server: RunningServer, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("livequiz.server.quiz.ease.KEPT_FOR", 0)
    monkeypatch.setattr("livequiz.server.quiz.ease.STORED_WITHIN", timedelta(0))
    monkeypatch.setattr("livequiz.domain.balance.ENOUGH", 1)
    server.policy = Policy(TOKEN, balance=True)
    await server.stop()
    await server.start()
    await server.import_questions(questions(20))
    rounds = await play(server, connect, 5)
    eases = [one.draw.ease for one in rounds if one.draw]
    assert len(set(eases)) > 1  # the answers in between made a difference
    for quiz_round in rounds:
        assert same(await replay(server, quiz_round))
    await server.store._database["responses"].delete_many({"correct": True})
    (*_, last) = rounds
    assert "answers were deleted" in " ".join((await replay(server, last)).changed)


async def test_students_whose_client_shows_few_types_are_replayed_with_it(
    server: RunningServer, teacher: RawClient, connect: Connect
) -> None:
    several: Json = {"type": "multiple", "options": ["a", "b"], "correct": [0, 1]}
    await server.import_questions(bank(6))
    await server.import_questions([{"question": f"{n}, all?", **several} for n in range(6)])
    for n in range(3):
        await (await connect()).join(f"S00{n}")
        await (await connect()).join(f"OLD{n}", question_types=["single"])
    await teacher.trigger(duration=60)
    await teacher.ok("close_round", {"meeting_id": "TEST"})
    # Another client, later.
    await server.store._database["participants"].update_many({}, {"$unset": {"question_types": ""}})
    (quiz_round,) = await server.store.rounds.page("TEST", 0, 1)
    assert same(await replay(server, quiz_round))


async def test_late_joiners_are_not_part_of_the_draw(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    await server.import_questions(bank(9))
    await join("S001")
    await teacher.trigger(duration=60)
    await (await join("LATE")).next("NEW_QUESTION")
    (quiz_round,) = await server.store.rounds.page("TEST", 0, 1)
    replayed = await replay(server, quiz_round)  # an open round, too
    assert same(replayed)
    assert (replayed.students, replayed.late) == (1, ["LATE"])


async def test_what_was_added_and_retired_since_is_undone_for_the_replay(
    server: RunningServer, connect: Connect
) -> None:
    await server.import_questions(questions(12))
    (quiz_round,) = await play(server, connect, 1)
    bank_now = server.store.questions
    some = [question.id async for question in bank_now.everything()][:4]
    later = quiz_round.opened_at + timedelta(seconds=1)
    await bank_now.retire(some, later)
    await server.import_questions([{**q, "question": f"New {q['question']}"} for q in bank(3)])
    await server.store._database["questions"].update_many(
        {"question": {"$regex": "^New"}}, {"$set": {"created_at": later}}
    )
    replayed = await replay(server, quiz_round)
    assert same(replayed)
    said = " ".join(replayed.undone)
    assert "4 questions have been taken out of the bank since then" in said
    assert "3 questions have been added to the bank since then" in said


@pytest.mark.parametrize("before", [True, False])
async def test_of_questions_retired_by_an_older_version_the_digest_tells_when(
    server: RunningServer, connect: Connect, before: bool
) -> None:
    await server.import_questions(questions(12))
    some = [question.id async for question in server.store.questions.everything()][:4]

    async def retire() -> None:
        await server.store.questions.retire(some, server.now())
        retired = server.store._database["retired_questions"]
        await retired.update_many({}, {"$unset": {"retired_at": ""}})

    if before:
        await retire()
    (quiz_round,) = await play(server, connect, 1)
    if not before:
        await retire()
    assert same(await replay(server, quiz_round))


async def test_a_deleted_question_is_named_as_the_change(
    server: RunningServer, connect: Connect
) -> None:
    await server.import_questions(questions(8))
    (quiz_round,) = await play(server, connect, 1)
    (first, *_) = await server.store.rounds.assignments(quiz_round.id)
    await server.store._database["questions"].delete_one({"_id": ObjectId(first.question_id)})
    replayed = await replay(server, quiz_round)
    assert replayed.others
    assert "1 of the 8 questions that it was drawn from is not" in replayed.changed[0]
    await server.store._database["questions"].delete_many({})
    assert (await replay(server, quiz_round)).others == 6


async def test_an_edited_question_is_named_if_it_matters(
    server: RunningServer, connect: Connect
) -> None:
    await server.import_questions(questions(8))
    (quiz_round,) = await play(server, connect, 1, topics=["topic 0", "topic 1", "topic 2"])
    edited = [question async for question in server.store.questions.everything()]
    later = quiz_round.opened_at + timedelta(seconds=1)
    await server.store.questions.revise(edited[0].id, replace(edited[0], points=2), later)
    assert same(await replay(server, quiz_round))
    changed = replace(edited[1], topics=("other",))
    await server.store.questions.revise(edited[1].id, changed, later)
    said = (await replay(server, quiz_round)).changed
    assert "1 of the 6 questions" in said[0]
    assert f"A question was edited since: {edited[1].text}" in said


async def test_a_forgotten_student_is_a_change(server: RunningServer, connect: Connect) -> None:
    await server.import_questions(questions(30))
    first, second = await play(server, connect, 2)
    await server.store.erasure.forget("S003", pseudonym="forgotten-0a")
    said = await replay(server, second)
    assert "A student was forgotten, and their answers kept" in " ".join(said.changed)
    await server.store.erasure.forget("S002")
    replayed = await replay(server, first)
    assert replayed.students == 5
    assert replayed.changed[0] == "1 of its 6 students has been forgotten since."
    for number in range(6):
        await server.store.erasure.forget(f"S00{number}")
    await server.store.erasure.forget("forgotten-0a")
    nobody = await draw_again(server.store, first)
    assert nobody.impossible is not None
    assert "None of the questions" in nobody.impossible


async def test_a_deleted_earlier_meeting_is_a_change(
    server: RunningServer, connect: Connect
) -> None:
    server.policy = Policy(TOKEN, never_twice=NeverTwice.EVER)
    await server.stop()
    await server.start()
    await server.import_questions(questions(30))
    earlier, student = await connect(), await connect()
    await earlier.teach(TOKEN, meeting_id="EARLIER")
    await student.join("S001", meeting_id="EARLIER")
    await earlier.trigger(meeting_id="EARLIER")
    await earlier.ok("close_round", {"meeting_id": "EARLIER"})
    (quiz_round,) = await play(server, connect, 1)
    assert same(await replay(server, quiz_round))
    await server.store.erasure.delete_meeting("EARLIER")
    assert "an earlier meeting was deleted" in " ".join((await replay(server, quiz_round)).changed)


async def test_what_can_not_be_drawn_again_is_said(
    server: RunningServer, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("livequiz.server.cache.questions.MOST_LISTED", 5)
    await server.import_questions(questions(200))
    (sampled,) = await play(server, connect, 1)
    said = (await draw_again(server.store, sampled)).impossible
    assert said is not None
    assert "MongoDB chose at random" in said
    await server.store._database["rounds"].update_many({}, {"$unset": {"draw": ""}})
    (old,) = await server.store.rounds.page("TEST", 0, 1)
    said = (await draw_again(server.store, old)).impossible
    assert said is not None
    assert "did not store" in said
