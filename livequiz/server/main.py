"""Runs a server until a stop signal: sets up MongoDB, bank, meeting, port and certificate."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from aiohttp import web

from livequiz.bank.formats import read_whole
from livequiz.bank.sample_bank import sample
from livequiz.client.address import at_host, pinned
from livequiz.config import ServeSettings
from livequiz.db import rewriting
from livequiz.db.mongod.folder import FolderLock
from livequiz.db.opening import open_store
from livequiz.db.private_mongod import MongodError
from livequiz.db.store import Store
from livequiz.domain.errors import Code, QuizError
from livequiz.process.rlimits import raise_open_file_limit
from livequiz.process.signals import stop_event
from livequiz.server.app import REGISTRY, SERVICE, create_app, make_runner
from livequiz.server.host import self_signed, tls
from livequiz.server.host.addresses import (
    EVERY_ADDRESS,
    best_host,
    hosts_of,
    is_loopback,
    local_host,
    network_addresses,
)
from livequiz.server.host.data_folder import (
    INSTRUCTOR_TOKEN,
    PROJECTOR_TOKEN,
    DataFolder,
    Running,
)
from livequiz.server.host.firewall import opening_command
from livequiz.server.host.gc_schedule import collect_when_quiet
from livequiz.server.host.log_scrub import drop_before
from livequiz.server.host.log_setup import LogFile, logging_to
from livequiz.server.host.mdns import Advertiser
from livequiz.server.host.ports import port_error
from livequiz.server.host.ssh_service import SshAddress, serving_ssh
from livequiz.server.http import cors
from livequiz.server.limits import Limits
from livequiz.server.quiz.audit_log import AuditLog
from livequiz.server.quiz.retention import Retention
from livequiz.server.quiz.roster import read_file as read_roster
from livequiz.server.quiz.service import Policy, QuizService, utc_now
from livequiz.server.socketio.brute_force import STRONG

log = logging.getLogger(__name__)

BACKLOG = 4_096  # listen backlog: a whole lecture hall may reconnect at once
# GIL switch interval in seconds: the event loop may hold the GIL that long while a driver thread
# waits. A large write acquires it several times, and MongoDB waits as well.
SWITCH = 0.0005
STOP_WITHIN = 1.0  # seconds that open connections get to finish at shutdown


@dataclass(frozen=True, slots=True)
class Started:
    """What users need to know about a running server."""

    url: str
    meeting: str
    instructor_token: str
    projector_token: str
    data_dir: Path
    mongodb: str
    questions: int
    loaded: int
    sampled: bool  # the loaded questions are the sample bank
    left_out: int
    exposed: bool
    encrypted: bool
    pinned: bool  # clients must pin the certificate's fingerprint
    fingerprint: str | None
    ssh: SshAddress | None = None
    limited: bool = True
    was_open: bool = False  # other users had access to the data folder until now
    guessable: bool = False  # the instructor token is short enough to brute-force
    others: tuple[str, ...] = ()  # more URLs at which students may reach it, best first
    firewall: str | None = None  # the command that opens the port in this machine's firewall


async def serve(settings: ServeSettings, announce: Callable[[Started], None]) -> None:
    """Serve until a stop signal.

    Args:
        settings: The settings of `livequiz serve`.
        announce: Called once, as soon as students can join.

    Raises:
        QuizError: If the server can't start; the message says what to do.
    """
    # Validate what was given before anything is created.
    if settings.projector_token is not None and len(settings.projector_token) < STRONG:
        message = f"The projector token is guessable: use at least {STRONG} characters."
        raise QuizError(Code.BAD_REQUEST, message, "projector_token")
    roster = read_roster(settings.roster) if settings.roster else None
    opened = cors.parse_origins(settings.cors_origins)
    certificate = _certificate(settings)
    stop = stop_event(with_stdin=settings.with_stdin)
    folder = DataFolder(settings.data_dir)
    sys.setswitchinterval(SWITCH)
    async with contextlib.AsyncExitStack() as stack:
        log_file = stack.enter_context(logging_to(folder.log_path))
        stack.enter_context(_locked(settings))
        store, mongodb = await stack.enter_async_context(
            open_store(settings.data_dir, settings.mongo_url)
        )
        loaded, left_out = await _fill_bank(store, settings.bank)
        meeting = (settings.meeting or folder.meeting()).upper()
        await store.participants.open_meeting(meeting, utc_now())
        for name, value in (("class", settings.class_name), ("title", settings.title)):
            if value is not None:
                await store.participants.set_setting(meeting, name, value)
        folder.keep_meeting(meeting)
        token = settings.instructor_token or folder.token(INSTRUCTOR_TOKEN)
        projector_token = settings.projector_token or folder.token(PROJECTOR_TOKEN)
        policy = Policy(
            instructor_token=token,
            projector_token=projector_token,
            grace=settings.grace,
            open_ids=settings.open_ids,
            open_meetings=settings.open_meetings,
            roster=roster,
            limits=Limits() if settings.limits else Limits.none(),
            points_for=settings.points_for,
            balance=settings.balance,
            practice=settings.practice,
            never_twice=settings.never_twice,
            draw_rules=settings.draw_rules,
        )
        audit = AuditLog(folder.audit_path, (token, projector_token), utc_now)
        stack.enter_context(contextlib.closing(audit))
        app = create_app(store, policy, opened, audit=audit)
        runner = await stack.enter_async_context(_listening(app, settings, certificate))
        url, local = _urls(settings.host, runner.addresses[0][1], certificate)
        ssh = None
        if settings.ssh_port is not None:
            where = settings.host, settings.ssh_port
            registry = app[REGISTRY]
            ssh = await stack.enter_async_context(
                serving_ssh(
                    runner,
                    folder,
                    where,
                    registry.admits_address,
                    meeting=meeting,
                    token=token,
                    url=url,
                )
            )
            app[SERVICE].queries.ssh_port = ssh.port
        fingerprint = certificate.fingerprint if certificate else None
        pin = fingerprint if settings.tls_self_signed else None
        app[SERVICE].queries.address = pinned(url, pin) if pin else url
        ssh_port = ssh.port if ssh else None
        folder.announce(
            Running(local, meeting, fingerprint, ssh_port, app[SERVICE].queries.address)
        )
        stack.callback(folder.withdraw)
        announce(
            Started(
                url=url,
                meeting=meeting,
                instructor_token=token,
                projector_token=projector_token,
                data_dir=settings.data_dir,
                mongodb=mongodb,
                questions=await store.questions.count(),
                loaded=loaded,
                sampled=settings.bank is None,
                left_out=left_out,
                exposed=not is_loopback(settings.host),
                encrypted=certificate is not None,
                pinned=settings.tls_self_signed,
                fingerprint=fingerprint,
                ssh=ssh,
                limited=settings.limits,
                was_open=folder.was_open,
                guessable=len(token) < STRONG,
                others=_other_urls(settings, url, certificate),
                firewall=opening_command(runner.addresses[0][1]),
            )
        )
        service = app[SERVICE]
        service.tasks.spawn(collect_when_quiet(service.quiet), "garbage-collections")
        if settings.forget_after is not None:
            retention = _retention(settings, settings.forget_after, service, log_file, audit)
            service.tasks.spawn(retention.run(), "retention")
        await stop.wait()


def _retention(
    settings: ServeSettings,
    after: timedelta,
    service: QuizService,
    log_file: LogFile,
    audit: AuditLog,
) -> Retention:
    def drop_logs(moment: datetime) -> None:
        log_file.drop_before(moment)
        with audit.closed() as path:
            drop_before(path, moment)

    def erasing() -> None:
        if settings.mongo_url is None:
            rewriting.plan(settings.data_dir)  # `livequiz serve` does it at its next start

    return Retention(
        *(service.store, service.meetings),
        after=after,
        quiet=service.quiet,
        audit=audit,
        now=service.now,
        drop_logs=drop_logs,
        erasing=erasing,
    )


@contextlib.contextmanager
def _locked(settings: ServeSettings) -> Iterator[None]:
    """Lock the data folder against other servers; a private MongoDB locks it itself."""
    if settings.mongo_url is None:
        yield
        return
    try:
        lock = FolderLock(settings.data_dir)
    except MongodError as error:
        raise QuizError(Code.BAD_REQUEST, str(error), "data_dir") from None
    with contextlib.closing(lock):
        yield


async def _fill_bank(store: Store, bank: Path | None) -> tuple[int, int]:
    """Load questions; return how many were added, and how many in the file are unusable."""
    if bank is not None:
        reading = await asyncio.to_thread(read_whole, bank)
        for problem in reading.problems:
            log.warning("%s:%s: %s", bank, problem.place, problem.message)
        if not reading.drafts:
            raise QuizError(Code.BAD_REQUEST, f"{bank} contains no usable question.")
        return await store.questions.add(reading.drafts, utc_now()), reading.left_out
    if await store.questions.count():
        return 0, 0
    return await store.questions.add(sample(), utc_now()), 0


@contextlib.asynccontextmanager
async def _listening(
    app: web.Application, settings: ServeSettings, certificate: tls.Certificate | None
) -> AsyncIterator[web.AppRunner]:
    """Serve and advertise on the network while the block runs."""
    advertiser = Advertiser(certified_for=certificate.names if certificate else None)
    raise_open_file_limit()
    runner = make_runner(
        app,
        logger=logging.getLogger("livequiz.http"),
        shutdown_timeout=STOP_WITHIN,
    )
    context = certificate.context if certificate else None
    await runner.setup()
    try:
        site = web.TCPSite(
            runner, settings.host, settings.port, ssl_context=context, backlog=BACKLOG
        )
        try:
            await site.start()
        except OSError as error:
            raise port_error(settings.host, settings.port, error) from None
        # Without the pinned fingerprint, clients could discover the server but not verify it.
        if settings.announce and not settings.tls_self_signed:
            advertiser.start(runner.addresses)
        yield runner
    finally:
        await asyncio.gather(advertiser.withdraw(), runner.cleanup())


def _certificate(settings: ServeSettings) -> tls.Certificate | None:
    if settings.tls_self_signed:
        folder = DataFolder(settings.data_dir)
        return tls.load(*self_signed.certificate_files(folder, hosts_of(settings.host), utc_now()))
    return tls.load(*settings.tls) if settings.tls else None


def _other_urls(
    settings: ServeSettings, url: str, certificate: tls.Certificate | None
) -> tuple[str, ...]:
    """Return the other URLs of a server that listens on all addresses of this machine."""
    if settings.host not in EVERY_ADDRESS or certificate is not None:
        return ()  # a certificate has the names that it has
    others = (at_host(url, host) for host in network_addresses())
    return tuple(other for other in others if other != url)


def _urls(host: str, port: int, certificate: tls.Certificate | None) -> tuple[str, str]:
    """Return two URLs of the server: for the network, and for this machine."""
    scheme = "https" if certificate else "http"
    names = certificate.names if certificate else ()
    hosts = best_host(host, names), local_host(host, names)
    return f"{scheme}://{hosts[0]}:{port}", f"{scheme}://{hosts[1]}:{port}"
