"""One class, in which everybody takes part in another way."""

from __future__ import annotations

import sys
from pathlib import Path

from livequiz.client.student import StudentSession
from livequiz.protocol.messages import NewQuestion
from tests.chromium import chromium
from tests.helpers import next_of
from tests.page.student import asked, join, shown, submit
from tests.plain.piped import piped
from tests.ssh.at_ssh import MEETING, SshServer
from tests.terminal.tmux import Terminal, Tmux


def fill_in(terminal: Terminal, student_id: str, name: str) -> None:
    terminal.wait_for("Join your class")
    terminal.type(student_id)
    terminal.press("Enter")
    terminal.type(name)
    terminal.press("Enter")
    terminal.wait_for(f"You are in, {name}.")


async def test_a_class_of_five_by_ssh_terminal_pipe_socket_and_page(
    served: SshServer, tmux: Tmux, tmp_path: Path
) -> None:
    by_ssh = tmux.open(served.command())
    fill_in(by_ssh, "W1", "Ada")
    command = (sys.executable, "-m", "livequiz", "student", served.url, "-m", MEETING)
    in_terminal = tmux.open(command, env={"LIVEQUIZ_STATE_DIR": str(tmp_path / "terminal")})
    fill_in(in_terminal, "W2", "Bob")
    by_socket = StudentSession(served.url)
    await by_socket.open()
    await by_socket.join("W3", MEETING, "Cy")
    entry = ("student", served.url, "-m", MEETING, "--plain", "--id", "W4", "--name", "Dee")
    async with (
        piped(*entry, state=tmp_path / "pipe") as by_pipe,
        served.teaching() as teacher,
        chromium() as browser,
    ):
        on_page = await browser.new_page()
        await on_page.goto(f"{served.url}/?m={MEETING}")
        await join(on_page, "W5", "Eve")
        await by_pipe.until("You are in the class")
        sent = await teacher.trigger(duration=600)
        assert sent.count == 5
        by_ssh.wait_for("Question")
        by_ssh.press_until("b", "Press Enter to submit B.")
        by_ssh.press_until("Enter", "orrect")
        in_terminal.wait_for("Question")
        in_terminal.press_until("c", "Press Enter to submit C.")
        in_terminal.press_until("Enter", "orrect")
        question = await next_of(by_socket, NewQuestion)
        await by_socket.answer(question.question_id, question.round_id, 0, spent=1)
        await by_pipe.until("Type one letter from A to D.")
        await by_pipe.type("d")
        await by_pipe.until("orrect")
        await asked(on_page)
        await on_page.keyboard.press("b")
        await submit(on_page)
        await shown(on_page, "orrect")
        snapshot = await teacher.snapshot()
        rows = {row.student_id: row for row in snapshot.assignments}
        assert rows.keys() == {"W1", "W2", "W3", "W4", "W5"}
        assert len({row.question_id for row in rows.values()}) == 5
        assert {row.student_id: row.answer for row in rows.values()} == {
            "W1": 1,
            "W2": 2,
            "W3": 0,
            "W4": 3,
            "W5": 1,
        }
    await by_socket.close()
