"""Reads lessons from a running server."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, TypeVar

from livequiz.client.rest import RestClient
from livequiz.domain.model import (
    Assignment,
    Meeting,
    Question,
    Response,
    Round,
    RoundState,
    Student,
)
from livequiz.protocol.answers import answer_from, key_from
from livequiz.protocol.fields import from_timestamp
from livequiz.protocol.resources import (
    MeetingResource,
    Page,
    ParticipantResource,
    QuestionResource,
    RoundResource,
    RoundWithAssignments,
)
from livequiz.protocol.snapshot import AssignmentRow
from livequiz.results.lesson import PlayedRound

T = TypeVar("T")

AT_ONCE = 1_000  # the most that a page has
MOST_ROUNDS = 100  # read for answers elsewhere: one request each


class RestSource:
    """A `Source` of lessons."""

    def __init__(self, client: RestClient) -> None:
        self._client = client

    async def meetings(self) -> list[Meeting]:
        """Return all meetings, oldest first."""
        return [
            Meeting(
                id=found._id,
                created_at=from_timestamp(found.created_at),
                locked=found.locked,
                title=found.title,
                class_name=found.class_name,
                archived=found.archived,
            )
            for found in await self._all("meetings", Page[MeetingResource])
        ]

    async def students(self, meeting_id: str) -> list[Student]:
        """Return everybody who ever joined a meeting, in the order of joining."""
        path = f"meetings/{meeting_id}/participants"
        return [
            Student(
                id=found.student_id,
                meeting_id=found.meeting_id,
                name=found.name,
                presence=found.status,
                joined_at=from_timestamp(found.joined_at),
            )
            for found in await self._all(path, Page[ParticipantResource])
        ]

    async def rounds(self, meeting_id: str) -> list[Round]:
        """Return the rounds of a meeting, oldest first."""
        found = await self._all(f"meetings/{meeting_id}/rounds", Page[RoundResource])
        return [_round(resource) for resource in found]

    async def played(self, quiz_round: Round) -> PlayedRound:
        """Return what was played in a round."""
        path = f"meetings/{quiz_round.meeting_id}/rounds/{quiz_round.id}"
        found = await self._client.get(path, RoundWithAssignments)
        return PlayedRound(
            quiz_round,
            [_assignment(quiz_round, row) for row in found.assignments],
            [answer for row in found.assignments if (answer := _response(quiz_round, row))],
            {each._id: _question(each) for each in found.questions},
        )

    async def answers_to(
        self, question_ids: Collection[str], but: Collection[str], most: int
    ) -> list[Response]:
        """Return up to `most` of the newest answers to questions, but not those in some rounds.

        There is no route for that: they are looked for in the `MOST_ROUNDS` newest rounds.
        """
        rounds: list[Round] = []
        for meeting in reversed(await self.meetings()):  # the newest first
            over = (one for one in await self.rounds(meeting.id) if one.state is RoundState.CLOSED)
            rounds += [one for one in over if one.id not in but][::-1]
            if len(rounds) >= MOST_ROUNDS:
                break
        found: list[Response] = []
        for quiz_round in rounds[:MOST_ROUNDS]:
            if len(found) >= most:
                break
            played = await self.played(quiz_round)
            found += [each for each in played.responses if each.question_id in question_ids]
        return found[:most]

    async def _all(self, path: str, kind: type[Page[T]]) -> list[T]:
        page = await self._client.get(f"{path}?limit={AT_ONCE}", kind)
        found = page.items
        while page.next is not None:
            page = await self._client.get(f"{path}?limit={AT_ONCE}&after={page.next}", kind)
            found += page.items
        return found


def _round(found: RoundResource) -> Round:
    closed = found.closed_at
    return Round(
        id=found._id,
        meeting_id=found.meeting_id,
        number=found.number,
        state=found.state,
        opened_at=from_timestamp(found.opened_at),
        deadline=from_timestamp(found.deadline),
        draw_seed=found.draw_seed,
        closed_at=from_timestamp(closed) if closed else None,
        counts=found.counts,
        points_for=found.points_for,
    )


def _assignment(quiz_round: Round, row: AssignmentRow) -> Assignment:
    return Assignment(
        round_id=quiz_round.id,
        meeting_id=quiz_round.meeting_id,
        student_id=row.student_id,
        question_id=row.question_id,
        sent_time=quiz_round.opened_at,
        deadline=quiz_round.deadline,
        status=row.status,
    )


def _response(quiz_round: Round, row: AssignmentRow) -> Response | None:
    answered: Any = row  # whoever answered has all of these
    if row.answer is None:
        return None
    return Response(
        round_id=quiz_round.id,
        meeting_id=quiz_round.meeting_id,
        student_id=row.student_id,
        question_id=row.question_id,
        answer=answer_from(row.answer),
        correct=answered.correct,
        points=answered.points,
        response_time=answered.response_time,
        timestamp=from_timestamp(answered.timestamp),
    )


def _question(found: QuestionResource) -> Question:
    return Question(
        id=found._id,
        created_at=from_timestamp(found.created_at),
        text=found.question,
        options=tuple(found.options),
        correct=key_from(found.type, found.correct),
        type=found.type,
        weights=tuple(found.weights),
        scoring=found.scoring,
        case_sensitive=found.case_sensitive,
        wildcards=found.wildcards,
        points=found.points,
        time_limit=found.time_limit,
        topics=tuple(found.topics),
        difficulty=found.difficulty,
        explanation=found.explanation,
        source=found.source,
    )
