"""What a bank file format is to the rest of the program."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from livequiz.bank.reading import Item, Writing
from livequiz.domain.model import Draft


@dataclass(frozen=True, slots=True)
class Format:
    """One format of bank files.

    Attributes:
        name: What `--format` calls it.
        title: What people call it.
        suffixes: Of its files, with the dot, in lower case; the first one is the usual one.
        recognises: Whether a file's content and suffix are this format's.
        read: Yields the questions and problems of a file's content as soon as they are known.
            Raises `QuizError` (`bad_request`) if it can't be read at all.
        write: Returns a file with these questions; None if the format is only read.
        by_suffix: Whether a file to be written may be told from its suffix alone.
    """

    name: str
    title: str
    suffixes: tuple[str, ...]
    recognises: Callable[[bytes, str], bool]
    read: Callable[[bytes], Iterator[Item]]
    write: Callable[[Sequence[Draft]], Writing] | None = None
    by_suffix: bool = True
