"""What no test of a screen may depend on: other programs on this network."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from livequiz.tui.student.app import StudentApp

DEFAULTS = StudentApp.__init__.__kwdefaults__
REAL_FINDER = DEFAULTS["finder"]


async def nobody() -> AsyncIterator[tuple[str, ...]]:
    """Find no server."""
    yield ()


@pytest.fixture(autouse=True)
def empty_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let an app that is told nothing else find nothing."""
    monkeypatch.setitem(DEFAULTS, "finder", nobody)
