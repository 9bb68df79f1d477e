"""A report as JSON, and the schema of it."""

from __future__ import annotations

from typing import Any

import msgspec

from livequiz.results.report import SCHEMA, Report


def write(report: Report) -> bytes:
    """Return the report as JSON."""
    return msgspec.json.format(msgspec.json.encode(report), indent=2) + b"\n"


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of reports."""
    schema = msgspec.json.schema(Report)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:{SCHEMA.replace('/', ':')}",
        "title": "What a class learned, as `livequiz results` writes it",
        **schema,
    }
