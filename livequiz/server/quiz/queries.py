"""Read-only queries: snapshots, histories, statistics."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection
from datetime import datetime

import msgspec

from livequiz.db.store import Store
from livequiz.domain.errors import Code, QuizError
from livequiz.domain.key_wording import key_text
from livequiz.domain.model import Assignment, Meeting, Response, SeatKey, Student
from livequiz.domain.statistics import Tally, tally, tally_by_question, tally_by_student
from livequiz.protocol import messages, resources
from livequiz.protocol.fields import to_timestamp
from livequiz.protocol.snapshot import Snapshot
from livequiz.server.background import Tasks
from livequiz.server.cache.batching import BatchLoader
from livequiz.server.cache.meetings import MeetingCache, load_round, not_open
from livequiz.server.cache.questions import BankCache
from livequiz.server.quiz import presenters
from livequiz.server.quiz.leaderboards import Leaderboards

HISTORY_LENGTH = 20  # rounds shown in a student's waiting room
HISTORIES_AT_ONCE = 50  # students whose histories share a read
HISTORY_LOOK = 1.0  # histories reuse a check of the bank up to this many seconds old

Played = tuple[Assignment, Response | None]


class Queries:
    """The queries of students and instructors.

    Args:
        store: Reads what is not cached.
        bank: Caches the question bank.
        meetings: Caches the meetings.
        tasks: Runs the batched reads.
        leaderboards: Knows what the class sees of the leaderboard.
        now: The clock: aware UTC.

    Attributes:
        ssh_port: The port at which students can join by SSH, if they can.
        address: The URL at which students reach this server, if that is known.
    """

    def __init__(
        self,
        store: Store,
        bank: BankCache,
        meetings: MeetingCache,
        tasks: Tasks,
        *,
        leaderboards: Leaderboards,
        now: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._bank = bank
        self._meetings = meetings
        self._leaderboards = leaderboards
        self._now = now
        self.ssh_port: int | None = None
        self.address: str | None = None
        self._recent = BatchLoader(self._of_students, tasks, "histories", most=HISTORIES_AT_ONCE)

    async def snapshot(self, meeting_id: str) -> Snapshot:
        """Return a meeting's snapshot: everything that a dashboard shows."""
        now = self._now()
        meeting = await self.meeting(meeting_id)
        known = await self._meetings.get(meeting_id)
        live, past = known.latest, await self._meetings.past(known)
        bank_snapshot = await self._bank.snapshot()
        bank, topics = await bank_snapshot.count(), await bank_snapshot.topics()
        students = await self._store.participants.students(meeting_id)
        return Snapshot(
            meeting_id=meeting_id,
            locked=meeting.locked,
            server_time=to_timestamp(now),
            bank=bank,
            topics=topics,
            students=presenters.student_rows(students, past, live),
            round=presenters.round_detail(live, now) if live else None,
            assignments=presenters.assignment_rows(live) if live else [],
            questions=presenters.question_details(live) if live else [],
            banned=sorted(meeting.banned),
            unreadable=self._store.unreadable.about(meeting_id),
            ssh_port=self.ssh_port,
            address=self.address,
            results_of=meeting.results_of,
            leaderboard=await self._leaderboards.for_instructor(meeting, live),
        )

    async def meeting(self, meeting_id: str) -> Meeting:
        """Return a meeting.

        Raises:
            QuizError: `not_found`.
        """
        meeting = await self._store.participants.meeting(meeting_id)
        if meeting is None:
            raise not_open(meeting_id)
        return meeting

    async def round(self, meeting_id: str, round_id: str) -> resources.RoundWithAssignments:
        """Return a round with its assignments, responses and questions.

        Raises:
            QuizError: `not_found`.
        """
        quiz_round = await self._store.rounds.get(meeting_id, round_id)
        if quiz_round is None:
            raise QuizError(Code.NOT_FOUND, "This meeting has no such round.", "round_id")
        live = await load_round(self._store, quiz_round)
        shown = resources.round_resource(quiz_round)
        return resources.RoundWithAssignments(
            **msgspec.structs.asdict(shown),
            assignments=presenters.assignment_rows(live),
            questions=[resources.question_resource(each) for each in live.questions.values()],
        )

    async def stats(self, meeting_id: str) -> resources.MeetingStats:
        """Return the statistics of a meeting, computed from all stored responses."""
        responses = await self._store.rounds.meeting_responses(meeting_id)
        tallies = tally_by_question(responses)
        questions = await self._store.questions.get_many(tallies.keys())
        total = tally(responses)
        live = (await self._meetings.get(meeting_id)).latest
        by_student = tally_by_student(responses)
        return resources.MeetingStats(
            meeting_id=meeting_id,
            rounds=live.round.number if live else 0,
            responses=total.responses,
            correct=total.correct,
            accuracy=total.accuracy,
            mean_response_time=total.mean_response_time,
            round=presenters.round_stats(live) if live else None,
            questions=[
                resources.QuestionStatsRow(
                    question_id=question_id,
                    responses=count.responses,
                    correct=count.correct,
                    accuracy=count.accuracy,
                    question=questions[question_id].text if question_id in questions else "",
                )
                for question_id, count in tallies.items()
            ],
            students=[
                resources.StudentStatsRow(
                    student_id=student.id,
                    name=student.name,
                    responses=count.responses,
                    correct=count.correct,
                    accuracy=count.accuracy,
                    total_points=student.total_points,
                )
                for student in await self._store.participants.students(meeting_id)
                for count in [by_student.get(student.id, Tally())]
            ],
        )

    async def open_round(self, meeting_id: str) -> messages.OpenRound | None:
        """Return the open round for a student who joins now, if there is one."""
        live = (await self._meetings.get(meeting_id)).open
        if live is None:
            return None
        return messages.OpenRound(
            round_id=live.round.id,
            round_number=live.round.number,
            remaining=live.remaining(self._now()),
        )

    async def history(self, student: Student) -> list[messages.HistoryItem]:
        """Return a student's last rounds, newest first, with the open one if they have answered."""
        meeting = await self._meetings.get(student.meeting_id)
        numbers = (await self._meetings.past(meeting)).numbers
        recent = await self._recent.load((meeting.id, student.id)) or []
        if len(recent) < HISTORY_LENGTH < len(numbers):  # they missed some rounds
            recent = _by_student(await self._store.history.of_students([student.id], numbers))[
                student.id
            ]
        bank_snapshot = await self._bank.snapshot(looked_within=HISTORY_LOOK)
        questions = await bank_snapshot.get_many(
            {assignment.question_id for assignment, _ in recent}
        )
        items = await self._answered_now(student)
        recent.sort(key=lambda played: numbers[played[0].round_id], reverse=True)
        for assignment, response in recent[:HISTORY_LENGTH]:
            question = questions.get(assignment.question_id)
            if question is not None:
                items.append(
                    messages.HistoryItem(
                        round_number=numbers[assignment.round_id],
                        question=question.text,
                        correct=response.correct if response else False,
                        answered=response is not None,
                        response_time=response.response_time if response else None,
                        correct_option=key_text(question),
                    )
                )
        return items

    async def _of_students(self, keys: Collection[SeatKey]) -> dict[SeatKey, list[Played]]:
        """Return the students' assignments and responses in the last rounds of their meetings."""
        result: dict[SeatKey, list[Played]] = {}
        for meeting_id in {meeting_id for meeting_id, _ in keys}:
            past = await self._meetings.past(await self._meetings.get(meeting_id))
            last = list(past.numbers)[-HISTORY_LENGTH:]
            student_ids = [student_id for meeting, student_id in keys if meeting == meeting_id]
            played = _by_student(await self._store.history.of_students(student_ids, last))
            result |= {(meeting_id, student_id): rows for student_id, rows in played.items()}
        return result

    async def _answered_now(self, student: Student) -> list[messages.HistoryItem]:
        """Return the open round if the student has answered; the verdict may be withheld."""
        live = (await self._meetings.get(student.meeting_id)).open
        response = live.responses.get(student.id) if live else None
        if live is None or response is None:
            return []
        question = live.questions[response.question_id]
        hidden = live.withholds(live.assignments[student.id])
        return [
            messages.HistoryItem(
                round_number=live.round.number,
                question=question.text,
                correct=None if hidden else response.correct,
                answered=True,
                response_time=response.response_time,
                correct_option=None if hidden else key_text(question),
            )
        ]

    async def visible_score(self, student: Student) -> tuple[float, int]:
        """Return a student's points and streak, without a verdict that is still withheld."""
        live = (await self._meetings.get(student.meeting_id)).latest
        if live is None or student.id not in live.scores:
            return student.total_points, student.streak
        score, response = live.scores[student.id], live.responses.get(student.id)
        if response is None or not live.withholds(live.assignments[student.id]):
            return score.points, score.streak
        return score.points - response.points, 0


def _by_student(
    found: tuple[list[Assignment], list[Response]],
) -> defaultdict[str, list[Played]]:
    """Return assignments with their responses, by student id."""
    assignments, responses = found
    answers = {(response.round_id, response.student_id): response for response in responses}
    played: defaultdict[str, list[Played]] = defaultdict(list)
    for assignment in assignments:
        answer = answers.get((assignment.round_id, assignment.student_id))
        played[assignment.student_id].append((assignment, answer))
    return played
