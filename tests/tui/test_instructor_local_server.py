"""An instructor's form on the server's own machine, which may start after it."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from livequiz.client import remembered
from livequiz.client.remembered import Remembered
from livequiz.commands.screens import _no_server_here
from livequiz.config import default_data_dir
from livequiz.server.host.data_folder import DataFolder, Running
from livequiz.tui.instructor.app import InstructorApp
from livequiz.tui.instructor.dashboard import Dashboard
from livequiz.tui.instructor.join import InstructorJoin
from livequiz.tui.instructor.local_server import LocalServer, found, is_here
from tests.conftest import RunningServer
from tests.patience import PATIENCE
from tests.tui.looking import text_of, until, until_shown

SIZE = (80, 24)
SENTENCE = "No server is running on this machine yet"
OTHER = "http://192.168.1.20:5000"


class Machine:
    """What runs on this machine, as a data folder would tell."""

    def __init__(self) -> None:
        self.runs: LocalServer | None = None

    def find(self, address: str | None) -> LocalServer | None:
        elsewhere = self.runs is None or address not in {None, self.runs.url}
        return None if elsewhere else self.runs


@pytest.fixture(autouse=True)
def state_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what the app remembers and logs out of the home folder."""
    monkeypatch.setenv("LIVEQUIZ_STATE_DIR", str(tmp_path))


@pytest.fixture
def machine() -> Machine:
    return Machine()


@pytest.fixture
def app(machine: Machine) -> InstructorApp:
    return InstructorApp(find=machine.find)


def values(app: InstructorApp) -> dict[str, str]:
    return {field.id or "": field.value for field in app.screen.query(Input)}


async def press_join(app: InstructorApp, pilot: Pilot[None]) -> None:
    app.screen.query_one("#join").focus()
    await pilot.press("enter")


async def join_until_let_in(app: InstructorApp, pilot: Pilot[None]) -> None:
    async with asyncio.timeout(PATIENCE):
        while isinstance(app.screen, InstructorJoin):
            await press_join(app, pilot)  # which does nothing while the one before is at work
            await asyncio.sleep(0.3)
    await until(lambda: isinstance(app.screen, Dashboard), "the dashboard")


async def test_a_server_that_starts_after_the_dashboard_is_found_by_join(
    server: RunningServer, machine: Machine, app: InstructorApp
) -> None:
    """Its address, meeting and token were read once, before there were any."""
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, SENTENCE)
        assert "livequiz serve" in text_of(app)
        await press_join(app, pilot)
        await until_shown(app, f"! {SENTENCE}")
        assert isinstance(app.screen, InstructorJoin)
        machine.runs = LocalServer(server.url, "TEST", server.token)
        await join_until_let_in(app, pilot)
        assert app.board.meeting_id == "TEST"


async def test_a_server_that_is_somewhere_else_by_now_is_found_by_join(
    server: RunningServer, machine: Machine
) -> None:
    machine.runs = LocalServer("http://127.0.0.1:9", "OLD", "old-token")
    app = InstructorApp(find=machine.find)
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, "There is no LiveQuiz server")
        machine.runs = LocalServer(server.url, "TEST", server.token)
        await join_until_let_in(app, pilot)


async def test_what_somebody_typed_is_kept(
    server: RunningServer, machine: Machine, app: InstructorApp
) -> None:
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, SENTENCE)
        app.screen.query_one("#meeting_id", Input).value = "mine"
        machine.runs = LocalServer(server.url, "TEST", server.token)
        await join_until_let_in(app, pilot)
        assert app.board.meeting_id == "MINE"


async def test_a_server_of_another_machine_is_never_told_this_ones_token(
    machine: Machine,
) -> None:
    remembered.change(lambda memory: setattr(memory, "url", OTHER))
    remembered.change(lambda memory: setattr(memory, "meeting", "FAR"))
    assert remembered.load() == Remembered(url=OTHER, meeting="FAR")
    app = InstructorApp(find=machine.find)
    async with app.run_test(size=SIZE) as pilot:
        await until_shown(app, OTHER)
        assert SENTENCE not in text_of(app)
        machine.runs = LocalServer("http://127.0.0.1:5000", "TEST", "secret")
        await press_join(app, pilot)
        await until_shown(app, "the instructor token that")
        assert values(app) == {
            "url": OTHER,
            "meeting_id": "FAR",
            "instructor_id": "teacher",
            "token": "",
        }


async def test_a_server_on_the_default_data_folder_is_named_where_another_folder_was_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    default, given = default_data_dir(), tmp_path / "given"
    assert _no_server_here(given).startswith(SENTENCE)
    DataFolder(default).announce(Running("http://127.0.0.1:5000", "TEST"))
    assert _no_server_here(default).startswith(SENTENCE)
    app = InstructorApp(find=lambda _: None, advise=partial(_no_server_here, given))
    async with app.run_test(size=(120, 40)) as pilot:
        await until_shown(app, "No server runs on the data folder")
        await press_join(app, pilot)
        await until_shown(app, "! No server runs on the data folder")
        said = "".join(text_of(app).split())
        assert f"{given},butonedoeson{default}" in said
        assert f'--data-dir"{default}"' in said


@pytest.mark.parametrize(
    ("url", "here"),
    [
        ("127.0.0.1", True),
        ("http://localhost:5000", True),
        ("http://[::1]:5000", True),
        ("192.168.1.20", False),
        ("http://127.0.0.1.example.com", False),
        ("not an address", False),
        ("", False),
    ],
)
def test_addresses_of_this_machine_are_known(url: str, here: bool) -> None:
    assert is_here(url) is here


def test_an_address_that_is_none_finds_nothing() -> None:
    machine = Machine()
    machine.runs = LocalServer("http://127.0.0.1:5000", "TEST", "secret")
    assert found(machine.find, {"url": "what is this"}, {"meeting_id", "token"}) == {}
