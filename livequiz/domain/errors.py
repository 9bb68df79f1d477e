"""The quiz's error: a code for programs and a sentence for people."""

from __future__ import annotations

from enum import StrEnum


class Code(StrEnum):
    """Why a request was refused; the values go over the wire as they are."""

    BAD_REQUEST = "bad_request"
    UNAUTHORIZED = "unauthorized"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    NOT_JOINED = "not_joined"
    CONFLICT = "conflict"
    TOO_LATE = "too_late"
    NO_ROUND = "no_round"
    NO_QUESTIONS = "no_questions"
    NO_STUDENTS = "no_students"
    LOCKED = "locked"
    RATE_LIMITED = "rate_limited"
    UNAVAILABLE = "unavailable"


class QuizError(Exception):
    """A refused request, with a sentence that says what to do.

    Args:
        code: The kind of refusal.
        message: A sentence that a teacher or a student understands.
        field: The field of the request that is wrong, if it is one.
        in_doubt: Whether the request may have taken effect although its reply was lost.
    """

    def __init__(
        self, code: Code, message: str, field: str | None = None, *, in_doubt: bool = False
    ) -> None:
        super().__init__(message)
        self.in_doubt = in_doubt
        self.code = code
        self.message = message
        self.field = field

    def __repr__(self) -> str:
        return f"QuizError({self.code.value!r}, {self.message!r}, field={self.field!r})"
