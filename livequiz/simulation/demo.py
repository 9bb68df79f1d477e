"""`livequiz demo`: a temporary server and a simulated class."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

from livequiz.client.instructor import InstructorSession
from livequiz.client.session import Session
from livequiz.domain.errors import Code, QuizError
from livequiz.domain.model import Draft
from livequiz.protocol.messages import NewQuestion, QuestionsSent, RoundClosed
from livequiz.protocol.snapshot import Snapshot
from livequiz.simulation.local_server import (
    ServerProcess,
    local_server,
    start_livequiz,
    stop_livequiz,
)
from livequiz.simulation.students import Behaviour, Simulation

MEETING = "DEMO"


@dataclass(frozen=True, slots=True)
class PlayedRound:
    """One complete round, as seen by the server and by the students."""

    sent: QuestionsSent
    closed: RoundClosed
    snapshot: Snapshot
    received: Mapping[str, NewQuestion]  # by student id, from the students' own connections

    @property
    def everybody_has_their_own(self) -> bool:
        """Whether each student got exactly the question drawn for them."""
        drawn = {row.student_id: row.question_id for row in self.sent.assignments}
        got = {student: question.question_id for student, question in self.received.items()}
        return bool(drawn) and got == drawn and len(set(got.values())) == len(got)


def demo_server() -> contextlib.AbstractAsyncContextManager[ServerProcess]:
    """Context manager: run a server with a private MongoDB in a temporary folder.

    Raises:
        QuizError: With the server's error message, if it does not start.
    """
    return local_server(MEETING)


@contextlib.asynccontextmanager
async def simulated_class(server: ServerProcess, students: int) -> AsyncIterator[None]:
    """Context manager: run simulated students in a separate process."""
    process = await start_livequiz(
        "simulate", server.url, "--students", str(students), "--meeting", server.meeting
    )
    try:
        yield
    finally:
        await stop_livequiz(process)


async def play_round(
    server: ServerProcess, students: int, knowledge: Mapping[str, Draft], duration: float = 20
) -> PlayedRound:
    """Play one round with simulated students.

    Args:
        server: The server to play on.
        students: The number of students.
        knowledge: Questions with their keys, by question text.
        duration: The round's time limit, in seconds.
    """
    received: dict[str, NewQuestion] = {}
    simulation = Simulation(
        server.url,
        server.meeting,
        students,
        Behaviour(knowledge, mean_think=1.5, share_silent=0),
        rng=random.Random(),
        said=received.__setitem__,
    )
    teacher = InstructorSession(server.url)
    living = None
    try:
        await teacher.open()
        await teacher.join("teacher", server.meeting, server.token)
        await simulation.join()
        living = asyncio.create_task(simulation.live(), name="simulated-class")
        sent = await teacher.trigger(duration=duration)
        closed = await _closed(teacher, duration + 10)
        return PlayedRound(sent, closed, await teacher.snapshot(), received)
    finally:
        await simulation.close()
        await teacher.close()
        if living is not None:
            await asyncio.wait({living}, timeout=5)


async def _closed(session: Session, timeout: float) -> RoundClosed:
    async with asyncio.timeout(timeout):
        async for event in session.events():
            if isinstance(event, RoundClosed):
                return event
    raise QuizError(Code.UNAVAILABLE, "The round did not end.")
