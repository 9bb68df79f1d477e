"""What a projector shows to the whole class: no names, and no result before the teacher says so.

The conventions of `livequiz.protocol.messages` apply.
"""

from __future__ import annotations

import msgspec

from livequiz.domain.statistics import Tally
from livequiz.protocol.messages import Message


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

    @property
    def title(self) -> str:
        """Its heading; one response is no measure, and whose it was is nobody's business."""
        if self.responses < 2:
            return "One to talk about"
        return f"The hardest question: {self.correct} of {self.responses} right"


class Results(Message):
    """The results of a closed round, the topic with the lowest accuracy first."""

    accuracy: float | None
    topics: list[TopicResult]
    hardest: HardestQuestion | None


class ProjectedRound(Message):
    """The newest round; it has `results` once the teacher shows them."""

    round_id: str
    number: int
    open: bool
    remaining: float
    assigned: int
    answered: int
    results: Results | None = None


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


def topic_results(tallies: dict[str, Tally]) -> list[TopicResult]:
    """Return the results of topics, the lowest accuracy first."""
    ordered = sorted(tallies.items(), key=lambda item: item[1].accuracy or 0.0)
    return [TopicResult(topic, tally.responses, tally.correct) for topic, tally in ordered]
