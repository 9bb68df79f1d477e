"""Every REST route of the table, with any path, query, header and body, from everybody."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livequiz.protocol.questions import QuestionIn
from livequiz.protocol.resources import QuestionsRequest
from livequiz.server.http.route import Access, Route
from tests.conftest import TOKEN
from tests.fuzz.api import TABLE, Asked, ask, asked, bodies, body_of, token_of
from tests.fuzz.effort import SECONDS, effort
from tests.fuzz.payloads import MORE_OPERATORS, TEXT, Mine
from tests.fuzz.school import ROLES, School
from tests.helpers import Json, bank
from tests.server.bad_values import OPERATORS

pytestmark = pytest.mark.timeout(SECONDS)

SEGMENTS = st.binary(max_size=30) | TEXT.map(lambda text: text[:300])
QUERIES = st.dictionaries(
    st.sampled_from(["after", "limit", "x"]),
    st.integers().map(str) | TEXT.map(lambda text: text[:300]),
    max_size=3,
)
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "Content-Encoding": st.sampled_from(["gzip", "deflate", "br", "zstd", "nonsense"]),
        "Content-Type": st.sampled_from(["application/json", "text/plain", "x", "a/b; charset=x"]),
    },
)


def requests(route: Route) -> st.SearchStrategy[Asked]:
    """Return requests that reach that route, most of them."""
    names = [each.name for each in route.parameters if each.location == "path"]
    path = st.fixed_dictionaries({name: st.just(Mine(name)) | SEGMENTS for name in names})
    return st.builds(Asked, st.just(route), path, QUERIES, HEADERS, bodies(route))


@pytest.mark.parametrize("role", ROLES)
@effort(30)
@given(batch=st.lists(st.one_of([requests(route) for route in TABLE]), min_size=5, max_size=20))
async def test_any_request_is_answered_with_json_or_a_problem(
    school: School, role: str, batch: list[Asked]
) -> None:
    mine = (await school.guest(role)).mine
    for one in batch:
        await ask(school, token_of(role, mine), mine, one)
    await school.assert_well()


WITH_A_BODY = [pytest.param(route, id=route.path) for route in TABLE if body_of(route)]


@pytest.mark.parametrize("route", WITH_A_BODY)
async def test_an_operator_in_any_field_of_a_body_is_refused(school: School, route: Route) -> None:
    role = "student" if route.access is Access.STUDENT else "instructor"
    mine = (await school.guest(role)).mine
    token = token_of(role, mine)
    for field in msgspec.structs.fields(body_of(route)):
        for operator in (*OPERATORS, *MORE_OPERATORS):
            for wrong in (operator, [operator]):
                status = await ask(school, token, mine, asked(route, {field.name: wrong}))
                assert status == 400, (field.name, wrong)
    await school.assert_well()


async def test_an_operator_in_any_field_of_a_question_is_refused(school: School) -> None:
    (route,) = (route for route in TABLE if body_of(route) is QuestionsRequest)
    good: Json = bank(1)[0]
    for field in QuestionIn.__struct_fields__:
        for operator in (*OPERATORS, *MORE_OPERATORS):
            for wrong in (operator, [operator]):
                body = {"questions": [{**good, field: wrong}]}
                assert await ask(school, TOKEN, {}, asked(route, body)) == 400, (field, wrong)
    await school.assert_well()


PARAMETERS = [(route, each) for route in TABLE for each in route.parameters]


async def test_an_operator_in_any_parameter_is_refused(school: School) -> None:
    for route, parameter in PARAMETERS:
        for wrong in ('{"$gt":""}', "$ne", '["$in"]', "a.b$", "\x00", "\ud800"):
            one = asked(route, {})
            places = {"path": one.path, "query": one.query}
            if parameter.location in places:
                places[parameter.location][parameter.name] = wrong
                status = await ask(school, TOKEN, {"meeting_id": "instructor"}, one)
                # A path with braces leads nowhere.
                refused = {400, 404} if parameter.location == "path" else {400}
                assert status in refused, (route.path, parameter.name, wrong)
    await school.assert_well()
