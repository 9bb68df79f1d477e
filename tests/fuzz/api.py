"""A request of a REST route, right or wrong, and what its reply has to be like."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import aiohttp
from hypothesis import strategies as st
from yarl import URL

from livequiz.server.http.problems import PROBLEM_TYPE
from livequiz.server.http.route import JSON_TYPE, TEXT_TYPE, Route
from livequiz.server.http.routes import RestApi
from tests.conftest import TOKEN
from tests.contract import resources
from tests.contract.shapes import assert_shape
from tests.fuzz.payloads import ANYTHING, Mine, filled, nearly_right, spoiled, valid
from tests.fuzz.school import EXPECTED, School
from tests.fuzz.wire import written
from tests.helpers import Json

TABLE = RestApi(None).table  # type: ignore[arg-type]


@dataclass
class Asked:
    """A request; a body that is bytes is sent as it is, any other one as JSON."""

    route: Route
    path: dict[str, Any]
    query: dict[str, str]
    headers: dict[str, str]
    body: Any


def asked(route: Route, body: Any) -> Asked:
    """Return a request with that body, of which all else is right."""
    names = [each.name for each in route.parameters if each.location == "path"]
    return Asked(route, {name: Mine(name) for name in names}, {}, {}, body)


def body_of(route: Route) -> Any:
    """Return the type of a route's body, or None."""
    return next((each.kind for each in route.parameters if each.location == "body"), None)


def bodies(route: Route) -> st.SearchStrategy[Any]:
    """Return bodies of any kind, the route's own among them."""
    kind = body_of(route)
    without_oversized = [valid(kind), spoiled(kind), nearly_right(kind)] if kind else []
    return st.one_of(*without_oversized, ANYTHING, st.binary(max_size=30))


def quoted(value: str | bytes) -> str:
    """Return anything as it can stand in a URL."""
    raw = value if isinstance(value, bytes) else value.encode(errors="surrogatepass")
    return quote(raw, safe="")


def token_of(role: str, mine: Json) -> str:
    """Return what a role shows as its token."""
    tokens = {"nobody": "wrong", "instructor": TOKEN}
    return str(mine.get("resume_token", "")) if role == "student" else tokens[role]


async def ask(school: School, token: str | None, mine: Json, one: Asked) -> int:
    """Send a request with a token; return the status of a reply that is as it should be."""
    path = {name: quoted(item) for name, item in filled(one.path, mine).items()}
    query = "&".join(f"{name}={quoted(item)}" for name, item in one.query.items())
    url = URL(f"{school.server.url}{one.route.path.format(**path)}?{query}", encoded=True)
    body = one.body
    sent = body if isinstance(body, bytes) else written(filled(body, mine), []).encode()
    data = sent if one.route.method == "POST" else None
    shown = {} if token is None else {"Authorization": f"Bearer {token}"}
    async with school.session.request(
        one.route.method,
        url,
        headers={**one.headers, **shown},
        data=data if one.route.method == "POST" else None,
    ) as reply:
        text = await reply.text()
        if not (reply.status == 400 and "Content-Encoding" in one.headers):
            assert_replied(one.route, reply, text)
        # Else aiohttp could not even read the request, and said so by itself.
        return reply.status


def assert_replied(route: Route, reply: aiohttp.ClientResponse, text: str) -> None:
    """Fail unless a reply is what the route says, or a problem with a code that it names."""
    if reply.status == route.status:
        assert reply.content_type == (TEXT_TYPE if route.answers is str else JSON_TYPE)
        return
    assert reply.content_type == PROBLEM_TYPE, (reply.status, text)
    problem = json.loads(text)
    assert_shape(problem, resources.PROBLEM)
    assert problem["status"] == reply.status
    assert problem["code"] in EXPECTED, problem
    astray = reply.status in {404, 405}  # an odd path leads to another route, or to none
    assert astray or problem["code"] in route.refusals[reply.status], problem
