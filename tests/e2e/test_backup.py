"""What docs/configuration.md says of backups."""

from __future__ import annotations

import shutil
from pathlib import Path

from livequiz.client.instructor import InstructorSession
from livequiz.client.student import StudentSession
from livequiz.protocol.messages import NewQuestion
from tests.e2e.test_command_line import Server
from tests.helpers import next_of


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
