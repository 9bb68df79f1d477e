"""Requests of every type of `protocol.requests`: right ones, spoiled ones, and any JSON at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st
from msgspec import Struct, inspect

from tests.fuzz.wire import Raw
from tests.server.bad_values import OPERATORS

Strategy = st.SearchStrategy[Any]


@dataclass(frozen=True)
class Mine:
    """Stands in a payload for what is known only when it is sent, such as a question's id."""

    name: str


OURS = ("meeting_id", "student_id", "question_id", "round_id", "token", "resume_token", "answer")
KEYS = (
    "$where",
    "$gt",
    "__proto__",
    "__class__",
    "constructor",
    "_id",
    "a.b",
    "",
    "\x00",
    "\ud800",
)
TEXTS = (
    *KEYS,
    *("\x1b[2J", "\u202eevil", "a\u200bb", "[/]", "=1+1", "../../etc/passwd", "S001\n", "NaN"),
    *("0" * 24, "f" * 24, "x" * 81, "x" * 20_000, "\ufeff", "\U0010ffff", "\ud83d", "e\u0301"),
)
NUMBERS = (
    *(-1, 2**31, 2**53, 2**63, 2**64, -(2**63) - 1, 10**400, 1e308, 5e-324, -0.0),
    *(float("nan"), float("inf"), float("-inf")),
    *map(Raw, ("1e999", "-1e999", "9" * 5_000, "1E+400", "0.1e-999", "-0")),
)
DEEP = tuple(
    Raw(before * depth + middle + after * depth)
    for depth in (30, 900, 3_000)
    for before, middle, after in (("[", "", "]"), ('{"a":', "1", "}"), ('[{"$and":', "[]", "}]"))
)
MORE_OPERATORS: tuple[Any, ...] = (
    *({"$in": []}, {"$expr": {"$eq": [1, 1]}}, {"$oid": "0" * 24}, {"$date": 0}, {"$set": {}}),
    *({"$numberLong": "1"}, {"$ref": "x", "$id": 1}, {"__proto__": {"ok": True}}, {"a.b": 1}),
    *(Raw('{"meeting_id":"A","meeting_id":"B"}'), Raw('{"$gt":""}')),
)

# Half of a surrogate pair included, which `st.text()` leaves out.
TEXT = st.sampled_from(TEXTS) | st.text(st.characters(exclude_categories=()), max_size=40)
LEAVES = st.one_of(
    *(st.none(), st.booleans(), st.integers(), st.floats(), TEXT, st.binary(max_size=20)),
    *(st.sampled_from(each) for each in (NUMBERS, DEEP, OPERATORS, MORE_OPERATORS)),
)
ANYTHING = st.recursive(
    LEAVES,
    lambda items: st.lists(items, max_size=4) | st.dictionaries(TEXT, items, max_size=4),
    max_leaves=8,
)


def valid(kind: type[Struct]) -> Strategy:
    """Return payloads that decode as that type."""
    return _of(inspect.type_info(kind))


def spoiled(kind: type[Struct]) -> Strategy:
    """Return payloads of that type in which something is not right, most times."""
    names = _names(kind)
    changes = st.dictionaries(names | TEXT, ANYTHING, max_size=2)
    lacking = st.sets(names, max_size=1)
    return st.builds(_spoil, valid(kind), changes, lacking)


def nearly_right(kind: type[Struct]) -> Strategy:
    """Return payloads in which all is right but one field, which is anything at all."""
    ours = {f.encode_name: st.just(Mine(f.encode_name)) for f in _struct(kind).fields if _ours(f)}
    others = {
        f.encode_name: _of(f.type) for f in _struct(kind).fields if f.required and not _ours(f)
    }
    change = st.dictionaries(_names(kind), TEXT | ANYTHING, max_size=1)
    return st.builds(_spoil, st.fixed_dictionaries({**ours, **others}), change, st.just(set()))


def arguments(kind: type[Struct]) -> st.SearchStrategy[list[Any]]:
    """Return the arguments of an event that takes that type: one that fits, or any number."""
    one = valid(kind) | spoiled(kind) | nearly_right(kind) | nearly_right(kind)
    return one.map(lambda payload: [payload]) | st.lists(one | ANYTHING, max_size=4)


def filled(value: Any, mine: dict[str, Any]) -> Any:
    """Return a payload with what `Mine` stands for."""
    match value:
        case Mine():
            return mine.get(value.name, "none")
        case dict():
            return {key: filled(item, mine) for key, item in value.items()}
        case list():
            return [filled(item, mine) for item in value]
        case _:
            return value


def _spoil(payload: dict[str, Any], changes: dict[str, Any], lacking: set[str]) -> dict[str, Any]:
    return {name: item for name, item in {**payload, **changes}.items() if name not in lacking}


def _struct(kind: type[Struct]) -> inspect.StructType:
    found = inspect.type_info(kind)
    assert isinstance(found, inspect.StructType)
    return found


def _names(kind: type[Struct]) -> st.SearchStrategy[str]:
    names = [field.encode_name for field in _struct(kind).fields]
    return st.sampled_from(names) if names else TEXT


def _ours(field: inspect.Field) -> bool:
    return field.encode_name in OURS


def _of(kind: Any) -> Strategy:
    assert type(kind) in _RIGHT, f"say what a right {kind} is"  # of a new field
    return _RIGHT[type(kind)](kind)


def _fields(kind: inspect.StructType) -> Strategy:
    required = {field.encode_name: _field(field) for field in kind.fields if field.required}
    optional = {field.encode_name: _field(field) for field in kind.fields if not field.required}
    return st.fixed_dictionaries(required, optional=optional)


def _field(field: inspect.Field) -> Strategy:
    if not _ours(field):
        return _of(field.type)
    mine = st.just(Mine(field.encode_name))
    return mine | mine | mine | mine | _of(field.type)


def _text(kind: inspect.StrType) -> Strategy:
    low, high = kind.min_length or 0, min(kind.max_length or 40, 40)
    if kind.pattern is None or "\ud800" in kind.pattern:
        return st.text(min_size=low, max_size=high)
    return st.from_regex(kind.pattern).filter(lambda text: low <= len(text) <= high)


_RIGHT: dict[type, Callable[[Any], Strategy]] = {
    inspect.StructType: _fields,
    inspect.Metadata: lambda kind: _of(kind.type),
    inspect.AnyType: lambda _: st.none() | st.floats(-10, 1e6) | st.booleans(),
    inspect.UnionType: lambda kind: st.one_of(*map(_of, kind.types)),
    inspect.ListType: lambda kind: st.lists(
        _of(kind.item_type), min_size=kind.min_length or 0, max_size=kind.max_length
    ),
    inspect.EnumType: lambda kind: st.sampled_from([member.value for member in kind.cls]),
    inspect.IntType: lambda kind: st.integers(kind.ge, kind.le),
    inspect.FloatType: lambda kind: st.floats(  # JSON has no others
        kind.ge, kind.le, allow_nan=False, allow_infinity=False
    ),
    inspect.BoolType: lambda _: st.booleans(),
    inspect.NoneType: lambda _: st.none(),
    inspect.StrType: _text,
}
