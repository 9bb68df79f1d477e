"""The audit log over the wire: what is kept of a class, and what never is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import FileIO
from pathlib import Path

import aiohttp
import pytest
from yarl import URL

from livequiz.domain.errors import Code, QuizError
from livequiz.protocol.fields import from_timestamp
from livequiz.protocol.requests import JoinInstructor
from livequiz.server.quiz.audit_log import AuditLog, Entry
from livequiz.server.quiz.roster import Roster
from livequiz.server.quiz.service import Policy, utc_now
from livequiz.server.socketio.audit_events import of_event
from livequiz.server.socketio.session import ConnectionSession
from tests.conftest import TOKEN, Connect, RunningServer
from tests.contract.resources import Api
from tests.helpers import Json, RawClient, bank
from tests.server.bare import from_nowhere

TEST = {"meeting_id": "TEST"}
S001 = {**TEST, "student_id": "S001"}
DONE = {"meeting": "TEST", "who": "teacher", "code": "ok"}
NO_TOKEN = "The instructor token is missing or wrong; `livequiz serve` shows it."


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "audit.log"


@pytest.fixture(autouse=True)
def audit(path: Path, server: RunningServer) -> Iterator[AuditLog]:
    log = AuditLog(path, [TOKEN], utc_now)
    server.service.audit = log
    yield log
    log.close()


def entries(path: Path, address: str = "127.0.0.1") -> list[Json]:
    """Return what was kept, without time and address, which are checked."""
    found = [json.loads(line) for line in path.read_bytes().splitlines()]
    assert all(from_timestamp(entry.pop("time")).tzinfo for entry in found)
    assert {entry.pop("address") for entry in found} <= {address}
    return found


async def test_what_an_instructor_does_is_kept(
    server: RunningServer, teacher: RawClient, join: Connect, path: Path
) -> None:
    await server.import_questions(bank(2))
    for name in ("S001", "S002"):
        await join(name)
    await teacher.trigger(duration=60)
    for event, more in (
        ("preview_round", {}),
        ("list_questions", {}),
        ("extend_round", {"seconds": 30}),
        ("set_student", {"student_id": "S001", "time_factor": 1.5}),
        ("close_round", {}),
        ("show_results", {}),
        ("show_results", {"shown": False}),
        ("show_leaderboard", {"shown": False}),
        ("lock_meeting", {"locked": True}),
        ("lock_meeting", {"locked": False}),
        ("remove_student", {"student_id": "S001"}),
        ("remove_student", {"student_id": "S002", "ban": True}),
        ("get_snapshot", {}),
    ):
        await teacher.ok(event, {**TEST, "meeting_id": "test", **more})
    assert entries(path) == [
        {**DONE, "what": "join"},
        {**DONE, "what": "trigger"},
        {**DONE, "what": "extend"},
        {**DONE, "what": "set_student", "student": "S001"},
        {**DONE, "what": "close"},
        {**DONE, "what": "show_results"},
        {**DONE, "what": "hide_results"},
        {**DONE, "what": "hide_leaderboard"},
        {**DONE, "what": "lock"},
        {**DONE, "what": "unlock"},
        {**DONE, "what": "remove", "student": "S001"},
        {**DONE, "what": "ban", "student": "S002"},
    ]


async def test_what_an_instructor_was_refused_is_kept_with_its_code(
    teacher: RawClient, path: Path
) -> None:
    error = await teacher.refused("close_round", TEST)
    assert entries(path)[1:] == [
        {**DONE, "what": "close", "code": error["code"], "why": error["message"]}
    ]


async def test_an_error_of_the_server_is_kept_as_failed(
    server: RunningServer, teacher: RawClient, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise RuntimeError("with details of the inside")

    monkeypatch.setattr(server.service.participants, "lock", fail)
    await teacher.refused("lock_meeting", {**TEST, "locked": True})
    assert entries(path)[1:] == [{**DONE, "what": "lock", "code": "failed"}]


async def test_wrong_instructor_tokens_are_kept_without_the_token(
    connect: Connect, teacher: RawClient, join: Connect, path: Path
) -> None:
    stranger = await connect(auth={"token": "guess-in-the-handshake"})
    request = {**TEST, "instructor_id": "eve"}
    await stranger.refused("join_instructor", {**request, "token": "guess-1"})
    await stranger.refused("join_instructor", request)
    await stranger.refused("trigger_questions", TEST)
    await (await join("S001")).refused("trigger_questions", TEST)
    refused = {"meeting": "TEST", "code": "unauthorized"}
    needed = "Only an instructor can do that. Join as an instructor first."
    assert entries(path)[1:] == [
        {**refused, "who": "eve", "what": "join", "why": NO_TOKEN},
        {**refused, "who": "eve", "what": "join", "why": NO_TOKEN},
        {**refused, "who": "", "what": "trigger", "why": needed},
        {**refused, "who": "S001", "what": "trigger", "why": needed},
    ]
    assert "guess" not in path.read_text()


class TestRoster:
    @pytest.fixture
    def policy(self) -> Policy:
        return Policy(TOKEN, roster=Roster({"S001": "Alice", "S002": "Bob"}))

    async def test_ids_that_are_kept_out_are_kept(
        self, teacher: RawClient, join: Connect, connect: Connect, path: Path
    ) -> None:
        for name in ("S001", "S002"):
            await join(name)
        await teacher.ok("remove_student", {**TEST, "student_id": "S002", "ban": True})
        known = len(entries(path))
        stranger = await connect()
        expected = []
        for student_id, code, words in (
            ("S001", "conflict", "in use by someone else"),
            ("S002", "forbidden", "banned from the meeting"),
            ("S404", "forbidden", "not on the class list"),
        ):
            request = {**TEST, "student_id": student_id, "name": "Eve"}
            error = await stranger.refused("join_student", request)
            assert words in error["message"]
            expected.append(
                {
                    "meeting": "TEST",
                    "who": student_id,
                    "what": "join_student",
                    "code": code,
                    "why": error["message"],
                }
            )
        assert entries(path)[known:] == expected


async def test_what_students_do_is_not_kept(
    server: RunningServer, teacher: RawClient, join: Connect, connect: Connect, path: Path
) -> None:
    await server.import_questions(bank(1))
    student = await join("S001")
    await teacher.trigger(duration=60)
    question = await student.next("NEW_QUESTION")
    await student.answer("S001", question, 1)
    await student.ok("leave", {})
    stranger = await connect()
    await stranger.refused("join_student", {**S001, "meeting_id": "NONE", "name": "A"})
    await stranger.refused("join_student", {**S001, "student_id": "S 1", "name": "A"})
    assert [entry["what"] for entry in entries(path)] == ["join", "trigger"]


async def test_a_script_is_kept_too(
    server: RunningServer, teacher: RawClient, join: Connect, path: Path
) -> None:
    await server.import_questions(bank(1))
    await join("S001")
    meeting = "/api/v1/meetings/test"
    async with aiohttp.ClientSession() as session:
        api = Api(server.url, session)
        await api.get(f"{meeting}/stats")
        for route in ("rounds", "rounds/current/close"):
            for token in ("wrong-token", TOKEN):
                headers = {"Authorization": f"Bearer {token}"}
                await session.post(f"{server.url}{meeting}/{route}", headers=headers, json={})
        await api.refused("GET", f"{meeting}/stats", 401, token="wrong-token")
        forged = {"Authorization": f"Bearer {TOKEN}", "X-Forwarded-For": "192.0.2.66"}
        await session.post(f"{server.url}/api/v1/questions", headers=forged, data=b"{")
        answer = {"student_id": "S001", "question_id": "f" * 24, "answer": 0}
        await session.post(f"{server.url}{meeting}/responses", headers=headers, json=answer)
    script = {"meeting": "TEST", "who": "(rest)"}
    refused = {**script, "code": "unauthorized", "why": NO_TOKEN}
    assert entries(path)[1:] == [
        {**refused, "what": "trigger"},
        {**script, "what": "trigger", "code": "ok"},
        {**refused, "what": "close"},
        {**script, "what": "close", "code": "ok"},
        {**refused, "what": "GET /api/v1/meetings/{meeting_id}/stats"},
        {
            **script,
            "meeting": "",
            "what": "add_questions",
            "code": "bad_request",
            "why": "The body is not valid JSON.",
        },
        {
            **script,
            "what": "POST /api/v1/meetings/{meeting_id}/responses",
            "code": "unauthorized",
            "why": "The resume token does not belong to this student.",
        },
    ]
    assert "wrong-token" not in path.read_text()


HOSTILE = 'a\n\r\x1b[31m\x85\u2028\u202e\x00\x7f"\\\U0001f600'


async def test_hostile_text_stays_on_one_line(server: RunningServer, path: Path) -> None:
    async with aiohttp.ClientSession() as session:
        url = URL(server.url) / "api/v1/meetings" / (HOSTILE + "x" * 200)
        async with session.get(url) as reply:
            assert reply.status == 401
    line = path.read_text(encoding="ascii")
    assert line.removesuffix("\n").isprintable()
    (entry,) = entries(path)
    assert entry["meeting"].startswith(HOSTILE.upper())
    assert len(entry["meeting"]) == 80


def test_any_entry_is_one_line_of_printable_ascii(audit: AuditLog, path: Path) -> None:
    audit(Entry(HOSTILE, HOSTILE, HOSTILE, "\ud800", "ok", HOSTILE, HOSTILE))
    assert path.read_text(encoding="ascii").removesuffix("\n").isprintable()
    assert entries(path, HOSTILE)[0]["who"] == HOSTILE


async def test_no_token_is_kept_even_if_it_was_typed_into_a_wrong_field(
    server: RunningServer, connect: Connect, teacher: RawClient, join: Connect, path: Path
) -> None:
    resume_token = (await (await join("S001")).next("joined"))["resume_token"]
    client = await connect(auth={"token": TOKEN, "resume_token": resume_token})
    await client.refused("join_student", {**S001, "name": "Eve", "resume_token": "stolen-one"})
    await client.ok("join_student", {**S001, "name": TOKEN})
    await client.ok("leave", {})
    await client.ok("join_instructor", {"instructor_id": TOKEN, "meeting_id": TOKEN})
    await client.refused("remove_student", {"meeting_id": TOKEN, "student_id": TOKEN})
    kept = path.read_text()
    for token in (TOKEN, resume_token, "stolen-one"):
        assert token.lower() not in kept.lower()
    hidden = {"meeting": "(token)", "who": "(token)"}
    *_, joined, removed = entries(path)
    assert joined == {**hidden, "what": "join", "code": "ok"}
    assert (removed["student"], removed["code"]) == ("(token)", "not_found")


async def test_a_log_that_can_not_be_written_ends_no_class(
    server: RunningServer, audit: AuditLog, teacher: RawClient, caplog: pytest.LogCaptureFixture
) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no full device")
    audit.close()
    with FileIO(full, "a") as audit._file:
        await teacher.ok("lock_meeting", {**TEST, "locked": True})
    assert "The audit log can't be written: No space left on device" in caplog.text


def test_the_file_is_its_owners_alone_and_goes_on(path: Path, audit: AuditLog) -> None:
    assert path.stat().st_mode & 0o777 == 0o600
    audit(Entry("127.0.0.1", "TEST", "teacher", "join", "ok"))
    path.chmod(0o644)
    again = AuditLog(path, [TOKEN], utc_now)
    again(Entry("127.0.0.1", "TEST", "teacher", "close", "ok"))
    again.close()
    assert path.stat().st_mode & 0o777 == 0o600
    assert [entry["what"] for entry in entries(path)] == ["join", "close"]


def test_guesses_do_not_fill_the_disk(path: Path, audit: AuditLog) -> None:
    for _ in range(5_000):
        audit(Entry("127.0.0.1", "TEST", "guesser", "join", "unauthorized"))
    written = len(entries(path))
    assert 500 <= written < 600
    audit(Entry("127.0.0.1", "TEST", "teacher", "join", "ok"))
    last = entries(path)[-1]
    assert (last["code"], last["left_out"]) == ("ok", 5_000 - written)


def test_a_file_that_can_not_be_opened_is_said(tmp_path: Path) -> None:
    with pytest.raises(QuizError) as refused:
        AuditLog(tmp_path, [TOKEN], utc_now)
    expected = (
        f"The audit log {tmp_path} can't be written (Is a directory); move it somewhere else."
    )
    assert refused.value.message == expected


def test_who_floods_the_server_fills_no_disk() -> None:
    request = JoinInstructor("eve", "TEST", "guess")
    for code, kept in ((Code.UNAUTHORIZED, True), (Code.RATE_LIMITED, False)):
        session = ConnectionSession("sid", from_nowhere())
        entry = of_event("join_instructor", session, request, QuizError(code, "No."))
        assert (entry is not None) == kept
