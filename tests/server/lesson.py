"""An open round with everybody who may do something in it, to try what may not be done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from livequiz.protocol import events
from tests.conftest import TOKEN, RunningServer
from tests.contract import shapes
from tests.contract.shapes import assert_shape
from tests.helpers import HANDLERS, Json, RawClient

STUDENT_EVENTS = {
    events.JOIN_STUDENT,
    events.SUBMIT_ANSWER,
    events.LEAVE,
    events.TIME_SYNC,
    events.GET_HISTORY,
    events.GET_PRACTICE,
    events.PRACTICE_ANSWER,
}
INSTRUCTOR_EVENTS = HANDLERS.keys() - STUDENT_EVENTS


@dataclass
class Lesson:
    """An open round in the meeting TEST, with a student and an instructor who may do all."""

    server: RunningServer
    student: RawClient
    teacher: RawClient
    other: RawClient
    question: Json  # the student's own
    others_question: Json

    def valid(self, event: str) -> Json:
        """Return a request that would be met."""
        meeting = {"meeting_id": "TEST"}
        requests: dict[str, Json] = {
            events.JOIN_STUDENT: {**meeting, "student_id": "S009", "name": "New"},
            events.SUBMIT_ANSWER: {
                "student_id": "S001",
                "question_id": self.question["question_id"],
                "answer": 1,
            },
            events.LEAVE: {},
            events.TIME_SYNC: {},
            events.GET_HISTORY: {},
            events.GET_PRACTICE: {},
            events.PRACTICE_ANSWER: {"question_id": self.question["question_id"], "answer": 1},
            events.JOIN_INSTRUCTOR: {**meeting, "instructor_id": "teacher", "token": TOKEN},
            events.EXTEND_ROUND: {**meeting, "seconds": 30},
            events.REMOVE_STUDENT: {**meeting, "student_id": "S001"},
            events.SET_STUDENT: {**meeting, "student_id": "S001", "time_factor": 1.5},
            events.LOCK_MEETING: {**meeting, "locked": True},
            events.GET_QUESTION: {**meeting, "question_id": self.question["question_id"]},
            events.RETIRE_QUESTION: {**meeting, "question_id": self.question["question_id"]},
            events.EDIT_QUESTION: {
                **meeting,
                "question_id": self.question["question_id"],
                "question": {"question": "Reworded?", "options": ["No", "Yes"], "correct": 1},
            },
        }
        return requests.get(event, meeting)

    def who(self, event: str) -> RawClient:
        return self.student if event in STUDENT_EVENTS else self.teacher

    async def refuses(self, client: RawClient, event: str, *arguments: Any) -> Json:
        """Send what has to be refused; the error comes as the ack and as the event."""
        error = await client.refused(event, *arguments)
        assert_shape(error, shapes.ERROR)
        assert error["event"] == event
        assert await client.next("error") == error
        return error

    async def still_works(self) -> None:
        """Show that both connections are what they were."""
        snapshot = await self.teacher.ok("get_snapshot", {"meeting_id": "TEST"})
        assert snapshot["round"]["state"] == "open"
        assert (await self.student.answer("S001", self.question, 1))["correct"] is True
