"""What no test of a screen may depend on: other programs on this network, a slow machine."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from livequiz.server.quiz import health
from livequiz.tui.student.app import StudentApp

DEFAULTS: dict[str, Any] = StudentApp.__init__.__kwdefaults__ or {}
REAL_FINDER = DEFAULTS["finder"]


async def nobody() -> AsyncIterator[tuple[str, ...]]:
    """Find no server."""
    yield ()


@pytest.fixture(autouse=True)
def empty_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let an app that is told nothing else find nothing."""
    monkeypatch.setitem(DEFAULTS, "finder", nobody)


@pytest.fixture(autouse=True)
def no_stalls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the news of a machine that stood still for a moment off the screens."""
    monkeypatch.setattr(health, "STALL", timedelta(hours=1))
