"""A private mongod while it runs: who can reach it, what it keeps, and what brings it back."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.monitoring import CommandListener, CommandStartedEvent

from livequiz.db.client import connect
from livequiz.db.mongod.endpoint import path_in, uri_of
from livequiz.db.mongod.folder import announce
from livequiz.db.mongod.orphan import is_held
from livequiz.db.private_mongod import MongodError, PrivateMongod, running_uri
from tests.db.mongod_help import (
    other_server,
    pid_of,
    read,
    runs,
    tcp_listeners,
    unix_listeners,
    until,
    until_writable,
    write,
)
from tests.freezing import freeze
from tests.patience import patient


@pytest.fixture
async def mongod(tmp_path: Path) -> AsyncIterator[PrivateMongod]:
    mongod = await PrivateMongod.start(tmp_path)
    yield mongod
    await mongod.stop()


@contextlib.asynccontextmanager
async def started(folder: Path) -> AsyncIterator[PrivateMongod]:
    mongod = await PrivateMongod.start(folder)
    try:
        yield mongod
    finally:
        await mongod.stop()


async def test_only_its_owner_can_reach_it_and_only_by_its_own_socket(
    mongod: PrivateMongod, tmp_path: Path
) -> None:
    socket = path_in(mongod.uri)
    assert tcp_listeners(pid_of(mongod)) == []
    assert unix_listeners(pid_of(mongod)) == [str(socket)]
    assert socket.stat().st_mode & 0o777 == 0o600
    assert socket.parent.stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "mongo").stat().st_mode & 0o777 == 0o700
    for name in ("mongod.log", "mongod.json", "livequiz.lock"):
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o600


async def test_it_agrees_to_no_compression(mongod: PrivateMongod) -> None:
    with contextlib.closing(connect(mongod.uri)) as client:
        answer = await client.admin.command("hello", compression=["zlib", "snappy", "zstd"])
    assert not answer.get("compression")


async def test_it_takes_no_more_of_the_disk_than_a_class_needs(
    mongod: PrivateMongod, tmp_path: Path
) -> None:
    await write(mongod.uri, "a class")
    taken = sum(file.stat().st_blocks * 512 for file in tmp_path.rglob("*") if file.is_file())
    assert taken < 40 * 2**20

    client: AsyncIOMotorClient[dict[str, object]] = AsyncIOMotorClient(mongod.uri)
    oplog = await client.local.command("collStats", "oplog.rs")
    client.close()
    assert oplog["maxSize"] <= 64 * 2**20


async def test_a_transaction_is_stored_as_a_whole_or_not_at_all(mongod: PrivateMongod) -> None:
    with contextlib.closing(connect(mongod.uri)) as client:
        texts = client.quiz.texts
        async with await client.start_session() as session:
            async with session.start_transaction():
                await texts.insert_one({"text": "a"}, session=session)
                await texts.insert_one({"text": "b"}, session=session)
            session.start_transaction()
            await texts.insert_one({"text": "c"}, session=session)
            await session.abort_transaction()
    assert await read(mongod.uri) == ["a", "b"]


async def test_writes_are_journalled_and_can_be_retried_over_the_direct_connection(
    mongod: PrivateMongod,
) -> None:
    sent: list[CommandStartedEvent] = []

    class Listener(CommandListener):
        def started(self, event: CommandStartedEvent) -> None:
            sent.append(event)

        def succeeded(self, event: object) -> None: ...
        def failed(self, event: object) -> None: ...

    client: AsyncIOMotorClient[dict[str, object]] = AsyncIOMotorClient(
        mongod.uri, w="majority", journal=True, event_listeners=[Listener()]
    )
    with contextlib.closing(client):
        await client.quiz.texts.insert_one({"text": "a"})
    insert = next(event.command for event in sent if event.command_name == "insert")
    assert insert["writeConcern"] == {"w": "majority", "j": True}
    assert "txnNumber" in insert  # what makes a server recognise a retry


async def test_data_survive_a_clean_stop_and_a_start(tmp_path: Path) -> None:
    async with started(tmp_path) as mongod:
        await write(mongod.uri, "kept")
        first = mongod.uri
    async with started(tmp_path) as mongod:
        assert await read(mongod.uri) == ["kept"]
        assert mongod.uri == first


async def test_nothing_is_left_after_a_stop_and_a_second_stop_does_no_harm(tmp_path: Path) -> None:
    mongod = await PrivateMongod.start(tmp_path)
    await mongod.stop()
    await mongod.stop()
    assert not runs(pid_of(mongod))
    assert not path_in(mongod.uri).parent.exists()
    assert not (tmp_path / "mongod.json").exists()
    assert not is_held(tmp_path / "mongo")
    assert "mongod supervision" not in {task.get_name() for task in asyncio.all_tasks()}


async def test_a_frozen_mongod_does_not_hold_up_a_stop(tmp_path: Path) -> None:
    mongod = await PrivateMongod.start(tmp_path)
    freeze(pid_of(mongod))
    async with asyncio.timeout(patient(9)):
        await mongod.stop()
    assert not runs(pid_of(mongod))


async def test_a_stop_that_is_broken_off_kills_what_it_waited_for(tmp_path: Path) -> None:
    mongod = await PrivateMongod.start(tmp_path)
    freeze(pid_of(mongod))
    stop = asyncio.create_task(mongod.stop())
    await until(lambda: not (tmp_path / "mongod.json").exists())
    stop.cancel()
    await asyncio.wait({stop}, timeout=patient(5))
    await until(lambda: not runs(pid_of(mongod)))


async def test_a_second_owner_is_refused_and_told_who_the_first_is(tmp_path: Path) -> None:
    async with other_server(tmp_path) as other:
        with pytest.raises(MongodError) as caught:
            await PrivateMongod.start(tmp_path)
        assert f"{tmp_path} is in use by another LiveQuiz server" in str(caught.value)
        assert f"(process {other.process.pid})" in str(caught.value)
        await write(other.uri, "undisturbed")


async def test_a_killed_server_takes_its_mongod_along(tmp_path: Path) -> None:
    async with other_server(tmp_path) as other:
        assert runs(other.mongod)
        await other.kill()
        await until(lambda: not runs(other.mongod))


async def test_the_next_start_after_a_killed_server_finds_all_its_data(tmp_path: Path) -> None:
    async with other_server(tmp_path) as other:
        await write(other.uri, "acknowledged")
        await other.kill()
        async with started(tmp_path) as mongod:
            assert await read(mongod.uri) == ["acknowledged"]
            assert not runs(other.mongod)


async def test_an_orphan_that_hangs_does_not_block_the_next_start(tmp_path: Path) -> None:
    async with other_server(tmp_path) as other:
        await write(other.uri, "acknowledged")
        freeze(other.mongod)  # so it can't obey when its server dies
        await other.kill()
        assert is_held(tmp_path / "mongo")
        async with started(tmp_path) as mongod:
            assert await read(mongod.uri) == ["acknowledged"]
            assert not runs(other.mongod)


async def test_a_killed_mongod_comes_back_at_the_same_uri_with_its_data(
    mongod: PrivateMongod,
) -> None:
    async def replaced(killed: int) -> None:
        await until(lambda: pid_of(mongod) != killed)

    await write(mongod.uri, "before")
    for text in ("once", "twice"):
        killed = pid_of(mongod)
        os.kill(killed, signal.SIGKILL)
        await until_writable(mongod.uri, text)
        await replaced(killed)
    assert await read(mongod.uri) == ["before", "once", "twice"]


async def test_a_stop_while_it_is_being_brought_back_leaves_nothing(tmp_path: Path) -> None:
    mongod = await PrivateMongod.start(tmp_path)
    os.kill(pid_of(mongod), signal.SIGKILL)
    await until(lambda: not is_held(tmp_path / "mongo"))
    await until(lambda: is_held(tmp_path / "mongo"))  # the next one has begun
    await mongod.stop()
    await until(lambda: not is_held(tmp_path / "mongo"))
    async with started(tmp_path):
        pass


async def test_a_socket_that_was_cleaned_away_with_its_mongod_is_made_again(
    mongod: PrivateMongod,
) -> None:
    socket = path_in(mongod.uri)
    os.kill(pid_of(mongod), signal.SIGKILL)
    socket.unlink()
    socket.parent.rmdir()
    await until_writable(mongod.uri, "again")


async def test_ctrl_c_in_the_terminal_does_not_reach_it(mongod: PrivateMongod) -> None:
    assert os.getpgid(pid_of(mongod)) != os.getpgid(0)
    assert os.getsid(pid_of(mongod)) != os.getsid(0)


async def test_data_move_along_when_the_temporary_folder_is_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tempfile.TemporaryDirectory() as here, tempfile.TemporaryDirectory() as there:
        monkeypatch.setattr(tempfile, "tempdir", here)
        async with started(tmp_path / "data") as mongod:
            await write(mongod.uri, "here")
            assert path_in(mongod.uri).is_relative_to(here)
        monkeypatch.setattr(tempfile, "tempdir", there)
        async with started(tmp_path / "data") as mongod:
            assert path_in(mongod.uri).is_relative_to(there)
            await write(mongod.uri, "there")
            assert await read(mongod.uri) == ["here", "there"]


async def test_the_uri_of_a_running_server_is_known_to_others_only_while_it_runs(
    tmp_path: Path,
) -> None:
    assert running_uri(tmp_path) is None
    async with other_server(tmp_path) as other:
        assert running_uri(tmp_path) == other.uri
        await other.kill()
        await until(lambda: running_uri(tmp_path) is None)
    async with started(tmp_path) as mongod:
        assert running_uri(tmp_path) == mongod.uri
    assert running_uri(tmp_path) is None


@pytest.mark.parametrize(
    "content", ["", "{}", "[1]", '{"uri": 5}', '{"uri": "mongodb://"}', "\xff"]
)
def test_a_damaged_note_about_the_running_mongod_counts_as_none(
    tmp_path: Path, content: str
) -> None:
    (tmp_path / "mongod.json").write_bytes(content.encode("latin-1"))
    assert running_uri(tmp_path) is None


async def test_a_socket_behind_a_link_is_never_given_out(tmp_path: Path) -> None:
    async with started(tmp_path) as mongod:
        with tempfile.TemporaryDirectory() as short:
            link = Path(short) / "link"
            link.symlink_to(path_in(mongod.uri).parent)
            announce(tmp_path, uri_of(link / "mongod.sock"))
            assert running_uri(tmp_path) is None
            announce(tmp_path, mongod.uri)
            assert running_uri(tmp_path) == mongod.uri
