"""The servers of this network in the student's form."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual._context import active_message_pump
from textual.app import App
from textual.command import CommandPalette
from textual.message import Message
from textual.pilot import Pilot
from textual.widgets import Input

from livequiz.client import server_search as finder_module
from livequiz.domain.errors import Code, QuizError
from livequiz.tui.student import nearby
from livequiz.tui.student.app import StudentApp
from livequiz.tui.student.join import JoinScreen
from livequiz.tui.student.nearby import Nearby
from tests import multicast
from tests.multicast import PATIENCE, URL, advertised, entry, written
from tests.tui.conftest import REAL_FINDER
from tests.tui.looking import text_of, until, until_shown
from tests.tui.test_student_snapshots import JOINED

A, B, C = (f"http://192.168.1.{number}:5000" for number in (11, 12, 13))


@pytest.fixture(autouse=True)
def state_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what the app remembers and logs out of the home folder, and let it hurry."""
    monkeypatch.setenv("LIVEQUIZ_STATE_DIR", str(tmp_path))
    monkeypatch.setattr(nearby, "SETTLE", 0.01)


class Network:
    """A finder that finds what a test tells it to."""

    def __init__(self) -> None:
        self.ended = False
        self._told: asyncio.Queue[tuple[str, ...]] = asyncio.Queue()
        self.settled = 0
        self._wanted = 0

    async def __call__(self) -> AsyncIterator[tuple[str, ...]]:
        try:
            while True:
                yield await self._told.get()
        finally:
            self.ended = True

    def hook(self, message: Message) -> None:
        """Count what has come up to the app: the form is done with it."""
        if isinstance(message, Nearby.Settled) and isinstance(active_message_pump.get(), App):
            self.settled += 1

    def tell(self, *urls: str) -> None:
        """Let servers be found."""
        self._told.put_nowait(urls)

    async def has(self, pilot: Pilot[None], *urls: str) -> None:
        """Let servers be found, and return when the form has done with it what it does."""
        self._wanted += 1
        self.tell(*urls)
        await until(lambda: self.settled >= self._wanted, "settled")
        await pilot.pause()


@asynccontextmanager
async def form(
    app: StudentApp, network: Network, width: int = 80
) -> AsyncIterator[tuple[Pilot[None], Input]]:
    """Run an app, and yield its field for the server's address."""
    async with app.run_test(size=(width, 24), message_hook=network.hook) as pilot:
        await until(lambda: isinstance(app.screen, JoinScreen) and app.focused)
        yield pilot, app.screen.query_one("#url", Input)


@pytest.fixture
def network() -> Network:
    return Network()


# --- with real multicast DNS -------------------------------------------------------------------


async def test_a_server_that_is_advertised_is_filled_in_and_counted_until_it_stops(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    multicast.alone(monkeypatch)
    app = StudentApp(finder=multicast.servers)
    async with advertised() as withdraw, form(app, network) as (_, url):
        await until(lambda: url.value == URL, text_of(app), PATIENCE)
        await until_shown(app, "found on this network: 1")
        await withdraw()
        await until(lambda: "found on" not in text_of(app), timeout=PATIENCE)
        assert url.value == URL  # it does not vanish under somebody's hands


async def test_nothing_that_an_entry_says_is_shown(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    multicast.alone(monkeypatch)
    app = StudentApp(finder=multicast.servers)
    words = {**multicast.GOOD, "note": "EVIL", "\x1b[2JEVIL": "[red]EVIL"}
    loud = entry("[red]EVIL[", properties=words, server="EVIL[/].local.")
    async with written(loud), form(app, network) as (_, url):
        await until(lambda: url.value == URL, text_of(app), PATIENCE)
        assert "EVIL" not in text_of(app)


async def test_an_app_that_is_told_nothing_looks_at_the_real_network(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert REAL_FINDER is finder_module.servers
    multicast.alone(monkeypatch)
    app = StudentApp(finder=REAL_FINDER)  # on all interfaces, loopback among them
    async with advertised(), form(app, network) as (_, url):
        await until(lambda: url.value == URL, text_of(app), PATIENCE)


# --- with a network that a test commands -------------------------------------------------------


async def test_the_only_server_is_filled_in(network: Network) -> None:
    app = StudentApp(finder=network)
    async with form(app, network) as (pilot, url):
        assert "found on" not in text_of(app)
        await network.has(pilot, A)
        assert url.value == A
        await until_shown(app, "found on this network: 1")
        await pilot.press("enter")
        assert app.focused is not None
        assert app.focused.id == "meeting_id"


async def test_whoever_types_just_then_replaces_what_is_filled_in(network: Network) -> None:
    app = StudentApp(finder=network)
    async with form(app, network) as (pilot, url):
        await network.has(pilot, A)
        await pilot.press(*"10.0.0.1")
        assert url.value == "10.0.0.1"


async def test_of_several_servers_none_is_filled_in_until_one_is_left(network: Network) -> None:
    app = StudentApp(finder=network)
    async with form(app, network) as (pilot, url):
        await network.has(pilot, A, B)
        await until_shown(app, "found on this network: 2")
        assert url.value == ""
        await network.has(pilot, B)
        assert url.value == B


class Timer:
    """A timer that a test lets run out."""

    def __init__(self, _delay: float, callback: Callable[[], None]) -> None:
        self.callback = callback
        self.stopped = False

    def stop(self) -> None:
        self.stopped = True


async def test_a_server_is_filled_in_only_when_no_other_has_come_for_a_moment(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    timers: list[Timer] = []

    def set_timer(_: Nearby, delay: float, callback: Callable[[], None]) -> Timer:
        timers.append(Timer(delay, callback))
        return timers[-1]

    monkeypatch.setattr(Nearby, "set_timer", set_timer)
    app = StudentApp(finder=network)
    async with form(app, network) as (_, url):
        network.tell(A)
        await until_shown(app, "found on this network: 1")
        assert url.value == ""
        network.tell(A, B)
        await until_shown(app, "found on this network: 2")
        network.tell(B)
        await until_shown(app, "found on this network: 1")
        assert [timer.stopped for timer in timers] == [True, True, False]
        timers[-1].callback()
        await until(lambda: url.value == B)


@pytest.mark.parametrize("typed", ["1", "10.0.0.1:5000", "x y"])
async def test_what_was_typed_is_never_overwritten(network: Network, typed: str) -> None:
    app = StudentApp(finder=network)
    async with form(app, network) as (pilot, url):
        await pilot.press(*(key if key != " " else "space" for key in typed))
        await network.has(pilot, A)
        await until_shown(app, "found on this network: 1")
        assert url.value == typed


async def test_a_first_character_that_nobody_has_heard_of_yet_is_kept(network: Network) -> None:
    app = StudentApp(finder=network)
    async with form(app, network) as (pilot, url):
        await network.has(pilot, A, B)
        app.screen.query_one(Nearby).servers = (A,)
        url.value = "1"  # its message is still on the way
        assert isinstance(app.screen, JoinScreen)
        app.screen._fill_in_server()
        assert url.value == "1"


async def test_a_field_that_somebody_emptied_is_left_empty(network: Network) -> None:
    app = StudentApp("http://given:5000", finder=network)
    async with form(app, network) as (pilot, url):
        url.focus()
        await pilot.press("end", "ctrl+u")
        assert url.value == ""
        await network.has(pilot, A)
        assert url.value == ""


async def test_what_the_command_line_gave_is_never_overwritten(network: Network) -> None:
    app = StudentApp("http://given:5000", finder=network)
    async with form(app, network) as (pilot, url):
        await network.has(pilot, A)
        await until_shown(app, "found on this network: 1")
        assert url.value == "http://given:5000"


async def test_a_key_goes_through_the_servers_and_stands_in_the_footer(network: Network) -> None:
    app = StudentApp(finder=network)
    async with form(app, network) as (pilot, url):
        assert "^n" not in text_of(app)
        await network.has(pilot, A, B, C)
        await until_shown(app, "^n Server")
        chosen = []
        for _ in range(4):
            await pilot.press("ctrl+n")
            chosen.append(url.value)
        assert chosen == [A, B, C, A]
        await network.has(pilot, A)
        await until(lambda: "^n" not in text_of(app), "nothing to go to")


async def test_the_key_replaces_an_address_that_is_out_of_date(network: Network) -> None:
    app = StudentApp("http://last-week:5000", finder=network)
    async with form(app, network) as (pilot, url):
        await network.has(pilot, A)
        await pilot.press("ctrl+n")
        assert url.value == A


async def test_the_command_palette_goes_through_the_servers_too(network: Network) -> None:
    app = StudentApp(finder=network)
    async with form(app, network) as (pilot, url):
        await network.has(pilot, A, B)
        await pilot.press("ctrl+p")
        await until(lambda: isinstance(app.screen, CommandPalette))
        await pilot.press(*"server")
        await until_shown(app, "Key: ^n")
        await pilot.press("down", "enter")
        await until(lambda: url.value == A, text_of(app))


async def test_a_choice_made_while_joining_stops_the_trying(network: Network) -> None:
    app = StudentApp("http://last-week:5000", "TEST", finder=network)
    async with form(app, network) as (pilot, _):
        await network.has(pilot, A)
        screen = app.screen
        assert isinstance(screen, JoinScreen)
        screen.refuse(QuizError(Code.NOT_FOUND, "No such meeting.", "meeting_id"))
        assert screen.trying
        for key in ("esc Stop", "^n Server", "^q Quit", "^p Commands"):  # all of it in 80 columns
            await until_shown(app, key)
        await pilot.press("ctrl+n")
        await until(lambda: not screen.trying)


async def test_the_search_ends_with_the_form_and_begins_with_the_next(network: Network) -> None:
    app = StudentApp(A, finder=network)
    async with form(app, network) as (pilot, _):
        await network.has(pilot, A)
        assert not network.ended
        await app.handle(JOINED)
        await until(lambda: network.ended, "the search ended")
        await app._back_to_form("You were removed.")
        await network.has(pilot, A, B)
        await until_shown(app, "found on this network: 2")


async def test_the_search_ends_with_the_app(network: Network) -> None:
    async with form(StudentApp(finder=network), network) as (pilot, _):
        await network.has(pilot, A)
    await until(lambda: network.ended, "the search ended")


async def test_a_search_that_fails_is_logged_and_leaves_the_form_alone(
    network: Network, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken() -> AsyncIterator[tuple[str, ...]]:
        yield (A,)
        raise LookupError("no directory")

    app = StudentApp(finder=broken)
    with caplog.at_level(logging.ERROR):
        async with form(app, network) as (pilot, _):
            await until(lambda: "no directory" in caplog.text)
            app.screen.query_one("#meeting_id").focus()
            await pilot.press(*"TEST")
            assert app.screen.query_one("#meeting_id", Input).value == "TEST"


async def test_a_narrow_form_keeps_the_room_for_the_address(network: Network) -> None:
    app = StudentApp(finder=network)
    async with form(app, network, width=50) as (pilot, url):
        await network.has(pilot, A)
        await until_shown(app, A)
        assert "found on" not in text_of(app)
        assert url.value == A
