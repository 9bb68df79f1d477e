"""Why an item is no question here, and at which of its elements."""

from __future__ import annotations

from livequiz.bank.reading import Kind
from livequiz.bank.xml_tree import Element
from livequiz.domain.typed import read_number


class Wrong(Exception):  # noqa: N818 - `reader` turns it into a problem; nobody else sees it
    """What keeps an item from being a question, as a sentence that says what to do."""

    def __init__(self, message: str, element: Element, kind: Kind = Kind.WRONG) -> None:
        super().__init__(message)
        self.message = message
        self.element = element
        self.kind = kind


def number_in(text: str, element: Element) -> float:
    """Return the number that a text is.

    Raises:
        Wrong: It is none, or one beyond what points and answers can be.
    """
    value = read_number(text)
    if value is None or abs(value) > 1e100:
        raise Wrong(f"`{text.strip()[:40]}` is no number: write one such as 3.14.", element)
    return value
