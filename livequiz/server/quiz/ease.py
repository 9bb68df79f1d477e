"""How easy questions are, by all answers to them so far, for balanced draws."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from time import monotonic

from livequiz.db.store import Store
from livequiz.domain.balance import BY_LABEL, ease_of
from livequiz.domain.draw import candidates_needed
from livequiz.domain.errors import QuizError
from livequiz.domain.model import Question
from livequiz.domain.statistics import Tally

AMONG = 2_000  # candidates whose ease is estimated for a draw
KEPT_FOR = 600.0  # seconds: counting a school year's answers would hold up each round
STORED_WITHIN = timedelta(seconds=5)  # later answers may not be stored yet; they count next time


class EaseEstimates:
    """Estimates the ease of questions; counts all answers anew every ten minutes.

    Args:
        store: Counts the answers.
        now: The clock: aware UTC.
    """

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now
        self.until: datetime | None = None  # when the answers counted end; None before any count
        self._tallies: Mapping[str, Tally] = {}
        self._counted_at: float | None = None

    async def of(
        self, question_ids: Collection[str], questions: Mapping[str, Question]
    ) -> dict[str, float]:
        """Return the ease of each question, from 0 to 1.

        Args:
            question_ids: The questions.
            questions: As many of them as can be read.
        """
        if self._counted_at is None or monotonic() > self._counted_at + KEPT_FOR:
            self._counted_at = monotonic()
            # A round does not fail for want of them: there are older ones, or the authors' labels.
            with contextlib.suppress(QuizError):
                until = self._now() - STORED_WITHIN
                self._tallies = await self._store.history.tallies(before=until)
                self.until = until
        return eases(question_ids, questions, self._tallies)


def eases(
    question_ids: Collection[str],
    questions: Mapping[str, Question],
    tallies: Mapping[str, Tally],
) -> dict[str, float]:
    """Return the ease of each question; one that can't be read is neither easy nor hard."""
    return {
        question_id: ease_of(question, tallies.get(question_id, Tally()))
        if (question := questions.get(question_id))
        else BY_LABEL[None]
        for question_id in question_ids
    }


def sample_for(
    seen: Mapping[str, Sequence[str]], candidates: list[str], rng: random.Random
) -> list[str]:
    """Return a sample of very many candidates, large enough for a distinct draw.

    Args:
        seen: By student id, the questions that they have seen in this meeting.
        candidates: Ids of the questions that match, sorted.
        rng: The only source of chance.
    """
    most = max(map(len, seen.values()), default=0)
    size = max(AMONG, 2 * candidates_needed(len(seen), most))
    return sorted(rng.sample(candidates, size)) if len(candidates) > size else candidates
