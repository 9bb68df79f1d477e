"""What a round is opened with, and what that would do, in words."""

from __future__ import annotations

from dataclasses import dataclass

from livequiz.domain.model import Difficulty, Reveal
from livequiz.protocol.messages import Preview

IMPORT = "livequiz questions import FILE"


@dataclass(frozen=True, slots=True)
class SendSettings:
    """What to send with; no topics means all, None leaves the choice to the server.

    Attributes:
        duration: In seconds; None for each question's own time limit.
        question_ids: Chosen in the bank; all if there is none.
    """

    duration: float | None = None
    topics: tuple[str, ...] = ()
    difficulty: Difficulty | None = None
    shuffle_options: bool = False
    allow_repeats: bool = False
    reveal: Reveal | None = None
    question_ids: frozenset[str] = frozenset()

    @property
    def chosen(self) -> list[str] | None:
        """The chosen questions as a request has them."""
        return sorted(self.question_ids) or None


def restriction(settings: SendSettings) -> str:
    """Return which questions are left in, or nothing where all are."""
    kept = [*settings.topics, *([settings.difficulty.value] if settings.difficulty else [])]
    if settings.question_ids:
        kept.append(f"{len(settings.question_ids)} chosen in the bank")
    return f"Only: {', '.join(kept)}" if kept else ""


def describe(preview: Preview) -> tuple[str, bool]:
    """Return what a round would do, in a sentence, and whether it can be sent."""
    if not preview.bank:
        return f"The question bank is empty. Add questions with\n{IMPORT}", False
    if not preview.students:
        return "Nobody is here yet, so there is nobody to send a question to.", False
    here = f"{preview.students} student{'s' * (preview.students != 1)} here"
    if not preview.matching:
        return f"{here}, but no question matches: choose other topics.", False
    match = "1 question matches" if preview.matching == 1 else f"{preview.matching} questions match"
    # The last warning is on those who share, which is told here in other words.
    named = "".join(f"\n{w}" for w in preview.warnings[: -1 if preview.sharing else None])
    if preview.left_out == preview.students:
        return f"{here}, {match}.{named}", False
    if preview.sharing:
        return f"{here}, {match}: {preview.sharing} will share one.{named}", True
    who = "everybody else" if preview.left_out else "everybody"
    return f"{here}, {match}: {who} gets a different one.{named}", True
