"""What the server does is what its own OpenAPI document says, whatever it is sent."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import given
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    positive_data_acceptance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from livequiz.server.http.routes import RestApi
from tests.conftest import TOKEN, Connect, RunningServer
from tests.fuzz.effort import SECONDS, effort
from tests.helpers import Json, RawClient, bank
from tests.patience import PATIENCE

pytestmark = [pytest.mark.timeout(SECONDS), pytest.mark.usefixtures("quiet_log")]

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
TABLE = RestApi(None).table  # type: ignore[arg-type]
RUNS = [
    pytest.param(mode, route.method, route.path, id=f"{mode.value} {route.method} {route.path}")
    for route in TABLE
    for mode in GenerationMode
    if route.parameters or mode is GenerationMode.POSITIVE  # else there is nothing to get wrong
]


@pytest.fixture
async def places(server: RunningServer, teacher: RawClient, join: Connect) -> Json:
    """What stands for what is there: a meeting, a round, a student with its question."""
    await server.import_questions(bank(5))
    student = await join("S001")
    await join("S002")
    token = (await student.next("joined"))["resume_token"]
    await teacher.trigger(duration=3_600)
    question = await student.next("NEW_QUESTION")
    names = ("round_id", "question_id")
    found = {"meeting_id": "TEST", "student_id": "S001", "resume_token": token, "answer": 1}
    found |= {"questions": bank(1), "topics": None, "difficulty": None, "url": server.url}
    return found | {name: question[name] for name in names}


@pytest.mark.parametrize(("mode", "method", "path"), RUNS)
async def test_answers_are_those_of_the_document(
    server: RunningServer, places: Json, mode: GenerationMode, method: str, path: str
) -> None:
    url = f"{server.url}/api/v1/openapi.json"

    def run() -> None:
        api = schemathesis.openapi.from_url(url)
        with requests.Session() as session:
            # A body has rules that no schema can tell: two options may not be the same.
            accepted = method == "GET" and mode is GenerationMode.POSITIVE
            checks = [*CHECKS, positive_data_acceptance] if accepted else CHECKS
            cases = api[path][method].as_strategy(generation_mode=mode)
            _fuzz(cases, checks, places, session)

    await asyncio.to_thread(run)


def _fuzz(cases: Any, checks: list[Any], places: Json, session: requests.Session) -> None:
    tokens = st.sampled_from([TOKEN, TOKEN, places["resume_token"], "wrong", None])

    @effort(30)
    @given(case=cases, token=tokens, there=st.booleans())
    def check(case: schemathesis.Case[Any], token: str | None, there: bool) -> None:
        if there:  # else nearly no request would find its meeting
            for fields in (case.path_parameters, case.body):
                if isinstance(fields, dict):
                    fields |= {name: places[name] for name in fields if name in places}
            _make_way(case, places["url"], session)
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        case.call_and_validate(session=session, headers=headers, checks=checks)

    check()


def _make_way(case: schemathesis.Case[Any], server: str, session: requests.Session) -> None:
    """Close the round before one is opened, and open one before it is closed."""
    url = f"{server}/api/v1/meetings/TEST/rounds"
    first = {"trigger": f"{url}/current/close", "close": url}
    if (before := first.get(case.operation.definition.raw["operationId"])) is not None:
        session.post(before, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=PATIENCE)
