"""A class in real terminals: three commands, keys as a person types them, screens that are read."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from livequiz.bank.sample_bank import sample
from tests.patience import patient
from tests.terminal.tmux import Terminal, Tmux

BANK = Path(__file__).parents[1] / "tui" / "sixty.json"
LIVEQUIZ = (sys.executable, "-m", "livequiz")
VERDICT = "✓ Correct|✗ Incorrect"


@pytest.fixture
def served(tmux: Tmux, env: dict[str, str]) -> Terminal:
    """A server that has said how to join; all of its questions have options A to D."""
    command = (*LIVEQUIZ, "serve", "--port", "0", "--bank", str(BANK))
    terminal = tmux.open(command, size=(120, 30), env=env)
    terminal.wait_for("Students type", "Instructor token", timeout=patient(60))
    return terminal


def spoken(screen: str, label: str) -> str:
    """Return what the server's screen says beside a label."""
    found = re.search(rf"{label}\s+(\S+)", screen)
    assert found, screen
    return found[1]


@pytest.mark.terminal
def test_a_round_is_played_by_keyboard_in_three_terminals(
    tmux: Tmux, served: Terminal, env: dict[str, str]
) -> None:
    url, code = spoken(served.screen, "Server"), spoken(served.screen, "Meeting")

    # On the server's own machine the dashboard finds server, meeting and token itself.
    teacher = tmux.open((*LIVEQUIZ, "instructor"), size=(100, 30), env=env)
    teacher.wait_for("Nobody is here yet", f"--meeting {code}")

    alice = tmux.open((*LIVEQUIZ, "student", url, "--meeting", code), env=env)
    alice.wait_for("Join your class")
    alice.type("S001")
    alice.press("Enter")
    alice.type("Alice Johnson")
    alice.press("Enter")
    alice.wait_for("You are in, Alice", "connected")

    bob = tmux.open(
        (*LIVEQUIZ, "student", url, "-m", code, "--id", "S002", "--name", "Bob Smith"),
        size=(60, 20),
        env={**env, "LIVEQUIZ_STATE_DIR": env["LIVEQUIZ_STATE_DIR"] + "-bob"},
    )
    bob.wait_for("You are in, Bob")
    teacher.wait_for("2 students are here")

    teacher.press("s")
    teacher.wait_for("2 students here", "everyone gets a different one")
    teacher.press("Enter")
    question = alice.wait_for("Question 1", "A-D")
    assert "Waiting for the next question" not in question
    bob.wait_for("Choose", "Submit")
    teacher.wait_for("Alice Johnson", "Bob Smith", "answered")

    alice.press_until("Enter", "Choose an answer first")  # nothing is chosen: nothing is sent
    alice.press("b")
    alice.press("Enter")
    verdict = alice.wait_for_match(VERDICT)
    teacher.wait_for_match(("✓ right" if "✓ Correct" in verdict else "✗ wrong") + " +Alice")

    teacher.press("c")
    teacher.wait_for("1 has not answered yet. Press c again to close the round.")
    teacher.press("c")
    teacher.wait_for("closed by you", "1 did not answer")
    bob.wait_for("right answer")
    alice.press_until("Escape", "Waiting for the next question")
    alice.wait_for("Round 1")

    served.press("C-c")
    alice.wait_for("no connection")
    teacher.wait_for("no connection")
    teacher.press("q")
    alice.press("C-q")


@pytest.mark.terminal
def test_a_lost_server_comes_back_to_every_terminal(
    tmux: Tmux, served: Terminal, env: dict[str, str]
) -> None:
    url, code = spoken(served.screen, "Server"), spoken(served.screen, "Meeting")
    port = url.rpartition(":")[2]
    teacher = tmux.open((*LIVEQUIZ, "instructor"), size=(100, 30), env=env)
    teacher.wait_for("Nobody is here yet")
    alice = tmux.open(
        (*LIVEQUIZ, "student", url, "-m", code, "--id", "S001", "--name", "Alice"), env=env
    )
    alice.wait_for("You are in, Alice")
    teacher.press("s")
    teacher.wait_for("1 student here")
    teacher.press("Enter")
    alice.wait_for("Question 1")

    served.press("C-c")
    alice.wait_for("no connection")
    served.wait_for_end()
    tmux.open((*LIVEQUIZ, "serve", "--port", port), size=(120, 30), env=env).wait_for(
        "Students type", timeout=patient(60)
    )
    alice.wait_for("● connected", "Question 1", timeout=patient(30))
    teacher.wait_for("● connected", "1 here", timeout=patient(30))
    alice.press("a")
    alice.press("Enter")
    verdict = alice.wait_for_match(VERDICT)
    teacher.wait_for("everyone has answered")
    teacher.wait_for_match(("✓ right" if "✓ Correct" in verdict else "✗ wrong") + " +Alice")


@pytest.mark.terminal
def test_a_demo_shows_a_class_that_answers(tmux: Tmux, env: dict[str, str]) -> None:
    screen = tmux.open((*LIVEQUIZ, "demo"), env=env)
    screen.wait_for("12 students are here", timeout=patient(60))
    screen.press("s")
    screen.wait_for(f"12 students here, {len(sample())} questions match")
    screen.press("Enter")
    screen.wait_for("✓ right", timeout=patient(30))
    screen.press("q")
    screen.wait_for("The round continues without you. Leave?")
    screen.press("y")
    screen.wait_for_end()


@pytest.mark.terminal
def test_a_demo_that_is_left_says_what_became_of_it(tmux: Tmux, env: dict[str, str]) -> None:
    """Without a round it ended without a word, seconds after the key."""
    screen = tmux.open((*LIVEQUIZ, "demo", "--students", "2"), env=env)
    screen.wait_for("2 students are here", timeout=patient(60))
    screen.press("q")
    screen.wait_for_end()
    assert "Stopping the class, its server and its database" in screen.screen
    assert "The demo is over; nothing of it is kept." in screen.screen


@pytest.mark.terminal
def test_a_dashboard_that_is_there_first_joins_the_server_that_comes(
    tmux: Tmux, env: dict[str, str]
) -> None:
    teacher = tmux.open((*LIVEQUIZ, "instructor"), env=env)
    teacher.wait_for("No server is running on this machine yet", "livequiz serve")
    served = tmux.open((*LIVEQUIZ, "serve", "--port", "0"), size=(120, 30), env=env)
    served.wait_for("Students type", "Instructor token", timeout=patient(60))
    teacher.press("Enter")
    teacher.wait_for("Nobody is here yet", spoken(served.screen, "Meeting"))


@pytest.mark.terminal
def test_a_projector_finds_the_server_and_shows_results_when_told_to(
    tmux: Tmux, served: Terminal, env: dict[str, str]
) -> None:
    url, code = spoken(served.screen, "Server"), spoken(served.screen, "Meeting")
    assert f"{url}/projector?m={code}#" in served.screen
    projector = tmux.open((*LIVEQUIZ, "projector"), size=(80, 24), env=env)
    projector.wait_for(f"{url}/?m={code}", "Nobody is here yet")
    teacher = tmux.open((*LIVEQUIZ, "instructor"), size=(100, 30), env=env)
    alice = tmux.open(
        (*LIVEQUIZ, "student", url, "-m", code, "--id", "S001", "--name", "Alice"), env=env
    )
    alice.wait_for("You are in, Alice")
    projector.wait_for("1 student is here")
    teacher.wait_for("1 student is here")
    teacher.press("s")
    teacher.wait_for("Enter")
    teacher.press("Enter")
    alice.wait_for("Question 1")
    projector.wait_for("of 1 answered")
    alice.press("b")
    alice.wait_for("Press Enter to submit")
    alice.press_until("Enter", "Press any key to go back")
    over = projector.wait_for("Round 1 is over", "1 of 1 answered")
    assert "%" not in over
    teacher.wait_for("everyone has answered")
    teacher.press("a")
    teacher.wait_for("Projectors show the results")
    assert "Alice" not in projector.wait_for("% right")
    projector.press("q")
    projector.wait_for_end()
