"""What REST answers with, by section 4 and 5 of the contract, and a script that asks for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import aiohttp

from tests.conftest import TOKEN
from tests.contract import shapes
from tests.contract.shapes import Each, Maybe, OrNull, Shape, assert_shape
from tests.helpers import Json

PROBLEM: Shape = {
    "type": "about:blank",
    "title": shapes.text,
    "status": shapes.whole,
    "detail": shapes.text,
    "code": shapes.text,
    "field": Maybe(shapes.text),
}
MEETING: Shape = {
    "_id": shapes.text,
    "created_at": shapes.time,
    "locked": shapes.flag,
    "title": shapes.text,
    "class_name": shapes.text,
    "archived": shapes.flag,
}
PARTICIPANT: Shape = {
    "student_id": shapes.text,
    "meeting_id": shapes.text,
    "name": shapes.text,
    "joined_at": shapes.time,
    "status": shapes.one_of("active", "inactive"),
    "total_points": shapes.whole,
    "streak": shapes.whole,
    "responses": shapes.whole,
    "correct": shapes.whole,
}
ROUND: Shape = {
    "_id": shapes.oid,
    "meeting_id": shapes.text,
    "number": shapes.whole,
    "state": shapes.one_of("open", "closed"),
    "opened_at": shapes.time,
    "deadline": shapes.time,
    "closed_at": OrNull(shapes.time),
    "reason": OrNull(shapes.REASON),
    "filters": {
        "topics": shapes.texts,
        "difficulty": OrNull(shapes.text),
        "shuffle_options": shapes.flag,
        "allow_repeats": shapes.flag,
        "question_ids": shapes.texts,
        "draw_rules": shapes.texts,
    },
    "draw_seed": shapes.whole,
    "distinct": shapes.flag,
    "reveal": shapes.one_of("at_once", "after_round"),
    "points_for": shapes.one_of("accuracy", "speed", "off"),
    "warnings": shapes.texts,
    "counts": {"assigned": shapes.whole, "answered": shapes.whole, "correct": shapes.whole},
}
RESPONSE: Shape = {
    "_id": shapes.oid,
    "student_id": shapes.text,
    "question_id": shapes.oid,
    "answer": shapes.whole,
    "correct": shapes.flag,
    "timestamp": shapes.time,
    "response_time": shapes.number,
    "meeting_id": shapes.text,
    "round_id": shapes.oid,
    "points": shapes.number,
    "client_response_time": OrNull(shapes.number),
}
QUESTION: Shape = {
    "_id": shapes.oid,
    "question": shapes.text,
    "options": shapes.texts,
    "correct": shapes.whole,
    "created_at": shapes.time,
    "type": "single",
    "points": shapes.number,
    "time_limit": OrNull(shapes.number),
    "topics": shapes.texts,
    "difficulty": OrNull(shapes.text),
    "explanation": OrNull(shapes.text),
    "source": OrNull(shapes.text),
}
STATS: Shape = {
    "meeting_id": shapes.text,
    "rounds": shapes.whole,
    "responses": shapes.whole,
    "correct": shapes.whole,
    "accuracy": OrNull(shapes.number),
    "mean_response_time": OrNull(shapes.number),
    "round": OrNull(shapes.ROUND_STATS),
    "questions": Each({**shapes.QUESTION_STATS, "question": shapes.text}),
    "students": Each(
        {
            **{"student_id": shapes.text, "name": shapes.text},
            **{"responses": shapes.whole, "correct": shapes.whole},
            **{"accuracy": OrNull(shapes.number), "total_points": shapes.whole},
        }
    ),
}


@dataclass
class Api:
    """A script that uses the API."""

    url: str
    session: aiohttp.ClientSession

    async def ask(
        self, method: str, path: str, *, status: int = 200, token: str | None = TOKEN, **more: Any
    ) -> Any:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        async with self.session.request(method, self.url + path, headers=headers, **more) as reply:
            body = await reply.json(content_type=None)
            assert reply.status == status, body
            problem = reply.content_type == "application/problem+json"
            assert problem is (status >= 400), reply.content_type
            if status == 401:
                assert reply.headers["WWW-Authenticate"] == "Bearer"
            return body

    async def get(self, path: str, **more: Any) -> Any:
        return await self.ask("GET", path, **more)

    async def post(self, path: str, body: Any = None, **more: Any) -> Any:
        return await self.ask("POST", path, json=body, **more)

    async def refused(self, method: str, path: str, status: int, **more: Any) -> tuple[str, Any]:
        """Return the code and the field of a request that has to be refused."""
        problem = await self.ask(method, path, status=status, **more)
        assert_shape(problem, PROBLEM)
        assert problem["status"] == status
        return problem["code"], problem.get("field")

    async def pages(self, path: str, limit: int) -> list[list[Json]]:
        """Follow `next` to the end."""
        found, after = [], ""
        while True:
            page = await self.get(
                path, params={"limit": limit, **({"after": after} if after else {})}
            )
            assert page.keys() == {"items", "next"}
            found.append(page["items"])
            if page["next"] is None:
                return found
            after = page["next"]
