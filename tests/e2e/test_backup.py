"""What docs/configuration.md says of backups: copies of a stopped folder, and `livequiz backup`."""

from __future__ import annotations

import asyncio
import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from bson import ObjectId

from livequiz.client.instructor import InstructorSession
from livequiz.client.student import StudentSession
from livequiz.db.opening import open_store
from livequiz.protocol.messages import NewQuestion, QuestionsSent
from tests.e2e.test_command_line import Server
from tests.helpers import Json, next_of
from tests.helpers import bank as questions
from tests.patience import patient
from tests.results.at_shell import livequiz

STUDENTS = [f"S{n:03}" for n in range(1, 13)]


async def test_a_copy_of_the_data_folder_has_the_class(tmp_path: Path) -> None:
    folder, copy = tmp_path / "data", tmp_path / "backup"
    server = Server(folder, "--port", "0", "--meeting", "TEST")
    token = (folder / "instructor-token").read_text().strip()
    teacher, student = InstructorSession(server.url), StudentSession(server.url)
    try:
        await teacher.open()
        await teacher.join("teacher", "TEST", token)
        await student.open()
        await student.join("S001", "TEST", "Alice")
        await teacher.trigger(duration=60)
        question = await next_of(student, NewQuestion)
        assert question.question_id
    finally:
        await student.close()
        await teacher.close()
        server.stop()
    shutil.copytree(folder, copy)
    restored = Server(copy, "--port", "0")
    teacher = InstructorSession(restored.url)
    try:
        await teacher.open()
        snapshot = await teacher.join("teacher", "TEST", token)
        assert [row.name for row in snapshot.students] == ["Alice"]
    finally:
        await teacher.close()
        restored.stop()


@dataclass
class Lesson:
    """A teacher and twelve students, who answer one round after another.

    Attributes:
        answered: The acknowledged answers: student, round and question, oldest first.
    """

    teacher: InstructorSession
    students: dict[str, StudentSession]
    answered: list[tuple[str, str, str]] = field(default_factory=list)

    @classmethod
    async def begin(cls, server: Server, tokens: dict[str, str] | None = None) -> Lesson:
        """Join everybody, with the resume tokens that they have from before."""
        teacher = InstructorSession(server.url)
        await teacher.open()
        secret = (server.folder / "instructor-token").read_text().strip()
        await teacher.join("teacher", "TEST", secret)
        lesson = cls(teacher, {one: StudentSession(server.url) for one in STUDENTS})
        for student_id, session in lesson.students.items():
            await session.open()
            token = tokens[student_id] if tokens else None
            joined = await session.join(student_id, "TEST", f"Student {student_id}", token)
            assert bool(joined.history) == (tokens is not None)
        return lesson

    @property
    def tokens(self) -> dict[str, str]:
        """The students' resume tokens."""
        return {one: s.joined.resume_token for one, s in self.students.items() if s.joined}

    async def round(self) -> QuestionsSent:
        """Play a round, which ends when the last student has answered."""
        sent = await self.teacher.trigger(duration=60)
        assert sent.count == len(STUDENTS)
        await asyncio.gather(*(self._answer(sent.round_id, *one) for one in self.students.items()))
        return sent

    async def _answer(self, round_id: str, student_id: str, session: StudentSession) -> None:
        question = await next_of(session, NewQuestion)
        while question.round_id != round_id:  # one that was open when they came
            question = await next_of(session, NewQuestion)
        await session.answer(question.question_id, question.round_id, 0, spent=1.0)
        self.answered.append((student_id, question.round_id, question.question_id))

    async def end(self) -> None:
        """Close all connections."""
        await asyncio.gather(*(s.close() for s in (self.teacher, *self.students.values())))


async def documents(folder: Path) -> dict[str, list[Json]]:
    """Return what a folder without a server has."""
    async with open_store(folder, None) as (store, _):
        names = ("rounds", "student_questions", "responses", "participants")
        return {n: await store._database[n].find({}).sort("_id", 1).to_list(None) for n in names}


def assert_nothing_is_half_there(stored: dict[str, list[Json]]) -> None:
    """Check that responses have assignments and rounds, and closed rounds all their answers."""
    assert len(stored["participants"]) == len(STUDENTS)
    rounds = {one["_id"]: one for one in stored["rounds"]}
    asked = {
        (a["round_id"], a["student_id"], a["question_id"]) for a in stored["student_questions"]
    }
    answered: dict[ObjectId, int] = dict.fromkeys(rounds, 0)
    for one in stored["responses"]:
        assert (one["round_id"], one["student_id"], one["question_id"]) in asked
        answered[one["round_id"]] += 1
    for round_id, one in rounds.items():
        assert sum(of_round == round_id for of_round, *_ in asked) == len(STUDENTS)
        if one["state"] == "closed":
            assert answered[round_id] == one["counts"]["answered"] == len(STUDENTS)


@pytest.mark.timeout(patient(240))
async def test_a_backup_in_the_middle_of_a_class_has_every_answer_so_far(tmp_path: Path) -> None:
    folder, other, file = tmp_path / "data", tmp_path / "other", tmp_path / "class.zip"
    bank = tmp_path / "bank.json"
    bank.write_text(json.dumps(questions(1000)))
    start = ("--port", "0", "--meeting", "TEST")
    server = Server(folder, *start, "--bank", str(bank))
    lesson = await Lesson.begin(server)
    try:
        await lesson.round()
        before = len(lesson.answered)
        assert before == len(STUDENTS)
        copying = asyncio.create_task(livequiz("backup", file, "--data-dir", folder))
        while not copying.done():
            await lesson.round()
        assert len(lesson.answered) > before  # the class did not wait for the backup
        _, said = await copying
        assert f"Wrote {file}" in said
        acknowledged = {*lesson.answered[:before]}
        _, said = await livequiz("restore", file, "--data-dir", folder, code=1)
        assert "choose another data folder with --data-dir" in said  # also beside the server
        sent = await lesson.round()
        tokens = lesson.tokens
    finally:
        await lesson.end()
        server.stop()
    _, said = await livequiz("restore", file, "--data-dir", other)
    assert "12 participants" in said
    stored = await documents(other)
    assert_nothing_is_half_there(stored)
    answers = {
        (one["student_id"], str(one["round_id"]), str(one["question_id"]))
        for one in stored["responses"]
    }
    assert acknowledged <= answers <= {*lesson.answered}
    assert len(stored["rounds"]) < sent.round_number  # the class went on without the copy

    again = Server(other, *start)
    lesson = await Lesson.begin(again, tokens)
    try:
        snapshot = await lesson.teacher.snapshot()
        if snapshot.round and snapshot.round.state == "open":  # the copy was made in it
            await lesson.teacher.close_round()
        sent = await lesson.round()
        assert sent.round_number == len(stored["rounds"]) + 1
        assert sent.distinct
        had = {(student, question) for student, _, question in answers}
        assert not had & {(student, question) for student, _, question in lesson.answered}
    finally:
        await lesson.end()
        again.stop()
    _, said = await livequiz("restore", file, "--data-dir", other, code=1)
    assert "choose another data folder with --data-dir" in said
