"""`serve --never-twice`: no question comes back in the next lesson of a class."""

from __future__ import annotations

import pytest

from livequiz.domain.model import NeverTwice
from livequiz.protocol.messages import NewQuestion
from livequiz.server.quiz.service import Policy
from tests.conftest import TOKEN, RunningServer
from tests.helpers import bank, next_of


async def lesson(server: RunningServer, meeting: str, class_name: str, rounds: int) -> list[str]:
    """Play rounds with one student; return their questions."""
    teacher = await server.instructor(meeting)
    await server.store.participants.set_setting(meeting, "class", class_name)
    student = await server.student("S001", meeting=meeting)
    asked = []
    for _ in range(rounds):
        await teacher.trigger(duration=60)
        asked.append((await next_of(student, NewQuestion)).question_id)
        await teacher.close_round()
    await student.close()
    await teacher.close()
    return asked


@pytest.mark.parametrize("scope", NeverTwice)
async def test_questions_are_remembered_as_far_back_as_wanted(
    server: RunningServer, scope: NeverTwice
) -> None:
    await server.stop()
    server.policy = Policy(TOKEN, never_twice=scope)
    await server.start()
    await server.import_questions(bank(6))
    first = await lesson(server, "MONDAY", "7B", 3)
    second = await lesson(server, "TUESDAY", "7B", 3)
    assert len(set(first)) == len(set(second)) == 3
    if scope is not NeverTwice.MEETING:
        assert not set(first) & set(second)
    other = await lesson(server, "OTHER", "8A", 6)
    assert len(set(other)) == 6  # all are new to that class, or come back in order
    if scope is NeverTwice.EVER:
        assert other == [*first, *second]
