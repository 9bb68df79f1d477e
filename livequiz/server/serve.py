"""Runs a server until it is told to stop: MongoDB, bank, meeting, port, signals."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from livequiz.bank.formats import read_whole
from livequiz.bank.sample_bank import sample
from livequiz.config import ServeSettings
from livequiz.db.mongod.folder import FolderLock
from livequiz.db.private_mongod import MongodError, PrivateMongod
from livequiz.db.store import Store
from livequiz.domain.errors import Code, QuizError
from livequiz.open_files import allow_open_files
from livequiz.server import origins, self_signed, tls
from livequiz.server.addresses import best_host, hosts_of, is_loopback, local_host
from livequiz.server.advertiser import Advertiser
from livequiz.server.app import SERVICE, create_app, make_runner
from livequiz.server.audit import AuditLog
from livequiz.server.collector import collect_when_quiet
from livequiz.server.data_folder import DataFolder, Running
from livequiz.server.guessing import STRONG
from livequiz.server.limits import Limits
from livequiz.server.logs import logging_to
from livequiz.server.roster import read_file as read_roster
from livequiz.server.service import Policy, utc_now
from livequiz.stopping import stop_event

log = logging.getLogger(__name__)

BACKLOG = 4_096  # connections that may wait to be accepted: a lecture hall comes back at once
# Seconds that the event loop may keep a thread of the driver waiting for the interpreter's lock: it
# asks for it several times in a large write, and MongoDB waits as well.
SWITCH = 0.0005
STOP_WITHIN = 1.0  # seconds that open connections get when the server stops


@dataclass(frozen=True, slots=True)
class Started:
    """What people need to know of a server that runs."""

    url: str
    meeting: str
    instructor_token: str
    data_dir: Path
    mongodb: str
    questions: int
    loaded: int
    left_out: int
    exposed: bool
    encrypted: bool
    pinned: bool  # its certificate is known by its fingerprint alone
    fingerprint: str | None
    limited: bool = True
    was_open: bool = False  # others could enter the data folder until now
    guessable: bool = False  # the instructor token is so short that it can be found by trying


async def serve(settings: ServeSettings, announce: Callable[[Started], None]) -> None:
    """Serve until it is told to stop.

    Args:
        settings: What was asked for.
        announce: Is called once, when students can join.

    Raises:
        QuizError: With a sentence that says what to do, if the server can't start.
    """
    # First of all: a file that is wrong leaves nothing behind.
    roster = read_roster(settings.roster) if settings.roster else None
    opened = origins.named(settings.cors_origins)
    certificate = _certificate(settings)
    stop = stop_event(with_stdin=settings.with_stdin)
    folder = DataFolder(settings.data_dir)
    sys.setswitchinterval(SWITCH)
    with logging_to(folder.log_path), _locked(settings):
        async with open_store(settings.data_dir, settings.mongo_url) as (store, mongodb):
            loaded, left_out = await _fill_bank(store, settings.bank)
            meeting = (settings.meeting or folder.meeting()).upper()
            await store.people.open_meeting(meeting, utc_now())
            folder.keep_meeting(meeting)
            token = settings.instructor_token or folder.instructor_token()
            policy = Policy(
                instructor_token=token,
                grace=settings.grace,
                open_ids=settings.open_ids,
                open_meetings=settings.open_meetings,
                roster=roster,
                limits=Limits() if settings.limits else Limits.none(),
            )
            app = create_app(store, policy, opened)
            service = app[SERVICE]
            async with _listening(app, settings, certificate, folder.audit_path) as port:
                url, local = _urls(settings.host, port, certificate)
                fingerprint = certificate.fingerprint if certificate else None
                folder.announce(Running(local, meeting, fingerprint))
                announce(
                    Started(
                        url=url,
                        meeting=meeting,
                        instructor_token=token,
                        data_dir=settings.data_dir,
                        mongodb=mongodb,
                        questions=await store.questions.count(),
                        loaded=loaded,
                        left_out=left_out,
                        exposed=not is_loopback(settings.host),
                        encrypted=certificate is not None,
                        pinned=settings.tls_self_signed,
                        fingerprint=fingerprint,
                        limited=settings.limits,
                        was_open=folder.was_open,
                        guessable=len(token) < STRONG,
                    )
                )
                service.tasks.spawn(collect_when_quiet(service.quiet), "garbage-collections")
                await stop.wait()
            folder.withdraw()


@contextlib.contextmanager
def _locked(settings: ServeSettings) -> Iterator[None]:
    """Keep other servers off the data folder; a private MongoDB does so itself."""
    if settings.mongo_url is None:
        yield
        return
    try:
        lock = FolderLock(settings.data_dir)
    except MongodError as error:
        raise QuizError(Code.BAD_REQUEST, str(error), "data_dir") from None
    with contextlib.closing(lock):
        yield


@contextlib.asynccontextmanager
async def open_store(data_dir: Path, mongo_url: str | None) -> AsyncIterator[tuple[Store, str]]:
    """Open a MongoDB: the one given, or a private one in the data folder.

    Yields:
        The store, prepared, and a description of the MongoDB behind it.

    Raises:
        QuizError: With a sentence that says what to do, if there is none to be had.
    """
    mongod = None
    if mongo_url is None:
        try:
            mongod = await PrivateMongod.start(data_dir)
        except MongodError as error:
            raise QuizError(Code.UNAVAILABLE, str(error)) from None
    store = None
    try:
        store = Store(mongod.uri if mongod else mongo_url or "")
        await store.prepare()
        yield store, await _describe(store, mongod)
    finally:
        if store is not None:
            store.close()
        if mongod is not None:
            await mongod.stop()


async def _describe(store: Store, mongod: PrivateMongod | None) -> str:
    version = await store.version()
    if mongod is None:
        return f"MongoDB {version} at the URL given"
    return f"private MongoDB {version} ({mongod.binary.path})"


async def _fill_bank(store: Store, bank: Path | None) -> tuple[int, int]:
    """Load questions; return how many are new, and how many of the file can't be used."""
    if bank is not None:
        reading = await asyncio.to_thread(read_whole, bank)
        for problem in reading.problems:
            log.warning("%s:%s: %s", bank, problem.place, problem.message)
        if not reading.drafts:
            raise QuizError(Code.BAD_REQUEST, f"{bank} holds no question that can be used.")
        return await store.questions.add(reading.drafts, utc_now()), reading.left_out
    if await store.questions.count():
        return 0, 0
    return await store.questions.add(sample(), utc_now()), 0


@contextlib.asynccontextmanager
async def _listening(
    app: web.Application,
    settings: ServeSettings,
    certificate: tls.Certificate | None,
    audit_path: Path,
) -> AsyncIterator[int]:
    """Serve while the block runs, and tell the network; yields the port."""
    advertiser = Advertiser(certified_for=certificate.names if certificate else None)
    allow_open_files()
    runner = make_runner(
        app,
        logger=logging.getLogger("livequiz.http"),
        shutdown_timeout=STOP_WITHIN,
    )
    context = certificate.context if certificate else None
    token = app[SERVICE].policy.instructor_token
    with contextlib.closing(AuditLog(audit_path, token, utc_now)) as audit:
        app[SERVICE].audit = audit
        await runner.setup()
        try:
            await web.TCPSite(
                runner, settings.host, settings.port, ssl_context=context, backlog=BACKLOG
            ).start()
            # One that is known by its fingerprint alone could only be found, not believed.
            if settings.announce and not settings.tls_self_signed:
                advertiser.start(runner.addresses)
            yield runner.addresses[0][1]
        except OSError as error:
            raise _no_port(settings, error) from None
        finally:
            await asyncio.gather(advertiser.withdraw(), runner.cleanup())


def _no_port(settings: ServeSettings, error: OSError) -> QuizError:
    if error.errno == errno.EADDRINUSE:
        message = (
            f"Port {settings.port} is in use by another program. "
            f"Choose another one, such as --port {settings.port + 1}."
        )
    elif error.errno == errno.EACCES:
        message = f"Port {settings.port} needs more rights; choose one above 1023 with --port."
    else:
        message = f"{settings.host} is not an address of this machine; see --host."
    return QuizError(Code.BAD_REQUEST, message, "port")


def _certificate(settings: ServeSettings) -> tls.Certificate | None:
    if settings.tls_self_signed:
        folder = DataFolder(settings.data_dir)
        return tls.load(*self_signed.files(folder, hosts_of(settings.host), utc_now()))
    return tls.load(*settings.tls) if settings.tls else None


def _urls(host: str, port: int, certificate: tls.Certificate | None) -> tuple[str, str]:
    """Return where the server is: for the network, and for this machine itself."""
    scheme = "https" if certificate else "http"
    names = certificate.names if certificate else ()
    hosts = best_host(host, names), local_host(host, names)
    return f"{scheme}://{hosts[0]}:{port}", f"{scheme}://{hosts[1]}:{port}"
