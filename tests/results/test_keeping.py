"""Backups, deletion, and that nothing is left of a student who is to be forgotten."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import bson
import pymongo
import pytest

from livequiz.db.archive import KEPT
from livequiz.db.opening import open_store
from livequiz.db.private_mongod import PrivateMongod
from livequiz.db.store import Store
from livequiz.results.build import build
from livequiz.results.lesson import gather
from livequiz.results.report import Report
from livequiz.results.store_source import StoreSource
from livequiz.server.host.log_scrub import scrub
from tests.e2e.test_command_line import Server
from tests.patience import patient
from tests.results.at_shell import livequiz
from tests.results.rasch_class import START, RaschClass, store_lesson

WARNINGS = [
    "Old Quillfeather gets no question: their program shows only single-choice questions.",
    "Few.",
]
WHO, NAME = "zq7731", "Zaphod Quillfeather"
OTHER = f"{WHO}0"  # somebody else's id, which contains it


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Store]:
    async with open_store(folder, None) as (store, _):
        yield store


@pytest.fixture
async def folder(tmp_path: Path) -> Path:
    """A data folder with a lesson of nine students, and logs."""
    return await with_a_lesson(tmp_path / "data")


async def with_a_lesson(data: Path) -> Path:
    """Fill a data folder with a lesson of nine students, and logs."""
    async with opened(data) as store:
        await store_lesson(store, RaschClass(8, 20, also=(WHO, NAME)).lesson(5))
        await store.participants.ban("K7QX4M", WHO)
        rounds = store._database["rounds"]
        await rounds.update_one({"number": 2}, {"$set": {"warnings": WARNINGS}})
    lines = [
        {"who": WHO, "what": "join_student", "why": f"The name {NAME} is taken."},
        {"who": OTHER, "what": "join_student", "why": None},
        {"who": "teacher", "what": "ban", "student": WHO},
    ]
    (data / "audit.log").write_text("".join(json.dumps(line) + "\n" for line in lines))
    (data / "livequiz.log").write_text(f"INFO released {WHO}.\nINFO nobody\n")
    return data


async def report_of(folder: Path) -> Report:
    async with opened(folder) as store:
        return build(await gather(StoreSource(store), ["K7QX4M"]), START)


async def every_document(folder: Path) -> str:
    """Return all documents of a private MongoDB as text, its oplog included."""
    mongod = await PrivateMongod.start(folder)
    try:
        client: pymongo.MongoClient[Any] = pymongo.MongoClient(mongod.uri)
        text = ""
        for name in client.list_database_names():
            for collection in client[name].list_collection_names():
                if collection != "system.replset":
                    text += "\n".join(map(repr, client[name][collection].find({})))
        client.close()
        return text
    finally:
        await mongod.stop()


def traces(folder: Path, *words: str) -> list[str]:
    """Return the files that contain one of the words, but for another id that contains one."""
    found = []
    for path in folder.rglob("*"):
        content = path.read_bytes().replace(OTHER.encode(), b"") if path.is_file() else b""
        if any(word.encode() in content for word in words):
            found.append(str(path.relative_to(folder)))
    return found


@pytest.mark.timeout(240)
async def test_nothing_is_left_of_a_student_who_is_forgotten(folder: Path) -> None:
    before = await report_of(folder)
    assert WHO in await every_document(folder)
    assert {"audit.log", "livequiz.log"} < set(traces(folder, WHO, NAME))  # and MongoDB's files
    _, said = await livequiz("forget", WHO, "--yes", "--data-dir", folder)
    assert "Erased: 1 participant, 5 student questions, 5 responses, 1 ban, 1 warning." in said
    assert "Log lines changed: 3." in said
    left = await every_document(folder)
    assert WHO not in left
    assert "Quillfeather" not in left
    assert "Few." in left
    assert traces(folder, WHO, NAME) == []
    audit = [json.loads(line) for line in (folder / "audit.log").read_text().splitlines()]
    assert audit[0]["who"] == audit[2]["student"] == audit[0]["why"].split()[2]
    assert audit[0]["who"].startswith("forgotten-")
    assert audit[1]["who"] == OTHER
    after = await report_of(folder)
    assert after.students == [s for s in _without_adjusted(before, after) if s.student_id != WHO]
    _, said = await livequiz("forget", WHO, "--yes", "--data-dir", folder, code=1)
    assert f"Nothing of {WHO} was found." in said


def _without_adjusted(before: Report, after: Report) -> list[Any]:
    """The others' adjusted scores move a little: their questions have other difficulties now."""
    moved = {line.student_id: line.adjusted for line in after.students}
    for line in before.students:
        line.adjusted = moved.get(line.student_id)
    return before.students


@pytest.mark.timeout(240)
async def test_statistics_can_be_kept(folder: Path) -> None:
    before = await report_of(folder)
    _, said = await livequiz("forget", WHO, "--keep-statistics", "--yes", "--data-dir", folder)
    assert "made anonymous" in said
    after = await report_of(folder)
    assert after.questions == before.questions
    assert after.topics == before.topics
    assert NAME not in {line.name for line in after.students}
    assert traces(folder, WHO, NAME) == []


@pytest.mark.timeout(240)
async def test_a_backup_is_restored_into_an_empty_folder(folder: Path, tmp_path: Path) -> None:
    file, other = tmp_path / "class.zip", tmp_path / "other"
    _, said = await livequiz("backup", file, "--data-dir", folder)
    assert "45 responses" in said
    assert file.stat().st_mode & 0o777 == 0o600
    _, said = await livequiz("restore", file, "--data-dir", other)
    assert "45 responses" in said
    assert await report_of(other) == await report_of(folder)
    async with opened(folder) as one, opened(other) as two:
        for collection in ("questions", "participants", "responses", "rounds", "meetings"):
            documents = [
                await store._database[collection].find({}).sort("_id", 1).to_list(None)
                for store in (one, two)
            ]
            assert [bson.encode(d) for d in documents[0]] == [bson.encode(d) for d in documents[1]]
    _, said = await livequiz("restore", file, "--data-dir", folder, code=1)
    assert "a backup is only restored into an empty one" in said
    _, said = await livequiz("backup", file, "--data-dir", folder, code=1)
    assert "already exists" in said


async def test_a_backup_is_of_one_moment(store: Store, mongo_url: str, tmp_path: Path) -> None:
    """What is written while it is made is in none of its collections."""
    await store_lesson(store, RaschClass(4, 9).lesson(3))
    client: pymongo.MongoClient[Any] = pymongo.MongoClient(mongo_url)
    database = client[store._database.name]
    expected = {name: database[name].count_documents({}) for name in KEPT}
    done: list[int] = []

    def meanwhile(so_far: int, _: int) -> None:
        if not done:
            for name in KEPT:
                database[name].insert_one({"late": 1}, bypass_document_validation=True)
        done.append(so_far)

    file = tmp_path / "class.zip"
    counts = await store.archive.back_up(file, START, meanwhile, consistent=store.transactions)
    assert len(done) > 1  # there were other collections to come
    assert counts == expected
    client.close()


@pytest.mark.parametrize("at", [0.1, 0.5, 0.9])
async def test_a_damaged_backup_stores_nothing(
    store: Store, mongo_url: str, tmp_path: Path, at: float
) -> None:
    await store_lesson(store, RaschClass(4, 9).lesson(3))
    file = tmp_path / "class.zip"
    await store.archive.back_up(file, START, lambda *_: None, consistent=store.transactions)
    content = bytearray(file.read_bytes())
    place = int(len(content) * at)
    content[place : place + 40] = bytes(40)
    file.write_bytes(content)
    other = Store(mongo_url, f"{store._database.name}_other")
    with pytest.raises(Exception, match="not a LiveQuiz backup, or it is damaged"):
        await other.archive.restore(file, lambda *_: None)
    assert await other._database.list_collection_names() == []
    other.close()


@pytest.mark.timeout(240)
async def test_a_forget_that_failed_is_completed_by_the_next_one(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database had been changed when the disk was full: then nobody knew the name any more."""
    from livequiz.commands import data
    from livequiz.db import rewriting

    async def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    who = data.Person(WHO, [])
    monkeypatch.setattr(rewriting, "rewrite", full)
    with pytest.raises(OSError, match="No space"):
        await data._forget(who, folder, None, keep_statistics=False, yes=True)
    monkeypatch.undo()
    assert "livequiz.log" not in traces(folder, WHO, NAME)
    _, said = await livequiz("forget", WHO, "--yes", "--data-dir", folder)
    assert "nothing in the database" in said
    assert traces(folder, WHO, NAME) == []
    assert WHO not in await every_document(folder)
    assert not (folder / "rewriting").exists()


@pytest.mark.timeout(patient(240))
async def test_nothing_is_left_of_a_class_after_the_retention_period(folder: Path) -> None:
    old = datetime.now(UTC) - timedelta(days=31)
    async with opened(folder) as store:
        for collection, field in (
            ("meetings", "created_at"),
            ("rounds", "opened_at"),
            ("student_questions", "sent_time"),
        ):
            await store._database[collection].update_many({}, {"$set": {field: old}})
    before = await report_of(folder)
    server = Server(folder, "--port", "0", "--forget-after", "30d")
    try:
        while '"forget"' not in (audit := (folder / "audit.log").read_text()):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    finally:
        server.stop()
    assert json.loads(audit.splitlines()[-1])["why"] == "Erased 9 persons."
    assert (folder / "rewriting").exists()
    Server(folder, "--port", "0").stop()  # the next start cleans MongoDB's files
    assert traces(folder, "zq7731", "Quillfeather", "S003", "Student 003") == []
    assert not (folder / "rewriting").exists()
    left = await every_document(folder)
    assert [trace in left for trace in (WHO, "Quillfeather", "S003", "Few.")] == [False] * 3 + [
        True
    ]
    after = await report_of(folder)
    assert after.questions == before.questions
    assert len(after.students) == 9


def test_short_ids_and_common_names_spoil_no_log(tmp_path: Path) -> None:
    log, audit = tmp_path / "livequiz.log", tmp_path / "audit.log"
    log.write_text("2026-09-14 10:15:15,015 INFO livequiz.x: 15 left at 10:15. Not 151, not S15.\n")
    entry = {"time": "2026-09-14T15:15:15Z", "address": "10.0.0.15", "who": "15", "what": "join",
             "meeting": "A", "why": "The id 15 is taken."}  # fmt: skip
    others = [{**entry, "who": "150"}, {**entry, "meeting": "B"}]
    audit.write_text("".join(json.dumps(line) + "\n" for line in (entry, *others)))
    assert scrub(tmp_path, {"15", "INFO"}, "gone", ["A"]) == 3
    assert log.read_text() == (
        "2026-09-14 10:15:15,015 INFO livequiz.x: gone left at 10:gone. Not 151, not S15.\n"
    )
    lines = [json.loads(line) for line in audit.read_text().splitlines()]
    assert lines[0] == {**entry, "who": "gone", "why": "The id gone is taken."}
    assert lines[1] == {**others[0], "why": "The id gone is taken."}
    assert lines[2] == others[1]


async def test_documents_of_the_original_are_restored_too(
    store: Store, mongo_url: str, tmp_path: Path
) -> None:
    """They were stored before there were validators, and need not satisfy them."""
    odd = {"student_id": "S1", "meeting_id": "OLD", "name": "Ann"}  # has no status and no time
    await store._database["participants"].insert_one(odd, bypass_document_validation=True)
    file = tmp_path / "class.zip"
    await store.archive.back_up(file, START, lambda *_: None, consistent=store.transactions)
    other = Store(mongo_url, f"{store._database.name}_other")
    try:
        await other.prepare()
        await other.archive.restore(file, lambda *_: None)
        assert await other._database["participants"].find({}).to_list(None) == [odd]
    finally:
        await other.drop()
        other.close()
