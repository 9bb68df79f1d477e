"""Boundaries that a fresh interpreter can show: what comes along with an import."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.patience import patient


def imported_with(statement: str) -> set[str]:
    """Return the top-level modules that a statement brings along."""
    script = f"import sys\n{statement}\nprint(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        timeout=patient(30),
    )
    return set(done.stdout.split())


def test_the_domain_brings_no_input_or_output_along() -> None:
    modules = "draw, errors, grading, model, statistics, text"
    brought = imported_with(f"from livequiz.domain import {modules}")
    assert not brought & {"asyncio", "aiohttp", "socketio", "motor", "textual", "rich", "typer"}


SCREENS = {"textual", "zeroconf", "cryptography"}
WEB = {"socketio", "engineio", "aiohttp"}
PARTS = {
    "livequiz.domain": SCREENS | WEB | {"motor", "pymongo", "msgspec"},
    "livequiz.server.quiz": SCREENS | WEB,
    "livequiz.db": SCREENS | WEB,
    "livequiz.client": SCREENS | {"motor", "pymongo", "typer"},
    "livequiz.plain": SCREENS | {"motor", "pymongo", "typer"},
}


@pytest.mark.parametrize("part", PARTS)
def test_a_part_brings_along_nothing_that_is_not_its_own(part: str) -> None:
    """Every module of it, but the one that looks for servers on the network when asked to."""
    statement = f"""
import importlib, pkgutil, {part}
for module in pkgutil.walk_packages({part}.__path__, "{part}."):
    if module.name != "livequiz.client.mdns_browser":
        importlib.import_module(module.name)
"""
    brought = imported_with(statement)
    if "motor" in brought:  # the driver imports pyOpenSSL where it is installed
        brought -= imported_with("import motor.motor_asyncio")
    assert not brought & PARTS[part]


def test_a_bank_is_listed_without_a_web_server(tmp_path: Path) -> None:
    arguments = ["livequiz", "questions", "list", "--data-dir", str(tmp_path)]
    statement = f"""
import contextlib, io
from livequiz.cli import main
sys.argv = {arguments}
with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()):
    main()
"""
    brought = imported_with(statement)
    assert "motor" in brought, "the command did not come far"
    assert not brought & {*WEB, "textual", "zeroconf"}


@pytest.mark.parametrize("head", ["student", "instructor"])
def test_a_screen_brings_no_server_and_no_database_along(head: str) -> None:
    brought = imported_with(f"import livequiz.tui.{head}.app")
    assert not brought & {"motor", "pymongo", "typer"}


def test_a_form_looks_at_no_network_before_it_is_shown() -> None:
    brought = imported_with("import livequiz.tui.student.app")
    assert "zeroconf" not in brought


def test_the_command_line_alone_brings_nothing_heavy_along() -> None:
    brought = imported_with("import livequiz.cli")
    assert not brought & {"textual", "motor", "pymongo", "aiohttp", "socketio"}


def test_the_database_drivers_threads_are_as_many_on_every_machine() -> None:
    # Motor would take five for each processor.
    script = "import livequiz.db, motor.frameworks.asyncio as motor; print(motor.max_workers)"
    env = {name: value for name, value in os.environ.items() if name != "MOTOR_MAX_WORKERS"}
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, env=env
    )
    assert done.stdout == "16\n"
