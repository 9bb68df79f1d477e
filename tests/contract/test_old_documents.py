"""Documents that the original wrote, with its fields and no others, stay and are used."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bson import Int64, ObjectId

from livequiz.db.store import Store
from tests.conftest import Connect, RunningServer
from tests.helpers import QUESTIONS, Json, documents


async def _insert_as_the_original(store: Store) -> list[ObjectId]:
    """Store what the original stored, with its fields and no others."""

    async def insert(collection: str, document: Json) -> ObjectId:
        # Its documents were there before the validators.
        result = await store._database[collection].insert_one(
            document, bypass_document_validation=True
        )
        identifier: ObjectId = result.inserted_id
        return identifier

    before = datetime.now(UTC) - timedelta(days=1)
    # As 64-bit integers, which some drivers write.
    ids = [
        await insert("questions", {**q, "correct": Int64(q["correct"]), "created_at": before})
        for q in QUESTIONS
    ]
    seat: Json = {"student_id": "S001", "meeting_id": "TEST"}
    await insert(
        "participants",
        {**seat, "socket_id": "old", "name": "Alice", "joined_at": before, "status": "active"},
    )
    for question_id in ids[:2]:
        await insert(
            "student_questions",
            {**seat, "question_id": question_id, "sent_time": before, "status": "sent"},
        )
    await insert(
        "responses",
        {
            "student_id": "S001",
            "question_id": ids[0],
            "answer": 1,
            "correct": True,
            "timestamp": before,
            "response_time": 3.5,
        },
    )
    return ids


async def test_documents_of_the_original_stay_and_are_used(
    server: RunningServer, connect: Connect
) -> None:
    # An assignment without a round once ended every later load of its meeting; so did a draw
    # seed that was read back as an Int64.
    ids = await _insert_as_the_original(server.store)
    old = {name: await documents(server.store, name) for name in ("student_questions", "responses")}
    await server.stop()
    await server.start()
    teacher = await connect()
    await teacher.teach(server.token)
    student = await connect()
    token = (await student.join("S001", "Alice"))["resume_token"]
    (seat,) = await documents(server.store, "participants")
    assert (seat["seat_version"], seat["status"]) == (1, "active")
    await teacher.trigger(duration=60)
    question = await student.next("NEW_QUESTION")
    assert question["question_id"] == str(ids[2])  # the only one that it has not seen
    assert question["points"] == 1
    assert (await student.answer("S001", question, 2))["correct"] is True
    await student.next("round_closed")
    await server.stop()
    await server.start()
    again = await (await connect()).join("S001", "Alice", resume_token=token)
    assert (again["total_points"], again["streak"], len(again["history"])) == (1, 1, 1)
    snapshot = await (await connect()).teach(server.token)
    assert snapshot["snapshot"]["round"]["stats"]["answered"] == 1
    for name, documents_before in old.items():
        assert [row for row in await documents(server.store, name) if row in documents_before] == (
            documents_before
        )
