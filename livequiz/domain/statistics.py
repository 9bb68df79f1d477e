"""Statistics of questions and rounds. Accuracy is a percentage of the responses, to 0.1."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from livequiz.domain.model import Question, Response

NO_TOPIC = "other"
ENOUGH = 5  # responses from which on a question's accuracy says something
TIMES = (5, 10, 15, 20, 30, 45, 60, 90, 120)  # seconds: the bounds of a histogram
TELLING = 2  # responses from which on a question can be called the hardest


@dataclass(frozen=True, slots=True)
class Tally:
    """The number of responses and of correct ones, and their total response time in seconds."""

    responses: int = 0
    correct: int = 0
    total_time: float = 0.0

    def add(self, response: Response) -> Tally:
        """Return the tally with one more response."""
        return Tally(
            self.responses + 1,
            self.correct + response.correct,
            self.total_time + response.response_time,
        )

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.responses + other.responses,
            self.correct + other.correct,
            self.total_time + other.total_time,
        )

    def __sub__(self, other: Tally) -> Tally:
        return Tally(
            self.responses - other.responses,
            self.correct - other.correct,
            self.total_time - other.total_time,
        )

    @property
    def accuracy(self) -> float | None:
        """The percentage of correct responses, or None before the first."""
        return round(100 * self.correct / self.responses, 1) if self.responses else None

    @property
    def mean_response_time(self) -> float | None:
        """Mean response time in seconds, or None before the first response."""
        return round(self.total_time / self.responses, 3) if self.responses else None


def tally(responses: Iterable[Response]) -> Tally:
    """Count responses."""
    result = Tally()
    for response in responses:
        result = result.add(response)
    return result


def tally_by_question(responses: Iterable[Response]) -> dict[str, Tally]:
    """Return a tally for each question id."""
    return _tally_by(lambda response: response.question_id, responses)


def tally_by_student(responses: Iterable[Response]) -> dict[str, Tally]:
    """Return a tally for each student id."""
    return _tally_by(lambda response: response.student_id, responses)


def tally_by_topic(tallies: Iterable[tuple[Sequence[str], Tally]]) -> dict[str, Tally]:
    """Add up tallies of questions by topic, the lowest accuracy first.

    A question counts for its first topic.
    """
    result: dict[str, Tally] = {}
    for topics, one in tallies:
        topic = topics[0] if topics else NO_TOPIC
        result[topic] = result.get(topic, Tally()) + one
    return dict(sorted(result.items(), key=lambda item: item[1].accuracy or 0.0))


def _tally_by(key: Callable[[Response], str], responses: Iterable[Response]) -> dict[str, Tally]:
    result: dict[str, Tally] = {}
    for response in responses:
        group = key(response)
        result[group] = result.get(group, Tally()).add(response)
    return result


def hardest(
    tallies: Mapping[str, Tally], questions: Mapping[str, Question]
) -> tuple[Question, Tally] | None:
    """Return the question with the lowest accuracy below 100 %; ties go to the most answered."""
    missed = [
        (tally.correct / tally.responses, -tally.responses, question_id)
        for question_id, tally in tallies.items()
        if tally.correct < tally.responses
    ]
    if not missed:
        return None
    _, _, question_id = min(missed)
    return questions[question_id], tallies[question_id]


def slowest(responses: Iterable[Response]) -> Response | None:
    """Return the response with the longest response time."""
    return max(responses, key=lambda response: response.response_time, default=None)
