"""Starts the peers: each with a database of its own in the MongoDB that LiveQuiz runs on."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import msgspec

from livequiz.bench.run import Peer
from livequiz.bench.subject import Subject
from livequiz.db.client import connect
from livequiz.domain.errors import Code, QuizError
from livequiz.protocol.questions import QuestionIn

HERE = Path(__file__).parent
PYTHON = HERE.parent / ".venv" / "bin" / "python"  # `make bench` fills it
NODE_SERVER = HERE / "node" / "server.mjs"
START_WITHIN = 30.0  # seconds
STOP_WITHIN = 5.0  # seconds
MEETING = "BENCH"
STORED = ("question", "options", "correct")  # fields of a question of the original design
FLASK = "Flask-SocketIO"
NODE = "Node socket.io"
DURABLE = "Flask, durable"
# The default of the standalone MongoDB that the original design is written for: acknowledged from
# memory, so that a crash loses what came last. No figure of a peer suffers from our guarantees.
FROM_MEMORY = "w=1"
JOURNALED = "w=majority&journal=true"  # as LiveQuiz stores everything


def flask_peer(largest: int) -> Peer:
    """Return the server that works as the original design does."""
    return _flask(FLASK, largest, FROM_MEMORY)


def durable_flask_peer(largest: int) -> Peer:
    """Return the same server with writes that are as safe as LiveQuiz's."""
    return _flask(DURABLE, largest, JOURNALED)


def _flask(name: str, largest: int, writes: str) -> Peer:
    command = (str(PYTHON), str(HERE / "flask_server.py"))
    return Peer(name, partial(_running, name, command, writes), largest)


def node_peer(largest: int) -> Peer:
    """Return the one on Node that works the same way."""
    command = ("node", str(NODE_SERVER))
    return Peer(NODE, partial(_running, NODE, command, FROM_MEMORY), largest)


def why_no_flask() -> str | None:
    """Return what is missing for the Flask peer, if anything is."""
    return None if PYTHON.exists() else f"{PYTHON} is missing: `make bench-peers` makes it"


def why_no_node() -> str | None:
    """Return what is missing for the Node peer, if anything is."""
    if shutil.which("node") is None:
        return "node is missing: install nodejs and npm"
    modules = NODE_SERVER.parent / "node_modules" / "mongodb"
    return None if modules.is_dir() else f"{modules} is missing: `make bench-peers` makes it"


@contextlib.asynccontextmanager
async def _running(
    name: str, command: tuple[str, ...], writes: str, bank: Sequence[QuestionIn], mongo_url: str
) -> AsyncIterator[Subject]:
    database = "peer_" + "".join(filter(str.isalpha, name)).lower()
    await _fill(mongo_url, database, bank)
    mongo_url += ("&" if "?" in mongo_url else "?") + writes
    process = await asyncio.create_subprocess_exec(
        *command,
        mongo_url,
        database,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
    )
    try:
        assert process.stdout is not None  # noqa: S101
        port = (await asyncio.wait_for(process.stdout.readline(), START_WITHIN)).strip()
        if not port:
            raise QuizError(Code.UNAVAILABLE, f"{name} did not start.")
        yield Subject(
            name=name,
            url=f"http://127.0.0.1:{int(port)}",
            pid=process.pid,
            meeting=MEETING,
            mongo_url=mongo_url,
            database=database,
            acks=False,
        )
    finally:
        await _stop(process)


async def _fill(mongo_url: str, database: str, bank: Sequence[QuestionIn]) -> None:
    client = connect(mongo_url)
    try:
        await client.drop_database(database)
        now = datetime.now(UTC)
        documents = [
            {**{field: document[field] for field in STORED}, "created_at": now}
            for document in map(msgspec.to_builtins, bank)
        ]
        await client[database]["questions"].insert_many(documents)
    finally:
        client.close()


async def _stop(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), STOP_WITHIN)
    except TimeoutError:
        process.kill()
        await process.wait()
