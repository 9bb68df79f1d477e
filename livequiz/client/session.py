"""A client session: typed calls to the server, and an async iterator of typed events from it.

The transport is python-socketio's `AsyncClient`, which reconnects by itself. This module adds what
that lacks: a call in flight fails as soon as the connection drops, instead of after its timeout,
and a reconnect is reported only after the session has rejoined.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import aiohttp
import msgspec
import socketio

from livequiz import __version__
from livequiz.client.address import split
from livequiz.client.event_types import ConnectionBack, ConnectionLost, Event, JoinRefused
from livequiz.client.guest import ON_BEHALF_OF, Guest
from livequiz.client.tls import tls_problem, trust
from livequiz.domain.errors import Code, QuizError
from livequiz.protocol.codec import decode
from livequiz.protocol.message import Message
from livequiz.protocol.messages import Joined, Removed
from livequiz.protocol.requests import Request
from livequiz.protocol.snapshot import Snapshot

log = logging.getLogger(__name__)
M = TypeVar("M", bound=Message)

_NO_CONNECTION = (socketio.exceptions.ConnectionError, aiohttp.ClientError, ValueError)
LARGEST_MESSAGE = 64 * 1024 * 1024  # bytes; a snapshot of 20,000 students is 5 MB
CALL_TIMEOUT = 10.0  # seconds


def _through(guest: Guest) -> aiohttp.ClientSession:
    """Return an HTTP session that connects for a guest."""
    connector = aiohttp.UnixConnector(str(guest.socket))
    headers = {ON_BEHALF_OF: guest.address}
    return aiohttp.ClientSession(connector=connector, headers=headers)


class Session:
    """The base of `StudentSession` and `InstructorSession`.

    Args:
        url: The server's URL, such as `http://192.168.1.20:5000`; `#sha256=...` pins its
            certificate.
        known: The types of the events to receive, by event name; others are ignored.
        name: The client's name in the handshake.
        tls_ca: The certificates of a private CA (PEM) to trust for `https://`, in addition to
            the system's.
        guest: On whose behalf to connect, through the server's Unix socket.

    Raises:
        QuizError: `bad_request` if that file is unusable.
    """

    def __init__(
        self,
        url: str,
        known: dict[str, type[Message]],
        name: str = "livequiz",
        *,
        tls_ca: Path | None = None,
        guest: Guest | None = None,
    ) -> None:
        self.url, pin = split(url)
        self.connected = False
        self._rejoin: Callable[[], Awaitable[Joined | Snapshot]] | None = None
        self._queue: asyncio.Queue[Event | None] = asyncio.Queue()
        self._down = asyncio.Event()
        self._ready = asyncio.Event()
        self._over = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False
        self._sent_away = False  # removed by the server: don't reconnect
        self._auth: dict[str, Any] = {"client": f"{name}/{__version__}"}
        self._sio = socketio.AsyncClient(
            http_session=_through(guest) if guest is not None else None,
            reconnection=True,
            reconnection_delay=0.3,
            reconnection_delay_max=3,
            randomization_factor=0.5,
            handle_sigint=False,
            websocket_extra_options={
                "max_msg_size": LARGEST_MESSAGE,
                **({"ssl": trust(tls_ca, pin)} if self.url.startswith("https://") else {}),
            },
        )
        self._sio.on("connect", self._on_connect)
        self._sio.on("disconnect", self._on_disconnect)
        for event, kind in known.items():
            self._sio.on(event, self._receiver(kind))

    async def open(self, timeout: float = CALL_TIMEOUT) -> None:
        """Connect.

        Args:
            timeout: Seconds to wait.

        Raises:
            QuizError: `unavailable` if no server answers; `bad_request` if the server's
                certificate is not trusted.
        """
        try:
            async with asyncio.timeout(timeout):
                await self._connect(["websocket"], timeout)
        except (TimeoutError, *_NO_CONNECTION) as error:
            raise tls_problem(error, self.url) or QuizError(
                Code.UNAVAILABLE,
                f"There is no LiveQuiz server at {self.url}. "
                "Check the address, and that `livequiz serve` is running there.",
            ) from None
        self.connected = True

    async def _connect(self, transports: list[str], timeout: float) -> None:
        await self._sio.connect(
            self.url, auth=self._auth, transports=transports, wait=True, wait_timeout=timeout
        )

    async def close(self) -> None:
        """Disconnect without reconnecting, and end the event iterator."""
        self._closed = True
        self._over.set()
        for task in self._tasks:
            task.cancel()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._sio.shutdown(), 3)
        # The library leaves it open after a failed connect.
        if self._sio.eio.http is not None:
            await self._sio.eio.http.close()
        self._queue.put_nowait(None)

    async def events(self) -> AsyncIterator[Event]:
        """Yield events in order until `close`; lets other tasks run after each one."""
        while (event := await self._queue.get()) is not None:
            yield event
            # `get` does not yield while the queue has items, which would block key presses.
            await asyncio.sleep(0)

    async def call(
        self, event: str, request: Request, reply: type[M], timeout: float = CALL_TIMEOUT
    ) -> M:
        """Send an event and return its ack.

        Raises:
            QuizError: The server's error; `unavailable` if the connection is down or drops, or
                if the call times out.
        """
        answer = await self._race(event, msgspec.to_builtins(request), timeout)
        if not isinstance(answer, dict):
            raise QuizError(Code.UNAVAILABLE, "The server sent an answer that can't be read.")
        if answer.get("ok") is True:
            return decode(answer, reply)
        raise _refusal(answer)

    async def _race(self, event: str, data: object, timeout: float) -> object:
        """Return the ack, or fail on the timeout or as soon as the connection drops."""
        if not self._up:
            raise _away()
        call = asyncio.ensure_future(self._sio.call(event, data, timeout=timeout))
        down = asyncio.ensure_future(self._down.wait())
        try:
            await asyncio.wait({call, down}, return_when=asyncio.FIRST_COMPLETED)
            if not call.done():
                raise _away(in_doubt=True)
            return call.result()
        except (socketio.exceptions.SocketIOError, TimeoutError):
            raise _away(in_doubt=True) from None
        finally:
            for future in (call, down):
                future.cancel()

    @property
    def _up(self) -> bool:
        """Whether events can be sent; the library sets `connected` only after its connect event."""
        return "/" in self._sio.namespaces

    async def joined_again(self, timeout: float) -> bool:
        """Wait until the session is connected and joined; return whether it is.

        It returns at once if that can't happen any more: closed, removed or refused.
        """
        ready = asyncio.ensure_future(self._ready.wait())
        over = asyncio.ensure_future(self._over.wait())
        try:
            limit = None if math.isinf(timeout) else timeout
            await asyncio.wait({ready, over}, timeout=limit, return_when=asyncio.FIRST_COMPLETED)
        finally:
            ready.cancel()
            over.cancel()
        return self._ready.is_set()

    @property
    def over(self) -> bool:
        """Whether this session has ended and will not rejoin."""
        return self._over.is_set()

    def _receiver(self, kind: type[Message]) -> Callable[[Any], Awaitable[None]]:
        async def receive(data: Any = None) -> None:
            try:
                event = decode(data, kind)
            except QuizError as error:
                log.warning("Ignored an event that can't be read: %s", error)
                return
            if isinstance(event, Removed) and event.reason != "shutdown":
                self._sent_away = True
                self._over.set()
            self._queue.put_nowait(event)  # type: ignore[arg-type]

        return receive

    async def _on_connect(self) -> None:
        self._down.clear()
        self.connected = True
        if self._rejoin is not None:
            # Not awaited here: the join's ack arrives through the same receive loop.
            self._spawn(self._join_again(), "livequiz-rejoin")

    async def _join_again(self) -> None:
        assert self._rejoin is not None  # noqa: S101
        try:
            joined = await self._rejoin()
        except QuizError as error:
            if error.code is Code.UNAVAILABLE and self._up and not self._closed:
                await asyncio.sleep(1)  # the server is up, but not its database
                self._spawn(self._join_again(), "livequiz-rejoin")
            elif error.code is not Code.UNAVAILABLE:
                self._over.set()
                self._queue.put_nowait(JoinRefused(error))
            return
        self._ready.set()
        self._queue.put_nowait(ConnectionBack(joined))

    async def _on_disconnect(self, reason: str = "") -> None:
        self._down.set()
        self._ready.clear()
        self.connected = False
        if self._closed:
            return
        self._queue.put_nowait(ConnectionLost(str(reason)))
        # The library reconnects by itself, except when the server closed the connection.
        if reason == self._sio.reason.SERVER_DISCONNECT and not self._sent_away:
            self._spawn(self._reopen(), "livequiz-reopen")

    async def _reopen(self) -> None:
        pause = 0.5
        while not self._closed and not self._up:
            await asyncio.sleep(pause * random.uniform(0.5, 1.5))
            pause = min(5.0, pause * 2)
            with contextlib.suppress(TimeoutError, *_NO_CONNECTION):
                await self._connect(["websocket"], CALL_TIMEOUT)

    def _spawn(self, work: Any, name: str) -> None:
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("A background task failed", exc_info=task.exception())


def _away(*, in_doubt: bool = False) -> QuizError:
    message = "The server can't be reached right now."
    return QuizError(Code.UNAVAILABLE, message, in_doubt=in_doubt)


def _refusal(answer: dict[str, Any]) -> QuizError:
    error = answer.get("error")
    fields = error if isinstance(error, dict) else {}
    try:
        code = Code(str(fields.get("code")))
    except ValueError:
        code = Code.BAD_REQUEST
    field = fields.get("field")
    message = str(fields.get("message") or "The server refused that without giving a reason.")
    return QuizError(
        code,
        message,
        field if isinstance(field, str) else None,
        in_doubt=fields.get("in_doubt") is True,
    )
