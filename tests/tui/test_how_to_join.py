"""How to join, on the dashboard at any time."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import RunningServer
from tests.helpers import bank
from tests.tui.at_instructor import dashboard, send
from tests.tui.looking import text_of, until, until_shown


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIVEQUIZ_STATE_DIR", str(tmp_path / "state"))


@pytest.mark.parametrize("size", [(80, 24), (160, 48)])
async def test_latecomers_are_shown_how_to_join_in_mid_round(
    server: RunningServer, size: tuple[int, int]
) -> None:
    await server.instructor("TEST")
    server.service.queries.ssh_port = 2222
    await server.import_questions(bank(3))
    await server.student("S001", "Ann")
    async with dashboard(server, size) as (app, pilot):
        await send(app, pilot)
        await pilot.press("j")
        await until_shown(app, f"livequiz student {server.url} --meeting TEST")
        await until_shown(app, "ssh -p 2222 TEST@127.0.0.1")
        await until_shown(app, "1 student is here")
        await server.student("S002", "Bob")
        await until_shown(app, "2 students are here")
        await pilot.press("j")
        await until(lambda: "ssh -p" not in text_of(app))
        assert "Ann" in text_of(app)
