"""How long a class of 30 waits for its acks beside clients that mean harm.

    python -m benchmarks.attackers                # each kind once, then twenty from one address
    python -m benchmarks.attackers --seconds 3

A server runs in a process of its own, the class in this one, the attackers in another one. Each
student answers each round at a random moment of its first half second; what is measured is from
sending an answer to its ack, so the client's own work is in it. Compare with the quiet class of the
same run: on two cores, an attacker also takes time from the class's own process.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gzip
import random
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

import aiohttp

from livequiz.client.instructor import InstructorSession
from livequiz.client.student import StudentSession
from livequiz.protocol.messages import NewQuestion, RoundClosed
from livequiz.simulation.local_server import ServerProcess, local_server

E = TypeVar("E")

STUDENTS = 30
LARGE = '42["join_student",{"' + "x" * 64_000 + '":1}]'
TOO_LARGE = '42["join_student",{"name":"' + "x" * 70_000 + '"}]'
POLL = "\x1e".join(['42["time_sync",{"client_time":[' + "1," * 900 + "1]}]"] * 16)
SMALL = '421["time_sync",{}]'
GUESS = '421["join_student",{"student_id":"X","meeting_id":"WRONG","name":"X"}]'
PACKED = gzip.compress(b'{"questions":[' + b"[]," * 1_300_000 + b"[]]}")
ANSWER = {"student_id": "S001", "question_id": "0" * 24, "answer": 0}


async def frames(url: str, frame: str, pause: float) -> None:
    """Send a frame again and again, on a new connection whenever the old one is dropped."""
    async with aiohttp.ClientSession() as http:
        while True:
            with contextlib.suppress(aiohttp.ClientError, ConnectionError, asyncio.TimeoutError):
                async with http.ws_connect(f"{url}/socket.io/?EIO=4&transport=websocket") as socket:
                    await socket.send_str("40{}")
                    while not socket.closed:
                        await socket.send_str(frame)
                        await asyncio.sleep(pause)
            await asyncio.sleep(0.01)


async def posts(url: str, path: str, parallel: int, pause: float, **body: object) -> None:
    """Send requests without a right token, so many at once."""
    headers = {"Authorization": "Bearer " + "x" * 22, **body.pop("headers", {})}  # type: ignore[dict-item]

    async def one(http: aiohttp.ClientSession) -> None:
        with contextlib.suppress(aiohttp.ClientError, ConnectionError, asyncio.TimeoutError):
            async with http.post(f"{url}/api/v1{path}", headers=headers, **body) as reply:  # type: ignore[arg-type]
                await reply.read()

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
        while True:
            await asyncio.gather(*(one(http) for _ in range(parallel)))
            await asyncio.sleep(pause)


async def pings(url: str) -> None:
    """Send WebSocket pings as fast as they are taken."""
    async with aiohttp.ClientSession() as http:
        while True:
            with contextlib.suppress(aiohttp.ClientError, ConnectionError, asyncio.TimeoutError):
                async with http.ws_connect(f"{url}/socket.io/?EIO=4&transport=websocket") as socket:
                    while not socket.closed:
                        await socket.ping(b"x" * 100)
                        await asyncio.sleep(0)
            await asyncio.sleep(0.01)


async def polls(url: str) -> None:
    """Send as many events as one polling request may hold, on ten connections at a time."""
    to = f"{url}/socket.io/?EIO=4&transport=polling"

    async def one(http: aiohttp.ClientSession) -> None:
        with contextlib.suppress(aiohttp.ClientError, ConnectionError, asyncio.TimeoutError):
            async with http.get(to) as reply:
                _, _, rest = (await reply.text()).partition('"sid":"')
            for _ in range(50):
                async with http.post(f"{to}&sid={rest.partition(chr(34))[0]}", data=POLL) as reply:
                    await reply.read()

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
        while True:
            await asyncio.gather(*(one(http) for _ in range(10)))


ATTACKS: dict[str, Callable[[str], Awaitable[None]]] = {
    "frames of 64 KB, 50 a second": lambda url: frames(url, LARGE, 0.02),
    "frames of 70 KB, without end": lambda url: frames(url, TOO_LARGE, 0),
    "small events without end": lambda url: frames(url, SMALL, 0),
    "guesses of a code": lambda url: frames(url, GUESS, 0),
    "pings without end": pings,
    "events over polling, without end": polls,
    "packed bodies, 10 a second": lambda url: posts(
        url, "/meetings/BENCH/responses", 1, 0.1, data=PACKED, headers={"Content-Encoding": "gzip"}
    ),
    "100 answers at once over HTTP": lambda url: posts(
        url, "/meetings/BENCH/responses", 100, 0, json=ANSWER
    ),
}


class Class:
    """Students who answer round after round."""

    def __init__(self, server: ServerProcess) -> None:
        self._server = server
        self._teacher = InstructorSession(server.url)
        self._students = [StudentSession(server.url) for _ in range(STUDENTS)]

    async def open(self) -> None:
        await self._teacher.open()
        await self._teacher.join("teacher", self._server.meeting, self._server.token)
        for number, student in enumerate(self._students):
            await student.open()
            await student.join(f"S{number:03}", self._server.meeting, f"Student {number}")

    async def close(self) -> None:
        await asyncio.gather(*(each.close() for each in [*self._students, self._teacher]))

    async def acks(self, seconds: float) -> list[float]:
        """Play rounds for some time; return how long each answer waited for its ack, in ms."""
        waited: list[float] = []
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            await self._teacher.trigger(duration=30, allow_repeats=True)
            await asyncio.gather(*(self._answer(each, waited) for each in self._students))
            await _next(self._teacher, RoundClosed)
        return waited

    async def _answer(self, student: StudentSession, waited: list[float]) -> None:
        question = await _next(student, NewQuestion)
        await asyncio.sleep(random.random() / 2)
        answer: object = 0 if question.options else "1"
        answer = [0] if question.type == "multiple" else answer
        began = time.perf_counter()
        await student.answer(question.question_id, question.round_id, answer, spent=1)  # type: ignore[arg-type]
        waited.append(1000 * (time.perf_counter() - began))


async def _next(session: StudentSession | InstructorSession, kind: type[E]) -> E:
    async for event in session.events():
        if isinstance(event, kind):
            return event
    raise AssertionError("the connection ended")


async def _measure(seconds: float) -> None:
    async with local_server("BENCH") as server:
        people = Class(server)
        await people.open()
        await people.acks(1.0)
        print(f"{'':42}  median    p95  answers")  # noqa: T201
        _show("quiet", await people.acks(seconds))
        for count in (1, 20):
            for name in ATTACKS:
                attackers = await asyncio.create_subprocess_exec(
                    *(sys.executable, "-m", "benchmarks.attackers", "--attack", name),
                    *("--url", server.url, "--count", str(count), "--seconds", "600"),
                )
                await asyncio.sleep(1.0)
                _show(f"{count} x {name}", await people.acks(seconds))
                attackers.kill()
                await attackers.wait()
        _show("quiet again", await people.acks(seconds))
        await people.close()


def _show(name: str, waited: list[float]) -> None:
    waited.sort()
    p95 = waited[int(len(waited) * 0.95)]
    print(f"{name:42} {statistics.median(waited):6.1f} {p95:6.1f}  {len(waited):6}", flush=True)  # noqa: T201


async def _attack(name: str, url: str, count: int, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await asyncio.gather(*(ATTACKS[name](url) for _ in range(count)))


def main() -> None:
    """Measure, or be the attackers of a measurement."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--attack", choices=list(ATTACKS), help=argparse.SUPPRESS)
    parser.add_argument("--url", help=argparse.SUPPRESS)
    parser.add_argument("--count", type=int, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.attack:
        asyncio.run(_attack(chosen.attack, chosen.url, chosen.count, chosen.seconds))
    else:
        asyncio.run(_measure(chosen.seconds))


if __name__ == "__main__":
    main()
