"""A text entry of Blackboard's, which accepts several texts."""

from __future__ import annotations

from pathlib import Path

from livequiz.bank import formats

CASES = Path(__file__).parent / "cases"


def test_each_value_of_a_text_entry_is_accepted_in_the_case_that_its_mapping_says() -> None:
    (draft,) = formats.read_whole(CASES / "qti_text_two_values.xml").drafts
    assert draft.correct == ("Grey", "gray")
    assert not draft.case_sensitive
    assert not draft.weights
