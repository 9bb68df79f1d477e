"""Real parts for all tests: one private mongod a run, one real server a test."""

from __future__ import annotations

import asyncio
import atexit
import gc
import os
import ssl
import tempfile
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiohttp import web
from hypothesis import HealthCheck, settings

from livequiz.client.instructor import InstructorSession
from livequiz.client.session import Session
from livequiz.client.student import StudentSession
from livequiz.db.store import Store
from livequiz.protocol.questions import QuestionIn, to_draft
from livequiz.server.app import SERVICE, create_app, make_runner
from livequiz.server.quiz.service import Clock, Policy, QuizService, utc_now
from tests.authority import Authority
from tests.helpers import RawClient
from tests.patience import STRETCH, TEST, patient

# How fast examples are made says nothing of a test, and much of what else the machine does.
settings.register_profile(
    "busy", suppress_health_check=[HealthCheck.too_slow], deadline=None, parent=settings.default
)
settings.load_profile("busy")

TOKEN = "a-token-for-tests"
PROJECTOR = "a-projector-token-for-tests"
Connect = Callable[..., Awaitable[RawClient]]


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Let a test take longer where everything does."""
    atexit.register(gc.freeze)  # as in `livequiz.cli`, which says why
    if STRETCH > 1 and config.getoption("timeout") is None:
        config.option.timeout = TEST


@pytest.fixture(scope="session")
def mongo_url() -> Iterator[str]:
    """The URL of a mongod that lives as long as the run: a private one, or one that is given."""
    if url := os.environ.get("LIVEQUIZ_TEST_MONGO_URL"):
        yield url
        return
    from livequiz.db.private_mongod import PrivateMongod

    with tempfile.TemporaryDirectory(prefix="lq-test-") as folder:
        loop = asyncio.new_event_loop()
        mongod = loop.run_until_complete(PrivateMongod.start(Path(folder)))
        try:
            yield mongod.uri
        finally:
            loop.run_until_complete(mongod.stop())
            loop.close()


@pytest.fixture
async def store(mongo_url: str) -> AsyncIterator[Store]:
    """A prepared store on a database of its own."""
    store = Store(mongo_url, f"livequiz_{uuid.uuid4().hex}")
    await store.prepare()
    yield store
    await store.drop()
    store.close()


@dataclass
class RunningServer:
    """A real server on a port of its own."""

    store: Store
    policy: Policy
    token: str = TOKEN
    port: int = 0
    now: Clock = utc_now
    cors_origins: frozenset[str] = frozenset()
    tls: ssl.SSLContext | None = None
    fast: bool = "LIVEQUIZ_TEST_PLAIN" not in os.environ
    sessions: list[Session] = field(default_factory=list)
    _runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    @property
    def app(self) -> web.Application:
        assert self._runner is not None
        return self._runner.app

    @property
    def service(self) -> QuizService:
        return self.app[SERVICE]

    async def start(self) -> None:
        """Start, on the same port as before if there was one."""
        app = create_app(self.store, self.policy, self.cors_origins, self.now, fast=self.fast)
        self._runner = make_runner(app, shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(
            self._runner, "127.0.0.1", self.port, reuse_address=True, ssl_context=self.tls
        )
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Stop; clients see the connection drop."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def student(
        self, student_id: str, name: str | None = None, meeting: str = "TEST"
    ) -> StudentSession:
        """Return a joined student."""
        session = StudentSession(self.url)
        self.sessions.append(session)
        await session.open(
            timeout=patient(60)
        )  # hundreds may come at once, to a machine that is busy
        await session.join(student_id, meeting, name or f"Student {student_id}")
        return session

    async def instructor(self, meeting: str = "TEST") -> InstructorSession:
        """Return a joined instructor; the meeting is opened if it is new."""
        session = InstructorSession(self.url)
        self.sessions.append(session)
        await session.open()
        await session.join("teacher", meeting, self.token)
        return session

    async def import_questions(self, questions: list[dict[str, Any]]) -> int:
        """Add questions to the bank; return how many were new."""
        drafts = [to_draft(msgspec.convert(question, QuestionIn)) for question in questions]
        return await self.store.questions.add(drafts, utc_now())

    async def close(self) -> None:
        """Close every client, then stop."""
        await asyncio.gather(*(session.close() for session in self.sessions))
        await self.stop()


@pytest.fixture
def policy() -> Policy:
    """What the server of a test was told; override it where a test needs another."""
    return Policy(TOKEN, PROJECTOR)


@pytest.fixture
async def server(store: Store, policy: Policy) -> AsyncIterator[RunningServer]:
    """A running server with an empty bank."""
    running = RunningServer(store, policy)
    await running.start()
    yield running
    await running.close()


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """A certificate authority that nobody knows yet."""
    return Authority(tmp_path)


@pytest.fixture
async def connect(server: RunningServer) -> AsyncIterator[Connect]:
    """Opens raw clients, with the arguments of `RawClient`, and closes them after the test."""
    clients: list[RawClient] = []

    async def open_client(transport: str = "websocket", auth: Any = None) -> RawClient:
        client = RawClient(server.url, transport, auth)
        clients.append(client)
        return await client.open()

    yield open_client
    await asyncio.gather(*(client.close() for client in clients))


@pytest.fixture
async def teacher(connect: Connect) -> RawClient:
    """A joined instructor of the meeting TEST, which is open now."""
    client = await connect()
    await client.teach(TOKEN)
    return client


@pytest.fixture
def join(connect: Connect, teacher: RawClient) -> Connect:
    """Joins students to TEST: `await join("S001", "Alice", **fields)`."""

    async def join_student(
        student_id: str, name: str | None = None, transport: str = "websocket", **more: Any
    ) -> RawClient:
        client = await connect(transport)
        await client.join(student_id, name, **more)
        return client

    return join_student
