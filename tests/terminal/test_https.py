"""Both screens over https, with a private authority, as people start them."""

from __future__ import annotations

import re
import shlex

import pytest

from tests.authority import Authority
from tests.patience import patient
from tests.terminal.test_a_class import LIVEQUIZ, spoken
from tests.terminal.tmux import Tmux


@pytest.mark.terminal
def test_students_and_instructors_join_over_https(
    tmux: Tmux,
    env: dict[str, str],
    authority: Authority,
) -> None:
    certificate, key = authority.issue("127.0.0.1")
    flags = ("--port", "0", "--tls-cert", certificate, "--tls-key", key)
    served = tmux.open((*LIVEQUIZ, "serve", *flags), size=(120, 30), env=env)
    served.wait_for("Students type", "Instructor token", timeout=patient(60))
    url, code = spoken(served.screen, "Server"), spoken(served.screen, "Meeting")
    assert re.match(r"https://127\.0\.0\.1:\d+$", url)

    trust = ("--tls-ca", authority.file)
    teacher = tmux.open((*LIVEQUIZ, "instructor", *trust), size=(100, 30), env=env)
    teacher.wait_for("Nobody is here yet", f"--meeting {code}")
    join = (*LIVEQUIZ, "student", url, "-m", code, "--id", "S001", "--name", "Alice")
    tmux.open((*join, *trust), env=env).wait_for("You are in, Alice.")
    stranger = tmux.open(join, size=(120, 30), env=env)
    stranger.wait_for("does not know who signed", "--tls-ca FILE")
    assert "Trying again" not in stranger.screen


@pytest.mark.terminal
@pytest.mark.parametrize("command", ["student", "instructor"])
def test_a_ca_file_that_is_missing_is_said_instead_of_drawing_a_screen(
    tmux: Tmux, env: dict[str, str], command: str
) -> None:
    wrong = (*LIVEQUIZ, command, "https://127.0.0.1:1", "--tls-ca", "/nonexistent/ca.pem")
    # The shell keeps the terminal open: tmux scrolls what a program that ended has said.
    script = f"{shlex.join(wrong)}; echo It ended with $?.; exec cat"
    terminal = tmux.open(("sh", "-c", script), size=(120, 24), env=env)
    terminal.wait_for("The CA file /nonexistent/ca.pem can't be read", "It ended with 1.")
