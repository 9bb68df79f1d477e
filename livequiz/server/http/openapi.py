"""The OpenAPI 3.1 document of the REST API, generated from the route table and the wire types."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import msgspec

from livequiz import __version__
from livequiz.domain.errors import Code
from livequiz.protocol.fields import WELL_FORMED
from livequiz.protocol.resources import Problem
from livequiz.server.http.parameters import Parameter
from livequiz.server.http.problems import PROBLEM_TYPE
from livequiz.server.http.route import JSON_TYPE, TEXT_TYPE, Access, Route

Json = dict[str, Any]

REF = "#/components/schemas/{name}"
DESCRIPTION = "Live quiz rounds for a classroom. Indexes of options are 0-based, durations seconds."


def document(routes: Sequence[Route]) -> Json:
    """Return the OpenAPI document for these routes."""
    schemas = _Schemas()
    paths: Json = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "LiveQuiz", "version": __version__, "description": DESCRIPTION},
        "paths": paths,
        "components": {"schemas": schemas.components, "securitySchemes": _security_schemes()},
    }


class _Schemas:
    """JSON Schemas of types; the named ones are collected in `components`."""

    def __init__(self) -> None:
        self.components: Json = {}

    def of(self, kind: Any) -> Json:
        (schema,), named = msgspec.json.schema_components((kind,), ref_template=REF)
        self.components |= {name: _portable(found) for name, found in named.items()}
        found: Json = _portable(schema)
        return found


def _operation(route: Route, schemas: _Schemas) -> Json:
    found: Json = {
        "operationId": route.handler.__name__,
        "summary": inspect.getdoc(route.handler),
        "security": [{route.access.name.lower(): []}] if route.access.value else [],
        "responses": _responses(route, schemas),
    }
    by_location: dict[str, list[Parameter]] = {}
    for parameter in route.parameters:
        by_location.setdefault(parameter.location, []).append(parameter)
    if listed := [*by_location.get("path", ()), *by_location.get("query", ())]:
        found["parameters"] = [_parameter(parameter, schemas) for parameter in listed]
    for body in by_location.get("body", ()):
        required = any(field.required for field in msgspec.structs.fields(body.kind))
        content = {JSON_TYPE: {"schema": schemas.of(body.kind)}}
        found["requestBody"] = {"required": required, "content": content}
    return found


def _parameter(parameter: Parameter, schemas: _Schemas) -> Json:
    schema = schemas.of(parameter.kind)
    if parameter.location == "query":
        # A query string has no null: an absent parameter takes its place.
        kinds = [kind for kind in schema.get("anyOf", [schema]) if kind != {"type": "null"}]
        schema = kinds[0] if parameter.default is None else {**schema, "default": parameter.default}
    return {
        "name": parameter.name,
        "in": parameter.location,
        "required": parameter.location == "path",
        "schema": schema,
    }


def _responses(route: Route, schemas: _Schemas) -> Json:
    media = TEXT_TYPE if route.answers is str else JSON_TYPE
    found = {str(route.status): _response(route.status, media, schemas.of(route.answers))}
    problem = schemas.of(Problem)
    for status, codes in route.refusals.items():
        found[str(status)] = _response(status, PROBLEM_TYPE, problem, codes)
    return found


def _response(status: int, media: str, schema: Json, codes: Sequence[Code] = ()) -> Json:
    words = ", ".join(f"`{code.value}`" for code in codes) or HTTPStatus(status).phrase
    return {"description": words, "content": {media: {"schema": schema}}}


def _security_schemes() -> Json:
    return {
        access.name.lower(): {"type": "http", "scheme": "bearer", "description": access.value}
        for access in Access
        if access.value
    }


def _portable(schema: Any) -> Any:
    """Return a schema without the pattern for well-formed text, which JSON ensures anyway.

    The pattern names surrogates, which not every regular expression dialect supports.
    """
    if isinstance(schema, list):
        return [_portable(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: _portable(item)
        for key, item in schema.items()
        if (key, item) != ("pattern", WELL_FORMED)
    }
