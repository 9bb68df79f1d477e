"""How questions and rounds went. Accuracy is a percentage of the responses, to 0.1."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from livequiz.domain.model import Question, Response


@dataclass(frozen=True, slots=True)
class Tally:
    """Responses counted, and how long they took together, in seconds."""

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

    @property
    def accuracy(self) -> float | None:
        """Per cent of the responses that are right, or None before the first."""
        return round(100 * self.correct / self.responses, 1) if self.responses else None

    @property
    def mean_response_time(self) -> float | None:
        """Seconds, or None before the first response."""
        return round(self.total_time / self.responses, 3) if self.responses else None


def tally(responses: Iterable[Response]) -> Tally:
    """Count responses."""
    result = Tally()
    for response in responses:
        result = result.add(response)
    return result


def tally_by_question(responses: Iterable[Response]) -> dict[str, Tally]:
    """Count responses for each question id."""
    return _tally_by(lambda response: response.question_id, responses)


def tally_by_student(responses: Iterable[Response]) -> dict[str, Tally]:
    """Count responses for each student id."""
    return _tally_by(lambda response: response.student_id, responses)


def _tally_by(key: Callable[[Response], str], responses: Iterable[Response]) -> dict[str, Tally]:
    result: dict[str, Tally] = {}
    for response in responses:
        group = key(response)
        result[group] = result.get(group, Tally()).add(response)
    return result


def hardest(
    tallies: Mapping[str, Tally], questions: Mapping[str, Question]
) -> tuple[Question, Tally] | None:
    """Return the question with the lowest accuracy below 100 %; the most answered of equals."""
    missed = [(t.correct / t.responses, -t.responses, q) for q, t in tallies.items() if t.responses]
    share, _, question_id = min(missed, default=(1.0, 0, ""))
    if share == 1.0:
        return None
    return questions[question_id], tallies[question_id]


def slowest(responses: Iterable[Response]) -> Response | None:
    """Return the response that took longest."""
    return max(responses, key=lambda response: response.response_time, default=None)
