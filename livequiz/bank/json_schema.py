"""The JSON Schema of LiveQuiz's own bank files, for completion and validation in editors."""

from __future__ import annotations

import inspect
from typing import Any

import msgspec

from livequiz.protocol.questions import QuestionIn

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema() -> dict[str, Any]:
    """Return the schema: a list of questions, or an object with the list as its `questions`.

    It can't express every rule, such as that a key is one of the options; imports check those.
    """
    (_,), components = msgspec.json.schema_components([QuestionIn], ref_template="#/$defs/{name}")
    for component in components.values():
        component["description"] = inspect.cleandoc(component["description"])
    question = components["QuestionIn"]
    # Not every validator supports a regular expression about surrogates.
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
