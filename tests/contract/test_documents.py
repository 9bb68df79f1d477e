"""Section 5 of the contract: indexes, validators and the fields of documents, in the database."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from bson import ObjectId
from pymongo.errors import DuplicateKeyError, WriteError

from livequiz.db.schema import ensure_schema
from livequiz.db.store import Store
from tests.conftest import Connect, RunningServer
from tests.helpers import COLLECTIONS, Json, RawClient, bank, documents

NOW = datetime(2026, 1, 15, 10, 5, 15, 123_000, tzinfo=UTC)
Index = tuple[tuple[tuple[str, int], ...], bool]  # its keys, and whether it is unique


def plain(*keys: str) -> Index:
    return tuple((key.removesuffix("-"), -1 if key.endswith("-") else 1) for key in keys), False


def unique(*keys: str) -> Index:
    return plain(*keys)[0], True


INDEXES: dict[str, set[Index]] = {
    "questions": {plain("created_at"), plain("topics"), unique("content_hash")},
    "participants": {
        unique("student_id", "meeting_id"),
        plain("meeting_id"),
        plain("socket_id"),
        plain("node_id"),
    },
    "student_questions": {
        plain("student_id", "question_id"),
        plain("meeting_id"),
        plain("sent_time-"),
        unique("round_id", "student_id"),
    },
    "responses": {
        plain("student_id", "question_id"),
        plain("question_id"),
        plain("timestamp-"),
        plain("meeting_id"),
        unique("round_id", "student_id"),
    },
    "rounds": {
        unique("meeting_id", "number"),
        plain("state", "deadline"),
        unique("meeting_id"),  # partial: the open ones
    },
    "meetings": set(),
}

FIELDS: dict[str, str] = {
    "questions": "_id question options correct created_at type points time_limit topics "
    "difficulty explanation source content_hash",
    "participants": "_id student_id meeting_id socket_id name joined_at status "
    "resume_token_hash last_seen total_points streak time_factor node_id scored_round "
    "question_types way seat_version",
    "student_questions": "_id student_id question_id meeting_id sent_time status round_id "
    "option_order deadline",
    "responses": "_id student_id question_id answer correct timestamp response_time meeting_id "
    "round_id points client_response_time",
    "rounds": "_id meeting_id number state opened_at deadline closed_at reason filters draw_seed "
    "counts reveal distinct warnings draw",
    "meetings": "_id created_at locked settings schema_version",
}

# Stored where they say anything.
OPTIONAL: dict[str, str] = {
    "questions": "weights scoring case_sensitive wildcards revised_at",
    "participants": "practised",
    "retired_questions": "retired_at",
    "student_questions": "early question_types",
    "rounds": "own_limits permits points_for",
}

R1, Q1 = ObjectId(), ObjectId()
GOOD: dict[str, Json] = {
    "questions": {
        "question": "2+2?",
        "options": ["3", "4"],
        "correct": 1,
        "created_at": NOW,
        "content_hash": "h",
    },
    "participants": {
        "student_id": "S001",
        "meeting_id": "TEST",
        "socket_id": "sid",
        "name": "Alice",
        "joined_at": NOW,
        "status": "active",
    },
    "student_questions": {
        "student_id": "S001",
        "question_id": Q1,
        "meeting_id": "TEST",
        "sent_time": NOW,
        "status": "sent",
        "round_id": R1,
        "deadline": NOW,
    },
    "responses": {
        "student_id": "S001",
        "question_id": Q1,
        "answer": 1,
        "correct": True,
        "timestamp": NOW,
        "response_time": 1.5,
        "meeting_id": "TEST",
        "round_id": R1,
        "points": 1,
    },
    "rounds": {
        "meeting_id": "TEST",
        "number": 1,
        "state": "open",
        "opened_at": NOW,
        "deadline": NOW,
        "closed_at": None,
        "draw_seed": 1,
    },
    "meetings": {"_id": "TEST", "created_at": NOW, "locked": False, "schema_version": 1},
}


@pytest.mark.parametrize("collection", COLLECTIONS)
async def test_the_indexes_are_those_of_the_contract(store: Store, collection: str) -> None:
    found = await store._database[collection].index_information()
    assert {
        (tuple(index["key"]), index.get("unique", False))
        for name, index in found.items()
        if name != "_id_"
    } == INDEXES[collection]


async def test_the_one_open_round_of_a_meeting_is_held_by_a_partial_index(store: Store) -> None:
    found = await store._database["rounds"].index_information()
    partial = [index for index in found.values() if index["key"] == [("meeting_id", 1)]]
    assert [index["partialFilterExpression"] for index in partial] == [{"state": "open"}]


@pytest.mark.parametrize(
    ("collection", "other"),
    [
        ("questions", {"question": "the same hash"}),
        ("participants", {"name": "somebody else"}),
        ("student_questions", {"question_id": ObjectId()}),
        ("responses", {"question_id": ObjectId(), "answer": 0}),
        ("rounds", {"state": "closed"}),  # the same number
        ("rounds", {"number": 2}),  # a second open one
        ("meetings", {}),
    ],
)
async def test_the_database_refuses_doubles(store: Store, collection: str, other: Json) -> None:
    await store._database[collection].insert_one(dict(GOOD[collection]))
    with pytest.raises(DuplicateKeyError):
        await store._database[collection].insert_one({**GOOD[collection], **other})
    assert len(await documents(store, collection)) == 1


async def test_closed_rounds_do_not_stand_in_the_way_of_an_open_one(store: Store) -> None:
    rounds = store._database["rounds"]
    await rounds.insert_one({**GOOD["rounds"], "state": "closed"})
    await rounds.insert_one({**GOOD["rounds"], "state": "closed", "number": 2})
    await rounds.insert_one({**GOOD["rounds"], "number": 3})


BAD: dict[str, list[Json]] = {
    "questions": [
        {"question": {"$gt": ""}},
        {"options": ["only one"]},
        {"options": ["a", 2]},
        {"options": [], "type": "single"},
        {"correct": -1},
        {"correct": 1.5},
        {"correct": []},
        {"correct": "4"},
        {"created_at": "2026-01-15T10:05:15.123Z"},
    ],
    "participants": [
        *({"student_id": 7}, {"status": "asleep"}, {"name": None}),
        *({"question_types": wrong} for wrong in ("single", ["single", 7], None)),
    ],
    "student_questions": [{"question_id": str(Q1)}, {"status": "lost"}, {"deadline": None}],
    "responses": [
        {"answer": -1},
        {"answer": None},
        {"answer": ""},
        {"answer": []},
        {"answer": [0, -1]},
        {"answer": [{"$gt": ""}]},
        {"answer": {"$gt": ""}},
        {"correct": 1},
        {"response_time": -0.1},
        {"timestamp": 1.0},
    ],
    "rounds": [{"state": "half open"}, {"number": 0}, {"draw_seed": "x"}],
    "meetings": [{"locked": "yes"}],
}


@pytest.mark.parametrize("collection", COLLECTIONS)
async def test_validators_refuse_a_wrong_type(store: Store, collection: str) -> None:
    for wrong in BAD[collection]:
        with pytest.raises(WriteError, match="failed validation"):
            await store._database[collection].insert_one({**GOOD[collection], **wrong})
    assert await documents(store, collection) == []


@pytest.mark.parametrize("collection", COLLECTIONS)
async def test_validators_refuse_a_document_without_a_field(store: Store, collection: str) -> None:
    optional = {"_id", "content_hash"}
    for field in GOOD[collection].keys() - optional:
        lacking = {name: value for name, value in GOOD[collection].items() if name != field}
        with pytest.raises(WriteError, match="failed validation"):
            await store._database[collection].insert_one(lacking)
    assert await documents(store, collection) == []
    await store._database[collection].insert_one(dict(GOOD[collection]))


async def test_a_second_start_changes_nothing_and_brings_back_what_is_missing(store: Store) -> None:
    await store._database["responses"].drop_index("round_id_1_student_id_1")
    await store._database.command("collMod", "responses", validator={})
    await ensure_schema(store._database)
    await ensure_schema(store._database)
    await test_the_indexes_are_those_of_the_contract(store, "responses")
    await test_validators_refuse_a_wrong_type(store, "responses")


async def test_documents_have_the_contracts_fields(
    server: RunningServer, teacher: RawClient, join: Connect
) -> None:
    await server.import_questions(bank(2))
    student = await join("S001", "Alice Johnson")
    await join("S002")
    await teacher.trigger(duration=60)
    question = await student.next("NEW_QUESTION")
    result = await student.answer("S001", question, 1, response_time=0.25)
    await teacher.ok("close_round", {"meeting_id": "TEST"})
    for collection in COLLECTIONS:
        held = await documents(server.store, collection)
        assert held, collection
        for document in held:
            assert document.keys() == set(FIELDS[collection].split()), collection

    response = (await documents(server.store, "responses"))[0]
    assert response["question_id"] == ObjectId(question["question_id"])
    assert (response["answer"], response["correct"], response["points"]) == (1, True, 1)
    assert response["client_response_time"] == 0.25
    assert response["response_time"] == result["response_time"]
    statuses = {
        row["student_id"]: row for row in await documents(server.store, "student_questions")
    }
    assert (statuses["S001"]["status"], statuses["S002"]["status"]) == ("answered", "expired")
    (round_document,) = await documents(server.store, "rounds")
    assert (round_document["state"], round_document["reason"]) == ("closed", "instructor")
    assert round_document["counts"] == {"assigned": 2, "answered": 1, "correct": 1}
    alice = (await documents(server.store, "participants", {"student_id": "S001"}))[0]
    assert (alice["name"], alice["status"], alice["meeting_id"]) == (
        "Alice Johnson",
        "active",
        "TEST",
    )
    assert (await documents(server.store, "meetings"))[0]["_id"] == "TEST"


async def test_no_token_is_stored_as_it_is(server: RunningServer, join: Connect) -> None:
    student = await join("S001")
    token = (await student.next("joined"))["resume_token"]
    for collection in COLLECTIONS:
        assert token not in repr(await documents(server.store, collection))
        assert server.token not in repr(await documents(server.store, collection))
