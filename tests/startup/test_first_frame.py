"""What a command has imported by the time that a person sees something; in real terminals."""

from __future__ import annotations

import contextlib
import os
import pty
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.patience import patient

# What takes long, or is another head's: none of it is needed to print a line or draw a form.
CONNECTING = {"aiohttp", "socketio", "engineio", "requests", "zeroconf", "cryptography"}
SERVING = {"motor", "pymongo", "bson", "aiohttp.web", "livequiz.server.app", "livequiz.db"}
DRAWING = {"textual", "rich"}

PRINT = """
import sys, livequiz.cli
sys.argv = ["livequiz", *{arguments}]
try:
    livequiz.cli.main()
finally:
    open({report!r}, "w").write("\\n".join(sys.modules))
"""
DRAW = """
import os, sys
from textual.app import App

def look(app):
    strips = app.screen._compositor.render_strips()
    if {words!r} in "".join(segment.text for strip in strips for segment in strip):
        with open({report!r}, "w") as file:
            file.write("\\n".join(sys.modules))
        os._exit(0)

App.post_display_hook = look
sys.argv = ["livequiz", *{arguments}]
import livequiz.cli
livequiz.cli.main()
"""


def imported(script: str, home: Path, *arguments: str, words: str = "") -> set[str]:
    """Return the modules that a command has imported when it ends, or when words are drawn."""
    report = home / "modules"
    code = script.format(arguments=arguments, report=str(report), words=words)
    terminal, others_end = pty.openpty()
    reader = threading.Thread(target=_drain, args=(terminal,), daemon=True)
    reader.start()
    try:
        subprocess.run(
            [sys.executable, "-c", code],
            stdin=others_end,
            stdout=others_end,
            stderr=others_end,
            timeout=patient(60),
            check=True,
            env={
                **os.environ,
                "TERM": "xterm-256color",
                "LIVEQUIZ_STATE_DIR": str(home / "state"),
                "LIVEQUIZ_DATA_DIR": str(home / "data"),
                "LIVEQUIZ_CONFIG": str(home / "no-config.toml"),
            },
        )
    finally:
        os.close(others_end)
        reader.join()
        os.close(terminal)
    return set(report.read_text().split())


def _drain(terminal: int) -> None:
    """Read what is printed: a terminal holds 4 KiB, and then whoever prints waits."""
    with contextlib.suppress(OSError):  # the other end is closed
        while os.read(terminal, 65_536):
            pass


def test_the_version_is_told_without_a_screen_or_a_network(tmp_path: Path) -> None:
    found = imported(PRINT, tmp_path, "--version")
    assert "livequiz.cli" in found
    assert not found & (CONNECTING | SERVING | DRAWING)


@pytest.mark.parametrize("command", [[], ["student"], ["instructor"], ["serve"], ["demo"]])
def test_help_imports_none_of_what_it_tells_about(tmp_path: Path, command: list[str]) -> None:
    found = imported(PRINT, tmp_path, *command, "--help")
    assert not found & (CONNECTING | SERVING | {"textual"})


@pytest.mark.parametrize(
    ("command", "words"), [("student", "Your name"), ("instructor", "Your id")]
)
def test_a_form_is_drawn_before_anything_is_imported_that_connects(
    tmp_path: Path, command: str, words: str
) -> None:
    """Half of the time until a student saw the form went into the client of Socket.IO."""
    found = imported(DRAW, tmp_path, command, words=words)
    assert "textual" in found
    assert not found & (CONNECTING | SERVING | {"pyfiglet", "rich.markdown"})
