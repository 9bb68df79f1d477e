"""What is exported to any format that can hold it is read back with the same key.

250 questions for each format by default; `LIVEQUIZ_FUZZ=40` makes it 10,000.
"""

from __future__ import annotations

import string
from collections.abc import Callable
from random import Random
from typing import Any, NamedTuple

import pytest

from livequiz.bank import formats
from livequiz.bank.format_type import Format
from livequiz.bank.reading import Kind
from livequiz.domain.model import Draft, QuestionType
from livequiz.domain.typed_answers import plain_text
from livequiz.protocol.codec import decode
from livequiz.protocol.questions import QuestionIn, to_draft
from tests.bank.cases import whole
from tests.fuzz.effort import SECONDS, TIMES

BANKS = max(1, round(50 * TIMES))
LARGEST_BANK = 9  # questions; 5 on average
WRITTEN = [known for known in formats.FORMATS if known.write]

# What a format may take for its own marks, for a key, or for a formula.
ODD = (
    *("<math><mfrac><mn>3</mn><mn>4</mn></mfrac></math>", "<b>", "</p>", "&lt;", "&amp;", "3/4"),
    *("x^2", "sqrt(2)", r"\(A^{T}\)", "$x_1$", "$A^{T}$", "2 < 3 > 1", "<sup>2</sup>", "x<y"),
    *("[html]", "[x]", "[ ] a", "{a}", "{=a ~b}", "(a)", "[", "{", "{T}", "{#3:1}", "[[1]]"),
    *("A)", "B) b", "C. c", "a)", "ANSWER: B", "- [x] a", "* a", "# a", "// a", "::a:: b", "^ a"),
    *("=a", "~a", "~=a", "%50%a", "a -> b", "a#b", "a|b", "a;b", "a,b", "A,C", "AC", "A and B"),
    *("option_a", "option_b", "Option C", "answer 2", "1,3", "1 2", "0", "1", "2", "True", "False"),
    *("yes", "no", "don't", "don’t", '"a"', "“a”", "«a»", "'a", "`a`", "**a**", "*", "_", "\\"),
    *("a\\", "\\n", "é", "e", "à", "A", "a", "±", "9.81 ± 0.05", "1,000", "1.5", "-1", "+1", "@a"),
    *("$CATEGORY: a", "%%mlang", "{1:SA:=a}", "#Q a", "none of the above"),
)  # fmt: skip
ALPHABET = string.ascii_letters + string.digits + " '\"`*_#=~{}[]()<>&|\\/%@+-.,:;?!^$éßλ’“–"


class Written(NamedTuple):
    """A question as it was before it was written, and after it was read back."""

    before: Draft
    after: Draft


def text(random: Random) -> str:
    """Return a text of a letter, a digit, marks, or all of that."""
    kind = random.randrange(5)
    if kind == 0:
        return random.choice(string.ascii_letters)
    if kind == 1:
        return random.choice(string.digits)
    if kind == 2:
        made = "".join(random.choices(ALPHABET, k=random.randrange(1, 12)))
        return " ".join(made.split()) or "a"
    parts = random.choices(ODD, k=1 if kind == 3 else 2)
    return " ".join(parts)


def texts(random: Random, fewest: int, most: int, good: Callable[[str], object]) -> list[str]:
    found: dict[str, None] = {}
    wanted = random.randint(fewest, most)
    while len(found) < wanted:
        made = text(random)
        if good(made):
            found[made] = None
    return list(found)


def question(random: Random, number: int) -> Draft:
    """Return a question whose text ends in its number."""
    kind = random.choice(list(QuestionType))
    raw: dict[str, Any] = {"question": f"{text(random)} {text(random)} n{number}", "type": kind}
    if kind in {QuestionType.SINGLE, QuestionType.MULTIPLE}:
        raw["options"] = texts(random, 2, 5, bool)
        places = range(len(raw["options"]))
        several = random.sample(places, random.randint(1, len(places)))
        raw["correct"] = several if kind is QuestionType.MULTIPLE else random.choice(places)
    elif kind is QuestionType.TRUE_FALSE:
        raw["options"] = random.choice([[], [], texts(random, 2, 2, bool)])
        raw["correct"] = random.random() < 0.5
    elif kind is QuestionType.SHORT_TEXT:
        raw["correct"] = texts(random, 1, 3, _is_word)
    else:
        around = random.choice([0, 0, 0.05, 2])
        raw["correct"] = {"value": round(random.uniform(-99, 99), 3), "tolerance": around}
    return to_draft(decode(raw, QuestionIn))


def _is_word(made: str) -> bool:
    return any(character.isalnum() for character in plain_text(made))


def number_of(draft: Draft) -> str:
    return draft.text.split()[-1]


def key(draft: Draft) -> object:
    """Return what is right, in a form in which formats may not differ."""
    if isinstance(draft.correct, int):
        return draft.correct
    return sorted(map(repr, draft.correct))


def right_texts(draft: Draft) -> list[str]:
    """Return the texts of the right options."""
    places = draft.correct if isinstance(draft.correct, tuple) else (draft.correct,)
    return [" ".join(draft.options[p].split()) for p in places if isinstance(p, int)]


def there_and_back(known: Format, bank: list[Draft]) -> list[Written]:
    """Return the questions that a format can hold; fail if one is lost on the way."""
    assert known.write is not None
    writing = known.write(bank)
    reading = whole(known.read(writing.content))
    wrong = [problem for problem in reading.problems if problem.kind is not Kind.LOST]
    assert not wrong, wrong
    read = {number_of(draft): draft for draft in reading.drafts}
    assert len(read) == len(reading.drafts) == len(bank) - writing.left_out
    return [Written(draft, read[n]) for draft in bank if (n := number_of(draft)) in read]


@pytest.mark.timeout(SECONDS)
@pytest.mark.parametrize("known", WRITTEN, ids=lambda known: known.name)
def test_a_question_is_read_back_with_the_same_key(known: Format) -> None:
    random = Random(known.name)
    number = 0
    for _ in range(BANKS):
        bank = [question(random, number + n) for n in range(random.randint(1, LARGEST_BANK))]
        number += len(bank)
        for before, after in there_and_back(known, bank):
            assert key(after) == key(before), (before, after)
            if before.type in {QuestionType.SINGLE, QuestionType.MULTIPLE}:
                assert right_texts(after) == right_texts(before), (before, after)


def test_every_format_holds_most_questions() -> None:
    """Else the property would say nothing."""
    random = Random(0)
    bank = [question(random, number) for number in range(200)]
    for known in WRITTEN:
        assert known.write is not None
        held = sum(draft.type is QuestionType.SINGLE for draft in bank)
        assert len(bank) - known.write(bank).left_out >= held / 2
