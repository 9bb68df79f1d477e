"""The students and the instructor of a load test."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import msgspec

from livequiz.bench.frames import event, payload
from livequiz.bench.subject import Subject
from livequiz.bench.wire import Wire
from livequiz.domain.errors import Code, QuizError
from livequiz.domain.model import ALL_TYPES
from livequiz.protocol import events

PATIENCE = 60.0  # seconds: timeout for a server that does not respond
_ANSWER_ACK = 7  # the ack id of an answer
_QUESTION = b'42["%b",' % events.NEW_QUESTION.encode()
_RESULT = b'42["%b",' % events.ANSWER_RESULT.encode()
_CLOSED = b'42["%b",' % events.ROUND_CLOSED.encode()
_JOINED = b'42["%b",' % events.JOINED.encode()
_ERROR = b'42["%b",' % events.ERROR.encode()
_REMOVED = b'42["%b",' % events.REMOVED.encode()
_ACK = b"43%d[" % _ANSWER_ACK
_MET = _ACK + b'{"ok":true'
_SENT = b'42["%b",' % events.QUESTIONS_SENT.encode()
_UPDATE = b'42["%b",' % events.ANSWER_UPDATE.encode()
_UPDATES = b'42["%b",' % events.ANSWER_UPDATES.encode()
_INSTRUCTOR_JOINED = b'42["%b",' % events.INSTRUCTOR_JOINED.encode()


class Countdown:
    """Countdown latch: waits for a number of events, and records when the last one happened."""

    def __init__(self, count: int, what: str) -> None:
        self._left = count
        self._what = what
        self._done = asyncio.get_running_loop().create_future()
        self.last = 0.0  # `perf_counter` seconds
        if not count:
            self._done.set_result(None)

    def tick(self, at: float, times: int = 1) -> None:
        """Count events."""
        self.last = at
        self._left -= times
        if self._left <= 0 and not self._done.done():
            self._done.set_result(None)

    async def wait(self, timeout: float = PATIENCE) -> float:
        """Wait for all events; return when the last one happened.

        Raises:
            QuizError: `unavailable` on a timeout.
        """
        try:
            await asyncio.wait_for(asyncio.shield(self._done), timeout)
        except TimeoutError:
            message = f"{self._left} of {self._what} did not come within {timeout:g} s."
            raise QuizError(Code.UNAVAILABLE, message) from None
        return self.last


class Question(msgspec.Struct):
    """The fields of `NEW_QUESTION` that are needed to answer it."""

    question_id: str
    round_id: str | None = None
    deadline: str | None = None


class Student(Wire):
    """A student in a load test.

    Args:
        subject: The server under test.
        student_id: The student's id.
        news: Called with `"joined"`, `"question"`, `"answered"` or `"closed"`, and the time.
    """

    def __init__(
        self, subject: Subject, student_id: str, news: Callable[[str, float], None]
    ) -> None:
        super().__init__()
        self.student_id = student_id
        self.resume_token: str | None = None
        self.asked: bytes | None = None  # the raw packet; decoded outside the measured time
        self.answered_at = 0.0  # when the answer was sent, `perf_counter` seconds
        self.acked_at = 0.0
        self.errors: list[str] = []
        self._subject = subject
        self._news = news
        self._inside: asyncio.Future[bool] | None = None

    async def join(self) -> None:
        """Connect and join, with the resume token if there is one.

        Raises:
            QuizError: `unavailable` if there is no connection.
        """
        self._inside = asyncio.get_running_loop().create_future()
        await self.open(self._subject.url)
        fields = {
            "student_id": self.student_id,
            "meeting_id": self._subject.meeting,
            "name": f"Student {self.student_id}",
            "question_types": sorted(ALL_TYPES),
        }
        if self.resume_token is not None:
            fields["resume_token"] = self.resume_token
        self.send(event(events.JOIN_STUDENT, fields))

    async def inside(self) -> bool:
        """Return whether the pending join completed before the connection was lost.

        Raises:
            QuizError: `conflict` if it was refused.
        """
        assert self._inside is not None  # noqa: S101
        return await self._inside

    def ended(self) -> None:
        """Fail a pending join."""
        if self._inside is not None and not self._inside.done():
            self._inside.set_result(False)

    @property
    def question(self) -> Question:
        """The last question received.

        Raises:
            QuizError: `no_round` if none did.
        """
        if self.asked is None:
            raise QuizError(Code.NO_ROUND, f"{self.student_id} got no question.")
        return msgspec.convert(payload(self.asked), Question)

    def answer_frame(self, question: Question, answer: int) -> bytes:
        """Return the frame of an answer, so that encoding is not part of the measured time."""
        fields = {
            "student_id": self.student_id,
            "question_id": question.question_id,
            "answer": answer,
            "response_time": 1.0,
        }
        if self._subject.acks:
            return event(
                events.SUBMIT_ANSWER, {**fields, "round_id": question.round_id}, _ANSWER_ACK
            )
        return event(events.SUBMIT_ANSWER, fields)

    def answer(self, prepared: bytes) -> None:
        """Send an answer."""
        self.acked_at = 0.0
        self.errors.clear()
        self.answered_at = time.perf_counter()
        self.send(prepared)

    def received(self, packet: bytes, at: float) -> None:
        """Record the events that are measured; ignore all others."""
        if packet.startswith(_QUESTION):
            self.asked = packet
            self._news("question", at)
        elif packet.startswith(_ACK):
            self._acknowledged(packet.startswith(_MET), packet, at)
        elif packet.startswith(_RESULT):
            if not self._subject.acks:
                self._acknowledged(True, packet, at)
        elif packet.startswith(_CLOSED):
            self._news("closed", at)
        elif packet.startswith(_JOINED):
            joined = payload(packet)
            assert isinstance(joined, dict)  # noqa: S101
            self.resume_token = joined.get("resume_token")
            if self._inside is not None and not self._inside.done():
                self._inside.set_result(True)
            self._news("joined", at)
        elif packet.startswith((_ERROR, _REMOVED)):
            self.errors.append(packet.decode())
            if self._inside is not None and not self._inside.done():
                refusal = QuizError(Code.CONFLICT, f"A join was refused: {packet.decode()}")
                self._inside.set_exception(refusal)

    def _acknowledged(self, met: bool, packet: bytes, at: float) -> None:
        if met:
            self.acked_at = at
        else:
            self.errors.append(packet.decode())
        self._news("answered", at)


class _Update(msgspec.Struct):
    student_id: str


class _Updates(msgspec.Struct):
    updates: list[_Update]


_read_update = msgspec.json.Decoder(tuple[str, _Update]).decode
_read_updates = msgspec.json.Decoder(tuple[str, _Updates]).decode


class Instructor(Wire):
    """The instructor in a load test."""

    def __init__(self, subject: Subject) -> None:
        super().__init__()
        self._subject = subject
        self.joined = Countdown(1, "the instructor's joins")
        self.sent = Countdown(0, "")
        self.closed = Countdown(0, "")
        self.updates = Countdown(0, "")
        self.seen: dict[str, float] = {}  # when a student's answer was shown, by student id
        self.errors: list[str] = []

    async def join(self) -> None:
        """Connect and join."""
        await self.open(self._subject.url)
        fields: dict[str, object] = {
            "instructor_id": "bench",
            "meeting_id": self._subject.meeting,
        }
        if self._subject.acks:
            fields |= {"token": self._subject.token, "batch": True}
        self.send(event(events.JOIN_INSTRUCTOR, fields))
        await self.joined.wait()

    def expect(self) -> None:
        """Prepare to wait for a round."""
        self.sent = Countdown(1, "the instructor's lists of assignments")
        self.closed = Countdown(1, "the instructor's closed rounds")

    def expect_answers(self, count: int) -> None:
        """Start counting the answers shown to the instructor."""
        self.updates = Countdown(count, "the instructor's answers")
        self.seen.clear()

    def trigger(self, duration: float) -> float:
        """Trigger a round; return when, in `perf_counter` seconds."""
        fields: dict[str, object] = {"meeting_id": self._subject.meeting}
        if self._subject.acks:
            fields["duration"] = duration
        prepared = event(events.TRIGGER_QUESTIONS, fields)
        at = time.perf_counter()
        self.send(prepared)
        return at

    def close_round(self) -> None:
        """Close the open round."""
        self.send(event(events.CLOSE_ROUND, {"meeting_id": self._subject.meeting}))

    def received(self, packet: bytes, at: float) -> None:
        """Record the events that are measured."""
        if packet.startswith(_UPDATES):
            updates = _read_updates(packet[2:])[1].updates
            self.seen.update((update.student_id, at) for update in updates)
            self.updates.tick(at, len(updates))
        elif packet.startswith(_UPDATE):
            self.seen[_read_update(packet[2:])[1].student_id] = at
            self.updates.tick(at)
        elif packet.startswith(_SENT):
            self.sent.tick(at)
        elif packet.startswith(_CLOSED):
            self.closed.tick(at)
        elif packet.startswith(_INSTRUCTOR_JOINED):
            self.joined.tick(at)
        elif packet.startswith(_ERROR):
            self.errors.append(packet.decode())
