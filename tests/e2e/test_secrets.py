"""Tokens are looked for wherever other people could read them: command lines, URLs, logs, files."""

from __future__ import annotations

import asyncio
import contextlib
import os
import pty
import re
import secrets
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import aiohttp
import pytest

from livequiz.client.instructor import InstructorSession
from livequiz.client.student import StudentSession
from livequiz.domain.errors import QuizError
from livequiz.process.secret_args import without
from livequiz.protocol.messages import NewQuestion
from tests.e2e.test_command_line import Server
from tests.helpers import RawClient, next_of
from tests.patience import PATIENCE

CANARY = f"canary-{secrets.token_hex(8)}"  # one that no other run on this machine has
PROC = Path("/proc")

needs_proc = pytest.mark.skipif(not (PROC / "self/cmdline").exists(), reason="no /proc here")


def command_lines() -> str:
    """Return the command lines of all processes of this machine, but for those of the tests."""
    found = []
    for file in PROC.glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            found.append(file.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
    return "\n".join(found)


@contextlib.asynccontextmanager
async def recorder(port: int) -> AsyncIterator[tuple[int, list[bytes]]]:
    """Stand before a server; yields the port, and the first lines of all requests as they come."""
    requested: list[bytes] = []
    copies: set[asyncio.Task[None]] = set()

    async def copy(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while data := await source.read(65536):
            requested.extend(re.findall(rb"^[A-Z]+ \S+ HTTP/1\.1\r$", data, re.MULTILINE))
            sink.write(data)
        sink.close()

    async def join(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        behind = await asyncio.open_connection("127.0.0.1", port)
        for ends in ((reader, behind[1]), (behind[0], writer)):
            copies.add(asyncio.create_task(copy(*ends)))

    before = await asyncio.start_server(join, "127.0.0.1", 0)
    yield before.sockets[0].getsockname()[1], requested
    before.close()
    for task in copies:
        task.cancel()
    await asyncio.gather(*copies, return_exceptions=True)


async def a_lesson(url: str) -> list[str]:
    """Use every token in every way, rightly and wrongly; return the resume tokens."""
    teacher, student = InstructorSession(url), StudentSession(url)
    try:
        await teacher.open()
        await teacher.join("teacher", "TEST", CANARY)
        await student.open()
        joined = await student.join("S001", "TEST", "Alice")
        await teacher.trigger(duration=60)
        question = await next_of(student, NewQuestion)
        await _scripts(url, joined.resume_token, question)
        polling = RawClient(url, "polling", {"token": CANARY, "resume_token": joined.resume_token})
        await polling.open()
        await polling.join("S001")  # by the token of the handshake
        for wrong in (CANARY + "x", joined.resume_token):
            with pytest.raises(QuizError, match="token"):
                await teacher.join("teacher", "TEST", wrong)
        await polling.refused("join_student", {"student_id": CANARY, "meeting_id": CANARY})
        await polling.close()
        return [joined.resume_token]
    finally:
        await student.close()
        await teacher.close()


async def _scripts(url: str, resume_token: str, question: NewQuestion) -> None:
    answer = {"student_id": "S001", "question_id": question.question_id, "answer": 0}
    async with aiohttp.ClientSession() as http:
        for token in (CANARY, CANARY + "x", resume_token):
            headers = {"Authorization": f"Bearer {token}"}
            for path in ("questions", "meetings/TEST/responses", "nowhere"):
                async with http.get(f"{url}/api/v1/{path}", headers=headers) as reply:
                    assert token not in await reply.text()
            path = f"{url}/api/v1/meetings/TEST/responses"
            async with http.post(path, headers=headers, json=answer) as reply:
                assert token not in await reply.text()


@needs_proc
async def test_tokens_of_a_lesson_are_in_no_url_no_log_no_file_and_no_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIVEQUIZ_INSTRUCTOR_TOKEN", CANARY)
    server = Server(tmp_path / "data", "--port", "0", "--meeting", "TEST")
    try:
        async with recorder(int(server.url.rpartition(":")[2])) as (port, requested):
            tokens = [CANARY, *await a_lesson(f"http://127.0.0.1:{port}")]
        visible = command_lines()
    finally:
        out, err = server.stop()
    assert str(server.folder) in visible, "the server was looked at"
    assert any(b"transport=polling" in line for line in requested)
    assert any(b"transport=websocket" in line for line in requested)
    assert any(b"/api/v1/questions" in line for line in requested)
    files = {file: file.read_bytes() for file in server.folder.rglob("*") if file.is_file()}
    assert {"livequiz.log", "audit.log", "mongod.log"} <= {file.name for file in files}
    for secret in tokens:
        assert secret not in visible
        assert not [line for line in requested if secret.encode() in line]
        assert not [file for file, content in files.items() if secret.encode() in content]
        assert secret not in err
    # The server's own terminal shows it, once, to whoever started it.
    assert out.count(CANARY) == 1


def test_what_a_server_keeps_is_for_its_owner_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        folder = tmp_path / "data"
        Server(folder, "--port", "0", "--tls-self-signed").stop()
    finally:
        os.umask(before)
    assert folder.stat().st_mode & 0o777 == 0o700
    files = [file for file in folder.iterdir() if file.is_file()]
    assert not [file for file in files if file.stat().st_mode & 0o077]
    assert (folder / "instructor-token").exists()


# --- programs that are started ------------------------------------------------------------------


@contextlib.contextmanager
def in_a_terminal(*arguments: str, env: dict[str, str]) -> Iterator[Callable[[str], None]]:
    """Run a command in a terminal of its own; yields what waits until words are on its screen."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ.update(env, TERM="xterm-256color", COLUMNS="100", LINES="30")
        os.execv(sys.executable, [sys.executable, "-m", "livequiz", *arguments])  # noqa: S606
    seen = b""

    def wait_for(words: str) -> None:
        nonlocal seen
        while words.encode() not in seen:
            seen += os.read(terminal, 65536)  # fails when the program ends

    try:
        yield wait_for
    finally:
        os.kill(pid, 15)
        with contextlib.suppress(OSError):
            while os.read(terminal, 65536):
                pass
        os.waitpid(pid, 0)
        os.close(terminal)


@needs_proc
@pytest.mark.parametrize(
    "flag",
    [[], ["--token", CANARY], [f"--token={CANARY}"]],
    ids=["from the folder", "two words", "one word"],
)
def test_an_instructors_token_leaves_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flag: list[str]
) -> None:
    monkeypatch.setenv("LIVEQUIZ_INSTRUCTOR_TOKEN", CANARY)
    server = Server(tmp_path / "data", "--port", "0", "--meeting", "TEST")
    monkeypatch.delenv("LIVEQUIZ_INSTRUCTOR_TOKEN")
    env = {"LIVEQUIZ_STATE_DIR": str(tmp_path / "state")}
    where: tuple[str, ...]
    if flag:
        where = (server.url, "--meeting", "TEST", "--data-dir", str(tmp_path / "elsewhere"))
    else:
        (server.folder / "instructor-token").write_text(CANARY)
        where = ("--data-dir", str(server.folder))
    try:
        with in_a_terminal("instructor", *where, *flag, env=env) as wait_for:
            wait_for("Nobody is here yet")
            visible = command_lines()
    finally:
        server.stop()
    assert " ".join(where) in visible, "the dashboard was looked at"
    assert CANARY not in visible


@needs_proc
@pytest.mark.parametrize("flag", [["--instructor-token", CANARY], [f"--instructor-token={CANARY}"]])
def test_a_servers_token_leaves_the_command_line(tmp_path: Path, flag: list[str]) -> None:
    server = Server(tmp_path / "data", "--port", "0", *flag)
    visible = command_lines()
    out, _ = server.stop()
    assert str(server.folder) in visible, "the server was looked at"
    assert CANARY not in visible
    assert CANARY in out, "it is the server's token all the same"


@needs_proc
def test_a_demo_shows_its_token_to_nobody(tmp_path: Path) -> None:
    demo = subprocess.Popen(
        [sys.executable, "-m", "livequiz", "demo"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "TMPDIR": str(tmp_path), "LIVEQUIZ_INSTRUCTOR_TOKEN": CANARY},
    )
    tokens, visible = set(), set()
    while demo.poll() is None:
        for file in tmp_path.glob("*/instructor-token"):
            with contextlib.suppress(OSError):
                tokens.add(file.read_text().strip())
        visible.update(command_lines().splitlines())
        time.sleep(0.05)
    assert demo.returncode == 0, demo.communicate(timeout=PATIENCE)
    demo.communicate(timeout=PATIENCE)
    assert tokens
    assert any("serve" in line and str(tmp_path) in line for line in visible)
    assert not [line for line in visible for token in {*tokens, CANARY} if token in line]


def test_a_flag_and_its_value_are_taken_out_wherever_they_stand() -> None:
    rest = ["python", "-m", "livequiz", "instructor", "http://a", "-m", "TEST"]
    assert without("--token", rest) == (None, rest)
    for given in (["--token", "x"], ["--token=x"], ["--token", "y", "--token=x"]):
        assert without("--token", [*rest[:4], *given, *rest[4:]]) == ("x", rest)
        assert without("--token", [*rest, *given]) == ("x", rest)
    assert without("--token", [*rest, "--token"]) == ("", rest)
