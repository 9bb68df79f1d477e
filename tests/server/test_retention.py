"""Retention: who took part in old meetings is erased, and nothing else."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import typer

from livequiz.commands.serve import _span
from livequiz.db.store import Store
from livequiz.results.build import build
from livequiz.results.lesson import gather
from livequiz.results.report import Report
from livequiz.results.store_source import StoreSource
from livequiz.server.host.log_scrub import drop_before
from livequiz.server.host.log_setup import logging_to
from livequiz.server.quiz import retention
from livequiz.server.quiz.audit_log import AuditLog, Entry
from livequiz.server.quiz.retention import Retention
from tests.conftest import RunningServer
from tests.helpers import Json
from tests.results.rasch_class import START, RaschClass, store_lesson

NOW = START + timedelta(days=400)
YEAR = timedelta(days=365)
MEETING = "K7QX4M"
WARNINGS = ["Student 001 gets no question: their program shows only numeric questions.", "Few."]


@pytest.fixture(autouse=True)
async def lesson(store: Store) -> None:
    """An old lesson of eight students, one of them banned, and a warning that names one."""
    await store_lesson(store, RaschClass(8, 12, absent=0.2).lesson(5))
    await store.participants.ban(MEETING, "S003")
    await store._database["rounds"].update_one({"number": 2}, {"$set": {"warnings": WARNINGS}})


class Sweeper:
    """What a server does to keep no old data, and what it wrote to the audit log."""

    def __init__(self, server: RunningServer, quiet: Callable[[], bool] = lambda: True) -> None:
        self.entries: list[Entry] = []
        self.dropped: list[datetime] = []
        self.began = 0
        self.retention = Retention(
            *(server.store, server.service.meetings),
            after=YEAR,
            quiet=quiet,
            audit=self.entries.append,
            now=lambda: NOW,
            drop_logs=self.dropped.append,
            erasing=self._begin,
        )

    def _begin(self) -> None:
        self.began += 1

    async def sweep(self) -> list[Entry]:
        await self.retention.sweep()
        return self.entries


def erased(count: int, persons: str = "persons") -> list[Entry]:
    return [Entry("", MEETING, "(server)", "forget", "ok", f"Erased {count} {persons}.")]


async def everything(store: Store) -> Json:
    names = ("meetings", "participants", "student_questions", "responses", "rounds")
    return {name: await store._database[name].find({}).to_list(None) for name in names}


async def report_of(store: Store) -> Report:
    return build(await gather(StoreSource(store), [MEETING]), NOW)


async def test_nobody_is_named_in_an_old_meeting_and_its_statistics_stay(
    server: RunningServer,
) -> None:
    before = await report_of(server.store)
    sweeper = Sweeper(server)
    assert await sweeper.sweep() == erased(8)
    after = await report_of(server.store)
    assert after.questions == before.questions
    assert after.meetings[0].title == "Sets and functions"
    assert sorted(line.points for line in after.students) == sorted(
        line.points for line in before.students
    )
    left = str(await everything(server.store))
    for trace in ("S00", "Student 0", "hash-of", "their program"):
        assert trace not in left
    assert "Few." in left
    assert await sweeper.sweep() == erased(8)  # there is nothing left to erase
    assert (sweeper.began, sweeper.dropped) == (1, [NOW - YEAR] * 2)


def _young_round(fields: Json) -> Any:
    return "rounds", {"number": 5}, fields


@pytest.mark.parametrize(
    "change",
    [
        _young_round({"opened_at": NOW - YEAR}),
        _young_round({"state": "open"}),
        ("participants", {"student_id": "S002"}, {"status": "active"}),
        ("meetings", {}, {"created_at": NOW - YEAR}),
        ("student_questions", {"student_id": "S002"}, {"sent_time": NOW - YEAR}),
    ],
    ids=["young", "open", "connected", "created", "of-the-original"],
)
async def test_a_meeting_that_is_in_use_stays_as_it_is(
    server: RunningServer, change: tuple[str, Json, Json]
) -> None:
    collection, query, fields = change
    await server.store._database[collection].update_one(query, {"$set": fields})
    before = await everything(server.store)
    assert await Sweeper(server).sweep() == []
    assert await everything(server.store) == before


async def test_a_sweep_waits_until_the_class_is_over(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "LOOK", 0.01)
    over, asked = False, asyncio.Event()

    def quiet() -> bool:
        asked.set()
        return over

    before = await everything(server.store)
    sweeper = Sweeper(server, quiet)
    sweep = asyncio.create_task(sweeper.sweep())
    await asked.wait()
    assert await everything(server.store) == before
    over = True
    assert await sweep == erased(8)


async def test_a_class_that_comes_back_meanwhile_stays(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "LOOK", 0.01)
    over, asked = False, asyncio.Event()

    def quiet() -> bool:
        asked.set()
        return over

    sweeper = Sweeper(server, quiet)
    sweep = asyncio.create_task(sweeper.sweep())
    await asked.wait()
    rounds = server.store._database["rounds"]
    await rounds.update_one({"number": 5}, {"$set": {"opened_at": NOW}})
    before = await everything(server.store)
    over = True
    assert await sweep == []
    assert await everything(server.store) == before


async def test_who_is_connected_again_is_not_erased(server: RunningServer) -> None:
    """They came between the look at the meeting and their turn."""
    participants = server.store._database["participants"]
    await participants.update_one({"student_id": "S004"}, {"$set": {"status": "active"}})
    before = await server.store._database["responses"].count_documents({"student_id": "S004"})
    for student_id in ("S004", "S005"):
        done = await server.store.erasure.make_anonymous(MEETING, student_id, consistent=True)
        assert done == (student_id == "S005")
    left = await participants.distinct("student_id")
    assert "S004" in left
    assert "S005" not in left
    responses = server.store._database["responses"]
    assert await responses.count_documents({"student_id": "S004"}) == before > 0


async def test_two_servers_that_sweep_at_once_split_nobody(server: RunningServer) -> None:
    before = await report_of(server.store)
    one, two = Sweeper(server), Sweeper(server)
    await asyncio.gather(one.sweep(), two.sweep())
    after = await report_of(server.store)
    assert after.questions == before.questions
    assert len(after.students) == len(before.students) == 8
    told = [str(entry.why).split()[1] for entry in (*one.entries, *two.entries)]
    assert sum(map(int, told)) == 8


async def test_a_sweep_that_failed_is_completed_by_the_next(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    erasure = server.store.erasure
    real, left = erasure.make_anonymous, 3

    async def fails(*args: Any, **kwargs: Any) -> bool:
        nonlocal left
        if not left:
            raise OSError("the cable")
        left -= 1
        return await real(*args, **kwargs)

    monkeypatch.setattr(erasure, "make_anonymous", fails)
    sweeper = Sweeper(server)
    with pytest.raises(OSError, match="the cable"):
        await sweeper.sweep()
    monkeypatch.undo()
    assert await sweeper.sweep() == [*erased(3), *erased(5)]


async def test_a_server_shows_nobody_from_memory(server: RunningServer) -> None:
    teacher = await server.instructor(MEETING)
    meetings = server.service.meetings
    assert "S001" in (await meetings.past(await meetings.get(MEETING))).seen
    await Sweeper(server).sweep()
    meeting = await meetings.get(MEETING)
    assert meeting.latest is not None
    assert {*meeting.latest.names, *(await meetings.past(meeting)).seen} & {"S001", "S002"} == set()
    snapshot = await teacher.join("teacher", MEETING, server.token)
    assert "Student 0" not in str(snapshot)
    student = await server.student("S001", "Ann", MEETING)  # the id is free, and starts anew
    assert student.joined is not None


def test_old_lines_leave_the_logs_which_go_on(tmp_path: Path) -> None:
    path, audit_path = tmp_path / "livequiz.log", tmp_path / "audit.log"
    path.write_text(
        "no time\n2025-01-01 10:00:00,000 ERROR livequiz.x: S001\nTraceback of S001\n"
        "2099-01-01 10:00:00,000 INFO livequiz.x: S002\n  more of it\n"
    )
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    with logging_to(path) as log_file:
        log_file.drop_before(moment)
        log_file.drop_before(moment)
        logging.getLogger("livequiz.x").info("still written")
    text = path.read_text()
    assert "S001" not in text
    assert text.startswith("2099-01-01 10:00:00,000 INFO livequiz.x: S002\n  more of it\n")
    assert text.endswith("still written\n")
    times = iter([moment - timedelta(seconds=1), moment, moment])
    audit = AuditLog(audit_path, ["token"], lambda: next(times))
    audit(Entry("", "A", "S001", "join", "ok"))
    audit(Entry("", "A", "S002", "join", "ok"))
    with audit.closed() as closed:
        drop_before(closed, moment)
    audit(Entry("", "A", "S003", "join", "ok"))
    audit.close()
    text = audit_path.read_text()
    assert [who in text for who in ("S001", "S002", "S003")] == [False, True, True]
    assert {file.stat().st_mode & 0o777 for file in (path, audit_path)} == {0o600}


@pytest.mark.parametrize(
    ("text", "days"), [("1d", 1), ("52W", 364), (" 12m", 360), ("1y", 365), ("100y", 36_500)]
)
def test_a_span_has_a_unit(text: str, days: int) -> None:
    assert _span(text) == timedelta(days=days)


@pytest.mark.parametrize("text", ["", "0d", "365", "12h", "-1d", "1.5y", "101y", "99999y", "1d2"])
def test_a_span_that_is_none_is_said(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="such as 365d, 52w, 12m or 1y"):
        _span(text)
