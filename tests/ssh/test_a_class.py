"""Students and a teacher who have nothing but `ssh`."""

from __future__ import annotations

import asyncio
import contextlib
import re
import shlex
import subprocess
from pathlib import Path
from typing import cast

import asyncssh

from livequiz.domain.errors import QuizError
from tests.patience import PATIENCE
from tests.plain.piped import running
from tests.ssh.at_ssh import MEETING, SshServer
from tests.ssh.test_door import Shown
from tests.terminal.tmux import Terminal, Tmux


def join(terminal: Terminal, student_id: str, name: str) -> str:
    """Fill in the form; return the rejoin code that the student is shown."""
    terminal.wait_for("Join your class", MEETING)
    terminal.type(student_id)
    terminal.press("Enter")
    terminal.type(name)
    terminal.press("Enter")
    screen = terminal.wait_for(f"You are in, {name}.", "your rejoin code is")
    found = re.search(r"your rejoin code is (\w{5})\.", screen)
    assert found is not None
    return found[1]


def test_the_teacher_gets_the_dashboard_for_the_token(served: SshServer, tmux: Tmux) -> None:
    teacher = tmux.open(served.command("teacher"), size=(100, 30))
    teacher.wait_for("assword:")
    teacher.type("not the token")
    teacher.press("Enter")
    teacher.wait_for_match(r"assword:[\s\S]*assword:")
    teacher.type(served.token)
    teacher.press("Enter")
    teacher.wait_for("Nobody is here yet", f"{served.url} --meeting {MEETING}", "s Send")


def test_a_student_plays_a_round_and_the_window_is_resized_in_it(
    served: SshServer, tmux: Tmux
) -> None:
    student = tmux.open(served.command())
    join(student, "S001", "Ada")
    with served.round():
        student.wait_for("Question 1", "A", "B")
        tmux.run("resize-window", "-t", "t0", "-x", "120", "-y", "40")
        student.wait_for_match(r"(?m)^.{100,}$")  # drawn for 120 columns
        student.press_until("b", "Press Enter to submit B.")
        student.press_until("Enter", "orrect")
    student.press_until("Enter", "You are in, Ada.")
    student.press("q")
    student.wait_for_end()


def test_whoever_is_cut_off_comes_back_with_the_code_and_nobody_else_does(
    served: SshServer, tmux: Tmux
) -> None:
    first = tmux.open(served.command())
    code = join(first, "S002", "Bob")
    with served.round():
        first.wait_for("Question")
        (client,) = pids(tmux, "t0")
        subprocess.run(["kill", "-KILL", str(client)], check=True)
        again = tmux.open(served.command())
        again.wait_for("Join your class")
        again.type("S002")
        again.press("Enter")
        again.type("Bob")
        again.press("Enter")
        again.wait_for("This id is taken. If it is yours, type the rejoin code")
        again.type("AAAAA")
        again.press("Enter")
        again.wait_for("This id is taken.")
        again.press(*["BSpace"] * 5)
        again.type(code.lower())
        again.press("Enter")
        again.wait_for("Question")


async def test_without_a_terminal_it_is_line_by_line(served: SshServer) -> None:
    async with running(*served.command(MEETING, "-T"), environment={}) as student:
        await student.type("S003")
        await student.type("Cy")
        await student.until("You are in the class K7QX4M as Cy.")
        await student.until("your rejoin code is ")
        code = (await student.until("."))[:-1]
        async with served.teaching() as teacher:
            await teacher.trigger(duration=600, allow_repeats=True)
            await student.until("Type one letter from A to D.")
            async with running(*served.command(MEETING, "-T"), environment={}) as again:
                await again.type("S003")
                await again.type("Cy")
                await again.until("If the id is yours, type your rejoin code; otherwise Enter:")
                await again.type(code)
                await again.until("Type one letter from A to D.")
                await again.type("b")
                await again.until("orrect.")
                await again.type("quit")
                await again.until("You have left the class.")
                assert await again.ended() == 0
            await student.until("You joined from somewhere else")
            assert await student.ended() == 1
            with contextlib.suppress(QuizError):  # everybody had answered
                await teacher.close_round()


def test_a_server_that_stops_says_so_and_leaves_the_terminal_as_it_was(
    tmp_path: Path, tmux: Tmux
) -> None:
    server = SshServer(tmp_path / "data")
    student = tmux.open(("sh", "-c", f"echo before; {shlex.join(server.command())}; exec cat"))
    join(student, "S001", "Ada")
    assert "before" not in student.screen
    server.stop()
    student.wait_for("before", "The server has stopped.")
    modes = tmux.run(
        "display", "-p", "-t", "t0", "#{mouse_any_flag} #{alternate_on} #{cursor_flag}"
    )
    assert modes.split() == ["0", "0", "1"]


class Line(asyncssh.SSHClient):
    """Learns who has hung up."""

    def __init__(self) -> None:
        self.lost: asyncio.Future[Exception | None] = asyncio.get_running_loop().create_future()

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost.set_result(exc)


async def test_a_server_that_stops_lets_the_guest_hang_up(tmp_path: Path) -> None:
    """A disconnect behind the last words could reach the screen before them."""
    server = SshServer(tmp_path / "data")
    connection, client = await asyncssh.create_connection(
        *(Line, "127.0.0.1", server.port),
        username=MEETING,
        known_hosts=None,
        config=None,
        client_keys=None,
    )
    _, session = await connection.create_session(Shown, term_type="xterm", encoding=None)
    line, shown = cast(Line, client), cast(Shown, session)
    await shown.until("Join your class")
    stopping = asyncio.create_task(asyncio.to_thread(server.stop))
    await asyncio.wait_for(shown.over.wait(), PATIENCE)
    connection.close()
    assert await line.lost is None
    assert "The server has stopped." in shown.text
    await stopping


async def test_the_code_that_is_shown_after_a_removal_opens_the_place(served: SshServer) -> None:
    command = served.command(MEETING, "-T")
    codes = []
    async with served.teaching() as teacher:
        for _ in range(2):
            async with running(*command, environment={}) as student:
                await student.type("S007")
                await student.type("Eve")
                await student.until("your rejoin code is ")
                codes.append((await student.until("."))[:-1])
            if len(codes) == 1:
                await teacher.remove_student("S007")
    async with running(*command, environment={}) as again:
        await again.type("S007")
        await again.type("Eve")
        await again.until("type your rejoin code; otherwise Enter:")
        await again.type(codes[1])
        await again.until("You are in the class")


def test_a_dumb_terminal_is_spoken_to_line_by_line(served: SshServer, tmux: Tmux) -> None:
    student = tmux.open(("env", "TERM=dumb", *served.command()))
    student.wait_for("Your student id:")
    student.type("S0x")
    student.press("BSpace")
    student.type("4")
    student.press("Enter")
    student.wait_for("Your name:")
    student.type("Dee")
    student.press("Enter")
    student.wait_for("You are in the class K7QX4M as Dee.")
    assert "S04" in student.screen
    student.type("quit")
    student.press("Enter")
    student.wait_for_end()


async def test_a_key_in_the_data_folder_opens_the_teachers_side(
    served: SshServer, tmp_path: Path
) -> None:
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    authorized = served.folder / "authorized_keys"
    authorized.write_text(key.with_suffix(".pub").read_text())
    here = ("-b", "127.0.0.2")  # the address that the server is to know, not that of the worker
    command = served.command("teacher", "-T", *here, "-i", str(key), "-o", "BatchMode=yes")
    async with running(*command, environment={}) as teacher:
        await teacher.until('"event": "joined"')
        await teacher.type('{"do": "snapshot"}')
        await teacher.until('"done": "snapshot"')
        await teacher.type('{"do": "quit"}')
        assert await teacher.ended() == 0
    assert "127.0.0.2" in (served.folder / "audit.log").read_text()
    authorized.unlink()
    async with running(*command, environment={}) as refused:
        await refused.until("Permission denied")


def pids(tmux: Tmux, terminal: str) -> list[int]:
    """Return the process ids of the programs in a terminal."""
    return [int(tmux.run("display", "-p", "-t", terminal, "#{pane_pid}"))]
