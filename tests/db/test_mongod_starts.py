"""What a start of a private mongod refuses, what it says then, and that it leaves nothing."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import itertools
import logging
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from livequiz.db.mongod import endpoint as mongod_socket
from livequiz.db.mongod import launcher as mongod_launcher
from livequiz.db.mongod import log as mongod_log
from livequiz.db.mongod import orphan
from livequiz.db.mongod import supervision as mongod_supervision
from livequiz.db.mongod.binary import find_mongod
from livequiz.db.mongod.endpoint import path_in, socket_for
from livequiz.db.mongod.orphan import is_held, stop_orphan
from livequiz.db.mongod.supervision import supervise
from livequiz.db.private_mongod import MongodError, PrivateMongod
from tests.db.mongod_help import runs, until
from tests.patience import patient

NOBODY = 65534
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")


async def refusal(folder: Path, timeout: float = patient(30.0)) -> str:
    with pytest.raises(MongodError) as caught:
        await PrivateMongod.start(folder, timeout=timeout)
    return str(caught.value)


async def starts_and_stops(folder: Path) -> None:
    mongod = await PrivateMongod.start(folder)
    await mongod.stop()


@pytest.fixture
def temporary(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A short temporary folder that stands for /tmp."""
    with tempfile.TemporaryDirectory() as folder:
        monkeypatch.setattr(tempfile, "tempdir", folder)
        yield Path(folder)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a disk of 300 kB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=300k,mode=700", "livequiz-test", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root may mount a small disk")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


async def test_a_folder_that_can_not_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    message = await refusal(tmp_path / "file" / "sub")
    assert f"{tmp_path / 'file' / 'sub'} can't be written (Not a directory)" in message
    assert "--data-dir" in message


async def test_a_start_without_a_mongod_says_so_and_gives_the_folder_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIVEQUIZ_MONGOD", str(tmp_path / "nowhere"))
    assert "There is no mongod at" in await refusal(tmp_path)
    monkeypatch.delenv("LIVEQUIZ_MONGOD")
    await starts_and_stops(tmp_path)


async def test_a_full_disk_is_said_in_plain_words(small_disk: Path) -> None:
    message = await refusal(small_disk)
    assert "the disk is full" in message
    assert str(small_disk / "mongod.log") in message


async def test_a_log_that_can_not_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "mongod.log").mkdir()
    message = await refusal(tmp_path)
    assert f"{tmp_path / 'mongod.log'} can't be used (Is a directory)" in message
    assert not is_held(tmp_path / "mongo")


async def test_damaged_data_files_are_said_in_plain_words(tmp_path: Path) -> None:
    await starts_and_stops(tmp_path)
    (tmp_path / "mongo" / "WiredTiger.turtle").write_bytes(b"\x00nonsense" * 100)
    message = await refusal(tmp_path)
    assert "its data files are damaged" in message
    assert str(tmp_path / "mongod.log") in message
    assert not is_held(tmp_path / "mongo")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("NonExistentPath: Permission denied: /data/mongo/storage.bson", "restore their owner"),
        (
            "Unable to create/open the lock file: mongod.lock (Read-only file system)",
            "the disk is read-only",
        ),
        ("UPGRADE PROBLEM: invalid featureCompatibilityVersion document", "another version"),
        ("24: Too many open files", "ulimit -n"),
        ("something new", "something new"),
    ],
)
def test_the_reason_comes_from_the_logs_errors_since_the_start(
    tmp_path: Path, error: str, words: str
) -> None:
    path = tmp_path / "log"
    old = '{"s":"E","id":1,"msg":"old","attr":{"error":"No space left on device"}}\n'
    new = (
        '{"s":"I","id":2,"msg":"No space left on device"}\n'
        f'{{"s":"E","id":20557,"msg":"DBException","attr":{{"error":"{error}"}}}}\n'
        '{"s":"F","id":23091,"msg":"Fatal assertion","attr":{"msgid":28595}}\n'
    )
    path.write_text(old + new)
    reason = mongod_log.reason(path, len(old), 14)
    assert reason is not None
    assert words in reason
    assert "full" not in reason


def test_a_disk_too_full_for_a_word_is_told_of_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "log"
    path.write_text('{"s":"F","id":1,"msg":"Failed to write to interim file buffer"}\n')
    assert "full" not in (mongod_log.reason(path, 0, 1) or "")
    monkeypatch.setattr(mongod_log, "LITTLE", shutil.disk_usage(tmp_path).total)
    assert mongod_log.reason(path, 0, 1) == mongod_log.FULL


async def test_what_is_said_before_the_log_begins_is_not_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "mongod"
    program.write_text(
        '#!/bin/sh\n[ "$1" = --version ] && echo "db version v6.0.5" && exit\n'
        "echo 'the moon is in the wrong place' >&2; exit 3\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("LIVEQUIZ_MONGOD", str(program))
    assert "the moon is in the wrong place" in await refusal(tmp_path / "data")


async def test_a_start_that_takes_too_long_is_given_up_and_leaves_nothing(tmp_path: Path) -> None:
    assert "not ready after 0.01 s" in await refusal(tmp_path, timeout=0.01)
    assert not is_held(tmp_path / "mongo")
    await starts_and_stops(tmp_path)


async def test_a_start_that_is_broken_off_leaves_nothing(tmp_path: Path) -> None:
    start = asyncio.create_task(PrivateMongod.start(tmp_path))
    await until(lambda: is_held(tmp_path / "mongo"))
    start.cancel()
    with pytest.raises(asyncio.CancelledError):
        await start
    assert not is_held(tmp_path / "mongo")
    await starts_and_stops(tmp_path)


async def test_a_mongod_that_somebody_runs_by_hand_on_the_files_is_left_alone(
    tmp_path: Path,
) -> None:
    (tmp_path / "mongo").mkdir()
    with tempfile.TemporaryDirectory() as short:
        listen = ["--bind_ip", f"{short}/s", "--nounixsocket", "--logpath", f"{short}/log"]
        program = find_mongod().path
        by_hand = subprocess.Popen([program, "--dbpath", tmp_path / "mongo", *listen])
        try:
            await until(lambda: is_held(tmp_path / "mongo"))
            message = await refusal(tmp_path)
            assert f"in use by another program (process {by_hand.pid})" in message
            assert runs(by_hand.pid)
        finally:
            by_hand.kill()
            by_hand.wait()
    await starts_and_stops(tmp_path)


async def test_a_mongod_that_has_not_yet_said_who_it_is_is_waited_for(tmp_path: Path) -> None:
    # It takes its lock first and writes its number later; a start in between said "in use".
    (tmp_path / "mongod.lock").write_text("")
    with (tmp_path / "mongod.lock").open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        looking = asyncio.create_task(stop_orphan(tmp_path))
        await asyncio.wait({looking}, timeout=0.3)
        assert not looking.done()
    assert await looking


HOLDER = """
import fcntl, os, sys
lock = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT)
fcntl.flock(lock, fcntl.LOCK_EX)
print(flush=True)
sys.stdin.readline()
os.write(lock, f"{os.getpid()}\\n".encode())
sys.stdin.readline()
"""


async def test_a_program_that_says_late_who_it_is_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was called "process unknown" after a second."""
    folder = tmp_path / "mongo"
    folder.mkdir()
    monkeypatch.setattr(orphan, "RECOGNISE_WITHIN", orphan.TICK)  # of a number that is there
    other = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", HOLDER, folder / "mongod.lock"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert other.stdin is not None
    assert other.stdout is not None
    try:
        await other.stdout.readline()
        refused = asyncio.create_task(stop_orphan(folder))
        done, _ = await asyncio.wait([refused], timeout=patient(10) * orphan.TICK)
        assert not done, "it gave up on an empty file"
        other.stdin.write(b"write\n")
        with pytest.raises(MongodError, match=f"process {other.pid}"):
            await refused
    finally:
        other.kill()
        await other.wait()


async def test_a_long_log_is_put_aside_and_the_new_one_is_private(tmp_path: Path) -> None:
    log = tmp_path / "mongod.log"
    log.write_text("old")
    os.truncate(log, mongod_log.LARGEST + 1)
    await starts_and_stops(tmp_path)
    assert (tmp_path / "mongod.log.1").stat().st_size == mongod_log.LARGEST + 1
    assert 0 < log.stat().st_size < mongod_log.LARGEST
    assert log.stat().st_mode & 0o777 == 0o600


async def test_a_temporary_folder_with_a_long_path_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = tmp_path / ("x" * 60) / ("y" * 60)
    deep.mkdir(parents=True)
    monkeypatch.setattr(tempfile, "tempdir", str(deep))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(deep))
    mongod = await PrivateMongod.start(deep / "data")
    assert len(os.fsencode(path_in(mongod.uri))) <= 107
    await mongod.stop()


def test_where_every_path_is_too_long_the_limit_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mongod_socket, "LONGEST", 20)
    with pytest.raises(MongodError, match="longer than 20 bytes; set TMPDIR to a short path"):
        socket_for(tmp_path)


def test_the_same_data_folder_gives_the_same_socket_and_another_one_another(
    tmp_path: Path, temporary: Path
) -> None:
    assert socket_for(tmp_path) == socket_for(tmp_path)
    assert socket_for(tmp_path) != socket_for(tmp_path / "other")


def test_a_socket_folder_that_was_open_to_others_is_closed(temporary: Path, tmp_path: Path) -> None:
    folder = socket_for(tmp_path).parent
    folder.chmod(0o777)
    assert socket_for(tmp_path).parent == folder
    assert folder.stat().st_mode & 0o777 == 0o700


@as_root
def test_a_socket_folder_of_somebody_else_is_refused(
    tmp_path: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mongod_socket, "_bases", lambda: [temporary])
    folder = socket_for(tmp_path).parent
    os.chown(folder, NOBODY, NOBODY)
    with pytest.raises(MongodError, match="belongs to another user"):
        socket_for(tmp_path)


def test_a_link_in_place_of_the_socket_folder_is_refused(
    tmp_path: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mongod_socket, "_bases", lambda: [temporary])
    folder = socket_for(tmp_path).parent
    folder.rmdir()
    folder.symlink_to(tmp_path)
    with pytest.raises(MongodError, match="belongs to another user"):
        socket_for(tmp_path)


async def test_a_program_whose_parent_died_before_the_kernel_was_asked_does_not_begin() -> None:
    command = [sys.executable, mongod_launcher.__file__, "1", "/bin/echo", "began"]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    printed, _ = await process.communicate()
    assert printed == b""


async def test_starts_that_fail_are_tried_again_at_growing_intervals(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(mongod_supervision, "FIRST_PAUSE", 0.02)
    monkeypatch.setattr(mongod_supervision, "LONGEST_PAUSE", 0.05)
    loop = asyncio.get_running_loop()
    tries: list[float] = [loop.time()]
    alive = asyncio.Event()

    async def ended() -> int:
        if len(tries) > 4:
            alive.set()
            await asyncio.Event().wait()
        return -signal.SIGKILL

    async def start() -> None:
        tries.append(loop.time())
        if len(tries) < 5:
            raise MongodError("no luck yet")

    task = supervise(ended, start)
    async with asyncio.timeout(patient(5)):
        await alive.wait()
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    least_pauses = (0.02, 0.04, 0.05, 0.05)
    pauses = [later - earlier for earlier, later in itertools.pairwise(tries)]
    assert [pause >= least for pause, least in zip(pauses, least_pauses, strict=True)] == [True] * 4
    assert caplog.text.count("no luck yet") == 3
    assert "stopped unexpectedly (status -9)" in caplog.text


async def test_a_watcher_that_fails_itself_is_reported(caplog: pytest.LogCaptureFixture) -> None:
    async def ended() -> int:
        raise ValueError("a fault of ours")

    async def start() -> None: ...

    task = supervise(ended, start)
    await asyncio.wait({task}, timeout=patient(5))
    assert "no longer watched" in caplog.text
    assert [r.levelno for r in caplog.records if "no longer" in r.message] == [logging.ERROR]
