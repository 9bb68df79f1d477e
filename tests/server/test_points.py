"""What points depend on: the server's setting, or the round's."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from livequiz.domain.model import PointsFor
from livequiz.server.quiz.service import Policy, utc_now
from tests.conftest import TOKEN, Connect, RunningServer
from tests.helpers import Json, RawClient, bank

TEST = {"meeting_id": "TEST"}


class Skewed:
    """A clock that can be put forward."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return utc_now() + self.ahead


async def answered(
    clock: Skewed, student: RawClient, teacher: RawClient, **settings: object
) -> tuple[Json, Json]:
    """Play a round, answered rightly after half of its time: the question and the verdict."""
    await teacher.trigger(duration=60, **settings)
    question = await student.next("NEW_QUESTION")
    clock.ahead += timedelta(seconds=30)
    sent = {key: question[key] for key in ("question_id", "round_id")}
    verdict = await student.ok("submit_answer_ws", {**sent, "student_id": "S001", "answer": 1})
    await teacher.next("round_closed")
    return question, verdict


@pytest.mark.parametrize(
    ("default", "asked", "points"),
    [
        (PointsFor.ACCURACY, None, 2),
        (PointsFor.ACCURACY, "speed", 1.5),
        (PointsFor.SPEED, None, 1.5),
        (PointsFor.SPEED, "accuracy", 2),
        (PointsFor.NOTHING, None, 0),
        (PointsFor.SPEED, "off", 0),
    ],
)
async def test_points_depend_on_the_rounds_setting_or_the_servers(
    server: RunningServer,
    connect: Connect,
    default: PointsFor,
    asked: str | None,
    points: float,
) -> None:
    clock = Skewed()
    await server.stop()
    server.policy = Policy(TOKEN, points_for=default)
    server.now = clock
    await server.start()
    await server.import_questions(bank(2, points=2))
    teacher, student = await connect(), await connect()
    await teacher.teach(TOKEN)
    await student.join("S001")
    question, verdict = await answered(
        clock, student, teacher, **({"points_for": asked} if asked else {})
    )
    assert question["points"] == (0 if (asked or default) == "off" else 2)
    assert verdict["correct"] is True
    assert verdict["points"] == pytest.approx(points, abs=0.02)
    assert verdict["total_points"] == verdict["points"]
    (stored,) = await server.store.rounds.meeting_responses("TEST")
    assert stored.points == verdict["points"]
    (played,) = await server.store.rounds.page("TEST", 0, 9)
    assert played.points_for == (asked or default)
