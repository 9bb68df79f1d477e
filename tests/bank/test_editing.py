"""What an author does to the YAML of the bank, and what that means for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livequiz.bank import native
from livequiz.bank.editing import TEMPLATE, Changes, as_text, changes
from livequiz.bank.reading import Entry
from livequiz.domain.model import Draft, Question
from tests.bank.drafts import drafts

NOW = datetime(2026, 1, 15, tzinfo=UTC)


def stored(bank: list[Draft]) -> list[Question]:
    return [
        Question(
            id=f"{number:024x}",
            created_at=NOW,
            **{name: getattr(draft, name) for name in Draft.__dataclass_fields__},
        )
        for number, draft in enumerate(bank)
    ]


BANK = stored(
    [Draft(text=f"Question {n}?", options=("yes", "no", "maybe"), correct=0) for n in range(3)]
)
TEXT = as_text(BANK).decode()


@given(st.lists(drafts(), max_size=3))
def test_a_text_that_was_left_alone_changes_nothing(bank: list[Draft]) -> None:
    found, problems = changes(as_text(stored(bank)), stored(bank))
    assert not found
    assert not problems


def test_another_wording_keeps_the_question() -> None:
    found, problems = changes(TEXT.replace("Question 1?", "Which?").encode(), BANK)
    assert not problems
    assert found.revised == {BANK[1].id: replace(found.revised[BANK[1].id], text="Which?")}
    assert found == Changes(revised=found.revised)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("correct: 0", "correct: 2"),
        ("correct: 0", "correct: 0\n  points: 2"),
        ("maybe", "perhaps"),
        ("  - maybe\n", ""),
    ],
)
def test_another_key_or_option_or_other_points_are_another_question(old: str, new: str) -> None:
    found, _ = changes(TEXT.replace(old, new, 1).encode(), BANK)
    assert list(found.replaced) == [BANK[0].id]
    assert found == Changes(replaced=found.replaced)


def test_questions_are_added_and_deleted() -> None:
    head, first, _, last = TEXT.split("- id:")
    new = "- question: New?\n  options: [a, b]\n  correct: 1\n"
    found, _ = changes("- id:".join([head, first, last + new]).encode(), BANK)
    assert [draft.text for draft in found.added] == ["New?"]
    assert found.removed == [BANK[1].id]
    assert found == Changes(added=found.added, removed=found.removed)


def test_a_mistake_is_told_and_its_question_is_not_taken_for_deleted() -> None:
    text = TEXT.replace("correct: 0", "correct: 9", 1)
    found, problems = changes(text.encode(), BANK)
    assert [str(problem.place) for problem in problems] == ["3:3"]
    assert not found


@pytest.mark.parametrize(
    ("new", "sentence"),
    [(f"{1:024x}", "This `id` is here twice"), ("x", "No question here has this")],
)
def test_an_id_is_one_of_those_given_and_only_once(new: str, sentence: str) -> None:
    text = TEXT.replace(f"{2:024x}", new)
    found, problems = changes(text.encode(), BANK)
    assert [sentence in problem.message for problem in problems] == [True]
    assert found.removed == [BANK[2].id]


def test_the_template_can_be_used_with_all_of_its_examples() -> None:
    everything = TEMPLATE.replace("\n# - ", "\n- ").replace("\n#   ", "\n  ")
    items = list(native.read_yaml(everything.encode()))
    assert len(items) == 5
    assert all(isinstance(item, Entry) for item in items)
    assert len(list(native.read_yaml(TEMPLATE.encode()))) == 1
