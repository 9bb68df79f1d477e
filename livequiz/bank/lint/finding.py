"""The findings of `questions check`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in the bank to review.

    Attributes:
        rule: The name of the check, used to switch it off.
        message: What was found and what to do about it.
        question: The question's 0-based index in the bank; None if it concerns several.
    """

    rule: str
    message: str
    question: int | None = None
