"""The error that an item can't become a question, with the element at fault."""

from __future__ import annotations

from livequiz.bank.reading import Kind
from livequiz.bank.xml_tree import Element
from livequiz.domain.typed_answers import read_number


class Wrong(Exception):  # noqa: N818 - readers turn it into a `Problem`; nobody else sees it
    """An item can't become a question; the message says why and what to do."""

    def __init__(self, message: str, element: Element, kind: Kind = Kind.WRONG) -> None:
        super().__init__(message)
        self.message = message
        self.element = element
        self.kind = kind


def number_in(text: str, element: Element) -> float:
    """Parse a number.

    Raises:
        Wrong: If the text isn't one, or it is too large for points and answers.
    """
    value = read_number(text)
    if value is None or abs(value) > 1e100:
        raise Wrong(f"`{text.strip()[:40]}` is not a number: write one such as 3.14.", element)
    return value
