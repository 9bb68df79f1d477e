"""The form of LiveQuiz's own bank files, for editors that complete and check."""

from __future__ import annotations

import inspect
from typing import Any

import msgspec

from livequiz.protocol.questions import QuestionIn

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema() -> dict[str, Any]:
    """Return it as JSON Schema: a list of questions, or an object with one as its `questions`.

    What no schema can say, such as that a key is one of the options, an import still finds.
    """
    (_,), components = msgspec.json.schema_components([QuestionIn], ref_template="#/$defs/{name}")
    for component in components.values():
        component["description"] = inspect.cleandoc(component["description"])
    question = components["QuestionIn"]
    # Not every reader of schemas knows an expression about halves of characters.
    question["properties"]["topics"]["items"].pop("pattern")
    for name in ("_id", "id", "created_at", "content_hash"):
        question["properties"][name] = {"description": "Of an export; an import makes its own."}
    bank = {"type": "array", "items": {"$ref": "#/$defs/QuestionIn"}}
    return {
        "$schema": DIALECT,
        "title": "LiveQuiz question bank",
        "anyOf": [
            bank,
            {"type": "object", "properties": {"questions": bank}, "required": ["questions"]},
        ],
        "$defs": components,
    }
