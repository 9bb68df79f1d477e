"""A private mongod: a single-node replica set on a Unix socket, as long as its owner lives.

See `docs/decisions/0001-private-mongod.md`.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import json
import logging
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.errors import ConnectionFailure, OperationFailure, PyMongoError

from livequiz.db.client import Document
from livequiz.db.mongod_binary import MongodBinary, MongodError, find_mongod
from livequiz.db.mongod_place import Place, running_uri

__all__ = ["MongodError", "PrivateMongod", "running_uri"]

log = logging.getLogger(__name__)

START_WITHIN = 30.0  # seconds
STOP_WITHIN = 4.0  # seconds from SIGTERM to SIGKILL
RESTART_AFTER = (0.1, 0.5, 2.0, 5.0)  # seconds before one more try to bring it back
NOT_YET_INITIALIZED = 94
SET_NAME = "lq"
PR_SET_PDEATHSIG = 1


class PrivateMongod:
    """A mongod on a data folder. Get one from `start`.

    Attributes:
        uri: Where it listens.
        binary: The program.
        reused: It ran already, left behind by a server that was killed.
    """

    def __init__(self, place: Place, binary: MongodBinary) -> None:
        self.uri = place.uri
        self.binary = binary
        self.reused = False
        self._place = place
        self._process: asyncio.subprocess.Process | None = None
        self._supervisor: asyncio.Task[None] | None = None
        self._pid = 0

    @property
    def pid(self) -> int:
        """The process id of the mongod that runs now."""
        return self._pid

    @property
    def data_dir(self) -> Path:
        """The data folder."""
        return self._place.data_dir

    @property
    def log_path(self) -> Path:
        """Mongod's own log."""
        return self._place.log

    @classmethod
    async def start(cls, data_dir: Path, *, timeout: float = START_WITHIN) -> PrivateMongod:
        """Start a mongod on a folder, or take over the one that runs there.

        Args:
            data_dir: Where its data live; one owner at a time.
            timeout: Seconds until it has to take writes.

        Raises:
            MongodError: With a sentence that says what to do.
        """
        binary = await asyncio.to_thread(find_mongod)
        place = Place(data_dir)
        place.lock()
        mongod = cls(place, binary)
        try:
            async with asyncio.timeout(timeout):
                await mongod._take_over()
                if not mongod.reused:
                    await mongod._launch()
        except TimeoutError:
            await mongod.stop()
            raise MongodError(
                f"MongoDB did not start within {timeout:g} seconds; its log is {place.log}."
            ) from None
        except BaseException:
            await mongod.stop()
            raise
        mongod._supervisor = asyncio.create_task(mongod._supervise(), name="supervise-mongod")
        return mongod

    async def stop(self) -> None:
        """Stop it cleanly, or by force after a few seconds, and give the folder up."""
        if self._supervisor is not None:
            self._supervisor.cancel()
            await asyncio.wait({self._supervisor})
        if self._pid:
            await self._end(STOP_WITHIN)
        self._place.forget()
        self._place.unlock()

    # --- starting ----------------------------------------------------------------------------

    async def _take_over(self) -> None:
        """Use a mongod that a killed server left behind; one that is ending is waited for."""
        pid = self._place.running()
        if pid is None:
            return
        self._pid = pid
        try:
            await asyncio.wait_for(self._become_primary(), 2)
        except (PyMongoError, TimeoutError, MongodError):
            await self._end(STOP_WITHIN)
            return
        self.reused = True

    async def _launch(self) -> None:
        """Start the program and make it take writes."""
        place = self._place
        place.rotate_log()
        place.socket.unlink(missing_ok=True)
        self._process = await asyncio.create_subprocess_exec(
            self.binary.path,
            *arguments(place),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            # Ctrl-C in the terminal is for the server, which then stops mongod last.
            start_new_session=True,
            preexec_fn=_die_with_parent(),
        )
        self._pid = self._process.pid
        place.keep(self._pid)
        ready = asyncio.create_task(self._become_primary(), name="mongod-becomes-primary")
        ended = asyncio.create_task(self._process.wait(), name="mongod-ends")
        try:
            await asyncio.wait({ready, ended}, return_when=asyncio.FIRST_COMPLETED)
            if not ready.done():
                self._pid = 0
                raise MongodError(last_error(place.log))
            await ready
        finally:
            ready.cancel()
            ended.cancel()

    async def _become_primary(self) -> None:
        """Return when it takes writes; a new one is made a replica set of one member first."""
        while not await self._ask(self._initiate):
            await asyncio.sleep(0.05)
        # A client from before `replSetInitiate` goes on saying that sessions are not supported.
        while not await self._ask(_is_primary):
            await asyncio.sleep(0.05)

    async def _ask(self, question: Callable[[AsyncIOMotorClient[Document]], object]) -> bool:
        client: AsyncIOMotorClient[Document] = AsyncIOMotorClient(
            self.uri, timeoutMS=2_000, serverSelectionTimeoutMS=500
        )
        try:
            return bool(await question(client))  # type: ignore[misc]
        except ConnectionFailure:
            return False
        finally:
            client.close()

    async def _initiate(self, client: AsyncIOMotorClient[Document]) -> bool:
        host = str(self._place.socket)
        stored = await client["local"]["system.replset"].find_one()
        if stored is None:
            config = {"_id": SET_NAME, "members": [{"_id": 0, "host": host}]}
            await client.admin.command("replSetInitiate", config)
        elif stored["members"][0]["host"] != host:
            # The folder of sockets is another one than last time.
            stored["members"][0]["host"] = host
            stored["version"] += 1
            await client.admin.command("replSetReconfig", stored, force=True)
        return True

    # --- living and ending -------------------------------------------------------------------

    async def _supervise(self) -> None:
        """Bring it back whenever it dies."""
        while True:
            await self._wait_for_end()
            log.error("MongoDB ended unexpectedly; starting it again. Its log: %s", self.log_path)
            await self._bring_back()

    async def _bring_back(self) -> None:
        attempt = 0
        while True:
            await asyncio.sleep(RESTART_AFTER[min(attempt, len(RESTART_AFTER) - 1)])
            attempt += 1
            try:
                async with asyncio.timeout(START_WITHIN):
                    await self._launch()
            except (MongodError, PyMongoError, OSError, TimeoutError) as error:
                log.error("MongoDB does not start: %s", error)
            else:
                log.warning("MongoDB runs again.")
                return

    async def _wait_for_end(self) -> None:
        if self._process is not None:
            await self._process.wait()
            return
        while self._place.running() is not None:  # not our child, so there is nothing to wait on
            await asyncio.sleep(0.2)

    async def _end(self, patience: float) -> None:
        for number, seconds in ((signal.SIGTERM, patience), (signal.SIGKILL, 5.0)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._pid, number)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wait_for_end(), seconds)
                break
        self._process = None
        self._pid = 0


def arguments(place: Place) -> list[str]:
    """Return mongod's command line: a socket and no port, and nothing that reads zlib."""
    return [
        "--dbpath",
        str(place.database),
        "--logpath",
        str(place.log),
        "--logappend",
        "--replSet",
        SET_NAME,
        "--bind_ip",
        str(place.socket),
        # Its second, default socket would be in the shared /tmp.
        "--unixSocketPrefix",
        str(place.runtime),
        "--filePermissions",
        "0600",
        "--networkMessageCompressors",
        "disabled",
        "--wiredTigerCacheSizeGB",
        "0.25",
        # A single node has nobody to hand over to.
        "--setParameter",
        "shutdownTimeoutMillisForSignaledShutdown=100",
        "--setParameter",
        "diagnosticDataCollectionEnabled=false",
    ]


def last_error(log_path: Path) -> str:
    """Return why a mongod ended, as a sentence, from the last errors in its log."""
    try:
        lines = log_path.read_text(encoding="utf-8", errors="replace").splitlines()[-200:]
    except OSError:
        lines = []
    reason = ""
    for line in lines:
        with contextlib.suppress(ValueError, AttributeError):
            entry = json.loads(line)
            if entry.get("s") in {"E", "F"}:
                detail = entry.get("attr", {}).get("error", "")
                reason = f"{entry.get('msg', '')} {detail}".strip()
    because = f": {reason[:300]}" if reason else ""
    return f"MongoDB ended at its start{because}. Its log is {log_path}."


async def _is_primary(client: AsyncIOMotorClient[Document]) -> bool:
    try:
        hello = await client.admin.command("hello")
    except OperationFailure as error:
        if error.code == NOT_YET_INITIALIZED:
            return False
        raise
    return bool(hello.get("isWritablePrimary"))


def _die_with_parent() -> Callable[[], None] | None:
    """Return what a child runs before mongod, so that it ends when this process is killed.

    The kernel sends the signal when the *thread* that forked ends: start mongod from the main
    thread, or from one that lives as long as the process.
    """
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parent = os.getpid()

    def prepare() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it died between fork and prctl
            os._exit(1)

    return prepare
