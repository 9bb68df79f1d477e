"""The keys at the bottom of a screen, from its first frame on."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from livequiz.protocol.messages import Preview
from livequiz.protocol.requests import RoundRequest
from livequiz.tui.base import BaseApp
from livequiz.tui.instructor.send import SendDialog
from tests.tui.looking import text_of


async def never(_: RoundRequest) -> Preview:
    preview: asyncio.Future[Preview] = asyncio.get_running_loop().create_future()
    return await preview


async def test_the_send_dialog_names_its_keys_while_it_asks_the_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIVEQUIZ_STATE_DIR", str(tmp_path))
    app = BaseApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await app.push_screen(SendDialog(RoundRequest(), [], never))
        first = text_of(app)
        assert "Asking the server" in first
        await pilot.pause()
        for shown in (first, text_of(app)):
            footer = shown.split("\n")[-1]
            assert all(keys in footer for keys in ("Enter Send", "Tab Next field", "Esc Back"))
