"""Instructors see how each student takes part, by what their client says of itself."""

from __future__ import annotations

import pytest

from tests.conftest import Connect, RunningServer
from tests.helpers import RawClient


@pytest.mark.parametrize(
    ("client", "way"),
    [
        ("livequiz-page", "page"),
        ("livequiz-ssh/1.0", "ssh"),
        ("livequiz-student/1.0", "terminal"),
        ("livequiz-plain/1.0", "plain"),
        ("livequiz", None),
        ("theirs/2", None),
        (None, None),
    ],
)
async def test_the_client_tells_the_way(
    teacher: RawClient, connect: Connect, client: str | None, way: str | None
) -> None:
    student = await connect(auth={"client": client} if client else None)
    await student.join("S001")
    assert (await teacher.next("student_joined")).get("way") == way
    snapshot = await teacher.ok("get_snapshot", {"meeting_id": "TEST"})
    assert snapshot["students"][0].get("way") == way


async def test_the_way_is_that_of_the_last_join(
    server: RunningServer, teacher: RawClient, connect: Connect
) -> None:
    page = await connect(auth={"client": "livequiz-page"})
    token = (await page.join("S001"))["resume_token"]
    other = await connect(auth={"client": "theirs"})
    await other.join("S001", resume_token=token)
    stored = await server.store.participants.students("TEST")
    assert [student.way for student in stored] == [None]
