"""Generated questions for load tests: about 350 bytes of JSON each, all different."""

from __future__ import annotations

import random

from livequiz.protocol.questions import QuestionIn

SIZE = 350  # bytes of a question with its options
OPTIONS = 4
_WORDS = (
    "the river carries warm water north while cold currents return below and storms mix layers "
    "that otherwise stay apart which statement about heat salt and density explains this best"
).split()


def questions(count: int, seed: int = 4) -> list[QuestionIn]:
    """Return `count` questions; deterministic for a given seed."""
    rng = random.Random(seed)
    return [_question(number, rng) for number in range(count)]


def _question(number: int, rng: random.Random) -> QuestionIn:
    options = [f"{letter}. {_text(rng, 40)}" for letter in "ABCD"[:OPTIONS]]
    text = f"Question {number:06}: {_text(rng, SIZE - sum(map(len, options)) - 70)}?"
    return QuestionIn(question=text, options=options, correct=rng.randrange(OPTIONS))


def _text(rng: random.Random, size: int) -> str:
    text = rng.choice(_WORDS)
    while len(text) < size:
        text += " " + rng.choice(_WORDS)
    return text[:size].strip()
