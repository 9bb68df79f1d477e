"""Two classes on one server: nothing of one is heard in the other."""

from __future__ import annotations

import json

from tests.conftest import TOKEN, Connect, RunningServer
from tests.helpers import RawClient, bank


async def test_nobody_hears_anything_of_another_class(
    server: RunningServer, teacher: RawClient, join: Connect, connect: Connect
) -> None:
    await server.import_questions(bank(4))
    other_teacher = await connect()
    await other_teacher.teach(TOKEN, meeting_id="OTHER")
    outsider = await join("OUT", meeting_id="OTHER")
    await outsider.next("presence_updated")
    await other_teacher.next("student_joined")
    before = len(outsider.log), len(other_teacher.log)

    student, second = await join("S001", "Alice"), await join("S002", "Bob")
    await teacher.trigger(duration=60)
    await student.answer("S001", await student.next("NEW_QUESTION"), 1)
    await teacher.ok("extend_round", {"meeting_id": "TEST", "seconds": 5})
    await teacher.ok("set_student", {"meeting_id": "TEST", "student_id": "S002", "time_factor": 2})
    await teacher.ok("lock_meeting", {"meeting_id": "TEST", "locked": True})
    await second.ok("leave", {})
    await teacher.next("round_closed")
    await teacher.ok("remove_student", {"meeting_id": "TEST", "student_id": "S001"})

    await outsider.ok("time_sync", {})
    await other_teacher.ok("time_sync", {})
    heard = outsider.log[before[0] :] + other_teacher.log[before[1] :]
    assert heard == [], json.dumps(heard)
    snapshot = await other_teacher.ok("get_snapshot", {"meeting_id": "OTHER"})
    assert [row["student_id"] for row in snapshot["students"]] == ["OUT"]
    assert snapshot["round"] is None
