"""What the rest of the program knows about a bank file format."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from livequiz.bank.reading import Item, Writing
from livequiz.domain.model import Draft


@dataclass(frozen=True, slots=True)
class Format:
    """A bank file format.

    Attributes:
        name: Its name for `--format`.
        title: Its display name.
        suffixes: File suffixes, in lower case with the dot; the usual one first.
        recognises: Returns whether a file's content and suffix look like this format.
        read: Yields the questions and problems in a file's content as it parses them.
            Raises `QuizError` (`bad_request`) if the file can't be read at all.
        write: Returns a file with the given questions; None if the format is read-only.
        by_suffix: Whether the suffix alone is enough to choose this format for writing.
    """

    name: str
    title: str
    suffixes: tuple[str, ...]
    recognises: Callable[[bytes, str], bool]
    read: Callable[[bytes], Iterator[Item]]
    write: Callable[[Sequence[Draft]], Writing] | None = None
    by_suffix: bool = True
