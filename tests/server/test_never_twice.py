"""`serve --never-twice`: no question comes back in the next lesson of a class."""

from __future__ import annotations

import pytest

from livequiz.domain.model import NeverTwice
from livequiz.protocol.messages import NewQuestion
from livequiz.server.quiz.service import Policy
from tests.conftest import TOKEN, RunningServer
from tests.helpers import bank, next_of

ROUNDS = 3  # and questions in the bank, so that a lesson goes through all of them


async def lesson(server: RunningServer, meeting: str, class_name: str) -> tuple[list[str], int]:
    """Play rounds with one student; return their questions, and how many came a second time."""
    teacher = await server.instructor(meeting)
    await server.store.participants.set_setting(meeting, "class", class_name)
    student = await server.student("S001", meeting=meeting)
    asked, again = [], 0
    for _ in range(ROUNDS):
        sent = await teacher.trigger(duration=60)
        asked.append((await next_of(student, NewQuestion)).question_id)
        again += any("1 student has" in warning for warning in sent.warnings)
        await teacher.close_round()
    await student.close()
    await teacher.close()
    return asked, again


@pytest.mark.parametrize(
    ("scope", "in_class", "elsewhere"),
    [
        (NeverTwice.MEETING, False, False),
        (NeverTwice.CLASS, True, False),
        (NeverTwice.EVER, True, True),
    ],
)
async def test_questions_are_remembered_as_far_back_as_wanted(
    server: RunningServer, scope: NeverTwice, in_class: bool, elsewhere: bool
) -> None:
    """Whoever has had all questions gets them again in the order in which they had them."""
    await server.stop()
    server.policy = Policy(TOKEN, never_twice=scope)
    await server.start()
    await server.import_questions(bank(ROUNDS))
    first, again = await lesson(server, "MONDAY", "7B")
    assert (len(set(first)), again) == (ROUNDS, 0)
    for meeting, class_name, remembered in (
        ("TUESDAY", "7B", in_class),
        ("OTHER", "8A", elsewhere),
        ("NOCLASS", "", elsewhere),
        ("NEITHER", "", elsewhere),  # two meetings without a class are not of the same one
    ):
        asked, again = await lesson(server, meeting, class_name)
        assert len(set(asked)) == ROUNDS
        assert again == (ROUNDS if remembered else 0), meeting
        assert asked == first or not remembered
