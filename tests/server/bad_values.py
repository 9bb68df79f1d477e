"""What a field of a request may not be."""

from __future__ import annotations

from typing import Any

LONG = "x" * 1_500  # in an event just below the largest
OPERATORS: list[Any] = [{"$gt": ""}, {"$ne": None}, {"$where": "1"}, {"$regex": ".*"}]
NOT_TEXT: list[Any] = [1, 1.5, True, [], ["S001"], {}, b"S001", *OPERATORS]
NOT_WHOLE: list[Any] = ["1", 1.0, 1.5, True, [], [1], {}, b"1", float("nan"), *OPERATORS]
NOT_NUMBER: list[Any] = ["1", True, [], [1], {}, float("nan"), float("inf"), 10**400, *OPERATORS]
NOT_FLAG: list[Any] = [0, 1, "true", [], {}, *OPERATORS]
NO_ID: list[Any] = ["", " ", "a b", "S001\n", "\u00e4", "a/b", "$gt", "\x00", "\ud800", LONG]
NO_OBJECT_ID: list[Any] = ["", "0" * 23, "0" * 25, "G" * 24, "0" * 24 + "\n", LONG]

# By field; null is tried where the field is required.
WRONG: dict[str, list[Any]] = {
    "student_id": [*NOT_TEXT, *NO_ID, "a" * 65],
    "instructor_id": [*NOT_TEXT, *NO_ID, "a" * 65],
    "meeting_id": [*NOT_TEXT, *NO_ID, "a" * 33, "a.b"],
    "name": [
        *NOT_TEXT,
        *("", "   ", "\x1b[2J", "a\x00b", "\u202eevil", "a\u200bb", "\ud800", "a" * 81, LONG),
    ],
    "after": [value for value in [*NOT_TEXT, *NO_OBJECT_ID] if value is not None],
    "limit": [*NOT_WHOLE, 0, -1, 1_001, 2**70],
    "question_id": [*NOT_TEXT, *NO_OBJECT_ID],
    "round_id": [*NOT_TEXT, *NO_OBJECT_ID],
    "answer": [*NOT_WHOLE, -1, 64, 2**31, 2**70],
    "response_time": [],  # the server does not use it, so it costs no answer
    "question_types": [
        *("numeric", {}, 1, True, *OPERATORS),
        *([1], [None], [[]], [{"$gt": ""}], ["x" * 41], ["x"] * 41),
    ],
    "resume_token": [*NOT_TEXT, "\ud800", "x" * 201, LONG],
    "token": [*NOT_TEXT, "\ud800", "x" * 201, LONG],
    "client_time": [],  # nor this
    "batch": NOT_FLAG,
    "duration": [*NOT_NUMBER, -1, 0, 86_401],
    "seconds": [*NOT_NUMBER, -1, 0, 86_401],
    "topics": [
        *("maths", {}, 1, True, *OPERATORS),
        *([1], [None], [[]], [{"$gt": ""}], [""], ["\ud800"], ["x" * 81], ["x"] * 51),
    ],
    "difficulty": [*NOT_TEXT, "", "hardest", "EASY"],
    "shuffle_options": NOT_FLAG,
    "allow_repeats": NOT_FLAG,
    "question_ids": [
        *("a" * 24, {}, 1, True, *OPERATORS),
        *([], [1], [None], [{"$gt": ""}], [""], ["x" * 24], ["a" * 24] * 1_001),
    ],
    "draw_seed": [*NOT_WHOLE, -1, 2**53, 2**70],
    "reveal": [*NOT_TEXT, "", "never"],
    "points_for": [*NOT_TEXT, "", "luck"],
    "draw_rules": [
        *("cover", {}, 1, True, *OPERATORS),
        *([1], [None], [[]], [{"$gt": ""}], [""], ["luck"], ["COVER"], ["cover"] * 4),
    ],
    "ban": NOT_FLAG,
    "locked": NOT_FLAG,
    "shown": NOT_FLAG,
    "scope": [*NOT_TEXT, "", "always"],
    "question": ["What?", 1, True, []],  # its fields have tests of their own
    "top": [*NOT_WHOLE, -1, 51, 2**70],
    "names": [*NOT_TEXT, "", "surnames"],
    "time_factor": [*NOT_NUMBER, 0, 0.9, 4.1, -1],
}
# Instead of the one object that an event carries.
NOT_ONE_OBJECT: list[tuple[Any, ...]] = [
    (None,),
    (7,),
    (True,),
    (LONG,),
    ([],),
    ([{}],),
    (b"bytes",),
    ({}, {}),
    ({}, None),
    (1, 2, 3),
]
