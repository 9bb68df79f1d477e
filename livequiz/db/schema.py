"""The collections with their indexes and validators, as in `docs/protocol.md` section 5."""

from __future__ import annotations

from typing import Any

from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo import ASCENDING, DESCENDING, IndexModel

from livequiz.db.client import Document, guarded
from livequiz.domain.errors import Code, QuizError
from livequiz.domain.typed_answers import LONGEST_TEXT

SCHEMA_VERSION = 1

_TEXT = {"bsonType": "string"}
_ID = {"bsonType": "objectId"}
_DATE = {"bsonType": "date"}
_NUMBER = {"bsonType": ["int", "long", "double"]}
_WHOLE = {"bsonType": ["int", "long"]}
_PLACE = {**_WHOLE, "minimum": 0}  # of an option, 0-based
_BOOL = {"bsonType": "bool"}
_TEXTS = {"bsonType": "array", "items": _TEXT}


def _or_null(kind: dict[str, Any]) -> dict[str, Any]:
    types = kind["bsonType"]
    return {**kind, "bsonType": [*([types] if isinstance(types, str) else types), "null"]}


def _one_of(*words: str) -> dict[str, Any]:
    return {"enum": list(words)}


VALIDATORS: dict[str, dict[str, dict[str, Any]]] = {
    "questions": {
        "question": _TEXT,
        "options": _TEXTS,
        "correct": {"anyOf": [_PLACE, {"bsonType": "array", "minItems": 1}]},
        "created_at": _DATE,
    },
    "participants": {
        "student_id": _TEXT,
        "meeting_id": _TEXT,
        "socket_id": _or_null(_TEXT),
        "name": _TEXT,
        "joined_at": _DATE,
        "status": _one_of("active", "inactive"),
    },
    "student_questions": {
        "student_id": _TEXT,
        "question_id": _ID,
        "meeting_id": _TEXT,
        "round_id": _ID,
        "sent_time": _DATE,
        "deadline": _DATE,
        "status": _one_of("sent", "answered", "expired"),
    },
    "responses": {
        "student_id": _TEXT,
        "question_id": _ID,
        "meeting_id": _TEXT,
        "round_id": _ID,
        "answer": {
            "anyOf": [
                _PLACE,
                {"bsonType": "array", "items": _PLACE, "minItems": 1},
                {"bsonType": "double"},
                {**_TEXT, "minLength": 1, "maxLength": LONGEST_TEXT},
            ]
        },
        "correct": _BOOL,
        "points": _NUMBER,
        "timestamp": _DATE,
        "response_time": {**_NUMBER, "minimum": 0},
    },
    "rounds": {
        "meeting_id": _TEXT,
        "number": {**_WHOLE, "minimum": 1},
        "state": _one_of("open", "closed"),
        "opened_at": _DATE,
        "deadline": _DATE,
        "closed_at": _or_null(_DATE),
        "draw_seed": _WHOLE,
    },
    "meetings": {"created_at": _DATE, "locked": _BOOL, "schema_version": _WHOLE},
    "nodes": {"seen_at": _DATE},
    "permits": {"round_id": _ID, "server": _TEXT, "batches": _WHOLE},
}

# Fields that are missing from documents of the original LiveQuiz.
OPTIONAL: dict[str, dict[str, dict[str, Any]]] = {
    "participants": {
        "question_types": _TEXTS,
        "way": _or_null(_TEXT),
        "practised": {**_WHOLE, "minimum": 0},
    }
}

VALIDATORS["retired_questions"] = VALIDATORS["questions"]

# Alternatives, one of which must hold: only questions with typed answers need no options.
ONE_OF: dict[str, list[dict[str, Any]]] = {
    "questions": [
        {"properties": {"options": {"minItems": 2}}},
        {"required": ["type"], "properties": {"type": _one_of("numeric", "short_text")}},
    ],
}
ONE_OF["retired_questions"] = ONE_OF["questions"]

INDEXES: dict[str, list[IndexModel]] = {
    "questions": [
        IndexModel([("created_at", ASCENDING)]),
        IndexModel([("topics", ASCENDING)]),
        IndexModel(
            [("content_hash", ASCENDING)],
            unique=True,
            # Questions of the original LiveQuiz have no hash, and there may be many of them.
            partialFilterExpression={"content_hash": {"$exists": True}},
        ),
    ],
    "participants": [
        IndexModel([("student_id", ASCENDING), ("meeting_id", ASCENDING)], unique=True),
        IndexModel([("meeting_id", ASCENDING)]),
        IndexModel([("socket_id", ASCENDING)]),
        IndexModel([("node_id", ASCENDING)]),
    ],
    "student_questions": [
        IndexModel([("student_id", ASCENDING), ("question_id", ASCENDING)]),
        IndexModel([("meeting_id", ASCENDING)]),
        IndexModel([("sent_time", DESCENDING)]),
        IndexModel(
            [("round_id", ASCENDING), ("student_id", ASCENDING)],
            unique=True,
            partialFilterExpression={"round_id": {"$exists": True}},
        ),
    ],
    "responses": [
        IndexModel([("student_id", ASCENDING), ("question_id", ASCENDING)]),
        IndexModel([("question_id", ASCENDING)]),
        IndexModel([("timestamp", DESCENDING)]),
        IndexModel([("meeting_id", ASCENDING)]),
        IndexModel(
            [("round_id", ASCENDING), ("student_id", ASCENDING)],
            unique=True,
            partialFilterExpression={"round_id": {"$exists": True}},
        ),
    ],
    "rounds": [
        IndexModel([("meeting_id", ASCENDING), ("number", ASCENDING)], unique=True),
        IndexModel([("state", ASCENDING), ("deadline", ASCENDING)]),
        IndexModel(
            [("meeting_id", ASCENDING)],
            name="one_open_round",
            unique=True,
            partialFilterExpression={"state": "open"},
        ),
    ],
    "meetings": [],
    "nodes": [],
    "permits": [IndexModel([("round_id", ASCENDING)])],
    "retired_questions": [],
}


def require_known(version: object) -> None:
    """Reject a schema version that this version of LiveQuiz does not know.

    Raises:
        QuizError: `conflict`.
    """
    if version is not None and version != SCHEMA_VERSION:
        named = f" (schema version {version})" if isinstance(version, int) else ""
        message = (
            f"This was stored by another version of LiveQuiz{named}; this one uses schema version "
            f"{SCHEMA_VERSION}. Update LiveQuiz, or use another data folder or database."
        )
        raise QuizError(Code.CONFLICT, message)


@guarded
async def ensure_schema(database: AsyncIOMotorDatabase[Document]) -> None:
    """Create missing collections and indexes, and update validators; idempotent.

    Raises:
        QuizError: `conflict`, before anything is written, if a newer version has written here.
    """
    unknown = {"schema_version": {"$nin": [None, SCHEMA_VERSION]}}
    if (newer := await database["meetings"].find_one(unknown)) is not None:
        require_known(newer["schema_version"])
    present = set(await database.list_collection_names())
    for name, properties in VALIDATORS.items():
        schema: dict[str, Any] = {
            "required": sorted(properties),
            "properties": {**properties, **OPTIONAL.get(name, {})},
        }
        if name in ONE_OF:
            schema["anyOf"] = ONE_OF[name]
        validator = {"$jsonSchema": schema}
        if name in present:
            # "moderate" exempts documents that the original LiveQuiz wrote without a validator.
            await database.command("collMod", name, validator=validator, validationLevel="moderate")
        else:
            await database.create_collection(name, validator=validator, validationLevel="moderate")
        if INDEXES[name]:
            await database[name].create_indexes(INDEXES[name])
