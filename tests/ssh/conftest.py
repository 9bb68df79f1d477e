"""Fixtures: a server with SSH, and terminals."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.ssh.at_ssh import SshServer
from tests.terminal.tmux import Tmux


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SshServer]:
    server = SshServer(tmp_path_factory.mktemp("ssh") / "data")
    yield server
    _, err = server.stop()
    assert "Traceback" not in err, err
    assert "Traceback" not in (server.folder / "livequiz.log").read_text()


@pytest.fixture
def tmux() -> Iterator[Tmux]:
    tmux = Tmux()
    yield tmux
    tmux.close()
