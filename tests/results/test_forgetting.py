"""`livequiz forget` after a class that was served, beside servers, and what it leaves."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from pathlib import Path

import pymongo
import pytest

from livequiz.db.private_mongod import PrivateMongod, running_uri
from tests.e2e.test_command_line import Server
from tests.helpers import Json, RawClient
from tests.patience import PATIENCE, patient
from tests.results.at_shell import livequiz
from tests.results.test_keeping import NAME, OTHER, WHO, every_document, traces

LATER = "Trillian Slartibartfast"  # the name that the student has in the end
TRACES = WHO, "Quillfeather", "Slartibartfast"
TEST = {"meeting_id": "TEST"}
SERVE = ("--port", "0", "--meeting", "TEST", "--class", "7B", "--never-twice", "class")


async def play(teacher: RawClient, *answers: tuple[str, RawClient, str]) -> None:
    """Play a round in which some students answer, and the others do not."""
    await teacher.trigger(duration=60)
    for student_id, student, answer in answers:
        question = await student.next("NEW_QUESTION")
        assert (await student.answer(student_id, question, answer))["ok"]
    await teacher.call("close_round", TEST)


async def lessons(folder: Path, bank: Path) -> None:
    """Serve two lessons: with a rename, a removal, a ban, a leaderboard and practice."""
    server = Server(folder, *SERVE, "--practice", "--bank", str(bank))
    token = (folder / "instructor-token").read_text().strip()
    clients: list[RawClient] = []

    async def client() -> RawClient:
        clients.append(RawClient(server.url))
        return await clients[-1].open()

    async def joined(student_id: str, name: str, **more: object) -> tuple[RawClient, str]:
        student = await client()
        await student.join(student_id, name, **more)
        return student, (await student.next("joined"))["resume_token"]

    about = {**TEST, "student_id": WHO}
    try:
        teacher = await client()
        await teacher.teach(token)
        other, _ = await joined(OTHER, "Marvin")
        student, secret = await joined(WHO, NAME, question_types=["single"])
        await play(teacher, (OTHER, other, "Au"))  # with a warning that names the student
        student, secret = await joined(WHO, NAME, resume_token=secret)
        await play(teacher, (OTHER, other, "Au"), (WHO, student, f"says {NAME}"))
        student, secret = await joined(WHO, LATER, resume_token=secret)
        assert (await (await client()).refused("join_student", _join(WHO)))["code"] == "conflict"
        await teacher.ok("set_student", {**about, "time_factor": 2})
        await play(teacher, (WHO, student, f"says {LATER}"))
        await teacher.ok("show_leaderboard", {**TEST, "shown": True})
        (missed, *_) = (await student.ok("get_practice", {}))["questions"]
        request = {"question_id": missed["question_id"], "answer": f"I, {LATER}"}
        await student.ok("practice_answer", request)
        await teacher.ok("remove_student", {**about, "ban": True})
        assert (await (await client()).refused("join_student", _join(WHO)))["code"] == "forbidden"
        await teacher.ok("remove_student", {**about, "ban": False})  # lifts the ban
        await student.ended()
        student, _ = await joined(WHO, LATER)
        await play(teacher, (WHO, student, "Au"))
        await teacher.ok("remove_student", {**about, "ban": True})
    finally:
        await asyncio.gather(*(one.close() for one in clients))
        server.stop()
    for name in ("livequiz.log", "audit.log"):  # as tools for logs do
        (folder / name).rename(folder / f"{name}.1")
    clients.clear()
    server = Server(folder, *SERVE)
    try:
        teacher = await client()
        await teacher.teach(token)
        assert (await (await client()).refused("join_student", _join(WHO)))["code"] == "forbidden"
    finally:
        await asyncio.gather(*(one.close() for one in clients))
        server.stop()


def _join(student_id: str) -> Json:
    return {"student_id": student_id, "name": LATER, **TEST}


@pytest.fixture
async def served(tmp_path: Path) -> Path:
    """A data folder after two lessons."""
    bank = tmp_path / "bank.json"
    metals = ("Gold", "Silver", "Iron", "Tin", "Lead", "Zinc", "Copper", "Nickel")
    questions = [{"question": f"{m}?", "type": "short_text", "correct": ["Au"]} for m in metals]
    bank.write_text(json.dumps(questions))
    folder = tmp_path / "data"
    await lessons(folder, bank)
    return folder


@pytest.mark.timeout(patient(240))
async def test_nothing_is_left_of_a_student_who_took_part_in_a_served_class(served: Path) -> None:
    before = await every_document(served)
    assert [trace in before for trace in TRACES] == [True, True, True]
    found = traces(served, *TRACES)
    assert {"audit.log", "audit.log.1"} < set(found)
    assert any(file.startswith("mongo/") for file in found)
    _, said = await livequiz("forget", WHO, "--yes", "--data-dir", served)
    assert "1 participant, 3 student questions, 3 responses, 1 ban, 1 warning." in said
    assert traces(served, *TRACES) == []
    left = await every_document(served)
    assert [trace in left.replace(OTHER, "") for trace in TRACES] == [False, False, False]
    assert "Marvin" in left
    assert OTHER in left
    audit = [
        json.loads(line)
        for name in ("audit.log.1", "audit.log")
        for line in (served / name).read_text().splitlines()
    ]
    theirs = {line[key] for line in audit for key in ("who", "student") if key in line}
    (pseudonym,) = {one for one in theirs if one.startswith("forgotten-")}
    assert [line["what"] for line in audit if line.get("student") == pseudonym] == [
        *("set_student", "ban", "remove", "ban")
    ]
    refused = [line["code"] for line in audit if line["who"] == pseudonym]
    assert refused == ["conflict", "forbidden", "forbidden"]


@pytest.mark.timeout(patient(240))
async def test_no_server_starts_while_a_student_is_forgotten(served: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "livequiz", "forget", WHO, "--data-dir", str(served)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None
    assert process.stdin is not None
    async with asyncio.timeout(PATIENCE):
        asked = await process.stderr.readuntil(b"[y/N]")
    assert LATER.encode() in asked
    _, said = await livequiz("serve", "--data-dir", served, "--port", "0", code=1)
    assert "is in use by another LiveQuiz server" in said
    out, err = await process.communicate(b"y\n")
    assert process.returncode == 0, err
    assert traces(served, *TRACES) == [], out


@pytest.mark.timeout(patient(240))
async def test_nobody_is_forgotten_beside_a_server(served: Path) -> None:
    server = Server(served, *SERVE)
    try:
        uri = running_uri(served)
        _, said = await livequiz("forget", WHO, "--yes", "--data-dir", served, code=1)
        assert "is in use by another LiveQuiz server" in said
        command = ("forget", WHO, "--yes", "--data-dir", served, "--mongo-url", uri)
        _, said = await livequiz(*command, code=1)
        assert "A server uses this database: stop it first, wait 10 seconds" in said
    finally:
        server.stop()
    assert WHO in await every_document(served)


@pytest.mark.timeout(patient(240))
async def test_a_server_that_was_killed_holds_its_database_for_ten_seconds(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    mongod = await PrivateMongod.start(tmp_path / "mongod")
    here = ("--data-dir", folder, "--mongo-url", mongod.uri)
    try:
        server = Server(folder, "--port", "0", "--meeting", "TEST", "--mongo-url", mongod.uri)
        student = RawClient(server.url)
        await student.open()
        await student.join(WHO, NAME)
        await student.close()
        server.stop(signal.SIGKILL)
        nodes = pymongo.MongoClient[Json](mongod.uri).get_default_database("livequiz")["nodes"]
        an_hour = {"startDate": "$$NOW", "unit": "hour", "amount": 1}
        nodes.update_many({}, [{"$set": {"seen_at": "$$NOW"}}])
        _, said = await livequiz("forget", WHO, "--yes", *here, code=1)
        assert "A server uses this database" in said
        nodes.update_many({}, [{"$set": {"seen_at": {"$dateSubtract": an_hour}}}])
        _, said = await livequiz("forget", WHO, "--yes", *here)
        assert "Erased: 1 participant." in said
        assert "That MongoDB is not LiveQuiz's own" in said
        nodes.database.client.close()
    finally:
        await mongod.stop()
