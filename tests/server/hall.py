"""A class that is put straight into the database, with a past as long as a test wants it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from bson import ObjectId

from livequiz.protocol.requests import SubmitAnswer, TriggerQuestions
from livequiz.server.cache.live_round import LiveRound
from livequiz.server.quiz.seats import HeldSeat
from livequiz.server.quiz.service import utc_now
from tests.conftest import RunningServer
from tests.helpers import Json

BEFORE = datetime(2026, 1, 15, 10, 5, 15, tzinfo=UTC)


def names(size: int) -> list[str]:
    return [f"S{number:04d}" for number in range(size)]


async def fill(server: RunningServer, meeting: str, size: int) -> None:
    """Open a meeting in which that many students are connected."""
    await server.store.participants.open_meeting(meeting, BEFORE)
    seats = [
        {
            "student_id": name,
            "meeting_id": meeting,
            "socket_id": f"socket-of-{name}",
            "name": name,
            "joined_at": BEFORE,
            "status": "active",
            "resume_token_hash": None,
            "node_id": server.service.node_id,
        }
        for name in names(size)
    ]
    await server.store._database["participants"].insert_many(seats)
    # Held here too: else they are ghosts, which a stall of the machine lets the server find.
    for student in await server.store.participants.students(meeting):
        server.service.seats.take(HeldSeat(student, f"socket-of-{student.id}", version=0))


async def live_through(server: RunningServer, meeting: str, size: int, rounds: int) -> None:
    """Store closed rounds in which everybody answered, as an earlier server left them."""
    database = server.store._database
    bank = await database["questions"].distinct("_id")
    closed = [_round(meeting, number, size) for number in range(1, rounds + 1)]
    assignments, responses = [], []
    for row in closed:
        for place, name in enumerate(names(size)):
            question = bank[(place + row["number"]) % len(bank)]
            both: Json = {
                "student_id": name,
                "question_id": question,
                "meeting_id": meeting,
                "round_id": row["_id"],
            }
            sent = {"sent_time": BEFORE, "deadline": BEFORE, "status": "answered"}
            assignments.append({**both, **sent, "option_order": []})
            verdict = {"answer": 1, "correct": True, "points": 1, "response_time": 1.0}
            responses.append({**both, **verdict, "timestamp": BEFORE, "client_response_time": 1.0})
    await database["rounds"].insert_many(closed)
    await database["student_questions"].insert_many(assignments)
    await database["responses"].insert_many(responses)
    scores = {"total_points": rounds, "streak": rounds, "scored_round": str(closed[-1]["_id"])}
    await database["participants"].update_many({"meeting_id": meeting}, {"$set": scores})


def _round(meeting: str, number: int, size: int) -> Json:
    return {
        "_id": ObjectId(),
        "meeting_id": meeting,
        "number": number,
        "state": "closed",
        "opened_at": BEFORE,
        "deadline": BEFORE + timedelta(minutes=1),
        "closed_at": BEFORE + timedelta(minutes=1),
        "reason": "complete",
        "filters": {
            "topics": [],
            "difficulty": None,
            "shuffle_options": False,
            "allow_repeats": False,
        },
        "reveal": "at_once",
        "distinct": True,
        "warnings": [],
        "draw_seed": 1,
        "counts": {"assigned": size, "answered": size, "correct": size},
    }


async def trigger(server: RunningServer, meeting: str, **filters: Any) -> LiveRound:
    """Open a round."""
    wanted: Json = {"duration": 600, **filters}
    await server.service.rounds.trigger(meeting, TriggerQuestions(meeting_id=meeting, **wanted))
    live = (await server.service.meetings.get(meeting)).open
    assert live is not None
    return live


async def answer(server: RunningServer, live: LiveRound, name: str, choice: int = 1) -> bool:
    """Answer for a student; return whether it was right."""
    request = SubmitAnswer(
        student_id=name, question_id=live.assignments[name].question_id, answer=choice
    )
    result = await server.service.answers.answer(live.round.meeting_id, request, utc_now())
    assert result.duplicate is False
    return bool(result.correct)
