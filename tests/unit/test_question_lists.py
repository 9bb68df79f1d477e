"""A list of questions reads the same in pieces as in one go, and its errors say the same."""

from __future__ import annotations

import asyncio
import json

import pytest

from livequiz.domain.errors import QuizError
from livequiz.protocol.codec import decode_json
from livequiz.protocol.resources import QuestionsRequest
from livequiz.server.http.question_lists import LARGEST_QUESTION, decode_questions
from tests.helpers import bank

GOOD = [json.dumps(question) for question in bank(400)]
ODD = json.dumps(
    {"question": 'a "b" \\ [c], {d}, \\" é\U0001f600', "options": ["[", ","], "correct": 0}
)
INDENTED = json.dumps({"questions": bank(400)}, indent=4)
MANY = ",".join(GOOD)


def listed(*texts: str) -> str:
    return f'{{"questions":[{",".join(texts)}]}}'


def outcome(body: bytes) -> object:
    try:
        return decode_json(body, QuestionsRequest)
    except QuizError as error:
        return str(error), error.code, error.field


def outcome_in_pieces(body: bytes) -> object:
    try:
        return asyncio.run(decode_questions(body))
    except QuizError as error:
        return str(error), error.code, error.field


SAME = {
    "nothing": "",
    "an empty object": "{}",
    "an empty list": listed(),
    "one question": listed(GOOD[0]),
    "a hundred kilobytes": listed(*GOOD),
    "indented": INDENTED,
    "brackets and quotes in texts": listed(*[ODD] * 900),
    "1,000 questions": listed(*[GOOD[0]] * 1_000),
    "1,001 questions": listed(*[GOOD[0]] * 1_001),
    "100,000 questions": listed(*[GOOD[0]] * 10_000),
    "a wrong one at the end": listed(*GOOD, '{"question": 1}'),
    "a wrong one in the middle": listed(*GOOD, '{"question": 1}', *GOOD),
    "one that is no object": listed(*GOOD, "7", *GOOD),
    "an unknown field in one": listed(*GOOD, GOOD[0][:-1] + ',"a":1}', *GOOD),
    "an unknown field before the list": f'{{"a":{{"b":[{MANY}]}},"questions":[{MANY}]}}',
    "an unknown field after the list": f'{{"questions":[{MANY}],"a":1}}',
    "two lists": f'{{"questions":[{MANY}],"questions":[{GOOD[0]}]}}',
    "an empty list after the list": f'{{"questions":[{MANY}],"questions":[]}}',
    "a comma too many at the end": f'{{"questions":[{MANY},]}}',
    "a comma too many and space": f'{{"questions":[{MANY},\n  ]}}',
    "two commas": f'{{"questions":[{MANY},,{MANY}]}}',
    "no comma": f'{{"questions":[{MANY} {MANY}]}}',
    "no end": f'{{"questions":[{MANY}',
    "no end of a text": f'{{"questions":[{MANY},{{"question":"',
    "a backslash at the end": f'{{"questions":[{MANY},{{"question":"\\',
    "the wrong bracket": f'{{"questions":[{MANY}}}}}',
    "something behind it": listed(*GOOD) + "x",
    "space around it": f" \n{listed(*GOOD)}\r\n\t ",
    "a list": f"[{MANY}]",
    "a list of lists": f"[[{MANY}]]",
    "no list": f'{{"questions":{{"a":[{MANY}],"b":1}}}}',
    "deeply nested lists": "[" * 500_000,
    "markup": "<html>" * 100_000,
    "a long text": f'"{"x" * 500_000}"',
    "a long text as the list": f'{{"questions":"{"x" * 500_000}"}}',
    "many lists as a field": listed(*GOOD, f'{{"question":[{"[]," * 200_000}1]}}'),
    "half a surrogate pair": listed(*GOOD, '{"question":"\\ud800","correct":0}'),
    "an escape of the name": listed(*GOOD).replace("questions", "\\u0071uestions", 1),
}


@pytest.mark.parametrize("body", [pytest.param(body, id=what) for what, body in SAME.items()])
def test_a_body_reads_the_same_in_pieces_as_in_one_go(body: str) -> None:
    # At each offset another text, number or bracket is cut by a step.
    for offset in (0, 1, 2, 3, 500):
        data = b" " * offset + body.encode()
        assert outcome_in_pieces(data) == outcome(data)


def test_bytes_that_are_no_text_are_refused_as_in_one_go() -> None:
    data = listed(*GOOD, '{"question":"~","correct":0}').encode().replace(b"~", b"\xff")
    assert outcome_in_pieces(data) == outcome(data)


@pytest.mark.parametrize(
    "question",
    [
        f'{{"question":"?","correct":[{"0," * LARGEST_QUESTION}0]}}',
        " " * (LARGEST_QUESTION + 8_192) + GOOD[0],
    ],
    ids=["numbers", "white space"],
)
def test_a_question_above_the_limit_is_refused_with_the_limit(question: str) -> None:
    for before in ([], GOOD):
        data = listed(*before, question, GOOD[0]).encode()
        with pytest.raises(QuizError, match="A question can have at most 128 KiB") as refused:
            asyncio.run(decode_questions(data))
        assert refused.value.field == "questions"


def test_others_have_turns_while_a_large_body_is_decoded() -> None:
    async def turns() -> int:
        decoding = asyncio.ensure_future(decode_questions(listed(*GOOD).encode()))
        count = 0
        while not decoding.done():
            await asyncio.sleep(0)
            count += 1
        return count

    assert asyncio.run(turns()) >= len(listed(*GOOD)) // 1_024
