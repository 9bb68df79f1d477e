"""Codes that people read from a screen and type."""

from __future__ import annotations

import secrets

LETTERS = "ABCDEFGHJKMNPQRSTWXYZ23456789"  # none that looks like another


def random_code(length: int) -> str:
    """Return a random code."""
    return "".join(secrets.choice(LETTERS) for _ in range(length))
