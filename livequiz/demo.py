"""`livequiz demo`: a server of its own in a temporary folder, and a simulated class."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from livequiz.client.instructor import InstructorSession
from livequiz.client.session import Session
from livequiz.client.simulate import Behaviour, Simulation
from livequiz.domain.errors import Code, QuizError
from livequiz.protocol.messages import NewQuestion, QuestionsSent, RoundClosed, Snapshot

START_WITHIN = 60.0  # seconds
STOP_WITHIN = 10.0  # seconds
MEETING = "DEMO"
KEPT = {"LIVEQUIZ_MONGOD", "LIVEQUIZ_CONFIG"}  # variables that are about this machine


@dataclass(frozen=True, slots=True)
class DemoServer:
    """A server that runs for a demonstration."""

    url: str
    meeting: str
    token: str


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


@contextlib.asynccontextmanager
async def demo_server() -> AsyncIterator[DemoServer]:
    """Run a server with a private MongoDB in a temporary folder while the block runs.

    Raises:
        QuizError: With the server's own sentence, if it does not start.
    """
    with tempfile.TemporaryDirectory(prefix="livequiz-demo-") as name:
        folder = Path(name)
        process = await _start(
            "serve", "--port", "0", "--data-dir", name, "--meeting", MEETING, "--no-config"
        )
        try:
            yield await _wait_until_ready(process, folder)
        finally:
            await _stop(process)


@contextlib.asynccontextmanager
async def simulated_class(server: DemoServer, students: int) -> AsyncIterator[None]:
    """Run simulated students in a process of their own while the block runs."""
    process = await _start(
        "simulate", server.url, "--students", str(students), "--meeting", server.meeting
    )
    try:
        yield
    finally:
        await _stop(process)


async def play_round(
    server: DemoServer, students: int, knowledge: Mapping[str, str], duration: float = 20
) -> PlayedRound:
    """Play one round with simulated students.

    Args:
        server: Where.
        students: How many.
        knowledge: The right option's text by question text.
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


async def _start(*arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "livequiz",
        *arguments,
        # A pipe that ends with this process, and the child with it.
        "--stop-with-stdin",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env=_environment(),
        # Ctrl-C in the terminal ends the dashboard first, and only then the server.
        start_new_session=True,
    )


def _environment() -> dict[str, str]:
    """Return what this process has, without what is for a class: this one is nobody's."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("LIVEQUIZ_") or name in KEPT
    }


async def _wait_until_ready(process: asyncio.subprocess.Process, folder: Path) -> DemoServer:
    loop = asyncio.get_running_loop()
    give_up = loop.time() + START_WITHIN
    while process.returncode is None and loop.time() < give_up:
        with contextlib.suppress(OSError, msgspec.DecodeError):
            running = msgspec.json.decode((folder / "server.json").read_bytes())
            token = (folder / "instructor-token").read_text(encoding="utf-8").strip()
            return DemoServer(running["url"], running["meeting"], token)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), 0.1)
    assert process.stderr is not None  # noqa: S101
    said = (await process.stderr.read()).decode(errors="replace") if process.returncode else ""
    raise QuizError(Code.UNAVAILABLE, said.strip() or "The server did not start in time.")


async def _stop(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(signal.SIGTERM)
    try:
        # Reading to the end, too: a full pipe would keep the process from ending.
        await asyncio.wait_for(process.communicate(), STOP_WITHIN)
    except TimeoutError:
        process.kill()
        await process.wait()
