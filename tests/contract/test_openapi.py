"""`GET /api/v1/openapi.json` says what section 4 of the contract says, and what the code does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from livequiz.domain.errors import Code
from livequiz.protocol.codec import decode
from livequiz.protocol.requests import RoundRequest
from tests.contract.resources import Api
from tests.contract.test_rest import OPEN, ROUTES
from tests.helpers import Json

CONTRACT = Path(__file__).parents[2] / "docs" / "protocol.md"
PLACES = {"m": "meeting_id", "r": "round_id"}


def operations(document: Json) -> dict[tuple[str, str], Json]:
    return {
        (method.upper(), path): operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from ([value["$ref"]] if "$ref" in value else [])
    for item in value.values() if isinstance(value, dict) else value:
        if isinstance(item, dict | list):
            yield from references(item)


async def test_it_is_open_and_lists_every_route(api: Api) -> None:
    document = await api.get("/api/v1/openapi.json", token=None)
    assert document["openapi"] == "3.1.0"
    assert list(operations(document)) == ROUTES


def test_the_contract_lists_the_same_routes() -> None:
    section = CONTRACT.read_text().split("## 4.")[1].split("## 5.")[0]
    listed = re.findall(r"`(GET|POST) (?:/api/v1)?(/[a-z./{}]*)", section)
    assert {(method, re.sub(r"{(.)}", _named, path)) for method, path in listed} == {
        (method, path.removeprefix("/api/v1")) for method, path in ROUTES
    }


def _named(place: re.Match[str]) -> str:
    return "{" + PLACES[place[1]] + "}"


async def test_every_reference_leads_somewhere(api: Api) -> None:
    document = await api.get("/api/v1/openapi.json", token=None)
    schemas = document["components"]["schemas"]
    found = set(references(document))
    assert found == {f"#/components/schemas/{name}" for name in schemas}


async def test_it_says_who_may_use_a_route(api: Api) -> None:
    document = await api.get("/api/v1/openapi.json", token=None)
    schemes = document["components"]["securitySchemes"]
    assert {(scheme["type"], scheme["scheme"]) for scheme in schemes.values()} == {
        ("http", "bearer")
    }
    for (method, path), operation in operations(document).items():
        student = (method, path) == ("POST", "/api/v1/meetings/{meeting_id}/responses")
        who = "projector" if path.endswith("/projection") else "instructor"
        expected: list[dict[str, list[str]]] = [{"student" if student else who: []}]
        assert operation["security"] == ([] if path in OPEN else expected), path
        assert ("401" in operation["responses"]) is (path not in OPEN)


async def test_it_says_what_a_route_takes_answers_and_refuses(api: Api) -> None:
    document = await api.get("/api/v1/openapi.json", token=None)
    routes, schemas = operations(document), document["components"]["schemas"]
    listed = routes["GET", "/api/v1/meetings/{meeting_id}/rounds"]
    limit = next(each for each in listed["parameters"] if each["name"] == "limit")
    assert limit == {
        "name": "limit",
        "in": "query",
        "required": False,
        "schema": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100},
    }
    opened = routes["POST", "/api/v1/meetings/{meeting_id}/rounds"]
    assert opened["requestBody"]["required"] is False
    assert opened["requestBody"]["content"]["application/json"]["schema"]["$ref"].endswith(
        "/RoundRequest"
    )
    assert schemas["RoundRequest"]["properties"].keys() == set(RoundRequest.__struct_fields__)
    assert opened["responses"].keys() == set("201 400 401 404 409 413 415 429 500 503".split())
    assert "`no_students`" in opened["responses"]["409"]["description"]
    assert schemas["Code"]["enum"] == sorted(Code)
    topics = schemas["RoundRequest"]["properties"]["topics"]["anyOf"][0]["items"]
    assert topics == {"type": "string", "minLength": 1, "maxLength": 80}  # and no surrogates
    assert decode({"topics": ["x"]}, RoundRequest).topics == ["x"]
