"""Files and folders that are not what a command hopes for."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.test_command_line import Server, assert_is_one_sentence, livequiz
from tests.patience import patient

STEERING = "\x1b[31mred\x9b2J.gift"


@pytest.mark.parametrize(
    "command",
    [("questions", "import"), ("questions", "check"), ("serve", "--port", "0", "--bank")],
    ids=" ".join,
)
def test_a_file_name_that_steers_terminals_is_shown_as_text(
    tmp_path: Path, command: tuple[str, ...]
) -> None:
    done = livequiz(*command, tmp_path / STEERING, "--data-dir", tmp_path / "data")
    assert done.returncode
    assert "red" in done.stderr
    assert not set(done.stdout + done.stderr) & {"\x1b", "\x9b"}


def test_a_template_with_such_a_name_says_so_as_text(tmp_path: Path) -> None:
    done = livequiz("questions", "template", tmp_path / STEERING.replace("gift", "csv"))
    assert done.returncode == 0
    assert not set(done.stderr) & {"\x1b", "\x9b"}


def test_a_pipe_that_nobody_writes_to_holds_up_no_command(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.gift"
    os.mkfifo(pipe)
    data = ("--data-dir", tmp_path / "data")
    assert_is_one_sentence(livequiz("questions", "import", pipe, *data), "is empty")
    for flag in ("--bank", "--roster"):
        done = livequiz("serve", "--port", "0", flag, pipe, *data)
        assert_is_one_sentence(done, "is empty")


def test_a_pipe_that_somebody_writes_to_is_read_to_its_end() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "livequiz", "questions", "import", "/dev/stdin", "--dry-run"],
        capture_output=True,
        text=True,
        timeout=patient(60),
        check=False,
        input="Two and two?{=4 ~5}\n",
    )
    assert done.returncode == 0, done.stderr


def test_a_data_folder_that_others_can_enter_is_closed_and_named(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    Server(folder, "--port", "0").stop()
    folder.chmod(0o777)
    server = Server(folder, "--port", "0")
    _, err = server.stop()
    assert folder.stat().st_mode & 0o777 == 0o700
    assert "Other users could open the data folder" in err


def test_a_folder_of_many_people_is_no_data_folder_and_stays_as_it_is(tmp_path: Path) -> None:
    folder = tmp_path / "everybody"
    folder.mkdir()
    folder.chmod(0o1777)
    (folder / "somebody's file").touch()
    done = livequiz("serve", "--port", "0", "--data-dir", folder)
    assert_is_one_sentence(done, f"Other users can change the data folder {folder}", "chmod 700")
    assert folder.stat().st_mode & 0o7777 == 0o1777


def test_two_servers_on_one_mongodb_need_a_data_folder_each(tmp_path: Path, mongo_url: str) -> None:
    folder = tmp_path / "data"
    env = {"LIVEQUIZ_MONGO_URL": mongo_url}
    server = Server(folder, "--port", "0", "--mongo-url", mongo_url)
    try:
        done = livequiz("serve", "--port", "0", "--data-dir", folder, env=env)
        assert_is_one_sentence(done, "is in use by another LiveQuiz server", "--data-dir")
    finally:
        server.stop()
    Server(folder, "--port", "0", "--mongo-url", mongo_url).stop()
