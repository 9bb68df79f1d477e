"""Gathers what was played: meetings, rounds, students, questions and answers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from livequiz.domain.errors import Code, QuizError
from livequiz.domain.model import (
    Assignment,
    Meeting,
    Question,
    Response,
    Round,
    RoundState,
    Student,
)

MOST_ELSEWHERE = 100_000  # answers; enough for any difficulty, and estimated within seconds

Progress = Callable[[int, int], None]  # (rounds read, rounds in all)


@dataclass(frozen=True, slots=True)
class PlayedRound:
    """A round with everybody's question and answer.

    Attributes:
        questions: The questions that can still be read, by id.
    """

    round: Round
    assignments: Sequence[Assignment]
    responses: Sequence[Response]
    questions: Mapping[str, Question]


@dataclass(slots=True)
class Lesson:
    """One meeting, or several that are looked at together.

    Attributes:
        students: Everybody who ever joined, with an entry for each meeting.
        rounds: In the order of time.
        questions: By id.
        elsewhere: Answers to the same questions in other rounds and meetings.
    """

    meetings: list[Meeting]
    students: list[Student] = field(default_factory=list)
    rounds: list[PlayedRound] = field(default_factory=list)
    questions: dict[str, Question] = field(default_factory=dict)
    elsewhere: list[Response] = field(default_factory=list)


class Source(Protocol):
    """Where lessons are read from: a database, or a server's REST API."""

    async def meetings(self) -> list[Meeting]:
        """Return all meetings, oldest first."""
        ...

    async def students(self, meeting_id: str) -> list[Student]:
        """Return everybody who ever joined a meeting, in the order of joining."""
        ...

    async def rounds(self, meeting_id: str) -> list[Round]:
        """Return the rounds of a meeting, oldest first."""
        ...

    async def played(self, quiz_round: Round) -> PlayedRound:
        """Return what was played in a round."""
        ...

    async def answers_to(
        self, question_ids: Collection[str], but: Collection[str], most: int
    ) -> list[Response]:
        """Return up to `most` of the newest answers to questions, but not those in some rounds."""
        ...


async def codes(source: Source, class_name: str | None = None) -> list[str]:
    """Return the codes of all meetings, or of those of a class; archived ones too.

    Raises:
        QuizError: `not_found` if there are none.
    """
    found = await source.meetings()
    if not found:
        raise QuizError(Code.NOT_FOUND, "No class has taken place.", "meeting_id")
    wanted = [one.id for one in found if class_name is None or one.class_name == class_name]
    if not wanted:
        why = (
            f"No meeting belongs to class {class_name}; "
            "`livequiz results` lists them with their classes."
        )
        raise QuizError(Code.NOT_FOUND, why, "class")
    return wanted


async def gather(
    source: Source,
    meeting_ids: Sequence[str],
    number: int | None = None,
    progress: Progress = lambda _done, _all: None,
) -> Lesson:
    """Read meetings with all their rounds that are over, or with one of them.

    Args:
        source: Where they are.
        meeting_ids: The codes of the meetings, in any case.
        number: The number of the only round to read.
        progress: Is told after each round.

    Raises:
        QuizError: `not_found` if there is no such meeting or round.
    """
    wanted = {meeting_id.upper(): None for meeting_id in meeting_ids}
    known = {meeting.id: meeting for meeting in await source.meetings()}
    for meeting_id in wanted:
        if meeting_id not in known:
            why = f"There is no meeting {meeting_id}. `livequiz results` lists the meetings."
            raise QuizError(Code.NOT_FOUND, why, "meeting_id")
    lesson = Lesson([meeting for meeting in known.values() if meeting.id in wanted])
    rounds: list[Round] = []
    for meeting in lesson.meetings:
        lesson.students += await source.students(meeting.id)
        rounds += await source.rounds(meeting.id)
    rounds = [one for one in rounds if number in {None, one.number}]
    if number is not None and not rounds:
        raise QuizError(Code.NOT_FOUND, f"There is no round {number}.", "round")
    # In an open round, whoever has not answered yet still may.
    over = [one for one in rounds if one.state is RoundState.CLOSED]
    if number is not None and not over:
        raise QuizError(Code.CONFLICT, f"Round {number} is still open; close it first.", "round")
    rounds = over
    for done, quiz_round in enumerate(sorted(rounds, key=lambda one: one.opened_at), start=1):
        played = await source.played(quiz_round)
        lesson.rounds.append(played)
        lesson.questions.update(played.questions)
        progress(done, len(rounds))
    read = {played.round.id for played in lesson.rounds}
    lesson.elsewhere = await source.answers_to(lesson.questions, read, MOST_ELSEWHERE)
    return lesson
