"""Descriptions of a round's settings, and of their preview."""

from __future__ import annotations

from livequiz.protocol.messages import Preview
from livequiz.protocol.requests import RoundRequest

IMPORT = "livequiz questions import FILE"


def restriction(settings: RoundRequest) -> str:
    """Return which questions the round is limited to; empty if there is no limit."""
    kept = [*(settings.topics or ()), *([settings.difficulty.value] if settings.difficulty else [])]
    if settings.question_ids:
        kept.append(f"{len(settings.question_ids)} chosen in the bank")
    return f"Only: {', '.join(kept)}" if kept else ""


def describe(preview: Preview) -> tuple[str, bool]:
    """Return a preview as a sentence, and whether the round can be sent."""
    if not preview.bank:
        return f"The question bank is empty. Add questions with\n{IMPORT}", False
    if not preview.students:
        return "Nobody is here yet, so there is nobody to send a question to.", False
    here = f"{preview.students} student{'s' * (preview.students != 1)} here"
    if not preview.matching:
        return f"{here}, but no question matches: choose other topics.", False
    match = "1 question matches" if preview.matching == 1 else f"{preview.matching} questions match"
    # The last warning is about shared questions, which this sentence already covers.
    named = "".join(f"\n{w}" for w in preview.warnings[: -1 if preview.sharing else None])
    if preview.left_out == preview.students:
        return f"{here}, {match}.{named}", False
    if preview.sharing:
        return f"{here}, {match}: {preview.sharing} will share a question.{named}", True
    who = "everyone else" if preview.left_out else "everyone"
    return f"{here}, {match}: {who} gets a different one.{named}", True
