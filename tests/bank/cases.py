"""Files of a format, with what is expected of each beside it as `NAME.expected.yaml`.

`LIVEQUIZ_WRITE_CASES=1 pytest tests/bank` writes what was read instead of comparing: look at it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from livequiz.bank.format_type import Format
from livequiz.bank.reading import Entry, Item, Reading
from livequiz.domain.errors import QuizError
from livequiz.domain.text import printable
from livequiz.protocol.questions import QuestionIn, from_draft, to_draft

HERE = Path(__file__).parent
ENDING = ".expected.yaml"


def cases(folder: str) -> pytest.MarkDecorator:
    """Return a parametrization with the files of a folder."""
    paths = sorted(p for p in (HERE / folder).iterdir() if not p.name.endswith(ENDING))
    assert paths
    return pytest.mark.parametrize("path", paths, ids=lambda path: path.name)


def assert_reads_as_expected(known: Format, path: Path) -> None:
    """Fail unless a file is recognised, and read as it is written down beside it."""
    content = path.read_bytes()
    assert known.recognises(content, path.suffix)
    try:
        found: Any = [_told(item) for item in known.read(content)]
    except QuizError as error:
        found = {"refused": error.message}
    expected = path.with_name(path.name + ENDING)
    if os.environ.get("LIVEQUIZ_WRITE_CASES"):
        expected.write_text(yaml.safe_dump(found, sort_keys=False, allow_unicode=True, width=100))
    assert found == yaml.safe_load(expected.read_text())


def whole(items: Iterable[Item]) -> Reading:
    reading = Reading()
    for item in items:
        reading.take(item)
    return reading


def assert_usable(items: Iterable[Item]) -> None:
    """Fail unless every question can be stored as it is, and every problem is a sentence."""
    for item in items:
        if isinstance(item, Entry):
            again = msgspec.convert(msgspec.to_builtins(from_draft(item.draft)), QuestionIn)
            assert to_draft(again) == item.draft
        else:
            assert item.message.endswith((".", "?"))
            assert printable(item.message, keep="\n") == item.message  # as it is quoted


def _told(item: Item) -> dict[str, Any]:
    place = str(item.place)
    if isinstance(item, Entry):
        told: dict[str, Any] = msgspec.to_builtins(from_draft(item.draft))
        return {"at": place, **told}
    told = {"at": place, item.kind.value: item.message, "text": item.text, "field": item.field}
    return {name: value for name, value in told.items() if value}
