"""`livequiz demo`: a server of its own in a temporary folder, and a simulated class."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

from livequiz.client.instructor import InstructorSession
from livequiz.client.session import Session
from livequiz.client.simulate import Behaviour, Simulation
from livequiz.domain.errors import Code, QuizError
from livequiz.domain.model import Draft
from livequiz.local_server import LocalServer, local_server, start_livequiz, stop_livequiz
from livequiz.protocol.messages import NewQuestion, QuestionsSent, RoundClosed
from livequiz.protocol.snapshot import Snapshot

MEETING = "DEMO"


@dataclass(frozen=True, slots=True)
class PlayedRound:
    """One whole round, as the server and as the students saw it."""

    sent: QuestionsSent
    closed: RoundClosed
    snapshot: Snapshot
    received: Mapping[str, NewQuestion]  # by student id, from the students' own connections

    @property
    def everybody_has_their_own(self) -> bool:
        """Whether each student got a question, the one drawn for it, and nobody else's."""
        drawn = {row.student_id: row.question_id for row in self.sent.assignments}
        got = {student: question.question_id for student, question in self.received.items()}
        return bool(drawn) and got == drawn and len(set(got.values())) == len(got)


def demo_server() -> contextlib.AbstractAsyncContextManager[LocalServer]:
    """Run a server with a private MongoDB in a temporary folder while the block runs.

    Raises:
        QuizError: With the server's own sentence, if it does not start.
    """
    return local_server(MEETING)


@contextlib.asynccontextmanager
async def simulated_class(server: LocalServer, students: int) -> AsyncIterator[None]:
    """Run simulated students in a process of their own while the block runs."""
    process = await start_livequiz(
        "simulate", server.url, "--students", str(students), "--meeting", server.meeting
    )
    try:
        yield
    finally:
        await stop_livequiz(process)


async def play_round(
    server: LocalServer, students: int, knowledge: Mapping[str, Draft], duration: float = 20
) -> PlayedRound:
    """Play one round with simulated students.

    Args:
        server: Where.
        students: How many.
        knowledge: Questions with their keys, by question text.
        duration: Seconds that the round may take.
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
