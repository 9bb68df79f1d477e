"""LiveQuiz's own files: lossless both ways, and every mistake has its place."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livequiz.bank import native
from livequiz.bank.format_type import Format
from livequiz.bank.reading import Entry, Item, Reading
from livequiz.domain.errors import QuizError
from livequiz.domain.model import Draft, Scoring
from tests.bank.cases import assert_usable
from tests.bank.drafts import drafts

FORMATS = [native.JSON, native.YAML]
both = pytest.mark.parametrize("known", FORMATS, ids=lambda known: known.name)
YAML = """\
- question: Which is even?
  options: [1.50, 2, no]
  correct: 1
- question: |-
    What does this print?

    ```python
    if True:
        print("no")
    ```
  type: short_text
  correct: no
-   question: A claim.
    type: true_false
    correct: yes
"""


def read(known: Format, content: bytes) -> Reading:
    reading = Reading()
    for item in known.read(content):
        reading.take(item)
    return reading


@both
@given(st.lists(drafts(), max_size=4))
def test_what_is_written_is_read_back_unchanged(known: Format, bank: list[Draft]) -> None:
    assert known.write is not None
    reading = read(known, known.write(bank).content)
    assert not reading.problems
    assert reading.drafts == bank


@both
@given(drafts(), st.booleans(), st.booleans(), st.sampled_from(Scoring))
def test_how_a_question_is_graded_is_kept(
    known: Format, draft: Draft, case: bool, stars: bool, scoring: Scoring
) -> None:
    assert known.write is not None
    odd = replace(draft, case_sensitive=case, wildcards=stars, scoring=scoring)
    assert read(known, known.write([odd]).content).drafts == [odd]


def test_yaml_is_what_it_looks_like() -> None:
    reading = read(native.YAML, YAML.encode())
    even, short = reading.entries
    assert even.draft.options == ("1.50", "2", "no")
    assert short.draft.correct == ("no",)
    assert short.draft.text.splitlines()[3:5] == ["if True:", '    print("no")']
    assert (short.place.line, short.place.column) == (4, 3)
    wrong = [(str(problem.place), problem.message) for problem in reading.problems]
    assert wrong == [("13:5", "`correct` is `yes`; write true or false.")]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("[1,]", "This is not valid JSON: Expecting value at line 1, column 4."),
        ("[NaN]", "This is not valid JSON: NaN is not a number."),
        ('{"a": 1}', native.NOT_A_LIST),
        ("5", native.NOT_A_LIST),
        ("[" * 100_000, "This JSON is nested too deeply."),
        ("\x00", "This is not valid JSON: Expecting value at line 1, column 1."),
        ("", "This is not valid JSON: Expecting value at line 1, column 1."),
    ],
)
def test_json_that_is_no_bank_is_refused(content: str, sentence: str) -> None:
    with pytest.raises(QuizError) as refused:
        list(native.read_json(content.encode()))
    assert refused.value.message == sentence


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("- &a [1]\n- *a", "write out what an alias (`*name`) stands for at line 1, column 3."),
        ("- !!python/object:os.system x", "`x` is not text or a number at line 1, column 3."),
        ("- a: 1\n  a: 2", "the field `a` is there twice at line 2, column 3."),
        ("- [1", "did not find expected ',' or ']' at line 2, column 1."),
        ("[" * 30 + "]" * 30, "lists and mappings are more than 20 deep at line 1, column 21."),
        # The library's own stack had an end: the process died.
        ("- " * 100_000, "lists and mappings are more than 20 deep at line 1, column 41."),
        (
            "- question: a: b",
            "a text with a colon in it has to stand in quotes at line 1, column 14.",
        ),
        ("- ? [a]\n  : b", "a field's name is a text at line 1, column 5."),
        ("- !!int foo", "`foo` is not the int that its tag says at line 1, column 3."),
        ("- !!float x", "`x` is not the float that its tag says at line 1, column 3."),
        # PyYAML has another `true` and another `null`.
        ("- !!bool yes", "`yes` is not the bool that its tag says at line 1, column 3."),
        ("- !!null b", "`b` is not the null that its tag says at line 1, column 3."),
        ("- " + "1" * 50, f"`{'1' * 40}` is not text or a number at line 1, column 3."),
    ],
)
def test_yaml_that_is_not_plain_is_refused(content: str, sentence: str) -> None:
    with pytest.raises(QuizError) as refused:
        list(native.read_yaml(content.encode()))
    assert refused.value.message == f"This YAML can't be used: {sentence}"


@pytest.mark.parametrize("read", [native.read_json, native.read_yaml])
def test_other_encodings_are_named(read: Callable[[bytes], Iterator[Item]]) -> None:
    with pytest.raises(QuizError, match="not UTF-8 text"):
        list(read("- é".encode("latin-1")))


def test_entries_of_json_are_found_again_wherever_they_stand() -> None:
    content = '{"x": [1, {}], "questions": [\n  {"question": "a"},\n\n  5,\n {"question": "b"}]}'
    places = [str(item.place) for item in native.read_json(content.encode())]
    assert places == ["2:3", "4:3", "5:2"]


def test_json_in_a_list_or_an_object_is_the_same() -> None:
    row = '{"question": "a?", "options": ["x", "y"], "correct": 1, "id": "left out"}'
    alone, inside = (
        list(native.read_json(text.encode())) for text in (f"[{row}]", f'{{"questions": [{row}]}}')
    )
    assert isinstance(alone[0], Entry)
    assert isinstance(inside[0], Entry)
    assert alone[0].draft == inside[0].draft


@both
@given(st.binary(max_size=200) | st.text("[]{},:-\"' \n&*!|>ab1", max_size=200).map(str.encode))
def test_whatever_a_file_holds_only_the_coded_error_comes_out(
    known: Format, content: bytes
) -> None:
    items: list[Item] = []
    with contextlib.suppress(QuizError):
        items.extend(known.read(content))
    assert_usable(items)
