"""The sample questions that come with LiveQuiz."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources

from livequiz.bank import native
from livequiz.bank.reading import Entry
from livequiz.domain.model import Draft


@lru_cache(maxsize=1)
def sample() -> tuple[Draft, ...]:
    """Return the sample questions, topic by topic."""
    folder = resources.files("livequiz.bank") / "sample"
    files = sorted(folder.iterdir(), key=lambda file: file.name)
    items = (item for file in files for item in native.read_yaml(file.read_bytes()))
    return tuple(item.draft for item in items if isinstance(item, Entry))


def knowledge() -> dict[str, Draft]:
    """Return the sample questions by text."""
    return {draft.text: draft for draft in sample()}
