"""A simulated class for load tests: joins, gets questions, answers and verifies the results."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from livequiz.bench.people import PATIENCE, Countdown, Instructor, Question, Student
from livequiz.bench.stored import Stored
from livequiz.bench.subject import Subject
from livequiz.bench.usage import usage
from livequiz.domain.errors import Code, QuizError

JOIN_AT_ONCE = 100  # concurrent joins
SENT_AT_ONCE = 100  # answers sent before acknowledgements are read
FIRST_PAUSE, LONGEST_PAUSE = 0.3, 3.0  # seconds between reconnect attempts
DURATION = 3_600.0  # seconds; long enough that the round always ends early


@dataclass(slots=True)
class Asked:
    """A round in which every student has received their question.

    Attributes:
        since: When the round was triggered.
        seconds: From the trigger to the last student's question.
        questions: Each student's question, by student id.
    """

    since: datetime
    seconds: float
    questions: dict[str, Question]

    @property
    def left(self) -> float:
        """Seconds until the deadline of a server on this machine, which has the same clock."""
        ends = [datetime.fromisoformat(q.deadline) for q in self.questions.values() if q.deadline]
        return (min(ends) - datetime.now(UTC)).total_seconds()


@dataclass(frozen=True, slots=True)
class Answered:
    """Answers that were acknowledged.

    Attributes:
        seconds: From the first answer to the last acknowledgement.
        latencies: Seconds from each answer to its acknowledgement.
        shown: Seconds from each answer to the instructor's data.
        refused: The error messages of rejected answers.
        server_cpu: CPU seconds of the server, until the instructor had seen all answers.
        client_cpu: CPU seconds of this process, until the last acknowledgement.
    """

    seconds: float
    latencies: list[float]
    shown: list[float]
    refused: list[str]
    server_cpu: float
    client_cpu: float


class MeasuredClass:
    """Students and an instructor, all connected from this process.

    Args:
        subject: The server under test.
        size: The number of students.
        stored: Checks what the server has stored.
    """

    def __init__(self, subject: Subject, size: int, stored: Stored) -> None:
        self.subject = subject
        self.students = [Student(subject, f"S{number:05}", self._news) for number in range(size)]
        self.instructor = Instructor(subject)
        self.stored = stored
        self._due = {
            name: Countdown(0, name) for name in ("joined", "question", "answered", "closed")
        }

    async def join(self) -> float:
        """Join or rejoin all students; return how many seconds that took."""
        if self.instructor.lost is not None or self.instructor.joined.last == 0.0:
            await self.instructor.join()
        gate = asyncio.Semaphore(JOIN_AT_ONCE)
        joined = self._expect("joined", len(self.students))

        async def enter(student: Student) -> None:
            async with gate:
                await student.join()

        start = time.perf_counter()
        await asyncio.gather(*(enter(student) for student in self.students))
        return await self._patiently(joined) - start

    async def rejoin(self) -> tuple[float, int]:
        """Drop every student's connection, and reconnect all at once (a thundering herd).

        Failed attempts are retried after a pause, as in the product's own clients.

        Returns:
            Seconds until the last student's join was confirmed, and the number of failed attempts.
        """
        joined = self._expect("joined", len(self.students))
        start = time.perf_counter()
        for student in self.students:
            student.drop()
        failed = await asyncio.gather(*(_come_back(student) for student in self.students))
        return await self._patiently(joined) - start, sum(failed)

    def leave(self) -> None:
        """Drop all connections."""
        for person in (*self.students, self.instructor):
            person.drop()

    async def ask(self, duration: float = DURATION) -> Asked:
        """Trigger a round, and wait until the last student has their question.

        Raises:
            QuizError: If a student got no question, or someone else's.
        """
        arrived = self._expect("question", len(self.students))
        for student in self.students:
            student.asked = None
        self._expect("closed", len(self.students))
        self.instructor.expect()
        now = datetime.now(UTC)
        since = now.replace(microsecond=now.microsecond // 1000 * 1000)  # as MongoDB stores it
        start = self.instructor.trigger(duration)
        last = await self._patiently(arrived)
        await self._patiently(self.instructor.sent)
        questions = {student.student_id: student.question for student in self.students}
        got = {student: question.question_id for student, question in questions.items()}
        await self.stored.check_questions(self.subject.meeting, since, got)
        return Asked(since, last - start, questions)

    async def answer(
        self, asked: Asked, who: Sequence[Student], pauses: Sequence[float] | None = None
    ) -> Answered:
        """Submit the students' answers, and wait for every acknowledgement.

        Args:
            asked: The round that they answer.
            who: The students who answer, in that order.
            pauses: Each answer's offset from the start in seconds, ascending; all at once if None.

        Raises:
            QuizError: If an answer is acknowledged but not stored.
        """
        frames = [
            student.answer_frame(asked.questions[student.student_id], number % 4)
            for number, student in enumerate(who)
        ]
        answered = self._expect("answered", len(who))
        self.instructor.expect_answers(len(who))
        server, client = usage(self.subject.pid).cpu, time.process_time()
        start = time.perf_counter()
        for number, student in enumerate(who):
            if pauses is not None and (early := start + pauses[number] - time.perf_counter()) > 0:
                await asyncio.sleep(early)
            student.answer(frames[number])
            if number % SENT_AT_ONCE == 0:
                await asyncio.sleep(0)  # lets the event loop read acknowledgements
        last = await self._patiently(answered)
        client = time.process_time() - client
        met = [student for student in who if student.acked_at]
        self.instructor.updates.tick(last, len(who) - len(met))  # for these no update will arrive
        await self._patiently(self.instructor.updates)
        server = usage(self.subject.pid).cpu - server
        await self.stored.check_answers(
            asked.since, {s.student_id: asked.questions[s.student_id].question_id for s in met}
        )
        seen = self.instructor.seen
        return Answered(
            last - start,
            [student.acked_at - student.answered_at for student in met],
            [seen[student.student_id] - student.answered_at for student in met],
            [error for student in who for error in student.errors],
            server,
            client,
        )

    async def finish(self, *, complete: bool) -> None:
        """End the round, and wait until every client knows.

        Args:
            complete: Whether everyone has answered, so that the round ends by itself.
        """
        if not self.subject.acks:
            return
        if not complete:
            self.instructor.close_round()
        await self._patiently(self.instructor.closed)
        await self._patiently(self._due["closed"])

    def _news(self, what: str, at: float) -> None:
        self._due[what].tick(at)

    def _expect(self, what: str, count: int) -> Countdown:
        self._due[what] = Countdown(count, f"{count} times {what!r}")
        return self._due[what]

    async def _patiently(self, due: Countdown) -> float:
        """Wait; on a timeout, add lost connections and errors to the message."""
        try:
            return await due.wait()
        except QuizError as error:
            raise QuizError(error.code, " ".join([error.message, *self._troubles()])) from None

    def _troubles(self) -> list[str]:
        people: list[Student | Instructor] = [*self.students, self.instructor]
        lost = [person.lost for person in people if person.lost is not None]
        errors = [error for person in people for error in person.errors]
        return [
            *([f"{len(lost)} connections were lost: {lost[0]}."] if lost else []),
            *([f"{len(errors)} errors, such as {errors[0]}."] if errors else []),
        ]


async def _come_back(student: Student) -> int:
    """Join, retrying until it works; return the number of failed attempts.

    Raises:
        QuizError: `conflict` if the join is refused, `unavailable` if it takes too long.
    """
    failed = 0
    pause = FIRST_PAUSE
    give_up = time.perf_counter() + PATIENCE
    while time.perf_counter() < give_up:
        if await _connected(student) and await student.inside():
            return failed
        failed += 1
        await asyncio.sleep(pause * random.uniform(0.5, 1.5))
        pause = min(LONGEST_PAUSE, 2 * pause)
    message = f"{student.student_id} did not come back within {PATIENCE:g} s."
    raise QuizError(Code.UNAVAILABLE, message)


async def _connected(student: Student) -> bool:
    try:
        await student.join()
    except QuizError:
        return False
    return True
