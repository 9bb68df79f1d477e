"""The commands as a person runs them: real processes, real folders, exit codes, sentences."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from livequiz.bank.sample_bank import sample
from livequiz.client.instructor import InstructorSession
from livequiz.client.student import StudentSession
from livequiz.domain.errors import QuizError
from tests.patience import patient

SAMPLES = len(sample())


def livequiz(
    *arguments: str | Path, env: dict[str, str] | None = None, timeout: float = patient(60)
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "livequiz", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "LIVEQUIZ_CONFIG": "/nonexistent/config.toml", **(env or {})},
    )


def assert_is_one_sentence(done: subprocess.CompletedProcess[str], *words: str) -> None:
    assert done.returncode == 1, done
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    for word in words:
        assert word in done.stderr


class Server:
    """A `livequiz serve` process."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.folder = folder
        self.process = subprocess.Popen(
            [sys.executable, "-m", "livequiz", "serve", "--data-dir", folder, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        give_up = time.monotonic() + patient(40)
        while not (folder / "server.json").exists():
            if self.process.poll() is not None or time.monotonic() > give_up:
                raise AssertionError(self.process.communicate(timeout=patient(5)))
            time.sleep(0.05)
        self.url = json.loads((folder / "server.json").read_text())["url"]

    def stop(self, number: int = signal.SIGTERM) -> tuple[str, str]:
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=patient(10))
        return out, err


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path / "data", "--port", "0")
    yield server
    if server.process.poll() is None:
        server.stop()


def test_version_and_help_are_shown() -> None:
    assert livequiz("--version").stdout.startswith("livequiz ")
    commands = ("serve", "student", "instructor", "demo", "simulate", "questions")
    for command in commands:
        shown = livequiz(command, "--help")
        assert shown.returncode == 0
    of_bank = ("seed", "list", "import", "export", "formats", "schema", "check", "edit", "new")
    for command in (*commands[:-1], *(f"questions {c}" for c in of_bank)):
        assert "Example" in livequiz(*command.split(), "--help").stdout, command


def test_help_lists_what_a_class_needs_first_and_shows_no_type_behind_a_flag() -> None:
    shown = livequiz("--help").stdout
    commands = ("demo", "serve", "instructor", "student", "questions", "simulate", "bench")
    listed = [line.split()[1] for line in shown.splitlines() if line.startswith("\u2502 ")]
    assert [word for word in listed if word in commands] == list(commands)
    for command in ("", "serve", "questions", "questions import", "bench"):
        assert "<bool>" not in livequiz(*command.split(), "--help").stdout, command


def test_wrong_usage_exits_with_2() -> None:
    assert livequiz("serve", "--no-such-flag").returncode == 2
    assert livequiz("simulate").returncode == 2


def test_serve_says_how_to_join_and_stops_cleanly(served: Server) -> None:
    out, err = served.stop(signal.SIGINT)
    assert served.process.returncode == 0, err
    assert f"livequiz student {served.url}" in out
    assert "Instructor token" in out
    assert "Traceback" not in err
    assert not (served.folder / "server.json").exists()


def test_a_second_server_on_the_same_folder_is_told_so(served: Server) -> None:
    assert_is_one_sentence(livequiz("serve", "--data-dir", served.folder), "in use by another")


def test_a_port_in_use_is_said(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = livequiz("serve", "--port", port, "--data-dir", tmp_path / "data")
        ssh = ("--ssh", "--ssh-port", port)
        by_ssh = livequiz("serve", "--data-dir", tmp_path / "other", "--port", "0", *ssh)
    assert_is_one_sentence(done, f"Port {port} is in use", "such as --port")
    assert_is_one_sentence(by_ssh, f"Port {port} is in use", "such as --ssh-port")


def test_a_projector_token_that_can_be_guessed_is_refused(tmp_path: Path) -> None:
    env = {"LIVEQUIZ_PROJECTOR_TOKEN": "1234"}
    done = livequiz("serve", "--data-dir", tmp_path / "data", "--port", "0", env=env)
    assert_is_one_sentence(done, "The projector token is guessable: use at least 16 characters.")


def test_a_mongodb_that_is_away_is_said(tmp_path: Path) -> None:
    url = "mongodb://127.0.0.1:9/?serverSelectionTimeoutMS=300"
    done = livequiz("serve", "--mongo-url", url, "--port", "0", "--data-dir", tmp_path)
    assert_is_one_sentence(done, "MongoDB can't be reached")


def test_a_roster_is_read_before_anything_starts(tmp_path: Path) -> None:
    roster, folder = tmp_path / "roster.csv", tmp_path / "data"
    roster.write_text("student_id,name\nS 1,Alice\n\n,Bob\n")
    config = tmp_path / "config.toml"
    config.write_text(f"[serve]\nroster = {json.dumps(str(roster))}\n")
    start = ("serve", "--data-dir", folder, "--port", "0")
    for done in (
        livequiz(*start, "--roster", roster),
        livequiz(*start, env={"LIVEQUIZ_ROSTER": str(roster)}),
        livequiz(*start, env={"LIVEQUIZ_CONFIG": str(config)}),
    ):
        assert_is_one_sentence(done, f"{roster}, lines 2 and 4: `student_id` has to be")
        assert done.stdout == ""
        assert not folder.exists()


def test_only_who_is_on_the_roster_joins(tmp_path: Path) -> None:
    roster, folder = tmp_path / "roster.csv", tmp_path / "data"
    roster.write_bytes("\ufeffname;student_id\r\nZo\u00eb;S001\r\n".encode())
    server = Server(folder, "--port", "0", "--roster", str(roster), "--meeting", "TEST")
    try:
        assert asyncio.run(joined_name(server.url, "S001")) == "Zo\u00eb"
        with pytest.raises(QuizError, match="S002 is not on the class list"):
            asyncio.run(joined_name(server.url, "S002"))
    finally:
        server.stop()


async def joined_name(url: str, student_id: str) -> str:
    session = StudentSession(url)
    try:
        await session.open()
        return (await session.join(student_id, "TEST", "Typed")).name
    finally:
        await session.close()


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    done = livequiz("serve", "--data-dir", file / "below", "--port", "0")
    assert_is_one_sentence(done, "can't be written", "--data-dir")


def test_a_missing_mongod_is_said(tmp_path: Path) -> None:
    done = livequiz(
        "serve",
        "--data-dir",
        tmp_path / "data",
        "--port",
        "0",
        env={"LIVEQUIZ_MONGOD": str(tmp_path / "no-mongod")},
    )
    assert_is_one_sentence(done, "no-mongod")


def test_a_first_start_loads_the_samples_and_a_second_loads_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    first = Server(folder, "--port", "0").stop()
    second = Server(folder, "--port", "0").stop()
    assert f"Added {SAMPLES} sample questions to the bank." in first[1]
    assert "Loaded" not in second[1]


def test_serve_names_its_meeting_and_a_restart_keeps_the_names(tmp_path: Path) -> None:
    names = ("--class", "7B", "--title", "Fractions,\n lesson 3")
    for flags in (names, ()):
        Server(tmp_path, "--port", "0", "--meeting", "TEST", *flags).stop()
        wide = {"COLUMNS": "160"}
        listed = livequiz("meetings", "list", "--data-dir", tmp_path, env=wide).stdout
        assert "Fractions, lesson 3" in listed
        assert "7B" in listed
    done = livequiz("serve", "--data-dir", tmp_path, "--title", "x" * 81)
    assert_is_one_sentence(done, "A title has at most 80 characters; this one has 81.")


def test_serve_keeps_an_audit_log_without_the_token(served: Server) -> None:
    token = (served.folder / "instructor-token").read_text().strip()
    assert asyncio.run(taught(served.url, token)) == "TEST"
    with pytest.raises(QuizError, match="token"):
        asyncio.run(taught(served.url, "wrong"))
    log = served.folder / "audit.log"
    assert log.stat().st_mode & 0o777 == 0o600
    entries = [json.loads(line) for line in log.read_text().splitlines()]
    assert [entry["code"] for entry in entries] == ["ok", "unauthorized"]
    assert token not in log.read_text()


async def taught(url: str, token: str) -> str:
    session = InstructorSession(url)
    try:
        await session.open()
        return (await session.join("teacher", "TEST", token)).meeting_id
    finally:
        await session.close()


def test_a_demo_in_a_pipe_plays_a_round_in_which_everybody_has_their_own_question() -> None:
    done = livequiz("demo", env={"LIVEQUIZ_ROSTER": "roster-of-a-class.csv"})
    assert done.returncode == 0, done.stderr
    assert "8 of 8 answered" in done.stdout
    rows = [line for line in done.stdout.splitlines() if line.startswith("│ S0")]
    assert len(rows) == 8


def test_simulated_students_need_a_meeting_that_exists(served: Server) -> None:
    done = livequiz("simulate", served.url, "--students", "2", "--meeting", "NOSUCH")
    assert_is_one_sentence(done, "NOSUCH")


def test_the_dashboard_is_refused_in_a_pipe() -> None:
    assert_is_one_sentence(livequiz("instructor"), "--json")


def test_a_student_in_a_pipe_is_asked_line_by_line(tmp_path: Path) -> None:
    done = livequiz("student", env={"LIVEQUIZ_STATE_DIR": str(tmp_path)})
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout == "Address that your teacher shows:\n"


def test_the_config_file_gives_defaults_and_flags_win(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[serve]\nport = 1\nmongo-url = "http://nonsense"\n')
    env = {"LIVEQUIZ_CONFIG": str(config)}
    folder = tmp_path / "data"
    done = livequiz("serve", "--data-dir", folder, env=env)
    assert_is_one_sentence(done, "MongoDB URL")
    flag = ("--mongo-url", "mongodb://127.0.0.1:9/?serverSelectionTimeoutMS=300")
    done = livequiz("serve", "--data-dir", folder, *flag, env=env)
    assert_is_one_sentence(done, "can't be reached")
    config.write_text("[serve\n")
    assert_is_one_sentence(livequiz("serve", env=env), "config file")
