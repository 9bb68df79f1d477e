"""A class that a script runs: JSON lines in, JSON lines out."""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import sys
from pathlib import Path
from typing import Any

from livequiz.protocol.messages import NewQuestion
from tests.conftest import TOKEN, RunningServer
from tests.helpers import bank, next_of
from tests.patience import PATIENCE, patient
from tests.plain.piped import Piped, piped


class Script:
    """Types commands, and reads the lines that come back."""

    def __init__(self, piped: Piped) -> None:
        self._piped = piped

    async def do(self, **command: Any) -> None:
        await self._piped.type(json.dumps(command))

    async def line(self, field: str, value: str | None) -> dict[str, Any]:
        """Return the next line with that value; the others are passed over."""
        while True:
            read = json.loads((await self._piped.until("\n")).strip())
            if field in read and read[field] == value:
                return dict(read)


def commanding(server: RunningServer) -> list[str]:
    return ["instructor", server.url, "--json", "--meeting", "TEST"]


async def test_a_script_runs_a_class(server: RunningServer, tmp_path: Path) -> None:
    await server.import_questions(bank(3))
    environment = {"LIVEQUIZ_INSTRUCTOR_TOKEN": TOKEN}
    async with piped(*commanding(server), state=tmp_path, environment=environment) as process:
        script = Script(process)
        assert (await script.line("event", "joined"))["meeting_id"] == "TEST"
        await script.do(do="trigger", id=1)
        refused = await script.line("failed", "trigger")
        assert (refused["id"], refused["code"]) == (1, "no_students")

        student = await server.student("S001", "Ada")
        assert (await script.line("event", "student_joined"))["student_id"] == "S001"
        await script.do(do="trigger", duration=60, id="two")
        sent = await script.line("done", "trigger")
        assert (sent["id"], sent["count"]) == ("two", 1)

        question = await next_of(student, NewQuestion)
        await student.answer(question.question_id, question.round_id, 1, spent=1)
        answered = await script.line("event", "ANSWER_UPDATE")
        assert (answered["student_id"], answered["correct"]) == ("S001", True)
        closed = await script.line("event", "round_closed")
        assert closed["reason"] == "complete"
        await script.do(do="quit")
        assert await process.ended() == 0


async def test_a_bad_command_is_answered_and_the_class_goes_on(
    server: RunningServer, tmp_path: Path
) -> None:
    environment = {"LIVEQUIZ_INSTRUCTOR_TOKEN": TOKEN}
    async with piped(*commanding(server), state=tmp_path, environment=environment) as process:
        script = Script(process)
        await script.line("event", "joined")
        for line in ("trigger", "[1]", '"a"', "[" * 100_000):
            await process.type(line)
            refused = await script.line("failed", None)
            assert "A command is a JSON object" in refused["message"]
        await script.do(do="dance")
        assert "trigger, preview, close" in (await script.line("failed", "dance"))["message"]
        await script.do(do="extend", seconds="long", id=[7])
        refused = await script.line("failed", "extend")
        assert (refused["field"], refused["id"]) == ("seconds", [7])
        await script.do(do="snapshot", meeting_id="OTHER")
        assert (await script.line("done", "snapshot"))["meeting_id"] == "TEST"
        await script.do(do="quit")
        assert await process.ended() == 0


async def test_a_wrong_token_is_said_as_json(server: RunningServer, tmp_path: Path) -> None:
    environment = {"LIVEQUIZ_INSTRUCTOR_TOKEN": "wrong"}
    async with piped(*commanding(server), state=tmp_path, environment=environment) as process:
        refused = await Script(process).line("failed", "join")
        assert refused["code"] == "unauthorized"
        assert await process.ended() == 1


async def test_it_ends_without_a_word_once_nobody_reads_its_output(
    server: RunningServer, tmp_path: Path
) -> None:
    """As in `livequiz instructor --json | head -1`."""
    command = shlex.join([sys.executable, "-m", "livequiz", *commanding(server)])
    errors = tmp_path / "errors"
    process = await asyncio.create_subprocess_shell(
        f"{command} 2> {shlex.quote(str(errors))} | head -1",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "LIVEQUIZ_STATE_DIR": str(tmp_path), "LIVEQUIZ_INSTRUCTOR_TOKEN": TOKEN},
    )
    assert process.stdout is not None
    assert b'"joined"' in await asyncio.wait_for(process.stdout.readline(), PATIENCE)
    ending = asyncio.ensure_future(process.wait())
    for number in range(20):
        await server.student(f"S{number}", "Ada")  # an event: once `head` has gone, nobody reads it
        if (await asyncio.wait({ending}, timeout=patient(1)))[0]:
            break
    assert ending.done()
    assert errors.read_text() == ""
