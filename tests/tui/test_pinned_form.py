"""Addresses with a fingerprint, as students paste them into the form."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from livequiz.client import remembered
from livequiz.client.address import pinned
from livequiz.db.store import Store
from livequiz.server.app import SESSIONS
from livequiz.server.host import self_signed, tls
from livequiz.server.host.data_folder import DataFolder
from livequiz.server.quiz.service import Policy, utc_now
from livequiz.tui.student.app import StudentApp
from tests.conftest import RunningServer
from tests.tui.looking import text_of, until, until_shown


@pytest.fixture(autouse=True)
def state_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIVEQUIZ_STATE_DIR", str(tmp_path / "state"))


@pytest.fixture
def certificate(tmp_path: Path) -> tls.Certificate:
    folder = DataFolder(tmp_path / "data")
    return tls.load(*self_signed.certificate_files(folder, ["127.0.0.1"], utc_now()))


@pytest.fixture
async def secure(
    store: Store, policy: Policy, certificate: tls.Certificate
) -> AsyncIterator[RunningServer]:
    running = RunningServer(store, policy, tls=certificate.context)
    await running.start()
    await store.participants.open_meeting("TEST", utc_now())
    yield running
    await running.close()


def words(app: StudentApp) -> str:
    """Return what the screen says, in one line."""
    return " ".join(text_of(app).split())


async def until_said(app: StudentApp, sentence: str) -> None:
    await until(lambda: sentence in words(app), f"{sentence} on\n{text_of(app)}")


async def test_an_address_that_was_copied_whole_joins_and_is_remembered(
    secure: RunningServer, certificate: tls.Certificate
) -> None:
    address = pinned(secure.url, certificate.fingerprint)
    app = StudentApp()
    async with app.run_test() as pilot:
        await until_shown(app, "Join your class")
        for typed in (address, "test", "S001", "Alice"):
            await pilot.press(*typed, "enter")
        await until_shown(app, "You are in, Alice.")
    known = remembered.load()
    assert known.url == address
    assert known.token(secure.url, "TEST", "S001") is not None


async def test_an_impostor_is_not_tried_again_and_again(
    secure: RunningServer,
) -> None:
    app = StudentApp(pinned(secure.url, "0" * 64), "TEST", "S001", "Alice")
    async with app.run_test():
        await until_said(app, "has a certificate with another fingerprint")
        assert "Trying again" not in words(app)
        assert app.focused is not None
        assert app.focused.id == "url"
        assert not secure.app[SESSIONS]
