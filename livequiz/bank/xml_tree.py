"""Parses untrusted XML into a small tree with positions: no entities or network, bounded depth."""

from __future__ import annotations

import io
from codecs import BOM_UTF8
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.sax import SAXException, SAXParseException
from xml.sax.handler import ContentHandler, feature_namespaces
from xml.sax.xmlreader import AttributesNSImpl, Locator

from defusedxml import sax
from defusedxml.common import DefusedXmlException

from livequiz.domain.errors import Code, QuizError

DEEPEST = 100  # levels of nested elements


@dataclass(slots=True, eq=False)
class Element:
    """An element: its name, content and position.

    Attributes:
        name: Its name, without namespace.
        attributes: Its attributes by name, without namespace.
        line: The line of its start tag, 1-based.
        column: The column of its start tag in characters, 1-based.
        children: Child elements and pieces of text, in document order.
    """

    name: str
    attributes: dict[str, str]
    line: int
    column: int
    children: list[Element | str] = field(default_factory=list)

    def __iter__(self) -> Iterator[Element]:
        """Iterate over the child elements."""
        return (child for child in self.children if isinstance(child, Element))

    def all(self, *names: str) -> list[Element]:
        """Return the child elements with one of these names."""
        return [child for child in self if child.name in names]

    def first(self, *names: str) -> Element | None:
        """Return the first child element with one of these names, if there is one."""
        return next((child for child in self if child.name in names), None)

    def walk(self) -> Iterator[Element]:
        """Yield this element and all its descendants, in document order."""
        waiting = [self]
        while waiting:
            element = waiting.pop()
            yield element
            waiting.extend(reversed(list(element)))

    @property
    def text(self) -> str:
        """All text in the element and its descendants, in document order."""
        pieces: list[str] = []
        waiting: list[Element | str] = [self]
        while waiting:
            piece = waiting.pop()
            if isinstance(piece, str):
                pieces.append(piece)
            else:
                waiting.extend(reversed(piece.children))
        return "".join(pieces)


def parse(content: bytes) -> Element:
    """Read an XML document.

    Raises:
        QuizError: `bad_request` if it is empty or not well-formed, is in a multi-byte encoding
            other than UTF-8 or UTF-16, declares a document type or entities, or is nested more
            than `DEEPEST` levels deep.
    """
    builder = _Builder()
    parser = sax.make_parser()
    parser.setFeature(feature_namespaces, True)
    parser.setContentHandler(builder)
    parser.forbid_dtd = True
    try:
        # The byte order mark doesn't count as a character of the first line.
        parser.parse(io.BytesIO(content.removeprefix(BOM_UTF8)))
    except DefusedXmlException:
        message = "This XML declares a document type or entities, which is not safe to read; "
        raise QuizError(Code.BAD_REQUEST, message + "remove its <!DOCTYPE ...>.") from None
    except SAXParseException as error:
        where = f"line {error.getLineNumber()}, column {(error.getColumnNumber() or 0) + 1}"
        message = f"This is not well-formed XML: {error.getMessage()} at {where}."
        raise QuizError(Code.BAD_REQUEST, message) from None
    except (LookupError, ValueError) as error:
        message = f"This XML's encoding can't be read ({error}): save it in UTF-8."
        raise QuizError(Code.BAD_REQUEST, message) from None
    except SAXException as error:
        raise QuizError(Code.BAD_REQUEST, f"This is not well-formed XML: {error}.") from None
    if builder.root is None:
        raise QuizError(Code.BAD_REQUEST, "This XML is empty.")
    return builder.root


class _Builder(ContentHandler):
    def __init__(self) -> None:
        super().__init__()
        self.root: Element | None = None
        self._open: list[Element] = []
        self._locator: Locator | None = None

    def setDocumentLocator(self, locator: Locator) -> None:  # noqa: N802 - xml.sax's name
        self._locator = locator

    def startElementNS(  # noqa: N802
        self, name: tuple[str | None, str], qname: str | None, attrs: AttributesNSImpl
    ) -> None:
        line, column = self._place()
        if len(self._open) >= DEEPEST:
            message = f"Line {line}: elements are nested more than {DEEPEST} deep."
            raise QuizError(Code.BAD_REQUEST, message)
        attributes = {key[1]: value for key, value in attrs.items()}
        element = Element(name[1], attributes, line, column)
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.root = element
        self._open.append(element)

    def endElementNS(self, name: tuple[str | None, str], qname: str | None) -> None:  # noqa: N802
        self._open.pop()

    def characters(self, content: str) -> None:
        if self._open:
            self._open[-1].children.append(content)

    def _place(self) -> tuple[int, int]:
        if self._locator is None:
            return 1, 1
        return self._locator.getLineNumber() or 1, (self._locator.getColumnNumber() or 0) + 1
