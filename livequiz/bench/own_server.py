"""Starts the server under test: `livequiz serve` with a private MongoDB."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import msgspec

from livequiz.bench.subject import Subject
from livequiz.db.private_mongod import running_uri
from livequiz.db.store import DATABASE
from livequiz.domain.errors import Code, QuizError
from livequiz.protocol.questions import QuestionIn
from livequiz.simulation.local_server import local_server

NAME = "LiveQuiz"
MEETING = "BENCH"


@contextlib.asynccontextmanager
async def own_server(bank: Sequence[QuestionIn]) -> AsyncIterator[Subject]:
    """Context manager: run this product's server with the given questions.

    Raises:
        QuizError: `unavailable` if it does not start.
    """
    with tempfile.TemporaryDirectory(prefix="livequiz-bank-") as folder:
        path = Path(folder) / "bank.json"
        path.write_bytes(msgspec.json.encode(bank))
        flags = ("--no-limits", "--no-announce", "--bank", str(path))
        async with local_server(MEETING, *flags) as server:
            mongo_url = running_uri(server.data_dir)
            if mongo_url is None:
                raise QuizError(Code.UNAVAILABLE, "The server's private MongoDB can't be found.")
            yield Subject(
                name=NAME,
                url=server.url,
                pid=server.pid,
                meeting=server.meeting,
                mongo_url=mongo_url,
                database=DATABASE,
                token=server.token,
            )
