"""A server keeps the bank in memory, and notices whatever is done to it by the next round."""

from __future__ import annotations

import asyncio
import sys

import pytest

from livequiz.db.store import Store
from livequiz.domain.model import CloseReason, Filters
from livequiz.server.cache import questions as bank_module
from livequiz.server.cache.live_round import LiveRound
from tests.conftest import RunningServer
from tests.helpers import Json, bank
from tests.server.hall import fill, trigger

NEW: Json = {"question": "New?", "options": ["a", "b"], "correct": 0}

IMPORT = """
import asyncio, sys
from livequiz.db.store import Store
from livequiz.domain.model import Draft
from livequiz.server.quiz.service import utc_now

async def main():
    draft = Draft(text="New?", options=("a", "b"), correct=0)
    await Store(*sys.argv[1:]).questions.add([draft], utc_now())

asyncio.run(main())
"""


@pytest.fixture
async def lesson(server: RunningServer) -> RunningServer:
    """A server that has read a bank of one question."""
    await server.import_questions(bank(1, topics=["old"]))
    await fill(server, "TEST", 2)
    live = await a_round(server)
    assert texts(live) == {"Question 1?"}
    assert (await server.service.queries.snapshot("TEST")).bank == 1
    return server


async def a_round(server: RunningServer) -> LiveRound:
    live = await trigger(server, "TEST", allow_repeats=True)
    await server.service.rounds.close("TEST", CloseReason.INSTRUCTOR)
    return live


def texts(live: LiveRound) -> set[str]:
    return {question.text for question in live.questions.values()}


async def test_questions_that_are_added_are_drawn_next(lesson: RunningServer) -> None:
    await lesson.import_questions([{**NEW, "topics": ["new"]}])
    assert texts(await a_round(lesson)) == {"Question 1?", "New?"}
    snapshot = await lesson.service.queries.snapshot("TEST")
    assert (snapshot.bank, snapshot.topics) == (2, ["new", "old"])


async def test_questions_that_another_process_imports_are_drawn_next(
    lesson: RunningServer, mongo_url: str
) -> None:
    name = lesson.store._database.name
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", IMPORT, mongo_url, name)
    assert await process.wait() == 0
    assert texts(await a_round(lesson)) == {"Question 1?", "New?"}


async def test_a_question_that_is_edited_in_mongodb_is_drawn_as_it_is_now(
    lesson: RunningServer,
) -> None:
    questions = lesson.store._database["questions"]
    await questions.update_one({}, {"$set": {"question": "Corrected?", "correct": 0}})
    live = await a_round(lesson)
    assert [(q.text, q.correct) for q in live.questions.values()] == [("Corrected?", 0)]


async def test_a_question_that_is_replaced_in_mongodb_is_drawn_no_more(
    lesson: RunningServer,
) -> None:
    questions = lesson.store._database["questions"]
    await questions.delete_many({})
    await lesson.import_questions([NEW])
    assert texts(await a_round(lesson)) == {"New?"}


async def test_a_question_that_cannot_be_read_spoils_no_round(lesson: RunningServer) -> None:
    questions = lesson.store._database["questions"]
    broken = {"question": "No key?", "difficulty": "who knows", "topics": "old"}
    await questions.insert_one(broken, bypass_document_validation=True)
    await questions.update_many({"correct": 1}, {"$set": {"topics": "alone"}})
    assert texts(await a_round(lesson)) == {"Question 1?"}
    snapshot = await lesson.service.queries.snapshot("TEST")
    assert (snapshot.bank, snapshot.topics) == (1, ["alone"])


async def test_nothing_is_kept_where_mongodb_does_not_say_what_was_written(
    lesson: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As databases that only speak MongoDB's protocol may not.
    async def refused(_: object) -> None:
        return None

    monkeypatch.setattr(type(lesson.store.questions), "state", refused)
    for text in ("First?", "Second?"):
        questions = lesson.store._database["questions"]
        await questions.update_one({}, {"$set": {"question": text}})
        assert texts(await a_round(lesson)) == {text}


async def test_what_mongodb_does_not_count_is_noticed_once_the_copy_is_old(
    lesson: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    questions = lesson.store._database["questions"]
    merged = {"$merge": {"into": "questions"}}
    await questions.aggregate([{"$set": {"question": "Merged?"}}, merged]).to_list(None)
    monkeypatch.setattr(bank_module, "OLDEST", 0.0)
    assert texts(await a_round(lesson)) == {"Merged?"}


async def test_a_bank_that_is_too_large_to_be_kept_is_asked_each_time(
    store: Store, server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bank_module, "MOST_LISTED", 20)
    await server.import_questions(bank(60, topics=["maths"]))
    await fill(server, "TEST", 5)
    for _ in range(3):
        live = await a_round(server)
        assert live.round.distinct
    snapshot = await server.service.queries.snapshot("TEST")
    assert (snapshot.bank, snapshot.topics) == (60, ["maths"])


async def test_of_a_larger_bank_some_questions_are_kept_and_every_id(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bank_module, "MOST_QUESTIONS", 10)
    await server.import_questions(bank(60, topics=["maths"]))
    await fill(server, "TEST", 8)
    for _ in range(4):
        live = await a_round(server)
        assert len(live.questions) == 8
        snapshot = await server.service.bank.snapshot()
        assert len(await snapshot.matching(Filters(topics=("maths",)))) == 60
        assert 8 <= len(snapshot._questions) <= 10  # those of this round among them
