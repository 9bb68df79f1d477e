"""Questions that ask the same, or nearly so."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from livequiz.domain.model import Draft
from livequiz.domain.typed import plain_text

LIKENESS = 0.85  # of the words of two questions that are the same: Jaccard's index
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
    with_rare: dict[str, list[int]] = defaultdict(list)
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
        nearby = dict.fromkeys(earlier for word in prefix for earlier in with_rare[word])
        for earlier in nearby:
            if _alike(mine, words[earlier]) and _same_figures(texts[later], texts[earlier]):
                yield earlier, later, False
                break
        for word in prefix:
            with_rare[word].append(later)


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    shared = len(one & other)
    return shared >= LIKENESS * (len(one) + len(other) - shared)


def _same_figures(one: str, other: str) -> bool:
    """Return whether two texts have the same numbers and signs: else they are two exercises."""
    return _FIGURE.findall(one) == _FIGURE.findall(other)
