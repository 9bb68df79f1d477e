"""Plain mode in a terminal without a cursor."""

from __future__ import annotations

import pytest

from tests.terminal.test_a_class import LIVEQUIZ, served, spoken
from tests.terminal.tmux import Terminal, Tmux

__all__ = ["served"]


@pytest.mark.terminal
def test_a_dumb_terminal_is_spoken_to_line_by_line(
    tmux: Tmux, served: Terminal, env: dict[str, str]
) -> None:
    url, code = spoken(served.screen, "Server"), spoken(served.screen, "Meeting")
    teacher = tmux.open((*LIVEQUIZ, "instructor"), size=(100, 30), env=env)
    teacher.wait_for("Nobody is here yet")
    # tmux names its own terminal type, whatever the environment says.
    dumb = ("env", "TERM=dumb", *LIVEQUIZ, "student", url, "-m", code)
    student = tmux.open(dumb, env=env)
    student.wait_for("Your student id:")
    student.type("S001")
    student.press("Enter")
    student.wait_for("Your name:")
    student.type("Ada")
    student.press("Enter")
    student.wait_for(f"You are in the class {code} as Ada.")
    teacher.wait_for("1 student is here")
    teacher.press("s")
    teacher.wait_for("1 student here", "everyone gets a different one")
    teacher.press("Enter")
    student.wait_for("Question 1, ", "A. ", "Type one letter from A to D.")
    student.type("b")
    student.press("Enter")
    student.wait_for_match(r"Correct\.|Incorrect\. The right answer is [A-D]: ")
    student.type("quit")
    student.press("Enter")
    student.wait_for_end()
    assert "You have left the class." in student.screen
