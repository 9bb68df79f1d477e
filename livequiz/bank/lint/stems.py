"""Finds questions that ask the same thing, or nearly so."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from livequiz.domain.model import Draft
from livequiz.domain.typed_answers import plain_text

LIKENESS = 0.85  # minimum Jaccard index of the words of two questions
MOST_ALIKE = 200  # questions compared per shared word; more than that share a template
FEWEST_WORDS = 5  # in a question that can be a near-duplicate
_WORD = re.compile(r"\w+")
_FIGURE = re.compile(r"\d+|[^\w\s.,;:?!'\"()-]+")


def near_duplicates(questions: Sequence[Draft]) -> Iterator[tuple[int, int, bool]]:
    """Yield pairs of indexes, earlier one first, and whether text and options are the same.

    Each question is paired with at most one earlier one. Only its rarest words are looked up:
    two sets that are similar enough share one of them (prefix filtering: Bayardo, Ma, Srikant,
    "Scaling up all pairs similarity search", 2007).
    """
    texts = [plain_text(question.text) for question in questions]
    words = [frozenset(_WORD.findall(text)) for text in texts]
    frequency = Counter(word for some in words for word in some)
    with_rare: dict[tuple[str, str], list[int]] = defaultdict(list)
    first: dict[tuple[str, tuple[str, ...]], int] = {}
    for later, mine in enumerate(words):
        same = first.setdefault((texts[later], questions[later].options), later)
        if same != later:
            yield same, later, True
            continue
        if len(mine) < FEWEST_WORDS:
            continue
        rarest = sorted(mine, key=lambda word: (frequency[word], word))
        prefix = rarest[: len(mine) - math.ceil(LIKENESS * len(mine)) + 1]
        # Different numbers or symbols make it a different exercise.
        figures = " ".join(_FIGURE.findall(texts[later]))
        shelves = [with_rare[figures, word] for word in prefix]
        nearby = dict.fromkeys(earlier for shelf in shelves for earlier in shelf)
        for earlier in nearby:
            shared = len(mine & words[earlier])
            if shared >= LIKENESS * (len(mine) + len(words[earlier]) - shared):
                yield earlier, later, False
                break
        for shelf in shelves:
            if len(shelf) < MOST_ALIKE:
                shelf.append(later)
