"""What a projector shows to the whole class: no name and no result before the teacher says so.

The conventions of `livequiz.protocol.messages` apply.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from livequiz.domain.statistics import Tally, tally_by_topic
from livequiz.protocol.leaderboard import Leaderboard
from livequiz.protocol.message import Message


class TopicResult(Message):
    """The responses to the questions of a topic."""

    topic: str
    responses: int
    correct: int


class HardestQuestion(Message):
    """The question with the lowest accuracy in a round."""

    question: str
    responses: int
    correct: int
    explanation: str | None = None


class Results(Message):
    """The results of a closed round, the topic with the lowest accuracy first."""

    accuracy: float | None
    topics: list[TopicResult]
    hardest: HardestQuestion | None


class ProjectedRound(Message):
    """The newest round; it has `results` and a `leaderboard` once the teacher shows them."""

    round_id: str
    number: int
    open: bool
    remaining: float
    assigned: int
    answered: int
    results: Results | None = None
    leaderboard: Leaderboard | None = None


class Projection(Message):
    """A meeting as the class may see it.

    `address` is the URL of the students' page, if other machines can reach it; the rows of `qr`
    are its QR code, with `1` for each dark module.
    """

    meeting_id: str
    here: int
    address: str | None = None
    commands: list[str] = msgspec.field(default_factory=list)
    qr: list[str] = msgspec.field(default_factory=list)
    round: ProjectedRound | None = None


def topic_results(tallies: Iterable[tuple[Sequence[str], Tally]]) -> list[TopicResult]:
    """Return the results of topics from the topics of questions and their tallies."""
    return [
        TopicResult(topic, tally.responses, tally.correct)
        for topic, tally in tally_by_topic(tallies).items()
    ]
