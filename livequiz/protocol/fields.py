"""The constrained field types of the wire, such as identifiers, durations and texts.

Each id pattern ends in `(?!\\n)$`, because `$` alone also matches before a final newline.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated, Any

from msgspec import Meta

from livequiz.domain.model import DrawRule
from livequiz.domain.timing import GREATEST_FACTOR, LEAST_FACTOR

StudentId = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._@-]+(?!\n)$")]
MeetingId = Annotated[str, Meta(min_length=1, max_length=32, pattern=r"^[A-Za-z0-9_-]+(?!\n)$")]
InstructorId = StudentId
ObjectIdStr = Annotated[str, Meta(min_length=24, max_length=24, pattern=r"^[0-9a-f]{24}(?!\n)$")]
Name = Annotated[str, Meta(min_length=1, max_length=400)]  # `domain.text` validates the rest
# JSON can contain lone surrogates, which can't be encoded as UTF-8 for hashing or for MongoDB.
WELL_FORMED = r"^[^\ud800-\udfff]*$"
Token = Annotated[str, Meta(max_length=200, pattern=WELL_FORMED)]
Client = Annotated[str, Meta(max_length=100, pattern=WELL_FORMED)]
Topic = Annotated[str, Meta(min_length=1, max_length=80, pattern=WELL_FORMED)]
Topics = Annotated[list[Topic], Meta(max_length=50)]
# So that they fit in one message of at most 64 KiB.
MOST_CHOSEN = 1_000
QuestionIds = Annotated[list[ObjectIdStr], Meta(min_length=1, max_length=MOST_CHOSEN)]
DrawRules = Annotated[list[DrawRule], Meta(max_length=len(DrawRule))]
OptionIndex = Annotated[int, Meta(ge=0, le=63)]
# Answers to every type of question; the question's type decides which of them is valid. An
# integer may be a numeric answer, so it is not limited to option indexes here.
AnswerIn = (
    Annotated[int, Meta(ge=-(2**53), le=2**53)]
    | Annotated[list[OptionIndex], Meta(max_length=26)]
    | float
    | Annotated[str, Meta(max_length=1_000, pattern=WELL_FORMED)]
)
LONGEST = 86_400  # seconds
LONGEST_TIME = 100  # characters
MOST_TIME = 1e19  # fits a timestamp in nanoseconds
# The server relies on none of a client's own times, so no request is refused because of one.
ClientTime = Annotated[
    Any, Meta(description="By the client's clock; what can't be a time counts as null.")
]
# Question type names; not an enum, because newer clients may know types this server does not.
TypeNames = Annotated[list[Annotated[str, Meta(max_length=40)]], Meta(max_length=40)]
Duration = Annotated[float, Meta(ge=1, le=86_400)]
TimeFactor = Annotated[float, Meta(ge=LEAST_FACTOR, le=GREATEST_FACTOR)]
LARGEST_SEED = 2**53 - 1  # exact in every JSON parser
Seed = Annotated[int, Meta(ge=0, le=LARGEST_SEED)]
PageSize = Annotated[int, Meta(ge=1, le=1_000)]
Places = Annotated[int, Meta(ge=0, le=50)]  # of a leaderboard
PageStart = Annotated[int, Meta(ge=0, le=2**31)]  # number of rows or rounds before the page

Points = int | float  # partial credit is rounded to 0.01
# ISO 8601, UTC, milliseconds
Timestamp = Annotated[str, Meta(extra_json_schema={"format": "date-time"})]


def seconds_or_none(value: object) -> float | None:
    """Return a duration measured by a client; None if the value is not a plausible one."""
    return _number_within(value, 0, LONGEST)


def time_or_none(value: object) -> float | str | None:
    """Return a time by a client's clock; None if the value is too long or not a time."""
    if isinstance(value, str):
        return value if len(value) <= LONGEST_TIME and re.match(WELL_FORMED, value) else None
    return _number_within(value, -MOST_TIME, MOST_TIME)


def _number_within(value: object, least: float, most: float) -> float | None:
    # NaN, which is not valid JSON but common, fails every comparison.
    if isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= most:
        return float(value)
    return None


@lru_cache(maxsize=256)  # a round sends everybody the same few moments
def to_timestamp(moment: datetime) -> Timestamp:
    """Return an aware datetime as `2026-01-15T10:05:15.123Z`."""
    utc = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    return utc.isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def from_timestamp(text: Timestamp) -> datetime:
    """Parse a wire timestamp into an aware datetime."""
    return datetime.fromisoformat(text)


def seconds_between(earlier: Timestamp, later: Timestamp) -> float:
    """Return the seconds from one wire timestamp to a later one."""
    return (from_timestamp(later) - from_timestamp(earlier)).total_seconds()
