"""The screens over https with the server's own certificate, by what the server shows alone."""

from __future__ import annotations

import pytest

from tests.patience import patient
from tests.terminal.test_a_class import LIVEQUIZ, spoken
from tests.terminal.tmux import Tmux


@pytest.mark.terminal
def test_the_commands_that_the_server_shows_are_enough(tmux: Tmux, env: dict[str, str]) -> None:
    flags = ("--port", "0", "--tls-self-signed")
    served = tmux.open((*LIVEQUIZ, "serve", *flags), size=(200, 40), env=env)
    served.wait_for("Students type:", "You type:", "Instructor token", timeout=patient(60))
    url, code = spoken(served.screen, "Server"), spoken(served.screen, "Meeting")
    (join,) = [
        line.split()[1:]
        for line in served.screen.splitlines()
        if line.startswith("livequiz student ")
    ]
    assert join[1].startswith(f"{url}#sha256=")

    # On the server's own machine the dashboard finds server, certificate and token itself.
    teacher = tmux.open((*LIVEQUIZ, "instructor"), size=(100, 30), env=env)
    teacher.wait_for("Nobody is here yet", code)
    who = ("--id", "S001", "--name", "Alice")
    tmux.open((*LIVEQUIZ, *join, *who), env=env).wait_for("You are in, Alice.")
    # As it does by the command that the server shows.
    again = tmux.open((*LIVEQUIZ, "instructor", *join[1:]), size=(100, 30), env=env)
    again.wait_for("1 student is here")
    stranger = tmux.open((*LIVEQUIZ, "student", url, *join[2:], *who), size=(120, 30), env=env)
    stranger.wait_for("does not know who signed", "#sha256=")
