"""The published schema says of a bank what an import does, as far as a schema can."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema_rs import Draft202012Validator, meta

from livequiz.bank import native
from livequiz.bank.json_schema import json_schema
from livequiz.domain.model import Draft
from tests.bank.drafts import drafts

PUBLISHED = Path(__file__).parents[2] / "docs" / "questions.schema.json"
SCHEMA: Any = Draft202012Validator(json_schema())
RIGHT = {"question": "?", "options": ["a", "b"], "correct": 1}


def test_the_published_one_is_the_programs() -> None:
    assert json.loads(PUBLISHED.read_text()) == json_schema()
    assert meta.is_valid(json_schema())


@given(st.lists(drafts(), max_size=3))
def test_whatever_is_written_is_valid(bank: list[Draft]) -> None:
    rows = json.loads(native.write_json(bank).content)
    SCHEMA.validate(rows)
    SCHEMA.validate({"questions": rows})


@pytest.mark.parametrize(
    "wrong",
    [
        5,
        {},
        [5],
        [{}],
        [{**RIGHT, "type": "essay"}],
        [{**RIGHT, "points": -1}],
        [{**RIGHT, "points": "3"}],
        [{**RIGHT, "difficulty": "impossible"}],
        [{**RIGHT, "options": ["a", 5]}],
        [{**RIGHT, "question": ""}],
        [{**RIGHT, "time_limit": 0}],
        [{**RIGHT, "weights": [200]}],
        [{**RIGHT, "hint": "x"}],
    ],
)
def test_what_an_import_refuses_by_its_form_is_not_valid(wrong: object) -> None:
    assert SCHEMA.is_valid([RIGHT])
    assert not SCHEMA.is_valid(wrong)
