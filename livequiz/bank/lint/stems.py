"""Questions that ask the same, or nearly so."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from livequiz.domain.model import Draft
from livequiz.domain.typed import plain_text

LIKENESS = 0.85  # of the words of two questions that are the same: Jaccard's index
MOST_ALIKE = 200  # questions that are compared because of one word: more have a form in common
FEWEST_WORDS = 5  # of a question that can be nearly the same as another
_WORD = re.compile(r"\w+")
_FIGURE = re.compile(r"\d+|[^\w\s.,;:?!'\"()-]+")


def near_duplicates(questions: Sequence[Draft]) -> Iterator[tuple[int, int, bool]]:
    """Yield an earlier and a later question, and whether the texts are the same, for each pair.

    Of the words, the rarest are looked up: two sets that are alike enough share one of them
    (prefix filtering: Bayardo, Ma, Srikant, "Scaling up all pairs similarity search", 2007).
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
        # With other numbers and signs it is another exercise.
        figures = " ".join(_FIGURE.findall(texts[later]))
        shelves = [with_rare[figures, word] for word in prefix]
        nearby = dict.fromkeys(earlier for shelf in shelves for earlier in shelf)
        for earlier in nearby:
            if _alike(mine, words[earlier]):
                yield earlier, later, False
                break
        for shelf in shelves:
            if len(shelf) < MOST_ALIKE:
                shelf.append(later)


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    shared = len(one & other)
    return shared >= LIKENESS * (len(one) + len(other) - shared)
