"""The error that keeps a Moodle question from being imported."""

from __future__ import annotations

from livequiz.bank.reading import Kind, Place
from livequiz.bank.xml_tree import Element


class Wrong(Exception):  # noqa: N818 - internal to this package
    """What is wrong with a question, as a sentence, and where."""

    def __init__(self, message: str, element: Element, kind: Kind = Kind.WRONG) -> None:
        super().__init__(message)
        self.message = message
        self.place = place_of(element)
        self.kind = kind


def place_of(element: Element) -> Place:
    """Return where an element begins."""
    return Place(element.line, element.column)
