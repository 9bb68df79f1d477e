"""How the student's form looks with servers on the network, at two sizes.

After a wanted change: `pytest tests/tui/test_nearby_snapshots.py --snapshot-update`, then look
at what changed.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from livequiz.tui.student import nearby
from livequiz.tui.student.app import StudentApp
from livequiz.tui.student.join import JoinScreen
from tests.tui.looking import StoppedClock, settle, until, until_shown
from tests.tui.test_server_search import A, B, Network


@pytest.fixture(autouse=True)
def state_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what the app remembers and logs out of the home folder, and let it hurry."""
    monkeypatch.setenv("LIVEQUIZ_STATE_DIR", str(tmp_path))
    monkeypatch.setattr(nearby, "SETTLE", 0.01)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("servers", [(A,), (A, B)], ids=["one", "two"])
def test_servers_on_the_network_look_as_they_did(
    snap_compare: Callable[..., bool], size: tuple[int, int], servers: tuple[str, ...]
) -> None:
    network = Network()
    app = StudentApp(clock=StoppedClock(), finder=network)

    async def run(pilot: Pilot[Any]) -> None:
        await until(lambda: isinstance(app.screen, JoinScreen) and app.focused)
        network.tell(*servers)
        await until_shown(app, f"found on this network: {len(servers)}")
        filled_in = A if len(servers) == 1 else ""
        await until(lambda: app.screen.query_one("#url", Input).value == filled_in)
        await settle(app, pilot)

    assert snap_compare(app, terminal_size=size, run_before=run)
