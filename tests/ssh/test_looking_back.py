"""A student who came by SSH practises what they missed, with `serve --practice`."""

from __future__ import annotations

from pathlib import Path

from tests.ssh.at_ssh import SshServer
from tests.ssh.test_a_class import join
from tests.terminal.tmux import Tmux


def test_what_was_missed_is_practised_and_looked_up(tmp_path: Path, tmux: Tmux) -> None:
    server = SshServer(tmp_path / "data", "--practice")
    student = tmux.open(server.command(), size=(80, 24))
    join(student, "S001", "Ada")
    with server.round():
        student.wait_for("Question 1")
    student.wait_for("The round is over", "Press any key to go back.")
    student.press_until("Space", "p Practise")
    student.press_until("p", "Practice 1 of 1")
    student.press_until("b", "Press Enter to submit B.")
    student.press_until("Enter", "Press Enter to finish.")
    student.press_until("Enter", "You practised 1 question and got")
    student.press_until("h", "My answers   0 of 0 right")
    student.press_until("Escape", "You are in, Ada.")
    student.press("q")
    student.wait_for_end()
    _, err = server.stop()
    assert "Traceback" not in err, err
    assert "Traceback" not in (server.folder / "livequiz.log").read_text()
