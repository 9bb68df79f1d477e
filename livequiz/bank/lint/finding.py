"""What `questions check` finds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to look at again.

    Attributes:
        rule: The name to switch it off by.
        message: What it is and what to do, in a sentence.
        question: The place of the question in the bank, 0-based; None if it is about many.
    """

    rule: str
    message: str
    question: int | None = None
