"""A worker process: draws the screens of the people whose connections it is handed."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import signal
import socket
import sys

import asyncssh
import msgspec

from livequiz.client.guest import Host
from livequiz.process.cancellation import cancel
from livequiz.process.handover import MESSAGE, Assigned, received
from livequiz.ssh.door import Door, options

log = logging.getLogger(__name__)

GOODBYE_WITHIN = 3.0  # seconds that terminals get to be left as they were


class Worker:
    """Serves connections until the server closes its control socket.

    Args:
        host: What is known of the server.
        control: The socket on which the server hands over connections.
    """

    def __init__(self, host: Host, control: socket.socket) -> None:
        self._host = host
        self._control = control
        self._options = options(host)
        self._serving: set[asyncio.Task[None]] = set()
        self._over = asyncio.Event()

    async def run(self) -> None:
        """Serve until the server has gone, or stops this worker."""
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, self._over.set)
        loop.add_reader(self._control.fileno(), self._take)
        await self._over.wait()
        loop.remove_reader(self._control.fileno())
        if self._serving:
            await asyncio.wait(self._serving, timeout=GOODBYE_WITHIN + 1.0)
        await cancel(self._serving)

    async def _until_closed(self, connection: asyncssh.SSHServerConnection, door: Door) -> None:
        """Wait until somebody leaves, or the server stops; then say so."""
        closed = asyncio.create_task(connection.wait_closed())
        over = asyncio.create_task(self._over.wait())
        try:
            await asyncio.wait({closed, over}, return_when=asyncio.FIRST_COMPLETED)
            if not closed.done() and await door.say_goodbye():
                # The client hangs up then; told to, it would drop what it has not shown yet.
                await asyncio.wait({closed}, timeout=GOODBYE_WITHIN)
            connection.close()
        finally:
            await cancel((closed, over))

    def _take(self) -> None:
        try:
            assigned = received(self._control)
        except BlockingIOError:
            return
        except OSError:
            assigned = None
        if assigned is None:
            self._over.set()
            return
        task = asyncio.create_task(self._serve(assigned))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def _serve(self, assigned: Assigned) -> None:
        """Serve one connection, and tell the server when it has ended."""
        connection: asyncssh.SSHServerConnection | None = None
        door = Door(self._host, assigned.address)
        try:
            connection = await asyncssh.run_server(
                assigned.socket, server_factory=lambda: door, **self._options
            )
            await self._until_closed(connection, door)
        except (OSError, asyncssh.Error) as error:
            log.debug("A connection from %s ended: %s", assigned.address, error)
        finally:
            if connection is not None:
                connection.abort()
            assigned.socket.close()
            with contextlib.suppress(OSError):
                self._control.send(MESSAGE.pack(assigned.number))


def main() -> None:
    """Run a worker: the control socket's number is the argument, the host comes on stdin."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    for library in ("asyncssh", "engineio", "socketio"):  # what clients do is no news
        logging.getLogger(library).setLevel(logging.CRITICAL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which then stops us
    # Screens are made of many objects, through which Python would look for cycles all the time.
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    host = msgspec.json.decode(
        sys.stdin.buffer.read(), type=Host, dec_hook=lambda kind, value: kind(value)
    )
    control = socket.socket(fileno=int(sys.argv[1]))
    control.setblocking(False)

    async def run() -> None:
        await Worker(host, control).run()

    asyncio.run(run())


if __name__ == "__main__":
    main()
