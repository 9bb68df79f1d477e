"""What tests in terminals start from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.terminal.tmux import Tmux


@pytest.fixture
def tmux() -> Iterator[Tmux]:
    tmux = Tmux()
    yield tmux
    tmux.close()


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    """A home of its own for everything that the commands keep."""
    return {
        "LIVEQUIZ_STATE_DIR": str(tmp_path / "state"),
        "LIVEQUIZ_DATA_DIR": str(tmp_path / "data"),
        "LIVEQUIZ_CONFIG": str(tmp_path / "no-config.toml"),
        "TERM": "xterm-256color",
    }
