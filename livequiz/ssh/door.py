"""Who comes in over SSH, and what they get: a screen, or lines; nothing else of this host."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, TypeVar

import asyncssh

from livequiz.client.guest import URL, Guest, Host
from livequiz.client.instructor import InstructorSession
from livequiz.client.join_entry import JoinEntry
from livequiz.domain.errors import QuizError
from livequiz.plain.instructor import JsonInstructor
from livequiz.plain.student import PlainStudent
from livequiz.process.cancellation import cancel
from livequiz.ssh.channel_console import ChannelConsole
from livequiz.ssh.channel_driver import draw_on, driver_of
from livequiz.tui.base import BaseApp
from livequiz.tui.instructor.app import InstructorApp
from livequiz.tui.student.app import StudentApp

log = logging.getLogger(__name__)
T = TypeVar("T")

TEACHER = "teacher"  # the user name that gets the dashboard
LARGEST = 500, 200  # columns and rows of a terminal
JOIN_WITHIN = 300.0  # seconds
LOGIN_WITHIN = 90.0  # seconds, in which people compare the fingerprint and type the token
ASK_WITHIN = 20.0  # seconds from the login on, until a session is asked for
ALIVE_EVERY, ALIVE_TRIES = 15, 4  # seconds between signs of life, and how many may be missed
UNDRAWABLE = {"", "dumb", "unknown"}  # values of TERM
TOO_LATE = "You have not joined for five minutes. Connect again to join."
CRASHED = "LiveQuiz stopped because of a bug. Stored answers are safe; connect again to go on."
STOPPING = "The server has stopped."
NO_UTF8 = (
    "Your terminal's language setting has no UTF-8, so there are lines here instead of a screen. "
    "For the screen, connect with LC_ALL=C.UTF-8 before the command."
)


def options(host: Host) -> dict[str, Any]:
    """Return how asyncssh is to serve: sessions only, and no longer than somebody is there."""
    return {
        "server_host_keys": [str(host.host_key)],
        "encoding": None,
        "line_editor": False,
        "allow_scp": False,
        "agent_forwarding": False,
        "x11_forwarding": False,
        "gss_host": None,
        "login_timeout": LOGIN_WITHIN,
        "keepalive_interval": ALIVE_EVERY,
        "keepalive_count_max": ALIVE_TRIES,
        "server_version": "LiveQuiz",
    }


class Door(asyncssh.SSHServer):
    """One connection: lets students in as they are, and instructors with the token or a key.

    Args:
        host: What is known of the server.
        address: Where the connection comes from.
    """

    def __init__(self, host: Host, address: str) -> None:
        self._host = host
        self._guest = Guest(host.socket, address, host.secret, host.url)
        self._connection: asyncssh.SSHServerConnection | None = None
        self._user = ""
        self._visit: Visit | None = None

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connection = conn

    def begin_auth(self, username: str) -> bool:
        self._user = TEACHER if username.lower() == TEACHER else username
        if self._user != TEACHER:
            return False
        if self._connection is not None and self._host.authorized_keys.exists():
            try:
                self._connection.set_authorized_keys(str(self._host.authorized_keys))
            except (OSError, ValueError) as error:
                log.warning("%s can't be read: %s", self._host.authorized_keys, error)
        return True

    def auth_completed(self) -> None:
        asyncio.get_running_loop().call_later(ASK_WITHIN, self._drop_idle)

    def _drop_idle(self) -> None:
        """Drop a connection that asks for nothing, as with `ssh -N`."""
        if self._visit is None and self._connection is not None:
            self._connection.abort()

    def password_auth_supported(self) -> bool:
        return True

    async def validate_password(self, username: str, password: str) -> bool:
        """Ask the server, which counts wrong tokens."""
        session = InstructorSession(URL, guest=self._guest)
        try:
            await session.open()
            await session.join(TEACHER, self._host.meeting, password)
        except QuizError:
            return False
        finally:
            await session.close()
        return True

    def session_requested(self) -> Visit | bool:
        if self._visit is not None:
            return False
        self._visit = Visit(self._host, self._guest, self._user)
        return self._visit

    async def say_goodbye(self) -> bool:
        """End the visit, and leave the terminal as it was; return whether there was one."""
        if self._visit is None:
            return False
        await self._visit.end(STOPPING)
        return True


class Visit(asyncssh.SSHServerSession[bytes]):
    """A shell request, answered with LiveQuiz.

    Args:
        host: What is known of the server.
        guest: Who came.
        user: The user name given.
    """

    def __init__(self, host: Host, guest: Guest, user: str) -> None:
        self._host = host
        self._guest = guest
        self._user = user
        self._channel: asyncssh.SSHServerChannel[bytes] | None = None
        self._running: asyncio.Task[None] | None = None
        self._app: BaseApp | None = None
        self._console: ChannelConsole | None = None
        self._last_words = ""
        self._term = ""
        self._size = 80, 24

    # --- what asyncssh calls -----------------------------------------------------------------

    def connection_made(self, chan: asyncssh.SSHServerChannel[bytes]) -> None:
        self._channel = chan

    def pty_requested(
        self, term_type: str, term_size: tuple[int, int, int, int], term_modes: object
    ) -> bool:
        self._term, self._size = term_type, _bounded(*term_size[:2])
        return True

    def shell_requested(self) -> bool:
        return True

    def exec_requested(self, command: str) -> bool:
        return False

    def subsystem_requested(self, subsystem: str) -> bool:
        return False

    def session_started(self) -> None:
        if (channel := self._channel) is None:
            return
        # Now and not in the task: what is typed may already be on its way.
        if self._drawable(channel):
            self._app = self._new_app()
            draw_on(self._app, channel, self._term)
            work = self._screen(channel, self._app)
        else:
            self._console = ChannelConsole(channel, echo=bool(self._term))
            if self._term not in UNDRAWABLE:
                self._console.say(NO_UTF8)
            work = self._plain(self._console)
        self._running = asyncio.create_task(self._run(channel, work))

    def data_received(self, data: bytes, datatype: asyncssh.DataType) -> None:
        if self._console is not None:
            self._console.feed(data)
        elif self._app is not None and (driver := driver_of(self._app)) is not None:
            driver.feed(data)

    def eof_received(self) -> bool:
        if self._console is not None:
            self._console.end()
        return True  # the other direction stays open

    def terminal_size_changed(self, width: int, height: int, pixwidth: int, pixheight: int) -> None:
        self._size = _bounded(width, height)
        if self._app is not None and (driver := driver_of(self._app)) is not None:
            driver.resize(*self._size)

    def break_received(self, msec: int) -> bool:
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        if self._running is not None:
            self._running.cancel()

    async def end(self, why: str) -> None:
        """End what is shown, and say why, and how to come back."""
        self._last_words = why
        if isinstance(self._app, StudentApp) and self._app.rejoin_code:
            code = self._app.rejoin_code
            self._last_words += f" When it is back, connect again; your rejoin code is {code}."
        if self._running is not None:
            await cancel([self._running])

    # --- what they get -----------------------------------------------------------------------

    async def _run(
        self, channel: asyncssh.SSHServerChannel[bytes], work: Coroutine[Any, Any, int]
    ) -> None:
        code = 1
        try:
            code = await work
        except Exception:
            log.exception("A visit by SSH failed")
        finally:
            if not channel.is_closing():
                if self._last_words:
                    channel.write(f"{self._last_words}\r\n".encode())
                channel.exit(code)

    def _drawable(self, channel: asyncssh.SSHServerChannel[bytes]) -> bool:
        """Return whether the other end is a terminal that can be drawn on, in UTF-8."""
        told = channel.get_environment()
        locale = told.get("LC_ALL") or told.get("LC_CTYPE") or told.get("LANG") or "UTF-8"
        return self._term not in UNDRAWABLE and "UTF" in locale.upper()

    async def _screen(self, channel: asyncssh.SSHServerChannel[bytes], app: BaseApp) -> int:
        try:
            await _before(app.run_async(size=self._size), app.joined, JOIN_WITHIN)
        except TimeoutError:
            self._last_words = TOO_LATE
        finally:
            if (driver := driver_of(app)) is not None:
                driver.stop_application_mode()  # the library does not, if it is cancelled
        if app.return_code:
            self._last_words = CRASHED
        return app.return_code or 0

    def _new_app(self) -> BaseApp:
        if self._user == TEACHER:
            host = self._host
            return InstructorApp(URL, host.meeting, TEACHER, host.token, guest=self._guest)
        return StudentApp(URL, self._meeting, guest=self._guest)

    async def _plain(self, console: ChannelConsole) -> int:
        if self._user == TEACHER:
            session = InstructorSession(URL, guest=self._guest)
            commands = JsonInstructor(session, console)
            return await commands.run(TEACHER, self._host.meeting, self._host.token)
        student = PlainStudent(console, guest=self._guest)
        entry = JoinEntry(url=URL, meeting_id=self._meeting or "")
        try:
            return await _before(student.run(entry, JoinEntry()), student.joined, JOIN_WITHIN)
        except TimeoutError:
            self._last_words = TOO_LATE
            return 1

    @property
    def _meeting(self) -> str | None:
        """The meeting's code, if that is what the user name is; people's own names are in lower
        case and have no digits."""
        looks_like = self._user != self._user.lower() or any(map(str.isdigit, self._user))
        return self._user.upper() if looks_like else None


async def _before(work: Coroutine[Any, Any, T], joined: asyncio.Event, within: float) -> T:
    """Do work to its end, and return its result.

    Raises:
        TimeoutError: If nobody has joined in time.
    """
    running, waiting = asyncio.create_task(work), asyncio.create_task(joined.wait())
    try:
        await asyncio.wait({running, waiting}, timeout=within, return_when=asyncio.FIRST_COMPLETED)
        if not (running.done() or waiting.done()):
            raise TimeoutError
        return await running
    finally:
        await cancel((running, waiting))


def _bounded(width: int, height: int) -> tuple[int, int]:
    """Return a terminal's size; some say 0, and some say nonsense."""
    return min(width, LARGEST[0]) or 80, min(height, LARGEST[1]) or 24
