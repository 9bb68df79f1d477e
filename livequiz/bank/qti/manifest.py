"""What a package's manifest says: where the items are, and what they are about.

IMS Content Packaging 1.1.4 with the metadata of IEEE LOM:
https://www.imsglobal.org/question/qtiv2p1/imsqti_mdudv2p1.html
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from livequiz.bank import shared
from livequiz.bank.reading import tidy
from livequiz.bank.xml_tree import Element

NAME = "imsmanifest.xml"
_LEVELS = {"very easy": "easy", "difficult": "hard", "very difficult": "hard"}


@dataclass(frozen=True, slots=True)
class Resource:
    """A file of questions.

    Attributes:
        element: What names it.
        path: In the package; it is for the reader to see whether there is such a file.
        is_item: Whether it is an item of version 2 or 3; else it is older.
    """

    element: Element
    path: str
    is_item: bool


def resources(root: Element, folder: str) -> Iterator[Resource]:
    """Yield the items that a manifest names, and what holds questions of older versions.

    Args:
        root: The manifest.
        folder: Where in the package it stands.
    """
    base = posixpath.join(folder, root.attributes.get("base", ""))
    for group in root.all("resources"):
        inner = posixpath.join(base, group.attributes.get("base", ""))
        for element in group.all("resource"):
            kind = element.attributes.get("type", "").lower()
            if "qti" not in kind or "webcontent" in kind:
                continue
            if "item" in kind or "xmlv1" in kind:
                own = posixpath.join(inner, element.attributes.get("base", ""))
                yield Resource(element, _path(element, own), "item" in kind)


def _path(element: Element, base: str) -> str:
    file = element.first("file")
    href = element.attributes.get("href") or (file.attributes.get("href", "") if file else "")
    if not href:
        return ""
    path = unquote(href).replace("\\", "/")
    return posixpath.normpath(posixpath.join(base, path))


def described(resource: Element) -> dict[str, object]:
    """Return topics and difficulty from a resource's LOM: its keywords and its difficulty."""
    keywords: list[str] = []
    level = ""
    for element in resource.walk():
        if element.name == "keyword":
            # Each text in it is the same word in another language.
            keywords.append(next((text for e in element if (text := tidy(e.text))), ""))
        elif element.name == "difficulty":
            level = tidy((element.first("value") or element).text).lower()
            level = _LEVELS.get(level, level)
    fields = shared.topics_of((), keywords)
    return {**fields, **({"difficulty": level} if level in shared.LEVELS else {})}
