"""The scalar fields of the wire: what an identifier, a duration or a text may be.

Every pattern of an id ends in `(?!\\n)$`: `$` alone also matches before a final newline.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated, Any

from msgspec import Meta

from livequiz.domain.timing import GREATEST_FACTOR, LEAST_FACTOR

StudentId = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._@-]+(?!\n)$")]
MeetingId = Annotated[str, Meta(min_length=1, max_length=32, pattern=r"^[A-Za-z0-9_-]+(?!\n)$")]
InstructorId = StudentId
ObjectIdStr = Annotated[str, Meta(min_length=24, max_length=24, pattern=r"^[0-9a-f]{24}(?!\n)$")]
Name = Annotated[str, Meta(min_length=1, max_length=400)]  # `domain.text` decides the rest
# JSON can spell half of a surrogate pair, which neither a hash nor MongoDB takes.
WELL_FORMED = r"^[^\ud800-\udfff]*$"
Token = Annotated[str, Meta(max_length=200, pattern=WELL_FORMED)]
Client = Annotated[str, Meta(max_length=100, pattern=WELL_FORMED)]
Topic = Annotated[str, Meta(min_length=1, max_length=80, pattern=WELL_FORMED)]
Topics = Annotated[list[Topic], Meta(max_length=50)]
# In one message of at most 64 KiB.
MOST_CHOSEN = 1_000
QuestionIds = Annotated[list[ObjectIdStr], Meta(min_length=1, max_length=MOST_CHOSEN)]
OptionIndex = Annotated[int, Meta(ge=0, le=63)]
# What a question of any type can be answered with; which of them it takes, its type says. An
# integer may be a number, so that it is not held to be a place here.
AnswerIn = (
    Annotated[int, Meta(ge=-(2**53), le=2**53)]
    | Annotated[list[OptionIndex], Meta(max_length=26)]
    | float
    | Annotated[str, Meta(max_length=1_000, pattern=WELL_FORMED)]
)
LONGEST = 86_400  # seconds
LONGEST_TIME = 100  # characters
MOST_TIME = 1e19  # a clock in nanoseconds fits
# The server uses neither of a client's own times, so no request is refused for one of them.
ClientTime = Annotated[
    Any, Meta(description="By the client's clock; what can't be a time counts as null.")
]
# Names of question types, of which a newer client may know some that this server does not.
TypeNames = Annotated[list[Annotated[str, Meta(max_length=40)]], Meta(max_length=40)]
Duration = Annotated[float, Meta(ge=1, le=86_400)]
TimeFactor = Annotated[float, Meta(ge=LEAST_FACTOR, le=GREATEST_FACTOR)]
Seed = Annotated[int, Meta(ge=0, le=2**53 - 1)]  # exact in every JSON reader
PageSize = Annotated[int, Meta(ge=1, le=1_000)]
PageStart = Annotated[int, Meta(ge=0, le=2**31)]  # how many rows, or rounds, come before the page

Points = int | float  # whole where they are; a share of a question's points to 0.01
# ISO 8601, UTC, milliseconds
Timestamp = Annotated[str, Meta(extra_json_schema={"format": "date-time"})]


def seconds_or_none(value: object) -> float | None:
    """Return a duration that a client measured; None if it can't be one, whatever was sent."""
    return _number_within(value, 0, LONGEST)


def time_or_none(value: object) -> float | str | None:
    """Return a time by a client's clock; None if it is too long, or no time at all."""
    if isinstance(value, str):
        return value if len(value) <= LONGEST_TIME and re.match(WELL_FORMED, value) else None
    return _number_within(value, -MOST_TIME, MOST_TIME)


def _number_within(value: object, least: float, most: float) -> float | None:
    # NaN, which JSON does not have but many programs write, is within nothing.
    if isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= most:
        return float(value)
    return None


@lru_cache(maxsize=256)  # a round says the same moments to everybody
def to_timestamp(moment: datetime) -> Timestamp:
    """Return an aware datetime as `2026-01-15T10:05:15.123Z`."""
    utc = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    return utc.isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def from_timestamp(text: Timestamp) -> datetime:
    """Return the aware datetime that a timestamp of the wire stands for."""
    return datetime.fromisoformat(text)


def seconds_between(earlier: Timestamp, later: Timestamp) -> float:
    """Return how many seconds one timestamp of the wire is after another."""
    return (from_timestamp(later) - from_timestamp(earlier)).total_seconds()
