"""Everything that is stored, read back: it is what the schema and the types say."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec

from livequiz.db import documents
from livequiz.db.schema import VALIDATORS
from livequiz.db.store import Store
from livequiz.domain import model
from livequiz.domain.text import clean_name
from livequiz.protocol import resources
from livequiz.protocol.fields import MeetingId, StudentId
from tests.contract.test_documents import FIELDS, OPTIONAL
from tests.helpers import Json
from tests.helpers import documents as documents_in

READERS: dict[str, tuple[Callable[[Json], Any], type]] = {
    "questions": (
        lambda document: resources.question_resource(documents.to_question(document)),
        resources.QuestionResource,
    ),
    "participants": (documents.to_student, model.Student),
    "student_questions": (documents.to_assignment, model.Assignment),
    "responses": (
        lambda document: resources.response_resource("", documents.to_response(document)),
        resources.ResponseResource,
    ),
    "rounds": (documents.to_round, model.Round),
    "meetings": (documents.to_meeting, model.Meeting),
}
READERS["retired_questions"] = READERS["questions"]
NOT_OF_A_CLASS = {"nodes", "permits"}  # of servers; no client writes them
IDS = {"student_id": StudentId, "meeting_id": MeetingId}


async def assert_all_right(store: Store) -> None:
    """Fail if a document is not as the contract has it."""
    names = set(await store._database.list_collection_names())
    assert READERS.keys() | NOT_OF_A_CLASS == VALIDATORS.keys() == names
    for name, properties in VALIDATORS.items():
        schema = {"$jsonSchema": {"required": sorted(properties), "properties": properties}}
        assert await store._database[name].find_one({"$nor": [schema]}) is None
    for name in READERS:
        for document in await documents_in(store, name):
            _assert_right(name, document)


def _assert_right(collection: str, document: Json) -> None:
    shape = "questions" if collection == "retired_questions" else collection
    fields = " ".join((FIELDS[shape], OPTIONAL.get(shape, ""), OPTIONAL.get(collection, "")))
    assert document.keys() <= set(fields.split()), document
    read, kind = READERS[collection]
    plain = msgspec.to_builtins(read(document), builtin_types=(datetime,))
    msgspec.convert(plain, kind)
    for field in IDS.keys() & document.keys():
        msgspec.convert(document[field], IDS[field])
    if collection == "meetings":
        msgspec.convert(document["_id"], MeetingId)
    if collection == "participants":
        assert clean_name(document["name"]) == document["name"]
